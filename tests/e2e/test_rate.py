"""Proves the open loop: one schedule for all clients, timed from the instant at which a message is due."""

import signal
import time

from pair import (
    CLIENT, TEXT, Fake, Result, Server, accept, accept_session, case, check, client, ended, equal,
    figures, finish, frame, main, measure, say, started, within,
)

MS = 10**6


def open_loop(report, name, scenario="rate"):
    return figures(report, name, scenario)["open_loop"]


def count(rate, ns):
    """Messages that fall due in so many ns: k / rate < ns."""
    return -(-rate * ns // 10**9)


def planned(rate, duration_ms, warmup_ms):
    return count(rate, duration_ms * MS) - count(rate, warmup_ms * MS)


def exact(report, name, rate, duration_ms, warmup_ms, clients):
    """Each message of the schedule was sent once and answered once, in the warm-up as well."""
    part = figures(report, name)
    loop = part["open_loop"]
    due = planned(rate, duration_ms, warmup_ms)
    for key in ["planned", "sent", "answered"]:
        equal(loop[key], due, "%s: %s" % (name, key))
    equal(part["latency"]["count"], due, name + ": latencies")
    equal(loop["from_send"]["count"], due, name + ": plain latencies")
    tally = part["tally"]
    equal(tally["sent"], count(rate, duration_ms * MS) + clients, name + ": sent, with first echoes")
    equal(tally["answered"], tally["sent"], name + ": answered")
    equal(tally["wrong"] + tally["unanswered"] + tally["unexpected"], 0, name + ": not answered")
    equal(part["broken_identities"], [], name + ": identities")
    window = (duration_ms - warmup_ms) * MS
    within(part["window_ns"], window, window + part["latency"]["max_ns"], name + ": window")
    achieved = part["figures"]["rate_per_s"]["median"]
    # Only messages later than the window's end may lower it, not the rounding to whole messages.
    late = part["window_ns"] - window
    within(achieved / (due / (due / rate + late / 1e9)), 0.9999, 1.0001, name + ": achieved to planned")


def rated(rate, duration_ms, warmup_ms, *options, clients=1, names=("tcp", "ws", "sio"), server=()):
    times = ["--duration", "%dms" % duration_ms, "--warmup", "%dms" % warmup_ms]
    with Server(*server) as s:
        urls = [s.url(name) for name in ("tcp", "ws", "sio") if name in names]
        urls += [s.url("sio", "/") + "#" + name[4:] for name in names if name.startswith("sio-")]
        report = measure("rate", "--rate", rate, "--clients", clients, *times, *options, *urls)
    for name in names:
        exact(report, name, rate, duration_ms, warmup_ms, clients)
    return report


@case("rate: planned = sent = answered, one client on each kind of target")
def totals():
    names = ["tcp", "ws", "sio", "sio-upgrade", "sio-polling"]
    report = rated(500, 800, 100, names=names)
    equal(report["rate_per_s"], 500, "rate")
    for name in names:
        part = figures(report, name)
        # Unless the machine itself stood still in front of the last message.
        if part["latency"]["max_ns"] < 7 * MS:
            within(part["figures"]["rate_per_s"]["median"], 495, 505, name + ": achieved")


@case("rate: watching the clock for the next message is no cost of a message, and does not hide the limit")
def looking():
    # From 10 000/s on there is always a message due so soon that the client does not sleep.
    for rate in [500, 10000]:
        part = figures(rated(rate, 600, 100, names=["ws"]), "ws")
        calls = part["figures"]["client_calls_per_message"]["median"]
        within(calls, 1, 12, "system calls of the client for a message, at %d/s" % rate)
        check(not part["busy_polled"], "reported as busy polling at %d/s" % rate)


@case("rate: many clients, depth, acks by id, rates that do not divide a second")
def totals_many():
    rated(3001, 300, 0, "--depth", 3, clients=7)
    rated(777, 400, 1, "--depth", 8, "--size", 5000, clients=2)
    rated(999, 400, 50, "--ack", "--depth", 8, clients=3, names=["sio"])
    rated(7, 500, 0, names=["ws"])
    rated(1, 100, 0, names=["ws"])


@case("rate: the last message is due as exactly as the first")
def no_drift():
    times = []

    def answer(peer):
        accept(peer)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode != TEXT:
                break
            times.append(time.monotonic())
            peer.send(frame(payload, mask=None))
        finish(peer)

    with Fake(answer) as fake:
        options = ["--rate", 701, "--duration", "1500ms", "--warmup", "0s", "--timeout", "2s"]
        report = measure("rate", *options, fake.url("ws"))
    equal(len(times), 1 + 1052, "messages, with the first echo")
    equal(open_loop(report, "ws")["planned"], 1052, "planned")
    # Lateness has no lower bound on a busy machine; the earliest of several shows the schedule.
    begin = min(times[1 + k] - k / 701 for k in range(200))
    end = min(times[1 + k] - k / 701 for k in range(852, 1052))
    within(end - begin, -0.002, 0.002, "drift over the run")


@case("rate: clients take their turns")
def turns():
    counts = []

    def answer(peer):
        accept(peer)
        index = len(counts)
        counts.append(0)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode != TEXT:
                break
            counts[index] += 1
            peer.send(frame(payload, mask=None))
        finish(peer)

    with Fake(answer) as fake:
        options = ["--rate", 400, "--duration", "600ms", "--clients", 4]
        measure("rate", *options, fake.url("ws"))
    equal((len(counts), sum(counts)), (4, 4 + 240), "clients and messages")
    check(max(counts) - min(counts) <= 20, "unequal turns: %r" % counts)


def stalling(after, seconds, every=None):
    """Echoes, and sleeps once before message number `after` (with `every`, before each one)."""

    def answer(peer):
        accept(peer)
        number = 0
        while True:
            opcode, payload, _ = peer.frame()
            if opcode != TEXT:
                break
            if number == after or every:
                time.sleep(every or seconds)
            number += 1
            peer.send(frame(payload, mask=None))
        finish(peer)

    return answer


@case("rate: a stall counts for every message that it delays; from the actual send it is one")
def stall():
    with Fake(stalling(300, 0.3)) as fake:
        options = ["--rate", 1000, "--duration", "1s", "--warmup", "0s"]
        report = measure("rate", *options, fake.url("ws"))
    exact(report, "ws", 1000, 1000, 0, 1)
    part = figures(report, "ws")
    due, plain = part["latency"], part["open_loop"]["from_send"]
    # 300 of 1000 fell due meanwhile; the last 100 of the fastest 900 had waited for 200 ms.
    within(due["p90_ns"], 190 * MS, 330 * MS, "p90 from due")
    within(due["max_ns"], 300 * MS, 500 * MS, "maximum from due")
    within(part["open_loop"]["waited"], 299, 1000, "messages that had to wait")
    within(part["open_loop"]["worst_lag_ns"], 290 * MS, 500 * MS, "worst lag")
    check(plain["p99_ns"] < 30 * MS, "the plain p99 shows it: %r" % plain)
    check(plain["max_ns"] >= 300 * MS, "the one that was under way")


@case("rate: a stall at the end of the window is not lost")
def stall_at_end():
    with Fake(stalling(450, 0.5)) as fake:
        options = ["--rate", 1000, "--duration", "500ms", "--warmup", "0s"]
        report = measure("rate", *options, fake.url("ws"))
    exact(report, "ws", 1000, 500, 0, 1)
    part = figures(report, "ws")
    within(part["latency"]["max_ns"], 500 * MS, 800 * MS, "maximum")
    within(part["window_ns"], 940 * MS, 1500 * MS, "time until the last answer")
    check(part["latency"]["p95_ns"] > 440 * MS, "p95 %r" % part["latency"])


@case("rate: with more clients a stall of one delays the others' messages as little as it must")
def stall_of_one():
    stalled = []

    def answer(peer):
        first = not stalled
        stalled.append(peer)
        (stalling(50, 0.3) if first else stalling(-1, 0))(peer)

    with Fake(answer) as fake:
        options = ["--rate", 400, "--duration", "1s", "--warmup", "0s", "--clients", 4]
        report = measure("rate", *options, fake.url("ws"))
    exact(report, "ws", 400, 1000, 0, 4)
    part = figures(report, "ws")
    check(part["latency"]["max_ns"] >= 300 * MS, "the stalled one")
    check(part["latency"]["p95_ns"] < 100 * MS, "the others waited: %r" % part["latency"])


@case("rate: a server that is too slow: the rate it achieved, and the rest given up after --timeout")
def overload():
    with Fake(stalling(-1, 0, every=0.01)) as fake:
        options = ["--rate", 1000, "--duration", "500ms", "--warmup", "100ms", "--timeout", "300ms"]
        begin = time.monotonic()
        report = measure("rate", *options, fake.url("ws"))
        within(time.monotonic() - begin, 0.75, 5, "time of the run")
    part = figures(report, "ws")
    loop = part["open_loop"]
    equal(loop["planned"], 400, "planned")
    check(loop["sent"] < loop["planned"], "sent %d" % loop["sent"])
    equal(loop["answered"], loop["sent"], "answered")
    within(part["tally"]["sent"], 10, 90, "sent in all")
    equal(part["tally"]["answered"], part["tally"]["sent"], "answered in all")
    within(part["figures"]["rate_per_s"]["median"], 20, 101, "achieved")


@case("rate: the server leaves in the middle: the messages due until then, exit 1")
def server_leaves():
    def answer(peer):
        accept(peer)
        for _ in range(100):
            peer.send(frame(peer.frame()[1], mask=None))
        peer.socket.close()

    with Fake(answer) as fake:
        options = ["--rate", 500, "--duration", "5s", "--warmup", "0s"]
        begin = time.monotonic()
        report = measure("rate", *options, fake.url("ws"), code=1)
        check(time.monotonic() - begin < 3, "it went on without a client")
    part = figures(report, "ws")
    equal(part["clients_lost"], 1, "lost")
    within(part["open_loop"]["planned"], 99, 400, "planned until then")
    equal(part["broken_identities"], [], "identities")


@case("rate: never answered: the timeout ends it, and the balance holds")
def never_answered():
    def answer(peer):
        accept(peer)
        peer.send(frame(peer.frame()[1], mask=None))
        peer.end()

    with Fake(answer) as fake:
        options = ["--rate", 100, "--duration", "300ms", "--warmup", "0s", "--timeout", "200ms"]
        report = measure("rate", *options, "--clients", 2, fake.url("ws"), code=1)
    tally = figures(report, "ws")["tally"]
    equal(tally["unanswered"], 2, "one of each client")
    equal(figures(report, "ws")["open_loop"]["answered"], 0, "answered")
    equal(figures(report, "ws")["broken_identities"], [], "identities")


@case("rate: interrupted, it has the messages due until then")
def interrupted():
    with Server() as s:
        process = started([*CLIENT, "rate", "--duration", "20s", "--json", "-", s.url("ws")])
        time.sleep(1.2)
        process.send_signal(signal.SIGINT)
        run = Result(*ended(process)).expect(130)
    part = figures(run.json, "ws")
    within(part["open_loop"]["planned"], 50, 1200, "planned")
    within(part["open_loop"]["planned"] - part["open_loop"]["answered"], 0, 100, "not answered")
    equal(part["broken_identities"], [], "identities")


@case("rate: by Socket.IO, as any message is")
def socketio():
    def answer(peer):
        accept_session(peer)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode != TEXT:
                break
            if payload.startswith(b"42"):
                say(peer, payload.decode())
        finish(peer)

    with Fake(answer) as fake:
        report = measure("rate", "--rate", 200, "--duration", "300ms", "--warmup", "0s", fake.url("http"))
    equal(open_loop(report, "sio")["answered"], 60, "answered")


@case("compare --rate: every target at the same absolute rate, beside the others")
def compared():
    with Server() as s:
        options = ["--rate", 400, "--blocks", 2, "--duration", "120ms", "--warmup", "20ms"]
        report = measure("compare", *options, "--clients", 4, "--verdict-on", "rate.p50", *s.urls,
                         patience=40)
    for name in ["tcp", "ws", "sio"]:
        loop = open_loop(report, name)
        equal((loop["planned"], loop["answered"]), (2 * 40, 2 * 40), name)
    equal({step["target"] for step in report["steps"]}, {"tcp", "ws", "sio"}, "steps")
    equal(len(report["steps"]), 2 * 4, "steps")
    equal(report["verdicts"]["scenario"], "rate", "verdict")


main()

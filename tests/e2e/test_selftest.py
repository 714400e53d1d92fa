"""The meter measured: a server that answers late, or freezes, by a known time; what the client says
of it must be that time."""

import json
import time

from pair import (
    Peer, Server, case, check, equal, figures, main, measure, server_fails, within,
)

NAMES = ["tcp", "ws", "sio"]
DELAY_NS = 300_000
STALL_NS, EVERY_NS = 100_000_000, 1_000_000_000


def p50(server, name, *args):
    report = measure("roundtrip", "--duration", "150ms", *args, server.url(name))
    return figures(report, name)["latency"]["p50_ns"]


# ---- Delays ------------------------------------------------------------------------------------


@case("delay: p50 is raised by it, on each kind of target")
def delay_is_measured():
    with Server() as plain, Server("--delay", "300us") as late:
        for name in NAMES:
            # The least of three: others may be at work on this machine.
            before = min(p50(plain, name) for _ in range(3))
            after = min(p50(late, name) for _ in range(3))
            within(after - before, 0.9 * DELAY_NS, 1.25 * DELAY_NS, name + ": raised by")


@case("delay: one over a millisecond is waited for as exactly")
def long_delay():
    with Server("--delay", "5ms") as late:
        found = min(p50(late, "ws") for _ in range(3))
        within(found, 5_000_000, 6_000_000, "p50")


def ten_messages(server, name):
    if name == "tcp":
        with Peer.to(server.tcp_port) as peer:
            for _ in range(10):
                peer.send(b"hi")
                equal(peer.take(2), b"hi", "the echo")
    elif name == "ws":
        with Peer.websocket(server.port) as peer:
            for _ in range(10):
                peer.send_text("hi")
                equal(peer.text(), "hi", "the echo")
    else:
        with Peer.session(server.port) as peer:
            for _ in range(10):
                peer.send_text('42["message","hi"]')
                equal(peer.text(), '42["message","hi"]', "the echo")


@case("delay: ten messages are ten delays in /stats, of each kind")
def ten_delays():
    for name in NAMES:
        with Server("--delay", "300us") as server:
            begin = time.monotonic_ns()
            ten_messages(server, name)
            passed = time.monotonic_ns() - begin
            delay = server.stats()["delay"]
            equal(delay["asked_ns"], DELAY_NS, name + ": asked")
            equal(delay["count"], 10, name + ": messages delayed")
            within(delay["took_ns"], 10 * DELAY_NS, passed, name + ": delayed in all")


@case("delay: each message through polling, once")
def polling_is_delayed():
    with Server("--delay", "300us") as server:
        target = server.url("sio") + "#polling"
        report = measure("roundtrip", "--duration", "200ms", target)
        part = figures(report, "sio-polling")
        equal(server.stats()["delay"]["count"], part["tally"]["sent"], "messages delayed")
        check(part["latency"]["min_ns"] >= DELAY_NS, "answered before its time")


# ---- Stalls ------------------------------------------------------------------------------------


@case("stall: each on its time, listed with its length, and felt")
def stalls_are_listed():
    before = time.monotonic_ns()
    with Server("--stall", "50ms/200ms", "--json") as server:
        started = time.monotonic_ns()
        gaps = []
        with Peer.websocket(server.port) as peer:
            last = begin = time.monotonic_ns()
            while last - begin < 1_100_000_000:
                peer.send_text("hi")
                peer.text()
                now = time.monotonic_ns()
                if now - last > 40_000_000:
                    gaps.append((last, now))
                last = now
        stall = server.stats()["stall"]
        final = json.loads(server.stop())["stall"]
    equal((stall["asked_ns"], stall["every_ns"]), (50_000_000, 200_000_000), "asked")
    check(4 <= stall["count"] <= 7, "stalls: %d" % stall["count"])
    equal(len(stall["last"]), stall["count"], "stalls listed")
    equal(final["last"][: stall["count"]], stall["last"], "the final report's list")
    for i, one in enumerate(stall["last"]):
        within(one["since_start_ns"], 200_000_000 * (i + 1), 200_000_000 * (i + 1.2), "start")
        within(one["at_ns"] - one["since_start_ns"], before, started, "the server's start")
        within(one["took_ns"], 50_000_000, 60_000_000, "length")
    for start, end in gaps:
        overlap = max(
            min(end, s["at_ns"] + s["took_ns"]) - max(start, s["at_ns"]) for s in stall["last"]
        )
        check(overlap > 0.8 * (end - start), "a gap of %d ns without a stall" % (end - start))
    check(len(gaps) >= 4, "gaps felt: %d" % len(gaps))


@case("stall: a server that is told to stop does not wait for its end")
def stall_is_interrupted():
    with Server("--stall", "1900ms/2s", "--json") as server:
        time.sleep(2.3)  # nobody can ask a frozen server
        stall = json.loads(server.stop())["stall"]
    equal(stall["count"], 1, "stalls")
    within(stall["last"][0]["took_ns"], 200_000_000, 1_500_000_000, "its length")


@case("both: what is no such thing gets one line")
def refused():
    server_fails("--stall", "100ms").complaint(
        2, "--stall 100ms: expected LENGTH/EVERY, such as 100ms/1s"
    )
    server_fails("--stall", "1s/100ms").complaint(2, "--stall 1s/100ms: expected LENGTH/EVERY")
    server_fails("--stall", "0/1s").complaint(2, "--stall 0/1s: expected LENGTH/EVERY")
    server_fails("--delay", "100ns").complaint(2, "--delay 100ns: expected 1us..500ms")
    server_fails("--delay", "2s").complaint(2, "--delay 2s: expected 1us..500ms")


if __name__ == "__main__":
    main()

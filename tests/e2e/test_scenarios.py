"""Proves every scenario on every kind of target, with totals that must come out exactly."""

import json
import os
import socket

from pair import (
    CLIENT, PATIENCE, SERVER, SLOW, TEXT, Fake, Server, Skip, accept, accept_session, case, check, client,
    equal, figures, finish, frame, main, measure, not_on_wine, on_wine, pollers, say, scratch, siblings,
    started, until, within,
)

NAMES = ["tcp", "ws", "sio"]
SHORT = ["--duration", "80ms"]
SOME = 5 if SLOW else 100  # messages that show that a short run ran
PHASES = {
    "tcp": ["tcp", "ready", "first_echo", "close"],
    "ws": ["tcp", "upgrade", "ready", "first_echo", "close"],
    "sio": ["tcp", "upgrade", "eio_open", "sio_connect", "ready", "first_echo", "close"],
}


def settled(part, what):
    """Proves that every message was answered once and rightly, and that no figure contradicts another."""
    tally = part["tally"]
    check(tally["sent"] > 0, what + ": nothing sent")
    equal(tally["answered"], tally["sent"], what + ": answered")
    for name in ["wrong", "unanswered", "unexpected"]:
        equal(tally[name], 0, "%s: %s" % (what, name))
    equal(part["broken_identities"], [], what + ": identities")
    equal(part["failures"], [], what + ": failures")
    equal(part["clients_failed"] + part["clients_lost"], 0, what + ": clients lost")


def settled_all(report, scenario=None, names=NAMES):
    for name in names:
        settled(figures(report, name, scenario), name)
    return report


def agree(server, report):
    """Proves that the server's counts equal the client's. Raw TCP has no messages, only bytes."""
    stats = server.stats()
    for prefix, counter in [("ws", "websocket_messages"), ("sio", "socketio_messages")]:
        sent = sum(
            part["tally"]["sent"]
            for target in report["targets"]
            if target["name"].startswith(prefix)
            for part in target["scenarios"].values()
        )
        equal(stats[counter], sent, counter)


def both(*args, scenario="roundtrip", server=(), names=NAMES):
    """A run against a server of its own; the counts of both must agree."""
    with Server(*server) as s:
        urls = [s.url(name) for name in names]
        report = settled_all(measure(scenario, *args, *urls), names=names)
        agree(s, report)
        s.stop()
    return report


# ---- The scenarios -----------------------------------------------------------------------------


@case("throughput: 50/16/5 is 250 answers of 50 clients on each target")
def throughput():
    report = both(scenario="throughput")
    for name in NAMES:
        part = figures(report, name)
        equal(part["tally"]["answered"], 250, name + ": answered")
        equal(part["client_means"]["count"], 50, name + ": clients with a mean")
        equal(part["latency"]["count"], 250, name + ": latencies")
        equal(part["clients_ready"], 50, name + ": clients")
        within(part["elapsed_ns"], 1, 10**10, name + ": elapsed")


@case("throughput: other totals")
def throughput_other():
    options = ["--clients", 7, "--concurrency", 3, "--roundtrips", 11]
    report = both(*options, scenario="throughput")
    for name in NAMES:
        equal(figures(report, name)["tally"]["answered"], 77, name)
        equal(figures(report, name)["client_means"]["count"], 7, name)


@case("connect: every phase is timed for each client")
def connect():
    report = both("--clients", 13, scenario="connect")
    for name in NAMES:
        phases = figures(report, name)["phases"]
        for phase in PHASES[name]:
            equal(phases[phase]["count"], 13, "%s of %s" % (phase, name))
        strangers = set(phases) - set(PHASES[name]) - {"resolve"}
        equal([p for p in strangers if phases[p]["count"]], [], "phases that %s has not" % name)


@case("roundtrip: all is answered; wire bytes are frames times size")
def roundtrip():
    report = settled_all(measure("roundtrip", *SHORT))  # the sibling, whose frames are known
    sizes = {"tcp": (2, 2), "ws": (8, 4)}
    for name in NAMES:
        tally = figures(report, name)["tally"]
        check(tally["answered"] > SOME, "%s: only %d" % (name, tally["answered"]))
    for name, (out, back) in sizes.items():
        part = figures(report, name)
        equal(part["frame_out_bytes"], out, name + ": size of a frame out")
        equal(part["frame_in_bytes"], back, name + ": size of a frame in")
        equal(part["tally"]["frame_bytes_out"], part["tally"]["frames_out"] * out, name)
        equal(part["tally"]["frame_bytes_in"], part["tally"]["frames_in"] * back, name)


def proven(report, name):
    one_way = figures(report, name)["one_way"]
    equal(one_way["proven"], one_way["accepted"], name + ": proven")
    equal(one_way["proof"], "echoed", name + ": proof")
    within(one_way["proven_over_ns"], 1, 10**10, name + ": time to the last echo")


@case("send: everything accepted is proven by its echo")
def send():
    report = both(*SHORT, scenario="send")
    for name in NAMES:
        part = figures(report, name)
        check(part["one_way"]["accepted"] > SOME, "%s: only %r" % (name, part["one_way"]))
        equal(part["tally"]["sent"], part["one_way"]["accepted"] + 1, name + ": sent with the last")
        proven(report, name)


@case("compare: all scenarios of all targets in 6 blocks, with ratios")
def compare():
    options = ["--blocks", 6, "--duration", "100ms", "--clients", 4, "--roundtrips", 2, "--seed", 7]
    with Server() as s:
        report = measure("compare", *options, *s.urls, patience=30)
        agree(s, report)
    equal(report["blocks"], 6, "blocks")
    for scenario in ["connect", "roundtrip", "throughput", "send"]:
        settled_all(report, scenario)
        for name in NAMES:
            equal(figures(report, name, scenario)["trials"], 6, name + ": trials of " + scenario)
    for name in NAMES:
        equal(figures(report, name, "throughput")["tally"]["answered"], 48, name)
    ratio = figures(report, "sio", "roundtrip")
    equal(ratio["ratio_to_reference"]["target"], "ws", "reference of sio")
    equal(ratio["ratio_to_baseline"]["target"], "tcp", "baseline of sio")
    within(ratio["ratio_to_baseline"]["p50_ns"]["median"], 0.3, 20, "sio to tcp")


@case("compare: the text has every table, in 80 columns")
def compare_text():
    options = ["--blocks", 2, "--duration", "20ms", "--clients", 4]
    run = client(*options, patience=30).expect(0)
    long = [line for line in run.out.split("\n") if len(line) > 80]
    equal(long, [], "lines over 80 columns")
    for word in ["tcp", "ws", "sio", "p50", "sio connect", "first echo", "accepted", "proven"]:
        check(word in run.out, "%r is not in the report:\n%s" % (word, run.out))
    equal(run.err.count("\n"), 1, "lines on stderr: one, with the plan")


# ---- Messages ----------------------------------------------------------------------------------


def sized(size):
    duration = "40ms" if size < 60000 else "120ms"
    report = both("--size", size, "--duration", duration)
    for name in NAMES:
        tally = figures(report, name)["tally"]
        equal(tally["payload_in"], tally["answered"] * size, name + ": bytes back")


for bytes_of_message in [1, 8, 125, 126, 65535, 65536, 131072, 131073, 900000]:
    case("roundtrip: --size %d" % bytes_of_message)(lambda size=bytes_of_message: sized(size))


@case("roundtrip: --size 1000000 on tcp and ws; on Socket.IO with a larger --max-message")
def sized_million():
    options = ["--size", 1000000, "--duration", "200ms"]
    both(*options, server=["--max-message", "1100000"])
    both(*options, "--binary", server=["--max-message", "1100000"])


@case("roundtrip: --binary")
def binary():
    both(*SHORT, "--binary", "--size", 300)
    both(*SHORT, "--binary", "--size", 70000)


@case("roundtrip and throughput: --ack")
def ack():
    options = ["--ack", "--binary"]
    both(*SHORT, "--ack", names=["sio"])
    both(*SHORT, *options, "--size", 100, "--depth", 16, names=["sio"])
    both("--ack", names=["sio"], scenario="throughput")
    report = both(*SHORT, "--ack", names=["sio"], scenario="send")
    proven(report, "sio")


@case("roundtrip: --depth 64")
def depth():
    report = both(*SHORT, "--depth", 64, "--size", 20)
    for name in NAMES:
        equal(figures(report, name)["depth"], 64, name)


@case("roundtrip: --clients 64")
def clients():
    report = both("--duration", "800ms" if SLOW else "80ms", "--clients", 64)
    for name in NAMES:
        part = figures(report, name)
        equal(part["clients_ready"], 64, name)
        equal(part["phases"]["first_echo"]["count"], 64, name)
        equal(part["client_means"]["count"], 64, name)


@case("roundtrip: --clients 8 --depth 8 --size 20000")
def clients_and_depth():
    both(*SHORT, "--clients", 8, "--depth", 8, "--size", 20000)


@case("roundtrip: payloads that JSON must escape")
def payloads():
    for text in ['a "quoted" \\ back\\\\slash', "Grüße, 世界 😀 \u2028", '["message",1]', "\x01\t\x7f", " "]:
        both("--duration", "40ms", "--payload", text)
        both("--duration", "40ms", "--payload", text, "--ack", "--binary", names=["sio"])


@case("roundtrip: names of events that JSON must escape")
def events():
    both("--duration", "40ms", "--event", 'say "ä"', names=["sio"])


@case("roundtrip: a namespace as target")
def namespace():
    with Server("--namespace", "/one", "--namespace", "/two") as s:
        for path in ["/one", "/two?token=a%20b"]:
            report = measure("roundtrip", *SHORT, s.url("sio", path))
            settled(figures(report, "sio"), path)
        report = measure("connect", s.url("sio", "/custom"), code=1)
        failure = figures(report, "sio")["failures"][0]
        equal(failure["phase"], "sio_connect", "phase")
        check("Invalid namespace" in str(failure), "no cause: %r" % failure)


@case("roundtrip: --match any is stated in the report")
def match_any():
    report = both(*SHORT, "--match", "any")
    equal([t["unchecked"] for t in report["targets"]], [True] * 3, "unchecked")
    with Server() as s:
        text = client("roundtrip", *SHORT, "--match", "any", s.url("ws")).expect(0).out
    check("any" in text, "the table does not say it")


def echo_events(peer, rename=None):
    """Answers events with the same arguments under another name, until the Close."""
    while True:
        opcode, payload, _ = peer.frame()
        if opcode != TEXT:
            break
        text = payload.decode()
        if text.startswith("42"):
            say(peer, text.replace(*rename, 1) if rename else text)
        elif text.startswith("41"):
            continue
    finish(peer)


@case("roundtrip: --event and --reply-event")
def reply_event():
    def answer(peer):
        accept_session(peer)
        echo_events(peer, ('["message"', '["message-back"'))

    with Fake(answer) as fake:
        options = ["roundtrip", "--duration", "40ms", fake.url("http")]
        report = measure(*options, "--reply-event", "message-back")
        settled(figures(report, "sio"), "renamed")
        report = measure(*options, "--timeout", "200ms", code=1)
        part = figures(report, "sio")
        equal(part["tally"]["answered"], 0, "answered without --reply-event")
        check(part["tally"]["ignored"] > 0, "the renamed event is not counted as ignored")
        equal(part["tally"]["unexpected"], 0, "unexpected")


# ---- The handshake as a server sees it -----------------------------------------------------------


@case("handshake: --header, --origin, --subprotocol, and the path with its query")
def handshake_fields():
    heads = []

    def answer(peer):
        heads.append(accept(peer, b"Sec-WebSocket-Protocol: chat.v2\r\n").decode())
        opcode, payload, _ = peer.frame()
        peer.send(frame(payload, opcode, mask=None))
        peer.frame()
        finish(peer)

    with Fake(answer) as fake:
        fields = ["--header", "X-One: 1", "--header", "Authorization: Bearer a:b", "--origin",
                  "http://example.org", "--subprotocol", "chat.v2"]
        measure("connect", "--clients", 1, *fields, fake.url("ws", "/a/b?c=d&e"))
    lines = heads[0].split("\r\n")
    equal(lines[0], "GET /a/b?c=d&e HTTP/1.1", "request line")
    for line in ["X-One: 1", "Authorization: Bearer a:b", "Origin: http://example.org",
                 "Sec-WebSocket-Protocol: chat.v2", "Sec-WebSocket-Version: 13",
                 "Host: 127.0.0.1:%d" % fake.port]:
        equal(lines.count(line), 1, "lines %r" % line)
    check("extensions" not in heads[0].lower(), "an extension is offered")


@case("handshake: --auth, --socketio-path, namespace and query of a Socket.IO target")
def handshake_session():
    seen = []

    def answer(peer):
        head, packet = accept_session(peer)
        seen.append((head.decode().split("\r\n")[0], packet))
        echo_events(peer)

    with Fake(answer) as fake:
        measure("connect", "--clients", 1, "--auth", '{"token": "a\\"b"}', "--socketio-path", "/io/",
                fake.url("http", "/room?user=7"))
        measure("connect", "--clients", 1, fake.url("http"))
    line, packet = seen[0]
    check(line.startswith("GET /io/?") and line.endswith(" HTTP/1.1"), "request line %r" % line)
    query = line.split()[1].partition("?")[2].split("&")
    equal(sorted(query), ["EIO=4", "transport=websocket", "user=7"], "query")
    check(packet.startswith("40/room,{"), "CONNECT %r" % packet)
    equal(json.loads(packet.partition(",")[2]), {"token": 'a"b'}, "auth")
    check(seen[1][1] in ("40", "40{}"), "CONNECT without auth %r" % seen[1][1])


@case("masks: fresh for every frame, never zero twice")
def masks():
    seen = []

    def answer(peer):
        accept(peer)
        while True:
            first, second = peer.take(2)
            if first & 15 == 8:
                return
            seen.append(peer.take(4))
            peer.take(second & 127)
            peer.send(frame(b"hi", mask=None))

    with Fake(answer) as fake:
        client("roundtrip", "--duration", "50ms", "--match", "any", fake.url("ws"))
    check(len(seen) > SOME, "only %d frames" % len(seen))
    check(len(set(seen)) > len(seen) - 3, "%d masks for %d frames" % (len(set(seen)), len(seen)))


# ---- Waiting, buffers, addresses -----------------------------------------------------------------


@case("pollers: select at both ends, all scenarios")
def select_poller():
    for scenario in ["roundtrip", "throughput", "send", "connect"]:
        time = SHORT if scenario in ("roundtrip", "send") else []
        report = both(*time, "--poller", "select", scenario=scenario, server=["--poller", "select"])
        equal(report["environment"]["poller"], "select", "poller")


@case("pollers: the sibling gets the client's --poller")
def select_sibling():
    options = ["--poller", "select", "--blocks", 1, "--duration", "20ms", "--clients", 2]
    report = measure(*options, patience=30)
    settled_all(report, "roundtrip")


@case("pollers: --busy-poll at both ends")
def busy_poll():
    for poller in set(pollers(CLIENT)) & set(pollers(SERVER)):
        options = ["--busy-poll", "--poller", poller]
        both(*options, "--duration", "50ms", server=options)


@case("--cpu binds the client, not the server that it starts")
def cpu():
    not_on_wine(CLIENT, reason="Windows has no cores that a process inherits")
    if len(os.sched_getaffinity(0)) < 2:
        raise Skip("one core")
    core = min(os.sched_getaffinity(0))
    process = started([*CLIENT, "roundtrip", "--cpu", str(core), "--duration", "600ms", "--quiet"])
    server = until(lambda: siblings(process), "the sibling")[0]
    until(lambda: os.sched_getaffinity(process.pid) == {core}, "the client to be bound")
    check(os.sched_getaffinity(server) != {core}, "the sibling is bound to the client's core")
    equal(process.wait(PATIENCE), 0, "exit")


@case("buffers: one message of megabytes through 4 KiB socket buffers")
def small_buffers():
    small = ["--socket-buffer", "4096"]
    size = (2 if SLOW else 16) * 1024 * 1024
    options = [*small, "--size", size, "--duration", "1ms", "--timeout", "20s"]
    for extra in [[], ["--binary"]]:
        names = ["ws"] if extra else ["tcp", "ws"]
        report = both(*options, *extra, server=small, names=names)
        doubled = 4096 if on_wine(CLIENT) else 8192
        equal(report["environment"]["receive_buffer_bytes"], doubled, "the client's, as Linux doubles it")
        for name in names:
            check(figures(report, name)["tally"]["answered"] >= 1, name)


@case("buffers: send through 4 KiB socket buffers")
def small_buffers_send():
    small = ["--socket-buffer", "4096"]
    for size in [2, 3000, 200000]:
        report = both(*small, *SHORT, "--size", size, "--timeout", "8s", scenario="send", server=small)
        for name in NAMES:
            proven(report, name)


@case("buffers: 16 clients with depth 8 through 4 KiB socket buffers")
def small_buffers_many():
    small = ["--socket-buffer", "4096"]
    both(*small, *SHORT, "--clients", 16, "--depth", 8, "--size", 50000, server=small)


@case("addresses: [::1]")
def six():
    with Server(host="::1") as s:
        settled_all(measure("roundtrip", *SHORT, *s.urls))


@case("addresses: localhost, in letters of either size")
def localhost():
    try:
        socket.getaddrinfo("localhost", None)
    except OSError as error:
        raise Skip("no address for localhost: " + str(error))
    with Server() as s:
        for host in ["localhost", "LOCALHOST"]:
            urls = [url.replace("127.0.0.1", host) for url in s.urls]
            report = settled_all(measure("roundtrip", *SHORT, *urls))
            used = [target["address"] for target in report["targets"]]
            equal(used, ["127.0.0.1:%d" % p for p in (s.tcp_port, s.port, s.port)], "addresses")


@case("targets: several of a kind, with names")
def named_targets():
    with Server() as s, Server() as t:
        report = measure("roundtrip", *SHORT, "mine=" + s.url("ws"), t.url("ws"), t.url("ws", "/x"))
        equal([target["name"] for target in report["targets"]], ["mine", "ws", "ws2"], "names")
        settled_all(report, names=["mine", "ws", "ws2"])


# ---- Output --------------------------------------------------------------------------------------


@case("--log: a line per client with every latency; it is appended to")
def log():
    with Server() as s, scratch() as folder:
        path = os.path.join(folder, "raw.log")
        options = ["throughput", "--clients", 9, "--roundtrips", 4, "--log", path, "--quiet"]
        for run in [1, 2]:
            client(*options, *s.urls).expect(0)
            with open(path) as file:
                lines = [line.split() for line in file if not line.startswith("#")]
            for name in NAMES:
                own = [line for line in lines if line[0] == name]
                equal(len(own), 9 * run, "lines of " + name)
                equal({len(line) for line in own}, {6}, "words in a line of " + name)
                equal([int(line[1]) for line in own], list(range(9)) * run, "clients of " + name)
                check(all(0 < float(ms) < 5000 for line in own for ms in line[2:]), "latencies")


@case("--json FILE has the same figures as the text's run; --quiet prints nothing")
def json_file():
    with Server() as s, scratch() as folder:
        path = os.path.join(folder, "report.json")
        run = client("throughput", "--json", path, "--quiet", *s.urls).expect(0)
        equal((run.out, run.err), ("", ""), "output of --quiet")
        with open(path) as file:
            settled_all(json.load(file))
        run = client("throughput", "--json", path, *s.urls).expect(0)
        check("tcp" in run.out, "no table beside the file")
        with open(path) as file:
            settled_all(json.load(file))


@case("text: every scenario's report fits 80 columns and names each target")
def text_width():
    with Server() as s:
        for scenario in ["connect", "roundtrip", "throughput", "send"]:
            time = SHORT if scenario in ("roundtrip", "send") else []
            run = client(scenario, *time, "--size", 40000, *s.urls).expect(0)
            long = [line for line in run.out.split("\n") if len(line) > 80]
            equal(long, [], scenario + ": lines over 80 columns")
            for name in NAMES:
                check(name in run.out, "%s: %s is missing" % (scenario, name))
            check("loopback" in run.out, scenario + ": no environment block")


@case("server: --json prints its counters at the end; --quiet nothing")
def server_report():
    with Server("--json") as s:
        client("throughput", "--quiet", *s.urls).expect(0)
        final = json.loads(s.stop())
    equal(final["raw_messages"], 250, "raw messages")
    equal(final["websocket_messages"], 250, "WebSocket messages")
    equal(final["socketio_messages"], 250, "Socket.IO messages")
    equal(final["messages"], 750, "messages")
    equal(final["raw_connections"], 50, "raw connections")
    equal(final["websocket_connections"], 50, "WebSocket connections")
    equal(final["socketio_sessions"], 50, "Socket.IO sessions")
    equal(final["closed_properly"], 150, "proper closes")
    equal(final["lost"], 0, "lost")
    equal(final["faults"], {}, "faults")
    equal(final["loop"]["accepted"], 150, "accepted")
    for phase, count in [("handshake", 100), ("join", 50), ("first_message", 150), ("close", 150)]:
        equal(final["phases"][phase]["count"], count, "phase " + phase)
    with Server("--quiet") as s:
        equal(s.stop(), "", "output of --quiet")
    with Server() as s:
        text = s.stop()
    equal([line for line in text.split("\n") if len(line) > 80], [], "lines over 80 columns")
    check("messages" in text, "no report: %r" % text)


@case("sibling: without a target the client starts it, measures, and stops it")
def sibling():
    report = measure("throughput")
    settled_all(report)
    equal([t["name"] for t in report["targets"]], ["tcp", "ws", "sio", "sio-upgrade"], "targets")
    equal(report["server"]["messages"], 1000, "the sibling's messages")


@case("compare: sio-upgrade has phases and a ratio to ws, and only connects")
def compare_upgrade():
    report = measure("compare", "--blocks", 2, "--duration", "20ms", "--clients", 4)
    upgrade = report["targets"][3]
    equal((upgrade["kind"], list(upgrade["scenarios"])), ("Socket.IO, upgrade", ["connect"]), "it")
    for phase in ["probe", "switch", "ready", "first_echo", "close"]:
        within(upgrade["scenarios"]["connect"]["phases"][phase]["count"], 2, 40, phase)
    text = client("compare", "--blocks", 2, "--duration", "20ms", "--clients", 4).expect(0).out
    equal([line for line in text.split("\n") if len(line) > 80], [], "lines over 80 columns")
    phases = text.partition("PHASES")[2].split("\n")
    check(any(line.split()[:1] == ["probe"] and line.count("-") == 6 for line in phases), phases)


@case("polling and upgrade: every scenario against our server, exact totals, no fault on either side")
def transports():
    for transport in ["polling", "upgrade"]:
        with Server("--json") as s:
            url = "x=%s#%s" % (s.url("sio", "/"), transport)
            for scenario, options in [
                ("connect", ["--clients", 5]),
                ("roundtrip", ["--duration", "50ms", "--depth", 40, "--clients", 3]),
                ("roundtrip", ["--duration", "50ms", "--binary", "--size", 100000]),
                ("roundtrip", ["--duration", "50ms", "--ack", "--size", 300]),
                ("throughput", []),
                ("send", ["--duration", "50ms"]),
            ]:
                tally = figures(measure(scenario, *options, url), "x", scenario)["tally"]
                equal(tally["answered"], tally["sent"], scenario)
                equal((tally["wrong"], tally["unexpected"]), (0, 0), scenario)
            final = json.loads(s.stop())
        equal((final["faults"], final["lost"]), ({}, 0), "faults with " + transport)


main()

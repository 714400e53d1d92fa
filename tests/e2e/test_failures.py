"""Proves what the client reports of servers that fail, lie, or fall silent, and how it ends."""

import os
import socket
import struct
import time

from pair import (
    BINARY, CLIENT, CLOSE, OPEN, SERVER, TEXT, Fake, Result, Server, Skip, accept, accept_session, case, check,
    client, copied, ended, equal, faults, figures, finish, frame, lasted, main, measure,
    not_on_wine, sanitized, say, scratch, server_fails, sibling_in, started, within,
)

ONE = ["--clients", "1"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fails(url, status, phase, *options, text="", scenario="connect"):
    """Exit 1; the target has this failure in JSON, and one line of it in the table."""
    arguments = [scenario, *options, "x=" + url]
    found = faults(measure(*arguments, code=1), "x")
    check(any((f["status"], f["phase"]) == (status, phase) and text in str(f) for f in found),
          "no %s in phase %s: %r" % (status, phase, found))
    run = client(*arguments).expect(1)
    equal(run.err, "", "stderr")
    lines = failure_lines(run.out)
    check(any("x" == line.split()[0] for line in lines), "no line of the target: %r" % lines)
    return " ".join(lines)


def failure_lines(table):
    """The failures in the table."""
    part = table.partition("WHAT WENT WRONG")[2].split("\n")[2:]
    lines = []
    for line in part:
        if line.strip() == "":
            break
        lines.append(line)
    check(lines, "no failures in the table:\n" + table)
    return lines


# ---- No server -----------------------------------------------------------------------------------


@case("port in use: the server ends with 1 and one line that names the port")
def port_in_use():
    with Server() as server:
        for option, port in [("--port", server.port), ("--tcp-port", server.tcp_port)]:
            other = "--tcp-port" if option == "--port" else "--port"
            run = server_fails(option, port, other, 0)
            run.complaint(1, str(port), option, "in use")


@case("address of another machine: the server ends with 1 and one line")
def address_not_ours():
    server_fails("--bind", "192.0.2.1", "--port", 0, "--tcp-port", 0).complaint(1, "192.0.2.1")
    server_fails("--bind", "no.such.name.invalid", "--port", 0, "--tcp-port", 0).complaint(
        1, "no.such.name.invalid")


@case("refused: named with target, phase and cause; the others are measured")
def refused():
    for scheme in ["tcp", "ws", "http"]:
        line = fails("%s://127.0.0.1:%d" % (scheme, free_port()), "refused", "tcp")
        check("TCP" in line or "tcp" in line, "no phase in %r" % line)
        check("refused" in line, "no cause in %r" % line)
    with Server() as server:
        dead = "dead=ws://127.0.0.1:%d" % free_port()
        for scenario in ["connect", "roundtrip", "throughput", "send"]:
            time = ["--duration", "50ms"] if scenario in ("roundtrip", "send") else []
            report = measure(scenario, *time, server.url("tcp"), dead, server.url("sio"), code=1)
            for name in ["tcp", "sio"]:
                part = figures(report, name)
                check(part["tally"]["answered"] > 0, "%s: %s not measured" % (scenario, name))
                equal(part["tally"]["sent"], part["tally"]["answered"], name)
            check(faults(report, "dead"), scenario + ": no failure")


@case("compare: a dead target does not cost more than its refusals")
def refused_compare():
    begin = time.monotonic()
    with Server() as server:
        run = client("compare", "--blocks", 2, "--duration", "20ms", server.url("tcp"),
                     "ws://127.0.0.1:%d" % free_port()).expect(1)
    lasted(begin, 0, 4, "seconds")
    check("refused" in run.out, "no cause")


@case("unresolvable name: phase resolve, exit 1, the others are measured")
def no_name():
    with Server() as server:
        report = measure("connect", *ONE, server.url("ws"), "x=ws://no.such.name.invalid/", code=1)
        equal(figures(report, "ws")["tally"]["answered"], 1, "answered")
    found = faults(report, "x")
    equal([f["phase"] for f in found], ["resolve"], "phase")
    check("no.such.name.invalid" in str(found), "the name is missing: %r" % found)


@case("the sibling cannot start: exit 1 and one line")
def sibling_dies():
    with scratch() as folder:
        command = copied(CLIENT, folder)
        with open(sibling_in(folder), "w") as file:
            file.write("#!/bin/sh\nexit 1\n")
        os.chmod(file.name, 0o755)
        Result(*ended(started([*command, "connect"]))).complaint(1, "wsio-server")


# ---- Servers that are something else -------------------------------------------------------------


def silent(peer):
    peer.end()


@case("too little address space: exit 1 and one line that says how much is needed")
def little_memory():
    not_on_wine(CLIENT, SERVER, reason="ulimit -v ends Wine itself")
    if sanitized():
        raise Skip("a sanitizer needs terabytes")
    for kib, command, start in [
        (80000, [*SERVER, "--port", "0"], "wsio-server: "),
        (40000, [*CLIENT, "roundtrip", "tcp://127.0.0.1:1"], "wsio-client: out of memory: needs "),
        (200000, [*CLIENT, "roundtrip", "--clients", "900", "tcp://127.0.0.1:1"],
         "wsio-client: out of memory: 900 clients need "),
    ]:
        line = "ulimit -v %d; exec \"$0\" \"$@\"" % kib
        code, out, err = ended(started(["sh", "-c", line, *command]))
        equal((code, out), (1, ""), "exit, output of %r (%s)" % (command, err))
        check(err.startswith(start) and "MiB of address space" in err and err.count("\n") == 1, err)


@case("a server that sends nothing: timeout in phase upgrade")
def says_nothing():
    with Fake(silent) as fake:
        begin = time.monotonic()
        for scheme in ["ws", "http"]:
            fails(fake.url(scheme), "timeout", "upgrade", *ONE, "--timeout", "200ms")
        lasted(begin, 0.8, 3, "seconds for four runs of 200 ms")


@case("a raw server that never answers: the first message times out")
def never_answers_raw():
    with Fake(silent) as fake:
        fails(fake.url("tcp"), "timeout", "first_echo", *ONE, "--timeout", "100ms")
        report = measure("roundtrip", "--timeout", "100ms", fake.url("tcp"), code=1)
        tally = figures(report, "tcp")["tally"]
        equal((tally["sent"], tally["answered"], tally["unanswered"]), (1, 0, 1), "tally")


def answers(response):
    def handler(peer):
        peer.head()
        peer.send(response)
        peer.socket.shutdown(socket.SHUT_WR)
        peer.end()

    return handler


@case("an HTTP server: its status is reported")
def http_server():
    for head, text in [(b"404 Not Found", "404"), (b"200 OK", "200"), (b"403 Forbidden", "403"),
                       (b"301 Moved\r\nLocation: ws://x/", "301")]:
        with Fake(answers(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n")) as fake:
            line = fails(fake.url("ws"), "http_status", "upgrade", *ONE, text=text)
            check(text in line, "no %s in %r" % (text, line))


@case("a refusal's words are shown, escaped, with a hint where one fits")
def refusal_words():
    page = b"<!doctype html>\n<html lang=en>\n<title>400 Bad\x1b[31m Request</title>\n<p>More.\n"
    for body, words in [(page, "HTTP 400: 400 Bad?[31m Request"), (b'"no upgrade"', "HTTP 400: no upgrade"),
                        (b"\r\nno such thing\r\n" + b"x" * 70000, "HTTP 400: no such thing"),
                        (b"y" * 300, "HTTP 400: " + "y" * 40)]:
        for pause in [0, 0.05]:
            def refuses(peer):
                peer.head()
                peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body))
                time.sleep(pause)
                peer.send(body)
                peer.end()

            with Fake(refuses) as fake:
                for scheme, hint in [("ws", ""), ("http", "#polling may work")]:
                    found = faults(measure("connect", *ONE, "x=" + fake.url(scheme), code=1), "x")
                    equal([f["status"] for f in found], ["http_status"], "status")
                    detail = found[0]["detail"]
                    check(detail.startswith(words), "%r instead of %r" % (detail, words))
                    check(detail.endswith(hint) and ("#polling" in detail) == bool(hint), detail)


@case("a body that stays away does not hide the status")
def refusal_without_words():
    def refuses(peer):
        peer.head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n")
        peer.end()

    with Fake(refuses) as fake:
        fails(fake.url("ws"), "http_status", "upgrade", *ONE, text="HTTP 403")


@case("another parser: an empty Close after CONNECT is named with its likely cause")
def another_parser():
    def closes(peer):
        accept(peer)
        say(peer, OPEN)
        peer.text()
        peer.send(frame(b"", CLOSE, mask=None))
        peer.end()

    with Fake(closes) as fake:
        line = fails(fake.url("http"), "ws_closed", "sio_connect", *ONE, text="another parser (msgpack)")
        check("close code 1005" in line, line)


HEAD = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: ")


@case("not WebSocket: no HTTP at all, a wrong accept, an extension that was not offered, an endless head")
def not_websocket():
    wrong = HEAD + b"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
    for response, status in [
        (b"220 mail.example.org ESMTP\r\n\r\n", "http_bad"),
        (b"\x00\x01\x02\x03\r\n\r\n", "http_bad"),
        (wrong, "bad_accept"),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n", "not_websocket"),
        (b"HTTP/1.1 101 X\r\n" + b"A: " + b"b" * 70000 + b"\r\n\r\n", "http_too_large"),
        (b"", "closed"),
    ]:
        with Fake(answers(response)) as fake:
            fails(fake.url("ws"), status, "upgrade", *ONE)

    def offers(field):
        def handler(peer):
            accept(peer, field)
            peer.end()

        return handler

    for field in [b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
                  b"Sec-WebSocket-Protocol: chat\r\n"]:
        with Fake(offers(field)) as fake:
            fails(fake.url("ws"), "not_offered", "upgrade", *ONE)


@case("closes at once: reported in the phase under way")
def closes_at_once():
    with Fake(lambda peer: None) as fake:
        report = measure("connect", *ONE, "x=" + fake.url("ws"), code=1)
        check(faults(report, "x")[0]["status"] in ("closed", "reset"), str(faults(report, "x")))

    def after_upgrade(peer):
        accept(peer)
        peer.send(frame(struct.pack(">H", 1013) + b"busy", CLOSE, mask=None))
        while peer.frame()[0] != CLOSE:
            pass

    with Fake(after_upgrade) as fake:
        line = fails(fake.url("ws"), "ws_closed", "first_echo", *ONE, text="1013")
        check("1013" in line, "no close code in %r" % line)


@case("bad frames from a server: named by kind")
def bad_frames():
    def sends(data):
        def handler(peer):
            accept(peer)
            peer.frame()
            peer.send(data)
            peer.end()

        return handler

    for data, status in [
        (frame(b"hi"), "ws_mask"),
        (frame(b"hi", mask=None, reserved=4), "ws_reserved_bits"),
        (frame(b"hi", 3, mask=None), "ws_opcode"),
        (frame(b"\xff", mask=None), "utf8"),
        (frame(b"hi", 0, mask=None), "ws_sequence"),
        (frame(b"hi", 9, mask=None, fin=False), "ws_control"),
    ]:
        with Fake(sends(data)) as fake:
            fails(fake.url("ws"), status, "first_echo", *ONE)


# ---- Socket.IO servers of other kinds --------------------------------------------------------------


def closed_properly(peer):
    """Reads up to the client's Close, answers it, and ends first, as a server does."""
    while peer.frame()[0] != CLOSE:
        pass
    finish(peer)


def speaks(*packets):
    def handler(peer):
        accept(peer)
        for packet in packets:
            say(peer, packet)
        closed_properly(peer)

    return handler


OLD_OPEN = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}'


@case("EIO=3: a server of that revision is recognised")
def eio3():
    with Fake(speaks(OLD_OPEN, "40")) as fake:
        line = fails(fake.url("http"), "eio_version", "sio_connect", *ONE, "--timeout", "500ms")
        check("EIO=4" in line, "EIO=4 is not named in %r" % line)
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    with Fake(answers(refusal)) as fake:
        fails(fake.url("http"), "http_status", "upgrade", *ONE, text="400")
    payload = b"%d:%s2:40" % (len(OLD_OPEN), OLD_OPEN.encode())
    page = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(payload), payload)
    for transport in ["#polling", "#upgrade"]:
        with Fake(answers(page)) as fake:
            fails(fake.url("http") + transport, "eio_version", "eio_open", *ONE)


@case("CONNECT_ERROR: the server's message is reported")
def connect_error():
    with Fake(speaks(OPEN, '44{"message":"not authorised","data":{"x":1}}')) as fake:
        line = fails(fake.url("http"), "sio_connect_error", "sio_connect", *ONE, text="not authorised")
        check("not authorised" in line, line)
    hostile = '44{"message":"a\\u001b[31mb\\nc"}'
    with Fake(speaks(OPEN, hostile)) as fake:
        run = client("connect", *ONE, fake.url("http")).expect(1)
        equal([c for c in run.out if ord(c) < 32 and c != "\n"], [], "control characters")


@case("Engine.IO: bad open packets, packets, a namespace never joined")
def bad_session():
    for packets, status, phase in [
        (("0{}",), "eio_open", "eio_open"),
        (("0[",), "eio_open", "eio_open"),
        (("2",), "eio_packet", "eio_open"),
        ((OPEN, "9"), "eio_packet", "sio_connect"),
        ((OPEN, '42/x,["message"]'), "sio_namespace", "sio_connect"),
        ((OPEN, "1"), "eio_closed", "sio_connect"),
        ((OPEN, '40{"sid":"y"}', "4xyz"), "sio_packet", "first_echo"),
        ((OPEN, '40{"sid":"y"}', "41"), "sio_disconnect", "first_echo"),
    ]:
        with Fake(speaks(*packets)) as fake:
            report = measure("connect", *ONE, "--timeout", "1s", "x=" + fake.url("http"), code=1)
            found = [(f["status"], f["phase"]) for f in faults(report, "x")]
            check((status, phase) in found, "%r: %r instead of %r" % (packets, found, (status, phase)))
    with Fake(speaks(OPEN)) as fake:
        fails(fake.url("http"), "timeout", "sio_connect", *ONE, "--timeout", "150ms")


@case("heartbeat: the client answers pings, and misses them when they stay away")
def heartbeat():
    pongs = []

    def no_pings(peer):
        accept_session(peer, OPEN.replace("25000", "100").replace("20000", "100"))
        peer.end()

    def two_pings(peer):
        accept_session(peer)
        event = peer.text()
        say(peer, "2")
        say(peer, "2")
        pongs.extend([peer.text(), peer.text()])
        say(peer, event)
        peer.text()
        finish(peer)

    with Fake(two_pings) as fake:
        measure("connect", *ONE, fake.url("http"))
    equal(pongs, ["3", "3"], "answers to pings")
    with Fake(no_pings) as fake:
        begin = time.monotonic()
        report = measure("connect", *ONE, "--timeout", "5s", "x=" + fake.url("http"), code=1)
        lasted(begin, 0.19, 2, "seconds")
    equal(faults(report, "x")[0]["status"], "ping_timeout", "status")


@case("events before the answer to CONNECT are no failure")
def early_events():
    def handler(peer):
        accept(peer)
        say(peer, OPEN)
        peer.text()
        say(peer, '42["hello",1]')
        say(peer, '40{"sid":"y"}')
        say(peer, peer.text())
        peer.text()
        finish(peer)

    with Fake(handler) as fake:
        report = measure("connect", *ONE, fake.url("http"))
    tally = figures(report, "sio")["tally"]
    equal((tally["answered"], tally["ignored"], tally["unexpected"]), (1, 1, 0), "answered, ignored, unexpected")


# ---- Wrong, missing and surplus replies --------------------------------------------------------------


def echo(change):
    """A WebSocket echo; change(n, payload) gives the list of payloads that answer message n."""

    def handler(peer):
        accept(peer)
        n = 0
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return
            for answer in change(n, payload):
                peer.send(frame(answer, opcode, mask=None))
            n += 1

    return handler


def tally_of(change, *options, code=1, scenario="throughput"):
    with Fake(echo(change)) as fake:
        report = measure(scenario, "--timeout", "200ms", *options, fake.url("ws"), code=code)
        tally = figures(report, "ws")["tally"]
        equal(tally["sent"], tally["answered"] + tally["wrong"] + tally["unanswered"], "balance")
        return tally


FEW = ["--clients", "2", "--roundtrips", "4", "--size", "10"]


@case("wrong bytes are counted as wrong, exit 1")
def wrong_bytes():
    tally = tally_of(lambda n, p: [p[:-1] + b"?"] if n == 2 else [p], *FEW)
    equal((tally["sent"], tally["answered"], tally["wrong"]), (8, 6, 2), "sent, answered, wrong")
    for answer in [b"", b"x", None]:
        tally = tally_of(lambda n, p: [p + b"x" if answer is None else answer], *FEW)
        equal((tally["answered"], tally["wrong"]), (0, 8), "answered, wrong")
    tally = tally_of(lambda n, p: [p[:-1] + b"?"], *FEW, "--match", "any", code=0)
    equal(tally["answered"], 8, "with --match any")


@case("another type of frame is wrong")
def wrong_type():
    def handler(peer):
        accept(peer)
        _, payload, _ = peer.frame()
        peer.send(frame(payload, BINARY, mask=None))
        peer.frame()
        finish(peer)

    with Fake(handler) as fake:
        report = measure("connect", *ONE, fake.url("ws"), code=1)
        equal(figures(report, "ws")["tally"]["wrong"], 1, "wrong")


@case("replies in another order are wrong where messages are numbered")
def reordered():
    held = []

    def swap(n, payload):
        held.append(payload)
        if n > 0 and len(held) < 2:  # the first goes alone
            return []
        return [held.pop() for _ in list(held)]

    with Fake(echo(swap)) as fake:
        report = measure("roundtrip", "--depth", 2, "--duration", "30ms", "--size", 16, "--timeout",
                         "200ms", fake.url("ws"), code=1)
    tally = figures(report, "ws")["tally"]
    check(tally["wrong"] > 0, "nothing wrong: %r" % tally)


@case("a second reply is unexpected, exit 1")
def twice():
    def acks(peer):
        accept_session(peer)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return
            number, _, rest = payload.decode()[2:].partition("[")
            if payload[:2] == b"42":
                say(peer, "43%s[%s" % (number, rest.partition(",")[2]))
                say(peer, "43%s[%s" % (number, rest.partition(",")[2]))

    with Fake(acks) as fake:
        report = measure("throughput", "--ack", *FEW, fake.url("http"), code=1)
    tally = figures(report, "sio")["tally"]
    equal((tally["sent"], tally["answered"]), (8, 8), "sent and answered")
    within(tally["unexpected"], 6, 8, "unexpected, of which the last two may come after the Close")

    peers = []

    def first_doubled(peer):
        accept(peer)
        peers.append(peer)
        late = len(peers) == 2
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return
            if late:
                time.sleep(0.1)
            peer.send(frame(payload, opcode, mask=None) * (2 if peer is peers[0] and not late else 1))
            late = False
            if peer is peers[0]:
                peers[0] = None

    with Fake(first_doubled) as fake:
        report = measure("roundtrip", "--clients", 2, "--duration", "30ms", fake.url("ws"), code=1)
    tally = figures(report, "ws")["tally"]
    equal((tally["unexpected"], tally["wrong"]), (1, 0), "unexpected, wrong")

    def raw_doubled(peer):
        late = len(peers) == 1
        peers.append(peer)
        data = peer.take(2)
        time.sleep(0.1 if late else 0)
        peer.send(data if late else data + data)
        while True:
            peer.send(peer.take(2))

    peers.clear()
    with Fake(raw_doubled) as fake:
        report = measure("roundtrip", "--clients", 2, "--duration", "30ms", fake.url("tcp"), code=1)
    check(figures(report, "tcp")["tally"]["unexpected"] > 0, "surplus raw bytes are not reported")


@case("messages never answered are unanswered, exit 1")
def unanswered():
    tally = tally_of(lambda n, p: [] if n == 1 else [p], *FEW)
    equal((tally["answered"], tally["unanswered"]), (2, 2), "answered, unanswered")
    tally = tally_of(lambda n, p: [p] if n < 9 else [], "--depth", 4, "--duration", "50ms",
                     scenario="roundtrip")
    equal((tally["answered"], tally["unanswered"]), (9, 4), "roundtrip of depth 4")


@case("a message that takes longer than --timeout but moves all the time is no failure")
def slow_but_moving():
    def handler(peer):
        accept(peer)
        opcode, payload, _ = peer.frame()
        data = frame(payload, opcode, mask=None)
        for at in range(0, len(data), len(data) // 8 + 1):
            peer.send(data[at: at + len(data) // 8 + 1])
            time.sleep(0.06)
        peer.frame()
        finish(peer)

    with Fake(handler) as fake:
        measure("connect", *ONE, "--timeout", "300ms", "--size", 80000, fake.url("ws"))


# ---- Servers without end ---------------------------------------------------------------------------

# No run below may take longer than this: each is to end by its --timeout of 300 ms.
SOON = 4


def endless(peer, pieces):
    """Sends pieces until the peer has gone."""
    for piece in pieces:
        peer.send(piece)


def answers_websocket(pieces):
    def handler(peer):
        accept(peer)
        peer.frame()
        endless(peer, pieces())

    return handler


def huge_frame():
    yield b"\x81\x7f" + struct.pack(">Q", 2 ** 63 - 1)
    while True:
        yield b"x" * 65536


def fragments():
    yield frame(b"x", TEXT, fin=False, mask=None)
    while True:
        yield frame(b"x" * 1000, 0, fin=False, mask=None) * 16


def dribble():
    yield b"\x81\x7e" + struct.pack(">H", 60000)
    while True:
        yield b"x"
        time.sleep(0.05)


@case("replies without end, dribbles and silence: named, soon, in the phase under way")
def replies_without_end():
    for pieces, options in [(huge_frame, []), (fragments, []), (dribble, ["--size", 60000])]:
        with Fake(answers_websocket(pieces)) as fake:
            begin = time.monotonic()
            line = fails(fake.url("ws"), "timeout", "first_echo", *ONE, *options, "--timeout", "300ms")
            check("the reply did not end within 0.3 s" in line, line)
            lasted(begin, 0.6, SOON, "seconds of two runs with " + pieces.__name__)
    with Fake(silent) as fake:
        line = fails(fake.url("tcp"), "timeout", "first_echo", *ONE, "--timeout", "300ms")
        check("no reply within 0.3 s" in line, line)


@case("a reply of any length is let through only until the deadline of the trial")
def any_reply_without_end():
    with Fake(answers_websocket(huge_frame)) as fake:
        begin = time.monotonic()
        fails(fake.url("ws"), "timeout", "first_echo", *ONE, "--match", "any", "--timeout", "100ms",
              text="the trial took longer")
        lasted(begin, 2 * 1.1, 8, "seconds of two runs of 12 timeouts")


@case("poll bodies without end: named, soon")
def poll_without_end():
    def chunked():
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"1\r\nx\r\n"
            time.sleep(0.02)

    def sized():
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"
        while True:
            yield b"x"
            time.sleep(0.02)

    for pieces in [chunked, sized]:
        def handler(peer):
            peer.head()
            endless(peer, pieces())

        with Fake(handler) as fake:
            begin = time.monotonic()
            fails(fake.url("http") + "#polling", "timeout", "eio_open", *ONE, "--timeout", "300ms")
            lasted(begin, 0.6, SOON, "seconds of two runs")


@case("a server that answers no first echo is given up after three clients, and in other blocks")
def given_up():
    def handler(peer):
        accept(peer)
        peer.end()

    with Fake(handler) as fake:
        begin = time.monotonic()
        report = measure("connect", "--clients", 1000, "--blocks", 10, "--timeout", "200ms",
                         fake.url("ws"), code=1)
        lasted(begin, 0.6, SOON, "seconds")
        equal(figures(report, "ws")["clients_started"], 3, "clients")


@case("--time-limit ends every scenario, as a failure")
def time_limit():
    def slow(peer):
        accept(peer)
        while True:
            opcode, payload, _ = peer.frame()
            time.sleep(0.1)
            peer.send(frame(payload, opcode, mask=None))

    with Fake(slow) as fake:
        for scenario, options in [("connect", ["--clients", 1000]), ("roundtrip", ["--duration", "60s"]),
                                  ("throughput", ["--roundtrips", 1000]),
                                  ("rate", ["--rate", 5, "--duration", "60s"])]:
            begin = time.monotonic()
            report = measure(scenario, *options, "--time-limit", "1s", fake.url("ws"), code=1)
            lasted(begin, 0.9, SOON, "seconds of " + scenario)
            found = faults(report, "ws")
            check(any(f["status"] == "timeout" and "--time-limit" in str(f) for f in found),
                  "%s: %r" % (scenario, found))
            part = figures(report, "ws")
            check(part["tally"]["answered"] > 0, "%s: nothing was measured until then" % scenario)
            equal(part["broken_identities"], [], "identities of " + scenario)


# ---- send, one way ---------------------------------------------------------------------------------


def one_way(handler, scheme, name, code, *options):
    with Fake(handler) as fake:
        report = measure("send", "--duration", "50ms", "--timeout", "300ms", *options,
                         fake.url(scheme), code=code)
        return figures(report, name)


@case("send: a sink that answers nothing leaves it unproven")
def send_sink():
    def sink(peer):
        accept(peer)
        while True:
            opcode, _, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return

    with Fake(sink) as fake:
        arguments = ["send", "--duration", "50ms", "--depth", 500, "--timeout", "300ms", fake.url("ws")]
        part = figures(measure(*arguments, code=0), "ws")
        text = client(*arguments).out
    equal(part["one_way"]["proof"], "unproven", "proof")
    equal(part["one_way"]["accepted"], 500, "accepted")
    check("unproven" in text, "the table does not say it")


@case("send: raw TCP that answers nothing is unproven, too")
def send_raw_sink():
    part = one_way(silent, "tcp", "tcp", 0, "--depth", 500)
    equal(part["one_way"]["proof"], "unproven", "proof")


@case("send: a Socket.IO server that only acknowledges proves by the final ack")
def send_ack():
    def acks(peer):
        accept_session(peer)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return
            text = payload.decode()
            number = text[2:].partition("[")[0]
            if text.startswith("42") and number:
                say(peer, "43%s[]" % number)

    part = one_way(acks, "http", "sio", 0, "--depth", 300)
    equal(part["one_way"]["proof"], "final_ack", "proof")
    equal(part["one_way"]["proven"], 300, "proven")


main()

"""Proves that `wsio-client echo` returns every message with its type, whatever its size and its pieces,
ends as RFC 6455 says, and reports how."""

import os
import socket
import struct
import threading
import time

from pair import (
    BINARY, CLIENT, CLOSE, OPEN, PATIENCE, PING, PONG, TEXT, Fake, Result, accept,
    accept_session, case, check, client, ended, equal, finish, frame, interrupt, lasted, main,
    memory, say, started, until, within,
)

CONTINUATION = 0


def returned(peer):
    """Reads one whole message of the client: (opcode, payload, frames). A control frame is returned at once."""
    first, payload, fin = peer.frame()
    parts, frames = [payload], 1
    while not fin:
        opcode, payload, fin = peer.frame()
        equal(opcode, CONTINUATION, "opcode of a fragment")
        parts.append(payload)
        frames += 1
    return first, b"".join(parts), frames


def closing(code=1000):
    """Ends the handler properly."""
    def close(peer):
        peer.send(frame(struct.pack(">H", code) if code else b"", CLOSE, mask=None))
        opcode, payload, _ = peer.frame()
        equal((opcode, payload), (CLOSE, struct.pack(">H", code) if code else b""), "its Close")
    return close


def run(handler, code=0, *options, path="/", patience=PATIENCE):
    """Runs the client; a failure in the handler fails the test."""
    failures = []

    def guarded(peer):
        try:
            handler(peer)
        except BaseException as error:
            failures.append(error)
            raise

    with Fake(guarded) as fake:
        result = client("echo", *options, fake.url("ws", path), patience=patience)
    if failures:
        raise failures[0]
    return result.expect(code)


@case("echo: text and binary of every length that frames differently")
def lengths():
    def handler(peer):
        head = accept(peer)
        check(head.startswith(b"GET /runCase?case=1&agent=wsio HTTP/1.1\r\n"), head)
        check(b"X-A: b\r\n" in head and b"Origin: http://o\r\n" in head, head)
        for opcode in [TEXT, BINARY]:
            for size in [0, 1, 125, 126, 65535, 65536, 131072]:
                payload = b"x" * size
                peer.send(frame(payload, opcode, mask=None))
                equal(returned(peer), (opcode, payload, 1), "of %d bytes" % size)
        closing()(peer)

    result = run(handler, 0, "--header", "X-A: b", "--origin", "http://o",
                 path="/runCase?case=1&agent=wsio")
    equal((result.out, result.err), ("", ""), "output")


@case("echo: a message beyond that is streamed, and comes back whole")
def streamed():
    payload = os.urandom(1 << 20) * 16

    def handler(peer):
        accept(peer)
        writer = threading.Thread(target=peer.send, args=(frame(payload, BINARY, mask=None),))
        writer.start()
        opcode, data, _ = returned(peer)
        equal((opcode, data == payload), (BINARY, True), "16 MiB")
        writer.join()
        closing()(peer)

    run(handler)


@case("echo: fragments with pings between them; one message is answered before the next")
def fragments():
    def handler(peer):
        accept(peer)
        peer.send(frame(b"ab\xe2\x82", TEXT, fin=False, mask=None))
        peer.send(frame(b"mark", PING, mask=None))
        peer.send(frame(b"", CONTINUATION, fin=False, mask=None))
        peer.send(frame(b"\xac.", CONTINUATION, mask=None) + frame(b"next", BINARY, mask=None))
        seen, text = [], b""
        while len(seen) < 5:
            opcode, payload, fin = peer.frame()
            seen.append(opcode)
            if opcode == PONG:
                equal(payload, b"mark", "pong")
            elif opcode == BINARY:
                equal(payload, b"next", "the second message")
            else:
                text += payload
        equal(text, "ab€.".encode(), "the first message")
        equal(seen[-1], BINARY, "last")
        closing(4321)(peer)

    run(handler)


@case("echo: byte by byte, and all in one segment behind the handshake")
def pieces():
    def bytewise(peer):
        accept(peer)
        for byte in frame("grüß".encode(), TEXT, mask=None):
            peer.send(bytes([byte]))
        equal(returned(peer), (TEXT, "grüß".encode(), 1), "bytewise")
        closing(None)(peer)

    run(bytewise)

    def together(peer):
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        accept(peer)
        peer.send(frame(b"one", mask=None) + frame(b"two", mask=None))
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        equal(returned(peer)[1] + returned(peer)[1], b"onetwo", "together")
        closing()(peer)

    run(together)


@case("echo: its frames are masked, each with a key of its own")
def masked():
    keys = []

    def handler(peer):
        accept(peer)
        for _ in range(8):
            peer.send(frame(b"abcd", mask=None))
            head = peer.take(10)
            check(head[1] & 0x80, "not masked")
            keys.append(head[2:6])
        closing()(peer)

    run(handler)
    equal(len(set(keys)), 8, "different keys")


@case("echo: every fault gets its close code, messages before it are answered, exit 1")
def faults_of_the_server():
    rows = [
        (frame(b"x", TEXT, mask=b"\1\2\3\4"), 1002, "masked"),
        (frame(b"x", TEXT, reserved=4, mask=None), 1002, "reserved bits"),
        (frame(b"x", 3, mask=None), 1002, "a reserved opcode"),
        (frame(b"x", CONTINUATION, mask=None), 1002, "a continuation of nothing"),
        (frame(b"x", PING, fin=False, mask=None), 1002, "a fragmented ping"),
        (frame(b"x" * 126, PING, mask=None), 1002, "a long ping"),
        (frame(b"x", CLOSE, mask=None), 1002, "a Close of one byte"),
        (frame(struct.pack(">H", 1005), CLOSE, mask=None), 1002, "code 1005"),
        (frame(struct.pack(">H", 1000) + b"\xff", CLOSE, mask=None), 1007, "a reason"),
        (frame(b"a\xff", TEXT, mask=None), 1007, "bad UTF-8"),
        (frame(b"\xce\xba\xff" + b"x" * 50, TEXT, mask=None)[:5], 1007, "at its first octet"),
    ]
    for bad, code, what in rows:
        def handler(peer):
            accept(peer)
            peer.send(frame(b"whole", mask=None) + bad)
            equal(returned(peer), (TEXT, b"whole", 1), "before " + what)
            equal(peer.close_code(), code, what)
            peer.socket.shutdown(socket.SHUT_WR)
            peer.end()

        result = run(handler, 1)
        check(result.err.startswith("wsio-client: ") and result.err.count("\n") == 1, result.err)


@case("echo: no clean close: the stream ends, no server, no WebSocket, silence")
def not_clean():
    def cut(peer):
        accept(peer)
        peer.send(frame(b"x", mask=None))
        returned(peer)

    run(cut, 1).complaint(1, "closed by the peer")

    def refuses(peer):
        peer.head()
        peer.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        peer.end()

    run(refuses, 1).complaint(1, "404")
    begin = time.monotonic()
    run(lambda peer: peer.end(), 1, "--timeout", "200ms").complaint(1, "timed out")
    lasted(begin, 0.2, 2, "seconds")
    client("echo", "ws://127.0.0.1:1/").complaint(1, "127.0.0.1:1", "refused")
    client("echo", "ws://no.such.name.invalid/").complaint(1, "no.such.name.invalid")
    client("echo", "tcp://127.0.0.1:1").complaint(2, "ws://")
    client("echo").complaint(2, "one target")


@case("echo: after the handshake silence may last; the first signal sends 1001")
def interrupted():
    met = threading.Event()
    codes = []

    def handler(peer):
        accept(peer)
        met.set()
        codes.append(peer.close_code())
        finish(peer)

    with Fake(handler) as fake:
        process = started([*CLIENT, "echo", "--timeout", "100ms", fake.url("ws")])
        check(met.wait(PATIENCE), "no connection")
        time.sleep(0.2)
        equal(process.poll(), None, "still there")
        interrupt(process)
        Result(*ended(process)).expect(130)
    equal(codes, [1001], "close codes")


@case("echo: a server that reads late gets everything; memory stays bounded")
def late_reader():
    chunk = frame(b"y" * 1000000, BINARY, mask=None)
    count = 160
    peak = []
    sent = []

    def send_all(peer):
        for _ in range(count):
            peer.send(chunk)
            sent.append(time.monotonic())

    def handler(peer):
        accept(peer)
        sender = threading.Thread(target=send_all, args=(peer,))
        sender.start()
        until(lambda: sent and time.monotonic() - sent[-1] > 0.3, "the sender's block")
        within(len(sent), 20, 100, "megabytes sent before it is blocked")
        peak.append(memory(process.pid))
        total = 0
        while total < count * 1000000:
            total += len(peer.frame()[1])
        sender.join()
        closing()(peer)

    with Fake(handler) as fake:
        process = started([*CLIENT, "echo", fake.url("ws")])
        Result(*ended(process, 30)).expect(0)
    check(peak, "the sender was never blocked")
    within(peak[0], 1, 120e6, "resident bytes")


@case("echo: Socket.IO events come back, with acks and attachments")
def socketio():
    def handler(peer):
        accept_session(peer)
        say(peer, '42["message","hi",{"a":[1,2]}]')
        equal(peer.text(), '42["message","hi",{"a":[1,2]}]', "event")
        say(peer, '427["sum",1,2]')
        equal(peer.text(), "437[1,2]", "ack")
        say(peer, "2")
        equal(peer.text(), "3", "pong")
        say(peer, '451-["b",{"_placeholder":true,"num":0}]')
        peer.send(frame(b"\0\1\2" * 100000, BINARY, mask=None))
        equal(peer.text(), '451-["b",{"_placeholder":true,"num":0}]', "header")
        equal(peer.frame()[:2], (BINARY, b"\0\1\2" * 100000), "attachment")
        closing()(peer)

    with Fake(handler) as fake:
        client("echo", fake.url("http")).expect(0)

    def refuses(peer):
        accept(peer)
        say(peer, OPEN)
        peer.text()
        say(peer, '44{"message":"no"}')
        peer.close_code()
        finish(peer)

    with Fake(refuses) as fake:
        client("echo", fake.url("http")).complaint(1, "no")


main()

"""Proves that a peer which breaks the rules gets its close code or status and is counted, and that no other
peer notices."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import struct
import threading
import time

from pair import (
    BINARY, CLIENT, CLOSE, PING, PONG, TEXT, Peer, Result, Server, Skip, case, check, client,
    descriptors, ended, equal, figures, frame, interrupt, lasted, main, measure, memory,
    sanitized, started, terminate, until, upgrade, within, on_wine, SERVER,
)


def still_well(server):
    """Proves that a good client of each kind is served undisturbed."""
    report = measure("throughput", "--clients", 4, "--roundtrips", 2, *server.urls)
    for name in ["tcp", "ws", "sio"]:
        equal(figures(report, name)["tally"]["answered"], 8, "answers of a good client on " + name)


class Good:
    """A client that measures all the time while others misbehave; its end must be clean."""

    def __init__(self, server):
        arguments = ["--duration", "20s", "--timeout", "2s", "--json", "-", server.url("ws")]
        self.process = started([*CLIENT, "roundtrip", *arguments])
        self.server = server

    def messages(self):
        return self.server.stats()["websocket_messages"]

    def __enter__(self):
        until(lambda: self.messages() > 100, "the good client's messages")
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            return
        so_far = self.messages()
        until(lambda: self.messages() > so_far + 100, "more of them: it is stalled")
        interrupt(self.process)
        run = Result(*ended(self.process)).expect(130)
        parts = [p for t in run.json["targets"] for p in t["scenarios"].values()]
        check(sum(p["tally"]["answered"] for p in parts) > 100, "the good client got too little")
        for part in parts:
            check(part["tally"]["wrong"] + part["tally"]["unexpected"] == 0, "wrong: %r" % part["tally"])
            equal([f for f in part["failures"] if f["status"] != "stopped"], [], "failures")


# ---- HTTP ----------------------------------------------------------------------------------------


def status_of(server, data, half_close=False):
    """Sends one request and reads to the end of the stream: (status, head, body)."""
    with Peer.to(server.port) as peer:
        peer.send(data)
        if half_close:
            peer.socket.shutdown(socket.SHUT_WR)
        head, _, body = peer.end().partition(b"\r\n\r\n")
        check(head.startswith(b"HTTP/1.1 "), "no answer to %.60r: %r" % (data, head))
        return int(head.split()[1]), head.decode("latin-1"), body


@case("heads: garbage 400, too large 431, another version 505")
def heads():
    with Server("--max-head", "2048") as server, Good(server):
        for data, status in [
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n" * 2, 400),
            (b"hello\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100 + b"\r\n", 431),
        ]:
            equal(status_of(server, data)[0], status, "status of %.40r" % data)
        faults = server.stats()["faults"]
        check(sum(faults.values()) == 8, "faults counted: %r" % faults)
        still_well(server)


@case("heads: one that never ends, and no byte at all: 408 after --handshake-timeout")
def head_timeout():
    with Server("--handshake-timeout", "300") as server, Good(server):
        for data in [b"GET / HTTP/1.1\r\nHost: a\r\n", b"G", b""]:
            begin = time.monotonic()
            equal(status_of(server, data)[0], 408, "status")
            lasted(begin, 0.29, 0.6, "seconds")
        with Peer.to(server.port) as peer:  # a byte now and then does not prolong it
            begin = time.monotonic()
            for byte in b"GET / HTTP/1.1\r\n":
                try:
                    peer.send(bytes([byte]))
                except OSError:
                    break
                time.sleep(0.03)
            check(b" 408 " in peer.end(), "no 408")
            lasted(begin, 0.29, 0.8, "seconds of a slow head")
        equal(server.fault("timeout"), 4, "timeouts")


@case("requests: pages, keep-alive, one byte at a time, other methods")
def pages():
    with Server() as server:
        equal(server.get("/healthz")[0], 200, "/healthz")
        equal(server.get("/nothing")[0], 404, "no page and no handshake")
        status, headers, body = server.get("/stats")
        equal((status, headers["Content-Type"]), (200, "application/json"), "/stats")
        json.loads(body)
        with Peer.to(server.port) as peer:
            for _ in range(3):
                for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n":
                    peer.send(bytes([byte]))
                check(peer.head().startswith(b"HTTP/1.1 200 "), "a page over a kept connection")
                equal(peer.take(3), b"ok\n", "body")
            peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
            for _ in range(20):
                check(peer.head().startswith(b"HTTP/1.1 200 "), "pipelined")
                equal(peer.take(3), b"ok\n", "body")
        equal(status_of(server, b"GET /healthz HTTP/1.0\r\n\r\n")[0], 200, "HTTP/1.0")
        check(server.get("/healthz", "POST")[0] in (404, 405), "POST")
        for path, status in [("/healthz", 200), ("/stats", 200), ("/", 404)]:
            found, headers, body = server.get(path, "HEAD")
            equal((found, body), (status, b""), "HEAD " + path)
            check(int(headers["Content-Length"]) > 2, "the length that GET has: %r" % headers)
        for path in ["/socket.io/?EIO=4&transport=polling", "/engine.io/"]:
            equal(server.get(path, "HEAD")[0], 400 if "socket" in path else 404, "HEAD " + path)


@case("heads: 16 KiB by default, as node takes them; 431 beyond")
def long_heads():
    with Server() as server:
        for path, status in [("/healthz", 200), ("/socket.io/?EIO=4&transport=polling", 200)]:
            for size, found in [(16384, status), (16385, 431)]:
                head = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: " % path
                head += "c" * (size - len(head) - 4) + "\r\n\r\n"
                equal(status_of(server, head.encode())[0], found, "a head of %d bytes" % size)
        path = upgrade("/", "Cookie: %s\r\n" % ("c" * 15000))
        with Peer.to(server.port) as peer:  # a head that two reads bring
            peer.send(path[:9000])
            time.sleep(0.05)
            peer.send(path[9000:] + frame(b"hi"))
            check(b" 101 " in peer.head(), "a long handshake")
            equal(peer.frame(), (TEXT, b"hi", True), "its echo")


@case("an offer of HTTP/2 is ignored by pages and polls; elsewhere it is no WebSocket: 426")
def http2_offers():
    offer = ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
             "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n")
    with Server() as server:
        for path, status in [("/healthz", 200), ("/stats", 200), ("/", 426),
                             ("/socket.io/?EIO=4&transport=polling", 200)]:
            equal(status_of(server, (offer % path).encode(), half_close=True)[0], status, path)
        with Peer.to(server.port) as peer:
            peer.send((offer % "/healthz").encode() * 2)
            for _ in range(2):
                check(peer.head().startswith(b"HTTP/1.1 200 "), "the connection is kept")
                equal(peer.take(3), b"ok\n", "body")


@case("Host: there once; on a loopback address it names the loopback or a --host, else 403")
def hosts():
    page = "GET /healthz HTTP/1.1\r\n%s\r\n"

    def judged(server, host):
        evil = "Origin: http://%s\r\n" % host  # a page that was loaded from there
        found = {status_of(server, text.encode(), half_close=True)[0] for text in [
            page % ("Host: %s\r\n" % host),
            upgrade("/", evil, host=host).decode(),
            upgrade("/broadcast", evil, host=host).decode(),
            upgrade("/socket.io/?EIO=4&transport=websocket", evil, host=host).decode(),
            "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (host, evil),
        ]}
        return "refused" if found == {403} else "served" if found == {101, 200} else found

    with Server() as server:
        equal(status_of(server, (page % "").encode(), half_close=True)[0], 400, "no Host")
        twice = page % "Host: localhost\r\nHost: localhost\r\n"
        equal(status_of(server, twice.encode(), half_close=True)[0], 400, "two")
        for host in ["localhost", "localhost:%d" % server.port, "127.0.0.1:9", "[::1]:80", "LOCALHOST"]:
            equal(judged(server, host), "served", host)
        for host in ["evil.example", "evil.example:%d" % server.port, "192.0.2.1", "127.0.0.1.nip.io"]:
            equal(judged(server, host), "refused", host)
        _, _, body = status_of(server, (page % "Host: evil.example\r\n").encode(), half_close=True)
        check(b"--host" in body, "the reason: %r" % body)
    with Server("--host", "lab.example") as server:
        equal(judged(server, "lab.example:80"), "served", "a listed name")
        equal(judged(server, "localhost"), "served", "localhost beside it")
        equal(judged(server, "evil.example"), "refused", "another")


def handshake_status(server, path="/", without=None, replace=None, extra="", method="GET"):
    text = upgrade(path, extra).decode()
    lines = [line for line in text.split("\r\n") if without is None or not line.startswith(without)]
    text = "\r\n".join(lines).replace("GET", method, 1)
    if replace:
        text = text.replace(*replace)
    return status_of(server, text.encode(), half_close=True)


@case("handshakes: a field that is missing or wrong gets 400, 405 or 426")
def handshakes():
    with Server() as server:
        for field in ["Upgrade", "Connection", "Sec-WebSocket-Key"]:
            status, _, _ = handshake_status(server, without=field)
            check(status in (400, 404, 426), "without %s: %d" % (field, status))
        equal(handshake_status(server, without="Host")[0], 400, "without Host")
        status, head, _ = handshake_status(server, replace=("Version: 13", "Version: 8"))
        equal(status, 426, "version 8")
        check("Sec-WebSocket-Version: 13" in head, "no version in %r" % head)
        for key in ["short", "dGhlIHNhbXBsZSBub25jZQ=", "!GhlIHNhbXBsZSBub25jZQ=="]:
            equal(handshake_status(server, replace=("dGhlIHNhbXBsZSBub25jZQ==", key))[0], 400, key)
        equal(handshake_status(server, method="POST")[0], 405, "POST")
        for body, status in [("Content-Length: 5", 400), ("Transfer-Encoding: chunked", 400),
                             ("Content-Length: 0", 101)]:
            for path in ["/", "/socket.io/?EIO=4&transport=websocket"]:
                equal(handshake_status(server, path, extra=body + "\r\n")[0], status, body)
        for change in [("Upgrade: websocket", "upgrade: WebSocket"),
                       ("Connection: Upgrade", "Connection: keep-alive, UPGRADE")]:
            equal(handshake_status(server, replace=change)[0], 101, "%r" % (change,))
        _, head, _ = handshake_status(
            server, extra="Sec-WebSocket-Extensions: permessage-deflate\r\n")
        check("xtensions" not in head, "an extension is accepted")


@case("subprotocols: the first one offered, or the first one that is listed")
def subprotocols():
    def chosen(server, offer, path):
        status, head, _ = handshake_status(server, path, extra="Sec-WebSocket-Protocol: %s\r\n" % offer)
        lines = [line.partition(": ")[2] for line in head.split("\r\n") if "-Protocol" in line]
        return lines if status == 101 else status

    for options, cases in [
        ([], [("chat, v2", ["chat"]), ("a b", 400), ("", 400), ("x" * 4096, ["x" * 4096]),
              ("x" * 4097, 400)]),
        (["--subprotocol", "v2", "--subprotocol", "v1"], [("chat, v1, v2", ["v1"]), ("chat", [])]),
    ]:
        with Server(*options) as server:
            for offer, want in cases:
                for path in ["/", "/broadcast", "/socket.io/?EIO=4&transport=websocket"]:
                    equal(chosen(server, offer, path), want, "%.20s on %s" % (offer, path))


@case("Socket.IO requests: code and JSON of each error, in the order of engine.io")
def engine_errors():
    texts = ["Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request",
             "Forbidden", "Unsupported protocol version"]
    with Server() as server:
        for method, query, code in [
            ("GET", "", 0), ("GET", "EIO=4", 0), ("GET", "EIO=4&transport=tcp", 0),
            ("GET", "EIO=4&transport=webtransport", 0),
            ("GET", "EIO=4&transport=websocket&sid=abc", 1),
            ("POST", "EIO=4&transport=websocket&sid=abc", 1),
            ("POST", "EIO=4&transport=websocket", 2), ("OPTIONS", "EIO=4&transport=websocket", 2),
            ("GET", "EIO=4&transport=websocket", 3), ("GET", "EIO=4&transport=websocket&sid=", 3),
        ]:
            status, headers, body = server.get("/socket.io/?" + query, method)
            what = "%s ?%s" % (method, query)
            equal(status, 400, "status of " + what)
            equal(headers["Content-Type"], "application/json", "type of " + what)
            equal(json.loads(body), {"code": code, "message": texts[code]}, what)
        for query, text in [("EIO=3&transport=websocket", texts[5]), ("transport=websocket", texts[5]),
                            ("EIO=4&transport=websocket&sid=abc", texts[1]), ("EIO=4", texts[0])]:
            status, _, body = handshake_status(server, "/socket.io/?" + query)
            equal((status, body.decode()), (400, text), "upgrade of ?" + query)
        equal(server.get("/socket.io?EIO=4&transport=websocket")[0], 404, "without the slash")
        query = "/socket.io/xyz?t=1&EIO=4&b64=1&transport=%77ebsocket&x"
        equal(handshake_status(server, query)[0], 101, "other parameters, escapes, a longer path")
        equal(server.stats()["requests_refused"], 15, "refusals counted")


@case("Origin: equal to Host, or listed; refused with 403")
def origins():
    session = "/socket.io/?EIO=4&transport=websocket"
    with Server() as server:
        for origin, status in [("http://127.0.0.1", 101), ("http://127.0.0.1:80", 101),
                               ("https://127.0.0.1", 101), ("http://evil.example", 403),
                               ("http://127.0.0.1:9000", 403), ("null", 403), ("127.0.0.1", 403)]:
            for path in ["/", session]:
                found, _, body = handshake_status(server, path, extra="Origin: %s\r\n" % origin)
                equal(found, status, "Origin %s on %s" % (origin, path))
                if status == 403 and path == session:
                    equal(json.loads(body), {"code": 4, "message": "Forbidden"}, "body")
        client("connect", "--clients", 1, "--origin", "http://evil.example", server.url("ws")).expect(1)
    with Server("--origin", "http://a.example", "--origin", "null") as server:
        for origin, status in [("http://a.example", 101), ("null", 101), ("http://127.0.0.1", 403)]:
            equal(handshake_status(server, extra="Origin: %s\r\n" % origin)[0], status, origin)


# ---- Frames ----------------------------------------------------------------------------------------

LONG = b"\x88\xff" + b"\x00" * 7
BAD_FRAMES = [
    # name, bytes, close code, counted as
    ("not masked", frame(b"hi", mask=None), 1002, "ws_mask"),
    ("reserved bit 1", frame(b"hi", reserved=4), 1002, "ws_reserved_bits"),
    ("reserved bit 3", frame(b"hi", reserved=1), 1002, "ws_reserved_bits"),
    ("opcode 3", frame(b"hi", 3), 1002, "ws_opcode"),
    ("opcode 15", frame(b"", 15), 1002, "ws_opcode"),
    ("length 5 in 16 bits", b"\x81\xfe\x00\x05" + b"\0" * 9, 1002, "ws_length"),
    ("length 5 in 64 bits", b"\x81\xff" + struct.pack(">Q", 5) + b"\0" * 9, 1002, "ws_length"),
    ("length above 63 bits", b"\x82\xff" + b"\xff" * 8 + b"\0" * 4, 1002, "ws_length"),
    ("a long ping", frame(b"x" * 126, PING), 1002, "ws_control"),
    ("half a ping", frame(b"x", PING, fin=False), 1002, "ws_control"),
    ("half a close", frame(b"", CLOSE, fin=False), 1002, "ws_control"),
    ("a continuation of nothing", frame(b"x", 0), 1002, "ws_sequence"),
    ("a start inside", frame(b"x", fin=False) + frame(b"y"), 1002, "ws_sequence"),
    ("a close of one byte", frame(b"\x03", CLOSE), 1002, "ws_close_length"),
    ("close code 1005", frame(b"\x03\xed", CLOSE), 1002, "ws_close_code"),
    ("close code 999", frame(b"\x03\xe7", CLOSE), 1002, "ws_close_code"),
    ("close code 5000", frame(b"\x13\x88", CLOSE), 1002, "ws_close_code"),
    ("a close reason", frame(b"\x03\xe8\xff", CLOSE), 1007, "utf8"),
    ("text", frame(b"\xc3\x28"), 1007, "utf8"),
    ("a cut text", frame(b"abc\xe2\x82"), 1007, "utf8"),
    ("a surrogate", frame(b"\xed\xa0\x80"), 1007, "utf8"),
    ("text across fragments", frame(b"\xe2", fin=False) + frame(b"\x28\xa1", 0), 1007, "utf8"),
]


@case("frames: each fault gets its close code and is counted by kind")
def bad_frames():
    with Server() as server, Good(server):
        counted = {}
        for name, data, code, kind in BAD_FRAMES:
            for path in ["/", "/socket.io/?EIO=4&transport=websocket"]:
                with Peer.websocket(server.port, path) as peer:
                    if path != "/":
                        peer.frame()
                    peer.send(data)
                    peer.closes_with(code, name)
                counted[kind] = counted.get(kind, 0) + 1
        equal(server.stats()["faults"], counted, "faults")
        still_well(server)


@case("frames: messages complete before a fault are answered first")
def answered_before_fault():
    with Server() as server:
        with Peer.websocket(server.port) as peer:
            peer.send(frame(b"one") + frame(b"two", BINARY) + frame(b"\xff"))
            equal(peer.frame(), (TEXT, b"one", True), "the first")
            equal(peer.frame(), (BINARY, b"two", True), "the second")
            peer.closes_with(1007, "both")


@case("text: fails at the bad byte, before its frame or message ends")
def fails_early():
    with Server() as server:
        for declared in [1000, 100000, 1 << 20, 1 << 40]:
            with Peer.websocket(server.port) as peer:
                peer.send(frame(b"good \xff", length=declared))
                peer.closes_with(1007, "a bad byte of a frame of %d" % declared)
        with Peer.websocket(server.port) as peer:
            peer.send(frame(b"\xf0\x9f", fin=False) + frame(b"x", PING))
            equal(peer.frame(), (TEXT, b"\xf0\x9f", False), "the fragment, which may go on well")
            equal(peer.frame()[:2], (PONG, b"x"), "a ping between")
            peer.send(frame(b"\x98\x80 \xc0", 0, length=10, fin=False))
            equal(peer.close_code(), 1007, "the next one does not")


@case("echo: control frames between fragments, lengths of all forms, byte by byte")
def good_frames():
    with Server() as server:
        with Peer.websocket(server.port) as peer:
            for size in [0, 1, 125, 126, 127, 65535, 65536, 131072]:
                payload = os.urandom(size)
                peer.send(frame(payload, BINARY))
                equal(peer.frame(), (BINARY, payload, True), "echo of %d bytes" % size)
            peer.send(frame(b"a", fin=False) + frame(b"ping", PING) + frame(b"b", 0))
            got = [peer.frame() for _ in range(3)]
            check((PONG, b"ping", True) in got, "no pong in %r" % got)
            for byte in frame("Grüße".encode()):
                peer.send(bytes([byte]))
            while True:
                opcode, payload, _ = peer.frame()
                if payload == "Grüße".encode():
                    break
            peer.send(frame(b"", PONG) + frame(struct.pack(">H", 3000) + b"bye", CLOSE))
            equal(peer.close_code(), 3000, "the close code comes back")
            equal(peer.end(), b"", "after it")
        equal(server.stats()["faults"], {}, "faults")


@case("echo: 16 MiB in one frame, and in 64-byte fragments, in bounded memory")
def large_messages():
    with Server() as server:
        before = memory(server.pid)
        head = frame(b"", BINARY, length=1 << 24)
        with Peer.websocket(server.port) as peer:
            receive_all(peer, [head] + [b"z" * 65536] * 256, 1 << 24)
        piece = b"".join(frame(b"y" * 64, 0, fin=False) for _ in range(1024))
        with Peer.websocket(server.port) as peer:
            receive_all(peer, [frame(b"", BINARY, fin=False)] + [piece] * 64 + [frame(b"", 0)], 1 << 22)
        if not sanitized():
            within(memory(server.pid) - before, -(1 << 30), 8 << 20, "growth in bytes")


def receive_all(peer, chunks, total):
    """Sends while it receives; counts the payload of one message that comes back."""
    def send():
        for chunk in chunks:
            peer.send(chunk)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    got, last = 0, False
    while not last:
        _, payload, last = peer.frame()
        got += len(payload)
    equal(got, total, "bytes that came back")
    thread.join(5)


# ---- Socket.IO packets -------------------------------------------------------------------------------


@case("Socket.IO: unknown namespaces get 44, the session stays")
def unknown_namespace():
    with Server("--namespace", "/one") as server:
        with Peer.session(server.port, join=False) as peer:
            for name in ["/random", "/custom", "/one?x=1"]:
                peer.send_text("40" + name + ",")
                equal(peer.text(), '44%s,{"message":"Invalid namespace"}' % name, name)
            peer.send_text("40/one")
            check(peer.text().startswith('40/one,{"sid":"'), "no CONNECT of /one")
            peer.send_text('42/one,7["a",{"b": [1, 2]}]')
            equal(peer.text(), '43/one,7[{"b": [1, 2]}]', "ack")
            peer.send_text("40")
            check(peer.text().startswith('40{"sid":"'), "no CONNECT of /")
            peer.send_text('42["hi"]')
            equal(peer.text(), '42["hi"]', "echo")
            peer.send_text("41/one,")
            peer.send_text('42["still"]')
            equal(peer.text(), '42["still"]', "echo after leaving the other")


BAD_PACKETS = ["4", "9", "x", "", "2", "4z", "47", "42{}", '42"a"', "42[1", '42["a"', "42[]", '42["connect"]',
               '42["disconnect",1]', "43[", '44{"message":"x"}', '45["a"]', '450-["a"]',
               '4511-["a",{"_placeholder":true,"num":0}]', '42/one,["a"]', "41/one", "43/one,1[]",
               "41{}", "40", "40[]"]


@case("Socket.IO: a breach of the protocol closes the session with an empty Close")
def bad_packets():
    with Server("--namespace", "/one") as server, Good(server):
        for packet in BAD_PACKETS:
            with Peer.session(server.port) as peer:
                peer.send_text(packet)
                peer.closes_with(None, "%r" % packet)
        with Peer.session(server.port, join=False) as peer:
            peer.send_text('42["a"]')
            peer.closes_with(None, "an event before CONNECT")
        with Peer.session(server.port) as peer:
            peer.send_text("41")
            peer.send_text('42["a"]')
            peer.closes_with(None, "an event after DISCONNECT")
        with Peer.session(server.port) as peer:
            peer.send(frame(b"abc", BINARY))
            peer.closes_with(None, "an attachment of nothing")
        with Peer.session(server.port) as peer:
            peer.send_text('451-["a",{"_placeholder":true,"num":0}]')
            peer.send_text('42["b"]')
            peer.closes_with(None, "a text while an attachment is due")
        faults = server.stats()["faults"]
        equal(sum(faults.values()), len(BAD_PACKETS) + 4, "faults %r" % faults)


@case("Socket.IO: too much in one packet is 1009, at its declaration and in endless fragments")
def too_big():
    with Server("--max-message", "10000") as server, Good(server):
        with Peer.session(server.port) as peer:
            peer.send(frame(b"42", length=10001))
            peer.closes_with(1009, "a declared length of 10001")
        with Peer.session(server.port) as peer:
            peer.send(frame(b'42["a","', fin=False))
            try:
                for _ in range(100):
                    peer.send(frame(b"b" * 200, 0, fin=False))
            except ConnectionError:
                pass
            equal(peer.close_code(), 1009, "close code of endless fragments")
        with Peer.session(server.port) as peer:
            peer.send_text('452-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
            peer.send(frame(b"b" * 6000, BINARY) + frame(b"b" * 6000, BINARY))
            peer.closes_with(1009, "attachments that are too big together")
        with Peer.session(server.port) as peer:
            text = '42["' + "a" * (10000 - 6) + '"]'
            peer.send_text(text)
            equal(peer.text(), text, "a packet of the limit itself")
        equal(server.fault("too_big"), 3, "counted")


@case("Socket.IO: binary attachments come back; acks with them")
def attachments():
    with Server() as server:
        with Peer.session(server.port) as peer:
            head = '452-["a",{"_placeholder":true,"num":1},{"x":{"_placeholder":true,"num":0}}]'
            peer.send_text(head)
            peer.send(frame(b"\x00\x01", BINARY) + frame(b"", BINARY))
            equal(peer.text(), head, "head")
            equal([peer.frame()[:2] for _ in range(2)], [(BINARY, b"\x00\x01"), (BINARY, b"")], "bytes")
            peer.send_text('451-12["a",{"_placeholder":true,"num":0}]')
            peer.send(frame(b"zz", BINARY))
            equal(peer.text(), '461-12[{"_placeholder":true,"num":0}]', "ack")
            equal(peer.frame()[1], b"zz", "its attachment")


# ---- Time --------------------------------------------------------------------------------------------


@case("heartbeat: pings at --ping-interval after open and after each pong; silence closes")
def heartbeat():
    with Server("--ping-interval", 300, "--ping-timeout", 200) as server:
        with Peer.session(server.port) as peer:
            equal((peer.opened["pingInterval"], peer.opened["pingTimeout"]), (300, 200), "open packet")
            begin = time.monotonic()
            for beat in [1, 2]:
                equal(peer.text(), "2", "ping")
                lasted(begin, 0.28, 0.36, "seconds to ping %d" % beat)
                peer.send_text("3")
                begin = time.monotonic()
            equal(peer.text(), "2", "ping")
            peer.closes_with(None, "silence")
            lasted(begin, 0.48, 0.6, "seconds from the last pong to close: 300 to a ping, 200 of silence")
        equal(server.fault("ping_timeout"), 1, "counted")
        equal(server.stats()["heartbeats"], 2, "heartbeats")
        report = measure("roundtrip", "--duration", "800ms", "--depth", 1, server.url("sio"))
        equal(figures(report, "sio")["tally"]["heartbeats"], 2, "the client's heartbeats")


@case("connect timeout: a session that joins nothing is closed")
def connect_timeout():
    with Server("--connect-timeout", 200) as server:
        with Peer.session(server.port, join=False) as idle, Peer.session(server.port) as joined:
            begin = time.monotonic()
            idle.closes_with(None, "no CONNECT")
            lasted(begin, 0.15, 0.3, "seconds")
            joined.send_text('42["hi"]')
            equal(joined.text(), '42["hi"]', "echo of the one that has joined")
        equal(server.fault("connect_timeout"), 1, "counted")


@case("idle timeout: a peer that sends nothing is closed; 0: never")
def idle_timeout():
    with Server("--idle-timeout", 200) as server:
        with Peer.websocket(server.port) as peer, Peer.to(server.tcp_port) as raw:
            begin = time.monotonic()
            peer.close_code()
            raw.end()
            lasted(begin, 0.15, 0.4, "seconds")


# ---- Peers that do not read or answer -----------------------------------------------------------------------


def pour(peer, data, patience=0.4):
    """Sends until the peer takes nothing for a while; returns the number of bytes taken."""
    peer.socket.settimeout(patience)
    taken = 0
    try:
        while taken < 64 << 20:
            taken += peer.socket.send(data)
    except OSError:  # nothing is taken any more, or the end
        pass
    return taken


@case("peers that never read: bounded memory, and the others go on")
def never_reads():
    with Server() as server:
        before = memory(server.pid)
        with Good(server):
            for kind in ["raw", "frames", "events"]:
                if kind == "raw":
                    peer = Peer.to(server.tcp_port, receive_buffer=4096)
                    data = b"x" * 65536
                elif kind == "frames":
                    peer = Peer.websocket(server.port, receive_buffer=4096)
                    data = frame(b"x" * 1000, BINARY) * 60
                else:
                    peer = Peer.session(server.port)
                    data = frame(b'42["a","' + b"x" * 1000 + b'"]') * 60
                with peer:
                    taken = pour(peer, data)
                    check(taken < 32 << 20, "%s: %d bytes taken" % (kind, taken))
            still_well(server)
        if not sanitized():
            within(memory(server.pid) - before, -(1 << 30), 24 << 20, "growth in bytes")


@case("300 idle connections of each kind, and resets: others do not notice, no descriptor leaks")
def many_idle():
    with Server() as server:
        start = descriptors(server.pid)
        before = memory(server.pid)
        with Good(server):
            peers = [Peer.to(server.port) for _ in range(100)]
            peers += [Peer.websocket(server.port) for _ in range(100)]
            peers += [Peer.session(server.port) for _ in range(100)]
            peers += [Peer.to(server.tcp_port) for _ in range(100)]
            until(lambda: server.stats()["loop"]["open"] >= 401, "400 open connections")
            if not sanitized():
                within(memory(server.pid) - before, 0, 4 << 20, "growth in bytes")
            for index, peer in enumerate(peers):
                if index % 3 == 0:
                    peer.reset()
                else:
                    peer.socket.close()
        until(lambda: descriptors(server.pid) <= start, "the descriptors of the start")
        equal(server.stats()["loop"]["open"], 1, "open, with the one that asks")
        still_well(server)


@case("abrupt ends: in a head, a frame, a close, a message half sent")
def abrupt():
    with Server() as server:
        start = descriptors(server.pid)
        with Good(server):
            for data in [b"GET / HT", frame(b"hello", length=100), frame(b"x" * 70000, BINARY)[:69000],
                         frame(b"a", fin=False), frame(b"", CLOSE)[:1]]:
                for way in ["reset", "close", "half"]:
                    if data.startswith(b"GET"):
                        peer = Peer.to(server.port)
                    else:
                        peer = Peer.websocket(server.port)
                    peer.send(data)
                    if way == "reset":
                        peer.reset()
                    elif way == "half":
                        peer.socket.shutdown(socket.SHUT_WR)
                        peer.end()
                    peer.socket.close()
        until(lambda: descriptors(server.pid) <= start, "the descriptors of the start")
        still_well(server)


@case("half-close: messages sent before it are still answered")
def half_close():
    with Server() as server:
        with Peer.to(server.tcp_port) as peer:
            peer.send(b"all of this")
            peer.socket.shutdown(socket.SHUT_WR)
            equal(peer.end(), b"all of this", "raw echo")
        with Peer.websocket(server.port) as peer:
            peer.send(frame(b"hi"))
            peer.socket.shutdown(socket.SHUT_WR)
            check(peer.end().startswith(b"\x81\x02hi"), "the frame is not answered")


@case("--max-clients: one client too many waits or is turned away; a place that gets free is used")
def max_clients():
    with Server("--max-clients", 3) as server:
        peers = [Peer.websocket(server.port) for _ in range(3)]
        extra = Peer.to(server.port)
        extra.send(upgrade())
        time.sleep(0.1)
        for peer in peers[:2]:
            peer.send(frame(b"", CLOSE))
            peer.end()
            peer.socket.close()
        with Peer.websocket(server.port) as peer:
            peer.send(frame(b"hi"))
            equal(peer.frame(), (TEXT, b"hi", True), "echo")
        extra.socket.close()
        peers[2].socket.close()


@case("SIGSTOP while pongs are on their way: none of 600 sessions is dropped, the pause is counted")
def paused():
    if not hasattr(signal, "SIGSTOP"):
        raise Skip("this system cannot stop a process")
    # The first session must still have time for its pong when the last one has its ping: Wine takes seconds
    # to open them all.
    timeout = 8 if on_wine(SERVER) else 1
    with Server("--ping-interval", 1500, "--ping-timeout", timeout * 1000) as server:
        sessions = [Peer.session(server.port) for _ in range(600)]  # more than the rows of one wait
        with contextlib.ExitStack() as stack:
            for session in sessions:
                stack.enter_context(session)
            for session in sessions:
                equal(session.text(), "2", "ping")
            equal(server.stats()["faults"].get("ping_timeout", 0), 0, "sessions dropped before the pause")
            os.kill(server.process.pid, signal.SIGSTOP)
            for session in sessions:
                session.send_text("3")
            time.sleep(timeout + 1)
            os.kill(server.process.pid, signal.SIGCONT)
            time.sleep(0.1)
            stats = server.stats()
            equal(stats["faults"].get("ping_timeout", 0), 0, "sessions dropped")
            check(stats["loop"]["pauses"] >= 1, "the pause is not counted")


@case("keepalive: what is accepted has it, so that a peer whose machine is gone ends at last")
def keepalive():
    if on_wine(SERVER) or not os.path.exists("/proc/net/tcp"):
        raise Skip("only Linux shows the timers of sockets")

    def timers(port):
        rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
        return [row[5][:2] for row in rows if row[1].endswith(":%04X" % port) and row[3] == "01"]

    with Server() as server:
        with Peer.websocket(server.port) as peer, Peer.to(server.tcp_port) as raw:
            for end, port in [(peer, server.port), (raw, server.tcp_port)]:
                end.send(frame(b"hi"))
                end.take(1)
                until(lambda: timers(port) == ["02"], "the timer of keepalive")


# ---- Attacks: `make attack` has all of them, with figures ---------------------------------------------


ROOM = b'40\x1e42["join","crowded"]'


def poll(method, sid="", body=b""):
    target = "/socket.io/?EIO=4&transport=polling" + ("&sid=" + sid if sid else "")
    head = "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    return (head % (method, target, len(body))).encode() + body


def polling(server):
    """A connection and its session, which nobody polls."""
    peer = Peer.to(server.port)
    peer.send(poll("GET"))
    length = int(re.search(r"Content-Length: (\d+)", peer.head().decode())[1])
    return peer, json.loads(peer.take(length)[1:])["sid"]


@case("sessions in a room that never poll: /stats comes at once, others do not notice, memory comes back")
def deaf_room():
    with Server() as server:
        still_well(server)
        before = memory(server.pid)
        with Good(server), contextlib.ExitStack() as stack:
            for _ in range(54):
                peer, sid = polling(server)
                stack.callback(peer.socket.close)
                peer.send(poll("POST", sid, ROOM))
                check(b" 200 " in peer.head(), "joined")
            sender, sid = polling(server)
            stack.callback(sender.socket.close)
            packet = b'42["broadcast","crowded","m","' + b"x" * 30000 + b'"]'
            sender.send(poll("POST", sid, b"40"))
            for _ in range(62):  # 1.85 MB, which are queued 54 times
                sender.send(poll("POST", sid, packet))
            until(lambda: memory(server.pid) > before + (32 << 20) or sanitized(), "much that is queued")
            begin = time.monotonic()
            stats = server.stats()
            lasted(begin, 0, 1, "seconds to /stats")
            equal(stats["loop"]["memory_refusals"], 0, "peers refused for want of memory")
            still_well(server)
        if not sanitized():
            until(lambda: memory(server.pid) < before + (4 << 20), "the memory of the start", 20)


def drain(peers, came):
    """Reads what comes, until a peer ends; notes how much at a time."""
    with contextlib.suppress(OSError, ValueError):
        while True:
            for sock in select.select(peers, [], [], 1)[0]:
                came.append(len(sock.recv(1 << 16)))
                if came[-1] == 0:
                    return


@case("SIGTERM in the middle of a flood to many: exit 0, soon")
def stops_under_load():
    with Server() as server, contextlib.ExitStack() as stack:
        members = [Peer.websocket(server.port, "/broadcast") for _ in range(60)]
        for member in members:
            stack.callback(member.socket.close)
        came = []
        sockets = [member.socket for member in members]
        threading.Thread(target=drain, args=[sockets, came], daemon=True).start()
        senders = [threading.Thread(target=pour, args=[m, frame(b"x") * 18000, 5], daemon=True)
                   for m in members[:8]]
        for sender in senders:
            sender.start()
        until(lambda: sum(came) > 60000, "the flood")  # of 26 MB; Wine sends some 11 KB of it in a second
        begin = time.monotonic()
        terminate(server.process)
        code, _, err = ended(server.process, 30)
        equal((code, err), (0, ""), "exit and stderr")
        # Peers that do not answer the Close have 2 s; the flood itself would take minutes.
        lasted(begin, 0, 5, "seconds")


# ---- The end -----------------------------------------------------------------------------------------


@case("SIGTERM: every peer gets Close 1001, the report comes, exit 0")
def stops():
    for ask in [terminate, interrupt]:
        with Server("--json") as server:
            plain, session = Peer.websocket(server.port), Peer.session(server.port)
            head, raw = Peer.to(server.port), Peer.to(server.tcp_port)
            raw.send(b"x")
            raw.take(1)
            begin = time.monotonic()
            ask(server.process)
            equal(plain.close_code(), 1001, "close code")
            plain.send(frame(struct.pack(">H", 1001), CLOSE))
            opcode, payload, _ = session.frame()
            if opcode == TEXT:
                equal(payload, b"41", "before the Close")
                opcode, payload, _ = session.frame()
            equal((opcode, payload[:2]), (CLOSE, struct.pack(">H", 1001)), "the session's Close")
            session.send(frame(payload, CLOSE))
            raw.end()
            raw.socket.close()
            for peer in [plain, session, head]:
                peer.end()
                peer.socket.close()
            code, out, err = ended(server.process)
            equal((code, err), (0, ""), "exit and stderr")
            lasted(begin, 0, 1.5, "seconds")
            check(json.loads(out)["loop"]["accepted"] == 4, "the report: %r" % out)


@case("SIGTERM with peers that do not answer the Close: ends all the same; a second one at once")
def stops_hard():
    with Server() as server:
        peers = [Peer.websocket(server.port) for _ in range(3)]
        begin = time.monotonic()
        terminate(server.process)
        equal(peers[0].close_code(), 1001, "close code")
        terminate(server.process)
        equal(ended(server.process)[0], 130, "exit")
        lasted(begin, 0, 1, "seconds")
        del peers


@case("SIGTERM while a client measures: the client reports the figures until then, exit 1")
def stops_measured():
    with Server() as server:
        process = started([*CLIENT, "roundtrip", "--duration", "20s", "--json", "-", server.url("ws")])
        until(lambda: server.stats()["messages"] > 50, "messages")
        server.stop()
        run = Result(*ended(process)).expect(1)
        part = figures(run.json, "ws")
        check(part["tally"]["answered"] > 10, "nothing measured")
        check("1001" in str(part["failures"]), "no close code: %r" % part["failures"])


main()

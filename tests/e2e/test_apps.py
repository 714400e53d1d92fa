"""The applications of the server: rooms, /broadcast, disconnecting; over every transport."""

import base64
import http.client
import json
import os
import signal
import threading
import time

from pair import (
    BINARY, CLOSE, PATIENCE, PING, PONG, TEXT, Peer, Server, case, check, equal, frame, main, until,
    within,
)

PATH = "/socket.io/?EIO=4&transport="
BIG = 900000  # the whole packet stays below --max-message
PLACEHOLDER = '{"_placeholder":true,"num":%d}'


class Web:
    """A session over WebSocket. Packets are texts and, for binary messages, bytes."""

    def __init__(self, server):
        self.peer = Peer.session(server.port, join=False)

    @classmethod
    def upgrade(cls, server, polling):
        """Goes on with a session that began by polling."""
        web = cls.__new__(cls)
        web.peer = Peer.websocket(server.port, polling.path.replace("=polling", "=websocket"))
        web.put("2probe")
        equal(web.take(), "3probe", "answer to the probe")
        web.put("5")
        return web

    def put(self, *packets):
        self.peer.send(b"".join(
            frame(p, BINARY) if isinstance(p, bytes) else frame(p.encode()) for p in packets
        ))

    def take(self):
        opcode, payload, fin = self.peer.frame()
        check(fin and opcode in (TEXT, BINARY), "frame %d %.80r" % (opcode, payload))
        return payload if opcode == BINARY else payload.decode()

    def close(self):
        self.peer.socket.close()


class Polling:
    """A session over long polling, on two connections that stay open."""

    def __init__(self, server, path=PATH):
        self.gets = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
        self.posts = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
        self.queue = []
        self.path = path + "polling"
        self.path += "&sid=" + json.loads(self.get()[0][1:])["sid"]

    def get(self):
        status, body = self.request(self.gets, "GET")
        equal(status, 200, "status of a poll")
        return [base64.b64decode(p[1:]) if p[0] == "b" else p for p in body.split("\x1e")]

    def request(self, connection, method, body=None):
        connection.request(method, self.path, body)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def put(self, *packets):
        texts = ["b" + base64.b64encode(p).decode() if isinstance(p, bytes) else p for p in packets]
        body = "\x1e".join(texts).encode()
        equal(self.request(self.posts, "POST", body), (200, "ok"), "answer to a post")

    def take(self):
        if not self.queue:
            self.queue = self.get()
        return self.queue.pop(0)

    def close(self):
        self.put("1")
        self.gets.close()
        self.posts.close()


def upgraded(server):
    return Web.upgrade(server, Polling(server))


TRANSPORTS = [Web, Polling, upgraded]


def joined(server, kind=Web, namespace="", *rooms):
    session = kind(server)
    session.put("40" + namespace)
    check(session.take().startswith("40" + namespace), "no CONNECT")
    for room in rooms:
        exchange(session, "42%s7[\"join\",%s]" % (namespace, json.dumps(room)), "43%s7[]" % namespace)
    return session


def exchange(session, packet, *answers):
    session.put(*packet if isinstance(packet, list) else [packet])
    for answer in answers:
        equal(session.take(), answer, "answer to %.60r" % (packet,))


def silent(session):
    """Proves that nothing came meanwhile: the echo is the next packet."""
    exchange(session, '42["still",1]', '42["still",1]')


def auth_comes_apart(server, namespace, auth):
    """Did the answer to CONNECT come before `auth`?"""
    with Peer.session(server.port, join=False) as peer:
        peer.send_text("40" + namespace + auth)
        check(peer.text().startswith("40" + namespace + "{"), "CONNECT")
        apart = peer.rest == b""
        begin = time.monotonic()
        equal(peer.text(), '42%s["auth",%s]' % (namespace, auth or "{}"), "auth")
        return apart and time.monotonic() - begin > 0.002


@case("conformance: `auth` comes behind the answer to CONNECT, for clients that listen for one at a time")
def conformance_auth():
    with Server("--app", "conformance") as server:
        for namespace, auth in [("", ""), ("", '{"a":1}'), ("/custom,", ""), ("/custom,", '{"b":"ü"}')]:
            # On a busy machine this process may be too late to see it.
            check(any(auth_comes_apart(server, namespace, auth) for _ in range(20)), "in one piece")


@case("conformance: `auth` for two namespaces, for one that was left, in a session that ends or upgrades")
def conformance_auth_late():
    with Server("--app", "conformance") as server:
        web = Web(server)
        web.put("40", "40/custom,", '42["message-with-ack"]', "41/custom,", "40/custom,[")
        web.close()
        web = Web(server)
        web.put('40{"n":1}', "40/custom,", "41", '40/custom,{"twice":true}')
        web.close()
        web = Web(server)
        web.put('40{"n":1}', '40/custom,{"n":2}', "41")
        equal(web.take()[:3], "40{", "CONNECT")
        equal(web.take()[:11], "40/custom,{", "CONNECT")
        equal(web.take(), '42/custom,["auth",{"n":2}]', "auth of the one that is joined")
        web.put("1")
        web.close()
        polling = Polling(server)
        polling.put("40")
        equal(polling.take()[:3], "40{", "CONNECT")
        web = Web.upgrade(server, polling)
        until(lambda: web.take() == '42["auth",{}]', "auth, behind a noop perhaps")
        web.close()
        polling.gets.close()  # or they stay until the server's own timeout
        polling.posts.close()
        until(lambda: server.stats()["loop"]["open"] == 1, "the sessions to be gone")


@case("join, leave, broadcast: acknowledged, not echoed, over every transport")
def rooms():
    with Server() as server:
        for sender in TRANSPORTS:
            members = [joined(server, kind, "", "r") for kind in TRANSPORTS]
            away = joined(server, Web, "", "other")
            source = joined(server, sender, "", "r")
            exchange(source, '425["broadcast","r","news",1,{"k":[2,"ü"]}]', "435[]")
            for member in members:
                equal(member.take(), '42["news",1,{"k":[2,"ü"]}]', "a broadcast")
            source.put('42["broadcast","r","none"]')
            equal(members[0].take(), '42["none"]', "one before it leaves, which may overtake the next")
            exchange(members[0], '429["leave","r"]', "439[]")
            equal([member.take() for member in members[1:]], ['42["none"]'] * 2, "the second")
            exchange(source, '426["broadcast","r", 7 , null ]', "436[]")
            equal([member.take() for member in members[1:]], ["42[7 , null]"] * 2, "a number as name")
            for session in [*members, away, source]:
                silent(session) if session is not away else exchange(session, '42["x"]', '42["x"]')
                session.close()


@case("broadcast: binary attachments come with it, whole, over every transport")
def binary():
    with Server() as server:
        for sender in TRANSPORTS:
            members = [joined(server, kind, "", "r") for kind in TRANSPORTS]
            source = joined(server, sender)
            arguments = '"b",%s,{"x":%s,"y":%s}]' % tuple(PLACEHOLDER % i for i in (0, 2, 0))
            parts = [b"\x00\xff", b"unused", b""]
            exchange(source, ['453-8["broadcast","r",' + arguments, *parts], "438[]")
            for member in members:
                equal(member.take(), "453-[" + arguments, "the header")
                equal([member.take() for _ in parts], parts, "attachments")
                silent(member)


@case("broadcast: a message as long as --max-message, text and binary")
def large():
    with Server() as server:
        text = "l" * BIG
        data = bytes(range(256)) * (BIG // 256)
        for sender in TRANSPORTS:
            members = [joined(server, kind, "", "r") for kind in TRANSPORTS]
            source = joined(server, sender)
            exchange(source, '421["broadcast","r","t","%s"]' % text, "431[]")
            for member in members:
                check(member.take() == '42["t","%s"]' % text, "another text")
            if sender is Polling:  # in base64 it would be too long for one post
                data = data[: BIG // 2]
            header = '451-2["broadcast","r","d",%s]' % (PLACEHOLDER % 0)
            exchange(source, [header, data], "432[]")
            for member in members:
                equal(member.take(), '451-["d",%s]' % (PLACEHOLDER % 0), "the header")
                check(member.take() == data, "another attachment")
                silent(member)
            silent(source)


@case("broadcast: the waiting poll is answered at once")
def at_once():
    with Server() as server:
        member = joined(server, Polling, "", "r")
        source = joined(server)
        came = []
        waiting = threading.Thread(target=lambda: came.append((member.take(), time.monotonic())))
        waiting.start()
        time.sleep(0.1)
        begin = time.monotonic()
        source.put('42["broadcast","r","now"]')
        waiting.join(PATIENCE)
        equal(came[0][0], '42["now"]', "the poll")
        within(came[0][1] - begin, 0, 0.1, "seconds")


@case("rooms: an error comes in the ack, and is not echoed")
def malformed():
    wanted = "expected a room: a string of 1 to 64 bytes"
    named = "expected the name of an event that is not reserved"
    with Server() as server:
        for kind in (Web, Polling):
            session = joined(server, kind)
            for event, why in [
                ('["join"]', wanted), ('["join",1]', wanted), ('["join",""]', wanted),
                ('["join",["r"]]', wanted), ('["join","%s"]' % ("ü" * 33), wanted),
                ('["leave"]', wanted), ('["leave",null]', wanted), ('["broadcast"]', wanted),
                ('["broadcast",1,"name"]', wanted), ('["broadcast","r"]', named),
                ('["broadcast","r",null]', named), ('["broadcast","r",{}]', named),
                ('["broadcast","r","connect"]', named), ('["broadcast","r","disconnect",1]', named),
            ]:
                exchange(session, "423" + event, '433["%s"]' % why)
                session.put("42" + event)
            for event in ['["join","%s"]' % ("ü" * 32), '["leave","elsewhere"]',
                          '["broadcast","nobody","name"]', '["joins","r"]']:
                exchange(session, "424" + event, '434["r"]' if "joins" in event else "434[]")
            silent(session)


@case("rooms: 32 at once; the next is refused until one is left")
def full():
    with Server() as server:
        sessions = [joined(server, Web, "", *["room %d" % i for i in range(8 * part, 8 * part + 8)])
                    for part in range(4)]
        exchange(sessions[0], '421["join","room 8"]', '431["a session may be in 8 rooms"]')
        other = joined(server)
        exchange(other, '421["join","one more"]', '431["all rooms are taken"]')
        exchange(other, '422["join","room 7"]', "432[]")
        exchange(sessions[1], '423["leave","room 8"]', "433[]")
        exchange(other, '424["join","one more"]', "434[]")


@case("rooms: the same name in another namespace, or spelled with escapes")
def names():
    with Server() as server:
        here = joined(server, Web, "", "rü")
        there = joined(server, Web, "/custom,", "rü")
        source = joined(server)
        source.put("40/custom,")
        source.take()
        exchange(source, '42/custom,1["broadcast","r\\u00fc","c"]', "43/custom,1[]")
        equal(there.take(), '42/custom,["c"]', "in /custom")
        exchange(source, '421["broadcast","\\u0072ü","r"]', "431[]")
        equal(here.take(), '42["r"]', "in /")
        silent(here)


@case("rooms end: by DISCONNECT, by being thrown out, by the end of the session")
def ends():
    with Server() as server:
        source = joined(server)
        for kind in TRANSPORTS:
            member = joined(server, kind, "", "r")
            exchange(member, ["41", "40"])
            check(member.take().startswith("40{"), "no CONNECT")
            exchange(source, '421["broadcast","r","n"]', "431[]")
            silent(member)
            exchange(member, '422["join","r"]', "432[]")
            exchange(member, '42["disconnect-me"]', "41")
            member.put("40")
            check(member.take().startswith("40{"), "no CONNECT")
            exchange(source, '421["broadcast","r","n"]', "431[]")
            silent(member)
            exchange(member, '422["join","r"]', "432[]")
            member.close()
        # Every room is free again: no member was forgotten.
        for part in range(4):
            joined(server, Web, "", *["room %d" % i for i in range(8 * part, 8 * part + 8)])


@case("disconnect-me: 41 for that namespace; the session and the other namespaces stay")
def thrown_out():
    with Server() as server:
        for kind in TRANSPORTS:
            session = joined(server, kind)
            session.put("40/custom,")
            session.take()
            exchange(session, '42/custom,["disconnect-me"]', "41/custom,")
            silent(session)
            exchange(session, '42["disconnect-me","ignored"]', "41")
            session.put("40/custom,")
            check(session.take().startswith("40/custom,{"), "no CONNECT")
        web = joined(server)
        exchange(web, '42["disconnect-me"]', "41")
        web.put('42["too late"]')  # for a namespace that is not joined
        web.peer.closes_with(None, "an event after 41")


def flood(source, reader, count):
    for i in range(count):
        exchange(source, '42%d["broadcast","r","t","%s"]' % (i, "f" * BIG), "43%d[]" % i)
        check(reader.take() == '42["t","%s"]' % ("f" * BIG), "another text")


@case("broadcast: a member that does not take it is dropped; the sender and the others go on")
def slow():
    with Server() as server:
        deaf = joined(server, Web, "", "r")
        lazy = joined(server, Polling, "", "r")
        reader = joined(server, Web, "", "r")
        source = joined(server)
        flood(source, reader, 20)
        status, body = lazy.request(lazy.gets, "GET")
        equal((status, json.loads(body)["code"]), (400, 1), "the poll of a session that was dropped")
        check(deaf.peer.end().endswith(b"\x88\x02\x03\xf5"), "no Close with 1013")
        equal(server.fault("queue_full"), 2, "faults")
        silent(source)
        exchange(source, '421["broadcast","r","t"]', "431[]")
        equal(reader.take(), '42["t"]', "afterwards")
        # The memory has been given back.
        joined(server, Web, "", "r").close()
        flood(source, reader, 3)


@case("broadcast in a post whose answers fill the memory behind it: all come, in order")
def answers_and_broadcasts():
    with Server("--max-message", "200K") as server:
        member = joined(server, Polling, "", "r")
        source = joined(server, Polling)
        packets = ['42%d["broadcast","r","n",%d]' % (i, i) for i in range(2000)]
        echoes = ['42["%d","%s"]' % (i, "e" * 40) for i in range(2000)]
        source.put(*[p for pair in zip(packets, echoes) for p in pair])
        for i in range(2000):
            equal(source.take(), "43%d[]" % i, "ack")
            equal(source.take(), echoes[i], "echo")
            equal(member.take(), '42["n",%d]' % i, "broadcast")


@case("rooms: the errors of a long post are longer than it, and all come")
def long_answers():
    with Server("--max-message", "64K") as server:
        source = joined(server, Polling)
        source.put(*['42%d["join"]' % i for i in range(1000)])
        for i in range(1000):
            equal(source.take(), '43%d["expected a room: a string of 1 to 64 bytes"]' % i, "ack")


@case("a post that ends after the upgrade: its answers go by the WebSocket, of any size")
def post_across_upgrade():
    big = '"%s"' % ("b" * 700000)
    echoes = ['42["one"]', '42["m",%s]' % big, '42["two"]']
    conformance = ["--app", "conformance"]
    for options, path, joins, posted, answers in [
        ([], PATH, True, echoes, echoes),
        (conformance, "/engine.io/?EIO=4&transport=", False, echoes, echoes),
        (conformance, PATH, False, ['40{"t":%s}' % big], ['40{"sid":', '42["auth",{"t":%s}]' % big]),
    ]:
        with Server(*options) as server:
            session = Polling(server, path)
            if joins:
                session.put("40")
                session.take()
            body = "\x1e".join(posted)
            post = Peer.to(server.port)
            post.send(("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                       % (session.path, len(body), body[:300000])).encode())
            web = Web.upgrade(server, session)
            post.send(body[300000:].encode())
            check(post.head().startswith(b"HTTP/1.1 200"), "answer to the post")
            for answer in answers:
                packet = web.take()
                check(packet.startswith(answer), "%.40r instead of %.40r" % (packet, answer))


@case("polling: invalid UTF-8 is no packet, and reaches no member")
def no_text():
    with Server() as server:
        member = joined(server, Web, "", "r")
        for packet in [b'42["broadcast","r","\xfc"]', b'42["broadcast","r","n","\xed\xa0\x80"]',
                       b'42["broadcast","r","n"]\x1e42["\xc3']:
            source = joined(server, Polling)
            equal(source.request(source.posts, "POST", packet)[0], 400, "status")
            equal(source.request(source.gets, "GET")[0], 400, "status of the next poll")
        equal(member.take(), '42["n"]', "the packet before it")
        silent(member)


# ---- /broadcast ----------------------------------------------------------------------------------


def everyone(server, count):
    return [Peer.websocket(server.port, "/broadcast") for _ in range(count)]


@case("/broadcast: every message goes to all others there, and nowhere else")
def broadcast():
    with Server() as server:
        first, second, third = everyone(server, 3)
        elsewhere = Peer.websocket(server.port, "/")
        first.send(frame(b"one") + frame(b"\xff\x00", BINARY) + frame(b""))
        for peer in (second, third):
            equal([peer.frame()[:2] for _ in range(3)],
                  [(TEXT, b"one"), (BINARY, b"\xff\x00"), (TEXT, b"")], "messages")
        # In fragments, with a ping between, and another message meanwhile: each arrives whole.
        first.send(frame(b"a", fin=False) + frame(b"p", PING))
        equal(first.frame()[:2], (PONG, b"p"), "the pong: nothing came back before")
        second.send_text("between")
        equal(first.text(), "between", "the first's")
        equal(third.text(), "between", "the third's")
        first.send(frame(b"b", 0, fin=False) + frame(b"c", 0))
        for peer in (second, third):
            equal(peer.frame(), (TEXT, b"abc", True), "the message in fragments")
        elsewhere.send_text("echo")
        equal(elsewhere.text(), "echo", "elsewhere")
        third.send(frame(b"\x03\xe8", CLOSE))
        third.closes_with(1000, "a close")
        first.send_text("still")
        equal(second.text(), "still", "after one has left")


@case("/broadcast: up to --max-message; more is 1009")
def broadcast_large():
    with Server("--max-message", "600000") as server:
        first, second = everyone(server, 2)
        data = bytes(range(250)) * 2400
        first.send(frame(data, BINARY))
        check(second.frame() == (BINARY, data, True), "another message")
        first.send(b"".join(frame(data[i : i + 1000], BINARY if i == 0 else 0, fin=i == 599000)
                            for i in range(0, 600000, 1000)))
        check(second.frame() == (BINARY, data, True), "another message in fragments")
        first.send(frame(b"", BINARY, length=600001))
        first.closes_with(1009, "too much")
        second.send(frame(data, BINARY, fin=False) + frame(b"x", 0))
        second.closes_with(1009, "too much in fragments")


@case("a poller that dies in the very turn in which something is due to it: the others are served")
def poller_dies():
    with Server() as server:
        member = joined(server, Polling, "", "r")
        source = joined(server)
        ask = ("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % member.path).encode()
        with Peer.to(server.port) as waiting, Peer.to(server.port) as dying:
            waiting.send(ask)
            until(lambda: server.stats()["loop"]["open"] >= 6, "both connections")
            os.kill(server.pid, signal.SIGSTOP)  # so that all of it is one turn
            source.put('42["broadcast","r","first"]')
            dying.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + ask)
            dying.reset()
            os.kill(server.pid, signal.SIGCONT)
            check(waiting.head().startswith(b"HTTP/1.1 200"), "no answer to the first poll")
            source.put('42["broadcast","r","second"]')
            equal(server.get("/healthz")[0], 200, "the server lives on")
            silent(source)


@case("/broadcast: a peer that does not read is dropped; the sender is not")
def broadcast_slow():
    with Server("--max-message", "600000") as server:
        first, second, deaf = everyone(server, 3)
        for _ in range(30):
            first.send(frame(b"f" * 600000, BINARY))
            check(second.frame() == (BINARY, b"f" * 600000, True), "another message")
        until(lambda: server.fault("queue_full") == 1, "the drop")
        deaf.end()
        first.send(frame(b"p", PING))
        equal(first.frame()[:2], (PONG, b"p"), "the sender goes on")


if __name__ == "__main__":
    main()

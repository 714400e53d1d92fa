"""Every attack: what a crowd of attackers does until its time is over."""

import os
import signal
import time

from crowd import SESSION, get, part, post, reset
from pair import PING, frame

CONTINUATION = 0
BURST = 126_000  # bytes that the review's burst had
ROOM = b'42["join","crowded"]'
SHARED = b'42["broadcast","crowded","m"]'


class Attack:
    """One row: its name, what it does, the review's point, and what differs from the other rows.

    what     one sentence, where the function has no docstring
    options  of the server
    seconds  its length, if the usual one is too short
    fills    it takes every slot: with one address a later client may be refused (`--max-clients` is what
             the machine may hold), but established ones and /stats must be served
    many     it is the work of so many peers that only a limit per address can hold it: with one address
             waiting is shown and not judged
    """

    def __init__(
        self, name, act, point, options=(), seconds=None, fills=False, many=False, quick=True, what=None
    ):
        self.name = name
        self.act = act
        self.what = what or act.__doc__
        self.point = point
        self.options = list(options)
        self.seconds = seconds
        self.fills = fills
        self.many = many
        self.quick = quick


# ---- 1. Queues --------------------------------------------------------------------------------


def queue_for_pollers(crowd):
    """54 polling sessions in a room never poll; one connection posts broadcasts to them."""
    _, sids = crowd.polling(54, b"40\x1e" + ROOM)
    poster, sender = crowd.polling(1)
    if poster and sender:
        body = b'42["broadcast","crowded","m","' + b"x" * 30_000 + b'"]'
        crowd.flood([poster], post(sender[0], body), 600)
    crowd.wait()


def queue_echoes(crowd):
    """54 polling sessions post 2.8 MB each and never fetch the echoes."""
    poster, sids = crowd.polling(54)
    body = b"\x1e".join([b'42["message","' + b"x" * 9_000 + b'"]'] * 105)
    for _ in range(3):
        for sid in sids:
            if poster:
                crowd.flood([poster], post(sid, body), 1)
                while poster.socket.fileno() >= 0 and (poster.pending or poster.rounds):
                    crowd.turn(0.05)
    crowd.wait()


def deafen_broadcast(crowd):
    """60 sockets on /broadcast never read; one sends 6 MB and more."""
    crowd.websockets(60, "/broadcast", deaf=True)
    sender = crowd.websockets(1, "/broadcast")
    crowd.flood(sender, frame(b"x" * 60_000), 200)
    crowd.wait()


def deafen_room(crowd):
    """60 members of a room never read; one sends 6 MB and more."""
    for attacker in crowd.sessions(60, frame(ROOM)):
        attacker.deaf = True
        crowd.watch(attacker)
    body = b'42["broadcast","crowded","m","' + b"x" * 60_000 + b'"]'
    crowd.flood(crowd.sessions(1), frame(body), 200)
    crowd.wait()


def deafen_echo(crowd):
    """64 peers send 16 KB messages and never read an echo: 32 by WebSocket, 32 by raw TCP."""
    crowd.flood(crowd.websockets(32, deaf=True), frame(b"x" * 16_000), 1000)
    crowd.flood(crowd.several(32, crowd.connect, raw=True, deaf=True), b"x" * 16_000, 1000)
    crowd.wait()


# ---- 2. Turns ---------------------------------------------------------------------------------


def burst(crowd, sender, message):
    """A burst each second, which the members read."""
    text = frame(message)
    while True:
        crowd.flood(sender, text * (BURST // len(text)), 1)
        crowd.wait(1)


def burst_broadcast(members):
    def act(crowd):
        crowd.websockets(members, "/broadcast")
        burst(crowd, crowd.websockets(1, "/broadcast"), b"x")

    return act


def burst_room(members):
    def act(crowd):
        crowd.sessions(members, frame(ROOM))
        burst(crowd, crowd.sessions(1), SHARED)

    return act


def pipeline_stats(crowd):
    """One connection pipelines GET /stats."""
    crowd.flood(crowd.several(1, crowd.connect), get("/stats") * 1000)
    crowd.wait()


def pipeline_posts(crowd):
    """4 polling sessions post bodies of 1 MB that hold 240 000 packets of a byte."""
    poster, sids = crowd.polling(4)
    while poster and sids:
        for sid in sids:
            crowd.flood([poster], post(sid, b"\x1e".join([b"6"] * 480_000)), 1)
            while poster.socket.fileno() >= 0 and (poster.pending or poster.rounds):
                crowd.turn(0.05)
        if poster.socket.fileno() < 0:
            break
    crowd.wait()


# ---- 3. Tables --------------------------------------------------------------------------------


def open_sessions(crowd):
    """One connection opens all sessions and goes on."""
    crowd.flood(crowd.several(1, crowd.connect), get(SESSION + "polling") * 500)
    crowd.wait()


def open_refused(crowd):
    """16 connections go on opening sessions when all are taken."""
    crowd.flood(crowd.several(16, crowd.connect), get(SESSION + "polling") * 500)
    crowd.wait()


def idle(crowd):
    """4200 peers, raw and WebSocket, connect and stay silent."""
    for number in range(2100):
        crowd.connect(raw=True)
        crowd.websocket(wait=False)
        if number % 50 == 0:
            crowd.turn(0)
    crowd.wait()


def take_rooms(crowd):
    """One session joins 64 rooms and stays."""
    joins = b"".join(frame(b'42["join","taken%d"]' % number) for number in range(64))
    crowd.sessions(1, joins)
    crowd.wait()


def connect_and_reset(crowd):
    """Connections that are opened and reset as fast as they can be."""
    while True:
        for attacker in crowd.several(50, crowd.connect, hello=b"GET / HTTP/1.1\r\n"):
            reset(attacker.socket)
            crowd.leave(attacker)
        crowd.turn(0)


def leave_together(crowd):
    """500 sessions in one room end at the same instant, again and again."""
    while True:
        for attacker in crowd.sessions(500, frame(ROOM)):
            reset(attacker.socket)
            crowd.leave(attacker)
        crowd.wait(0.2)


def dribble_heads(crowd):
    """1000 connections send a request head byte by byte."""
    slow = crowd.several(1000, crowd.connect, hello=b"GET /stats HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
    while True:
        for attacker in slow:
            crowd.say(attacker, b"x")
        crowd.wait(0.1)


# ---- 4 and 5. Memory that is declared ------------------------------------------------------------


def fill(crowd):
    """Takes what large messages have left: peers that declare ever less."""
    for length in [120_000, 60_000, 16_000, 4_100, 2_000]:
        for attacker in crowd.websockets(50):
            crowd.say(attacker, part(b"x", length))


def wait_for_memory(crowd):
    """800 half frames fill the pool, every second one leaves a hole, and 480 peers wait for more than that."""
    holders = crowd.websockets(800)
    for attacker in holders:
        crowd.say(attacker, part(b"x" * 100, 120_000))
    crowd.wait(0.1)
    for attacker in holders[::2]:
        crowd.leave(attacker)
    for attacker in crowd.sessions(480):
        crowd.say(attacker, part(b'42["xxxxxx', 900_000))
    while True:
        for attacker in holders[1::2]:
            crowd.say(attacker, b"x")
        crowd.wait(0.05)


def declare_frames(crowd):
    """1000 peers send the head of a frame and hardly more, of messages from 2 to 900 KB."""
    for attacker in crowd.sessions(120):
        crowd.say(attacker, part(b"4", 900_000))
    fill(crowd)
    for attacker in crowd.sessions(330):
        crowd.say(attacker, frame(b"42[", fin=False))
    fill(crowd)
    crowd.wait()


def declare_fragments(crowd):
    """120 peers of /broadcast, which sends whole messages, send the first byte of a fragmented one."""
    for attacker in crowd.websockets(120, "/broadcast"):
        crowd.say(attacker, frame(b"x", fin=False))
    fill(crowd)
    crowd.wait()


def declare_attachments(crowd):
    """120 sessions announce an attachment, which never comes."""
    crowd.sessions(120, frame(b'451-["m",{"_placeholder":true,"num":0}]'))
    fill(crowd)
    crowd.wait()


def declare_posts(crowd):
    """120 polling sessions declare a body of 1 MB and send one byte."""
    _, sids = crowd.polling(120)
    for sid in sids:
        body = crowd.connect(hello=post(sid, b"4" + b" " * 999_999)[:-999_999])
        if body is None:
            break
    fill(crowd)
    crowd.wait()


# ---- 9. A pause -------------------------------------------------------------------------------


def pause(crowd):
    """500 sessions have answered their pings while the server is stopped for 1.5 s."""
    sessions = crowd.sessions(500)
    for attacker in sessions:
        attacker.heard = b""
    end = time.monotonic() + 2.6
    while time.monotonic() < end and not all(b"2" in a.heard for a in sessions):
        crowd.turn(0.02)
        if crowd.place.sink:
            crowd.wait(end - time.monotonic())
    began = time.monotonic()
    os.kill(crowd.place.pid, signal.SIGSTOP)
    try:
        for attacker in sessions:
            crowd.say(attacker, frame(b"3"))
        time.sleep(1.5)
    finally:
        os.kill(crowd.place.pid, signal.SIGCONT)
        crowd.paused = time.monotonic() - began
    crowd.wait(0.7)
    wanted = len(sessions) if crowd.place.source else 500  # a limit may hold some back
    crowd.lost = wanted - sum(attacker.socket.fileno() >= 0 for attacker in sessions)


# ---- 10. Floods --------------------------------------------------------------------------------


def flood(count, data, path="/"):
    """So many peers send the data as fast as they can, and read the answers."""

    def act(crowd):
        crowd.flood(crowd.websockets(count, path), data)
        crowd.wait()

    return act


def flood_sessions(count, data):
    def act(crowd):
        crowd.flood(crowd.sessions(count), data)
        crowd.wait()

    return act


def flood_raw(crowd):
    """16 raw peers send as fast as they can."""
    crowd.flood(crowd.several(16, crowd.connect, raw=True), b"x" * 65_536)
    crowd.wait()


def flood_chunks(crowd):
    """4 polling sessions post bodies in chunks of a byte."""
    _, sids = crowd.polling(4)
    head = "POST %spolling&sid=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    packet = b'42["message","' + b"x" * 20_000 + b'"]'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packet) + b"0\r\n\r\n"
    for sid in sids:
        poster = crowd.connect()
        if poster:
            crowd.flood([poster], (head % (SESSION, sid)).encode() + chunks)
    crowd.wait()


def flood_heads(crowd):
    """16 connections pipeline requests with 500 header lines each."""
    head = b"GET /absent HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"A: b\r\n" * 500 + b"\r\n"
    crowd.flood(crowd.several(16, crowd.connect), head * 20)
    crowd.wait()


def beat_together(crowd):
    """2000 sessions that were opened together answer every ping."""
    sessions = crowd.sessions(2000)
    for attacker in sessions:
        attacker.heard = b""
    while True:
        crowd.wait(0.02)
        for attacker in sessions:
            if attacker.heard:
                attacker.heard = b""
                crowd.say(attacker, frame(b"3"))


ESCAPED = frame(b'42["message","' + b"\\u0041" * 160_000 + b'"]')
LARGE = frame(b'42["message","' + b"x" * 900_000 + b'"]')
EMPTY_FRAGMENTS = frame(b"", fin=False) + frame(b"", CONTINUATION, fin=False) * 10_000
FRAGMENTED = EMPTY_FRAGMENTS + frame(b"", CONTINUATION)

ATTACKS = [
    Attack("queues-polling", queue_for_pollers, "1"),
    Attack("queues-echo", queue_echoes, "1"),
    Attack("deaf-broadcast", deafen_broadcast, "1"),
    Attack("deaf-room", deafen_room, "new", quick=False),
    Attack("deaf-echo", deafen_echo, "new", quick=False),
    Attack("burst-broadcast-50", burst_broadcast(50), "2", quick=False,
           what="126 KB of 1-byte messages to /broadcast with 50 members, each second."),
    Attack("burst-broadcast-300", burst_broadcast(300), "2",
           what="The same with 300 members."),
    Attack("burst-room-50", burst_room(50), "2", quick=False,
           what="126 KB of broadcasts to a Socket.IO room with 50 members, each second."),
    Attack("burst-room-300", burst_room(300), "2",
           what="The same with 300 members."),
    Attack("pipelined-stats", pipeline_stats, "2"),
    Attack("packets-in-posts", pipeline_posts, "new"),
    Attack("all-sessions", open_sessions, "3"),
    Attack("refused-opens", open_refused, "3"),
    Attack("refused-opens-65536", open_refused, "3", ["--max-clients", 65536], quick=False),
    Attack("idle-peers", idle, "3", seconds=3, fills=True),
    Attack("all-rooms", take_rooms, "3"),
    Attack("connect-reset", connect_and_reset, "new", quick=False),
    Attack("leave-together", leave_together, "new", quick=False),
    Attack("slow-heads", dribble_heads, "new", quick=False),
    Attack("waiters", wait_for_memory, "4", seconds=3),
    Attack("declared-frames", declare_frames, "5", seconds=3),
    Attack("declared-fragments", declare_fragments, "new", quick=False),
    Attack("declared-attachments", declare_attachments, "new", quick=False),
    Attack("declared-posts", declare_posts, "new", quick=False),
    Attack("pause", pause, "9", ["--ping-interval", 2000, "--ping-timeout", 1000], 5.2),
    Attack("flood-bytes", flood(16, frame(b"x") * 9000), "10",
           what="16 WebSockets send 1-byte frames."),
    Attack("flood-json", flood_sessions(16, ESCAPED), "10",
           what="16 sessions send events of 1 MB, every character escaped."),
    Attack("flood-joins", flood_sessions(16, frame(b'420["join",0]') * 3000), "10",
           what="16 sessions send joins that name no room."),
    Attack("flood-pings", flood(16, frame(b"", PING) * 10_000), "10",
           what="16 WebSockets send pings."),
    Attack("flood-fragments", flood(16, FRAGMENTED), "new", quick=False,
           what="16 WebSockets send messages of 10 000 empty fragments."),
    Attack("flood-namespaces", flood_sessions(16, frame(b"40/absent,") * 4000), "new", quick=False,
           what="16 sessions ask for a namespace that is absent."),
    Attack("flood-many", flood(1000, frame(b"x") * 20), "new", quick=False, many=True,
           what="1000 WebSockets send 1-byte frames."),
    Attack("flood-chunks", flood_chunks, "new", quick=False),
    Attack("flood-heads", flood_heads, "new", quick=False),
    Attack("large-messages", flood_sessions(120, LARGE), "new", quick=False,
           what="120 sessions send events of 900 KB."),
    Attack("heartbeats", beat_together, "new", ["--ping-interval", 300], quick=False),
    Attack("flood-raw", flood_raw, "new", quick=False),
]

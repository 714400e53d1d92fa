"""The attackers of one attack: many sockets in one process, bounded in time and in bytes.

A crowd attacks a place, which is the server or a sink. A sink reads and never answers, so against it a
crowd makes up the answers that it would have waited for, and does everything else in the same way.
"""

import contextlib
import os
import re
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))
from pair import TEXT, frame, upgrade  # noqa: E402

SESSION = "/socket.io/?EIO=4&transport="
MAX_SENT = 400 << 20  # bytes that one crowd may send
RECEIVE = 1 << 18


class Over(Exception):
    """The time of the attack has passed."""


class Place:
    """What is attacked, and from which address."""

    def __init__(self, port, tcp_port, pid, source=None, sink=False):
        self.port = port
        self.tcp_port = tcp_port
        self.pid = pid
        self.source = source
        self.sink = sink


class Attacker:
    """One connection. `deaf`: it never reads. `endless`: bytes to send again and again."""

    def __init__(self, sock, deaf):
        self.socket = sock
        self.deaf = deaf
        self.pending = memoryview(b"")
        self.endless = b""
        self.rounds = 0
        self.heard = b""
        self.mask = 0


class Crowd:
    def __init__(self, place, seconds):
        self.place = place
        self.end = time.monotonic() + seconds
        self.poll = select.epoll()
        self.members = {}
        self.sent = 0
        self.closed = 0  # by the server
        self.lost = 0  # of them good ones
        self.paused = 0.0  # seconds for which the place was stopped

    # ---- Opening -------------------------------------------------------------------------------

    def left(self):
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise Over()
        return seconds

    def connect(self, raw=False, deaf=False, hello=b""):
        """A connected attacker that has begun to send the hello, or None when the server refused it."""
        sock = socket.socket()
        try:
            if deaf:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            if self.place.source:
                sock.bind((self.place.source, 0))
            sock.settimeout(min(2, self.left()))
            sock.connect(("127.0.0.1", self.place.tcp_port if raw else self.place.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
        except OSError:
            sock.close()
            self.closed += 1
            return None
        attacker = Attacker(sock, deaf)
        self.members[sock.fileno()] = attacker
        self.watch(attacker)
        self.say(attacker, hello)
        return attacker

    def several(self, count, opening, *words, **options):
        """Those of `count` attackers that the server has not refused."""
        found = [opening(*words, **options) for _ in range(count)]
        return [attacker for attacker in found if attacker]

    def websocket(self, path="/", deaf=False, wait=True):
        """An attacker whose upgrade is sent and, with `wait`, accepted."""
        attacker = self.connect(deaf=deaf, hello=upgrade(path))
        if attacker and wait and not self.answered(attacker, b"\r\n\r\n", 1):
            return None
        return attacker

    def websockets(self, count, path="/", deaf=False):
        """Many at once: all ask before the first answer is awaited. A deaf one is never waited for."""
        found = self.several(count, self.websocket, path, deaf=deaf, wait=False)
        return [a for a in found if deaf or self.answered(a, b"\r\n\r\n", 1)]

    def sessions(self, count, first=b""):
        """Socket.IO sessions on WebSockets, joined to the namespace; `first` are frames to send at once."""
        found = self.websockets(count, SESSION + "websocket")
        for attacker in found:
            self.say(attacker, frame(b"40") + first)
        return [a for a in found if self.answered(a, b'40{"sid"', 1)]

    def polling(self, count, packets=b"40"):
        """(an attacker, sids): polling sessions opened over one connection, each sent the packets."""
        attacker = self.connect(hello=get(SESSION + "polling") * count)
        if self.place.sink or not attacker:
            sids = ["sink%018d" % number for number in range(count)]
        else:
            self.answered(attacker, b'"sid":"', count)
            sids = [sid.decode() for sid in re.findall(rb'"sid":"([^"]+)"', attacker.heard)]
        for sid in sids:
            self.say(attacker, post(sid, packets))
        self.answered(attacker, b"\r\n\r\nok", len(sids))
        return attacker, sids

    def answered(self, attacker, text, count):
        """Waits until the text came so many times; False when the connection ended before."""
        end = time.monotonic() + 2
        while not self.place.sink and attacker and attacker.heard.count(text) < count:
            if attacker.socket.fileno() < 0 or time.monotonic() > end:
                return False
            self.turn(0.01)
        return attacker is not None

    # ---- Sending -------------------------------------------------------------------------------

    def say(self, attacker, data):
        if attacker and data:
            attacker.pending = memoryview(bytes(attacker.pending) + data)
            self.push(attacker)

    def flood(self, attackers, data, rounds=1 << 30):
        """Each sends the data again and again, or so many rounds."""
        for attacker in attackers:
            attacker.endless, attacker.rounds = data, rounds
            self.push(attacker)

    def push(self, attacker):
        if attacker.socket.fileno() < 0:
            return
        if not attacker.pending and attacker.rounds > 0:
            attacker.pending, attacker.rounds = memoryview(attacker.endless), attacker.rounds - 1
        if attacker.pending and self.sent < MAX_SENT:
            try:
                count = attacker.socket.send(attacker.pending[: 1 << 18])
                attacker.pending = attacker.pending[count:]
                self.sent += count
            except BlockingIOError:
                pass
            except OSError:
                self.drop(attacker)
                return
        self.watch(attacker)

    # ---- Waiting -------------------------------------------------------------------------------

    def watch(self, attacker):
        wanted = attacker.pending or attacker.rounds > 0
        mask = (0 if attacker.deaf else select.EPOLLIN) | (
            select.EPOLLOUT if wanted and self.sent < MAX_SENT else 0
        )
        if attacker.mask and mask != attacker.mask:
            self.poll.modify(attacker.socket, mask)
        elif not attacker.mask:
            self.poll.register(attacker.socket, mask)
        attacker.mask = mask or -1  # registered, also for nothing

    def drop(self, attacker):
        self.closed += 1
        self.leave(attacker)

    def leave(self, attacker):
        self.members.pop(attacker.socket.fileno(), None)
        attacker.socket.close()

    def turn(self, seconds):
        for number, events in self.poll.poll(min(seconds, self.left()), 256):
            attacker = self.members.get(number)
            if attacker and events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self.hear(attacker)
            if attacker and events & select.EPOLLOUT:
                self.push(attacker)

    def hear(self, attacker):
        try:
            data = attacker.socket.recv(RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(attacker)
        elif len(attacker.heard) < 1 << 20:
            attacker.heard += data

    def wait(self, seconds=1e9):
        """Sends and reads for so long, or to the end of the attack."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn(0.05)

    def finish(self):
        """Closes everything, as a process that ends does."""
        for attacker in list(self.members.values()):
            self.leave(attacker)
        self.poll.close()


def get(path):
    return ("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path).encode()


def post(sid, packets):
    head = "POST %spolling&sid=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"
    return (head % (SESSION, sid, len(packets))).encode() + packets


def part(payload, length, opcode=TEXT):
    """A frame's head that declares the length, and less payload than that."""
    return frame(payload, opcode, length=length)


def reset(sock):
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

"""The good clients that stand beside an attack.

Established ones: four wsio-clients, one per protocol, which send at a fixed rate on one connection. What
they report is timed from the instant at which each message was due, so a silence is a long latency.
Newcomers: one process that opens a connection of each kind again and again, and uses it once. Members:
one on /broadcast and one in the room that attackers crowd, which read all that comes.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import time
import traceback

from crowd import SESSION, get, post
import pair

KINDS = ["tcp", "ws", "sio", "sio-polling"]
MESSAGES = 1200  # of each client in a phase: ten must lie beyond a p99
LEAD = 0.4  # seconds of warm-up before an attack begins
TAIL = 0.3  # seconds for which the clients go on behind it
PATIENCE = 2.0  # seconds that a newcomer waits for any answer
TIMEOUT = 5.0  # seconds that an established client waits


YIELDING = 10  # steps of priority by which attackers come behind the good clients and the server
MAX_LIFE = 120  # seconds after which a forked process ends, whatever became of this one


class Forked:
    """A function in a process of its own, which writes what the function returns as JSON."""

    def __init__(self, function, yielding=0):
        here, there = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(here)
            self.live(function, there, yielding)
        os.close(there)
        self.pipe = here
        self.answer = None
        forked.append(self)

    @staticmethod
    def live(function, pipe, yielding):
        os.nice(yielding)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(MAX_LIFE)
        try:
            os.write(pipe, json.dumps(function()).encode())
        except KeyboardInterrupt:
            pass
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def over(self):
        """Has it ended? Its answer is there then."""
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.take()
        return self.pid == 0

    def take(self):
        self.pid = 0
        forked.remove(self)
        with os.fdopen(self.pipe, "rb") as file:
            text = file.read()
        self.answer = json.loads(text) if text else None

    def end(self, patience=0.0):
        """Waits for its end, and kills it when the patience is over. Returns its answer."""
        end = time.monotonic() + patience
        while not self.over():
            if time.monotonic() >= end:
                os.kill(self.pid, signal.SIGCONT)
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.take()
                break
            time.sleep(0.005)
        return self.answer


forked = []


def come_first():
    """Takes precedence over other programs of the machine, where that is allowed."""
    with contextlib.suppress(OSError):
        os.nice(-YIELDING)


def end_all():
    for process in list(forked):
        process.end()
    pair.kill_all()


# ---- Established clients ------------------------------------------------------------------------


class Established:
    def __init__(self, server, seconds):
        urls = [server.url("tcp"), server.url("ws"), server.url("sio"), server.url("sio") + "#polling"]
        lasts = round((LEAD + seconds + TAIL) * 1000)
        rate = round(MESSAGES / (seconds + TAIL))
        words = ["--rate", rate, "--duration", "%dms" % lasts, "--warmup", "%dms" % (LEAD * 1000)]
        words += ["--size", 16, "--depth", 10_000, "--timeout", "%gs" % TIMEOUT, "--json", "-", "--quiet"]
        self.began = time.monotonic()
        self.lasts = lasts / 1000
        self.processes = [
            pair.started([*pair.CLIENT, "rate", *map(str, words), url]) for url in urls
        ]

    def end(self):
        """For each kind: p99 and longest wait in ms, and how many were refused or closed."""
        return {kind: self.result(process) for kind, process in zip(KINDS, self.processes)}

    def result(self, process):
        patience = self.began + self.lasts + 3 * TIMEOUT - time.monotonic()
        try:
            code, out, error = pair.ended(process, max(1, patience))
            part = json.loads(out)["targets"][0]["scenarios"]["rate"]
        except (pair.Failure, ValueError, IndexError, KeyError):
            return {"p99": TIMEOUT * 1000, "longest": TIMEOUT * 1000, "refused": 0, "closed": 1, "why": "no report"}
        tally, latency = part["tally"], part["latency"]
        waited = TIMEOUT * 1000 if tally["unanswered"] or not latency["count"] else 0
        refused, closed = part["clients_failed"], part["clients_lost"]
        unsaid = part["clients_started"] - part["clients_ready"] - refused
        why = ["%s: %s" % (f["phase"], f["status"]) for f in part["failures"]]
        return {
            "p99": waited if latency["p99_ns"] is None else latency["p99_ns"] / 1e6,
            "longest": waited if latency["max_ns"] is None else latency["max_ns"] / 1e6,
            "refused": refused + max(0, unsaid),
            "closed": max(closed, 1 if tally["unanswered"] or tally["wrong"] else 0),
            "why": "; ".join(why) or ("%d unanswered" % tally["unanswered"] if waited else ""),
        }


# ---- Newcomers ----------------------------------------------------------------------------------


def must(condition, why):
    if not condition:
        raise pair.Failure(why)


def use_tcp(server):
    with pair.Peer.to(server.tcp_port) as peer:
        peer.send(b"0123456789abcdef")
        must(peer.take(16) == b"0123456789abcdef", "another echo")


def in_pieces(peer, data):
    """Sends as a network does that takes a while: in two pieces."""
    peer.send(data[: len(data) // 2])
    time.sleep(0.005)
    peer.send(data[len(data) // 2 :])


def use_websocket(server, size=16):
    with pair.Peer.websocket(server.port) as peer:
        in_pieces(peer, pair.frame(b"x" * size, pair.BINARY))
        opcode, payload, _ = peer.frame()
        must(opcode == pair.BINARY, "opcode %d: %r" % (opcode, payload[:40]))
        must(len(payload) == size, "%d bytes" % len(payload))


def use_large(server):
    """A message of 64 KB by WebSocket, and one of 250 KB by Socket.IO."""
    use_websocket(server, 65_536)
    with pair.Peer.session(server.port) as peer:
        event = '42["message","%s"]' % ("x" * 250_000)
        in_pieces(peer, pair.frame(event.encode()))
        must(peer.text() == event, "another event")


def use_session(server):
    """A Socket.IO session by WebSocket; it joins a room of its own."""
    with pair.Peer.session(server.port) as peer:
        peer.send_text('420["join","good"]')
        answer = peer.text()
        must(answer == "430[]", "join: %s" % answer)
        peer.send_text('42["message","x"]')
        must(peer.text() == '42["message","x"]', "another event")


def body(peer, request):
    peer.send(request)
    head = peer.head().decode()
    must(head.startswith("HTTP/1.1 200 "), head.split("\r\n")[0])
    return peer.take(int(re.search(r"Content-Length: (\d+)", head)[1]))


def use_polling(server):
    with pair.Peer.to(server.port) as peer:
        opened = body(peer, get(SESSION + "polling"))
        sid = json.loads(opened[1:])["sid"]
        poll = get("%spolling&sid=%s" % (SESSION, sid))
        body(peer, post(sid, b"40"))
        must(body(peer, poll).startswith(b'40{"sid"'), "no CONNECT")
        body(peer, post(sid, b'42["message","x"]'))
        must(body(peer, poll) == b'42["message","x"]', "another event")
        body(peer, post(sid, b"1"))


def use_pages(server):
    """/healthz, whose head comes in two pieces, and /stats."""
    with pair.Peer.to(server.port) as peer:
        request = get("/healthz")
        peer.send(request[:10])
        time.sleep(0.005)
        body(peer, request[10:])
        json.loads(body(peer, get("/stats")))


USES = {
    "tcp": use_tcp,
    "ws": use_websocket,
    "large": use_large,
    "sio": use_session,
    "polling": use_polling,
    "pages": use_pages,
}


def newcomers(server, seconds, kinds):
    """Uses each kind until the time is over: tries, the slowest in ms, and what was refused, by kind."""
    pair.PATIENCE = PATIENCE
    end = time.monotonic() + seconds
    tries, slowest, refused = 0, 0.0, {}
    while time.monotonic() < end:
        for kind in kinds:
            began = time.monotonic()
            tries += 1
            try:
                USES[kind](server)
            except (pair.Failure, OSError, ValueError, KeyError, TypeError) as error:
                why = "%s: %s" % (kind, " ".join(str(error).split())[:70])
                refused[why] = refused.get(why, 0) + 1
            slowest = max(slowest, (time.monotonic() - began) * 1000)
            if time.monotonic() >= end:
                break
        time.sleep(0.05)
    return {"tries": tries, "slowest": slowest, "refused": refused}


class Newcomers:
    """Two processes: the pages are asked for even while all else waits."""

    def __init__(self, server, seconds):
        others = [kind for kind in USES if kind != "pages"]
        self.processes = [
            Forked(lambda: newcomers(server, seconds, others)),
            Forked(lambda: newcomers(server, seconds, ["pages"])),
        ]

    def end(self):
        parts = [process.end(15) for process in self.processes]
        parts = [part or {"tries": 1, "slowest": 15_000, "refused": {"a newcomer hung": 1}} for part in parts]
        return {
            "tries": sum(part["tries"] for part in parts),
            "slowest": max(part["slowest"] for part in parts),
            "refused": {why: count for part in parts for why, count in part["refused"].items()},
        }


# ---- Members ------------------------------------------------------------------------------------

PING, PONG = pair.frame(b"2", mask=None), pair.frame(b"3")


def members(server, seconds):
    """What became of the two members: those that were refused or closed, and how they ended."""
    pair.PATIENCE = PATIENCE
    end = time.monotonic() + seconds
    peers, gone = {}, {}
    try:
        peers["/broadcast"] = pair.Peer.websocket(server.port, "/broadcast")
        peers["room"] = pair.Peer.session(server.port)
        peers["room"].send_text('42["join","crowded"]')
    except (pair.Failure, OSError) as error:
        gone["opening"] = str(error)[:60]
    while peers and time.monotonic() < end:
        for name in list(peers):
            why = read_some(peers[name])
            if why:
                peers.pop(name)
                gone[name] = why
    return gone


def read_some(peer):
    """Reads once, and answers a ping. Returns how the connection ended, if it did."""
    peer.socket.settimeout(0.01)
    try:
        data = peer.socket.recv(1 << 18)
    except socket.timeout:
        return None
    except OSError as error:
        return "reset (%s)" % error.strerror
    if PING in data:
        peer.send(PONG)
    if not data:
        return "closed after %r" % peer.rest[-30:]
    peer.rest = data[-30:]
    return None


def stats(server, patience):
    """/stats, or None when no answer came in time."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=patience)
    try:
        connection.request("GET", "/stats")
        response = connection.getresponse()
        return json.loads(response.read()) if response.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()

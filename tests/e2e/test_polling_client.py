"""Proves the client's long polling and its upgrade against a server in this file: which requests come, in
which order, on which connection, and what the client reports of servers that fail there."""

import base64
import json
import threading
import time
import urllib.parse

from pair import (
    BINARY, CLOSE, PATIENCE, PING, PONG, TEXT, Failure, Fake, accept, case, check, equal, faults, figures, frame,
    lasted, main, measure, say, within,
)

RS = "\x1e"
ONE = ["connect", "--clients", "1"]
HI = ["--payload", "hi"]
OPEN = {"sid": "s1", "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 20000,
        "maxPayload": 1000000}
UNKNOWN = b'{"code":1,"message":"Session ID unknown"}'


class Request:
    def __init__(self, peer, head):
        line, *fields = head.decode("latin-1").split("\r\n")
        self.method, target, _ = line.split(" ")
        self.path, _, self.query_text = target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(self.query_text, keep_blank_values=True))
        self.fields = dict((f.partition(":")[0].lower(), f.partition(":")[2].strip())
                           for f in fields if f)
        self.peer = peer
        self.head = head
        self.body = peer.take(int(self.fields.get("content-length", 0))).decode()


class Engine(Fake):
    """One Engine.IO session with an echo. `log` has the requests and the answers in order."""

    def __init__(self, opening=OPEN, **options):
        self.opening = opening
        self.options = options
        self.lock = threading.Condition()
        self.log = []
        self.queue = []
        self.posts = []  # bodies
        self.frames = []
        self.under_way = {"GET": 0, "POST": 0}
        self.upgraded = False
        self.probing = False
        self.left = False
        super().__init__(self.connection)

    def url(self, transport="polling", path="/"):
        return "x=http://127.0.0.1:%d%s#%s" % (self.port, path, transport)

    # ---- HTTP

    def connection(self, peer):
        while True:
            request = Request(peer, peer.head())
            if request.query.get("transport") == "websocket":
                return self.websocket(request)
            with self.lock:
                self.log.append((request.method, request))
                self.under_way[request.method] += 1
                check(self.under_way[request.method] == 1, "two at once: " + request.method)
                self.lock.notify_all()
            answer = self.answer_to(request)
            if answer is None:
                return peer.end()
            code, body = answer
            with self.lock:
                self.under_way[request.method] -= 1
                self.log.append(("answer " + request.method, body))
            self.respond(peer, code, body)
            if self.options.get("close"):
                return None

    def respond(self, peer, code, body):
        head = "HTTP/1.1 %d X\r\nContent-Type: text/plain; charset=UTF-8\r\n" % code
        body = body if isinstance(body, bytes) else body.encode()
        if self.options.get("close"):
            head += "Connection: close\r\n"
        if not self.options.get("chunked"):
            head += "Content-Length: %d\r\n" % len(body)
            peer.send(head.encode() + b"\r\n" + body)
            return
        peer.send(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(body), 7):
            peer.send(b"%x;x=y\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7]))
        peer.send(b"0\r\nA: b\r\n\r\n")

    def answer_to(self, request):
        hook = self.options.get("hook")
        answer = hook(self, request) if hook else None
        if answer is not None:
            return answer
        equal(request.path, "/socket.io/", "path")
        equal(request.query["EIO"], "4", "EIO")
        if "sid" not in request.query:
            return 200, "0" + json.dumps(self.opening)
        equal(request.query["sid"], self.opening["sid"], "sid")
        if request.method == "POST":
            self.posts.append(request.body)
            for packet in request.body.split(RS):
                self.packet(packet)
            return 200, "ok"
        return 200, self.poll()

    def poll(self):
        with self.lock:
            self.lock.wait_for(lambda: self.queue, PATIENCE)
            body = RS.join(self.queue)
            self.queue.clear()
            return body

    def say(self, *packets):
        with self.lock:
            self.queue += packets
            self.lock.notify_all()

    # ---- Socket.IO

    def packet(self, packet):
        if packet == "40":
            self.say('40{"sid":"y"}')
        elif packet == "1":
            self.left = True
            if not self.options.get("hangs"):
                self.say("6")
        elif packet.startswith("42") or packet.startswith("45") or packet.startswith("b"):
            self.say(packet)

    # ---- The upgrade

    def websocket(self, request):
        peer = request.peer
        with self.lock:
            self.log.append(("WEBSOCKET", request))
            self.lock.notify_all()
        hook = self.options.get("websocket")
        if hook:
            return hook(self, request)
        accept_request(peer, request)
        equal(peer.text(), "2probe", "probe")
        if self.options.get("before_probe"):
            self.options["before_probe"](self)
        with self.lock:
            self.log.append(("3probe", None))
            self.probing = True
        say(peer, "3probe")
        threading.Timer(self.options.get("noop_after", 0), self.say, ["6"]).start()
        return self.switch(peer)

    def switch(self, peer):
        equal(peer.text(), "5", "upgrade")
        with self.lock:
            self.log.append(("5", None))
            self.upgraded = True
            queue, self.queue = self.queue, []
        say(peer, "6")
        for packet in queue:
            say(peer, packet)
        return self.frames_serve(peer)

    def frames_serve(self, peer):
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                peer.send(frame(payload, CLOSE, mask=None))
                return None
            text = payload.decode()
            self.frames.append(text)
            if text == "40":
                say(peer, '40{"sid":"y"}')
            elif text.startswith("42"):
                say(peer, text)

    # ---- Requests that were seen

    def words(self):
        return [word for word, _ in self.log]

    def requests(self, method):
        return [request for word, request in self.log if word == method]


def accept_request(peer, request):
    peer.rest = request.head + peer.rest  # accept() reads the head itself
    accept(peer)


def phases_of(report, scenario="connect"):
    return set(figures(report, "x", scenario)["phases"]) - {"resolve"}


def wait(engine, condition, what):
    with engine.lock:
        check(engine.lock.wait_for(condition, PATIENCE), "never came: " + what)


# ---- Polling -------------------------------------------------------------------------------------


@case("polling: its phases, its requests in order, and the goodbye")
def polling_phases():
    with Engine() as engine:
        report = measure(*ONE, *HI, engine.url())
    equal(phases_of(report),
          {"tcp", "eio_open", "sio_connect", "ready", "first_echo", "close"}, "phases")
    for phase, times in figures(report, "x")["phases"].items():
        equal(times["count"], 1, phase)
    equal(engine.posts, ["40", '42["message","hi"]', "41" + RS + "1"], "posts")
    gets = engine.requests("GET")
    check("sid" not in gets[0].query, "a sid in the handshake")
    equal([r.query["transport"] for r in gets], ["polling"] * len(gets), "transport")
    equal({id(r.peer) for r in gets}, {id(gets[0].peer)}, "connections of the polls")
    check(all(r.peer is not gets[0].peer for r in engine.requests("POST")), "one connection")
    equal(engine.requests("POST")[0].fields["content-type"], "text/plain;charset=UTF-8", "type")


@case("polling: POST of CONNECT and the first poll are under way at the same time")
def polling_together():
    def hook(engine, request):
        if "sid" in request.query and len(engine.posts) == 0:
            wait(engine, lambda: engine.under_way == {"GET": 1, "POST": 1} or engine.posts, "both")

    with Engine(hook=hook) as engine:
        measure(*ONE, engine.url())
    first = engine.words()[2:4]
    equal(sorted(first), ["GET", "POST"], "requests before an answer")


@case("polling: one poll always waits, except between its answer and the next")
def polling_always():
    with Engine() as engine:
        measure("roundtrip", "--duration", "50ms", "--warmup", "0", engine.url())
    words = [w for w in engine.words() if w.endswith("GET")]
    equal(words, ["GET", "answer GET"] * (len(words) // 2), "polls")
    check(len(words) > 20, "too few polls: %d" % len(words))


@case("polling: chunked responses, in pieces")
def polling_chunked():
    with Engine(chunked=True) as engine:
        report = measure("roundtrip", "--duration", "50ms", "--size", "1000", engine.url())
    check(figures(report, "x", "roundtrip")["tally"]["answered"] > 1, "answered")


@case("polling: a server that closes after each response gets a connection for each request")
def polling_close():
    with Engine(close=True) as engine:
        report = measure("roundtrip", "--duration", "50ms", engine.url())
    check(figures(report, "x", "roundtrip")["tally"]["answered"] > 1, "answered")
    peers = [id(r.peer) for word, r in engine.log if word in ("GET", "POST")]
    equal(len(set(peers)), len(peers), "connections")


@case("polling: a server may close between two requests")
def polling_close_idle():
    def hook(engine, request):
        if request.method == "POST" and len(engine.posts) == 1:
            engine.posts.append(request.body)
            # The connection of CONNECT's POST was idle when it was closed; this is another one.
            check(request.peer is not engine.first, "the same connection")
            engine.packet(request.body)
            return 200, "ok"
        if request.method == "POST" and len(engine.posts) == 0:
            engine.posts.append(request.body)
            engine.first = request.peer
            engine.respond(request.peer, 200, "ok")
            request.peer.socket.shutdown(2)
            engine.under_way["POST"] = 0
            time.sleep(0.05)
            engine.packet("40")
            raise Failure("closed")
        return None

    with Engine(hook=hook) as engine:
        measure(*ONE, engine.url())


@case("polling: any other status is a failure, with the server's words")
def polling_status():
    for body, words in [(UNKNOWN, "HTTP 400: Session ID unknown"),
                        (b'"Invalid session"', "HTTP 400: Invalid session"),
                        (b"<html>", "HTTP 400"), (b"", "HTTP 400")]:
        with Engine(hook=lambda e, r: (400, body)) as engine:
            found = faults(measure(*ONE, engine.url(), code=1), "x")
        equal([(f["status"], f["phase"], f["detail"]) for f in found],
              [("http_status", "eio_open", words)], "")

    def later(method):
        def hook(engine, request):
            return (400, UNKNOWN) if request.method == method and "sid" in request.query else None
        return hook

    for method in ["GET", "POST"]:
        with Engine(hook=later(method)) as engine:
            found = faults(measure(*ONE, engine.url(), code=1), "x")
        equal([(f["phase"], f["detail"]) for f in found],
              [("sio_connect", "HTTP 400: Session ID unknown")], method)


@case("polling: not Engine.IO, an older revision, a body cut off, rubbish between packets")
def polling_rubbish():
    for body, status, phase in [("hello", "eio_packet", "eio_open"), ("", "eio_packet", "eio_open"),
                                ("0{}", "eio_open", "eio_open"), ("40", "eio_packet", "eio_open")]:
        with Engine(hook=lambda e, r: (200, body)) as engine:
            found = faults(measure(*ONE, engine.url(), code=1), "x")
        equal([(f["status"], f["phase"]) for f in found], [(status, phase)], repr(body))

    def poll(body):
        return lambda e, r: (200, body) if r.method == "GET" and "sid" in r.query else None

    for body, status in [('40{"sid":"y"}' + RS, "eio_packet"),
                         ('40{"sid":"y"}' + RS + RS + "2", "eio_packet"), ("9", "eio_packet"),
                         ("1", "eio_closed"), ("bAAAA", "sio_attachment"), ("40", "eio_version"),
                         ('44{"message":"no"}', "sio_connect_error")]:
        with Engine(hook=poll(body)) as engine:
            found = faults(measure(*ONE, engine.url(), code=1), "x")
        equal([f["status"] for f in found], [status], repr(body))

    def cut(engine, request):
        request.peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n0{")
        raise Failure("cut")

    with Engine(hook=cut) as engine:
        found = faults(measure(*ONE, engine.url(), code=1), "x")
    equal([(f["status"], f["phase"]) for f in found], [("closed", "eio_open")], "cut off")


@case("polling: at most 16 packets and maxPayload bytes in one POST")
def polling_joined():
    with Engine() as engine:
        report = measure("roundtrip", "--duration", "100ms", "--depth", "40", engine.url())
    counts = [body.count(RS) + 1 for body in engine.posts]
    equal(max(counts), 16, "packets in a POST")
    tally = figures(report, "x", "roundtrip")["tally"]
    equal((tally["answered"], tally["wrong"]), (tally["sent"], 0), "tally")

    with Engine(dict(OPEN, maxPayload=100)) as engine:
        measure("roundtrip", "--duration", "50ms", "--depth", "40", "--size", "8", engine.url())
    lengths = [len(body) for body in engine.posts]
    within(max(lengths), 80, 100, "bytes in a POST")

    with Engine(dict(OPEN, maxPayload=40)) as engine:
        found = faults(measure(*ONE, "--size", "30", engine.url(), code=1), "x")
    equal([(f["status"], f["phase"]) for f in found], [("too_big", "first_echo")], "too big")


@case("polling: binary as base64, its parts in one body or in several")
def polling_binary():
    for size in [1, 2, 3, 500]:
        with Engine() as engine:
            measure(*ONE, "--binary", "--size", size, engine.url())
        text, data = engine.posts[1].split(RS)
        equal(text, '451-["message",{"_placeholder":true,"num":0}]', "header")
        equal(len(base64.b64decode(data[1:], validate=True)), size, "bytes")

    def apart(engine, request):
        if request.method == "POST" and request.body.startswith("45"):
            text, data = request.body.split(RS)
            engine.say(text)
            wait(engine, lambda: not engine.queue, "a poll for the header")
            engine.say("2")
            wait(engine, lambda: not engine.queue, "a poll for the ping")
            engine.say(data)
            return 200, "ok"
        return None

    with Engine(hook=apart) as engine:
        report = measure(*ONE, "--binary", "--size", "300", engine.url())
    equal(figures(report, "x")["tally"]["heartbeats"], 1, "heartbeats")


@case("polling: a ping is answered by a POST, and one that does not come ends the session")
def polling_heartbeat():
    def hook(engine, request):
        if request.method == "POST" and request.body.startswith("42"):
            engine.say("2")
            engine.pinged = request.body
            return 200, "ok"
        if request.method == "POST" and request.body == "3":
            engine.packet(engine.pinged)
        return None

    with Engine(hook=hook) as engine:
        report = measure(*ONE, engine.url())
    equal(figures(report, "x")["tally"]["heartbeats"], 1, "heartbeats")
    check("3" in engine.posts, "no pong: %r" % engine.posts)

    def silent(engine, request):
        return (200, "ok") if request.method == "POST" and request.body != "40" else None

    with Engine(dict(OPEN, pingInterval=150, pingTimeout=100), hook=silent) as engine:
        begin = time.monotonic()
        found = faults(measure(*ONE, engine.url(), code=1), "x")
        lasted(begin, 0.25, 1.5, "seconds")
    equal([(f["status"], f["phase"]) for f in found], [("ping_timeout", "first_echo")], "")


@case("polling: a reply that does not come, and a poll that hangs after the goodbye")
def polling_hangs():
    def silent(engine, request):
        return (200, "ok") if request.method == "POST" and request.body != "40" else None

    with Engine(hook=silent) as engine:
        found = faults(measure(*ONE, "--timeout", "200ms", engine.url(), code=1), "x")
    equal([(f["status"], f["phase"]) for f in found], [("timeout", "first_echo")], "")

    def forgotten(engine, request):
        """The answer of the poll to the goodbye does not matter."""
        if request.method == "GET" and "sid" in request.query:
            body = engine.poll()
            return (400, UNKNOWN) if engine.left else (200, body)
        return None

    with Engine(hook=forgotten) as engine:
        measure(*ONE, engine.url())
    with Engine(hangs=True) as engine:
        begin = time.monotonic()
        report = measure(*ONE, engine.url())
        lasted(begin, 0, 2, "seconds")
    closed = figures(report, "x")["phases"]["close"]["p50_ns"]
    within(closed, 0, 200e6, "the close ends with the POST's answer")


@case("polling: an odd sid is percent-encoded, the query and the path are kept")
def polling_sid():
    sid = "a+b/c=&%#?d~._-"
    with Engine(dict(OPEN, sid=sid)) as engine:
        measure(*ONE, "--header", "X-A: b", "--origin", "http://o", engine.url(path="/?token=1"))
    later = engine.requests("GET")[1]
    check("&sid=a%2Bb%2Fc%3D%26%25%23%3Fd~._-" in later.query_text, later.query_text)
    for request in engine.requests("GET") + engine.requests("POST"):
        equal(request.query["token"], "1", "token")
        equal((request.fields["x-a"], request.fields["origin"]), ("b", "http://o"), "fields")


@case("polling: every scenario, with exact totals")
def polling_scenarios():
    for scenario, options in [("throughput", ["--clients", "1", "--roundtrips", "9"]),
                              ("send", ["--duration", "50ms", "--depth", "100"])]:
        with Engine() as engine:
            report = measure(scenario, *options, engine.url())
        tally = figures(report, "x", scenario)["tally"]
        check(tally["sent"] >= 9, "sent")
        equal((tally["answered"], tally["unanswered"]), (tally["sent"], 0), "tally")


# ---- The upgrade ---------------------------------------------------------------------------------


def polls_again(engine):
    """Handshake, CONNECT and the first echo are over; the next poll waits."""
    wait(engine, lambda: engine.words().count("answer GET") == 3 and engine.under_way["GET"],
         "a poll")


@case("upgrade: phases, three connections at once, and then the WebSocket alone")
def upgrade_phases():
    def together(engine):
        three = {"GET", "POST", "WEBSOCKET"}
        wait(engine, lambda: engine.posts or three <= set(engine.words()[2:]), "all three")

    def request_held(engine, request):
        if "sid" in request.query and not engine.posts:
            together(engine)

    with Engine(hook=request_held, before_probe=together) as engine:
        report = measure(*ONE, engine.url("upgrade"))
    equal(phases_of(report), {"tcp", "eio_open", "sio_connect", "probe", "switch", "ready",
                              "first_echo", "close"}, "phases")
    equal(sorted(engine.words()[2:5]), ["GET", "POST", "WEBSOCKET"], "before an answer")
    socket = engine.requests("WEBSOCKET")[0]
    equal(socket.query, {"transport": "websocket", "sid": "s1", "EIO": "4"}, "query")
    equal(engine.posts[0], "40", "first POST")
    equal(engine.frames[-1], "41", "last frame")
    check("1" not in engine.posts, "a goodbye by POST")


@case("upgrade: no poll after 3probe, and 5 only when the last one has ended")
def upgrade_order():
    with Engine(before_probe=polls_again, noop_after=0.1) as engine:
        report = measure(*ONE, engine.url("upgrade"))
    words = engine.words()
    probed, upgraded = words.index("3probe"), words.index("5")
    polls = 0
    for word in words[:upgraded]:
        polls += {"GET": 1, "answer GET": -1}.get(word, 0)
    equal(polls, 0, "polls under way at 5")
    equal(words[probed:].count("GET"), 0, "polls after 3probe")
    within(figures(report, "x")["phases"]["switch"]["p50_ns"], 90e6, 2e9, "switch")


@case("upgrade: 5 waits for the POST, too, and no poll begins meanwhile")
def upgrade_post():
    def hook(engine, request):
        """The first message's POST is answered long after the poll that ended the pause."""
        if request.method == "POST" and request.body.startswith("42"):
            wait(engine, lambda: engine.probing, "3probe")
            time.sleep(0.05)
            engine.posts.append(request.body)
            engine.packet(request.body)
            time.sleep(0.05)
            return 200, "ok"
        return None

    def posted(engine):
        wait(engine, lambda: engine.words().count("POST") == 2 and engine.under_way["GET"] and
             engine.words().count("answer GET") == 2, "a message by POST, and a poll")

    with Engine(hook=hook, before_probe=posted) as engine:
        measure(*ONE, engine.url("upgrade"))
    words = engine.words()
    last = [w for w in words[words.index("3probe") + 1:] if w in ("GET", "answer POST", "5")]
    equal(last, ["answer POST", "5"], "after 3probe")


@case("upgrade: a ping in the last poll is answered on the WebSocket")
def upgrade_ping():
    def hook(engine, request):
        if request.method == "GET" and "sid" in request.query:
            body = engine.poll()
            return 200, "2" + RS + body if body == "6" else body
        return None

    with Engine(hook=hook, before_probe=polls_again) as engine:
        report = measure(*ONE, engine.url("upgrade"))
    equal(engine.frames, ["3", "41"], "frames")
    equal(figures(report, "x")["tally"]["heartbeats"], 1, "heartbeats")


@case("upgrade: the first echo is sent at ready, and packets made in the pause wait for 5")
def upgrade_first():
    def hook(engine, request):
        """CONNECT is answered by the very poll that ends the pause."""
        if request.method == "POST" and request.body == "40":
            engine.posts.append("40")
            return 200, "ok"
        if request.method == "GET" and "sid" in request.query:
            body = engine.poll()
            return 200, '40{"sid":"y"}' + RS + body if body == "6" else body
        return None

    with Engine(hook=hook, noop_after=0.05) as engine:
        measure(*ONE, *HI, engine.url("upgrade"))
    equal(engine.posts, ["40"], "posts")
    equal(engine.frames, ['42["message","hi"]', "41"], "frames")

    def posted(engine):
        wait(engine, lambda: len(engine.posts) > 1, "a message by POST")

    with Engine(before_probe=posted) as engine:
        measure(*ONE, *HI, engine.url("upgrade"))
    equal(engine.posts, ["40", '42["message","hi"]'], "posts")
    equal(engine.frames, ["41"], "frames")


@case("upgrade: the attachment of a packet whose header came by polling comes in frames")
def upgrade_attachment():
    def hook(engine, request):
        if request.method == "POST" and request.body.startswith("451-"):
            header, data = request.body.split(RS)
            engine.attachment = base64.b64decode(data[1:])
            engine.say(header)
            engine.posts.append(request.body)
            return 200, "ok"
        return None

    def websocket(engine, request):
        accept_request(request.peer, request)
        equal(request.peer.text(), "2probe", "probe")
        wait(engine, lambda: len(engine.posts) > 1 and not engine.queue, "a poll for the header")
        say(request.peer, "3probe")
        engine.say("6")
        equal(request.peer.text(), "5", "upgrade")
        data = engine.attachment
        request.peer.send(frame(data[:3], BINARY, fin=False, mask=None) + frame(b"", PING, mask=None))
        request.peer.send(frame(data[3:], 0, mask=None))
        equal(request.peer.frame()[0], PONG, "pong")
        engine.frames_serve(request.peer)

    for size in [8, 70000, 500000]:
        with Engine(hook=hook, websocket=websocket) as engine:
            report = measure(*ONE, "--binary", "--size", size, engine.url("upgrade"))
        equal(len(engine.attachment), size, "bytes")
        equal(figures(report, "x")["tally"]["answered"], 1, "answered")
        equal(engine.frames, ["41"], "frames")


@case("upgrade: measuring starts when it is over")
def upgrade_steady():
    for scenario, options in [("roundtrip", ["--duration", "50ms"]),
                              ("send", ["--duration", "20ms"]),
                              ("throughput", ["--clients", "1", "--roundtrips", "6"])]:
        with Engine(noop_after=0.1) as engine:
            report = measure(scenario, *options, engine.url("upgrade"))
        tally = figures(report, "x", scenario)["tally"]
        equal((tally["answered"], tally["wrong"]), (tally["sent"], 0), scenario)
        by_post = sum(body.count('42["') for body in engine.posts)
        check(by_post <= (0 if scenario == "send" else 1), "%s: %d by POST" % (scenario, by_post))
        check(len(engine.frames) > 4, "%s: %r" % (scenario, engine.frames))


@case("upgrade: CONNECT answered on the WebSocket; an open packet as python-engineio writes it")
def upgrade_python():
    opening = {"sid": "s1", "upgrades": ["websocket"], "pingTimeout": 20000, "pingInterval": 25000}

    def hook(engine, request):
        if request.method == "POST" and request.body == "40":
            engine.posts.append("40")
            return 200, "OK"
        if request.method == "GET" and "sid" in request.query:
            body = engine.poll()
            engine.say('40{"sid":"y"}')  # for the WebSocket
            return 200, body
        return None

    with Engine(opening, hook=hook) as engine:
        report = measure(*ONE, *HI, engine.url("upgrade"))
    equal(figures(report, "x")["phases"]["ready"]["count"], 1, "ready")
    equal(engine.frames, ['42["message","hi"]', "41"], "frames")


@case("upgrade: not offered, refused, answered wrongly, never answered: a failure in phase probe")
def upgrade_failures():
    with Engine(dict(OPEN, upgrades=[])) as engine:
        found = faults(measure(*ONE, engine.url("upgrade"), code=1), "x")
    equal([(f["status"], f["phase"]) for f in found], [("unsupported", "probe")], "not offered")
    check("websocket" in found[0]["detail"], found[0]["detail"])

    def refuses(engine, request):
        engine.respond(request.peer, 400, UNKNOWN)
        request.peer.end()

    def answers(*packets, end=False):
        def hook(engine, request):
            accept_request(request.peer, request)
            request.peer.text()
            for packet in packets:
                say(request.peer, packet)
            if not end:
                request.peer.end()
        return hook

    for hook, status in [(refuses, "http_status"), (answers("3"), "eio_packet"),
                         (answers("3probes"), "eio_packet"),
                         (answers("3probe-and-more"), "eio_packet"),
                         (answers(end=True), "closed"), (answers(), "timeout")]:
        with Engine(websocket=hook) as engine:
            report = measure(*ONE, "--timeout", "300ms", engine.url("upgrade"), code=1)
        found = faults(report, "x")
        equal([(f["status"], f["phase"]) for f in found], [(status, "probe")], status)


@case("upgrade: 3probe in fragments; a noop is none; a poll without end fails in phase switch")
def upgrade_switch():
    def noop_first(engine, request):
        peer = request.peer
        accept_request(peer, request)
        peer.text()
        peer.send(frame(b"3p", TEXT, fin=False, mask=None) + frame(b"robe", 0, mask=None))
        engine.say("6")
        engine.switch(peer)

    with Engine(websocket=noop_first) as engine:
        measure(*ONE, engine.url("upgrade"))

    def never(engine, request):
        accept_request(request.peer, request)
        request.peer.text()
        say(request.peer, "6")
        polls_again(engine)
        say(request.peer, "3probe")
        request.peer.end()

    with Engine(websocket=never) as engine:
        report = measure(*ONE, "--timeout", "300ms", engine.url("upgrade"), code=1)
    found = faults(report, "x")
    equal([(f["status"], f["phase"]) for f in found], [("timeout", "switch")], "")


main()

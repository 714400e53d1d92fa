"""Proves that a server fails which answers without being asked, twice, or to others, in whatever shape its
messages come; and what --ignore-unexpected leaves out."""

import contextlib
import json
import threading
import time

from pair import (
    BINARY, CLOSE, OPEN, TEXT, Fake, Server, accept, accept_session, case, check, client, equal, faults,
    figures, finish, frame, lasted, main, measure, say, within,
)

SHORT = ["--duration", "100ms", "--warmup", "0", "--timeout", "1s"]
IGNORE = "--ignore-unexpected"


def tally_of(handler, scheme, *options, code=1, scenario="roundtrip"):
    """The counts of a run against that handler; 1 is the exit of a target that failed."""
    with Fake(handler) as fake:
        report = measure(scenario, *SHORT, *options, "x=" + fake.url(scheme), code=code)
    tally = figures(report, "x")["tally"]
    equal(tally["sent"], tally["answered"] + tally["wrong"] + tally["unanswered"], "balance")
    return tally


class Words:
    """The same talk in each of the three protocols: texts that come, and texts that are said."""

    def __init__(self, peer, scheme, size=2):
        self.peer, self.scheme, self.size = peer, scheme, size
        self.lock = threading.Lock()
        if scheme == "ws":
            accept(peer)
        elif scheme == "http":
            accept_session(peer)

    def bytes_of(self, text):
        if self.scheme == "tcp":
            return text
        packet = b'42["message","%s"]' % text if self.scheme == "http" else text
        return frame(packet, mask=None)

    def say(self, *texts):
        """All in one segment."""
        with self.lock:
            self.peer.send(b"".join(map(self.bytes_of, texts)))

    def hear(self):
        """The next message; None at the end, which is answered as it should be."""
        if self.scheme == "tcp":
            with contextlib.suppress(Exception):
                return self.peer.take(self.size)
            return None
        while True:
            opcode, payload, _ = self.peer.frame()
            if opcode == CLOSE:
                with self.lock:
                    finish(self.peer)
                return None
            if self.scheme == "ws":
                return payload
            if payload.startswith(b"42"):
                return json.loads(payload[payload.index(b"["):])[1].encode()


ALL = ["tcp", "ws", "http"]


# ---- Replies that nobody asked for -----------------------------------------------------------------


def pushes(scheme, text, pause=0.0002):
    """Says the text all the time, and answers nothing; None: says the first message that came."""

    def handler(peer):
        words = Words(peer, scheme)
        said = text or words.hear()
        threading.Thread(target=lambda: iter(words.hear, None), daemon=True).start()
        while True:
            words.say(said)
            time.sleep(pause)

    return handler


@case("a server that says `hi` every 200 us and answers nothing has no round trips, exit 1")
def says_hi():
    for scheme in ALL:
        tally = tally_of(pushes(scheme, b"hi"), scheme)
        within(tally["answered"], 0, 1, scheme + ": answered")
        check(tally["wrong"] + tally["unexpected"] > 0, "%s: %r" % (scheme, tally))


@case("a server that repeats what it heard first has one round trip, exit 1")
def repeats_the_first():
    for scheme in ALL:
        for options in [[], ["--size", "16"]]:
            size = 16 if options else 2

            def handler(peer):
                words = Words(peer, scheme, size)
                first = words.hear()
                while True:
                    words.say(first)
                    time.sleep(0.0002)

            tally = tally_of(handler, scheme, *options)
            within(tally["answered"], 1, 2, scheme + ": answered")
            check(tally["wrong"] + tally["unexpected"] > 0, "%s: %r" % (scheme, tally))


@case("a greeting before the first question is unexpected, exit 1")
def greets():
    def handler(scheme, pause):
        def greet(peer):
            words = Words(peer, scheme)
            time.sleep(pause)
            words.say(b"hi")
            while True:
                heard = words.hear()
                if heard is None:
                    return
                words.say(heard)

        return greet

    for scheme in ["ws", "http"]:
        tally = tally_of(handler(scheme, 0), scheme, "--depth", 2, "--clients", 2)
        check(tally["wrong"] + tally["unexpected"] >= 2, "%s: %r" % (scheme, tally))
        tally = tally_of(handler(scheme, 0), scheme, IGNORE, "--clients", 2, code=0)
        equal((tally["ignored"], tally["unexpected"]), (2, 0), scheme + ": with " + IGNORE)
        equal(tally["answered"], tally["sent"], scheme + ": answered")


# ---- Replies that come twice -----------------------------------------------------------------------


def doubles(scheme, size, apart=None, until=1 << 30):
    """Answers twice: in one segment, or `apart` seconds from each other."""

    def handler(peer):
        words = Words(peer, scheme, size)
        n = 0
        while True:
            heard = words.hear()
            if heard is None:
                return
            if apart is None or n >= until:
                words.say(*[heard] * (2 if n < until else 1))
            else:
                words.say(heard)
                time.sleep(apart)
                words.say(heard)
            n += 1

    return handler


@case("duplicates in the same segment fail, exit 1: any size, depth and protocol")
def doubled():
    for scheme in ALL:
        for size in [2, 3, 16, 300]:
            for depth in [1, 16]:
                tally = tally_of(doubles(scheme, size), scheme, "--size", size, "--depth", depth)
                check(tally["wrong"] + tally["unexpected"] >= tally["sent"] / 3,
                      "%s of %d, depth %d: %r" % (scheme, size, depth, tally))


@case("a duplicate in a segment of its own fails, exit 1")
def doubled_apart():
    for scheme in ALL:
        for size in [2, 16]:
            for depth in [1, 2]:
                tally = tally_of(doubles(scheme, size, 0.002, 3), scheme, "--size", size, "--depth", depth)
                check(tally["wrong"] + tally["unexpected"] > 0, "%s of %d: %r" % (scheme, size, tally))


@case("one reply that comes twice, among many, fails, exit 1")
def doubled_once():
    for scheme in ALL:
        tally = tally_of(doubles(scheme, 2, None, 1), scheme)
        equal((tally["unexpected"], tally["wrong"]), (1, 0), scheme + ": unexpected, wrong")
        check(tally["answered"] == tally["sent"] > 1, "%s: %r" % (scheme, tally))


# ---- Replies to others -----------------------------------------------------------------------------


class Fanout:
    """Each message goes to all clients, in their own order."""

    def __init__(self, scheme, size):
        self.scheme, self.size = scheme, size
        self.lock = threading.Lock()
        self.all = []

    def __call__(self, peer):
        own = Words(peer, self.scheme, self.size)
        with self.lock:
            self.all.append(own)
        while True:
            heard = own.hear()
            with self.lock:
                if heard is None:
                    self.all.remove(own)
                    return
                for words in self.all:
                    with contextlib.suppress(OSError):
                        words.say(heard)


@case("a fan-out server: other clients' messages are no replies, exit 1; with --ignore-unexpected they are left out")
def fanout():
    for scheme in ALL:
        for size in [2, 16]:
            tally = tally_of(Fanout(scheme, size), scheme, "--clients", 5, "--size", size)
            check(tally["wrong"] > 0, "%s of %d: %r" % (scheme, size, tally))
            check(tally["answered"] < tally["sent"], "%s of %d: %r" % (scheme, size, tally))
    for scheme in ["ws", "http"]:
        tally = tally_of(Fanout(scheme, 16), scheme, "--clients", 5, IGNORE, code=0)
        equal((tally["answered"], tally["wrong"], tally["unexpected"]), (tally["sent"], 0, 0), scheme)
        within(tally["ignored"] / tally["sent"], 0.5, 4, scheme + ": ignored of each message")


# ---- --ignore-unexpected ---------------------------------------------------------------------------


def answers(scheme, change, opcode=TEXT):
    """change(n, payload): all that is said after message n; frames of a WebSocket may be given whole."""

    def handler(peer):
        words = Words(peer, scheme)
        n = 0
        while True:
            heard = words.hear()
            if heard is None:
                return
            for text in change(n, heard):
                peer.send(text if isinstance(text, bytearray) else frame(text, opcode, mask=None)
                          if scheme == "ws" else words.bytes_of(text))
            n += 1

    return handler


@case("--ignore-unexpected: what equals no outstanding message is left out, its question stays unanswered")
def ignores():
    def spoils(n, heard):
        if n == 5:
            return [heard[:-1] + b"?"]
        return [b"tick", heard, heard[:15], b"", heard + b"!", b"x" * 40, heard]

    for scheme in ["ws", "http"]:
        tally = tally_of(answers(scheme, spoils), scheme, IGNORE)
        equal((tally["answered"], tally["unanswered"]), (5, 1), scheme + ": answered, unanswered")
        equal((tally["wrong"], tally["unexpected"]), (0, 0), scheme + ": wrong, unexpected")
        equal(tally["ignored"], 5 * 6 + 1, scheme + ": ignored")
        # Without the option the same server fails at once.
        tally = tally_of(answers(scheme, spoils), scheme, "--size", 16)
        check(tally["wrong"] + tally["unexpected"] > 0, "%s: %r" % (scheme, tally))


@case("--ignore-unexpected: replies in pieces, binary, long, among pushes in pieces")
def ignores_pieces():
    def pieces(n, heard):
        cut = n % 18
        push = b"p" * (n % 40)
        yield bytearray(frame(push[:3], TEXT, fin=False, mask=None) + frame(push[3:], 0, mask=None))
        yield bytearray(frame(heard[:cut], TEXT, fin=False, mask=None))
        yield bytearray(frame(b"", 0, fin=False, mask=None))
        yield bytearray(frame(heard[cut:], 0, mask=None))

    for size in [16, 17, 3000]:
        tally = tally_of(answers("ws", pieces), "ws", IGNORE, "--size", size, code=0)
        equal(tally["answered"], tally["sent"], "answered, of %d" % size)
        within(tally["ignored"], tally["sent"] - 1, tally["sent"], "ignored")
    tally = tally_of(answers("ws", lambda n, p: [b"push", p], BINARY), "ws", IGNORE, "--binary", code=0)
    equal((tally["answered"], tally["ignored"]), (tally["sent"], tally["sent"]), "binary")


@case("--ignore-unexpected: a reply finds its message in any order; without it another order is wrong, exit 1")
def ignores_order():
    def backwards(kept):
        def answer(n, heard):
            kept.append(heard)
            return kept[4::-1] + kept[5:] if n == 5 else []  # the last one ends a trial of send

        return answer

    for scheme in ["ws", "http"]:
        for options, code in [([IGNORE], 0), (["--size", "16"], 1), ([], 1)]:
            with Fake(answers(scheme, backwards([]))) as fake:
                report = measure("send", "--depth", 5, "--timeout", "1s", *options, "x=" + fake.url(scheme),
                                 code=code)
            tally = figures(report, "x")["tally"]
            equal(tally["sent"], 6, scheme + ": sent")
            if code == 0:
                equal((tally["answered"], tally["ignored"]), (6, 0), scheme + ": answered, ignored")
            else:
                check(tally["wrong"] >= 3, "%s: %r" % (scheme, tally))


@case("--ignore-unexpected: pushes do not keep a client waiting beyond --timeout, exit 1")
def ignores_for_ever():
    begin = time.monotonic()
    with Fake(pushes("ws", b"p" * 60000, 0.001)) as fake:
        report = measure("connect", "--clients", 1, "--timeout", "300ms", IGNORE, "x=" + fake.url("ws"), code=1)
    lasted(begin, 0.3, 2, "seconds")
    equal([f["status"] for f in faults(report, "x")], ["timeout"], "status")
    tally = figures(report, "x")["tally"]
    equal((tally["answered"], tally["unanswered"], tally["unexpected"]), (0, 1, 0), "tally")


@case("events of other names are counted and ignored, exit 0: with --ack all events are")
def other_names():
    def ticks(peer):
        accept_session(peer)
        while True:
            opcode, payload, _ = peer.frame()
            if opcode == CLOSE:
                finish(peer)
                return
            text = payload.decode()
            if not text.startswith("42"):
                continue
            say(peer, '42["tick",1]')
            if text[2] != "[":
                number, _, rest = text[2:].partition("[")
                say(peer, "42[" + rest)
                text = "43%s[%s" % (number, rest.partition(",")[2])
            say(peer, text)

    for options, each in [([], 1), (["--ack"], 2)]:
        tally = tally_of(ticks, "http", *options, code=0)
        equal((tally["answered"], tally["unexpected"]), (tally["sent"], 0), "answered, unexpected")
        within(tally["ignored"], each * (tally["sent"] - 1), each * tally["sent"], "ignored")


# ---- What the report says --------------------------------------------------------------------------


@case("the report says what a comparison cannot see; --payload sends exactly that text")
def says_what_it_cannot_see():
    heard = []

    def handler(peer):
        words = Words(peer, "ws")
        while True:
            text = words.hear()
            if text is None:
                return
            heard.append(text)
            words.say(text)

    for options, odds, text in [
        ([], 8093, "1 in 8 093"),
        (["--size", "1"], 89, "1 in 89"),
        (["--size", "3"], 8093 * 16, "1 in 129 488"),
        (["--size", "16"], None, "each message names its user and number"),
        (["--payload", "hi"], 1, "all messages are equal, so replies that come twice or in another order pass"),
        ([IGNORE], None, "by content"),
    ]:
        heard.clear()
        with Fake(handler) as fake:
            arguments = ["roundtrip", *SHORT, "x=" + fake.url("ws"), *options]
            target = measure(*arguments)["targets"][0]
            page = client(*arguments).expect(0).out
        equal(target["false_reply_odds"], odds, "odds with %r" % options)
        check(text in " ".join(page.split()), "%r is not in the report" % text)
        check(all(len(text) == (target["payload_bytes"]) for text in heard), "sizes")
        pairs = list(zip(heard, heard[1:]))
        same = sum(a == b for a, b in pairs)
        if odds == 1:
            equal(set(heard), {b"hi"}, "texts")
        elif odds != 89:
            within(same, 0, 1, "neighbours that are equal")  # two runs
    with Server() as server:
        swept = measure("roundtrip", *SHORT, "--sweep", "size=2,64", server.url("ws"))["targets"][0]
    equal(swept["false_reply_odds"], 8093, "odds of the smallest size")


@case("--seed repeats the messages of a run; without it each run has its own")
def seeded():
    runs = []

    def handler(peer):
        words = Words(peer, "ws")
        runs.append([])
        while True:
            text = words.hear()
            if text is None:
                return
            runs[-1].append(text)
            words.say(text)

    with Fake(handler) as fake:
        for seed in [["--seed", "7"], ["--seed", "7"], ["--seed", "8"], [], []]:
            measure("throughput", "--clients", 1, "--roundtrips", 20, *seed, fake.url("ws"))
    equal(runs[0], runs[1], "the same seed")
    equal(len(set(map(tuple, runs))), 4, "different runs")


@case("--ignore-unexpected: what contradicts it is refused in one line, exit 2")
def refused():
    ws = "ws://127.0.0.1:1"
    for options, words in [
        (["--match", "any", ws], ["--match any", "order", IGNORE]),
        (["--payload", "hello", ws], ["--payload hello", "--size 16 or more", IGNORE]),
        (["--size", "15", ws], ["--size 15", "16 bytes or more", IGNORE]),
        (["--sweep", "size=2,64", ws], ["--sweep size=2,64", "16 or more", IGNORE]),
        (["tcp://127.0.0.1:1"], [IGNORE, "no target is ws:// or http://"]),
    ]:
        client("roundtrip", IGNORE, *options).complaint(2, *words)


main()

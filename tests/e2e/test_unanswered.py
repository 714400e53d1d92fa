"""Proves with servers that fall silent that no message which nobody answers is left out of the figures."""

import csv
import json
import os
import threading
import time

from pair import (
    TEXT, Fake, accept, case, check, client, equal, figures, finish, frame, main, measure, scratch, within,
)

MS = 10**6
S = 10**9


def echo(peer, silent=lambda: False):
    """Returns each message, or none while silent() says so."""
    accept(peer)
    while True:
        opcode, payload, _ = peer.frame()
        if opcode != TEXT:
            break
        if not silent():
            peer.send(frame(payload, mask=None))
    finish(peer)


class Mute:
    """Two of its connections (by default) answer their first message, and then nothing."""

    def __init__(self, mute=2):
        self.lock = threading.Lock()
        self.mute = mute

    def __call__(self, peer):
        with self.lock:
            mute = self.mute > 0
            self.mute -= 1
        answered = []

        def silent():
            answered.append(1)
            return mute and len(answered) > 1

        echo(peer, silent)


class Frozen:
    """Each connection stands still for `length` seconds, `at` seconds after its first message."""

    def __init__(self, at, length):
        self.at = at
        self.length = length
        self.begin = None
        self.lock = threading.Lock()

    def freeze(self):
        with self.lock:
            now = time.monotonic()
            self.begin = self.begin or now
        if self.at <= now - self.begin < self.at + self.length:
            time.sleep(self.begin + self.at + self.length - now)
        return False

    def __call__(self, peer):
        echo(peer, self.freeze)


# ---- Two connections that are mute -----------------------------------------------------------------

RATE = ["rate", "--rate", 2000, "--clients", 16, "--depth", 64, "--duration", "1s", "--timeout", "2s"]


@case("rate: what two mute connections left unanswered is later than all the rest, in every output")
def mute_rate():
    with scratch() as folder:
        paths = [os.path.join(folder, name) for name in ("r.json", "r.csv", "r.html")]
        outputs = ["--json", paths[0], "--csv", paths[1], "--html", paths[2], "--hgrm", os.path.join(folder, "h")]
        with Fake(Mute()) as fake:
            run = client(*RATE, *outputs, "x=" + fake.url("ws")).expect(1)
        part = figures(json.loads(read(paths[0])), "x")
        rows = [row for row in csv.DictReader(read(paths[1]).splitlines()) if row["phase"] in ("messages", "plain")]
        page = read(paths[2])
        hgrm = read(os.path.join(folder, "h-x-rate.hgrm"))
    loop, latency = part["open_loop"], part["latency"]
    within(latency["missing"], 20, 128, "unanswered")
    equal(latency["count"] + latency["missing"], loop["planned"], "answered and missing")
    equal(latency["p99_ns"], None, "p99 of the pooled latencies")
    equal(latency["reasons"]["p99_ns"], "unanswered", "why")
    equal(latency["reasons"]["max_ns"], "unanswered", "why there is no maximum")
    check(latency["p50_ns"] < 100 * MS, "a median of %r" % latency["p50_ns"])
    within(latency["missing_after_ns"], 2 * S, 3 * S, "what they have waited")
    for figure in ("p99_ns", "plain_p99_ns", "mean_ns"):
        found = part["figures"][figure]
        equal((found["median"], found["reason"], found["by_block"]), (None, "unanswered", [None]), figure)
    within(part["figures"]["p99_ns"]["above"], 2 * S, 3 * S, "p99 at least")
    for text in (run.out, page.replace("&gt;", ">")):
        check("> 2.0" in text, "no bound in: " + text)
    for row in rows:
        equal([row[k] for k in ("p99_ns", "max_ns", "mean_ns")], [""] * 3, row["phase"])
        equal(int(row["missing"]), latency["missing"], "missing of " + row["phase"])
    check("#[Missing = %12d" % latency["missing"] in hgrm, "the percentile file: " + hgrm[-300:])
    last = [line.split() for line in hgrm.splitlines() if line and line.lstrip()[0].isdigit()][-1]
    check(float(last[1]) < 1 - latency["missing"] / loop["planned"] + 1e-9, "goes on to %r" % last)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def gates(*expressions, handler, arguments):
    """What came of each gate in six blocks."""
    options = []
    for expression in expressions:
        options += ["--fail-if", expression]
    with scratch() as folder:
        path = os.path.join(folder, "r.json")
        with Fake(handler) as fake:
            run = client(*arguments, "--blocks", 6, "--json", path, *options, "x=" + fake.url("ws"), patience=60)
        return run, [gate["outcome"] for gate in json.loads(read(path))["gates"]]


class MuteInEach(Mute):
    """Two of each 16 connections, one after the other."""

    def __call__(self, peer):
        with self.lock:
            self.mute = 2 if self.mute <= -14 else self.mute
        super().__call__(peer)


@case("rate: a gate on the p99 fails for two mute connections, up to the timeout, and is unsure beyond")
def mute_gate():
    short = ["rate", "--rate", 2000, "--clients", 16, "--depth", 64, "--duration", "700ms", "--timeout", "1s",
             "--warmup", "50ms"]
    asked = ["x.rate.p99 > 100ms", "x.rate.p99 > 1s", "x.rate.p99 > 60s", "x.rate.p99 < 100ms", "x.rate.p50 > 900ms"]
    _, outcomes = gates(*asked, handler=MuteInEach(), arguments=short)
    equal(outcomes, ["failed", "failed", "unsure", "passed", "passed"], "gates")


@case("roundtrip: two mute connections of sixteen are in the mean, the maximum and the count")
def mute_roundtrip():
    with Fake(Mute()) as fake:
        options = ["--clients", 16, "--depth", 4, "--duration", "600ms", "--timeout", "1s"]
        part = figures(measure("roundtrip", *options, "x=" + fake.url("ws"), code=1), "x")
    latency = part["latency"]
    equal(latency["missing"], 8, "messages of two connections, depth 4")
    equal((latency["max_ns"], part["figures"]["mean_ns"]["median"]), (None, None), "maximum and mean")
    check(latency["count"] > 100 and latency["p50_ns"] is not None, "the rest: %r" % latency)
    equal(part["broken_identities"], [], "identities")


@case("throughput: clients that are not answered count, and so in its percentiles")
def mute_throughput():
    with Fake(Mute(5)) as fake:
        options = ["--clients", 60, "--concurrency", 10, "--roundtrips", 20, "--timeout", "500ms"]
        part = figures(measure("throughput", *options, "x=" + fake.url("ws"), code=1), "x")
    latency = part["latency"]
    equal((latency["count"], latency["missing"]), (55 * 20 + 5, 5), "answered, missing")
    equal(latency["max_ns"], None, "maximum")
    within(latency["missing_after_ns"], 500 * MS, 900 * MS, "after")


# ---- A server that freezes --------------------------------------------------------------------------


@case("roundtrip: a freeze that begins in the window and outlasts it is the maximum, and is named")
def frozen():
    with Fake(Frozen(0.5, 2)) as fake:
        options = ["--duration", "1s", "x=" + fake.url("ws")]
        part = figures(measure("roundtrip", *options), "x")
    latency = part["latency"]
    within(latency["max_ns"], 1.9 * S, 2.3 * S, "maximum")
    within(part["longest_silence_ns"], 1.9 * S, 2.3 * S, "silence")
    within(part["silent_ns"] / part["window_ns"], 0.4, 0.8, "silent share of the window")
    equal(part["silent_trials"], 1, "trials that stood vacant")
    equal(part["broken_identities"], [], "identities")
    achieved = part["figures"]["rate_per_s"]["median"] * part["window_ns"] / S
    within(achieved, latency["count"] - 1.5, latency["count"] + 0.5, "messages answered within the window")


@case("roundtrip: with many clients the freeze is their p99, in text and page")
def frozen_p99():
    with scratch() as folder:
        page, path = os.path.join(folder, "r.html"), os.path.join(folder, "r.json")
        with Fake(Frozen(0.5, 2)) as fake:
            options = ["--clients", 16, "--depth", 128, "--duration", "1s", "--html", page, "--json", path]
            run = client("roundtrip", *options, "x=" + fake.url("ws")).expect(0)
        within(figures(json.loads(read(path)), "x")["latency"]["p99_ns"], 1.9 * S, 2.5 * S, "p99")
        for text in (" ".join(run.out.split()), read(page)):
            check("stood vacant for more than 5 % of the window" in text, "not named: " + text[-3000:])
            check(any("up to %s" % t in text for t in ("1.9", "2.0", "2.1")), "no length: " + text[-3000:])


@case("roundtrip: a freeze that begins in the warm-up does not hide there")
def frozen_in_warmup():
    with Fake(Frozen(0.1, 0.6)) as fake:
        options = ["--duration", "1s", "--warmup", "200ms", "x=" + fake.url("ws")]
        part = figures(measure("roundtrip", *options), "x")
    within(part["latency"]["max_ns"], 0.5 * S, 0.9 * S, "maximum")
    equal(part["silent_trials"], 1, "trials that stood vacant")
    equal(part["broken_identities"], [], "identities")


@case("roundtrip: a server that is always slow is not called vacant")
def slow():
    def late():
        time.sleep(0.05)
        return False

    with Fake(lambda peer: echo(peer, late)) as fake:
        part = figures(measure("roundtrip", "--duration", "800ms", "x=" + fake.url("ws")), "x")
    equal((part["silent_trials"], part["latency"]["missing"]), (0, 0), "vacant, missing")
    equal(part["latency"]["reasons"].get("p99_ns"), "few", "a p99 of a dozen messages")


@case("sweep: a point that stood vacant is named in text and page")
def frozen_sweep():
    with scratch() as folder:
        page = os.path.join(folder, "r.html")
        with Fake(Frozen(0.3, 1)) as fake:
            options = ["--sweep", "size=2,64", "--blocks", 1, "--duration", "600ms", "--html", page]
            run = client("roundtrip", *options, "x=" + fake.url("ws")).expect(0)
        for text in (" ".join(run.out.split()), read(page)):
            found = any("x at %s bytes stood vacant" % size in text for size in (2, 64))
            check(found, "not named: " + text[-2000:])


@case("rate: a freeze that outlasts the window is in the latencies from due, and is named")
def frozen_rate():
    with Fake(Frozen(0.5, 1.5)) as fake:
        options = ["--rate", 500, "--duration", "1s", "--depth", 1000, "x=" + fake.url("ws")]
        part = figures(measure("rate", *options), "x")
    within(part["latency"]["max_ns"], 1.4 * S, 1.9 * S, "maximum")
    equal(part["latency"]["count"], part["open_loop"]["planned"], "all were answered")
    equal(part["silent_trials"], 1, "trials that stood vacant")


if __name__ == "__main__":
    main()

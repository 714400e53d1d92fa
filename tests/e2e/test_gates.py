"""Proves --fail-if and diff: exit codes by the bounds of the interval, and refusals before anything is done."""

import json
import os

from pair import Fake, Server, accept, case, check, client, equal, finish, main, scratch

QUICK = ["roundtrip", "--blocks", "6", "--duration", "40ms", "--warmup", "5ms"]


def gated(server, *gates, targets=("ws",), **options):
    args = [arg for gate in gates for arg in ("--fail-if", gate)]
    return client(*QUICK, *args, *[server.url(kind) for kind in targets], **options)


@case("a gate that does not hold is exit 0, one that holds 3")
def one_gate():
    with Server() as server:
        result = gated(server, "ws.roundtrip.p50 > 10s").expect(0)
        check("passed" in result.out, "no gate in the text: %s" % result.out)
        equal(result.err.count("--fail-if"), 0, "lines on stderr")
        result = gated(server, "ws.roundtrip.p50 > 1ns").expect(3)
        check("FAILED" in result.out, "no gate in the text: %s" % result.out)
        check("--fail-if ws.roundtrip.p50 > 1ns: holds" in result.err, result.err)
        gated(server, "ws.roundtrip.rate < 1").expect(0)
        gated(server, "ws.roundtrip.rate < 1000M/s").expect(3)


@case("a figure that was not measured, or a line through its interval, is exit 4")
def unsure():
    with Server() as server:
        # The CPU time of a server that is not the sibling is unknown.
        result = gated(server, "ws.roundtrip.server-cpu > 1ns").expect(4)
        check("unsure, not measured" in result.err, result.err)
        result = gated(server, "ws.roundtrip.server-cpu > 1ns", "ws.roundtrip.p50 > 1ns").expect(3)
        equal(result.err.count("--fail-if"), 2, "lines on stderr")
        with scratch() as folder:
            first, second = saved(folder, "a", [10, 11, 12, 13, 14, 15]), None
            second = saved(folder, "b", [10, 11, 12, 13, 14, 16])
            diff(first, second, "ws.roundtrip.p50 > 1").expect(4)


@case("--unsure warn and ok let an unsure gate pass, but no figure that is missing, and none that holds")
def let_pass():
    with scratch() as folder:
        first = saved(folder, "a", [10, 11, 12, 13, 14, 15])
        second = saved(folder, "b", [10, 11, 12, 13, 14, 16])
        for word, code, lines in [("fail", 4, 1), ("warn", 0, 1), ("ok", 0, 0)]:
            result = client("diff", "--unsure", word, "--fail-if", "ws.roundtrip.p50 > 1", first, second)
            equal(result.expect(code).err.count("--fail-if"), lines, "lines with " + word)
    with Server() as server:
        for gates, code in [(["ws.roundtrip.server-cpu > 1ns"], 4), (["ws.roundtrip.p50 > 1ns"], 3)]:
            client(*QUICK, "--unsure", "ok", "--fail-if", *gates, server.url("ws")).expect(code)


@case("a ratio of two targets is taken within the same blocks")
def ratio():
    with Server() as server:
        both = dict(targets=("tcp", "ws"))
        gated(server, "ws/tcp.roundtrip.rate < 0.0001", **both).expect(0)
        gated(server, "ws/tcp.roundtrip.rate < 10000", **both).expect(3)


@case("gates are in the JSON, with the value that was found")
def in_json():
    with Server() as server:
        args = ["--fail-if", "ws.roundtrip.p50>=1us", "--fail-if", "ws.roundtrip.rate < 10"]
        report = client(*QUICK, *args, server.url("ws"), "--json", "-").expect(3).json
        first, second = report["gates"]
        equal((first["outcome"], second["outcome"]), ("failed", "passed"), "outcomes")
        equal((first["line"], first["unit"]), (1000, "ns"), "line")
        figure = report["targets"][0]["scenarios"]["roundtrip"]["figures"]["p50_ns"]
        equal(first["found"]["value"], figure["median"], "found")
        equal(first["found"]["blocks"], 6, "blocks")


@case("a target that fails is exit 1, whatever the outcome of the gates")
def failure_first():
    def wrong(peer):
        accept(peer)
        for _ in range(3):
            peer.frame()
            peer.send(b"\x81\x02no")
        finish(peer)

    with Fake(wrong) as fake:
        result = client(*QUICK, "--fail-if", "ws.roundtrip.p50 > 1ns", fake.url("ws")).expect(1)
        check("--fail-if" in result.err, "the gate is not named: %r" % result.err)


@case("an expression is refused before any time is spent, and no file is touched")
def refused():
    cases = [
        ("nonsense", "expected NAME.SCENARIO.FIGURE"),
        ("tpc.roundtrip.p50 > 1ms", "did you mean tcp?"),
        ("tcp.roundtrip.p55 > 1ms", "did you mean p50?"),
        ("tcp.send.rate > 1", "there is roundtrip"),
        ("tcp.roundtrip.accepted > 1", "accepted is no figure of roundtrip"),
        ("tcp.roundtrip.p50 > 1", "expected a time"),
        ("ws/tcp.roundtrip.p50 > 1ms", "without a unit"),
    ]
    with scratch() as folder:
        path = os.path.join(folder, "kept.json")
        with open(path, "w") as file:
            file.write("kept")
        for gate, words in cases:
            args = [*QUICK, "--fail-if", gate, "--json", path]
            client(*args).complaint(2, "--fail-if", gate, words)
            client(*args, "tcp://127.0.0.1:1", "ws://127.0.0.1:1").complaint(2, gate, words)
        client("roundtrip", "--fail-if", "tcp.roundtrip.p50 > 1ms", "--json", path).complaint(
            2, "--fail-if: needs --blocks 6 or more"
        )
        client("compare", "--fail-if", "sio-upgrade.roundtrip.p50 > 1ms").complaint(
            2, "there is connect"
        )
        client(*QUICK, "--sweep", "size=2,64", "--fail-if", "tcp.roundtrip.p50 > 1s").complaint(
            2, "--fail-if: not together with --sweep"
        )
        with open(path) as file:
            equal(file.read(), "kept", "the file of the report before")


@case("every figure of a report has a gate, and every scenario")
def every_figure():
    words = {}
    with Server() as server:
        for scenario in ("connect", "roundtrip", "throughput", "rate", "send"):
            short = [] if scenario in ("connect", "throughput") else ["--duration", "40ms"]
            few = ["--clients", "3"] if scenario in ("connect", "throughput") else []
            args = [scenario, "--blocks", "6", *short, *few, server.url("ws"), "--json", "-"]
            found = client(*args).expect(0).json["targets"][0]["scenarios"][scenario]["figures"]
            check(found, "no figures of %s" % scenario)
            for key in found:
                word = key.replace("_per_message", "").replace("payload_bytes_per_s", "bytes")
                for cut in ("_p50_ns", "_ns", "_per_s", "_share", "_ratio"):
                    keep = key.startswith(("plain_", "p50")) and cut == "_p50_ns"
                    word = word if keep else word.removesuffix(cut)
                word = word.replace("_", "-")
                gate = "ws.%s.%s > nothing" % (scenario, word)
                client(*args[:-2], "--fail-if", gate).complaint(2, gate, "expected ")
                words.setdefault(scenario, []).append(word)
    check("plain-p99" in words["rate"] and "accepted" in words["send"], "words: %r" % words)


# ---- diff --------------------------------------------------------------------------------------


def figure(values, **more):
    return {"refused": False, "by_block": values, **more}


def report(values, name="ws", **changes):
    """A report of --json, as far as diff reads it."""
    made = {
        "schema": "wsio-report-3",
        "scenario": "roundtrip",
        "options": "5 s, 1 client, depth 1; %d blocks" % len(values),
        "blocks": len(values),
        "partial": False,
        "failed": False,
        "baseline": None,
        "environment": {
            "cpu": "A CPU",
            "system": "Linux",
            "poller": "epoll",
            "version": "0.1.0",
            "commit": "abc",
            "compiler": "gcc",
            "flags": "-O2",
            "cores_used": 2,
            "started_unix_ns": 1795505772530968533,
        },
        "verdicts": {"scenario": "roundtrip", "figure": "p50_ns", "pairs": []},
        "targets": [
            {
                "name": name,
                "kind": "WebSocket",
                "matched": "by order",
                "payload_bytes": 2,
                "binary": False,
                "scenarios": {"roundtrip": {"figures": {"p50_ns": figure(values)}}},
            }
        ],
        "sweep": None,
    }
    made.update(changes)
    return made


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text if isinstance(text, str) else json.dumps(text, indent=2))
    return path


def saved(folder, name, values, **changes):
    return write(folder, name, report(values, **changes))


def diff(first, second, *gates, more=()):
    return client("diff", first, second, *more, *[a for g in gates for a in ("--fail-if", g)])


def columns(result):
    longest = max(len(line) for line in result.out.splitlines())
    check(longest <= 80, "a line of %d columns:\n%s" % (longest, result.out))


LOW, HIGH = [1000, 1001, 1002, 1003, 1004, 1005], [1200, 1201, 1202, 1203, 1204, 1205]


@case("diff compares no figure that is a lower bound: unanswered messages lie in it")
def diff_unanswered():
    with scratch() as folder:
        before = saved(folder, "a.json", LOW)
        bound = report(LOW)
        bound["targets"][0]["scenarios"]["roundtrip"]["figures"]["p50_ns"]["reason"] = "unanswered"
        diff(before, write(folder, "b.json", bound)).complaint(2, "no figure that both reports have")


@case("diff finds a difference where there is one, and none where there is none")
def diff_finds():
    with scratch() as folder:
        low, high = saved(folder, "low", LOW), saved(folder, "high", HIGH)
        result = diff(low, high).expect(0)
        check("1.200 (1.19" in result.out, result.out)
        check("higher: slower" in result.out and "1 of 1" in result.out, result.out)
        columns(result)
        result = diff(high, low).expect(0)
        check("0.834" in result.out and "lower: faster" in result.out, result.out)
        result = diff(low, low).expect(0)
        check("no difference shown" in result.out and "0 of 1" in result.out, result.out)
        few = saved(folder, "few", [1000, 1000, 1000, 1000, 1000])
        check("not enough trials" in diff(few, high).expect(0).out, "five blocks say something")
        equal(diff(low, high, more=["--quiet"]).expect(0).out, "", "stdout with --quiet")


@case("gates of diff judge B / A: exit 0, 3, 4 and 2")
def diff_gates():
    with scratch() as folder:
        low, high = saved(folder, "low", LOW), saved(folder, "high", HIGH)
        gate = "ws.roundtrip.p50 > 1.1"
        result = diff(low, high, gate).expect(3)
        check("FAILED" in result.out and "--fail-if " + gate + ": holds" in result.err, result.err)
        check("passed" in diff(high, low, gate).expect(0).out, "no gate in the text")
        diff(low, high, "ws.roundtrip.p50 > 1.2").expect(4)
        diff(low, high, "ws.roundtrip.p50 > 2ms").complaint(2, "without a unit")
        diff(low, high, "ws.roundtrip.p99x > 2").complaint(2, "did you mean p99?")
        diff(low, high, "ws.connect.ready > 2").complaint(2, "there is roundtrip")
        diff(low, high, "ws.roundtrip.p99 > 2").expect(4)
        refused = report(HIGH)
        refused["targets"][0]["scenarios"]["roundtrip"]["figures"].update(
            p50_ns={"refused": True}, p99_ns=figure(HIGH)
        )
        other = report(LOW)
        other["targets"][0]["scenarios"]["roundtrip"]["figures"]["p99_ns"] = figure(LOW)
        pair = write(folder, "other", other), write(folder, "refused", refused)
        diff(*pair, gate).expect(4)
        diff(*pair, "ws.roundtrip.p99 > 1.1").expect(3)
        few = saved(folder, "few", LOW[:5])
        diff(few, high, gate).complaint(2, "needs --blocks 6 or more")


@case("diff takes the verdict's figure from A, or from --verdict-on")
def diff_verdict():
    with scratch() as folder:
        both = []
        for values in (LOW, HIGH):
            made = report(values)
            made["targets"][0]["scenarios"]["roundtrip"]["figures"]["rate_per_s"] = figure(values)
            made["verdicts"]["figure"] = "rate_per_s"
            both.append(write(folder, str(len(both)), made))
        check("higher: faster" in diff(*both).expect(0).out, "not on the rate")
        result = diff(*both, more=["--verdict-on", "roundtrip.p50"]).expect(0)
        check("higher: slower" in result.out, "not on p50")
        diff(*both, more=["--verdict-on", "send.rate"]).complaint(2, "--verdict-on send.rate")


@case("diff reports what else changed")
def diff_notes():
    with scratch() as folder:
        changed = report(HIGH, partial=True, baseline="ws")
        changed["environment"].update(cpu="Another", flags="-O3", cores_used=4, poller="select")
        trials = dict(unknown=0, same=6, apart=0, moving=0)
        before = report(LOW, baseline="ws", placement=dict(trials=trials))
        changed["placement"] = dict(trials=dict(trials, same=4, moving=2))
        result = diff(write(folder, "a", before), write(folder, "b", changed)).expect(0)
        for words in (
            "processor: A CPU in A, Another in B",
            "flags: -O2 in A, -O3 in B",
            "cores: 2 in A, 4 in B",
            "poller: epoll in A, select in B",
            "B was interrupted",
            "Raw TCP (ws) itself changed",
            "trials 6 same core in A, 4 same core, 2 moving in B",
        ):
            check(words in " ".join(result.out.split()), "%r is not in\n%s" % (words, result.out))
        columns(result)
        changed["placement"] = before["placement"]
        result = diff(write(folder, "a", before), write(folder, "b", changed)).expect(0)
        check("Placements" not in result.out, "placements that are the same")


@case("diff refuses reports that it cannot compare, in one line, before it prints")
def diff_refuses():
    with scratch() as folder:
        low = saved(folder, "low", LOW)
        whole = json.dumps(report(LOW))
        target = report(LOW)["targets"][0]
        cases = [
            ("", "no report of wsio-client"),
            ("{}", "no report of wsio-client"),
            ("{ not json", "no report of wsio-client"),
            (whole[: len(whole) // 2], "cut or damaged"),
            (whole[:-1], "cut or damaged"),
            (whole.replace("wsio-report-3", "wsio-report-1"), "expected schema wsio-report-3"),
            (whole + " " * 9_000_000, "larger than 8 MiB"),
            (report(LOW, targets=3), "damaged"),
            (report(LOW, partial=None), "damaged"),
            (report(LOW, environment={}), "damaged"),
            (report(LOW, placement={}), "damaged"),
            (report(LOW, placement=dict(trials=dict(same=1))), "damaged"),
            (report(LOW, targets=[{**target, "name": "x" * 40}]), "damaged"),
            (report(LOW, targets=[{**target, "name": "t%d" % i} for i in range(9)]), "damaged"),
            (report([1] * 101), "damaged"),
            (report([1, -1]), "damaged"),
            (report([1, "1"]), "damaged"),
            (json.dumps(report([1, 777])).replace("777", "1e999"), "damaged"),
            (report(LOW, sweep={"key": "size"}), "a sweep"),
            (report(LOW, scenario="connect"), "another scenario: connect, not roundtrip"),
            (report(LOW, options="5 s, 2 clients, depth 1; 6 blocks"), "other options: 5 s, 2 cl"),
            (report(LOW, options="5 s, 1 client, depth 1; 6 blocks; cpu 1"), "cpu 1, not default"),
            (report(LOW, name="other"), "no target other"),
            (report(LOW, targets=[]), "no target ws"),
            (report(LOW, targets=[target, {**target, "name": "more"}]), "no target more"),
            (report(LOW, targets=[{**target, "kind": "raw TCP"}]), "another target: raw TCP"),
            (report(LOW, targets=[{**target, "payload_bytes": 64}]), "other messages: 64 bytes"),
            (report(LOW, targets=[{**target, "binary": True}]), "2 bytes of binary"),
            (report(LOW, targets=[{**target, "matched": "any"}]), "replies matched otherwise"),
            (report(LOW, targets=[{**target, "scenarios": {}}]), "no figure that both"),
        ]
        for content, words in cases:
            other = write(folder, "other", content)
            diff(low, other).complaint(2, words)
        diff(low, os.path.join(folder, "absent")).complaint(2, "absent", "cannot be read")
        diff(low, folder).complaint(2, "cannot be read")
        client("diff", low).complaint(2, "expected two files")
        more = report([None, *LOW, None], options="5 s, 1 client, depth 1; 8 blocks")
        diff(low, write(folder, "more", more)).expect(0)


@case("diff: a gate on a figure that one report lacks is unsure, exit 4; a failed run is named without a table")
def diff_lacks():
    with Server() as server, scratch() as folder:
        good, bad = os.path.join(folder, "good"), os.path.join(folder, "bad")
        alive, dead = "alive=" + server.url("ws"), "dead=ws://127.0.0.1:1"
        client(*QUICK, alive, "dead=" + server.url("ws"), "--json", good).expect(0)
        run = client(*QUICK, alive, dead, "--json", bad, "--quiet").expect(1)
        check(run.err.startswith("wsio-client: dead: tcp: "), run.err)
        for pair in [(good, bad), (bad, good)]:
            diff(*pair, "dead.roundtrip.p50 > 1.2").expect(4)
        diff(good, bad, "dead.send.rate < 1").complaint(2, "send is no scenario of dead")


@case("diff notices every option that shaped a run, even the bytes of the payload")
def diff_shape():
    shapes = [
        ["--warmup", "2ms"], ["--payload", "hx"], ["--payload", "hy"], ["--socket-buffer", "8K"],
        ["--busy-poll"], ["--cpu", "0"],
    ]
    words = ["warm-up 0.002 s, not warm-up 0.005 s", "payload #", "payload #", "socket buffers 8192 B", "busy polling", "cpu 0"]
    with Server() as server, scratch() as folder:
        plain = os.path.join(folder, "plain")
        files = [os.path.join(folder, str(i)) for i in range(len(shapes))]
        for file, shape in zip([plain, *files], [[], *shapes]):
            client(*QUICK, *shape, server.url("ws"), "--json", file).expect(0)
        for file, word in zip(files, words):
            diff(plain, file).complaint(2, "other options: " + word)
        diff(files[1], files[2]).complaint(2, "other options", "payload #")
        diff(files[0], files[0]).expect(0)


@case("diff reads the files of --json, with targets in any order")
def diff_real():
    with Server() as server, scratch() as folder:
        first, second = os.path.join(folder, "a"), os.path.join(folder, "b")
        client(*QUICK, *server.urls, "--json", first).expect(0)
        client(*QUICK, *reversed(server.urls), "--json", second).expect(0)
        # Lines that even a disturbed block does not reach: 10 us are a millionth of 10 s.
        result = diff(first, second, "sio.roundtrip.p50 > 1000000").expect(0)
        for words in ("tcp", "ws", "sio", "roundtrip.p90", "roundtrip.drift"):
            check(words in result.out, "no %s in\n%s" % (words, result.out))
        columns(result)
        diff(first, second, "sio.roundtrip.p50 > 0.000001").expect(3)


main()

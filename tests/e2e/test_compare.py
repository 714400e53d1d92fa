"""Proves compare's blocks: their order, the control, the pairs, and the costs of each target's process."""

import subprocess
import time

from pair import Server, case, check, client, equal, figures, main, measure, within

QUICK = ["--duration", "60ms", "--clients", 2, "--roundtrips", 2]


def order(report):
    return [(step["block"], step["target"], step["control"]) for step in report["steps"]]


@case("compare A B of one kind: B is compared with A, and A with itself")
def pairs():
    with Server() as s:
        for kind, count in [("ws", 6), ("sio", 2)]:
            report = measure("compare", "--blocks", count, *QUICK, "A=" + s.url(kind), "B=" + s.url(kind),
                             patience=30)
            equal(report["baseline"], None, "baseline")
            equal([target["reference"] for target in report["targets"]], [None, "A"], "references of " + kind)
            verdict = report["verdicts"]["pairs"][0]
            equal((verdict["target"], verdict["to"]), ("B", "A"), "verdict")
            equal(verdict["noise"]["blocks"], count, "blocks of the noise")
        report = measure("compare", "--blocks", 1, *QUICK, "A=" + s.url("sio"), s.url("ws"),
                         "C=" + s.url("ws"))
        equal([target["reference"] for target in report["targets"]], ["ws", None, "A"], "references")
        report = measure("compare", "--blocks", 1, *QUICK, *s.urls, "B=" + s.url("ws"))
        equal([target["reference"] for target in report["targets"]], [None, None, "ws", "ws"], "with a baseline")


@case("compare: the control has a place of its own in each block, and all its messages are counted")
def again():
    with Server() as s:
        report = measure("compare", "--blocks", 8, *QUICK, "--seed", 5, s.url("ws"), s.url("tcp"),
                         s.url("sio"), patience=30)
        stats = s.stats()
    for scenario in ["connect", "roundtrip", "throughput", "send"]:
        for part in [report["control"]["scenarios"][scenario], figures(report, "ws", scenario)]:
            equal(part["trials"], 8, scenario + ": trials")
            equal(part["broken_identities"], [], scenario + ": identities")
    sent = sum(
        part["tally"]["sent"]
        for group in [report["control"]["scenarios"], report["targets"][0]["scenarios"]]
        for part in group.values()
    )
    equal(stats["websocket_messages"], sent, "the count of the server")
    steps = order(report)
    places = set()
    for block in range(8):
        rows = [(name, twice) for b, name, twice in steps[4 * block:4 * block + 4] if b == block]
        equal(sorted(rows), [("sio", False), ("tcp", False), ("ws", False), ("ws", True)], "block")
        places.add((rows.index(("ws", True)), rows.index(("ws", False))))
    check(len(places) > 3, "no chance in the order: %r" % places)
    times = [step["at_ns"] for step in report["steps"]]
    equal(times, sorted(times), "the order of time")
    for step, (block, name, twice) in zip(report["steps"], steps):
        source = report["control"]["scenarios"]["roundtrip"] if twice else figures(report, name, "roundtrip")
        equal(step["value"], source["figures"]["p50_ns"]["by_block"][block], "value of a step")


@case("blocks: random order in every scenario, repeated by --seed")
def blocks():
    with Server() as s:
        options = ["--duration", "10ms", "--blocks", 6]
        runs = [
            order(measure("roundtrip", *options, "--seed", seed, *s.urls, patience=20))
            for seed in [1, 1, 2]
        ]
        equal(runs[0], runs[1], "the same seed")
        check(runs[0] != runs[2], "another seed has the same order")
        equal(len(runs[0]), 6 * 4, "trials, the control's among them")
        for scenario in ["connect", "throughput", "send"]:
            time_of_it = ["--duration", "10ms"] if scenario == "send" else []
            report = measure(scenario, *time_of_it, "--blocks", 2, *s.urls)
            for name in ["tcp", "ws", "sio"]:
                equal(figures(report, name)["trials"], 2, "%s: trials of %s" % (scenario, name))
                check(len(report["steps"]) == 8, "steps of " + scenario)


@case("--against: the target that is named has the control, and all others are judged against it")
def against():
    with Server() as s:
        targets = ["old=" + s.url("ws"), "new=" + s.url("ws"), s.url("tcp")]
        options = ["--duration", "10ms", "--blocks", 6, "--against", "new"]
        report = measure("roundtrip", *options, *targets, patience=20)
    pairs = [(pair["target"], pair["to"]) for pair in report["verdicts"]["pairs"]]
    equal(pairs, [("old", "tcp"), ("old", "new"), ("new", "tcp")], "pairs")
    equal(report["control"]["target"], "new", "control")
    equal([name for _, name, twice in order(report) if twice], ["new"] * 6, "the control's trials")
    refused = client("roundtrip", "--against", "older", *targets)
    refused.expect(2)
    check("--against older: expected the name of a target: old, new, tcp" in refused.err, refused.err)


@case("--until-decided adds blocks until all is decided, or the time is over, and says so")
def until_decided():
    with Server() as plain, Server("--delay", "2ms") as late:
        targets = ["a=" + plain.url("ws"), "b=" + late.url("ws")]
        options = ["roundtrip", "--until-decided", "--duration", "30ms"]
        report = measure(*options, *targets, patience=60)
        equal(report["verdicts"]["until_decided"], {"looks": 4, "within": 0.02, "decided": True}, "decided")
        check(report["blocks"] in [10, 20, 40], "blocks: %d" % report["blocks"])
        targets[1] = "b=" + plain.url("ws")
        report = measure(*options, "--within", "0.0001%", "--time-limit", "3s", *targets, patience=60)
        equal(report["verdicts"]["until_decided"]["decided"], False, "decided")
        check(any("not all is decided" in note for note in report["notes"]), "notes: %r" % report["notes"])
        equal(figures(report, "b")["trials"], report["blocks"], "trials")
        within(report["took_ns"], 0.5e9, 6e9, "ns")
        report = measure(*options, "--within", "100%", *targets, patience=60)
        equal(report["verdicts"]["until_decided"]["decided"], True, "so large a difference is none")
    for options, cause in [(["--within", "0"], "--within 0: expected a percentage"),
                           (["--until-decided", "--blocks", 7], "--until-decided: not together with --blocks")]:
        refused = client("roundtrip", *options)
        refused.expect(2)
        check(cause in refused.err, refused.err)


@case("compare: the planned time is near the one it takes")
def planned():
    report = measure("compare", "--blocks", 3, "--duration", "100ms", patience=40)
    within(report["planned_ns"] / report["took_ns"], 0.3, 1.6, "planned to taken")


@case("compare: --time-limit ends a run that takes longer than planned, after six blocks")
def time_limit():
    with Server("--delay", "20us") as s:
        begin = time.monotonic()
        options = ["--blocks", 30, "--duration", "20ms", "--clients", 20, "--time-limit", "2s"]
        run = client("compare", *options, s.url("ws"), "--json", "-", patience=90).expect(0)
        within(time.monotonic() - begin, 1, 60, "seconds")
    equal(run.json["blocks"], 6, "blocks")
    check("--time-limit" in str(run.json["notes"]), "notes: %r" % run.json["notes"])


@case("compare: a --time-limit that six blocks cannot keep is reported")
def short_time_limit():
    with Server() as s:
        run = client("compare", "--time-limit", "1500ms", "--json", "-", s.url("ws")).expect(0)
    equal(run.json["blocks"], 6, "blocks")
    check("--time-limit 1.5s: 6 blocks take about" in str(run.json["notes"]), "notes: %r" % run.json["notes"])


# ---- Costs of a process ------------------------------------------------------------------------


@case("--server-pid: a foreign server's CPU time, switches and memory")
def server_pid():
    with Server() as s:
        report = measure("roundtrip", "--duration", "300ms", "--server-pid", "ws=%d" % s.pid,
                         s.url("ws"), "other=" + s.url("ws"))
    known, unknown = report["targets"]
    part = figures(report, "ws")
    within(part["figures"]["server_cpu_ns_per_message"]["median"], 100, 10**6, "CPU per message")
    within(part["figures"]["server_switches_per_message"]["median"], 0.001, 10, "switches")
    moving = part["placements"][0]["placement"] == "moving"
    check((part["limit"] == "unknown") == moving, "limit: %s" % part["limit"])
    within(known["server_peak_bytes"], 10**5, 10**9, "memory")
    equal(unknown["server_peak_bytes"], None, "memory of a server without --server-pid")
    equal(figures(report, "other")["server_cpu_ns"], 0, "its CPU time")


@case("--server-pid: no such process: exit 1, one line, before anything is measured")
def server_pid_dead():
    process = subprocess.Popen(["true"])
    process.wait()
    pid = process.pid
    with Server() as s:
        run = client("roundtrip", "--server-pid", "ws=%d" % pid, s.url("ws"))
        run.complaint(1, "--server-pid", "ws=%d" % pid, "no such process")
        equal(s.stats()["websocket_connections"], 0, "connections")


@case("the sibling's system calls per message: receive, send and wait, one each")
def server_calls():
    report = measure("roundtrip", "--duration", "300ms")
    for name in ["tcp", "ws", "sio"]:
        found = figures(report, name)["figures"]
        for end in ["client", "server"]:
            calls = found[end + "_calls_per_message"]["median"]
            within(calls, 2.5, 3.2, "%s: calls of the %s" % (name, end))
    few = measure("connect", "--clients", 1)
    # accept, one echo, the end of stream; reading the counters costs about as much
    within(figures(few, "tcp")["server_calls"], 4, 8, "calls for one client")
    connections = sum(figures(report, t["name"])["clients_started"] for t in report["targets"][:3])
    equal(report["server"]["connections"], connections + 3, "connections, three of the upgrade")


main()

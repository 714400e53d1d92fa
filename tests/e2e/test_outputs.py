"""Proves the outputs for machines: every kind of report fits its schema, the rows of the CSV fit the report,
the percentile file and the raw log fit each other, and files go only where they may."""

import copy
import csv
import json
import math
import os
import signal
import time

from pair import (
    CLIENT, ROOT, Failure, Result, Server, Skip, case, check, client, ended, equal, main, scratch,
    started, until, within,
)

SCHEMA = os.path.join(ROOT, "tests", "schema", "report.schema.json")
SHORT = ["--duration", "60ms"]


def read(path, **options):
    with open(path, **options) as file:
        return file.read()


def run(folder, *args, code=0, patience=30):
    """A run with every output; the JSON report and the folder's files by name."""
    at = lambda name: os.path.join(folder, name)
    outputs = ["--json", at("a.json"), "--csv", at("a.csv"), "--html", at("a.html"), "--hgrm", at("h")]
    result = client(*args, *outputs, patience=patience).expect(code)
    return json.loads(read(at("a.json"))), result, at


# ---- JSON and its schema -------------------------------------------------------------------------


def validator():
    try:
        import jsonschema
    except ImportError:
        raise Skip("no python3-jsonschema (make deps)")
    schema = json.loads(read(SCHEMA))
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(schema)


def valid(report, what):
    for error in validator().iter_errors(report):
        where = "/".join(map(str, error.absolute_path))
        raise Failure("%s: %s: %.300s" % (what, where, error.message))
    return report


def report_of(*args, code=0, patience=30):
    return valid(
        client(*args, "--json", "-", patience=patience).expect(code).json, " ".join(map(str, args))
    )


@case("schema: every scenario's report, sweeps, gates")
def schema_of_scenarios():
    report_of("connect", "--clients", 3)
    report_of("roundtrip", *SHORT)
    report_of("throughput")
    report_of("send", *SHORT)
    report = report_of("rate", "--rate", 500, *SHORT, "--blocks", 2)
    equal(report["rate_per_s"], 500, "rate")
    report = report_of("roundtrip", *SHORT, "--sweep", "size=2,1K", "--blocks", 2)
    equal([p["value"] for p in report["sweep"]["targets"][1]["points"]], [2, 1024], "sweep")
    report_of("rate", *SHORT, "--sweep", "clients=1,2")
    with Server() as server:
        gate = ["--fail-if", "ws.roundtrip.p50 > 10s", server.url("ws")]
        report = report_of("roundtrip", *SHORT, "--blocks", 6, *gate)
    equal([gate["outcome"] for gate in report["gates"]], ["passed"], "gates")


@case("schema: compare, with its verdicts, noise and steps")
def schema_of_compare():
    report = report_of("compare", *SHORT, "--blocks", 6, "--rate", 500)
    pairs = {(pair["target"], pair["to"]) for pair in report["verdicts"]["pairs"]}
    equal(pairs, {("ws", "tcp"), ("sio", "tcp"), ("sio", "ws")}, "pairs")
    again = report["control"]["scenarios"]["roundtrip"]["ratio_to_first"]["p50_ns"]
    for pair in report["verdicts"]["pairs"]:
        equal(pair["noise"]["value"], again["value"], "noise")
        ratio = pair["ratio"]
        if ratio["blocks"] < 6:  # on a busy machine one verdict may show nothing
            equal((ratio["low_95"], ratio["high_95"]), (None, None), "interval of few blocks")
        else:
            within(ratio["value"], ratio["low_95"], ratio["high_95"], "interval")
    equal(len(report["steps"]), 6 * 4, "steps: four trials in each block")
    times = [step["at_ns"] for step in report["steps"]]
    equal(times, sorted(times), "steps in time")


@case("schema: interrupted and failed runs")
def schema_of_broken():
    process = started([*CLIENT, "roundtrip", "--duration", "20s", "--json", "-"])
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    report = valid(Result(*ended(process)).expect(130).json, "interrupted")
    equal(report["partial"], True, "partial")
    report = report_of("connect", "ws://127.0.0.1:1", code=1)
    equal(report["failed"], True, "failed")
    report_of("connect", "ws://no-such-name.invalid", "tcp://127.0.0.1:1", code=1)


def mutants(report):
    """Yields reports with one thing wrong each, and the name of the fault."""
    part = report["targets"][1]["scenarios"]["roundtrip"]
    for what, change in [
        ("a member too many", lambda r, p: r.update(more=1)),
        ("another schema", lambda r, p: r.update(schema="wsio-report-1")),
        ("no targets", lambda r, p: r.pop("targets")),
        ("a count below 0", lambda r, p: p["tally"].update(sent=-1)),
        ("a text for a number", lambda r, p: p.update(window_ns="1")),
        ("no drift", lambda r, p: p.pop("drifting")),
        ("an unknown figure", lambda r, p: p["figures"].update(p42_ns=p["figures"]["p50_ns"])),
        ("a figure without blocks", lambda r, p: p["figures"]["p50_ns"].pop("by_block")),
        ("half a histogram", lambda r, p: p["latency"].pop("p99_ns")),
        ("another scenario's member", lambda r, p: p.update(value=1)),
        ("an unknown scenario", lambda r, p: r["targets"][1]["scenarios"].update(lunch=p)),
        ("an unknown limit", lambda r, p: p.update(limit="nobody")),
        ("a name with a space", lambda r, p: r["targets"][0].update(name="a b")),
        ("an unknown phase", lambda r, p: p["phases"].update(lunch=p["phases"]["tcp"])),
        ("a verdict that is none", lambda r, p: r["verdicts"].update(figure="p51_ns")),
    ]:
        other = copy.deepcopy(report)
        change(other, other["targets"][1]["scenarios"]["roundtrip"])
        yield what, other
    check(part, "a report to change")


@case("schema: a report with one fault does not pass")
def schema_refuses():
    check_one = validator()
    report = report_of("roundtrip", *SHORT)
    for what, other in mutants(report):
        check(not check_one.is_valid(other), what + " passed")


@case("schema: it knows every scenario of the help")
def schema_scenarios():
    words = client("--help").expect(0).out.split("Scenarios:\n")[1].split("\n\n")[0]
    scenarios = [line.split()[0] for line in words.splitlines()]
    others = ["compare", "doctor", "diff", "echo"]
    known = json.loads(read(SCHEMA))["$defs"]["scenario"]["enum"]
    equal(known, [word for word in scenarios if word not in others], "scenarios")


@case("schema: every member has a description")
def schema_describes():
    bare = []

    def walk(node, path):
        if isinstance(node, list):
            for item in node:
                walk(item, path)
        elif isinstance(node, dict):
            for name, member in node.get("properties", {}).items():
                if "description" not in member and "$ref" not in member:
                    bare.append(path + "/" + name)
            for key, item in node.items():
                if key != "required" and isinstance(item, (dict, list)):
                    walk(item, path + "/" + key)

    walk(json.loads(read(SCHEMA)), "")
    equal(bare, [], "members without a description")


# ---- CSV -----------------------------------------------------------------------------------------


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, strict=True))


@case("csv: a row per trial and per phase, and they add up to the report")
def csv_rows():
    with scratch() as folder:
        report, _, at = run(folder, "roundtrip", *SHORT, "--blocks", 3)
        check(read(at("a.csv"), newline="").endswith("\r\n"), "lines end with CR LF")
        rows = rows_of(at("a.csv"))
        compared = 0
        for target in report["targets"]:
            part = target["scenarios"]["roundtrip"]
            mine = [r for r in rows if r["target"] == target["name"] and r["control"] == "0"]
            messages = [r for r in mine if r["phase"] == "messages"]
            if any(r["broken"] for r in messages):
                continue  # the machine stood still: no figures in either place
            compared += 1
            equal(sorted(r["block"] for r in messages), ["0", "1", "2"], "blocks")
            equal(sum(int(r["count"]) for r in messages), part["latency"]["count"], "latencies")
            for name in ["sent", "answered", "wrong", "unanswered", "unexpected"]:
                equal(sum(int(r[name]) for r in messages), part["tally"][name], name)
            equal(min(int(r["min_ns"]) for r in messages), part["latency"]["min_ns"], "minimum")
            rates = {int(r["block"]): float(r["rate_per_s"]) for r in messages}
            for block, rate in enumerate(part["figures"]["rate_per_s"]["by_block"]):
                within(rates[block] / rate, 0.9999, 1.0001, "rate of a block")
            for phase, figures in part["phases"].items():
                counts = [int(r["count"]) for r in mine if r["phase"] == phase]
                equal(sum(counts), figures["count"], phase)
        check(compared > 0, "every target's figures were refused")
        orders = [int(r["order"]) for r in rows if r["phase"] == "messages"]
        equal(orders, list(range(3 * len(report["targets"]) + 3)), "order: the trials, and the control's")


@case("csv: compare's second trial of the first target, swept values, the open loop")
def csv_more():
    with scratch() as folder:
        _, _, at = run(folder, "compare", *SHORT, "--blocks", 2)
        rows = [r for r in rows_of(at("a.csv")) if r["phase"] == "messages"]
        again = [r for r in rows if r["control"] == "1" and r["scenario"] == "roundtrip"]
        equal([r["target"] for r in again], ["tcp"] * 2, "control")
    with scratch() as folder:
        report, _, at = run(folder, "rate", "--rate", 500, *SHORT, "--sweep", "size=2,64")
        rows = rows_of(at("a.csv"))
        equal({r["sweep_value"] for r in rows}, {"2", "64"}, "swept values")
        plain = [r for r in rows if r["phase"] == "plain" and r["target"] == "ws"]
        points = [t for t in report["sweep"]["targets"] if t["name"] == "ws"][0]["points"]
        equal([int(r["p50_ns"]) for r in plain],
              [p["open_loop"]["from_send"]["p50_ns"] for p in points], "plain medians")


# ---- Percentile files ------------------------------------------------------------------------------


def percentiles(path):
    """The lines as (value in ns, percentile, count), and the footer's numbers."""
    lines, footer = [], {}
    for line in read(path).split("\n"):
        if line.startswith("#["):
            for piece in line.strip("#[]").split(","):
                name, _, value = piece.partition("=")
                footer[name.strip()] = float(value)
        elif line and line[0] != "#" and line.split()[0] != "Value":
            columns = line.split()
            lines.append((float(columns[0]) * 1000, float(columns[1]), int(columns[2])))
            if len(columns) == 4:
                within(float(columns[3]) * (1 - lines[-1][1]), 0.99, 1.01, "the fourth column")
            else:
                equal((len(columns), lines[-1][1]), (3, 1.0), "the last line")
    return lines, footer


def latencies(path, target):
    """The latencies of the raw log, sorted, in ns."""
    return sorted(
        round(float(word) * 1e6)
        for line in read(path).split("\n")
        if line.startswith(target + " ")
        for word in line.split()[2:]
    )


@case("hgrm: the percentiles are those of the raw log, within a bin")
def hgrm_against_log():
    with scratch() as folder:
        log = os.path.join(folder, "log")
        options = ["--clients", 40, "--roundtrips", 50, "--log", log]
        run(folder, "throughput", *options)
        for target in ["tcp", "ws", "sio"]:
            values = latencies(log, target)
            equal(len(values), 2000, "values of the log")
            path = os.path.join(folder, "h-%s-throughput.hgrm" % target)
            check(read(path).startswith("# wsio throughput of %s: latency, values in us\n" % target),
                  "the first line names the unit")
            lines, footer = percentiles(path)
            check(len(lines) > 20, "only %d lines" % len(lines))
            for value, part, count in lines:
                exact = values[max(math.ceil(part * len(values) - 1e-6), 1) - 1]
                within(value - exact, -0.6, exact / 128 + 0.6, "value at %g" % part)
                within(count, part * len(values) - 1e-6, len(values), "count at %g" % part)
                below = sum(1 for v in values if v <= value + 0.6)
                equal(count, below, "values up to %g" % value)
            equal(lines[0][1], 0.0, "the first percentile")
            within(lines[-1][0] - values[-1], -0.6, 0.6, "the maximum")
            equal(footer["Total count"], 2000, "total")
            mean = sum(values) / len(values)
            within(footer["Mean"] * 1000 / mean, 0.9999, 1.0001, "mean")
            spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
            within(footer["StdDeviation"] * 1000 / spread, 0.9999, 1.0001, "deviation")
            within(footer["Max"] * 1000 - values[-1], -0.6, 0.6, "maximum in the footer")


@case("hgrm: a file for each target and scenario, created before any time is spent")
def hgrm_files():
    with scratch() as folder:
        run(folder, "compare", *SHORT, "--blocks", 1)
        names = sorted(n for n in os.listdir(folder) if n.endswith(".hgrm"))
        expected = ["h-%s-%s.hgrm" % (t, s) for t in ["tcp", "ws", "sio"]
                    for s in ["connect", "roundtrip", "throughput", "send"]]
        equal(names, sorted(expected + ["h-sio-upgrade-connect.hgrm"]), "files")
        check("until it may send" in read(os.path.join(folder, "h-ws-connect.hgrm")), "of connect")
        empty = [n for n in expected if os.path.getsize(os.path.join(folder, n)) == 0]
        equal(empty, [], "empty files")
    with scratch() as folder:
        run(folder, "roundtrip", *SHORT, "--sweep", "size=2,64")
        check("h-ws-roundtrip-size64.hgrm" in os.listdir(folder), "no file of a swept value")


# ---- Where files may go -----------------------------------------------------------------------------


@case("outputs: two to one place are refused with exit 2, whatever the place")
def one_place():
    for options in [["--json", "-", "--csv", "-"], ["--html", "-", "--json", "-"],
                    ["--csv", "x", "--json", "x"]]:
        client("connect", *options).complaint(2, options[0], options[2])


@case("outputs: a path that cannot be written, named with its option before anything is measured")
def unwritable():
    with scratch() as folder:
        missing = os.path.join(folder, "missing", "x")
        with Server() as server:
            for option in ["--json", "--csv", "--html", "--hgrm"]:
                client("connect", option, missing, server.url("ws")).complaint(1, option, missing)
            for option in ["--json", "--csv", "--html"]:
                client("connect", option, folder, server.url("ws")).complaint(1, option, folder)
            equal(server.stats()["loop"]["accepted"], 1, "connections: this question's")


@case("outputs: each may be stdout, and then nothing else is there")
def stdout():
    for option, start, end in [("--json", "{", "}\n"), ("--csv", "order,", "\r\n"),
                               ("--html", "<!doctype html>", "</html>\n")]:
        code, out, err = ended(started([*CLIENT, "connect", "--clients", "2", option, "-"]))
        equal(code, 0, "exit with %s (%s)" % (option, err))
        check(out.startswith(start) and out.endswith(end), "%s: %.80r" % (option, out))


@case("outputs: a full disk is reported for each of them")
def full():
    with Server() as server:
        for option in ["--json", "--csv", "--html"]:
            client("connect", "--clients", 1, "--quiet", option, "/dev/full", server.url("ws")
                   ).complaint(1, option, "/dev/full")


KINDS = ["json", "csv", "html"]


def old_reports(folder):
    """Options for every report, each with an older one in its place."""
    options = []
    for kind in KINDS:
        path = os.path.join(folder, kind)
        with open(path, "w") as file:
            file.write("old")
        os.chmod(path, 0o640)
        options += ["--" + kind, path]
    return options


def all_old(folder, more=()):
    equal(sorted(os.listdir(folder)), sorted([*KINDS, *more]), "files")
    for kind in KINDS:
        equal(read(os.path.join(folder, kind)), "old", kind)


@case("outputs: an older report stays when another cannot be written, is refused, or the run is killed")
def old_stays():
    with scratch() as folder, Server() as server:
        options = old_reports(folder)
        missing = os.path.join(folder, "missing", "x")
        for more in [["--hgrm", missing], ["--log", missing]]:
            command = "throughput" if more[0] == "--log" else "connect"
            client(command, *options, *more, server.url("ws")).complaint(1, missing)
            all_old(folder)
        client("connect", *options, "--html", missing, server.url("ws")).complaint(1, missing)
        all_old(folder)
        client("roundtrip", *options, "--fail-if", "nobody.roundtrip.p50 > 1ms", server.url("ws")).expect(2)
        all_old(folder)
        process = started([*CLIENT, "roundtrip", "--duration", "20s", *options, server.url("ws")])
        until(lambda: server.stats()["websocket_messages"] > 100, "messages")
        process.kill()
        ended(process)
        for kind in KINDS:
            equal(read(os.path.join(folder, kind)), "old", kind + " after a kill")


@case("outputs: a complete report replaces the older one, keeps its permissions, and leaves nothing beside it")
def replaced():
    with scratch() as folder:
        client("connect", "--clients", 1, "--quiet", *old_reports(folder)).expect(0)
        equal(sorted(os.listdir(folder)), sorted(KINDS), "files")
        for kind in KINDS:
            path = os.path.join(folder, kind)
            check(len(read(path)) > 100, "no new " + kind)
            equal(os.stat(path).st_mode & 0o777, 0o640, "permissions of " + kind)


@case("outputs: a link is written as it is")
def link():
    with scratch() as folder:
        path = os.path.join(folder, "link")
        os.symlink("file", path)
        client("connect", "--clients", 1, "--quiet", "--json", path).expect(0)
        check(os.path.islink(path), "the link is gone")
        json.loads(read(os.path.join(folder, "file")))
        equal(sorted(os.listdir(folder)), ["file", "link"], "files")


@case("outputs: a disk that gets full leaves the older report")
def full_disk():
    with scratch() as folder:
        options = old_reports(folder)
        limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh", *CLIENT]  # 512 bytes
        code, _, err = ended(started([*limited, "connect", "--clients", "1", "--quiet", *options]))
        equal(code, 1, "exit (%s)" % err)
        check("cannot be written" in err, err)
        all_old(folder)


main()

"""Proves that a run says where both ends ran, puts them where --placement wants, and gives servers their cores back."""

import csv
import io
import os
import subprocess
import sys
import time

from pair import (
    CLIENT, Server, Skip, case, check, client, ended, equal, figures, main, measure, not_on_wine,
    started, until, within,
)

SHORT = ["--duration", "200ms"]
SCENARIOS = ["connect", "roundtrip", "throughput", "send"]


def cores(count=2):
    """The cores that this process may use; skips where there are fewer."""
    not_on_wine(CLIENT, reason="Windows has no cores that a process inherits")
    found = sorted(os.sched_getaffinity(0))
    if len(found) < count:
        raise Skip("%d of %d cores are allowed" % (len(found), count))
    return found


def on_one_core(*args):
    """A client that may use the first core only."""
    core = cores(1)[0]
    return started([*CLIENT, *args], preexec_fn=lambda: os.sched_setaffinity(0, {core}))


def seen(report, asked):
    """Every trial of the report ran there, and the report says so."""
    equal(report["placement"]["asked"], asked, "asked")
    equal(report["placement"]["differs"], False, "differs")
    for target in report["targets"]:
        for name, part in target["scenarios"].items():
            equal(len(part["placements"]), part["trials"], "trials of " + name)
            for trial in part["placements"]:
                equal(trial["placement"], asked, "%s %s: %r" % (target["name"], name, trial))
                check(trial["samples"] >= (3 if name == "roundtrip" else 1), "samples of %s: %r" % (name, trial))
                equal(trial["same_core_share"], 1 if asked == "same" else 0, "share of " + name)


@case("--placement same: both ends on one core, in every trial of every scenario")
def same():
    cores(1)
    report = measure("compare", "--placement", "same", "--blocks", 1, "--clients", 10, *SHORT, patience=30)
    seen(report, "same")
    place = report["placement"]
    equal(place["client_core"], place["server_core"], "cores")
    check(place["client_core"] in os.sched_getaffinity(0), "a core that is allowed")
    equal(report["targets"][1]["scenarios"].keys(), set(SCENARIOS), "scenarios")
    check("placement same" in report["options"], report["options"])


@case("--placement apart: a core for each, in every trial of every scenario")
def apart():
    cores(2)
    report = measure("compare", "--placement", "apart", "--blocks", 1, "--clients", 10, *SHORT, patience=30)
    seen(report, "apart")
    place = report["placement"]
    check(place["client_core"] != place["server_core"], "cores: %r" % place)


@case("--placement apart --cpu: the client's core is the one that is named")
def apart_cpu():
    core = cores(2)[0]
    for how in ["apart", "same"]:
        report = measure("roundtrip", "--placement", how, "--cpu", core, *SHORT)
        seen(report, how)
        equal(report["placement"]["client_core"], core, "core of the client")


@case("by default our own server shares the client's core; with --busy-poll it does not")
def default():
    cores(2)
    seen(measure("roundtrip", *SHORT), "same")
    seen(measure("roundtrip", "--busy-poll", *SHORT), "apart")


@case("--busy-poll on one core: the report warns")
def busy():
    cores(1)
    run = client("roundtrip", "--busy-poll", "--placement", "same", "--duration", "50ms", "--json", "-").expect(0)
    check("--busy-poll on a core that both ends share" in str(run.json["placement"]["warnings"]), "warnings")
    run = client("roundtrip", "--busy-poll", "--placement", "same", "--duration", "50ms").expect(0)
    check("\nPLACEMENT" in run.out and "--busy-poll on a core" in run.out, run.out)


@case("IN SHORT names the placement")
def in_short():
    cores(1)
    run = client("roundtrip", "--placement", "same", *SHORT).expect(0)
    line = next(line for line in run.out.splitlines() if line.startswith("IN SHORT"))
    check(line.endswith("medians; ratios by block; both ends on one core"), line)


@case("--placement apart with one core, or a --cpu that is not allowed: one line, exit 2, before anything starts")
def contradictions():
    core = cores(1)[0]
    for args, words in [
        (["--placement", "apart"], ["--placement apart: expected 2 cores", "core %d" % core]),
        (["--placement", "same", "--cpu", str(core + 1)],
         ["--cpu %d: not together with --placement same" % (core + 1), "core %d" % core]),
    ]:
        process = on_one_core("roundtrip", *args)
        code, out, err = ended(process)
        equal((code, out, err.count("\n")), (2, "", 1), "exit, output, lines: " + err)
        for word in words:
            check(word in err, err)


@case("on one core the default is to share it, and no warning says otherwise")
def one_core():
    process = on_one_core("roundtrip", *SHORT, "--json", "-", "--quiet")
    code, out, err = ended(process)
    equal(code, 0, "exit: " + err)
    check('"asked": "same"' in out and '"client_core": %d' % cores(1)[0] in out, "placement")


# ---- Servers that run already ------------------------------------------------------------------


@case("--server-pid: a server that is named is sampled, and not moved unless asked")
def foreign_free():
    allowed = set(cores(1))
    with Server() as s:
        report = measure("roundtrip", *SHORT, "--server-pid", "ws=%d" % s.pid, s.url("ws"), "other=" + s.url("ws"))
        equal(os.sched_getaffinity(s.pid), allowed, "cores of the server")
    equal(report["placement"]["asked"], "free", "asked")
    check(figures(report, "ws")["placements"][0]["placement"] != "unknown", "it was sampled")
    equal(figures(report, "other")["placements"],
          [{"placement": "unknown", "samples": 0, "same_core_share": None}], "without its pid")


@case("--placement with --server-pid: the server is moved, and gets its cores back")
def foreign_moved():
    allowed = set(cores(2))
    with Server() as s:
        for how in ["same", "apart"]:
            process = started([*CLIENT, "roundtrip", "--duration", "500ms", "--placement", how, "--server-pid",
                               "ws=%d" % s.pid, s.url("ws"), "--json", "-", "--quiet"])
            until(lambda: len(os.sched_getaffinity(s.pid)) == 1, "the server to be bound")
            code, out, err = ended(process)
            equal(code, 0, "exit: " + err)
            check('"placement": "%s"' % how in out, "placement " + how)
            equal(os.sched_getaffinity(s.pid), allowed, "cores after the run")


@case("--placement: a process that may not be moved, or is not there, is named")
def refused():
    cores(2)
    with Server() as s:
        client("roundtrip", "--placement", "same", s.url("ws")).complaint(2, "--placement same", "--server-pid ws=PID")
        threads = ("import os, threading, time; t = threading.Thread(target=lambda: (os.sched_setaffinity(0, {%d}), "
                   "print(flush=True), time.sleep(30)), daemon=True); t.start(); time.sleep(30)" % cores(2)[0])
        other = started([sys.executable, "-c", threads])
        other.stdout.readline()
        run = client("roundtrip", "--placement", "same", "--server-pid", "ws=%d" % other.pid, s.url("ws"))
        other.kill()
        other.wait()
        run.complaint(1, "process %d" % other.pid, "its threads have cores of their own")


@case("a server that the system moves between cores: its trials differ, and every report says so")
def mixed():
    first, second = cores(2)[:2]
    with Server() as s:
        os.sched_setaffinity(s.pid, {first})
        process = started([*CLIENT, "roundtrip", "--cpu", str(first), "--blocks", "4", "--duration", "400ms",
                           "--server-pid", "ws=%d" % s.pid, s.url("ws"), "--json", "-"])
        try:
            process.wait(0.8)
        except subprocess.TimeoutExpired:
            pass
        os.sched_setaffinity(s.pid, {second})
        code, out, err = ended(process)
    equal(code, 0, "exit: " + err)
    check('"differs": true' in out, "differs")
    check("ws: its trials saw different placements, which its figures mix: roundtrip" in out, "the warning")


@case("what is sampled before the window does not count")
def window():
    first, second = cores(2)[:2]
    with Server() as s:
        os.sched_setaffinity(s.pid, {first})
        process = started([*CLIENT, "roundtrip", "--cpu", str(first), "--warmup", "1500ms", "--duration", "2s",
                           "--server-pid", "ws=%d" % s.pid, s.url("ws"), "--csv", "-", "--quiet"])
        time.sleep(0.7)  # of the warm-up
        os.sched_setaffinity(s.pid, {second})
        code, out, err = ended(process)
    equal(code, 0, "exit: " + err)
    row = next(csv.DictReader(io.StringIO(out)))
    equal((row["placement"], row["same_core_share"]), ("apart", "0.000"), "the window")
    within(int(row["placement_samples"]), 3, 20, "samples of half a second")


if __name__ == "__main__":
    main()

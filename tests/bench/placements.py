#!/usr/bin/env python3
"""Measures which --placement gives compare's ratios again when it is run again.

    tests/bench/placements.py [RUNS] [wsio-client options...]

Runs compare of our own server with same, apart and free in turn, RUNS times (5), and prints for each pair and
placement the ratios of round trips (p50) of all runs, how far they lie apart, and the verdicts. With the default
blocks a run takes half a minute; `--blocks 6 --time-limit 15` makes it shorter."""
import collections
import json
import os
import statistics
import subprocess
import sys

binaries = os.environ.get("WSIO_BIN", "build")
runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
options = sys.argv[2:]
PLACEMENTS = ["same", "apart", "free"]


def run(placement):
    """The report of one run, or None: a loaded machine may lose a trial."""
    command = [binaries + "/wsio-client", "compare", "--quiet", "--json", "-", "--placement", placement, *options]
    done = subprocess.run(command, capture_output=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def spread(values):
    """The median, and the largest over the smallest."""
    return "median %.3f, largest / smallest %.3f" % (statistics.median(values), max(values) / min(values))


def show(placement, reports):
    print("--placement %s: %d runs" % (placement, len(reports)))
    trials = collections.Counter()
    ratios, verdicts, noise = (collections.defaultdict(list) for _ in range(3))
    for report in reports:
        trials.update(report["placement"]["trials"])
        for pair in report["verdicts"]["pairs"]:
            name = pair["target"] + " vs " + pair["to"]
            ratios[name].append(pair["ratio"]["median"])
            verdicts[name].append(pair["result"])
            noise["tcp vs itself"].append(pair["noise"]["median"])
    trips = [report["targets"][0]["scenarios"]["roundtrip"]["figures"]["p50_ns"]["median"] / 1000 for report in reports]
    load = [report["environment"]["load_before"] for report in reports]
    print("  trials saw: " + ", ".join("%d %s" % (n, key) for key, n in trials.items() if n))
    print("  tcp p50, us: %s; load %.1f to %.1f" % (spread(trips), min(load), max(load)))
    for name, values in ratios.items():
        counted = collections.Counter(verdicts[name])
        print("  %-12s %s: %s  [%s]" % (name, spread(values), " ".join("%.3f" % v for v in values),
                                       ", ".join("%d %s" % (n, key) for key, n in counted.items())))
    for name, values in noise.items():
        print("  %-12s %s" % (name, spread(values)))


def main():
    reports = {placement: [] for placement in PLACEMENTS}
    for number in range(runs):
        for placement in PLACEMENTS:
            report = run(placement)
            if report:
                reports[placement].append(report)
        print("run %d of %d" % (number + 1, runs), file=sys.stderr, flush=True)
    for placement in PLACEMENTS:
        if reports[placement]:
            show(placement, reports[placement])


main()

#!/usr/bin/env python3
"""Proves how often compare's verdict is right: of the same server twice, of a server that answers 30 us later than
another, on one core and apart, and of one that answers 1 us later.

    tests/bench/verdicts.py [RUNS] [NAME] [wsio-client options...]

NAME chooses among `same`, `30us-same-core`, `30us-apart` and `1us-until-decided`. 20 runs of all four take about half
an hour. Exit 1 when a condition has fewer right verdicts than it must have, for 20 runs: 18, 20, 18 and 18."""
import collections
import json
import os
import subprocess
import sys

binaries = os.environ.get("WSIO_BIN", "build")
SAME_CORE, APART = ["--placement", "same"], ["--placement", "apart"]
CONDITIONS = {  # name: (options, delay of the second server, the right verdict, how many of 20 must have it)
    "same": (SAME_CORE, None, "no_difference", 18),
    "30us-same-core": (SAME_CORE, "30us", "higher", 20),
    "30us-apart": (APART, "30us", "higher", 18),
    "1us-until-decided": (SAME_CORE + ["--until-decided"], "1us", "higher", 18),
}


def server(*more):
    process = subprocess.Popen([binaries + "/wsio-server", "--port", "0", "--tcp-port", "0", "--quiet", *more],
                               stdout=subprocess.PIPE, text=True)
    return process, "ws://" + process.stdout.readline().split()[3] + "/"


def verdict(options, a, b):
    """B against A: the result's word, the ratio with its interval, and the blocks that it took."""
    pids = ["--server-pid", "A=%d" % a[0].pid, "--server-pid", "B=%d" % b[0].pid]
    command = [binaries + "/wsio-client", "compare", "--quiet", "--json", "-", *pids, *options, "A=" + a[1], "B=" + b[1]]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    [pair] = report["verdicts"]["pairs"]
    return pair["result"], pair["ratio"], report["blocks"]


def count(name, runs, more):
    """Are the verdicts of this condition right often enough?"""
    options, delay, right, least = CONDITIONS[name]
    servers = [server()] + ([server("--delay", delay)] if delay else [])
    results = collections.Counter()
    try:
        for _ in range(runs):
            result, ratio, blocks = verdict(options + more, servers[0], servers[-1])
            results[result] += 1
            print("  %-14s %.4f (%.4f to %.4f), %d blocks" %
                  (result, ratio["value"], ratio["low_95"], ratio["high_95"], blocks), flush=True)
    finally:
        for process, _ in servers:
            process.terminate()
            process.wait()
    print("%s: %d of %d %s" % (name, results[right], runs, right), flush=True)
    return 20 * results[right] >= least * runs


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    names = sys.argv[2:3] if sys.argv[2:3] and sys.argv[2] in CONDITIONS else list(CONDITIONS)
    more = sys.argv[3 if len(names) == 1 else 2:]
    sys.exit(0 if all([count(name, runs, more) for name in names]) else 1)


main()

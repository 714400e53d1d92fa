#!/usr/bin/env python3
"""Proves how often compare's verdict is right: the same server twice, and one that waits 30 us beside a plain one.

    tests/bench/verdicts.py [RUNS] [wsio-client options...]

With `--placement same` or `apart` the servers are placed, too. With 20 runs of the default blocks it takes about ten
minutes. Exit 1 when more than one run in twenty is
wrong: a difference shown between a server and itself, or the delay not found."""
import collections
import json
import os
import subprocess
import sys

binaries = os.environ.get("WSIO_BIN", "build")
runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
options = sys.argv[2:]


def server(*more):
    process = subprocess.Popen([binaries + "/wsio-server", "--port", "0", "--tcp-port", "0", "--quiet", *more],
                               stdout=subprocess.PIPE, text=True)
    return process, "ws://" + process.stdout.readline().split()[3] + "/"


def verdict(a, b):
    """B against A: the result's word, and the ratio with its interval."""
    pids = ["--server-pid", "A=%d" % a[0].pid, "--server-pid", "B=%d" % b[0].pid]
    command = [binaries + "/wsio-client", "compare", "--quiet", "--json", "-", *pids, *options, "A=" + a[1], "B=" + b[1]]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    [pair] = report["verdicts"]["pairs"]
    return pair["result"], pair["ratio"]


def count(title, a, b, right):
    results = collections.Counter()
    for _ in range(runs):
        result, ratio = verdict(a, b)
        results[result] += 1
        print("  %-14s %.4f (%.4f to %.4f)" % (result, ratio["value"], ratio["low_95"], ratio["high_95"]),
              flush=True)
    print("%s: %d of %d %s" % (title, results[right], runs, right), flush=True)
    return 20 * results[right] >= 19 * runs


def main():
    servers = [server(), server("--delay", "30us")]
    try:
        plain, delayed = servers
        same = count("the same server twice", plain, plain, "no_difference")
        other = count("30 us later", plain, delayed, "higher")
    finally:
        for process, _ in servers:
            process.terminate()
            process.wait()
    sys.exit(0 if same and other else 1)


main()

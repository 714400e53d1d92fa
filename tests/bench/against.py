#!/usr/bin/env python3
"""Shows what a change costs: `roundtrip` by two builds of the pair, both ends pinned, in interleaved pairs.

    tests/bench/against.py OLD [--new build] [--pairs 20] [--duration 1s] [--target ws|sio|tcp] [--same-core]
        [--load x1|x64|"64 x 16"|"4 x 64 KiB"] [--runs 1] [--server-pid]

OLD and --new are folders with wsio-server and wsio-client. Each pair runs both builds in random order, each
with a server process of its own: the server on the first core that this process may use, the client on the
second (on the same one with --same-core). A pair gives one ratio of times: the new build's time per message by
the old build's, each from the median of --runs runs that take turns. Printed are the median of the pairs and its exact interval from order statistics: with 20
pairs the 6th and the 15th value hold the true median in 95.9 % of cases."""
import argparse
import json
import os
import random
import statistics
import subprocess

LOADS = {
    "x1": [],
    "x64": ["--clients", "64"],
    "64 x 16": ["--clients", "64", "--depth", "16"],
    "4 x 64 KiB": ["--clients", "4", "--size", "64K"],
}
URLS = {"ws": "ws://%s/", "sio": "http://%s/", "tcp": "tcp://%s"}


def pin(core):
    """One core, before all others on it where that is permitted: other programs use this machine, too."""
    def prepare():
        os.sched_setaffinity(0, {core})
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except PermissionError:
            pass
    return prepare


def rate(folder, load, options, cores):
    """Messages per second of one run of one build."""
    server = subprocess.Popen([folder + "/wsio-server", "--port", "0", "--tcp-port", "0", "--quiet"],
                              stdout=subprocess.PIPE, text=True, preexec_fn=pin(cores[0]))
    try:
        words = server.stdout.readline().split()
        url = URLS[options.target] % (words[5] if options.target == "tcp" else words[3])
        command = [folder + "/wsio-client", "roundtrip", "--quiet", "--json", "-", "--duration", options.duration]
        if options.server_pid:
            command += ["--server-pid", "%s=%d" % (options.target, server.pid)]
        out = subprocess.run(command + load + [url], check=True, capture_output=True, preexec_fn=pin(cores[1]))
        report = json.loads(out.stdout)
        return report["targets"][0]["scenarios"]["roundtrip"]["figures"]["rate_per_s"]["median"]
    finally:
        server.terminate()
        server.wait()


def median_interval(values):
    """The narrowest pair of order statistics that covers the median with 95 % or more."""
    values, n = sorted(values), len(values)
    below, chance, low = 0.0, 0.5 ** n, 0
    for k in range(n // 2):
        below += chance
        if 2 * below > 0.05:
            break
        low = k
        chance = chance * (n - k) / (k + 1)
    return values[low], statistics.median(values), values[n - 1 - low]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("--new", default=os.environ.get("WSIO_BIN", "build"))
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--duration", default="1s")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--target", choices=URLS, default="ws")
    parser.add_argument("--same-core", action="store_true")
    parser.add_argument("--server-pid", action="store_true", help="so that the client samples where the server runs")
    parser.add_argument("--load", action="append", choices=LOADS, help="only this load; may be given again")
    options = parser.parse_args()
    allowed = sorted(os.sched_getaffinity(0))
    cores = (allowed[0], allowed[0 if options.same_core else 1])
    print("%s, %d pairs of %s, server on core %d, client on core %d: new time / old time"
          % (options.target, options.pairs, options.duration, *cores), flush=True)
    for name in options.load or LOADS:
        ratios = []
        for _ in range(options.pairs):
            rates = {options.old: [], options.new: []}
            for _ in range(options.runs):
                for folder in random.sample(list(rates), 2):
                    rates[folder].append(rate(folder, LOADS[name], options, cores))
            ratios.append(statistics.median(rates[options.old]) / statistics.median(rates[options.new]))
        low, median, high = median_interval(ratios)
        print("  %-11s median %.3f   95 %% interval %.3f to %.3f" % (name, median, low, high), flush=True)


main()

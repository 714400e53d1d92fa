#!/usr/bin/env python3
"""Prints the ratios of README and NOTES: `roundtrip` on tcp, ws and sio, interleaved, against one server.

    tests/bench/ratios.py [RUNS] [wsio-client options...]

Each run measures the three targets one after the other in random order; a ratio is taken inside one run;
printed are the median and the quartiles over all runs."""
import json
import os
import random
import statistics
import subprocess
import sys

binaries = os.environ.get("WSIO_BIN", "build")
runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
options = sys.argv[2:] or ["--duration", "1s"]


def rates(targets):
    command = [binaries + "/wsio-client", "roundtrip", "--quiet", "--json", "-"] + options + targets
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {t["name"]: t["scenarios"]["roundtrip"]["figures"]["rate_per_s"]["median"]
            for t in report["targets"]}


def main():
    ratios = {"ws/tcp": [], "sio/tcp": [], "sio/ws": []}
    server = subprocess.Popen([binaries + "/wsio-server", "--port", "0", "--tcp-port", "0", "--quiet"],
                              stdout=subprocess.PIPE, text=True)
    try:
        words = server.stdout.readline().split()
        targets = ["tcp://" + words[5], "ws://" + words[3] + "/", "http://" + words[3] + "/"]
        for _ in range(runs):
            random.shuffle(targets)
            rate = rates(targets)
            for name, values in ratios.items():
                of, to = name.split("/")
                values.append(rate[of] / rate[to])
    finally:
        server.terminate()
        server.wait()
    print("roundtrip %s, %d runs" % (" ".join(options), runs))
    for name, values in ratios.items():
        low, middle, high = statistics.quantiles(values, n=4)
        print("  %-8s median %.3f   quartiles %.3f to %.3f" % (name, middle, low, high))


main()

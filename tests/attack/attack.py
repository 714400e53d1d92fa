#!/usr/bin/env python3
"""Attacks wsio-server in every way we know, beside good clients, and prints what they noticed.

Each row is one attack on a server of its own. First the same attackers attack a sink, a process that
accepts and reads, while the good clients use the server: that is the control, in which the attackers cost
CPU time only. Then they attack the server. Attackers and sink have a lower priority than the good clients
and the server, so that what is seen is the server's doing and not the scheduler's. A row fails when a good client is refused or closed, when
waiting is longer than in the control by more than the limits below, when /stats comes late after the end,
or when the memory stays.

Traffic goes over loopback only. Each attack is bounded in time and in bytes, and all processes are ended
by their ids. WSIO_BIN names the folder of the programs.
"""

import argparse
import json
import os
import select
import signal
import socket
import statistics
import sys
import time

from crowd import Crowd, Over, Place
from good import (
    LEAD, YIELDING, Established, Forked, Newcomers, come_first, end_all, members, pair, stats,
)
from attacks import ATTACKS

# The limits: milliseconds, bytes, seconds.
MAX_P99_MORE = 5.0
MAX_SILENCE_MORE = 50.0
MAX_RECOVERY = 1.0
MAX_MEMORY_MORE = 2 << 20
MEMORY_AFTER = 10.0
MAX_TURN = 2.0
MAX_EXIT = 3.0

GIVE_UP = 20.0  # seconds to wait for /stats, and for the server to exit
PER_ADDRESS = 64  # --max-per-address with two addresses


def sink():
    """A process that accepts on a port and reads: (Forked, port)."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    port = listener.getsockname()[1]

    def read_all():
        poll = select.epoll()
        poll.register(listener, select.EPOLLIN)
        peers = {}
        while True:
            for number, _ in poll.poll():
                if number == listener.fileno():
                    peer, _ = listener.accept()
                    peers[peer.fileno()] = peer
                    poll.register(peer, select.EPOLLIN)
                    continue
                try:
                    if peers[number].recv(1 << 17):
                        continue
                except OSError:
                    pass
                peers.pop(number).close()

    process = Forked(read_all, YIELDING)
    listener.close()
    return process, port


def attackers(attack, place, seconds):
    """The crowd in a process of its own; its answer says what became of it."""

    def act():
        crowd = Crowd(place, seconds)
        try:
            attack.act(crowd)
        except Over:
            pass
        crowd.finish()
        return {"sent": crowd.sent, "closed": crowd.closed, "lost": crowd.lost, "paused": crowd.paused}

    return Forked(act, YIELDING)


class Bench:
    """Where attacks are run: one server, and what is measured around it."""

    def __init__(self, options, attack):
        self.attack = attack
        self.seconds = max(options.seconds, attack.seconds or 0)
        self.give_up = options.give_up
        self.source = "127.0.0.2" if options.two_addresses else None
        limit = ["--max-per-address", PER_ADDRESS] if options.two_addresses else []
        self.server = pair.Server("--quiet", *limit, *attack.options)

    def place(self):
        server = self.server
        return Place(server.port, server.tcp_port, server.pid, self.source)

    def phase(self, place):
        """The good clients beside the attackers of the place, or alone without one."""
        good = Established(self.server, self.seconds)
        reading = Forked(lambda: members(self.server, LEAD + self.seconds))
        time.sleep(LEAD)
        new = Newcomers(self.server, self.seconds)
        crowd = attackers(self.attack, place, self.seconds) if place else None
        end = time.monotonic() + self.seconds
        peak = 0
        while time.monotonic() < end and not (crowd and crowd.over()):
            peak = max(peak, pair.memory(self.server.pid))
            time.sleep(0.01)
        acted = crowd.end(2) if crowd else None
        over = time.monotonic()
        row = {"acted": acted or {}, "peak": peak}
        row["recovery"], row["stats"] = self.recover(over)
        row["newcomers"] = new.end()
        row["members"] = reading.end(5) or {}
        row["good"] = good.end()
        row["over"] = over
        return row

    def recover(self, over):
        """(seconds from the end of the attack until /stats was answered, /stats)."""
        while time.monotonic() < over + self.give_up:
            found = stats(self.server, 1.0)
            if found:
                return time.monotonic() - over, found
            time.sleep(0.02)
        return self.give_up, {}

    def memory_after(self, calm, over):
        """Resident bytes when they are back, or after the time that they have."""
        while True:
            now = pair.memory(self.server.pid)
            if now <= calm + MAX_MEMORY_MORE or time.monotonic() > over + MEMORY_AFTER:
                return now
            time.sleep(0.05)

    def exit_under_load(self):
        """Seconds from SIGTERM to the exit, a second into the attack."""
        crowd = attackers(self.attack, self.place(), 2.5)
        time.sleep(1)
        process = self.server.process
        os.kill(process.pid, signal.SIGTERM)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() < began + self.give_up:
            time.sleep(0.005)
        took = time.monotonic() - began
        crowd.end(3)
        return took


def run(options, attack):
    """One run of one row, as a flat dictionary of figures."""
    bench = Bench(options, attack)
    with bench.server:
        process, port = sink()
        control = bench.phase(Place(port, port, process.pid, bench.source, sink=True))
        process.end()
        calm = pair.memory(bench.server.pid)
        under = bench.phase(bench.place())
        row = {"memory calm": calm, "memory peak": max(under["peak"], calm)}
        row["memory after"] = bench.memory_after(calm, under["over"])
        row["exit"] = bench.exit_under_load() if options.exits else None
    row.update(
        {
            "control p99": worst(control, "p99"),
            "attack p99": worst(under, "p99"),
            "control silence": worst(control, "longest"),
            "attack silence": worst(under, "longest"),
            "refused": total(under, "refused") + refusals(under, attack, options),
            "closed": total(under, "closed") + len(under["members"]) + under["acted"].get("lost", 0),
            "paused": under["acted"].get("paused", 0),
            "recovery": under["recovery"],
            "control turn": longest_turn(control["stats"]),
            "turn": longest_turn(under["stats"]),
            "newcomer": under["newcomers"]["slowest"],
        }
    )
    row["why"] = reasons(under)
    row["acted"] = under["acted"]
    row["by kind"] = {"control": control["good"], "attack": under["good"]}
    return row


def worst(phase, key):
    return max(part[key] for part in phase["good"].values())


def total(phase, key):
    return sum(part[key] for part in phase["good"].values())


def refusals(phase, attack, options):
    """Newcomers that were refused. When one address may take every slot, only the pages count."""
    found = phase["newcomers"]["refused"]
    everyone = options.two_addresses or not attack.fills
    return sum(count for why, count in found.items() if everyone or why.startswith(("pages", "a ")))


def longest_turn(figures):
    """Milliseconds of CPU of the longest turn since the start, if /stats has it."""
    for group in [figures, figures.get("loop", {})]:
        for key, value in group.items():
            if "turn" in key and key.endswith("_ns") and ("long" in key or "max" in key or "most" in key):
                return value / 1e6
    return None


def reasons(phase):
    found = ["%s %s" % (kind, part["why"]) for kind, part in phase["good"].items() if part["why"]]
    found += ["member of %s: %s" % member for member in phase["members"].items()]
    counts = sorted(phase["newcomers"]["refused"].items(), key=lambda pair: -pair[1])
    found += ["new %s (%d)" % reason for reason in counts]
    if phase["acted"].get("lost"):
        found.append("%d sessions closed after the pause" % phase["acted"]["lost"])
    return found


# ---- Judging --------------------------------------------------------------------------------------


def median(rows):
    """The medians of the runs of one row; what a good client complained of comes from all of them."""
    found = {}
    for key in rows[0]:
        values = [row[key] for row in rows if row[key] is not None]
        if values and all(isinstance(value, (int, float)) for value in values):
            found[key] = statistics.median(values)
        else:
            found[key] = None if not values else values[0]
    found["why"] = sorted({why for row in rows for why in row["why"]})
    return found


def judge(row, attack, options):
    """The criteria that the row fails, in words. Nobody can be served while the server is stopped."""
    failed = []

    def limit(value, most, words, unit):
        if value is not None and value > most:
            failed.append("%s %.3g%s, limit %.3g%s" % (words, value, unit, most, unit))

    pause = row["paused"] * 1000
    limit(row["refused"], 0, "refused", "")
    limit(row["closed"], 0, "closed", "")
    if options.two_addresses or not attack.many:
        limit(row["attack p99"], row["control p99"] + MAX_P99_MORE + pause, "p99", " ms")
        limit(row["attack silence"], row["control silence"] + MAX_SILENCE_MORE + pause, "silence", " ms")
    limit(row["recovery"], MAX_RECOVERY, "/stats after", " s")
    limit(
        (row["memory after"] - row["memory calm"]) / 1048576, MAX_MEMORY_MORE / 1048576, "memory kept", " MB"
    )
    limit(row["turn"], max(MAX_TURN, row["control turn"] or 0), "turn", " ms")
    limit(row["exit"], MAX_EXIT, "exit after", " s")
    return failed


COLUMNS = [
    ("p99 ctl", "control p99", "%.2f"),
    ("att", "attack p99", "%.2f"),
    ("silence ctl", "control silence", "%.1f"),
    ("att", "attack silence", "%.1f"),
    ("refused", "refused", "%d"),
    ("closed", "closed", "%d"),
    ("newest", "newcomer", "%.0f"),
    ("MB calm", "memory calm", "%.1f"),
    ("peak", "memory peak", "%.1f"),
    ("after", "memory after", "%.1f"),
    ("back s", "recovery", "%.2f"),
    ("turn ctl", "control turn", "%.2f"),
    ("att", "turn", "%.2f"),
    ("exit s", "exit", "%.2f"),
]


def line(name, row):
    cells = []
    for title, key, form in COLUMNS:
        value = row.get(key)
        value = value / 1048576 if value is not None and key.startswith("memory") else value
        cells.append(("-" if value is None else form % value).rjust(max(7, len(title))))
    return "%-21s%s" % (name, " ".join(cells))


def heading():
    return "%-21s%s" % ("attack", " ".join(title.rjust(max(7, len(title))) for title, _, _ in COLUMNS))


# ---- The program -----------------------------------------------------------------------------------


def calm_row(options):
    """The good clients alone, on a server of their own."""
    bench = Bench(options, ATTACKS[0])
    with bench.server:
        bench.phase(None) if options.runs > 1 else None
        found = bench.phase(None)
    print(
        "Calm: p99 %.2f ms, longest silence %.1f ms; %d newcomers, %d refused, slowest %.1f ms"
        % (
            worst(found, "p99"),
            worst(found, "longest"),
            found["newcomers"]["tries"],
            sum(found["newcomers"]["refused"].values()),
            found["newcomers"]["slowest"],
        )
    )
    complaints = reasons(found)
    return ["calm: " + "; ".join(complaints)] if complaints else []


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=1, help="of each attack; the table has medians [1]")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each attack [3]")
    parser.add_argument("--two-addresses", action="store_true", help="attack from 127.0.0.2, with limits on")
    parser.add_argument("--quick", action="store_true", help="a second each, and fewer attacks")
    parser.add_argument("--json", metavar="FILE", help="all runs, with the reasons")
    parser.add_argument("--list", action="store_true", help="print the attacks and what they do")
    options = parser.parse_args()
    options.seconds = 1.0 if options.quick else options.seconds
    options.exits = not options.quick
    options.give_up = 5.0 if options.quick else GIVE_UP
    return options


def has_limits():
    return "--max-per-address" in pair.Result(*pair.ended(pair.started([*pair.SERVER, "--help"]))).out


def main():
    options = arguments()
    chosen = [a for a in ATTACKS if not options.only or any(word in a.name for word in options.only)]
    chosen = [a for a in chosen if a.quick or options.only or not options.quick]
    if options.list:
        for attack in chosen:
            print("%-21s%-5s%s" % (attack.name, attack.point, attack.what))
        return 0
    if options.two_addresses and not has_limits():
        print("skipped: no option --max-per-address")
        return 0
    come_first()
    failures = calm_row(options)
    print("Times in ms unless a column says s; ctl: the attackers at a sink; att: at the server.\n")
    print(heading(), flush=True)
    saved = {}
    for attack in chosen:
        rows = [run(options, attack) for _ in range(options.runs)]
        saved[attack.name] = rows
        row = median(rows)
        failed = judge(row, attack, options)
        print(line(attack.name, row), flush=True)
        if failed:
            failures.append("%s: %s" % (attack.name, "; ".join(failed)))
            failures += ["    " + why for why in row["why"][:6]]
    if options.json:
        with open(options.json, "w") as file:
            json.dump(saved, file, indent=1)
    print("\n%s" % ("\n".join(["FAILED"] + failures) if failures else "Every row holds."))
    return 1 if failures else 0


if __name__ == "__main__":
    code = 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        code = main()
    finally:
        end_all()
    sys.exit(code)

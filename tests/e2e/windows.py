"""Proves that reports look the same on Windows as on Linux, and that consoles, names of files and the ends of
processes work there. For a pair on Wine (tests/win.sh), beside the Linux programs in WSIO_BIN.
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from pair import (
    BIN, CLIENT, PATIENCE, SERVER, Result, Server, case, check, client, copied, dead, ended, equal,
    faults, figures, interrupt, main, measure, on_wine, running, scratch, siblings, started, until,
)

LINUX = [os.path.join(BIN, "wsio-client")]
BRIEF = ["--blocks", "2", "--duration", "300ms", "--clients", "4", "--poller", "select"]


def run_of(program, *args):
    return Result(*ended(started([*program, *args]), 60))


# ---- The same on both systems --------------------------------------------------------------------


VARIES = re.compile("cpu_ns_per|switches_per|busy_share|^drift_ratio|^rows$|^notes$|^resolve$|^(plain_)?p99_ns$|"
                    "^arrival$|^reasons$")


def shape(value):
    """The keys of a document and the kinds of their values. CPU times are left out where they are not known:
    on Wine those of other processes, and those that are shorter than a tick of its clock. Nor does Windows
    count switches of context, and what depends on the machine's state is not compared: a p99 is n/a where a trial
    has too few messages. Windows has no time stamps of arrivals."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if not VARIES.search(key)}
    if isinstance(value, list):
        if all(isinstance(inner, dict) and "name" in inner for inner in value):
            return {inner["name"]: shape(inner) for inner in value}
        return shape(value[0]) if value else "empty"
    return "text" if isinstance(value, str) else "flag" if isinstance(value, bool) else "number"


def differences(one, other, path=""):
    if isinstance(one, dict) and isinstance(other, dict):
        found = ["%s.%s" % (path, key) for key in one.keys() ^ other.keys()]
        for key in one.keys() & other.keys():
            found += differences(one[key], other[key], "%s.%s" % (path, key))
        return found
    return [] if one == other else ["%s: %.200r, %.200r" % (path, one, other)]


@case("JSON: the same keys with the same kinds of values as on Linux")
def same_json():
    reports = [run_of(program, *BRIEF, "--json", "-").expect(0) for program in (CLIENT, LINUX)]
    check("\r" not in reports[0].out, "a carriage return")
    shapes = [shape(report.json) for report in reports]
    equal(differences(*shapes), [], "differences")
    equal([list(report.json) for report in reports][0], list(reports[1].json), "the order of the keys")


# Rows of the pre-flight that depend on the machine's state, and rows that need CPU times.
SOMETIMES = "load before|virtual machin|steal|resolve|limited by|busy|context|system calls|server CPU|client CPU|ratio"


def outline(text):
    """Headings, and the first word of each row of a table."""
    lines = text.split("\n")
    headings = [line.split()[0] for line, rule in zip(lines, lines[1:]) if rule.startswith("----")]
    rows = [line[:16].strip() for line in lines if re.match(r"  ? ?[a-z][a-z0-9 +/.-]+   ", line)]
    return headings, [row for row in rows if not re.match(SOMETIMES, row)]


@case("text: the same sections and rows as on Linux; ASCII, no carriage return")
def same_text():
    texts = [run_of(program, *BRIEF).expect(0).out for program in (CLIENT, LINUX)]
    check(len(outline(texts[1])[0]) > 8 and len(outline(texts[1])[1]) > 30, "no outline: " + texts[1])
    for ours, theirs in zip(outline(texts[0]), outline(texts[1])):
        state = ("PRE-FLIGHT", "NOTES")
        equal([w for w in ours if w not in state], [w for w in theirs if w not in state], "outline")
    check(texts[0].isascii(), "not ASCII: %r" % [c for c in texts[0] if not c.isascii()])
    equal([c for c in texts[0] if c < " " and c != "\n"], [], "control characters")


def lines_of(run):
    """The lines of the help, without the one that names the system's pollers."""
    return [line for line in run.out.splitlines() if "--poller" not in line]


@case("help and --version: the same text as on Linux, but for the names of pollers")
def same_help():
    for program, name in [(CLIENT, "wsio-client"), (SERVER, "wsio-server")]:
        for arguments in [["--help"], ["--version"], ["--help", "connect"][: 2 if program is CLIENT else 1]]:
            ours = run_of(program, *arguments).expect(0)
            theirs = run_of([os.path.join(BIN, name)], *arguments).expect(0)
            equal((lines_of(ours), ours.err), (lines_of(theirs), theirs.err), "%s %r" % (name, arguments))


@case("errors and exit codes: the same line and code as on Linux")
def same_errors():
    for arguments in [["--nonsense"], ["roundtrips"], ["--clients", "0"], ["ws://host:0"],
                      ["connect", "--json", "/missing/file", "ws://127.0.0.1:1"],
                      ["echo", "ws://no.such.name.invalid/"]]:
        ours, theirs = (run_of(program, *arguments) for program in (CLIENT, LINUX))
        equal((ours.code, ours.out, ours.err), (theirs.code, theirs.out, theirs.err), repr(arguments))
    for program in (CLIENT, LINUX):
        text = run_of(program, "connect", "--clients", "1", "x=ws://127.0.0.1:1/").expect(1).out
        check(re.search(r"x .*tcp.*refused", text), "no cause of the refusal: " + text)


@case("no arguments: the whole comparison, exit 0")
def no_arguments():
    run = Result(*ended(started(CLIENT), 120)).expect(0)
    # The machine's state decides whether there is something to note.
    sections = [word for word in outline(run.out)[0][1:] if word not in ("PRE-FLIGHT", "NOTES")]
    equal(sections, ["IN", "VERDICTS", "TARGETS", "ENVIRONMENT", "PHASES", "ROUND", "THROUGHPUT", "ONE-WAY",
                     "SERVER", "MEMORY"], "sections")
    equal([line for line in run.out.split("\n") if len(line) > 80], [], "lines over 80 columns")
    equal(run.err.count("\n"), 1, "lines on stderr: one, with the plan")


# ---- Load ------------------------------------------------------------------------------------------


@case("2000 connections at once, each with its answers")
def many():
    with Server() as server:
        options = ["--clients", 2000, "--duration", "3s", "--timeout", "30s"]
        report = client("roundtrip", *options, server.url("ws"), "--json", "-", patience=120).json
        part = figures(report, "ws")
        # Under Wine some of so many may not close within 2 s: NOTES, Limits.
        failures = faults(report, "ws")
        late = [f for f in failures if on_wine(SERVER) and (f["phase"], f["status"]) == ("close", "timeout")]
        equal([f for f in failures if f not in late], [], "failures")
        lost = part["clients_failed"] + part["clients_lost"]
        equal((part["clients_ready"], lost), (2000, sum(f["count"] for f in late)), "clients")
        equal(part["tally"]["unanswered"], 0, "unanswered")
        equal(part["phases"]["first_echo"]["count"], 2000, "first echoes")
        equal(server.stats()["loop"]["accepted"], 2001, "accepted, with the one that asks")


# ---- Names of files ----------------------------------------------------------------------------------


@case("paths with blanks and letters beyond ASCII: programs, sibling, --json, --log")
def odd_paths():
    with scratch() as folder:
        home = os.path.join(folder, "Meßgerät & Zähler 世界")
        os.mkdir(home)
        command = copied(CLIENT, home)
        shutil.copy(SERVER[-1], home)
        path = os.path.join(home, "Bericht 1 – äöü.json")
        log = os.path.join(home, "Läufe.log")
        run = run_of(command, "throughput", "--quiet", "--json", path, "--log", log).expect(0)
        equal((run.out, run.err), ("", ""), "output")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        check("Meßgerät & Zähler 世界" in json.loads(text)["command"], "the command: %.300r" % text)
        with open(log, "rb") as file:
            check(b"\r" not in file.read(), "carriage returns in the log")
        for name in [home, os.path.join(home, "nicht da", "ä.json")]:
            run_of(command, "connect", "--json", name).complaint(1, os.path.basename(name))
        os.remove(os.path.join(home, "wsio-server.exe"))
        run_of(command, "connect").complaint(1, "wsio-server", "Meßgerät & Zähler 世界")


# ---- A console ---------------------------------------------------------------------------------------


class Terminal:
    """A program in a pseudo-terminal of its own."""

    def __init__(self, args):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 200, 100, 0, 0))
        self.process = started(args, stdin=slave, stdout=slave, stderr=slave, preexec_fn=self.take)
        os.close(slave)
        self.text = b""

    @staticmethod
    def take():
        """Makes it the terminal of a session of its own, so that Ctrl-C reaches every process in it."""
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read(self, seconds=0.05):
        if select.select([self.master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):
                self.text += os.read(self.master, 65536)

    def says(self, word):
        self.read()
        return word in self.text

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        def over():
            self.read()
            return self.process.poll() is not None

        until(over, "the end of the program")
        running.remove(self.process)
        os.close(self.master)
        return self.process.returncode


@case("console: the report comes through, with a line of progress")
def console():
    terminal = Terminal([*CLIENT, "connect", "--clients", "3"])
    equal(terminal.end(), 0, "exit")
    for word in [b"ENVIRONMENT", b"first echo", b"MEMORY"]:
        check(word in terminal.text, "no %r in %r" % (word, terminal.text))


@case("console: Ctrl-C typed at it ends the client with 130 and a partial report; no orphan")
def typed():
    terminal = Terminal([*CLIENT, "roundtrip", "--duration", "20s"])
    sibling = until(lambda: terminal.read() or siblings(terminal.process), "the sibling")[0]
    time.sleep(1)
    terminal.type(b"\x03")
    equal(terminal.end(), 130, "exit")
    check(b"interrupted" in terminal.text.lower() or b"partial" in terminal.text.lower(), "no word of it")
    until(lambda: dead(sibling), "the end of the sibling")


@case("console: Ctrl-C typed at the server stops it with a report, exit 0")
def typed_at_server():
    terminal = Terminal([*SERVER, "--port", "0", "--tcp-port", "0"])
    until(lambda: terminal.says(b"listening on"), "the first line")
    terminal.type(b"\x03")
    equal(terminal.end(), 0, "exit")
    check(b"messages" in terminal.text, "no report: %r" % terminal.text)


@case("no console at all: output to the null device, input closed")
def no_console():
    with Server() as server:
        for options in [dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
                        dict(preexec_fn=lambda: os.close(0)), dict(start_new_session=True)]:
            process = started([*CLIENT, "connect", "--clients", "2", server.url("ws")], **options)
            process.communicate(timeout=PATIENCE)
            running.remove(process)
            equal(process.returncode, 0, "exit with %r" % list(options))


# ---- Ends --------------------------------------------------------------------------------------------


@case("a second Ctrl-C while the server waits for its peers ends it at once")
def twice():
    with Server() as server:
        process = started([*CLIENT, "roundtrip", "--duration", "20s", server.url("ws")])
        until(lambda: server.stats()["messages"] > 20, "messages")
        os.kill(process.pid, signal.SIGSTOP)
        interrupt(server.process)
        time.sleep(0.3)
        interrupt(server.process)
        begin = time.monotonic()
        equal(ended(server.process)[0], 130, "exit")
        check(time.monotonic() - begin < 2, "it waited")
        os.kill(process.pid, signal.SIGCONT)
        equal(ended(process)[0], 1, "exit of the client")


main()

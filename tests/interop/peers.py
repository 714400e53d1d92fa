"""What the interop tests share: peers on free ports, ended by their pid, and one line per test.

A peer is a program whose first line of output ends with `listening on 127.0.0.1:PORT`. Run alone, a test
takes WSIO_BIN (build) and NODE_PATH from the environment, as tests/run.sh sets them; WSIO_SERVER and
WSIO_CLIENT are commands, where the programs are not those in WSIO_BIN.
"""
import asyncio
import importlib.metadata
import importlib.util
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.join(ROOT, os.environ.get("WSIO_BIN", "build"))
START_S = 10
STOP_S = 5
TEST_S = 15

os.environ.setdefault("NODE_PATH", os.path.join(ROOT, "build/npm/node_modules"))


class Peer:
    """A server in a process of its own, from the end of its first line to stop()."""

    def __init__(self, *command, end=signal.SIGTERM):
        self.end = end
        self.name = os.path.basename(command[-1] if len(command) == 2 else command[0])
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            self.port = self.read_port()
        except BaseException:
            self.stop()
            raise

    def read_port(self):
        ends, line = time.monotonic() + START_S, b""
        while not line.endswith(b"\n"):
            readable = select.select([self.process.stdout], [], [], ends - time.monotonic())[0]
            piece = os.read(self.process.stdout.fileno(), 1) if readable else b""
            if not piece:
                raise RuntimeError(f"{self.name} did not start")
            line += piece
        return int(re.search(rb"listening on 127\.0\.0\.1:(\d+)", line).group(1))

    def stop(self):
        """Returns the exit status; a peer that does not end when asked is killed, and its status shows it."""
        if self.process.poll() is None:
            self.process.send_signal(self.end)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def program(name):
    """The command of wsio-server or wsio-client."""
    given = os.environ.get(name.replace("-", "_").upper(), "")
    return shlex.split(given) or [os.path.join(BIN, name)]


def wsio_server(*options, port=0):
    """Ends by Ctrl-C, which programs of every system take."""
    return Peer(*program("wsio-server"), "--port", str(port), "--tcp-port", "0", "--quiet", *options,
                end=signal.SIGINT)


def missing_python(*modules):
    """Why a test of these modules cannot run here; empty if it can."""
    return ", ".join(f"no Python module {m}" for m in modules if not importlib.util.find_spec(m))


def missing_node(module):
    if not shutil.which("node"):
        return "no node"
    found = subprocess.run(["node", "-e", f"require.resolve('{module}')"], stdin=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=START_S, check=False)
    return "" if found.returncode == 0 else f"no node module {module} in NODE_PATH"


def version_of_python(distribution):
    return importlib.metadata.version(distribution)


def version_of_node(module):
    path = os.path.join(os.environ["NODE_PATH"], module, "package.json")
    with open(path, encoding="utf-8") as package:
        return json.load(package)["version"]


def version_of_program(*command):
    """The first number with dots in the output of the program."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=START_S,
                          check=False)
    return re.search(rb"\d+(\.\d+)+", done.stdout + done.stderr).group().decode()


def missing_program(name):
    return "" if shutil.which(name) else f"no {name}"


class Tests:
    """Runs tests as they come; finish() ends the program with the status that the lines explain."""

    def __init__(self):
        self.failed = 0
        # A test that gets a signal must not leave its peers behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def run(self, name, function, *arguments):
        try:
            result = function(*arguments)
            if asyncio.iscoroutine(result):
                asyncio.run(asyncio.wait_for(result, TEST_S))
            print(f"ok {name}", flush=True)
        except Exception as error:
            self.failed += 1
            why = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"not ok {name} - {why}", flush=True)

    def version(self, peer, version):
        """For the table that `make interop` prints."""
        print(f"version {peer} = {version}", flush=True)

    def skip(self, name, reason):
        print(f"skip {name} - {reason}", flush=True)

    def finish(self):
        sys.exit(1 if self.failed else 0)


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r:.200}, wanted {wanted!r:.200}")

"""Proves that wsio-client measures the echo servers that people use: each scenario, each kind of message, by
each transport.
"""
import json
import os
import subprocess
from typing import Callable, NamedTuple

from peers import HERE, Peer, Tests, equal, program

UNICODE = "grüß 你好 \U0001f600 \"q\" \\ \t"
CLIENT_S = 20
SHORT = ["--duration", "150ms"]
# As many messages as the slowest peer can answer in the time.
SEND = ["--duration", "100ms", "--depth", "1000", "--timeout", "15s"]

# Label, scenario, options: for every peer.
PLAIN = [
    ("connects", "connect", ["--clients", "10"]),
    ("one client", "roundtrip", SHORT),
    ("many clients and messages", "roundtrip", SHORT + ["--clients", "8", "--depth", "5"]),
    ("binary", "roundtrip", SHORT + ["--binary", "--size", "300"]),
    ("100000 bytes of text", "roundtrip", SHORT + ["--size", "100000"]),
    ("100000 bytes of binary", "roundtrip", SHORT + ["--binary", "--size", "100000"]),
    ("unicode", "roundtrip", SHORT + ["--payload", UNICODE]),
    ("replies in any order", "roundtrip", SHORT + ["--match", "any"]),
    ("throughput", "throughput", ["--clients", "40", "--concurrency", "8"]),
    ("one-way", "send", SEND),
    ("one-way binary", "send", SEND + ["--binary", "--size", "1000"]),
]

ACK = ["--event", "acked", "--ack"]
SOCKETIO = [
    ("acks", "roundtrip", SHORT + ACK),
    ("binary acks", "roundtrip", SHORT + ACK + ["--binary", "--size", "300"]),
    ("unicode acks", "roundtrip", SHORT + ACK + ["--payload", UNICODE]),
    ("acks, throughput", "throughput", ["--clients", "40", "--concurrency", "8"] + ACK),
    ("acks, one-way", "send", SEND + ACK),
    ("another reply event", "roundtrip",
     SHORT + ["--event", "question", "--reply-event", "answer"]),
]
NAMESPACE = [
    ("namespace", "roundtrip", SHORT),
    ("namespace, acks of binary", "throughput", ["--clients", "20", "--binary"] + ACK),
]

PHASES_WS = {"tcp", "upgrade", "ready", "first_echo", "close"}
PHASES_SIO = {
    "websocket": PHASES_WS | {"eio_open", "sio_connect"},
    "polling": PHASES_WS - {"upgrade"} | {"eio_open", "sio_connect"},
    "upgrade": PHASES_WS - {"upgrade"} | {"eio_open", "sio_connect", "probe", "switch"},
}


def measure(url, scenario, options):
    command = [*program("wsio-client"), scenario, "--json", "-", *options, url]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CLIENT_S,
                          check=False)
    return done, json.loads(done.stdout)["targets"][0] if done.stdout else None


def measured(url, scenario, options, phases, heartbeats=False):
    done, target = measure(url, scenario, options)
    found = target["scenarios"][scenario]
    equal(found["failures"] + found["broken_identities"], [])
    equal((done.returncode, done.stderr), (0, b""))
    tally = found["tally"]
    if tally["sent"] == 0:
        raise AssertionError("nothing sent")
    equal({k: tally[k] for k in ("answered", "wrong", "unanswered", "unexpected")},
          {"answered": tally["sent"], "wrong": 0, "unanswered": 0, "unexpected": 0})
    # One-way sends await no reply, so there is no first echo.
    wanted = phases - {"first_echo"} if scenario == "send" else phases
    equal(set(found["phases"]) - {"resolve"}, wanted)
    for phase, times in found["phases"].items():
        if phase != "resolve":
            equal((phase, times["count"]), (phase, found["clients_started"]))
    if scenario == "send":
        equal(found["one_way"]["proof"], "echoed")
    if heartbeats and tally["heartbeats"] == 0:
        raise AssertionError("no heartbeat seen")


def refused(url, phase, detail):
    """The report names the phase and the server's own words, and the exit status is 1."""
    done, target = measure(url, "connect", ["--clients", "1"])
    equal(done.returncode, 1)
    failures = target["scenarios"]["connect"]["failures"]
    equal([(f["phase"], f["detail"], f["count"]) for f in failures], [(phase, detail, 1)])


class Stock(NamedTuple):
    """A server that people use."""
    name: str
    command: list
    missing: Callable  # why it cannot run here, or ""
    version: Callable
    by: dict  # transport: function of tests, name, port


def script(name):
    return os.path.join(HERE, name)


def all_of(tests, peer, url, rows, phases):
    for label, scenario, options in rows:
        tests.run(f"{peer}: {label}", measured, url, scenario, options, phases)


def websocket(tests, peer, port, pings):
    peer = f"{peer} measured, websocket"
    url = f"ws://127.0.0.1:{port}/"
    all_of(tests, peer, url, PLAIN, PHASES_WS)
    if pings:
        tests.run(f"{peer}: heartbeats", measured, url, "roundtrip", ["--duration", "400ms"],
                  PHASES_WS, True)


def in_any_order(row):
    """A server of many threads answers messages that it gets at once in any order: each reply is then found by
    what it says of its message."""
    label, scenario, options = row
    many = scenario == "roundtrip" and "--depth" in options
    return label, scenario, options + ["--ignore-unexpected"] if many else options


def socketio(tests, peer, port, transport, refusal, ordered=True):
    """`refusal` is the server's text for an unknown namespace."""
    peer = f"{peer} measured, {transport}"
    url, transport_phases = f"http://127.0.0.1:{port}/", PHASES_SIO[transport]
    root, custom, private, nowhere = (
        f"{url}{name}#{transport}" for name in ("", "custom", "private", "nowhere"))
    token = ["--auth", '{"token":"secret"}']
    rows = PLAIN + SOCKETIO
    all_of(tests, peer, root, rows if ordered else map(in_any_order, rows), transport_phases)
    all_of(tests, peer, custom, NAMESPACE, transport_phases)
    tests.run(f"{peer}: heartbeats", measured, root, "roundtrip", ["--duration", "400ms"],
              transport_phases, True)
    tests.run(f"{peer}: auth", measured, private, "roundtrip", SHORT + token, transport_phases)
    tests.run(f"{peer}: no auth", refused, private, "sio_connect", '{"message":"no token"}')
    tests.run(f"{peer}: unknown namespace", refused, nowhere, "sio_connect", refusal)


def socketio_by(transports, refusal):
    def by(transport):
        return lambda tests, peer, port: socketio(tests, peer, port, transport, refusal)
    return {transport: by(transport) for transport in transports}


def main(peers):
    tests = Tests()
    for peer in peers:
        reason = peer.missing()
        if reason:
            for transport in peer.by:
                tests.skip(f"{peer.name} measured, {transport}", reason)
            continue
        tests.version(peer.name, peer.version())
        with Peer(*peer.command) as server:
            for run in peer.by.values():
                run(tests, peer.name, server.port)
    tests.finish()

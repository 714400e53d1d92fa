"""wsio-client measures the echo servers that people have: each scenario, each kind of message."""
import json
import os
import subprocess
import sys

from peers import BIN, HERE, Peer, Tests, equal, missing_node, missing_python

UNICODE = "grüß 你好 \U0001f600 \"q\" \\ \t"
CLIENT_S = 20
SHORT = ["--duration", "150ms"]
# As many as the slowest peer can answer in the time.
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
PHASES_SIO = PHASES_WS | {"eio_open", "sio_connect"}


def measure(url, scenario, options):
    command = [os.path.join(BIN, "wsio-client"), scenario, "--json", "-", *options, url]
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
    # In one-way no reply is awaited, so none is the first.
    wanted = phases - {"first_echo"} if scenario == "send" else phases
    equal(set(found["phases"]) - {"resolve"}, wanted)
    for phase, times in found["phases"].items():
        if phase != "resolve":
            equal((phase, times["count"]), (phase, found["clients_started"]))
    if scenario == "send":
        equal(found["one_way"]["proof"], "echoed")
    if heartbeats and tally["heartbeats"] == 0:
        raise AssertionError("no heartbeat seen")


def refused(url, detail):
    """The report names the phase and the server's own words, and the exit status is 1."""
    done, target = measure(url, "connect", ["--clients", "1"])
    equal(done.returncode, 1)
    failures = target["scenarios"]["connect"]["failures"]
    equal([(f["phase"], f["detail"], f["count"]) for f in failures], [("sio_connect", detail, 1)])


def all_of(tests, peer, url, rows, phases):
    for label, scenario, options in rows:
        tests.run(f"{peer}: {label}", measured, url, scenario, options, phases)


def websocket(tests, peer, port, pings):
    url = f"ws://127.0.0.1:{port}/"
    all_of(tests, peer, url, PLAIN, PHASES_WS)
    if pings:
        tests.run(f"{peer}: heartbeats", measured, url, "roundtrip", ["--duration", "400ms"],
                  PHASES_WS, True)


def socketio(tests, peer, port, refusal):
    url = f"http://127.0.0.1:{port}/"
    token = ["--auth", '{"token":"secret"}']
    all_of(tests, peer, url, PLAIN + SOCKETIO, PHASES_SIO)
    all_of(tests, peer, url + "custom", NAMESPACE, PHASES_SIO)
    tests.run(f"{peer}: heartbeats", measured, url, "roundtrip", ["--duration", "400ms"],
              PHASES_SIO, True)
    tests.run(f"{peer}: auth", measured, url + "private", "roundtrip", SHORT + token, PHASES_SIO)
    tests.run(f"{peer}: no auth", refused, url + "private", '{"message":"no token"}')
    tests.run(f"{peer}: unknown namespace", refused, url + "nowhere", refusal)


def script(name):
    return os.path.join(HERE, name)


PEERS = [
    ("Python websockets", [sys.executable, script("serve_websockets.py")],
     lambda: missing_python("websockets"), websocket, True),
    ("node ws", ["node", script("serve_ws.js")],
     lambda: missing_node("ws"), websocket, False),
    ("node socket.io", ["node", script("serve_socketio.js")],
     lambda: missing_node("socket.io"), socketio, '{"message":"Invalid namespace"}'),
    ("python-socketio", [sys.executable, script("serve_socketio.py")],
     lambda: missing_python("socketio", "aiohttp"), socketio, '"Unable to connect"'),
]


def main():
    tests = Tests()
    for name, command, missing, kind, option in PEERS:
        reason = missing()
        if reason:
            tests.skip(f"{name} measured", reason)
            continue
        with Peer(*command) as peer:
            kind(tests, name, peer.port, option)
    tests.finish()


main()

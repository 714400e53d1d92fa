"""Proves that wsio-client measures the servers that people use, by long polling and the upgrade, and those
that need more packages.
"""
import sys

from measured import (PHASES_WS, SHORT, Stock, main, measured, refused, script, socketio,
                      socketio_by)
from peers import (missing_node, missing_program, missing_python, version_of_node,
                   version_of_program, version_of_python)

UNKNOWN_NODE = '{"message":"Invalid namespace"}'
UNKNOWN_PYTHON = '"Unable to connect"'
FLASK = ("flask_socketio", "gevent", "geventwebsocket")


def threading(tests, peer, port):
    """This server has long polling only, refuses the other transports, and has a thread for each message."""
    socketio(tests, peer, port, "polling", UNKNOWN_PYTHON, ordered=False)
    tests.run(f"{peer} measured, polling: offers no upgrade", refused,
              f"http://127.0.0.1:{port}/#upgrade", "probe", '"upgrades" lacks "websocket"')


def mirror(tests, peer, port):
    """Its mirror sends to all connections, in pieces of 4096 bytes: short messages; of several clients, each
    leaves out what the others get."""
    url, protocol = f"ws://127.0.0.1:{port}/", ["--subprotocol", "lws-mirror-protocol"]
    for label, scenario, options in [
            ("one client", "roundtrip", SHORT),
            ("many messages", "roundtrip", SHORT + ["--depth", "5"]),
            ("1000 bytes of text", "roundtrip", SHORT + ["--size", "1000"]),
            ("unicode", "roundtrip", SHORT + ["--payload", "gr\u00fc\u00df \U0001f600"]),
            ("five clients", "roundtrip", SHORT + ["--clients", "5", "--ignore-unexpected"]),
            ("connects one by one", "connect", ["--clients", "5"])]:
        tests.run(f"{peer} measured, websocket: {label}", measured, url, scenario,
                  options + protocol, PHASES_WS)


main([
    Stock("node socket.io", ["node", script("serve_socketio.js")],
          lambda: missing_node("socket.io"), lambda: version_of_node("socket.io"),
          socketio_by(["polling", "upgrade"], UNKNOWN_NODE)),
    Stock("python-socketio", [sys.executable, script("serve_socketio.py")],
          lambda: missing_python("socketio", "aiohttp"),
          lambda: version_of_python("python-socketio"),
          socketio_by(["polling", "upgrade"], UNKNOWN_PYTHON)),
    Stock("Flask-SocketIO, gevent", [sys.executable, script("serve_flask.py"), "gevent"],
          lambda: missing_python(*FLASK), lambda: version_of_python("Flask-SocketIO"),
          socketio_by(["websocket", "polling", "upgrade"], UNKNOWN_PYTHON)),
    Stock("Flask-SocketIO, threading", [sys.executable, script("serve_flask.py"), "threading"],
          lambda: missing_python(*FLASK[:1]), lambda: version_of_python("Flask-SocketIO"),
          {"polling": threading}),
    Stock("libwebsockets", [sys.executable, script("serve_lws.py")],
          lambda: missing_program("libwebsockets-test-server"),
          lambda: version_of_program("dpkg-query", "-W", "-f", "${Version}",
                                     "libwebsockets-test-server"),
          {"websocket": mirror}),
])

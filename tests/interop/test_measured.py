"""Proves that wsio-client measures the servers that people use by WebSocket, which all of these speak."""
import sys

from measured import Stock, main, script, socketio_by, websocket
from peers import missing_node, missing_python, version_of_node, version_of_python

main([
    Stock("Python websockets", [sys.executable, script("serve_websockets.py")],
          lambda: missing_python("websockets"), lambda: version_of_python("websockets"),
          {"websocket": lambda tests, peer, port: websocket(tests, peer, port, True)}),
    Stock("node ws", ["node", script("serve_ws.js")],
          lambda: missing_node("ws"), lambda: version_of_node("ws"),
          {"websocket": lambda tests, peer, port: websocket(tests, peer, port, False)}),
    Stock("node socket.io", ["node", script("serve_socketio.js")],
          lambda: missing_node("socket.io"), lambda: version_of_node("socket.io"),
          socketio_by(["websocket"], '{"message":"Invalid namespace"}')),
    Stock("python-socketio", [sys.executable, script("serve_socketio.py")],
          lambda: missing_python("socketio", "aiohttp"),
          lambda: version_of_python("python-socketio"),
          socketio_by(["websocket"], '"Unable to connect"')),
])

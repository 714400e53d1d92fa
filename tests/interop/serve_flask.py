"""Flask-SocketIO: echo on / and /custom; /private wants {"token":"secret"}.

`serve_flask.py gevent` has all transports; `threading`, on Werkzeug's server, long polling only.
Events as in serve_socketio.py. Both servers are made as socketio.run() makes them, on a free port.
"""
import signal
import sys

MODE = sys.argv[1]
if MODE == "gevent":
    from gevent import monkey
    monkey.patch_all()

from flask import Flask
from flask_socketio import ConnectionRefusedError, SocketIO, emit

application = Flask(__name__)
socketio = SocketIO(application, async_mode=MODE, ping_interval=0.1, ping_timeout=5)


def serve(namespace):
    @socketio.on("message", namespace=namespace)
    def message(*args):
        emit("message", args)

    @socketio.on("question", namespace=namespace)
    def question(*args):
        emit("answer", args)

    @socketio.on("acked", namespace=namespace)
    def acked(*args):
        return args


for name in ("/", "/custom", "/private"):
    serve(name)


@socketio.on("connect", namespace="/private")
def connect(auth=None):
    if not auth or auth.get("token") != "secret":
        raise ConnectionRefusedError("no token")


def make_server():
    if MODE == "gevent":
        from gevent import pywsgi
        from geventwebsocket.handler import WebSocketHandler
        server = pywsgi.WSGIServer(("127.0.0.1", 0), application, handler_class=WebSocketHandler,
                                   log=None)
        server.start()
        return server, server.server_port
    from werkzeug.serving import WSGIRequestHandler, make_server as make

    class Handler(WSGIRequestHandler):
        def log_request(self, *_):
            pass

    server = make("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    return server, server.server_port


SERVER, PORT = make_server()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"listening on 127.0.0.1:{PORT}", flush=True)
SERVER.serve_forever()

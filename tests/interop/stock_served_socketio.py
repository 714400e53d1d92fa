"""Proves that python-socketio's synchronous client is served, on requests and websocket-client."""
import queue

from peers import Tests, equal, missing_python, version_of_python, wsio_server

BY = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": None}
UNICODE = "grüß 你好 \U0001f600 \"q\" \\ \n \u2028"
NESTED = {"a": [1, -2.5, None, {"b": [[], {}, ""]}], "ключ": {"c": UNICODE}}
MEGABYTE = bytes(range(256)) * 4096
WAIT_S = 5


class Client:
    """A client that leaves at the end of `with`; its events are in queues, in order."""

    def __init__(self, port, by, namespaces=("/",), **options):
        import socketio
        self.by = by
        self.client = socketio.Client(**{"reconnection": False, **options})
        self.events, self.connects, self.disconnects = (queue.Queue() for _ in range(3))
        for namespace in namespaces:
            self.client.on("connect", self.queued(self.connects), namespace=namespace)
            self.client.on("disconnect", self.queued(self.disconnects), namespace=namespace)
            self.client.on("*", self.queued(self.events, namespace), namespace=namespace)
        self.client.connect(f"http://127.0.0.1:{port}", transports=BY[by],
                            namespaces=list(namespaces), wait_timeout=WAIT_S)

    @staticmethod
    def queued(events, *prefix):
        return lambda *args: events.put((*prefix, *args))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()

    def echoed(self, name, *args, namespace="/"):
        self.client.emit(name, args, namespace=namespace)
        equal(self.events.get(timeout=WAIT_S), (namespace, name, *args))

    def call(self, name, *args, namespace="/"):
        return self.client.call(name, args, namespace=namespace, timeout=WAIT_S)


def values(port, by):
    with Client(port, by) as client:
        for args in (("hi",), (UNICODE,), (NESTED,), (1, "two", None, [3], False), (b"\x00\xff",),
                     (b"",), (b"one", {"two": b"two"}, "text"), ("x" * 500000,)):
            client.echoed("message", *args)
            # call() hands over one argument bare, several as a tuple.
            equal(client.call("message", *args), args if len(args) > 1 else args[0])
        equal(client.client.transport(), "polling" if by == "polling" else "websocket")


def megabyte(_, by):
    with wsio_server("--max-message", "2M") as server, Client(server.port, by) as client:
        client.echoed("message", MEGABYTE)
        equal(client.call("message", MEGABYTE), MEGABYTE)


def namespaces(port, by):
    with Client(port, by, ("/", "/custom")) as client:
        client.echoed("message", b"there", namespace="/custom")
        client.echoed("message", "and here")
        equal(client.call("message", UNICODE, namespace="/custom"), UNICODE)


def rooms(port, by):
    with Client(port, by) as one, Client(port, by) as two:
        two.call("join", UNICODE)
        one.client.emit("broadcast", (UNICODE, "news", NESTED, b"\x00"))
        equal(two.events.get(timeout=WAIT_S), ("/", "news", NESTED, b"\x00"))
        one.echoed("message", "end")


def thrown_out(port, by):
    with Client(port, by, ("/", "/custom")) as client:
        client.client.emit("disconnect-me", namespace="/custom")
        client.disconnects.get(timeout=WAIT_S)
        client.echoed("message", "still here")


def restarted(_, by):
    """As in test_served_socketio.py: by polling the server has to be killed."""
    with wsio_server() as first, Client(first.port, by, reconnection=True, reconnection_delay=0.1,
                                        reconnection_delay_max=0.1,
                                        randomization_factor=0) as client:
        client.connects.get(timeout=WAIT_S)
        client.echoed("message", "one")
        if by == "polling":
            first.process.kill()
        first.stop()
        client.disconnects.get(timeout=WAIT_S)
        with wsio_server(port=first.port):
            client.connects.get(timeout=WAIT_S)
            client.echoed("message", "two")
            client.client.disconnect()


def main():
    tests, peer = Tests(), "python-socketio, synchronous"
    reason = missing_python("socketio", "requests", "websocket")
    if reason:
        tests.skip(f"{peer} served", reason)
        tests.finish()
    tests.version(peer, version_of_python("python-socketio"))
    for by in BY:
        with wsio_server("--ping-interval", "300", "--ping-timeout", "200") as server:
            for name, test in [("text, binary, acks", values), ("1 MiB of binary", megabyte),
                               ("namespaces", namespaces), ("rooms", rooms),
                               ("disconnected by the server", thrown_out),
                               ("reconnects to a new server", restarted)]:
                tests.run(f"{peer} served, {by}: {name}", test, server.port, by)
            tests.run(f"{peer} served, {by}: wsio-server ends cleanly",
                      lambda: equal(server.stop(), 0))
    tests.finish()


main()

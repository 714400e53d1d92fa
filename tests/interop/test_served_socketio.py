"""Proves that python-socketio is served by wsio-server, by each of its transports."""
import asyncio

from peers import Tests, equal, missing_python, version_of_python, wsio_server

BY = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": None}

UNICODE = "grüß 你好 \U0001f600 \"q\" \\ \n \u2028"
NESTED = {"a": [1, -2.5, 1e100, True, None, {"b": [[], {}, ""]}], "ключ": {"c": UNICODE}}
MEGABYTE = bytes(range(256)) * 4096
WAIT_S = 5


class Client:
    """A client whose events can be awaited in the order in which they came."""

    def __init__(self, port, by, namespaces=("/",), auth=None, **options):
        import socketio
        self.client = socketio.AsyncClient(**{"reconnection": False, **options})
        self.port, self.by, self.namespaces, self.auth = port, by, list(namespaces), auth
        self.wait_s = WAIT_S
        self.events, self.refusals = asyncio.Queue(), asyncio.Queue()
        self.connects, self.disconnects = asyncio.Queue(), asyncio.Queue()
        for namespace in self.namespaces:
            self.client.on("connect", self.queued(self.connects), namespace=namespace)
            self.client.on("connect_error", self.queued(self.refusals), namespace=namespace)
            self.client.on("disconnect", self.queued(self.disconnects), namespace=namespace)
            self.client.on("*", self.queued(self.events, namespace), namespace=namespace)

    @staticmethod
    def queued(queue, *prefix):
        async def handler(*args):
            queue.put_nowait((*prefix, *args))
        return handler

    async def __aenter__(self):
        await asyncio.wait_for(self.client.connect(
            f"http://127.0.0.1:{self.port}", transports=BY[self.by], auth=self.auth,
            namespaces=self.namespaces, wait_timeout=self.wait_s), WAIT_S)
        return self

    async def __aexit__(self, *_):
        await asyncio.wait_for(self.client.disconnect(), WAIT_S)
        if self.client.eio.http is not None:
            await self.client.eio.http.close()

    @staticmethod
    async def next(queue):
        return await asyncio.wait_for(queue.get(), WAIT_S)

    async def echoed(self, name, *args, namespace="/"):
        await self.client.emit(name, args, namespace=namespace)
        equal(await self.next(self.events), (namespace, name, *args))

    async def acked(self, *args, namespace="/"):
        reply = asyncio.get_running_loop().create_future()
        await self.client.emit("message", args, namespace=namespace,
                               callback=lambda *values: reply.set_result(values))
        equal(await asyncio.wait_for(reply, WAIT_S), args)
        called = await self.client.call("message", args, namespace=namespace, timeout=WAIT_S)
        # call() hands over one argument bare, several as a tuple.
        equal(called, args if len(args) > 1 else args[0])


async def texts(client, namespace="/"):
    await client.echoed("message", "hi", namespace=namespace)
    await client.echoed("message", UNICODE, namespace=namespace)
    await client.echoed(UNICODE, "as a name", namespace=namespace)
    await client.echoed("none", namespace=namespace)
    await client.echoed("several", 1, "two", None, [3], False, namespace=namespace)
    await client.echoed("message", NESTED, namespace=namespace)
    await client.echoed("message", "x" * 500000, namespace=namespace)


async def binaries(client, namespace="/"):
    await client.echoed("message", b"\x00\x01\xff", namespace=namespace)
    await client.echoed("message", b"", namespace=namespace)
    await client.echoed("message", b"some pattern" * 40000, namespace=namespace)
    await client.echoed("several", b"one", "text", {"two": b"two", "deep": [b"three",
                        {"four": b"four"}]}, b"five", namespace=namespace)


async def acks(client, namespace="/"):
    await client.acked("hi", namespace=namespace)
    await client.acked(UNICODE, NESTED, 5, namespace=namespace)
    await client.acked(b"\x00\xff", namespace=namespace)
    await client.acked({"a": b"one", "b": [b"two", UNICODE]}, "x", namespace=namespace)
    equal(client.events.qsize(), 0)


async def volley(client):
    sent = [number if number % 3 else b"%d" % number for number in range(300)]
    for value in sent:
        await client.client.emit("message", value)
    equal([(await client.next(client.events))[2] for _ in sent], sent)


async def heartbeat(client):
    equal(client.client.eio.current_transport, "polling" if client.by == "polling" else "websocket")
    await asyncio.sleep(1.3)
    await client.echoed("message", "alive")
    equal(client.disconnects.qsize(), 0)


async def joined(port, by, test, **options):
    async with Client(port, by, **options) as client:
        await test(client)


async def megabyte(by):
    with wsio_server("--max-message", "2M") as server:
        async with Client(server.port, by) as client:
            await client.echoed("message", MEGABYTE)
            await client.acked(MEGABYTE)


async def namespaces(port, by):
    async with Client(port, by, ("/", "/custom")) as client:
        if client.client.get_sid("/") == client.client.get_sid("/custom"):
            raise AssertionError("two namespaces with one sid")
        for test in (texts, binaries, acks):
            await test(client, "/custom")
        await client.echoed("message", "and here", namespace="/")


async def unknown_namespace(port, by):
    import socketio
    client = Client(port, by, ("/", "/nowhere"))
    client.wait_s = 0.5  # the client waits this long for the other namespaces, whatever the answer
    try:
        async with client:
            raise AssertionError("an unknown namespace was joined")
    except socketio.exceptions.ConnectionError:
        equal(await client.next(client.refusals), ({"message": "Invalid namespace"},))
        equal(client.connects.qsize(), 1)


async def rooms(port, by):
    """Three clients in two rooms: those that joined the room get the news."""
    async with Client(port, by) as one, Client(port, by) as two, Client(port, by) as three:
        for client, room in ((one, UNICODE), (two, UNICODE), (three, "b")):
            await client.client.call("join", room, timeout=WAIT_S)
        for news in ("hi", NESTED, b"\x00\xff", b"x" * 100000):
            await one.client.emit("broadcast", (UNICODE, "news", news, 5))
            equal(await two.next(two.events), ("/", "news", news, 5))
        await two.client.call("leave", UNICODE, timeout=WAIT_S)
        await one.client.emit("broadcast", (UNICODE, "news", "unheard"))
        for client in (one, two, three):
            await client.echoed("message", "end")


async def thrown_out(port, by):
    """The server ends one namespace; the other goes on."""
    async with Client(port, by, ("/", "/custom")) as client:
        await client.client.emit("disconnect-me", namespace="/custom")
        await client.next(client.disconnects)
        await client.echoed("message", "still here")


async def restarted(by):
    """Told by polling that the server goes, this client stays away; so there it is killed."""
    loop = asyncio.get_running_loop()
    with wsio_server() as first:
        async with Client(first.port, by, reconnection=True, reconnection_delay=0.1,
                          reconnection_delay_max=0.1, randomization_factor=0) as client:
            await client.next(client.connects)
            await client.echoed("message", "one")
            if by == "polling":
                await asyncio.sleep(0.2)  # Wine keeps the objects that a killed process was waiting for
                first.process.kill()
            await loop.run_in_executor(None, first.stop)
            await client.next(client.disconnects)
            second = await loop.run_in_executor(None, lambda: wsio_server(port=first.port))
            try:
                await client.next(client.connects)
                await client.echoed("message", "two")
                await client.client.disconnect()
            finally:
                status = await loop.run_in_executor(None, second.stop)
            equal(status, 0)


def served(tests, by):
    peer = f"python-socketio served, {by}"
    with wsio_server("--ping-interval", "300", "--ping-timeout", "200") as server:
        for name, test, options in [
                ("text", texts, {}),
                ("binary", binaries, {}),
                ("acks", acks, {}),
                ("300 events at once", volley, {}),
                ("auth", texts, {"auth": {"token": UNICODE, "n": [1]}}),
                ("heartbeat", heartbeat, {})]:
            tests.run(f"{peer}: {name}", lambda: joined(server.port, by, test, **options))
        for name, test in [
                ("namespaces", namespaces),
                ("unknown namespace", unknown_namespace),
                ("rooms", rooms),
                ("disconnected by the server", thrown_out)]:
            tests.run(f"{peer}: {name}", test, server.port, by)
        tests.run(f"{peer}: wsio-server ends cleanly", lambda: equal(server.stop(), 0))
    tests.run(f"{peer}: 1 MiB of binary", megabyte, by)
    tests.run(f"{peer}: reconnects to a new server", restarted, by)


def main():
    tests = Tests()
    reason = missing_python("socketio", "aiohttp")
    if reason:
        tests.skip("python-socketio served", reason)
        tests.finish()
    tests.version("python-socketio", version_of_python("python-socketio"))
    for by in BY:
        served(tests, by)
    tests.finish()


main()

"""Proves that Python's `websockets` is served by wsio-server."""
import asyncio

from peers import Tests, equal, missing_python, version_of_python, wsio_server

MEGABYTE = bytes(range(256)) * 4096
UNICODE = "grüß 你好 \U0001f600 \0 \uffff"
WAIT_S = 5


def connect(port, path="/any/path?q", **options):
    import websockets
    return websockets.connect(f"ws://127.0.0.1:{port}{path}", open_timeout=WAIT_S,
                              close_timeout=WAIT_S, max_size=None, **options)


async def echoed(connection, message, wanted=None):
    await connection.send(message)
    equal(await asyncio.wait_for(connection.recv(), WAIT_S), message if wanted is None else wanted)


async def messages(port, *all_of_them):
    async with connect(port) as connection:
        for message in all_of_them:
            await echoed(connection, message)


async def fragments(port):
    async with connect(port) as connection:
        await echoed(connection, ["fr", "", "ag", "ments ü"], "fragments ü")
        await echoed(connection, [b"\x00" * 70000, b"\xff" * 3], b"\x00" * 70000 + b"\xff" * 3)


async def pings(port):
    async with connect(port) as connection:
        await asyncio.wait_for(await connection.ping(b"data"), WAIT_S)
        await asyncio.wait_for(await connection.ping(), WAIT_S)
        await asyncio.wait_for(await connection.ping(b"x" * 125), WAIT_S)
        await echoed(connection, "still here")


async def ping_between_fragments(port):
    async with connect(port) as connection:
        async def pieces():
            yield "one, "
            await asyncio.wait_for(await connection.ping(b"between"), WAIT_S)
            yield "two"
        await echoed(connection, pieces(), "one, two")


async def close(port, code, reason):
    async with connect(port) as connection:
        await connection.close(code, reason)
        equal((connection.close_code, connection.close_rcvd.code), (code, code))
        equal(connection.close_rcvd_then_sent, False)


async def nothing_compressed(port):
    async with connect(port, compression="deflate") as connection:
        equal(connection.extensions, [])
        await echoed(connection, "a" * 1000)


async def origins(port):
    import websockets
    async with connect(port, origin=f"http://127.0.0.1:{port}") as connection:
        await echoed(connection, "own")
    try:
        async with connect(port, origin="http://elsewhere.example"):
            raise AssertionError("a foreign origin was let in")
    except websockets.InvalidStatusCode as refusal:
        equal(refusal.status_code, 403)


async def one_of_many(port, number):
    async with connect(port) as connection:
        for turn in range(20):
            await echoed(connection, f"{number} {turn}")


async def many(port):
    await asyncio.gather(*(one_of_many(port, number) for number in range(30)))


async def pipelined(port):
    async with connect(port) as connection:
        sent = [f"message {number}" for number in range(500)]
        for message in sent:
            await connection.send(message)
        equal([await asyncio.wait_for(connection.recv(), WAIT_S) for _ in sent], sent)


async def stopped():
    loop = asyncio.get_running_loop()
    with wsio_server() as server:
        async with connect(server.port) as connection:
            await echoed(connection, "hi")
            status = await loop.run_in_executor(None, server.stop)
            await asyncio.wait_for(connection.wait_closed(), WAIT_S)
            equal((status, connection.close_code), (0, 1001))


async def broadcast(port):
    async with connect(port, "/broadcast") as one, connect(port, "/broadcast") as two, \
            connect(port) as other:
        for message in ("hi", UNICODE, MEGABYTE[:900000]):
            await one.send(message)
            equal(await asyncio.wait_for(two.recv(), WAIT_S), message)
        await two.send("back")
        equal(await asyncio.wait_for(one.recv(), WAIT_S), "back")
        await echoed(other, "not concerned")


def main():
    tests = Tests()
    reason = missing_python("websockets")
    if reason:
        tests.skip("Python websockets served", reason)
        tests.finish()
    tests.version("Python websockets", version_of_python("websockets"))
    with wsio_server() as server:
        for name, test, *arguments in [
                ("text", messages, "hi", "", "x" * 125, "x" * 126, "x" * 70000),
                ("unicode", messages, UNICODE, UNICODE * 10000),
                ("binary", messages, b"", b"\x00\xff", bytes(range(256))),
                ("1 MiB of binary", messages, MEGABYTE),
                ("fragments", fragments),
                ("pings", pings),
                ("ping between fragments", ping_between_fragments),
                ("close 1000", close, 1000, ""),
                ("close 1001 with a reason", close, 1001, "going ü"),
                ("close 3000", close, 3000, "x" * 123),
                ("close 4999", close, 4999, ""),
                ("offered compression", nothing_compressed),
                ("16 MiB of binary", messages, MEGABYTE * 16),
                ("origins", origins),
                ("/broadcast", broadcast),
                ("30 connections at once", many),
                ("500 messages at once", pipelined)]:
            tests.run(f"Python websockets served: {name}", test, server.port, *arguments)
        tests.run("wsio-server ends cleanly", lambda: equal(server.stop(), 0))
    tests.run("Python websockets served: server stopped", stopped)
    tests.finish()


main()

"""An echo server as the documentation of Python's `websockets` shows it; pings often."""
import asyncio
import signal

import websockets


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with websockets.serve(echo, "127.0.0.1", 0, ping_interval=0.1) as server:
        print("listening on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
        await ended.wait()


asyncio.run(main())

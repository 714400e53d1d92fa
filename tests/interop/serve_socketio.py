"""python-socketio: echo on / and /custom; /private wants {"token":"secret"}.

"message" comes back under its name, "question" as "answer", "acked" as its ack: a handler of
python-socketio cannot know whether an ack is wanted.
"""
import asyncio
import signal

import socketio
from aiohttp import web

NAMESPACES = ["/", "/custom", "/private"]


def serve(server, namespace):
    @server.on("message", namespace=namespace)
    async def message(sid, *args):
        await server.emit("message", args, to=sid, namespace=namespace)

    @server.on("question", namespace=namespace)
    async def question(sid, *args):
        await server.emit("answer", args, to=sid, namespace=namespace)

    @server.on("acked", namespace=namespace)
    async def acked(sid, *args):
        return args


async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.1, ping_timeout=5)
    for namespace in NAMESPACES:
        serve(server, namespace)

    @server.on("connect", namespace="/private")
    async def connect(sid, environ, auth):
        if not auth or auth.get("token") != "secret":
            raise socketio.exceptions.ConnectionRefusedError("no token")

    application = web.Application()
    server.attach(application)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.1)
    await site.start()
    print("listening on 127.0.0.1:%d" % runner.addresses[0][1], flush=True)
    await ended.wait()


asyncio.run(main())

"""libwebsockets-test-server on a free port of loopback; ends with this process.

Its lws-mirror-protocol sends every message to all connections of one mirror, its sender too.
"""
import signal
import socket
import subprocess
import sys
import time

START_S = 8

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]

server = subprocess.Popen(["libwebsockets-test-server", f"--port={port}", "--interface=lo", "-d0"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    ends = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            if time.monotonic() > ends or server.poll() is not None:
                sys.exit("libwebsockets-test-server did not start")
            time.sleep(0.02)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    server.wait()
finally:
    server.terminate()
    server.wait()

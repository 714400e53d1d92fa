"""Proves that headless Chromium is served: socket.io-client's bundle, and its own WebSocket.

The page (page.html, page.js) is served from a port of its own, another origin than wsio-server's.
"""
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading

from peers import (HERE, Tests, equal, missing_node, missing_program, version_of_program,
                   wsio_server)

PEERS = ("Chromium, socket.io-client", "Chromium, WebSocket")
RESULT_S = 30  # until the first, and from one to the next
STOP_S = 10
TIMES = ("--ping-interval", "300", "--ping-timeout", "2s", "--max-message", "2M")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")
BUNDLE = os.path.join(os.environ["NODE_PATH"], "socket.io-client/dist/socket.io.min.js")
FILES = {"/": os.path.join(HERE, "page.html"), "/page.js": os.path.join(HERE, "page.js"),
         "/socket.io.min.js": BUNDLE}


class Pages(http.server.ThreadingHTTPServer):
    """Serves the page, and puts its results into `results`."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Page)
        self.results = queue.Queue()
        self.setup, self.restart = {}, None
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/setup.js":
            body = f"const SETUP = {json.dumps(self.server.setup)};".encode()
        elif self.path in FILES:
            with open(FILES[self.path], "rb") as file:
                body = file.read()
        else:
            self.send_error(404)
            return
        self.answer(body, "text/html" if self.path == "/" else "text/javascript")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/restart":
            self.server.restart()
        else:
            self.server.results.put((self.path, json.loads(body)))
        self.answer(b"", "text/plain")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Chromium:
    def __init__(self, url, folder):
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["chromium", *FLAGS, f"--user-data-dir={folder}/profile", url],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def judged(result):
    if "why" in result:
        raise AssertionError(result["why"])


def collect(tests, pages):
    """Returns when the page has ended, or sends no more results."""
    while True:
        try:
            path, result = pages.results.get(timeout=RESULT_S)
        except queue.Empty:
            raise AssertionError(f"the page sent no result for {RESULT_S} s") from None
        if path == "/end":
            return
        tests.run(result["name"], judged, result)


def browse(tests, folder):
    pages = Pages()
    servers = [wsio_server("--origin", pages.origin, *TIMES), wsio_server(*TIMES)]
    statuses = []

    def restart():
        port = servers[0].port
        statuses.append(servers[0].stop())
        servers[0] = wsio_server("--origin", pages.origin, *TIMES, port=port)

    pages.restart = restart
    pages.setup = {name: f"http://127.0.0.1:{server.port}"
                   for name, server in zip(("allowed", "closed"), servers)}
    try:
        with Chromium(pages.origin + "/", folder):
            tests.run("Chromium, WebSocket served, websocket: all of the page runs", collect, tests,
                      pages)
    finally:
        statuses += [server.stop() for server in servers]
        pages.shutdown()
    tests.run("Chromium, WebSocket served, websocket: wsio-server ends cleanly",
              lambda: equal(set(statuses), {0}))


def main():
    tests = Tests()
    reason = missing_program("chromium") or missing_node("socket.io-client")
    if reason:
        for peer in PEERS:
            tests.skip(f"{peer} served", reason)
        tests.finish()
    for peer in PEERS:
        tests.version(peer, version_of_program("chromium", "--version"))
    folder = tempfile.mkdtemp(prefix="wsio-chromium-")
    try:
        browse(tests, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tests.finish()


main()

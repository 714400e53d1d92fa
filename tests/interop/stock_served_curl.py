"""Proves long polling by hand: curl as a client of wsio-server, one process per request."""
import json
import subprocess
import tempfile

from peers import Tests, equal, missing_program, version_of_program, wsio_server

RS = "\x1e"
WAIT_S = 5


def curl(port, query, *options, path="/socket.io/"):
    """The status and the body."""
    command = ["curl", "--silent", "--show-error", "--max-time", str(WAIT_S), "--write-out",
               "\n%{http_code}", *options, f"http://127.0.0.1:{port}{path}?{query}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True,
                          timeout=2 * WAIT_S)
    body, status = done.stdout.decode().rsplit("\n", 1)
    return int(status), body


class Session:
    """A session that joined the namespace /; `options` go to each of its requests."""

    def __init__(self, port, *options):
        self.port, self.options = port, options
        status, body = curl(port, "EIO=4&transport=polling", *options)
        equal((status, body[0]), (200, "0"))
        self.query = f"EIO=4&transport=polling&sid={json.loads(body[1:])['sid']}"
        equal(self.post("40"), (200, "ok"))
        status, body = self.get()
        equal((status, body[:9]), (200, '40{"sid":'))

    def get(self, *options):
        return curl(self.port, self.query, *self.options, *options)

    def post(self, body, *options):
        return curl(self.port, self.query, *self.options, *options, "--data-binary", body)


def events(port, *options):
    session = Session(port, *options)
    for sent, wanted in [('42["message","hi ü"]', '42["message","hi ü"]'),
                         ('425["message",1]', "435[1]"),
                         ('451-["message",{"_placeholder":true,"num":0}]' + RS + "bAAH/",
                          '451-["message",{"_placeholder":true,"num":0}]' + RS + "bAAH/"),
                         ("40/custom,", None),
                         ('42["a"]' + RS + '42["b"]', '42["a"]' + RS + '42["b"]')]:
        equal(session.post(sent), (200, "ok"))
        status, body = session.get()
        equal((status, body if wanted else body[:18]), (200, wanted or '40/custom,{"sid":"'))
    equal(session.post("1"), (200, "ok"))
    equal(session.get(), (400, '{"code":1,"message":"Session ID unknown"}'))


def kept(port):
    """Two requests on one connection: curl prints the number of its connections."""
    session = Session(port)
    url = f"http://127.0.0.1:{port}/socket.io/?{session.query}"
    common = ["--silent", "--max-time", str(WAIT_S), "--write-out", "\n%{num_connects}\n"]
    done = subprocess.run(
        ["curl", *common, "--data-binary", '42["message","kept"]', url, "--next", *common, url],
        stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=2 * WAIT_S)
    equal(done.stdout.decode().split("\n")[:4], ["ok", "1", '42["message","kept"]', "0"])


def with_file(port, *options):
    """900 KB in a POST, with its length or in chunks."""
    text = '42["message","' + "x" * 900000 + '"]'
    session = Session(port)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        equal(session.post("@" + file.name, *options), (200, "ok"))
    equal(session.get(), (200, text))


def too_large(port, *options):
    """More than --max-message is refused, and the session lives."""
    session = Session(port)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write('42["message","' + "x" * 1000000 + '"]')
        file.flush()
        status, _ = session.post("@" + file.name, *options)
        equal(status, 413)
    equal(session.post('42["message","alive"]'), (200, "ok"))
    equal(session.get(), (200, '42["message","alive"]'))


def errors(port):
    for query, wanted in [
            ("EIO=4", '{"code":0,"message":"Transport unknown"}'),
            ("EIO=4&transport=polling&sid=nobody", '{"code":1,"message":"Session ID unknown"}'),
            ("EIO=4&transport=websocket", '{"code":3,"message":"Bad request"}'),
            ("EIO=3&transport=polling", '{"code":5,"message":"Unsupported protocol version"}')]:
        equal(curl(port, query), (400, wanted))
    equal(curl(port, "EIO=4&transport=polling", "--data-binary", "40"),
          (400, '{"code":2,"message":"Bad handshake method"}'))
    equal(curl(port, "EIO=4&transport=polling", path="/nowhere")[0], 404)


def pages(port):
    for options, wanted in [([], (200, "ok\n")), (["--http2"], (200, "ok\n")),
                            (["-H", "Host: evil.example"], None)]:
        status, body = curl(port, "", *options, path="/healthz")
        equal(wanted or (403, True), (status, body if wanted else "--host" in body))
    status, head = curl(port, "", "--head", path="/stats")
    equal((status, "Content-Length: " in head, "{" in head), (200, True, False))


def heartbeat(port):
    """The server's ping is a poll's only packet; without a pong the session ends."""
    session = Session(port)
    equal(session.get(), (200, "2"))
    equal(session.post("3"), (200, "ok"))
    equal(session.get(), (200, "2"))
    equal(session.get(), (200, "1"))
    equal(session.get()[0], 400)


def main():
    tests = Tests()
    reason = missing_program("curl")
    if reason:
        tests.skip("curl served, polling", reason)
        tests.finish()
    tests.version("curl", version_of_program("curl", "--version"))
    chunked, expects = ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue")
    with wsio_server("--ping-interval", "10s") as server:
        for name, test, *options in [
                ("a session", events),
                ("a session, Connection: close", events, "-H", "Connection: close"),
                ("a session, HTTP/1.0", events, "--http1.0"),
                ("a connection kept", kept),
                ("900 KB", with_file, "-H", "Expect:"),
                ("900 KB in chunks", with_file, *chunked),
                ("900 KB after 100 Continue", with_file, *expects),
                ("900 KB in chunks after 100 Continue", with_file, *chunked, *expects),
                ("more than --max-message", too_large, *expects),
                ("more than --max-message in chunks", too_large, *chunked),
                ("errors", errors),
                ("pages, HEAD, HTTP/2 offered, another Host", pages)]:
            tests.run(f"curl served, polling: {name}", test, server.port, *options)
        tests.run("curl served, polling: wsio-server ends cleanly",
                  lambda: equal(server.stop(), 0))
    with wsio_server("--ping-interval", "400", "--ping-timeout", "1200") as server:
        tests.run("curl served, polling: heartbeat", heartbeat, server.port)
    tests.finish()


main()

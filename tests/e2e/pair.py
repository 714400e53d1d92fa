"""What the end-to-end tests share: the two programs, raw peers, fake servers, and the cases.

WSIO_SERVER and WSIO_CLIENT are the commands of the programs under test, where they are not the two in
WSIO_BIN: `wine build/win64/wsio-server.exe`. Each may be of another system than the other.

Every wait here is bounded and every process that was started is ended by its id. A test file
declares its cases with @case and ends with main(); each case prints `ok NAME`, `not ok NAME - why`
or `skip NAME - reason`.
"""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(ROOT, os.environ.get("WSIO_BIN", "build"))
CLIENT = shlex.split(os.environ.get("WSIO_CLIENT", "")) or [os.path.join(BIN, "wsio-client")]
SERVER = shlex.split(os.environ.get("WSIO_SERVER", "")) or [os.path.join(BIN, "wsio-server")]


def on_wine(command):
    return "wine" in command


SLOW = on_wine(SERVER) or on_wine(CLIENT)  # another process does the work of each socket call there
PATIENCE = 30.0 if SLOW else 10.0  # seconds: the longest that any single wait may last

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Failure(Exception):
    pass


class Skip(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Failure(why)


def equal(found, expected, what):
    if found != expected:
        raise Failure("%s: %r instead of %r" % (what, found, expected))


def within(value, low, high, what):
    if not low <= value <= high:
        raise Failure("%s: %r is not within %r..%r" % (what, value, low, high))


def lasted(begin, low, high, what):
    """Seconds of time.monotonic(); Wine is late now and then, never early."""
    within(time.monotonic() - begin, low, high + (2 if SLOW else 0), what)


def until(condition, what, patience=PATIENCE):
    """Polls a cheap condition; returns its first true value."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise Failure("never came: " + what)


# ---- The programs ------------------------------------------------------------------------------

running = []


def not_on_wine(*commands, reason):
    """Skips a case that Wine cannot show."""
    if any(on_wine(command) for command in commands):
        raise Skip(reason)


def started(args, **options):
    """The environment has a mark by which the processes that it starts are found."""
    pipes = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    mark = "WSIO_MARK=%d.%d" % (os.getpid(), time.monotonic_ns())
    options["env"] = dict(options.get("env", os.environ), **dict([mark.split("=")]))
    process = subprocess.Popen(args, **{**pipes, **options})
    process.mark = mark.encode()
    running.append(process)
    return process


def interrupt(process):
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)


def kill(process, sibling=None, peer=None):
    """Kills the process, or its sibling, by SIGKILL. Under Wine its `peer` (a pid) is stopped meanwhile."""
    if not on_wine(process.args):
        os.kill(sibling or process.pid, signal.SIGKILL)
        return
    with held(peer):
        pid = until(lambda: windows_pid(process, sibling), "a process that has this name")
        subprocess.run(["wine", "taskkill", "/F", "/PID", pid], stdout=subprocess.DEVNULL, check=True)


@contextlib.contextmanager
def held(pid):
    """Stops the peer: Wine 8 keeps the sockets of a process that it ends while they have work to do."""
    if pid:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.3)
    yield
    if pid:
        os.kill(pid, signal.SIGCONT)


def windows_pid(process, sibling):
    """The pid in Wine of a killable() program or its child. A SIGKILL by the other pid ends Wine's server."""
    name = next(os.path.basename(word) for word in process.args if word.endswith(".exe"))
    run = subprocess.run(["wine", "winedbg"], input=b"info proc\n", capture_output=True)
    line = r"(\w+) +\d+ +(?:.._ )?'%s'(?:\s+(\w+) +\d+ +.._ 'wsio-server)?" % name
    found = re.search(line, run.stdout.decode("utf-8", "replace"))
    pid = found and found[2 if sibling else 1]
    return pid and str(int(pid, 16))


def terminate(process):
    """Asks the process to end. Under Wine SIGTERM would kill it, so it gets Ctrl-C there."""
    process.send_signal(signal.SIGINT if on_wine(process.args) else signal.SIGTERM)


def ended(process, patience=PATIENCE):
    """Waits for the end; returns (exit code, stdout, stderr)."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failure("no end after %g s: %s" % (patience, " ".join(process.args)))
    finally:
        if process in running:
            running.remove(process)
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def kill_all():
    for process in list(running):
        process.kill()
        process.communicate()
    running.clear()


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise Failure("no JSON (%s): %.200r %.200r" % (error, self.out, self.err))

    def expect(self, code):
        if self.code != code:
            raise Failure("exit %d instead of %d: %s%s" % (self.code, code, self.err, self.causes()))
        return self

    def causes(self):
        """The causes of the failures in a report, or the start of other output."""
        try:
            targets = json.loads(self.out)["targets"]
        except (ValueError, KeyError):
            return self.out[:2000]
        parts = [(t["name"], s, p) for t in targets for s, p in t["scenarios"].items()]
        return [(t["name"], t["failures"]) for t in targets if t["failures"]] + [
            (name, scenario, part["broken_identities"], part["failures"], part["tally"])
            for name, scenario, part in parts
            if part["broken_identities"] or part["failures"] or part["tally"]["wrong"]
        ]

    def complaint(self, code, *words):
        """Nothing on stdout, and one line on stderr that has these words."""
        self.expect(code)
        equal(self.out, "", "stdout")
        check(self.err.count("\n") == 1 and self.err.endswith("\n"), "not one line: %r" % self.err)
        for word in words:
            check(word in self.err, "%r is not in %r" % (word, self.err))
        return self


def pollers(program):
    """The names of its pollers, from the error for a name that does not exist."""
    err = ended(started([*program, "--poller", "?"]))[2]
    return [word for word in re.findall(r"\w+", err.partition("?:")[2]) if word not in ("expected", "or")]


def client(*args, patience=PATIENCE):
    return Result(*ended(started([*CLIENT, *map(str, args)]), patience))


def measure(*args, code=0, patience=PATIENCE):
    """The client's JSON report."""
    return client(*args, "--json", "-", patience=patience).expect(code).json


def figures(report, name, scenario=None):
    """The part of the report for one target and one scenario."""
    for target in report["targets"]:
        if target["name"] == name:
            return target["scenarios"][scenario or report["scenario"]]
    raise Failure("no target %s in the report" % name)


def faults(report, name):
    """(status, phase) of all failures of one target."""
    found = []
    for target in report["targets"]:
        if target["name"] != name:
            continue
        for source in [target] + list(target["scenarios"].values()):
            found += source["failures"]
    return found


def server_fails(*args, patience=PATIENCE):
    return Result(*ended(started([*SERVER, *map(str, args)]), patience))


def copied(command, folder):
    """The command of a copy of its program in the folder."""
    return [*command[:-1], shutil.copy(command[-1], folder)]


def sibling_in(folder):
    """The path where a client in this folder looks for its server."""
    return os.path.join(folder, "wsio-server" + (".exe" if on_wine(CLIENT) else ""))


@contextlib.contextmanager
def killable(command):
    """The command; on Wine that of a copy with a name of its own, beside a copy of the server."""
    with scratch() as folder:
        if on_wine(command):
            shutil.copy(os.path.join(os.path.dirname(command[-1]), "wsio-server.exe"), folder)
            name = os.path.basename(folder) + ".exe"
            command = [*command[:-1], shutil.copy(command[-1], os.path.join(folder, name))]
        yield command


class Server:
    """A wsio-server on free ports; `with Server() as server`."""

    def __init__(self, *args, host="127.0.0.1", command=SERVER):
        ports = ["--bind", host, "--port", "0", "--tcp-port", "0"]
        self.watch(started([*command, *ports, *map(str, args)]), host)

    @classmethod
    def adopt(cls, process):
        """Takes a server that was started in another way, such as under strace."""
        server = cls.__new__(cls)
        server.watch(process, "127.0.0.1")
        return server

    def watch(self, process, host):
        self.process = process
        self.pid = process.pid
        self.host = host
        self.first_line = self.read_line()
        words = self.first_line.split()
        check(words[:3] == ["wsio-server", "listening", "on"], "first line %r" % self.first_line)
        self.port = int(words[3].rpartition(":")[2])
        self.tcp_port = int(words[5].rpartition(":")[2])

    def read_line(self):
        line = b""
        end = time.monotonic() + PATIENCE
        while not line.endswith(b"\n") and time.monotonic() < end:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.1)
            if ready:
                byte = os.read(self.process.stdout.fileno(), 1)
                if byte == b"":
                    raise Failure("the server ended: %r" % self.process.stderr.read())
                line += byte
        return line.decode()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process not in running:
            return
        running.remove(self.process)
        if on_wine(SERVER):  # a kill does harm there; the second request makes it stop waiting for peers
            for patience in [0.1, 5]:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    interrupt(self.process)
                    self.process.communicate(timeout=patience)
        self.process.kill()
        self.process.communicate()

    def url(self, kind, path=""):
        host = "[%s]" % self.host if ":" in self.host else self.host
        return {"tcp": "tcp://%s:%d" % (host, self.tcp_port)}.get(
            kind, "%s://%s:%d%s" % ({"sio": "http"}.get(kind, kind), host, self.port, path)
        )

    @property
    def urls(self):
        return [self.url("tcp"), self.url("ws"), self.url("sio")]

    def get(self, path, method="GET", headers={}):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def stats(self):
        status, _, body = self.get("/stats")
        equal(status, 200, "status of /stats")
        return json.loads(body)

    def fault(self, name):
        return self.stats()["faults"].get(name, 0)

    def stop(self, patience=PATIENCE):
        """Asks it to end, and checks that it ends properly. Returns its output after the first line."""
        terminate(self.process)
        code, out, err = ended(self.process, patience)
        # Now and then Wine kills a process that ends while the thread that took its Ctrl-C still returns.
        proper = (0, -signal.SIGKILL) if on_wine(self.process.args) else (0,)
        check(code in proper, "exit of the server: %d (%s)" % (code, err))
        return out


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def memory(pid):
    """Resident bytes."""
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def siblings(process):
    """Servers that the process has started, at once or through others."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open("/proc/%s/environ" % name, "rb") as file:
                ours = process.mark in file.read().split(b"\0")
            with open("/proc/%s/cmdline" % name, "rb") as file:
                if ours and b"wsio-server" in file.read().split(b"\0")[0]:
                    found.append(int(name))
    return found


def gone(pid):
    return not os.path.exists("/proc/%d" % pid)


def dead(pid):
    """Is the process gone, or an orphan that init has yet to reap?"""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def sanitized():
    """Is this a build with AddressSanitizer, whose own memory hides ours?"""
    with open(SERVER[-1], "rb") as file:
        return b"__asan_init" in file.read()


# ---- Frames and raw peers ----------------------------------------------------------------------


def frame(payload=b"", opcode=TEXT, fin=True, mask=b"\x11\x22\x33\x44", reserved=0, length=None):
    """One frame; mask None for a server's; `length` may lie about the payload."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack(">BH", bit | 126, size)
    else:
        head += struct.pack(">BQ", bit | 127, size)
    if not mask:
        return head + payload
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(
        (mask * (len(payload) // 4 + 1))[: len(payload)], "big"
    )
    return head + mask + masked.to_bytes(len(payload), "big")


class Peer:
    """A socket with frames, heads and lines; every read is bounded."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.settimeout(PATIENCE)
        self.rest = b""

    @classmethod
    def to(cls, port, host="127.0.0.1", receive_buffer=None):
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(PATIENCE)
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    @classmethod
    def websocket(cls, port, path="/", headers="", **options):
        peer = cls.to(port, **options)
        peer.send(upgrade(path, headers))
        head = peer.head()
        check(head.startswith(b"HTTP/1.1 101 "), "no 101: %r" % head)
        return peer

    @classmethod
    def session(cls, port, join=True, path="/socket.io/?EIO=4&transport=websocket"):
        """An Engine.IO session, in namespace / unless join is False."""
        peer = cls.websocket(port, path)
        peer.opened = json.loads(peer.text()[1:])
        if join:
            peer.send_text("40")
            answer = peer.text()
            check(answer.startswith('40{"sid":"'), "no CONNECT: %r" % answer)
        return peer

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_text(self, text):
        self.send(frame(text.encode()))

    def more(self):
        try:
            data = self.socket.recv(1 << 16)
        except socket.timeout:
            raise Failure("nothing came for %g s" % PATIENCE)
        self.rest += data
        return data != b""

    def take(self, count):
        while len(self.rest) < count:
            if not self.more():
                raise Failure("end of stream after %r" % self.rest)
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                raise Failure("end of stream in a head: %r" % self.rest)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def frame(self):
        """(opcode, payload, fin) of the next frame, of either role."""
        first, second = self.take(2)
        size = second & 127
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        mask = self.take(4) if second & 128 else None
        payload = self.take(size)
        if mask:
            payload = frame(payload, mask=mask)[-size:] if size else b""
        return first & 15, payload, bool(first & 128)

    def text(self):
        opcode, payload, _ = self.frame()
        equal(opcode, TEXT, "opcode of %.80r" % payload)
        return payload.decode()

    def close_code(self):
        """Reads up to the Close frame; its code, None for an empty one."""
        while True:
            opcode, payload, _ = self.frame()
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if payload else None

    def end(self):
        """Reads to the end of stream (or reset); returns the bytes."""
        with contextlib.suppress(ConnectionError):
            while self.more():
                pass
        taken, self.rest = self.rest, b""
        return taken

    def closes_with(self, code, what):
        equal(self.close_code(), code, "close code after " + what)
        equal(self.end(), b"", "after the Close")

    def reset(self):
        """Closes the socket so that the other end sees a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def upgrade(path="/", headers="", key="dGhlIHNhbXBsZSBub25jZQ==", host="127.0.0.1"):
    return (
        "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n" % (path, host, key, headers)
    ).encode()


# ---- Fake servers ------------------------------------------------------------------------------


class Fake:
    """A server in threads: handler(peer) for each connection."""

    def __init__(self, handler):
        self.handler = handler
        self.heads = []
        self.errors = []
        self.stopping = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(sock)
            threading.Thread(target=self.answer, args=(sock,), daemon=True).start()

    def answer(self, sock):
        with contextlib.suppress(OSError, Failure):
            self.handler(Peer(sock))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def url(self, scheme, path=""):
        return "%s://127.0.0.1:%d%s" % (scheme, self.port, path)


def accept_of(head):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"sec-websocket-key:"):
            key = line.split(b":", 1)[1].strip()
            return base64.b64encode(hashlib.sha1(key + ACCEPT_SUFFIX).digest())
    raise Failure("no key in %r" % head)


def accept(peer, extra=b"", accept_value=None):
    """Answers a WebSocket handshake; returns the request's head."""
    head = peer.head()
    peer.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + (accept_value or accept_of(head)) + b"\r\n" + extra + b"\r\n"
    )
    return head


def say(peer, text):
    peer.send(frame(text.encode(), mask=None))


OPEN = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


def accept_session(peer, opening=OPEN):
    """Opens Engine.IO and joins the namespace asked for; returns (head, the CONNECT packet)."""
    head = accept(peer)
    say(peer, opening)
    connect = peer.text()
    namespace = connect[2:].partition("{")[0]
    say(peer, "40" + namespace + '{"sid":"y"}')
    return head, connect


def finish(peer):
    """Answers the Close and ends."""
    peer.send(frame(struct.pack(">H", 1000), CLOSE, mask=None))
    peer.socket.shutdown(socket.SHUT_WR)
    peer.end()


# ---- Cases -------------------------------------------------------------------------------------

cases = []


def case(name):
    def add(function):
        cases.append((name, function))
        return function

    return add


def run_case(name, function, times):
    begin = time.monotonic()
    try:
        function()
        line = "ok " + name
    except Skip as reason:
        line = "skip %s - %s" % (name, reason)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)
        where = [row.lineno for row in last if row.filename == sys.argv[0]] or [last[-1].lineno]
        what = str(error) if isinstance(error, Failure) else repr(error)
        line = "not ok %s - line %d: %s" % (name, where[-1], " ".join(what.split()))
    finally:
        kill_all()
    if times:
        line += "  # %.2f s" % (time.monotonic() - begin)
    print(line, flush=True)
    return not line.startswith("not ok")


def main():
    """Runs all cases, or those whose names contain the words of the command line."""
    words = [word for word in sys.argv[1:] if word != "-t"]
    chosen = [c for c in cases if not words or any(word in c[0] for word in words)]
    results = [run_case(name, function, "-t" in sys.argv) for name, function in chosen]
    sys.exit(0 if results and all(results) else 1)


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory() as folder:
        yield folder

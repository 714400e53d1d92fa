"""Proves that a steady round trip costs each side one send, one receive and one wait, and nothing else; and
how errors of system calls are taken that only strace can cause."""

import os
import re
import shutil
import signal
import subprocess

from pair import (
    CLIENT, SERVER, Peer, Result, Server, Skip, case, check, ended, equal, main, scratch, siblings,
    started,
)

LEAST = 300  # messages that must have been traced; more is better
EDGE = 30  # messages at the start and the end, where connecting and closing go on
SEND = {"sendto", "sendmsg", "send", "write", "writev"}
RECEIVE = {"recvfrom", "recvmsg", "recv", "read", "readv"}
WAIT = {"epoll": {"epoll_wait", "epoll_pwait", "epoll_pwait2"}, "select": {"select", "pselect6"}}
CALL = re.compile(rb"^(?:\d+ +)?([a-z0-9_]+)\(.*\) += +(-?\d+)")


def traced(folder, name, arguments, **options):
    """A program under strace; LeakSanitizer cannot work there."""
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    path = os.path.join(folder, name)
    return path, started(["strace", "-qq", "-o", path, *arguments], env=environment, **options)


def can_trace():
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], stderr=subprocess.PIPE)
    if probe.returncode != 0:
        raise Skip("strace may not trace here: " + probe.stderr.decode().strip()[:100])


def calls_of(path):
    """(name, result) of each call, in order."""
    with open(path, "rb") as file:
        matches = [CALL.match(line) for line in file]
    return [(match[1].decode(), int(match[2])) for match in matches if match]


def steady(calls, poller, what):
    """Counts the calls between the first and the last message, without the edges."""
    sends = [index for index, (name, moved) in enumerate(calls) if name in SEND and moved > 0]
    messages = len(sends) - 2 * EDGE
    check(messages >= LEAST, "%s: only %d sends were traced" % (what, len(sends)))
    # A wait that ends without an event is the client's look at the clock, where a reply is late.
    part = [name for name, result in calls[sends[EDGE]: sends[-EDGE]] if name not in WAIT[poller] or result != 0]
    kinds = {"sends": SEND, "receives": RECEIVE, "waits": WAIT[poller]}
    equal(sorted(set(part) - set().union(*kinds.values())), [], what + ": other system calls")
    for kind, names in kinds.items():
        equal(sum(name in names for name in part), messages, "%s: %s" % (what, kind))


def trace(kind, poller):
    can_trace()
    with scratch() as folder:
        options = ["--poller", poller]
        ports = ["--port", "0", "--tcp-port", "0", "--quiet"]
        path, process = traced(folder, "server", [*SERVER, *ports, *options])
        server = Server.adopt(process)
        target = server.url(kind)
        arguments = [*CLIENT, "roundtrip", "--duration", "1s", "--warmup", "0", "--quiet", *options, target]
        client_path, client = traced(folder, "client", arguments)
        Result(*ended(client)).expect(0)
        os.kill(siblings(process)[0], signal.SIGTERM)  # not strace itself
        ended(process)
        steady(calls_of(client_path), poller, "client")
        steady(calls_of(path), poller, "server")


for traced_kind in ["tcp", "ws", "sio"]:
    for traced_poller in ["epoll", "select"]:
        case("system calls of a steady roundtrip: %s, %s" % (traced_kind, traced_poller))(
            lambda kind=traced_kind, poller=traced_poller: trace(kind, poller))


@case("accept: an error of the connection that waited is not one of the listener")
def died_in_queue():
    can_trace()
    for error, away in [("ECONNABORTED", 0), ("ENETDOWN", 0), ("ETIMEDOUT", 0), ("EMFILE", 1)]:
        with scratch() as folder:
            inject = ["-e", "inject=accept4:error=%s:when=1" % error]
            ports = ["--port", "0", "--tcp-port", "0", "--quiet"]
            path, process = traced(folder, "server", [*inject, *SERVER, *ports])
            server = Server.adopt(process)
            try:
                with Peer.websocket(server.port) as peer:  # it is accepted in the end in any case
                    peer.send_text("hi")
                    equal(peer.text(), "hi", "the echo after " + error)
                equal(server.stats()["loop"]["turned_away"], away, "turned away by " + error)
            finally:
                os.kill(siblings(process)[0], signal.SIGTERM)
                ended(process)
            with open(path) as file:
                check("INJECTED" in file.read(), "strace did not inject " + error)


main()

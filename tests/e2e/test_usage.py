"""Proves which command lines are refused, and how: by the exit code, one line, and nothing else."""

import os
import subprocess

from pair import (
    CLIENT, PATIENCE, SERVER, Result, Server, Skip, case, check, client, copied, ended, equal, main, on_wine,
    scratch, server_fails, sibling_in, terminate,
)

SCENARIOS = ["connect", "roundtrip", "throughput", "rate", "send", "compare", "doctor", "diff", "echo"]
URL = "ws://127.0.0.1:1"

CLIENT_REFUSES = [
    # arguments, words of the complaint
    (["--nonsense"], ["--nonsense"]),
    (["-x"], ["-x"]),
    (["--durations", "1s"], ["--durations", "--duration"]),
    (["roundtrips"], ["roundtrips", "roundtrip"]),
    (["connect", "--duration", "1s"], ["--duration", "connect"]),
    (["connect", "--depth", "2"], ["--depth", "connect"]),
    (["connect", "--log", "x"], ["--log", "connect"]),
    (["echo", "--blocks", "6", URL], ["--blocks", "echo"]),
    (["roundtrip", "--rate", "6"], ["--rate", "roundtrip"]),
    (["rate", "--rate", "0"], ["--rate", "1..10000000"]),
    (["rate", "--rate", "10000001"], ["--rate", "1..10000000"]),
    (["rate", "--roundtrips", "6"], ["--roundtrips", "rate"]),
    (["connect", "--sweep", "clients=1,2"], ["--sweep", "connect"]),
    (["roundtrip", "--sweep", "depth=1,2"], ["--sweep", "depth=1,2", "size=N"]),
    (["roundtrip", "--sweep", "size=2,1"], ["--sweep", "size=2,1", "ascending"]),
    (["roundtrip", "--sweep", "size="], ["--sweep", "1..64M"]),
    (["rate", "--sweep", "clients=0,1"], ["--sweep", "1..20000"]),
    (["rate", "--sweep", "size=1", "--size", "2"], ["--size", "--sweep"]),
    (["rate", "--sweep", "clients=1", "--clients", "2"], ["--clients", "--sweep"]),
    (["roundtrip", "--sweep", "size=1,2", "--payload", "x"], ["--payload", "--sweep"]),
    (["roundtrip", "--verdict-on", "roundtrip.p50"], ["--verdict-on", "roundtrip"]),
    (["--verdict-on", "p50"], ["--verdict-on", "p50", "SCENARIO.FIGURE"]),
    (["--verdict-on", "connect.p50"], ["--verdict-on", "connect.p50"]),
    (["--verdict-on", "rate.p50"], ["--verdict-on", "rate.p50", "--rate"]),
    (["--server-pid", "1"], ["--server-pid", "NAME=PID"]),
    (["--server-pid", "ws=1"], ["--server-pid", "NAME=PID"]),
    (["--server-pid", "ws=0", URL], ["--server-pid", "NAME=PID"]),
    (["--server-pid", "ws=-1", URL], ["--server-pid", "NAME=PID"]),
    (["--server-pid", "ws2=1", URL], ["--server-pid", "ws2=1"]),
    (["roundtrip", "--roundtrips", "6"], ["--roundtrips", "roundtrip"]),
    (["throughput", "--warmup", "1s"], ["--warmup", "throughput"]),
    (["send", "--clients", "2"], ["--clients", "send"]),
    (["compare", "--depth", "2"], ["--depth", "compare"]),
    (["--clients", "0"], ["--clients", "1..20000"]),
    (["--clients", "20001"], ["--clients", "1..20000"]),
    (["--clients", "-1"], ["--clients"]),
    (["--clients", "5x"], ["--clients"]),
    (["--clients"], ["--clients"]),
    (["--clients", "99999999999999999999"], ["--clients"]),
    (["roundtrip", "--duration", "0"], ["--duration"]),
    (["roundtrip", "--duration", "90000s"], ["--duration", "1ms..86400s, in s, ms or us"]),
    (["roundtrip", "--duration", "1 s"], ["--duration"]),
    (["roundtrip", "--duration", "1s", "--warmup", "2s"], ["--warmup 2s", "--duration, which is 1s"]),
    (["--size", "0"], ["--size"]),
    (["--size", "65M"], ["--size", "64M"]),
    (["--socket-buffer", "512"], ["--socket-buffer", "1K"]),
    (["throughput", "--clients", "4", "--concurrency", "5"], ["--concurrency 5", "--clients, which is 4"]),
    (["--match", "loose"], ["--match", "loose", "order"]),
    (["--poller", "kqueue"], ["--poller", "kqueue", "expected", "select"]),
    (["--cpu", "1023", URL], ["--cpu 1023: expected one of the", "cores"]),
    (["doctor", "--cpu", "1"], ["--cpu", "doctor"]),
    (["run"], ["run", "expected one of compare,", "ws://HOST"]),
    (["help", "sned"], ["sned", "send"]),
    (["--foo"], ["--foo; see --help"]),
    (["rate", "--rate", "5", "--duration", "100ms"], ["--rate 5", "--duration", "100ms"]),
    (["--auth", "{}", URL], ["--auth", "Socket.IO"]),
    (["--event", "x", URL], ["--event", "Socket.IO"]),
    (["--header", "A: b", "tcp://h:1"], ["--header", "ws:// or http://"]),
    (["--binary", "tcp://h:1"], ["--binary", "ws:// or http://"]),
    (["--subprotocol", "a", "http://h"], ["--subprotocol", "ws://"]),
    (["--payload", "x", "--size", "3"], ["--payload", "--size"]),
    (["--payload", b"\xff\xfe"], ["--payload", "UTF-8"]),
    (["--auth", "[1]"], ["--auth"]),
    (["--auth", "{"], ["--auth"]),
    (["--header", "no colon"], ["--header"]),
    (["--header", "A: b\r\nC: d"], ["--header"]),
    (["--subprotocol", "a b"], ["--subprotocol"]),
    (["--socketio-path", "x"], ["--socketio-path"]),
    (["--event", "disconnect"], ["--event"]),
    (["--ack", URL], ["--ack"]),
    (["roundtrip", URL, "--ack"], ["--ack"]),
    (["wss://example.org/"], ["wss://", "TLS is not built in; put a TLS proxy in front"]),
    (["https://example.org/"], ["https://", "TLS is not built in; put a TLS proxy in front"]),
    (["ftp://example.org/"], ["ftp://", "tcp://"]),
    (["ws://"], ["ws://", "host"]),
    (["ws://host:0"], ["ws://host:0", "port"]),
    (["ws://host:65536"], ["port"]),
    (["ws://host:99999999999999999999"], ["port"]),
    (["ws://host:http"], ["port"]),
    (["ws://user@host"], ["user"]),
    (["ws://::1"], ["brackets"]),
    (["ws://[::1"], ["]"]),
    (["tcp://host"], ["port"]),
    (["tcp://host:1/path"], ["path"]),
    (["http://host/#webtransport"], ["#websocket, #polling or #upgrade"]),
    (["ws://host/#polling"], ["http://"]),
    (["http://host/?EIO=3"], ["EIO"]),
    (["ws://h/a b"], ["spaces"]),
    (["ws://h/\x1b[31m"], ["printable"]),
    (["a=ws://h", "a=ws://i"], ["a=ws://i", "same name"]),
    (["ws://h"] * 9, ["too many"]),
]

SERVER_REFUSES = [
    (["--nonsense"], ["--nonsense"]),
    (["9000"], ["9000"]),
    (["--port", "65536"], ["--port", "65535"]),
    (["--port", "http"], ["--port"]),
    (["--port", "9000", "--tcp-port", "9000"], ["--tcp-port"]),
    (["--app", "chat"], ["--app", "echo"]),
    (["--namespace", "custom"], ["--namespace"]),
    (["--namespace", "/a,b"], ["--namespace"]),
    (["--namespace", "/"], ["--namespace /: / is served anyway"]),
    (["--stall", "1s/1s"], ["--stall", "LENGTH less than EVERY"]),
    (["--cpu", "1023"], ["--cpu 1023: expected one of the", "cores"]),
    (["--origin", "example.org"], ["--origin"]),
    (["--ping-interval", "9"], ["--ping-interval", "10"]),
    (["--max-message", "17M"], ["--max-message", "16M"]),
    (["--max-clients", "0"], ["--max-clients"]),
    (["--max-clients", "65537"], ["--max-clients"]),
    (["--max-head", "100"], ["--max-head"]),
    (["--socket-buffer", "1"], ["--socket-buffer"]),
    (["--poller", "kqueue"], ["--poller", "kqueue", "select"]),
    (["--poller", "select", "--max-clients", "65536"], ["--max-clients", "select"]),
    (["--json=yes"], ["--json"]),
]


@case("client: refusals, with exit 2 and one line")
def client_refuses():
    for arguments, words in CLIENT_REFUSES:
        if on_wine(CLIENT) and not all(isinstance(a, str) for a in arguments):
            continue  # a command line is text there, and Wine makes text of these bytes
        run = Result(*run_plain([*CLIENT, *arguments]))
        try:
            run.complaint(2, *words)
        except Exception as error:
            raise type(error)("%r: %s" % (arguments, error))
        equal([c for c in run.err if ord(c) < 32 and c != "\n"], [], "control characters")


@case("server: refusals, with exit 2 and one line")
def server_refuses():
    for arguments, words in SERVER_REFUSES:
        try:
            server_fails(*arguments).complaint(2, *words)
        except Exception as error:
            raise type(error)("%r: %s" % (arguments, error))


def run_plain(arguments, **options):
    run = subprocess.run(
        arguments, stdin=subprocess.DEVNULL, timeout=PATIENCE, stderr=subprocess.PIPE,
        stdout=options.pop("stdout", subprocess.PIPE), **options
    )
    return run.returncode, (run.stdout or b"").decode(), run.stderr.decode("utf-8", "replace")


@case("help and version: exit 0, on stdout, in 80 columns")
def helps():
    for run in [client("--help"), server_fails("--help"), *(client("--help", s) for s in SCENARIOS)]:
        run.expect(0)
        equal(run.err, "", "stderr")
        check(run.out.startswith("usage: wsio-"), "no usage: %.80r" % run.out)
        equal([line for line in run.out.split("\n") if len(line) > 80], [], "lines over 80 columns")
        check("select" in run.out or "  --poller" not in run.out, "the pollers' names")
    equal(client("-h").out, client("--help").out, "-h")
    equal(client("help").out, client("--help").out, "help")
    equal(server_fails("-h").out, server_fails("--help").out, "-h of the server")
    for run in [client("--version"), server_fails("--version")]:
        run.expect(0)
        check(run.out.count("\n") == 1 and run.out.startswith("wsio-"), "version %r" % run.out)


@case("help SCENARIO: only options that apply; each of them is accepted there")
def help_of_scenario():
    for scenario in SCENARIOS:
        text = client(scenario, "--help").expect(0).out
        equal(client("--help", scenario).out, text, "the order of --help and " + scenario)
        equal(client("help", scenario).out, text, "help " + scenario)
        check(text.split("\n")[2][:1].isupper(), "its purpose: %.200r" % text)
        for option, users in [("--depth", ["roundtrip", "rate", "send"]),
                              ("--rate", ["rate", "compare", "doctor"]),
                              ("--sweep", ["roundtrip", "rate", "doctor"]),
                              ("--duration", ["roundtrip", "rate", "send", "compare"]),
                              ("--roundtrips", ["throughput", "compare"])]:
            equal(("  %s " % option) in text, scenario in users, "%s in %s" % (option, scenario))


@case("paths that cannot be written: exit 1, one line, before anything is measured")
def unwritable():
    with scratch() as folder:
        missing = os.path.join(folder, "missing", "file")
        client("--json", missing).complaint(1, missing)
        client("throughput", "--log", missing).complaint(1, missing)
        client("--json", folder).complaint(1, folder)


def output_fails(arguments, **stdout):
    code, _, err = run_plain(arguments, **stdout)
    equal(code, 1, "exit of %r (%s)" % (arguments[1:], err))
    lines = [line for line in err.split("\n") if line]
    equal(len(lines), 1, "lines of %r" % err)
    check(lines[0].endswith(": stdout: cannot be written"), "no stdout in %r" % err)


def closed_stdout():
    os.close(1)


@case("stdout is full: exit 1 and a line with the cause")
def full():
    with Server() as server, open("/dev/full", "wb") as stdout:
        one = ["connect", "--clients", "1", server.url("ws")]
        for arguments in [["--help"], ["--version"], one, one + ["--json", "-"]]:
            output_fails([*CLIENT, *arguments], stdout=stdout)
        for arguments in [["--help"], ["--version"], ["--port", "0", "--tcp-port", "0"]]:
            output_fails([*SERVER, *arguments], stdout=stdout)
        run = client(*one, "--quiet", "--json", "/dev/full")
        run.complaint(1, "/dev/full")
        client("throughput", "--quiet", "--log", "/dev/full", server.url("ws")).complaint(1, "/dev/full")


@case("stdout is closed: exit 1 and a line with the cause")
def closed():
    with Server() as server:
        one = ["connect", "--clients", "1", server.url("ws")]
        for arguments in [["--help"], one, one + ["--json", "-"]]:
            output_fails([*CLIENT, *arguments], preexec_fn=closed_stdout)
        for arguments in [["--help"], ["--port", "0", "--tcp-port", "0"]]:
            output_fails([*SERVER, *arguments], preexec_fn=closed_stdout)


@case("stdin is closed: nothing changes")
def closed_stdin():
    with Server() as server:
        code, out, err = run_plain(
            [*CLIENT, "connect", "--clients", "2", server.url("tcp"), server.url("ws")],
            preexec_fn=lambda: os.close(0),
        )
        equal((code, err), (0, ""), "exit and stderr")


@case("warnings: a public bind, any Origin, and root with a public bind; none with --quiet")
def warnings():
    public, origin = ["other machines can connect; nothing"], ["--origin '*'"]
    root = [] if on_wine(SERVER) or os.geteuid() != 0 else ["runs as root"]
    for host, options, wanted in [
        ("127.0.0.1", [], []),
        ("127.0.0.1", ["--origin", "*"], origin),
        ("127.0.0.1", ["--origin", "http://a", "--host", "a"], []),
        ("0.0.0.0", [], public + root),
        ("0.0.0.0", ["--origin", "http://a", "--origin", "*"], public + origin + root),
        ("0.0.0.0", ["--origin", "*", "--quiet"], []),
    ]:
        with Server(*options, host=host) as server:
            terminate(server.process)
            code, _, err = ended(server.process)
        lines = err.splitlines()
        equal((code, len(lines)), (0, len(wanted)), "exit, and lines of %r" % err)
        for line, words in zip(lines, wanted):
            check(line.startswith("wsio-server: warning: ") and words in line, line)


@case("--host on a public bind: compared; without it any Host is served")
def public_hosts():
    for options, evil in [([], 200), (["--host", "lab.example"], 403)]:
        with Server(*options, "--quiet", host="0.0.0.0") as server:
            server.host = "127.0.0.1"
            for host, status in [("evil.example", evil), ("lab.example", 200), ("127.0.0.1", 200)]:
                equal(server.get("/healthz", headers={"Host": host})[0], status, host)


@case("sibling: not there, not executable, or another program")
def no_sibling():
    with scratch() as folder:
        connect = [*copied(CLIENT, folder), "connect"]
        Result(*run_plain(connect)).complaint(1, "wsio-server")
        with open(sibling_in(folder), "w") as file:
            file.write("#!/bin/sh\necho nothing\n")
        Result(*run_plain(connect)).complaint(1, "wsio-server")
        os.chmod(file.name, 0o755)
        Result(*run_plain(connect)).complaint(1, "wsio-server")


@case("sibling: started for the clients that are open at once, not for all")
def sibling_clients():
    def asked(*arguments):
        with scratch() as folder:
            command = copied(CLIENT, folder)
            with open(sibling_in(folder), "w") as file:
                file.write('#!/bin/sh\necho "$@" >"$0.asked"\n')
            os.chmod(file.name, 0o755)
            Result(*run_plain([*command, *arguments])).complaint(1, "did not report where it listens")
            with open(file.name + ".asked") as file:
                return file.read().split()

    if on_wine(CLIENT):
        raise Skip("a script is no program there")
    check("--max-clients" not in asked("connect", "--clients", "20000"), "of connect")
    check("--max-clients" not in asked("throughput", "--clients", "20000"), "of throughput")
    equal(asked("roundtrip", "--clients", "20000")[-2:], ["--max-clients", "20064"], "of roundtrip")


main()

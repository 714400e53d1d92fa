"""Proves how the programs end, by signals, when killed, and by themselves, and that they leave nothing behind."""

import os
import signal
import subprocess
import time

from pair import (
    CLIENT, PATIENCE, SERVER, Fake, Peer, Result, Server, Skip, case, check, dead, ended, equal, figures, gone, interrupt,
    kill, killable, lasted, main, not_on_wine, on_wine, scratch, siblings, started, terminate, until, within,
)

MANY = "4000" if on_wine(CLIENT) else "20000"  # more than a test has time for; select has a limit


@case("a client that was stopped for a while says so")
def paused():
    if on_wine(CLIENT) or not hasattr(signal, "SIGSTOP"):
        raise Skip("no SIGSTOP here")
    with Server() as server:
        process = started([*CLIENT, "roundtrip", "--duration", "2s", "--json", "-", server.url("tcp")])
        until(lambda: sum_of(server) > 50, "messages at the server")
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGCONT)
        run = Result(*ended(process)).expect(0)
        notes = [note for note in run.json["notes"] if "did not run for" in note]
        equal(len(notes), 1, "notes: %r" % run.json["notes"])
        within(float(notes[0].split("for ")[1].split(" ")[0]), 300, 5000, "ms in " + notes[0])


@case("clients that were stopped for longer than --timeout: the replies that came meanwhile are read, and none fails")
def paused_for_long():
    if on_wine(CLIENT) or not hasattr(signal, "SIGSTOP"):
        raise Skip("no SIGSTOP here")
    for kind, transport, count in [("ws", "", 1), ("ws", "", 600), ("sio", "#polling", 100)]:
        with Server() as server:
            url = server.url(kind) + transport
            process = started([
                *CLIENT, "roundtrip", "--clients", str(count), "--duration", "2500ms", "--timeout", "1s",
                "--json", "-", url])
            until(lambda: sum_of(server) > 4 * count, "messages at the server")
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(1.5)
            os.kill(process.pid, signal.SIGCONT)
            run = Result(*ended(process)).expect(0)
            part = run.json["targets"][0]["scenarios"]["roundtrip"]
            equal(part["tally"]["unanswered"], 0, "unanswered by %d clients" % count)


@case("the server is killed in mid-run: a report of the figures until then, exit 1, at once")
def server_killed():
    for name, scenario in [("tcp", "roundtrip"), ("ws", "roundtrip"), ("sio", "roundtrip"),
                           ("sio", "throughput")]:
        with killable(SERVER) as command, Server(command=command) as server:
            more = ["--clients", "20000", "--roundtrips", "1000"] if scenario == "throughput" else [
                "--duration", "30s"]
            process = started([*CLIENT, scenario, *more, "--json", "-", server.url(name)])
            until(lambda: sum_of(server) > 50, "messages at the server")
            kill(server.process, peer=process.pid)
            begin = time.monotonic()
            run = Result(*ended(process)).expect(1)
            lasted(begin, 0, 2, "seconds to the end of " + scenario)
            part = figures(run.json, name)
            check(part["tally"]["answered"] > 10, "%s: %r" % (name, part["tally"]))
            check(part["failures"], "no failure is reported")
            within(part["clients_failed"], 0, 150, "connects tried in vain")
            equal(part["broken_identities"], [], "identities of " + scenario)
            equal(run.json["partial"], False, "partial")


def sum_of(server):
    return server.stats()["messages"]


def sibling_of(process):
    return until(lambda: siblings(process), "the sibling")[0]


def left_behind(pid):
    """Waits until the process is gone; a zombie is not gone."""
    until(lambda: gone(pid), "the end of process %d" % pid, 3)


def ended_early(scenario, how, *options):
    process = started([*CLIENT, scenario, *options, "--json", "-"])
    sibling = sibling_of(process)
    time.sleep(0.6)  # it measures by now, on a busy machine too
    begin = time.monotonic()
    how(process)
    run = Result(*ended(process))
    lasted(begin, 0, 2, "seconds to the end")
    left_behind(sibling)
    return run


@case("SIGINT: a partial report, exit 130, no orphan")
def interrupted():
    for scenario, options in [("roundtrip", ["--duration", "20s"]), ("compare", []),
                              ("throughput", ["--clients", MANY, "--roundtrips", "100"]),
                              ("connect", ["--clients", MANY])]:
        run = ended_early(scenario, interrupt, *options).expect(130)
        equal(run.json["partial"], True, scenario + ": partial")
        parts = [p for t in run.json["targets"] for p in t["scenarios"].values()]
        # The first target's second trial may come first.
        parts += (run.json["control"] or {"scenarios": {}})["scenarios"].values()
        check(any(p["tally"]["answered"] > 0 for p in parts), scenario + ": nothing measured")
        for part in parts:
            equal(part["broken_identities"], [], "identities of " + scenario)


@case("SIGTERM: the same")
def terminated():
    not_on_wine(CLIENT, reason="Wine ends a process by SIGTERM without telling it")
    ended_early("roundtrip", terminate, "--duration", "20s").expect(130)


@case("SIGHUP: the same, for both; and it stays ignored")
def hung_up():
    not_on_wine(CLIENT, SERVER, reason="Wine ends a process by SIGHUP without telling it")
    hang_up = lambda process: process.send_signal(signal.SIGHUP)

    run = ended_early("roundtrip", hang_up, "--duration", "20s").expect(130)
    equal(run.json["partial"], True, "partial")
    with Server() as server, Peer.websocket(server.port) as peer:
        hang_up(server.process)
        equal(peer.close_code(), 1001, "close code")
        hang_up(server.process)  # as the shell does after the terminal
        code, out, _ = ended(server.process)
        equal(code, 0, "exit")
        check("messages" in out.lower() or "connections" in out.lower(), "no report: %r" % out)
    process = started(["nohup", *CLIENT, "roundtrip", "--duration", "1s", "--quiet"])
    sibling_of(process)
    time.sleep(0.3)
    hang_up(process)
    equal(ended(process)[0], 0, "exit with SIGHUP ignored")


@case("a second signal ends the client at once: exit 130, an older report as it was, nothing beside it")
def second_signal():
    not_on_wine(CLIENT, reason="the scripts cannot send Ctrl-C twice in time there")

    def silent(peer):
        peer.end()

    with scratch() as folder, Fake(silent) as fake:
        path = os.path.join(folder, "report")
        with open(path, "w") as file:
            file.write("old")
        process = started([*CLIENT, "roundtrip", "--timeout", "60s", "--json", path, fake.url("ws")])
        until(lambda: len(os.listdir(folder)) > 1, "the temporary file")
        os.kill(process.pid, signal.SIGSTOP)  # so that both come at the same time
        interrupt(process)
        terminate(process)
        begin = time.monotonic()
        os.kill(process.pid, signal.SIGCONT)
        code, out, err = ended(process)
        equal((code, out, err), (130, "", ""), "exit, outputs")
        lasted(begin, 0, 1, "seconds")
        equal(os.listdir(folder), ["report"], "files")
        with open(path) as file:
            equal(file.read(), "old", "the older report")


@case("SIGINT: the text is stamped as partial")
def interrupted_text():
    process = started([*CLIENT, "roundtrip", "--duration", "20s"])
    sibling = sibling_of(process)
    time.sleep(0.3)
    interrupt(process)
    run = Result(*ended(process)).expect(130)
    left_behind(sibling)
    check("partial" in run.out.lower() or "interrupted" in run.out.lower(), "no word of it")


@case("Ctrl-C reaches only the client, which stops the sibling itself")
def whole_group():
    process = started([*CLIENT, "roundtrip", "--duration", "20s"], start_new_session=True)
    sibling = sibling_of(process)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    Result(*ended(process)).expect(130)
    left_behind(sibling)


@case("the client is killed: the sibling ends with it")
def client_killed():
    with killable(CLIENT) as command:
        process = started([*command, "roundtrip", "--duration", "20s"], stderr=subprocess.DEVNULL)
        sibling = sibling_of(process)
        time.sleep(0.3)  # it measures by now
        kill(process)
        until(lambda: dead(sibling), "the end of the sibling", PATIENCE / 10)


@case("the sibling is killed: a report, exit 1, no zombie while the client runs")
def sibling_killed():
    with killable(CLIENT) as command:
        process = started([*command, "roundtrip", "--duration", "20s", "--json", "-"])
        sibling = sibling_of(process)
        time.sleep(0.3)
        kill(process, sibling, peer=process.pid)
        run = Result(*ended(process)).expect(1)
        check(figures(run.json, "tcp")["tally"]["answered"] > 0, "nothing measured")
        left_behind(sibling)


@case("a normal end leaves no process and no child")
def normal_end():
    process = started([*CLIENT, "roundtrip", "--duration", "500ms", "--quiet"])
    sibling = sibling_of(process)
    equal(ended(process)[0], 0, "exit")
    left_behind(sibling)



main()

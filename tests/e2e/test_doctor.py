"""Proves that doctor reports the needs of a planned run and the facts of this machine, and starts nothing."""

import os

from pair import (
    CLIENT, Fake, Result, Skip, case, check, client, ended, equal, main, siblings, started, until,
)


def doctor(*args, code=0):
    return client("doctor", *args).expect(code)


def doctors(*runs):
    """Runs several at once, each with a list of options: on a virtual machine each takes a second."""
    processes = [started([*CLIENT, "doctor", *options]) for options in runs]
    return [Result(*ended(process)) for process in processes]


def rows(text):
    """The table: name -> (needed, found, state)."""
    found = {}
    lines = text.partition("PRE-FLIGHT")[2].splitlines()
    for line in lines:
        if line.startswith("  ") and line[2:3].strip():
            columns = line[2:20].strip(), line[20:44].strip(), line[44:68].strip(), line[68:].strip()
            if columns[3]:
                found[columns[0]] = columns[1:]
    return found


def fits(text):
    for line in text.splitlines():
        check(len(line) <= 80, "%d columns: %s" % (len(line), line))
        check(line == line.rstrip(), "white space at the end of %r" % line)


def number(text):
    return int(text.replace(" ", ""))


@case("doctor: without targets, for the comparison that it would be")
def plain():
    result = doctor()
    fits(result.out)
    table = rows(result.out)
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = map(int, file.read().split())
    with open("/proc/sys/net/core/somaxconn") as file:
        equal(number(table["backlog"][1]), int(file.read()), "backlog found")
    check(number(table["ports"][1]) <= last - first + 1, "ports found")
    equal(table["network"][1], "loopback", "network")
    equal(table["sockets watched"][1:], ("no limit", "fine"), "sockets of epoll")
    equal(table["open files"][2], "fine", "open files")
    check("addresses" not in table, "no names were looked up")
    check("Planned     4 targets, 10 blocks" in result.out, "the plan: " + result.out[:400])
    check("such a run fits" in result.out, "the verdict")
    equal(result.err, "", "stderr")


@case("doctor: more clients than files are short, exit 1")
def short_of_files():
    # Both limits, so that the program cannot raise it.
    line = 'ulimit -n 100; exec "$0" "$@"'
    command = ["sh", "-c", line, *CLIENT, "doctor", "--clients", "90"]
    many, few = started(command), started(command[:-1] + ["20"])
    code, out, _ = ended(many)
    equal(code, 1, "exit")
    equal(rows(out)["open files"][1:], ("100", "SHORT"), "open files")
    check(number(rows(out)["open files"][0]) > 100, "files needed")
    check("`ulimit -n 1024`" in out, "the advice")
    check("cannot fit" in out, "the verdict")
    code, out, _ = ended(few)
    equal((code, rows(out)["open files"][2]), (0, "fine"), "with 20 clients")


@case("doctor: more sockets than select can watch are short")
def short_of_sockets():
    asked = [("select", "1000"), ("select", "1010"), ("epoll", "1010")]
    fine, short, epoll = doctors(
        *(["--poller", poller, "--clients", clients, "ws://127.0.0.1:9"] for poller, clients in asked)
    )
    table = rows(fine.expect(0).out)
    equal(table["sockets watched"][2], "fine", "1000 clients")
    equal(table["sockets watched"][0], "1 000", "needed")
    table = rows(short.expect(1).out)
    equal(table["sockets watched"][2], "SHORT", "1010 clients")
    epoll.expect(0)


@case("doctor: --concurrency and --sweep belong to the planned run")
def planned_options():
    target = "ws://127.0.0.1:9"
    narrow, swept, few, many = [rows(result.expect(0).out) for result in doctors(
        ["--clients", "900", "--concurrency", "7", target], ["--sweep", "clients=1,5,300", target],
        ["--blocks", "2", target], ["--blocks", "10", target],
    )]
    equal(narrow["sockets watched"][0], "7", "with --concurrency 7")
    equal(swept["sockets watched"][0], "300", "of a sweep")
    few, many = number(few["ports"][0]), number(many["ports"][0])
    check(many >= 4 * few, "ports of 2 and 10 blocks: %d, %d" % (few, many))


@case("doctor: an unknown name is short, and not loopback")
def unknown_name():
    result = doctor("ws://127.0.0.1:9", "A=http://no-such-host.invalid/", code=1)
    fits(result.out)
    table = rows(result.out)
    equal(table["addresses"], ("2", "1", "SHORT"), "addresses")
    equal(table["network"][1], "not loopback only", "network")
    equal(table["backlog"][1:], ("unknown", "unknown"), "a listener elsewhere")
    check("no-such-host.invalid: " in result.out, "which name")


@case("doctor: connects to no server and starts none")
def touches_nothing():
    touched, seen = [], []
    with Fake(lambda peer: touched.append(peer)) as fake:
        both = [started([*CLIENT, "doctor", *urls]) for urls in [[], [fake.url("ws"), fake.url("http")]]]
        until(lambda: seen.extend(siblings(both[0]) + siblings(both[1]))
              or all(process.poll() is not None for process in both), "their ends")
        equal((touched, seen), ([], []), "connections and siblings")
    equal([ended(process)[0] for process in both], [0, 0], "exits")


@case("doctor: --quiet leaves the exit code; other options are refused")
def usage():
    equal(doctor("--quiet").out, "", "stdout")
    client("doctor", "--json", "-").complaint(2, "--json: not used by doctor")
    client("doctor", "--depth", "4").complaint(2, "--depth: not used by doctor")
    check("--clients" in client("doctor", "--help").expect(0).out, "its help")


@case("doctor: a report that cannot be written is an error")
def full_disk():
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    code, _, err = ended(started(["sh", "-c", 'exec "$0" "$@" doctor >/dev/full', *CLIENT]))
    equal(code, 1, "exit")
    check("stdout" in err and err.count("\n") == 1, "one line: %r" % err)


if __name__ == "__main__":
    main()

"""Proves --sweep: the scenario at several sizes, or with several numbers of clients."""

from pair import Server, case, check, client, equal, main, measure, within

NAMES = ["tcp", "ws", "sio"]


def points(report, name):
    for target in report["sweep"]["targets"]:
        if target["name"] == name:
            return target["points"]
    raise AssertionError("no target %s in the sweep" % name)


def settled(point, what):
    tally = point["tally"]
    check(tally["answered"] > 0, what + ": nothing answered")
    equal(tally["answered"], tally["sent"], what + ": answered")
    equal(tally["wrong"] + tally["unanswered"] + tally["unexpected"], 0, what + ": not answered")
    equal(point["broken_identities"], [], what + ": identities")
    equal(point["failures"], [], what + ": failures")


def swept(values, *options, blocks=2, scenario="roundtrip", key="size", server=()):
    with Server(*server) as s:
        words = ",".join(str(value) for value in values)
        report = measure(scenario, "--sweep", "%s=%s" % (key, words), "--duration", "60ms",
                         "--blocks", blocks, *options, *s.urls, patience=40)
        stats = s.stats()
    equal((report["sweep"]["key"], report["sweep"]["scenario"]), (key, scenario), "the sweep")
    for name in NAMES:
        equal([point["value"] for point in points(report, name)], values, "values of " + name)
        for point in points(report, name):
            settled(point, "%s at %d" % (name, point["value"]))
            equal(point["trials"], blocks, "%s at %d: trials" % (name, point["value"]))
    for name, counter in [("ws", "websocket_messages"), ("sio", "socketio_messages")]:
        sent = sum(point["tally"]["sent"] for point in points(report, name))
        equal(stats[counter], sent, "the count of the server for " + name)
    return report


@case("sweep of sizes: every message has the size of its point, and frames their length")
def sizes():
    values = [1, 7, 8, 125, 126, 70000]
    report = swept(values)
    for name in NAMES:
        for value, point in zip(values, points(report, name)):
            tally = point["tally"]
            equal(tally["payload_out"], tally["sent"] * value, "%s: bytes out" % name)
            equal(tally["payload_in"], tally["answered"] * value, "%s: bytes back" % name)
            if name == "tcp":
                equal(point["frame_out_bytes"], value, "frames")


@case("sweep of sizes: binary, with acks, and at a rate")
def sizes_otherwise():
    swept([2, 3000], "--binary", blocks=1)
    swept([1, 9, 5000], "--ack", "--depth", 4, blocks=1)
    report = swept([2, 20000], "--rate", 300, "--warmup", "0s", scenario="rate", blocks=2)
    for name in NAMES:
        for point in points(report, name):
            equal(point["open_loop"]["planned"], 2 * 18, name + ": planned")
            equal(point["open_loop"]["answered"], 2 * 18, name + ": answered")


@case("sweep of clients: each point has as many, whatever came before it")
def clients():
    for scenario in ["roundtrip", "rate"]:
        report = swept([1, 3, 40], scenario=scenario, key="clients", blocks=2)
        for name in NAMES:
            for point in points(report, name):
                equal(point["clients_at_once"], point["value"], name + ": clients at once")
                equal(point["clients_ready"], 2 * point["value"], name + ": clients")


@case("sweep: the sibling takes as many clients as the largest value")
def sibling():
    report = measure("roundtrip", "--sweep", "clients=1,100", "--duration", "50ms")
    equal([p["clients_ready"] for p in points(report, "ws")], [1, 100], "clients")


@case("sweep: a size that one target does not take spoils that point alone")
def too_large():
    with Server("--max-message", "2000") as s:
        report = measure("roundtrip", "--sweep", "size=2,5000", "--blocks", 4, "--duration", "40ms",
                         "ws=" + s.url("ws"), "sio=" + s.url("sio"), code=1)
    good, bad = points(report, "sio")
    settled(good, "sio at 2")
    equal(good["trials"], 4, "trials of the good one")
    equal((bad["trials"], bad["tally"]["sent"]), (1, 0), "the bad target, which is not tried a second time")
    check("maxPayload" in str(bad["failures"]), "cause: %r" % bad["failures"])
    for point in points(report, "ws"):
        settled(point, "ws")


@case("sweep: a size that cannot fit is refused before anything is measured")
def refused():
    run = client("roundtrip", "--poller", "select", "--sweep", "clients=1,1500", "ws://127.0.0.1:1")
    run.complaint(1, "sockets watched", "1 500", "--clients")


@case("sweep: the text fits 80 columns and has every value")
def text():
    with Server() as s:
        run = client("roundtrip", "--sweep", "size=2,64,16K", "--duration", "40ms", *s.urls)
    run.expect(0)
    equal([line for line in run.out.split("\n") if len(line) > 80], [], "lines over 80 columns")
    for word in ["size=2,64,16K", "16 384"]:
        check(word in run.out, "%r is not in the report:\n%s" % (word, run.out))
    within(run.err.count("\n"), 1, 1, "lines on stderr: the plan")


main()

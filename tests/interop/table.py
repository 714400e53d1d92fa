"""Prints which stock peers passed, from the output of the interop tests: `table.py FILE`.

Reads the lines `ok NAME`, `not ok NAME - why`, `skip NAME - reason` where NAME is
`PEER measured|served[, TRANSPORT]: CHECK`, and `version PEER = VERSION`. Without a transport it was
websocket.
"""
import re
import sys

LINE = re.compile(r"(ok|not ok|skip) (.+?) (measured|served)(?:, ([a-z]+))?(?=: | - |$)")
ROLES = {"measured": "Servers measured by wsio-client", "served": "Clients served by wsio-server"}
COLUMNS = "  %-28s %-14s %-10s %6s %7s %6s"


def read(path):
    """Versions by peer, and [passed, skipped, failed] by (role, peer, transport), as they came."""
    versions, rows = {}, {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("version "):
                peer, version = line[len("version "):].rstrip().split(" = ")
                versions[peer] = version
                continue
            found = LINE.match(line)
            if found:
                result, peer, role, transport = found.groups()
                row = rows.setdefault((role, peer, transport or "websocket"), [0, 0, 0])
                row[("ok", "skip", "not ok").index(result)] += 1
    return versions, rows


def main():
    versions, rows = read(sys.argv[1])
    for role, title in ROLES.items():
        print(f"\n{title}\n\n" + COLUMNS
              % ("peer", "version", "transport", "passed", "skipped", "failed"))
        for (_, peer, transport), counts in sorted(r for r in rows.items() if r[0][0] == role):
            print(COLUMNS % (peer, versions.get(peer, "-"), transport, *counts))
    print()


main()

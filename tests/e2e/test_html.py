"""Proves the pages of --html: real runs, parsed, and drawn by headless Chromium, light, dark and narrow.

With WSIO_SHOW=DIR the pages and their pictures stay there to be looked at.
"""

import glob
import html.parser
import os
import re
import shutil
import signal
import xml.etree.ElementTree

from chromium import Chromium
from pair import (
    CLIENT, Result, Server, case, check, client, ended, equal, main, scratch, started, until,
)

SHORT = ("--blocks", 2, "--duration", "60ms", "--warmup", "10ms", "--quiet")
VIEWS = (("light", 1000, False), ("dark", 1000, True), ("narrow", 390, False))

# The rules for a picture: each text lies within the viewBox, and no two overlap. The box of a line is
# higher than its letters: by 2.5 units at either end.
LOOK = r"""
(() => {
  const found = [];
  let texts = 0;
  document.querySelectorAll('svg.p').forEach((svg, number) => {
    const view = svg.viewBox.baseVal;
    const boxes = [...svg.querySelectorAll('text')].map(text => {
      const b = text.getBBox();
      return {says: text.textContent, left: b.x, right: b.x + b.width, top: b.y + 2.5,
              bottom: b.y + b.height - 2.5};
    });
    texts += boxes.length;
    boxes.forEach((a, i) => {
      if (a.left < 0 || a.right > view.width || a.top < 0 || a.bottom > view.height)
        found.push(['outside', number, a]);
      boxes.slice(i + 1).forEach(b => {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
          found.push(['overlap', number, a, b]);
      });
    });
  });
  const style = getComputedStyle(document.body);
  return {found, texts, pictures: document.querySelectorAll('svg.p').length,
          letters: Math.min(...[...document.querySelectorAll('svg.p')].map(
            svg => 12 * svg.getScreenCTM().a)),
          paper: style.backgroundColor, ink: style.color,
          wide: document.documentElement.scrollWidth};
})()
"""


# On paper: the sizes of the texts in px, and by how much tables are wider than the page.
PRINTED = r"""
(() => {
  const sizes = [...document.querySelectorAll('p, li, td, th, dd')].map(
    one => parseFloat(getComputedStyle(one).fontSize));
  const over = [...document.querySelectorAll('table')].map(
    table => table.getBoundingClientRect().right - document.documentElement.clientWidth);
  return {least: Math.min(...sizes), most: Math.max(...sizes), over: Math.max(...over),
          wide: document.documentElement.scrollWidth};
})()
"""


class Tags(html.parser.HTMLParser):
    """Parses a page as a browser does: every tag is closed in order, no script, nothing fetched."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text = [], [], []
        self.feed(text)
        self.close()
        equal(self.open, [], "tags left open")

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.handle_startendtag(tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)
        for name, _ in attributes:
            check(name not in ("src", "href") and not name.startswith("on"), "%s in %s" % (name, tag))

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "the tag that is closed")

    def handle_data(self, data):
        self.text.append(data)


def parsed(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tags = Tags(text)
    for tag in ("script", "link", "iframe", "img", "object", "embed"):
        check(tag not in tags.seen, "there is a " + tag)
    check("url(" not in text and "@import" not in text, "the style fetches something")
    root = xml.etree.ElementTree.fromstring(text.partition("\n")[2])  # behind the doctype
    for picture in root.iter("svg"):
        if picture.get("class") == "p":
            kinds = [child.tag for child in picture][:2]
            equal(kinds, ["title", "desc"], "the first elements of a picture")
            check(all(child.text for child in list(picture)[:2]), "a title or description is empty")
    return "".join(tags.text)


def looked_at(path, pictures):
    folder = os.environ.get("WSIO_SHOW")
    papers = {}
    with Chromium() as browser:
        for name, width, dark in VIEWS:
            page = browser.page(width, dark)
            page.open("file://" + path)
            seen = page.ask(LOOK)
            equal(page.said, [], "%s: lines of the console" % name)
            equal(page.asked, ["file://" + path], "%s: files fetched" % name)
            equal(seen["found"], [], "%s: texts" % name)
            equal(seen["pictures"], pictures, "%s: pictures" % name)
            check(seen["texts"] >= 8 * pictures, "%s: %d texts" % (name, seen["texts"]))
            equal(seen["wide"], width, "%s: the page's width" % name)
            check(seen["letters"] >= 10, "%s: letters of %.1f px" % (name, seen["letters"]))
            papers[name] = seen["paper"], seen["ink"]
            if folder:
                shot = os.path.basename(path).replace(".html", "-%s.png" % name)
                page.picture(os.path.join(folder, shot))
        page = browser.page(700, False, "print")
        page.open("file://" + path)
        seen = page.ask(PRINTED)
        check(9.5 < seen["least"] and seen["most"] < 11.5, "printed: texts of %(least)s to %(most)s px" % seen)
        check(seen["over"] <= 0 and seen["wide"] == 700, "printed: too wide: %s" % seen)
        if folder:
            page.picture(os.path.join(folder, os.path.basename(path).replace(".html", "-print.png")))
    if folder:
        shutil.copy(path, folder)
    equal(papers["narrow"], papers["light"], "colours")
    check(brightness(papers["light"][0]) > 200 > 60 > brightness(papers["light"][1]), "not light")
    check(brightness(papers["dark"][1]) > 200 > 60 > brightness(papers["dark"][0]), "not dark")


def brightness(colour):
    parts = [int(number) for number in re.findall(r"\d+", colour)[:3]]
    equal(len(parts), 3, "parts of " + colour)
    return sum(parts) / 3


def has(text, *words):
    for word in words:
        check(word in text, "%r is not in the page" % word)


@case("compare")
def compare():
    with scratch() as folder:
        path = os.path.join(folder, "compare.html")
        client(*SHORT, "--html", path).expect(0)
        text = parsed(path)
        has(text, "Median round trip: raw TCP", "Not enough trials", "2 of 6 blocks",
            "A client\u2019s first steps", "99 %", "Round trips per second", "sio / ws",
            "roundtrip.p50 of each trial", "How to read this", "CPU")
        # phases, round trips by percentile, two of rates, three of ratios, the trials
        looked_at(path, 8)


@case("compare of enough blocks has a verdict")
def verdict():
    with Server() as server, scratch() as folder:
        path = os.path.join(folder, "verdict.html")
        client("--blocks", 6, "--duration", "50ms", "--warmup", "5ms", "--quiet", "--html", path,
               "--fail-if", "sio.roundtrip.p90 > 20s", *server.urls).expect(0)
        text = parsed(path)
        check(re.search(r"Socket\.IO takes \d\.\d+ times WebSocket\u2019s round trip \(\d\.\d+ to "
                        r"\d\.\d+\)", text) or "No difference shown: Socket.IO" in text,
              "no verdict in %r" % text[-4000:])
        has(text, "tcp against itself", "95 % intervals over 6 blocks",
            "sio.roundtrip.p90 > 20s", "passed")


@case("rate")
def rate():
    with Server() as server, scratch() as folder:
        path = os.path.join(folder, "rate.html")
        client("rate", "--rate", 500, "--duration", "400ms", "--warmup", "100ms", "--quiet", "--html",
               path, server.url("ws"), server.url("sio")).expect(0)
        has(parsed(path), "Median latency at 500 messages per second", "At 500 messages per second.",
            "from its actual send", "planned", "worst lag")
        looked_at(path, 2)


@case("sweep")
def sweep():
    with Server() as server, scratch() as folder:
        path = os.path.join(folder, "sweep.html")
        client("roundtrip", "--sweep", "size=2,1024,65536", "--duration", "80ms", "--warmup", "10ms",
               "--quiet", "--html", path, *server.urls).expect(0)
        has(parsed(path), "Round trips, 2 to 65 536 bytes", "One trial each.", "Messages per second.",
            "Median latency.", "Round trips by size: p99.")
        looked_at(path, 2)


@case("an interrupted run: its page shows the blocks that it has, and no failure")
def interrupted():
    with Server() as server, scratch() as folder:
        path, rows = os.path.join(folder, "partial.html"), os.path.join(folder, "rows.csv")
        process = started([*CLIENT, "--blocks", "20", "--duration", "200ms", "--warmup", "10ms",
                           "--html", path, "--csv", rows, *server.urls])
        growing = lambda: glob.glob(rows + ".*.tmp")  # which takes its place at the end
        until(lambda: growing() and re.search(r"^\d+,2,", open(growing()[0]).read(), re.M),
              "the third block")
        process.send_signal(signal.SIGINT)
        Result(*ended(process)).expect(130)
        text = parsed(path)
        has(text, "Median round trip: raw TCP", "Interrupted: ", "Not enough trials")
        for word in ("20 of 6", "20 blocks.", "the blocks with 95 % intervals", "Not all went well",
                     "What went wrong"):
            check(word not in text, "%r is in the page" % word)
        looked_at(path, 8)


@case("a run that failed, with names and texts that are hostile")
def failed():
    with Server() as server, scratch() as folder:
        path = os.path.join(folder, "failed.html")
        odd = "http://127.0.0.1:%d/<b>&amp;\"'x" % server.port
        client("connect", "--clients", 5, "--quiet", "--html", path, server.url("ws"),
               "dead-and-with-the-longest-name=ws://127.0.0.1:1/", odd).expect(1)
        text = parsed(path)
        has(text, "Not all went well: dead-and-with-the-longest-name, sio", "connection refused", odd)
        looked_at(path, 1)


@case("eight targets with the longest names")
def crowd():
    with Server() as server, scratch() as folder:
        path = os.path.join(folder, "crowd.html")
        names = ["W%d" % i + "-as-long-as-names-may-be-WWWWW"[:29] for i in range(8)]
        kinds = ("tcp", "ws", "sio", "ws", "sio", "ws", "sio", "ws")
        client(*SHORT, "--html", path,
               *("%s=%s" % pair for pair in zip(names, map(server.url, kinds)))).expect(0)
        has(parsed(path), *names)
        looked_at(path, 8)


@case("a page that cannot be written is refused before any time is spent")
def unwritable():
    client("--html", "/nowhere/page.html", "--quiet").complaint(1, "--html", "/nowhere/page.html")
    client("--html", "/dev/full", *SHORT, "--blocks", 1).complaint(1, "--html", "/dev/full")


main()

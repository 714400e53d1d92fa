"""Drives headless Chromium by the DevTools protocol over its pipe: JSON texts that end with NUL.

`with Chromium() as browser: page = browser.page(width, dark)`, then page.open(url), page.ask(js).
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from pair import Failure, Skip

PATIENCE = 30.0  # seconds, for its start and for each answer
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe")


class Chromium:
    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise Skip("no chromium")
        self.folder = tempfile.mkdtemp(prefix="wsio-chromium-")
        # The browser reads from descriptor 3 and writes to 4; our own ones are higher numbers.
        commands, self.commands = (self.high(fd) for fd in os.pipe())
        self.answers, answers = (self.high(fd) for fd in os.pipe())

        def place():
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [program, *FLAGS, "--user-data-dir=%s/profile" % self.folder, "about:blank"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=place, pass_fds=(3, 4))
        os.close(commands)
        os.close(answers)
        self.rest, self.number, self.events = b"", 0, []

    @staticmethod
    def high(fd):
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
        os.close(fd)
        return moved

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.commands)
        os.close(self.answers)
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self, end):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.answers], [], [], max(end - time.monotonic(), 0))
            data = os.read(self.answers, 1 << 20) if ready else b""
            if not data:
                with open(os.path.join(self.folder, "log"), errors="replace") as log:
                    raise Failure("chromium does not answer: %s" % log.read()[-2000:])
            self.rest += data
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **params):
        """Returns the answer's result; keeps events that come meanwhile."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(end)
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise Failure("%s: %s" % (method, answer["error"]["message"]))
            else:
                return answer["result"]

    def page(self, width, dark, media="screen"):
        return Page(self, width, dark, media)


class Page:
    """One tab: `said` has the lines of its console and its errors, `asked` the URLs that it fetched."""

    def __init__(self, browser, width, dark, media):
        self.browser, self.width = browser, width
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def open(self, url):
        events = self.browser.events
        events.clear()
        self.call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE
        while not any(e.get("method") == "Page.loadEventFired" for e in events):
            events.append(self.browser.receive(end))
        self.ask("1")  # collects the events until then
        names = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        self.said = [e["params"] for e in events if e.get("method") in names]
        self.asked = [e["params"]["request"]["url"] for e in events
                      if e.get("method") == "Network.requestWillBeSent"]

    def ask(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise Failure("in the page: %s" % answer["exceptionDetails"])
        return answer["result"].get("value")

    def picture(self, path):
        """A screenshot of the whole page."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, driven by the WebDriver protocol (W3C) through chromedriver.

    with Browser() as browser:
        browser.open(path_of_a_file)
        browser.size(360, 800)
        browser.run("return document.title")
"""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request

TIMEOUT = 60  # seconds for one command
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to an element


def missing():
    """What has to be installed first, or ''."""
    return " ".join(name for name in ("chromium", "chromedriver") if not shutil.which(name))


class Browser:
    """One browser with a profile of its own, which is gone afterwards."""

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(prefix="browser.")
        environment = {**os.environ, "HOME": self._profile.name}
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env=environment)
        self._base = f"http://127.0.0.1:{self._wait_for_port()}"
        self._session = None
        self._session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": FLAGS + [f"--user-data-dir={self._profile.name}/profile"]},
        }}})["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            if self._session:
                self._call("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait(TIMEOUT)
            self._driver.stdout.close()
            self._profile.cleanup()

    def _wait_for_port(self):
        said = []
        for line in self._driver.stdout:
            said.append(line)
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found.group(1))
        raise RuntimeError("chromedriver did not start: " + "".join(said))

    def _call(self, method, path, body=None):
        if path != "/session":
            path = f"/session/{self._session}{path}"
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"},
                                         method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def devtools(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path):
        self._call("POST", "/url", {"url": "file://" + os.path.abspath(path)})

    def size(self, width, height):
        """The viewport, in CSS pixels."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=False)
        self.settle()

    def theme(self, name):
        """What the system is said to prefer: light or dark."""
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": name}])

    def run(self, script, *arguments):
        """The value of a function's body in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def settle(self):
        """Waits for two frames: by then the page has seen a new size and drawn for it."""
        self._call("POST", "/execute/async", {"args": [], "script":
                   "const done = arguments[0];"
                   "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));"})

    def find(self, selector):
        return self._call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._call("POST", f"/element/{self.find(selector)}/click")

    def press(self, keys):
        """Keys for what has the focus; \\ue004 is Tab, \\ue007 Enter (WebDriver, "Keyboard actions")."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def log(self):
        """What the page said on its console since the last call, and what failed to load."""
        return self._call("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        """The whole page as a PNG file."""
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def print(self):
        """The page as PDF."""
        return base64.b64decode(self._call("POST", "/print", {"background": True}))

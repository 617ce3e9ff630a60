# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of pages share: drawing a page from data, asking it, TAP."""
import json
import os
import subprocess
import sys
import tempfile

from webdriver import Browser

TAB, ENTER, ESCAPE, SPACE = "\ue004", "\ue007", "\ue00c", " "
UP, DOWN, END, HOME = "\ue013", "\ue015", "\ue010", "\ue011"
WIDTHS = (360, 1280, 1920)
HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "page_checks.js"), encoding="utf-8") as checks_file:
    CHECKS = checks_file.read()


class Test:
    """Counts what was checked, and has the browser and a directory for pages."""

    def __init__(self, browser, directory):
        self.browser, self.directory = browser, directory
        self.count = self.failed = 0

    def check(self, name, got, expected=True):
        self.count += 1
        is_right = got == expected
        self.failed += not is_right
        print(f"{'ok' if is_right else 'not ok'} {self.count} - {name}", flush=True)
        if not is_right:
            print(f"# got:      {json.dumps(got)[:2000]}\n# expected: {json.dumps(expected)[:2000]}")

    def draw(self, name, results):
        """Makes a page and opens it."""
        data, page = (os.path.join(self.directory, f"{name}.{end}") for end in ("json", "html"))
        with open(data, "w", encoding="utf-8") as file:
            json.dump(results, file)
        with open(page, "wb") as file:
            subprocess.run([os.path.join(os.environ["SLIRPWAY_TOOLS"], "render_page"), data],
                           stdout=file, check=True)
        self.browser.open(page)
        self.browser.settle()

    def ask(self, question):
        return self.browser.run(f"{CHECKS}\nreturn {question}();")

    def number(self, selector):
        return self.browser.run("return document.querySelectorAll(arguments[0]).length", selector)

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0]).textContent", selector)

    def log(self):
        return [entry["message"] for entry in self.browser.log()]


def run_tests(prefix, parts):
    """Runs each of the parts with one browser, and exits."""
    with tempfile.TemporaryDirectory(prefix=prefix) as directory, Browser() as browser:
        browser.size(1280, 900)
        test = Test(browser, directory)
        for part in parts:
            part(test)
    print(f"1..{test.count}")
    sys.exit(1 if test.failed else 0)

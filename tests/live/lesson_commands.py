#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Types the commands of the lesson's pages into a shell of the lab, and compares what they print.

lesson_commands.py LAB PAGE...    speaks TAP

A page's commands are in its blocks that begin with ```console: "$ " before a command, "> " before
its further lines, and below it what it prints. In a line of that "..." stands for anything, and
spaces for any number of them. The lines must come in this order; what comes between them does not
count, and a line of "..." alone says so to the reader. A command without output must succeed.

All commands of a page run in one shell, as a reader types them. What does not print what it should
is tried again for a while, since a person is slower than this program: but not what was sent to the
background, whose output is waited for instead.
"""

import dataclasses
import os
import pathlib
import re
import selectors
import subprocess
import sys
import tempfile
import time

COMMAND_SECONDS = 60
PATIENCE_SECONDS = 8
PAUSE_SECONDS = 0.2

# In the shell: reads the name of a file with a command, runs it as if typed, says how it ended.
LOOP = """while IFS= read -r file; do
  . "$file" </dev/null
  printf '\\n%s %s\\n' "$LESSON_MARK" "$?"
done"""


@dataclasses.dataclass
class Command:
    line: int
    text: str
    expected: list

    @property
    def in_background(self):
        return self.text.rstrip().endswith("&")


def read_commands(page):
    """The commands of a page."""
    commands, inside = [], False
    for number, line in enumerate(pathlib.Path(page).read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console" and not inside
        elif inside and line.startswith("$ "):
            commands.append(Command(number, line[2:], []))
        elif inside and line.startswith("> ") and not commands[-1].expected:
            commands[-1].text += "\n" + line[2:]
        elif inside:
            commands[-1].expected.append(line)
    return commands


def matches(pattern, line):
    parts = re.split(r"\.{3,}", " ".join(pattern.split()))
    return re.fullmatch(".*".join(map(re.escape, parts)), " ".join(line.split())) is not None


def find_missing(expected, output):
    """The first line of expected that output has not, in order; None if all are there."""
    at = 0
    for pattern in expected:
        if pattern.strip() == "...":
            continue
        while at < len(output) and not matches(pattern, output[at]):
            at += 1
        if at == len(output):
            return pattern
        at += 1
    return None


class Shell:
    """A shell of the lab."""

    def __init__(self, lab):
        self.mark = f"end-{os.getpid()}-of-command"
        self.directory = tempfile.TemporaryDirectory(prefix="lesson.")
        self.process = subprocess.Popen(
            [lab, "env", f"LESSON_MARK={self.mark}", "bash", "--norc", "-c", LOOP],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def read(self, deadline):
        """What comes before deadline; "" for nothing. At the shell's end: EOFError."""
        if not self.selector.select(max(0, deadline - time.monotonic())):
            return ""
        data = self.process.stdout.read()
        if not data:
            raise EOFError("the lab has ended")
        return data.decode(errors="replace")

    def run(self, text):
        """Returns the status and what was printed; the status is None if it took too long."""
        path = pathlib.Path(self.directory.name, "command")
        path.write_text(text + "\n")
        self.process.stdin.write(f"{path}\n".encode())
        self.process.stdin.flush()
        output, deadline = "", time.monotonic() + COMMAND_SECONDS
        ended = re.compile(f"\n{self.mark} ([0-9]+)\n")
        while time.monotonic() < deadline:
            output += self.read(deadline)
            found = ended.search(output)
            if found:
                return int(found[1]), output[:found.start()] + output[found.end():]
        return None, output

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
        self.directory.cleanup()


def wait_for_lines(shell, expected, output):
    """Reads on until they are there or patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while find_missing(expected, output.splitlines()) is not None and time.monotonic() < deadline:
        output += shell.read(deadline)
    return output


def perform(shell, command):
    """Returns None, or what went wrong."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        status, output = shell.run(command.text)
        if status is None:
            return f"does not end:\n{output}"
        if command.in_background:
            output = wait_for_lines(shell, command.expected, output)
        missing = find_missing(command.expected, output.splitlines())
        if not command.expected and status != 0:
            return f"status {status}:\n{output}"
        if missing is None:
            return None
        if command.in_background or time.monotonic() > deadline:
            return f"does not print: {missing}\nbut:\n{output}"
        time.sleep(PAUSE_SECONDS)


def check_page(lab, page, count):
    """Types all commands of a page. Returns how many tests there were, and how many failed."""
    failed, name = 0, pathlib.Path(page).name
    shell = Shell(lab)
    try:
        for command in read_commands(page):
            trouble = perform(shell, command)
            count += 1
            failed += trouble is not None
            first = command.text.splitlines()[0].replace("#", "")
            print(f"{'not ok' if trouble else 'ok'} {count} - {name}:{command.line}: {first}")
            for line in (trouble or "").splitlines():
                print(f"# {line}", flush=True)
    finally:
        shell.close()
    return count, failed


def main(lab, *pages):
    count = failures = 0
    for page in pages:
        count, failed = check_page(lab, page, count)
        failures += failed
    print(f"1..{count}")
    return 1 if failures or count == 0 else 0


sys.exit(main(*sys.argv[1:]))

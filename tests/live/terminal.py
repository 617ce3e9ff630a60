#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays a person at a terminal with a shell: sends lines, waits for what they bring.

usage: terminal.py STEP...

Each STEP is "send:TEXT" (with Python escapes: \\n, \\x03), "expect:REGEX" (within ten seconds, in
what came since the last match), or "hangup". Exits 0 if every expectation was met; else says which
was not and what came instead.
"""
import os
import pty
import re
import select
import signal
import sys
import time

DEADLINE = 10


def start_shell():
    pid, terminal = pty.fork()
    if pid == 0:
        # Ignored by background jobs, and by Python.
        for number in signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ:
            signal.signal(number, signal.SIG_DFL)
        os.environ.update(TERM="dumb", PS1="outer% ", HISTFILE="/dev/null")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    return pid, terminal


def expect(terminal, seen, pattern):
    """Reads until pattern matches; returns what came after the match, or None."""
    until = time.monotonic() + DEADLINE
    while True:
        match = re.search(pattern, seen)
        if match:
            return seen[match.end():]
        left = until - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            break
        try:
            seen += os.read(terminal, 4096).decode(errors="replace")
        except OSError:
            break
    print(f"# no match of {pattern!r} in {seen!r}")
    return None


def main():
    pid, terminal = start_shell()
    seen = ""
    for step in sys.argv[1:]:
        kind, _, text = step.partition(":")
        if kind == "send":
            os.write(terminal, text.encode().decode("unicode_escape").encode())
        elif kind == "hangup":
            os.close(terminal)
            return
        else:
            seen = expect(terminal, seen, text)
            if seen is None:
                os.kill(pid, signal.SIGHUP)
                sys.exit(1)
    os.close(terminal)


main()

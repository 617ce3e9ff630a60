# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways from a container to the network that are compared, and how each is driven."""

import os
import select
import subprocess
import time
from contextlib import contextmanager, suppress

DEADLINE = 30  # seconds for anything to start, beyond what a run takes

# Sets the container's congestion control, then becomes the command.
SETTLE = ('echo "$CONGESTION" >/proc/sys/net/ipv4/tcp_congestion_control 2>/dev/null; exec "$@"')
# Says who it is and waits for the network before that.
WAIT_FOR_NETWORK = 'echo $$; read -r line; ' + SETTLE


class RunFailed(Exception):
    """A run gave no figure; the text says why."""


def as_user():
    return os.environ["WORLD_USER"].split()


def read_line(stream, what):
    """One line from a pipe within the deadline."""
    ready, _, _ = select.select([stream], [], [], DEADLINE)
    line = stream.readline() if ready else ""
    if not line:
        raise RunFailed("%s said nothing" % what)
    return line


def stop(process):
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Session:
    """A command that runs in a container: its process and those that give it its network."""

    def __init__(self, command, engine_roots):
        self.command = command
        self.engine_roots = engine_roots


def spawn(arguments, **options):
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


class Host:
    """No container at all: the ceiling."""

    has_engine = False

    def __init__(self, _program):
        pass

    @contextmanager
    def start(self, command, _mtu):
        process = spawn([*as_user(), "sh", "-c", SETTLE, "-", *command])
        try:
            yield Session(process, [])
        finally:
            stop(process)


class Slirp4netns:
    """slirp4netns beside a namespace made by unshare(1)."""

    has_engine = True

    def __init__(self, program):
        self.program = program

    @contextmanager
    def start(self, command, mtu):
        container = spawn([*as_user(), "unshare", "--user", "--map-root-user", "--net",
                           "sh", "-c", WAIT_FOR_NETWORK, "-", *command])
        engine = None
        try:
            pid = read_line(container.stdout, "the container").strip()
            ready, ready_end = os.pipe()
            engine = subprocess.Popen(
                [*as_user(), self.program, "-c", "-m", str(mtu), "-r", str(ready_end), pid, "tap0"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[ready_end])
            os.close(ready_end)
            with os.fdopen(ready) as ready_file:
                read_line(ready_file, "slirp4netns")
            container.stdin.write("go\n")
            container.stdin.flush()
            yield Session(container, [engine.pid])
        finally:
            if engine:
                stop(engine)
            stop(container)


class Slirpway:
    """slirpway run --mode=packet."""

    has_engine = True
    mode = "packet"

    def __init__(self, program):
        self.program = program

    @contextmanager
    def start(self, command, mtu):
        process = spawn([*as_user(), self.program, "run", "--log-level=warning", "--mode=" + self.mode,
                         "--mtu", str(mtu), "--", "sh", "-c", SETTLE, "-", *command])
        try:
            yield Session(process, [process.pid])
        finally:
            stop(process)


class Hybrid(Slirpway):
    """slirpway run --mode=hybrid: the cases are TCP, so sockets of the host carry them."""

    mode = "hybrid"


PATHS = {"host": Host, "slirp4netns": Slirp4netns, "slirpway": Slirpway, "hybrid": Hybrid}


def run_to_end(path, command, mtu, seconds):
    """Runs the command in a container; returns its output and the engine's CPU seconds."""
    before = os.times()
    with path.start(command, mtu) as session:
        try:
            output, errors = session.command.communicate(timeout=seconds + DEADLINE)
        except subprocess.TimeoutExpired:
            raise RunFailed("no end after %d s" % (seconds + DEADLINE)) from None
        if session.command.returncode != 0:
            words = (errors.strip() or output.strip() or "no message").splitlines()[-1]
            raise RunFailed("status %d: %s" % (session.command.returncode, words))
    after = os.times()
    # All processes of the run have been waited for; the command says what it used itself.
    return output, (after.children_user + after.children_system -
                    before.children_user - before.children_system)


@contextmanager
def hold(path, command, mtu):
    """Runs a command that waits for the end of its input; yields its engine's process ids."""
    with path.start(command, mtu) as session:
        if command[-1] == "cat":
            session.command.stdin.write("ready\n")
            session.command.stdin.flush()
        read_line(session.command.stdout, "the command")
        yield engine_processes(session)
        session.command.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            session.command.wait(5)


def read_process(pid):
    """(names, parent) of a process: its comm and the first word of its command line."""
    with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
        comm, rest = file.read().split("(", 1)[1].rsplit(")", 1)
    with open("/proc/%d/cmdline" % pid, encoding="utf-8") as file:
        title = os.path.basename(file.read().split("\0", 1)[0])
    return (comm, title), int(rest.split()[1])


def engine_processes(session):
    """The engine's processes: those at or below its roots that are named after it."""
    processes = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            processes[int(entry)] = read_process(int(entry))
    found = set(session.engine_roots)
    while True:
        more = {pid for pid, (_, parent) in processes.items() if parent in found} - found
        if not more:
            break
        found |= more
    return [pid for pid in sorted(found) if pid in processes and
            any(name.startswith("slirp") for name in processes[pid][0])]


def memory_mebibytes(pids):
    """Proportional set size of the processes together, and resident size of each."""
    total, resident = 0, {}
    for pid in pids:
        with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
            sizes = {words[0]: int(words[1]) for words in map(str.split, file) if words[-1] == "kB"}
        (_, title), _ = read_process(pid)
        resident["%s %d" % (title, pid)] = sizes["Rss:"] / 1024
        total += sizes["Pss:"]
    if not pids:
        raise RunFailed("no process of the engine was found")
    return total / 1024, resident


def wait_until(condition, what):
    """Polls what can't be watched, within the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            raise RunFailed("%s: not within %d s" % (what, DEADLINE))
        select.select([], [], [], 0.02)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark inside a world: starts the servers, runs the cases, prints one sample a line."""

import json
import math
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager

from cases import CASES, IPERF3_PORT, PORT, fill_in, read_figure
from paths import (PATHS, RunFailed, hold, memory_mebibytes, read_line, run_to_end, stop,
                   wait_until)


@contextmanager
def workload_server(tools, prefix):
    ready, ready_end = os.pipe()
    server = subprocess.Popen([*prefix, tools + "/slirpway-workload", "server", "--address", "::",
                               "--port", str(PORT), "--ready-fd", str(ready_end)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              pass_fds=[ready_end])
    os.close(ready_end)
    try:
        with os.fdopen(ready) as file:
            read_line(file, "the workload server")
        yield
    finally:
        stop(server)


def listens(port):
    with open("/proc/self/net/tcp6", encoding="ascii") as file:
        return any(line.split()[1].endswith(":%04X" % port) and line.split()[3] == "0A"
                   for line in file)


@contextmanager
def iperf3_server():
    server = subprocess.Popen(["iperf3", "--server", "--port", str(IPERF3_PORT)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(IPERF3_PORT), "iperf3 listens")
        yield
    finally:
        stop(server)


def measure_memory(path, command, mtu):
    with hold(path, command, mtu) as pids:
        total, resident = memory_mebibytes(pids)
    return {"value": total, "resident_mib": resident}


def measure_command(path, case, command, mtu, plan):
    output, cpu = run_to_end(path, command, mtu, plan["time"])
    value, extra, parsed = read_figure(case, output)
    sample = {"value": value, "extra": extra}
    if path.has_engine and "cpu_seconds" in parsed:
        sample["engine_cpu_seconds"] = max(0.0, cpu - parsed["cpu_seconds"])
    for end in ("congestion", "server_congestion"):
        if parsed.get(end, plan["congestion"]) != plan["congestion"]:
            sample["error"] = "%s was %s" % (end, parsed[end])
    return sample


def measure_once(name, path, mtu, plan):
    """One sample of a case; one with "error" has no value that counts."""
    case = CASES[name]
    rtt = case.rtt > 0
    # Slow start takes its time over a long round trip.
    seconds = plan["time"] * (2 if rtt else 1)
    command = fill_in(case, {
        "workload": plan["tools"] + "/slirpway-workload",
        "address": os.environ["WORLD_REMOTE4" if rtt else "WORLD_HOST4"],
        "time": "%g" % seconds,
        "whole_seconds": "%d" % math.ceil(seconds),
    })
    try:
        if case.memory:
            return measure_memory(path, command, mtu)
        return measure_command(path, case, command, mtu, plan)
    except (RunFailed, OSError, ValueError, KeyError) as error:
        return {"error": "%s" % error}


def wanted(name, path_name, mtu, plan):
    case = CASES[name]
    if case.large_mtu_only and mtu != max(plan["mtu"]):
        return False
    return PATHS[path_name].has_engine or not case.memory


def measure_case(name, paths, plan):
    for mtu in plan["mtu"]:
        for run in range(plan["repeat"]):
            for path_name, path in paths.items():
                if not wanted(name, path_name, mtu, plan):
                    continue
                sample = measure_once(name, path, mtu, plan)
                sample.update(case=name, path=path_name, mtu=mtu, run=run,
                              congestion=plan["congestion"])
                print(json.dumps(sample), flush=True)
                if "error" in sample:
                    print("bench: %s over %s: %s" % (name, path_name, sample["error"]),
                          file=sys.stderr)


def run_plan(plan):
    paths = {name: PATHS[name](program) for name, program in plan["programs"].items()}
    os.environ["CONGESTION"] = plan["congestion"]
    remote = os.environ["WORLD_REMOTE"].split() if CASES[plan["cases"][0]].rtt else []
    with ExitStack() as servers:
        servers.enter_context(workload_server(plan["tools"], remote))
        if any(name.startswith("iperf3") for name in plan["cases"]):
            servers.enter_context(iperf3_server())
        for name in plan["cases"]:
            print("bench: %s (%s)" % (name, plan["congestion"]), file=sys.stderr, flush=True)
            measure_case(name, paths, plan)
    return 0

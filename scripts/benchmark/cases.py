# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: one row per case, and how its figure is read from a program's output."""

import json
from dataclasses import dataclass, field
from typing import Callable

PORT = 5202
IPERF3_PORT = 5201


@dataclass(frozen=True)
class Case:
    """A command for the container and the meaning of its output.

    The command is a list in which {address}, {time} and {workload} are filled in. "figure" takes
    what it printed, as parsed JSON. A memory case holds its command open and measures the engine's
    processes instead.
    """

    help: str
    unit: str
    command: list
    figure: Callable = None
    lower_is_better: bool = False
    memory: bool = False
    rtt: float = 0
    default: bool = True
    quick: bool = False
    large_mtu_only: bool = False
    extra: dict = field(default_factory=dict)  # more fields of the output to keep


def workload(mode, *options):
    return ["{workload}", "client", mode, "--address", "{address}", "--port", str(PORT), *options]


def stream(*options):
    return workload("stream", "--time", "{time}", *options)


def iperf3(*options):
    return ["iperf3", "--client", "{address}", "--port", str(IPERF3_PORT), "--json",
            "--time", "{whole_seconds}", *options]


def gigabits(output):
    return output["gbit_per_second"]


def iperf3_gigabits(output):
    if "error" in output:
        raise ValueError("iperf3: " + output["error"])
    return output["end"]["sum_received"]["bits_per_second"] / 1e9


CASES = {
    "upload": Case("one flow up", "Gbit/s", stream(), gigabits, quick=True),
    "download": Case("one flow down", "Gbit/s", stream("--direction", "down"), gigabits,
                     quick=True),
    "upload-8": Case("eight flows up", "Gbit/s", stream("--flows", "8"), gigabits, default=False),
    "download-8": Case("eight flows down", "Gbit/s",
                       stream("--direction", "down", "--flows", "8"), gigabits, default=False),
    "iperf3-upload": Case("iperf3 as a witness, up", "Gbit/s", iperf3(), iperf3_gigabits),
    "iperf3-download": Case("iperf3 as a witness, down", "Gbit/s", iperf3("--reverse"),
                            iperf3_gigabits),
    "connect": Case("connect, one byte each way, close", "1/s",
                    workload("connect", "--time", "{time}"), lambda output: output["rate"],
                    quick=True, extra={"p50_us": "p50_us", "p99_us": "p99_us"}),
    "rr": Case("one byte to and fro, median latency", "us", workload("rr", "--time", "{time}"),
               lambda output: output["p50_us"], lower_is_better=True, quick=True,
               extra={"p99_us": "p99_us", "rate": "rate"}),
    "udp-upload": Case("1400-byte datagrams up, received", "1/s",
                       workload("udp", "--time", "{time}", "--size", "1400"),
                       lambda output: output["packets_per_second"], default=False,
                       extra={"loss": "loss"}),
    "udp-download": Case("1400-byte datagrams down, received", "1/s",
                         workload("udp", "--time", "{time}", "--size", "1400",
                                  "--direction", "down"),
                         lambda output: output["packets_per_second"], default=False,
                         extra={"loss": "loss"}),
    "memory": Case("engine's memory (Pss), no connection", "MiB", ["cat"], memory=True,
                   lower_is_better=True, quick=True, large_mtu_only=True),
    "memory-1000": Case("engine's memory (Pss), 1000 idle connections", "MiB",
                        workload("hold", "--count", "1000"), memory=True, lower_is_better=True,
                        quick=True, large_mtu_only=True),
    "wan-upload": Case("one flow up, 10 ms round trip", "Gbit/s", stream(), gigabits, rtt=10,
                       quick=True),
    "wan-download": Case("one flow down, 10 ms round trip", "Gbit/s",
                         stream("--direction", "down"), gigabits, rtt=10),
}


def fill_in(case, values):
    """The case's command with the values in place of {names}."""
    return [word.format(**values) for word in case.command]


def read_figure(case, text):
    """Returns (figure, extra fields, parsed output) of a command's standard output."""
    output = json.loads(text)
    return (case.figure(output), {name: output[key] for name, key in case.extra.items()}, output)

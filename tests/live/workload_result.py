#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges the result of a workload client, JSON on standard input.

workload_result.py MODE [NAME=VALUE...]

Every mode must tell what it did, how long it took and what it cost, above 0; latency must rise with
the percentile, from 0 to 100; loss must be a share. Exits with 1 and says why if it is not so.
"""

import json
import sys

COST = ["cpu_seconds", "context_switches", "server_cpu_seconds", "server_context_switches"]
LATENCY = ["operations", "rate", "p50_us", "p90_us", "p99_us", "max_us"]
BULK = ["bytes", "gbit_per_second", "flows"]
ABOVE_ZERO = {
    "stream": BULK, "checksum": BULK,
    "rr": LATENCY, "connect": LATENCY, "names": LATENCY,
    "idle": LATENCY + ["connections", "alive", "seconds_to_open"],
    "udp": ["sent", "received", "bytes", "packets_per_second", "gbit_per_second"],
}
CONGESTED = ["stream", "checksum", "rr", "connect", "idle"]


def require(truth, why):
    if not truth:
        sys.exit(why)


def judge_curve(curve):
    percents = [point["percent"] for point in curve]
    values = [point["microseconds"] for point in curve]
    require(20 <= len(curve) <= 40, "%d points" % len(curve))
    require(percents[0] == 0 and percents[-1] == 100 and 99.99 in percents, "percents %s" % percents)
    require(all(a < b for a, b in zip(percents, percents[1:])), "percents %s" % percents)
    require(all(a <= b for a, b in zip(values, values[1:])), "values %s" % values)
    require(values[0] > 0, "values %s" % values)


def judge(mode, result):
    require(result["mode"] == mode, "mode %s" % result["mode"])
    for name in ABOVE_ZERO[mode] + COST + ["seconds"]:
        require(result[name] > 0, "%s is %s" % (name, result[name]))
    if ABOVE_ZERO[mode][0] == "operations":
        judge_curve(result["percentiles"])
    if mode in CONGESTED:
        require(result["congestion"] and result["server_congestion"], "no congestion control")
    if mode == "udp":
        require(0 <= result["loss"] <= 1, "loss %s" % result["loss"])


def main():
    result = json.load(sys.stdin)
    judge(sys.argv[1], result)
    for wanted in sys.argv[2:]:
        name, value = wanted.split("=")
        require(result[name] == json.loads(value), "%s is %s" % (name, result[name]))


main()

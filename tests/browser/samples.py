# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of slirpway compare to draw pages of: compare-sample.json and what can be made of it."""
import copy
import json
import os
import subprocess

HOSTILE = "</script><script>window.injected = 1</script><img src=x onerror='window.injected = 1'>\u2028&lt;"
# The condition that most rows of the sample have, which the page shows first.
CONDITION = {"mtu": 65520, "rtt_ms": 0, "congestion": "cubic"}


HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "compare-sample.json")


def sample():
    with open(SAMPLE, encoding="utf-8") as file:
        return json.load(file)


def schema_complaints():
    """What is wrong with the sample according to the schema of the results."""
    command = [os.path.join(HERE, "..", "live", "check_schema.py"),
               os.path.join(HERE, "..", "..", "doc", "compare.schema.json")]
    with open(SAMPLE, "rb") as file:
        return subprocess.run(command, stdin=file, capture_output=True, text=True, check=False).stderr


def rows_shown(results):
    """The rows at the condition that the page shows first."""
    return [row for row in results["rows"] if all(row[name] == CONDITION[name] for name in CONDITION)]


def empty():
    return {"format": "slirpway-compare"}


def one_path():
    """Only hybrid, so that there is nothing to compare it with."""
    results = sample()
    results["rows"] = [{**row, "ratio": None, "ratio_minimum": None, "ratio_maximum": None}
                       for row in results["rows"] if row["path"] == "hybrid"]
    return results


def nothing_counts():
    results = sample()
    results.update(complete=False, verdict=[])
    for row in results["rows"]:
        row.update(valid=False, why="the engine saw no packets, so the bytes took another path")
    return results


def thousands_of_rows():
    results = sample()
    results["rows"] = [{**row, "congestion": f"algorithm{index}"}
                       for index in range(20) for row in results["rows"]]
    return results


def pair():
    first, second = sample(), sample()
    first["label"], second["label"] = "first.json", "second.json"
    second["machine"]["kernel"] = "6.1.0"
    for row in second["rows"]:
        row["value"] *= 1.2
    return {"format": "slirpway-compare-pair", "version": 1, "runs": [first, second]}


def broken():
    """Members in turn missing, null, or of another kind or sense."""
    values = [None, "", [], {}, -1, 0, 1e300, True, HOSTILE]
    results = sample()
    for count, row in enumerate(results["rows"]):
        for index, name in enumerate(list(row)):
            if (count + index) % 3 == 0:
                row[name] = copy.copy(values[(count * 7 + index) % len(values)])
            elif (count + index) % 7 == 0:
                del row[name]
    return {**results, "machine": None, "options": 7, "paths": {}, "workloads": [None, 3, {}],
            "verdict": [None, {}], "witnesses": [{}, None, 7], "command": [], "seconds": "long"}


def hostile():
    """Each text is HTML that would run a script."""
    def poison(value, name=""):
        if isinstance(value, dict):
            return {key: poison(member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [poison(member, name) for member in value]
        # Names must stay different from each other, or there is one path and one workload only.
        is_text = isinstance(value, str) and name not in ("format", "unit", "better")
        return value + HOSTILE if is_text else value
    return poison(sample())

# SPDX-License-Identifier: GPL-2.0-or-later
"""From samples to rows, and rows to a table."""

import statistics

from cases import CASES


def key_of(sample):
    return (sample["case"], sample["mtu"], sample["congestion"], sample["path"])


def summarize(samples):
    """One row for each case, MTU, congestion control and path, in the order of the samples."""
    groups = {}
    for sample in samples:
        groups.setdefault(key_of(sample), []).append(sample)
    rows = [summarize_group(key, group) for key, group in groups.items()]
    medians = {key_of(row): row["median"] for row in rows}
    for row in rows:
        for peer in ("host", "slirp4netns"):
            base = medians.get((row["case"], row["mtu"], row["congestion"], peer))
            row["ratio_" + peer] = row["median"] / base if base and row["median"] else None
    return rows


def summarize_group(key, group):
    good = [sample for sample in group if "error" not in sample]
    values = [sample["value"] for sample in good]
    cpu = [sample["engine_cpu_seconds"] for sample in good if "engine_cpu_seconds" in sample]
    case = CASES[key[0]]
    row = dict(zip(("case", "mtu", "congestion", "path"), key))
    row.update(
        unit=case.unit, rtt_ms=case.rtt, lower_is_better=case.lower_is_better, values=values,
        median=statistics.median(values) if values else None,
        min=min(values, default=None), max=max(values, default=None),
        engine_cpu_seconds=statistics.median(cpu) if cpu else None,
        valid=len(good) == len(group),
        why="; ".join(sorted({sample["error"] for sample in group if "error" in sample})))
    for name in case.extra:
        row[name] = statistics.median(sample["extra"][name] for sample in good) if good else None
    if case.memory and good:
        row["resident_mib"] = good[-1]["resident_mib"]
    return row


def number(value):
    if value is None:
        return "-"
    return "%.0f" % value if abs(value) >= 100 else "%.3g" % value


def cells(row):
    return (row["case"], str(row["mtu"]), row["congestion"], row["path"], number(row["median"]),
            row["unit"], "%s..%s" % (number(row["min"]), number(row["max"])),
            number(row["ratio_host"]), number(row["ratio_slirp4netns"]),
            number(row["engine_cpu_seconds"]), "" if row["valid"] else "INVALID: " + row["why"])


def print_table(rows):
    head = ("case", "MTU", "cc", "path", "median", "unit", "min..max", "x host", "x slirp4netns",
            "engine CPU s", "")
    table = [head] + [cells(row) for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    left = {0, 2, 3, 5, 10}
    group = None
    for line in table:
        if line[:3] != group:
            group = line[:3]
            print()
        print("  ".join(text.ljust(width) if column in left else text.rjust(width)
                        for column, (text, width) in enumerate(zip(line, widths))).rstrip())
    print("\nRatios of us and MiB are better when lower, all others when higher. Local cases end at"
          "\nthe host's own address, so \"host\" is loopback.")

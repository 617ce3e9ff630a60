// SPDX-License-Identifier: GPL-2.0-or-later
// Two runs laid side by side: what differs between their machines and between their figures.

const CHANGES_AT_ONCE = 12;

function changesSection(runs) {
  if (runs.length !== 2) return null;
  return wideSection(
    "changes",
    "What changed",
    LESSONS.changes,
    element("h3", {}, "Machines and options"),
    factChanges(runs),
    element("h3", {}, "Figures"),
    figureChanges(runs),
  );
}

function factChanges(runs) {
  const [first, second] = runs.map((run) => [...machineFacts(run), ...optionFacts(run)]);
  const lines = first
    .map(([name, fact], index) => [name, fact || UNKNOWN, second[index][1] || UNKNOWN])
    .filter(([name, a, b]) => a !== b && name !== "Measured" && name !== "Took");
  if (lines.length === 0) return element("p", {}, "They are the same in both runs.");
  return plainTable(["", runs[0].label, runs[1].label], lines, "Machines and options that differ");
}

function rowKey(row) {
  return [
    row.workload,
    row.path,
    row.mtu,
    row.rtt_ms,
    row.congestion,
    row.flows,
    row.connections,
  ].join("\n");
}

function figureChanges(runs) {
  const others = new Map(runs[1].rows.filter((row) => row.valid).map((row) => [rowKey(row), row]));
  const pairs = runs[0].rows
    .filter((row) => row.valid && row.value > 0 && others.has(rowKey(row)))
    .map((row) => [row, others.get(rowKey(row))])
    .filter(([, row]) => row.value > 0)
    .sort(
      (a, b) =>
        Math.abs(Math.log(b[1].value / b[0].value)) - Math.abs(Math.log(a[1].value / a[0].value)),
    );
  if (pairs.length === 0) return element("p", {}, "No row counts in both runs.");
  const lines = pairs.map(([a, b]) => changeLine(a, b));
  const heads = [
    "Workload",
    "Path",
    "Conditions",
    runs[0].label,
    runs[1].label,
    "Second \u00f7 first",
    "Which is",
  ];
  const first = plainTable(heads, lines.slice(0, CHANGES_AT_ONCE), "The largest changes");
  if (lines.length <= CHANGES_AT_ONCE) return first;
  return [
    first,
    disclosure(
      `All ${groupDigits(String(lines.length))} figures of both runs`,
      plainTable(heads, lines, "Figures of both runs"),
    ),
  ];
}

function changeLine(a, b) {
  return [
    a.workload,
    a.path,
    conditionText(a),
    formatQuantity(a.value, a.unit),
    formatQuantity(b.value, b.unit),
    formatRatio(b.value / a.value),
    changeText(a, b),
  ];
}

function changeText(a, b) {
  if (a.minimum !== null && b.minimum !== null && a.minimum <= b.maximum && b.minimum <= a.maximum)
    return "within the spread";
  return b.value > a.value === (a.better === "higher") ? "better" : "worse";
}

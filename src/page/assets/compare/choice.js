// SPDX-License-Identifier: GPL-2.0-or-later
// Which rows a figure is about. A condition is { mtu, rtt_ms, congestion }; a task is a workload
// with its numbers of flows and connections.

const VARIABLE_NAMES = {
  mtu: "MTU",
  rtt_ms: "Round-trip time",
  congestion: "Congestion control",
  flows: "Flows",
  connections: "Idle connections",
};

function formatVariable(name, value) {
  if (value === null || value === "") return UNKNOWN;
  if (name === "mtu") return `${value} bytes`;
  if (name === "rtt_ms") return value === 0 ? "none added" : `${value} ms`;
  return String(value);
}

function knownValues(rows, name) {
  return distinct(rows.map((row) => row[name]))
    .filter((value) => value !== null && value !== "")
    .sort(compareValues);
}

// The value that most rows have, the first of them where several do.
function usualValue(rows, name) {
  const counts = new Map();
  rows.forEach((row) => counts.set(row[name], (counts.get(row[name]) || 0) + 1));
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0])[0];
}

function usualCondition(rows) {
  return Object.fromEntries(VARIABLES.map((name) => [name, usualValue(rows, name)]));
}

function matches(row, condition, except = null) {
  return VARIABLES.every((name) => name === except || row[name] === condition[name]);
}

// "MTU 65520 bytes, no added round-trip time, congestion control cubic"
function conditionText(condition, except = null) {
  const texts = {
    mtu: condition.mtu === null ? null : `MTU ${condition.mtu}`,
    rtt_ms:
      condition.rtt_ms === null
        ? null
        : condition.rtt_ms === 0
          ? "no added RTT"
          : `RTT ${condition.rtt_ms} ms`,
    congestion: condition.congestion
      ? `congestion control ${condition.congestion}`
      : "congestion control not recorded",
  };
  return VARIABLES.filter((name) => name !== except)
    .map((name) => texts[name])
    .filter(Boolean)
    .join("\u00a0\u00b7 ");
}

// The tasks of all runs in the order of their workloads: { title, workload, rows of each run }.
function listTasks(runs) {
  const workloads = distinct(runs.flatMap((run) => run.workloads.map((workload) => workload.name)));
  return workloads.flatMap((name) => tasksOfWorkload(runs, name));
}

function tasksOfWorkload(runs, name) {
  const workload = runs
    .flatMap((run) => run.workloads)
    .find((candidate) => candidate.name === name);
  const rows = runs.map((run) => run.rows.filter((row) => row.workload === name));
  const keys = distinct(rows.flat().map(taskKey)).sort(compareValues);
  return keys.map((key) => {
    const own = rows.map((list) => list.filter((row) => taskKey(row) === key));
    return { workload, title: taskTitle(workload, own.flat()[0], keys.length > 1), rows: own };
  });
}

function taskKey(row) {
  return `${row.flows === null ? "" : row.flows}/${row.connections === null ? "" : row.connections}`;
}

function taskTitle(workload, row, isOneOfSeveral) {
  const size = [];
  if (isOneOfSeveral && row.flows !== null)
    size.push(`${row.flows} ${row.flows === 1 ? "flow" : "flows"}`);
  if (isOneOfSeveral && row.connections !== null)
    size.push(`${groupDigits(String(row.connections))} connections`);
  return [workload.title, ...size].join(", ");
}

// Those tasks at the condition that the reader chose, where it has rows: { title, workload,
// condition, rows of each run }. What does not depend on a variable is measured with one value of it
// only, and is shown with that one.
function tasksAt(runs, chosen) {
  return listTasks(runs)
    .map((task) => {
      const condition = taskCondition(task.rows.flat(), chosen);
      const rows = runs.map((run, index) => rowsAt(run, task.rows[index], condition));
      return { ...task, condition, rows };
    })
    .filter((task) => task.rows.flat().length > 0);
}

function taskCondition(rows, chosen) {
  const only = (name) => {
    const values = distinct(rows.map((row) => row[name]));
    return values.length === 1 ? values[0] : chosen[name];
  };
  return Object.fromEntries(VARIABLES.map((name) => [name, only(name)]));
}

function betterText(rows) {
  return rows[0].better === "lower" ? "less is better" : "more is better";
}

// A task's rows at a condition, in the order of the run's paths, one for each path. Of several for
// one path, a valid one wins.
function rowsAt(run, rows, condition) {
  const fitting = rows.filter((row) => matches(row, condition));
  return run.paths
    .map((path) => {
      const own = fitting.filter((row) => row.path === path.name);
      return own.find((row) => row.valid) || own[0];
    })
    .filter(Boolean);
}

// SPDX-License-Identifier: GPL-2.0-or-later
// Results as the charts want them: each member there, of one kind, or null. What is missing or of
// another kind than it should be becomes null, "" or an empty list.

const PATH_LOOKS = {
  host: ["host", "circle"],
  packet: ["packet", "square"],
  hybrid: ["hybrid", "diamond"],
  syscall: ["syscall", "triangle"],
  slirp4netns: ["peer-1", "triangle-down"],
  pasta: ["peer-2", "pentagon"],
  "pasta-splice": ["peer-3", "square"],
  bypass4netns: ["peer-4", "diamond"],
  veth: ["peer-5", "bar"],
  "lxc-user-nic": ["peer-6", "circle"],
};
const PARTIES = ["program", "server", "engine", "supervisor", "session"];
const VARIABLES = ["mtu", "rtt_ms", "congestion"];

function readResults(data) {
  const results = asObject(data);
  const runs = Array.isArray(results.runs) ? results.runs : [results];
  return runs.map(readRun);
}

function readRun(data, index) {
  const run = asObject(data);
  const rows = asList(run.rows).map(asObject).map(readRow);
  return {
    label: asText(run.label) || `run ${index + 1}`,
    started: asText(run.started),
    seconds: asNumber(run.seconds),
    complete: run.complete !== false,
    command: asText(run.command),
    machine: asObject(run.machine),
    options: asObject(run.options),
    verdict: asList(run.verdict).filter((sentence) => typeof sentence === "string"),
    notes: Array.isArray(run.notes)
      ? run.notes.filter((sentence) => typeof sentence === "string")
      : null, // of older results
    witnesses: asList(run.witnesses).map(asObject).map(readWitness),
    rows,
    paths: readPaths(asList(run.paths), rows),
    workloads: readWorkloads(asList(run.workloads), rows),
  };
}

function readRow(row) {
  const value = asAmount(row.value);
  return {
    ...readCondition(row),
    path: asText(row.path) || "unnamed",
    flows: asAmount(row.flows),
    connections: asAmount(row.connections),
    value,
    unit: asText(row.unit),
    better: row.better === "lower" ? "lower" : "higher",
    minimum: asAmount(row.minimum),
    maximum: asAmount(row.maximum),
    runs: asList(row.samples).map(asAmount), // null for one that gave nothing
    samples: asList(row.samples).filter((sample) => asAmount(sample) !== null),
    ratio: asRatio(row.ratio),
    ratioMinimum: asAmount(row.ratio_minimum),
    ratioMaximum: asAmount(row.ratio_maximum),
    valid: row.valid === true && value !== null,
    why:
      asText(row.why) ||
      (value === null ? "no figure" : row.valid === true ? "" : "no reason given"),
    percentiles: readPercentiles(asList(row.percentiles)),
    cpu: readParts(asObject(row.cpu)),
    memory: readParts(asObject(row.memory_bytes)),
    counters: Object.entries(asObject(row.counters)).filter(
      ([, count]) => asAmount(count) !== null,
    ),
    loss: asAmount(row.loss),
    command: asText(row.command),
  };
}

function readCondition(row) {
  return {
    workload: asText(row.workload) || "unnamed",
    mtu: asAmount(row.mtu),
    rtt_ms: asAmount(row.rtt_ms),
    congestion: asText(row.congestion),
  };
}

function readPercentiles(points) {
  return points
    .map(asObject)
    .map((point) => ({ percent: asNumber(point.percent), time: asNumber(point.microseconds) }))
    .filter(
      ({ percent, time }) =>
        percent !== null && percent >= 0 && percent <= 100 && time !== null && time > 0,
    )
    .sort((a, b) => a.percent - b.percent);
}

// What each party used, without those that are unknown; null if nothing is known.
function readParts(data) {
  const parts = PARTIES.map((name) => ({ name, value: asAmount(data[name]) })).filter(
    (part) => part.value !== null,
  );
  if (parts.length === 0) return null;
  const sum = parts.reduce((total, part) => total + part.value, 0);
  return {
    parts,
    total: asAmount(data.total) === null ? sum : data.total,
    unit: asText(data.unit),
  };
}

function readWitness(witness) {
  return {
    ...readCondition(witness),
    path: asText(witness.path),
    program: asText(witness.program),
    version: asText(witness.version),
    value: asNumber(witness.value),
    ours: asNumber(witness.ours),
    ratio: asNumber(witness.ratio),
    unit: asText(witness.unit),
    agrees: witness.agrees === true,
    command: asText(witness.command),
  };
}

// In the order of the results, then those that only rows name.
function readPaths(paths, rows) {
  const named = paths.map(asObject).map((path) => ({
    name: asText(path.name),
    kind: asText(path.kind),
    present: path.present !== false,
    why: asText(path.why),
    version: asText(path.version),
    about: asText(path.about),
  }));
  const others = distinct(rows.map((row) => row.path)).filter(
    (name) => !named.some((path) => path.name === name),
  );
  return [
    ...named,
    ...others.map((name) => ({ name, kind: "", present: true, why: "", version: "", about: "" })),
  ];
}

function readWorkloads(workloads, rows) {
  const named = workloads.map(asObject).map((workload) => ({
    name: asText(workload.name),
    title: asText(workload.title) || asText(workload.name),
    about: asText(workload.about),
    command: asText(workload.command),
  }));
  const others = distinct(rows.map((row) => row.workload)).filter(
    (name) => !named.some((workload) => workload.name === name),
  );
  return [...named, ...others.map((name) => ({ name, title: name, about: "", command: "" }))];
}

function distinct(values) {
  return [...new Set(values)];
}

function compareValues(a, b) {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
}

// Class and marker of a path; those that we don't know share one look.
function pathLook(name) {
  const [series, marker] = PATH_LOOKS[name] || ["peer-7", "circle"];
  return { series: `series-${series}`, marker };
}

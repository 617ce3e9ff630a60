// SPDX-License-Identifier: GPL-2.0-or-later
// What a path costs: processor time and memory, stacked by the party that used it.

const PARTY_TEXTS = {
  program: "program in the container",
  server: "server it speaks to",
  engine: "engine (packet path)",
  supervisor: "supervisor (syscall path)",
  session: "session",
};
const PARTY_PATTERNS = { engine: "pattern-lines", supervisor: "pattern-points" };

function cpuSection(runs, state) {
  const figures = tasksAt(runs, state.condition)
    .map((task) => cpuFigure(runs, task))
    .filter(Boolean);
  return figures.length
    ? section(
        "cpu",
        "Processor time",
        LESSONS.cpu,
        partyLegend(["program", "server", "engine", "supervisor"]),
        figureGrid(figures, runs.length > 1),
      )
    : null;
}

function cpuFigure(runs, task) {
  const rows = task.rows.map((list) =>
    list.filter((row) => row.valid && row.cpu).map((row) => ({ path: row.path, use: row.cpu })),
  );
  const first = rows.flat()[0];
  if (!first) return null;
  return costFigure(runs, rows, {
    title: task.title,
    conditions: `${conditionText(task.condition)}\u00a0\u00b7 less is better`,
    unit: formatUnit(first.use.unit) || "processor time",
    format: formatNumber,
    tick: formatTick,
    per: 1,
  });
}

function memorySection(runs, state) {
  const tasks = tasksAt(runs, state.condition);
  const rows = runs.map((run, index) =>
    run.paths
      .map((path) =>
        largestMemory(
          tasks.flatMap((task) => task.rows[index]),
          path.name,
        ),
      )
      .filter(Boolean),
  );
  if (rows.flat().length === 0) return null;
  return section(
    "memory",
    "Memory",
    LESSONS.memory,
    partyLegend(["engine", "supervisor", "session"]),
    figureGrid(
      costFigure(runs, rows, {
        title: "Resident memory",
        conditions: `${conditionText(state.condition)}\u00a0\u00b7 less is better`,
        unit: "largest",
        format: formatBytes,
        tick: (tick) => `${formatTick(tick)} MiB`,
        per: 2 ** 20,
      }),
      runs.length > 1,
    ),
  );
}

function largestMemory(all, path) {
  const rows = all.filter((row) => row.path === path && row.valid && row.memory);
  if (rows.length === 0) return null;
  const largest = rows.reduce((best, row) => (row.memory.total > best.memory.total ? row : best));
  return { path, use: largest.memory, workload: largest.workload };
}

function partyLegend(names) {
  return element(
    "ul",
    { class: "legend" },
    names.map((name) =>
      element(
        "li",
        {},
        svgElement(
          "svg",
          { width: "14", height: "14", viewBox: "0 0 14 14", "aria-hidden": "true" },
          svgElement("rect", { width: "14", height: "14", class: `bar party-${name}` }),
          PARTY_PATTERNS[name]
            ? svgElement("rect", {
                width: "14",
                height: "14",
                fill: `url(#${PARTY_PATTERNS[name]})`,
              })
            : null,
        ),
        PARTY_TEXTS[name],
      ),
    ),
  );
}

// kind: title, conditions, unit, format (of figures), tick (of the axis, in steps of `per`)
function costFigure(runs, rows, kind) {
  const max = Math.max(...rows.flat().map((row) => row.use.total));
  const parties = PARTIES.filter((name) =>
    rows.flat().some((row) => row.use.parts.some((part) => part.name === name && part.value > 0)),
  );
  return figure({
    title: kind.title,
    conditions: kind.conditions,
    charts: rows.map((list, index) => costPanel(runs, index, list, kind, max)),
    table: costTable(runs, rows, kind, parties),
  });
}

function costPanel(runs, index, rows, kind, max) {
  return element(
    "div",
    {},
    runs.length > 1 ? element("h4", {}, runs[index].label) : null,
    chart((width) =>
      drawBars(
        {
          title: `${kind.title}: ${kind.unit}, by party`,
          description: rows.map((row) => `${row.path}: ${kind.format(row.use.total)}`).join("; "),
          max: max / kind.per,
          headings: [kind.unit],
          tick: kind.tick,
          reference: null,
          rows: rows.map((row) => ({
            label: row.path,
            strong: runs[index].paths.some(
              (path) => path.name === row.path && path.kind === "slirpway",
            ),
            cells: [kind.format(row.use.total)],
            segments: row.use.parts.map((part) => ({
              value: part.value / kind.per,
              class: `party-${part.name}`,
              pattern: PARTY_PATTERNS[part.name],
              text: `${part.name}: ${kind.format(part.value)}`,
            })),
          })),
        },
        width,
      ),
    ),
  );
}

function costTable(runs, rows, kind, parties) {
  const hasWorkload = rows.flat().some((row) => row.workload);
  const heads = [
    ...(runs.length > 1 ? ["Run"] : []),
    "Path",
    ...parties,
    "total",
    ...(hasWorkload ? ["with workload"] : []),
  ];
  const lines = rows.flatMap((list, index) =>
    list.map((row) => [
      ...(runs.length > 1 ? [runs[index].label] : []),
      row.path,
      ...parties.map((name) =>
        kind.format((row.use.parts.find((part) => part.name === name) || {}).value),
      ),
      kind.format(row.use.total),
      ...(hasWorkload ? [row.workload] : []),
    ]),
  );
  return { heads, rows: lines };
}

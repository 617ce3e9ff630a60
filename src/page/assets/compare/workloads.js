// SPDX-License-Identifier: GPL-2.0-or-later
// A figure of bars for each workload: the ratio to the host, or the figures themselves.

function workloadsSection(runs, state) {
  if (runs.every((run) => run.rows.length === 0)) return null;
  const figures = tasksAt(runs, state.condition).map((task) => workloadFigure(runs, task, state));
  return section(
    "workloads",
    "Each workload",
    LESSONS.workloads,
    figures.length
      ? figureGrid(figures, runs.length > 1)
      : element("p", {}, "No rows at these conditions."),
  );
}

function workloadFigure(runs, task, state) {
  const rows = task.rows;
  const all = rows.flat();
  const isRatio = state.mode === "ratio" && all.some((row) => row.ratio !== null);
  const bars = rows.map((list, index) => ({
    run: runs[index],
    bars: list.map((row) => workloadBar(runs[index], row, list, isRatio)),
  }));
  const max = Math.max(
    isRatio ? 1 : 0,
    ...bars
      .flatMap((panel) => panel.bars)
      .filter((bar) => !bar.why)
      .flatMap((bar) => [bar.segments[0].value, bar.high || 0, ...bar.dots]),
  );
  return figure({
    title: task.title,
    notes: [task.workload.about],
    conditions: `${conditionText(task.condition)}\u00a0\u00b7 ${betterText(all)}`,
    charts: bars.map((panel) =>
      workloadPanel(panel, task, all[0].unit, isRatio, max, runs.length > 1),
    ),
    table: workloadTable(runs, rows, all[0].unit),
    command: task.workload.command,
  });
}

function workloadPanel({ run, bars }, task, unit, isRatio, max, isNamed) {
  const hasRatio = bars.some((bar) => bar.cells[0] !== UNKNOWN);
  const rows = hasRatio ? bars : bars.map((bar) => ({ ...bar, cells: bar.cells.slice(1) }));
  return element(
    "div",
    {},
    isNamed ? element("h4", {}, run.label) : null,
    chart((width) =>
      drawBars(
        {
          title: `${task.title}: ${isRatio ? "ratio to the host" : formatUnit(unit)}`,
          description: bars
            .map((bar) =>
              bar.why
                ? `${bar.label}: not counted, ${bar.why}`
                : `${bar.label}: ${bar.cells.join(", ")} ${formatUnit(unit)}`,
            )
            .join("; "),
          rows,
          max,
          headings: hasRatio ? ["ratio", formatUnit(unit)] : [formatUnit(unit)],
          tick: isRatio ? (tick) => `${formatTick(tick)}\u00d7` : formatTick,
          reference: isRatio ? { value: 1, label: "host" } : null,
        },
        width,
      ),
    ),
  );
}

function workloadBar(run, row, rows, isRatio) {
  const isHost = row.path === "host";
  const ratio = isHost ? 1 : row.ratio;
  const path = run.paths.find((candidate) => candidate.name === row.path);
  const missing = row.valid
    ? isRatio && ratio === null
      ? "no figure of the host to divide by"
      : ""
    : row.why;
  return {
    label: row.path,
    strong: path.kind === "slirpway",
    why: missing,
    class: pathLook(row.path).series,
    segments: [
      {
        value: isRatio ? ratio : row.value,
        class: "series",
        text: formatQuantity(row.value, row.unit),
      },
    ],
    low: isRatio ? row.ratioMinimum : row.minimum,
    high: isRatio ? row.ratioMaximum : row.maximum,
    dots: isRatio
      ? ratioDots(
          row,
          rows.find((other) => other.path === "host"),
        )
      : row.samples,
    cells: [formatRatio(isHost && row.valid ? 1 : row.ratio), formatNumber(row.value)],
  };
}

// Runs are interleaved, so a run of a path and the host's run of the same number are neighbours.
function ratioDots(row, host) {
  if (!host || row === host || host.runs.length !== row.runs.length) return [];
  const isKnown = (index) => row.runs[index] !== null && host.runs[index] > 0;
  return row.runs
    .map((value, index) => (isKnown(index) ? value / host.runs[index] : null))
    .filter((ratio) => ratio !== null);
}

function workloadTable(runs, rows, unit) {
  const heads = [
    "Path",
    "Ratio",
    formatUnit(unit) || "Value",
    "Lowest",
    "Highest",
    "Runs",
    "Counts",
  ];
  const lines = rows.flatMap((list, index) =>
    list.map((row) => [
      ...(runs.length > 1 ? [runs[index].label] : []),
      row.path,
      formatRatio(row.ratio),
      formatNumber(row.value),
      formatNumber(row.minimum),
      formatNumber(row.maximum),
      String(row.samples.length || UNKNOWN),
      row.valid ? "yes" : `no: ${row.why}`,
    ]),
  );
  return { heads: runs.length > 1 ? ["Run", ...heads] : heads, rows: lines };
}

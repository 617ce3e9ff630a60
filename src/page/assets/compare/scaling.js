// SPDX-License-Identifier: GPL-2.0-or-later
// Lines over what was varied: MTU, round-trip time, congestion control, flows, idle connections.

function scalingSection(runs, state) {
  const groups = [...VARIABLES, "flows", "connections"]
    .map((variable) => scalingGroup(runs, variable, state))
    .filter(Boolean);
  return groups.length ? section("scaling", "Scaling", LESSONS.scaling, groups) : null;
}

function scalingGroup(runs, variable, state) {
  const families = VARIABLES.includes(variable) ? listTasks(runs) : listFamilies(runs);
  const figures = families
    .map((family) => scalingFigure(runs, family, variable, state))
    .filter(Boolean);
  if (figures.length === 0) return null;
  return element(
    "div",
    { class: "group" },
    element("h3", { class: "group-title" }, VARIABLE_NAMES[variable]),
    element("p", { class: "note" }, VARIABLE_LESSONS[variable]),
    figureGrid(figures, runs.length > 1),
  );
}

// Workloads that differ in their number of flows or connections only: upload and upload-8.
function listFamilies(runs) {
  const workloads = runs.flatMap((run) => run.workloads);
  const stem = (name) => name.replace(/-(N|\d+)$/, "");
  return distinct(workloads.map((workload) => stem(workload.name))).map((name) => ({
    workload: workloads.find((workload) => stem(workload.name) === name),
    title: (workloads.find((workload) => workload.name === name) || { title: name }).title.replace(
      /, one flow$/,
      "",
    ),
    rows: runs.map((run) => run.rows.filter((row) => stem(row.workload) === name)),
  }));
}

function scalingFigure(runs, family, variable, state) {
  const condition = taskCondition(family.rows.flat(), state.condition);
  const rows = family.rows.map((list) => list.filter((row) => matches(row, condition, variable)));
  const values = knownValues(rows.flat(), variable);
  const isRatio = state.mode === "ratio" && rows.flat().some((row) => row.ratio !== null);
  const series = rows.map((list, index) => scalingSeries(runs[index], list, variable, isRatio));
  const points = series.flat().flatMap((line) => line.points);
  if (values.length < 2 || !series.flat().some((line) => line.points.length > 1)) return null;
  const max = Math.max(isRatio ? 1 : 0, ...points.flatMap((point) => [point.y, point.high || 0]));
  const unit = isRatio ? "ratio to the host" : formatUnit(rows.flat()[0].unit);
  return figure({
    title: family.title,
    conditions: `${conditionText(condition, variable)}\u00a0\u00b7 ${betterText(rows.flat())}`,
    charts: series.map((lines, index) =>
      scalingPanel(runs, index, lines, {
        title: family.title,
        variable,
        values,
        max,
        unit,
        isRatio,
      }),
    ),
    table: scalingTable(runs, series, values, variable, isRatio),
  });
}

function scalingSeries(run, rows, variable, isRatio) {
  return run.paths
    .filter((path) => !isRatio || path.name !== "host")
    .map((path) => ({
      ...legendEntry(path.name),
      points: rows
        .filter((row) => row.path === path.name && row.valid && (!isRatio || row.ratio !== null))
        .sort((a, b) => compareValues(a[variable], b[variable]))
        .map((row) => scalingPoint(row, variable, isRatio)),
    }))
    .filter((line) => line.points.length > 0);
}

function scalingPoint(row, variable, isRatio) {
  return {
    x: row[variable],
    y: isRatio ? row.ratio : row.value,
    low: isRatio ? row.ratioMinimum : row.minimum,
    high: isRatio ? row.ratioMaximum : row.maximum,
    text: `${row.path}, ${VARIABLE_NAMES[variable]} ${formatVariable(variable, row[variable])}: ${formatRatio(row.ratio)}, ${formatQuantity(row.value, row.unit)}`,
  };
}

function scalingPanel(runs, index, series, kind) {
  const title = runs.length > 1 ? element("h4", {}, runs[index].label) : null;
  if (series.length === 0)
    return element("div", {}, title, element("p", {}, "No rows at these conditions."));
  return element(
    "div",
    { class: "panel" },
    title,
    lineLegend(series),
    chart((width) =>
      drawLines(
        {
          title: `${kind.title} over ${VARIABLE_NAMES[kind.variable]}: ${kind.unit}`,
          description: series.flatMap((line) => line.points.map((point) => point.text)).join("; "),
          series,
          reference: kind.isRatio ? { value: 1, label: "host" } : null,
          x: {
            make: (begin, end) => stepScale(kind.values, begin, end, scaled(40)),
            format: (value) => formatVariable(kind.variable, value).replace(/ (bytes|ms)$/, ""),
            label: axisTitle(kind.variable),
          },
          y: {
            make: (begin, end, count) => linearScale(kind.max, begin, end, count),
            format: kind.isRatio ? (tick) => `${formatTick(tick)}\u00d7` : formatTick,
            label: kind.unit,
          },
        },
        width,
      ),
    ),
  );
}

function axisTitle(variable) {
  return (
    { mtu: "MTU, bytes", rtt_ms: "round-trip time, ms" }[variable] ||
    VARIABLE_NAMES[variable].toLowerCase()
  );
}

function scalingTable(runs, series, values, variable, isRatio) {
  const heads = [
    ...(runs.length > 1 ? ["Run"] : []),
    "Path",
    ...values.map((value) => formatVariable(variable, value)),
  ];
  const format = isRatio ? formatRatio : formatNumber;
  const lines = series.flatMap((list, index) =>
    list.map((line) => [
      ...(runs.length > 1 ? [runs[index].label] : []),
      line.name,
      ...values.map((value) => format((line.points.find((point) => point.x === value) || {}).y)),
    ]),
  );
  return { heads, rows: lines };
}

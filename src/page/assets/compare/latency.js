// SPDX-License-Identifier: GPL-2.0-or-later
// Latency curves: a line for each path over the percentiles of its requests.

const MARKED_PERCENTILES = [50, 90, 99, 99.9, 99.99, 100];

function latencySection(runs, state) {
  const figures = tasksAt(runs, state.condition)
    .map((task) => latencyFigure(runs, task))
    .filter(Boolean);
  return figures.length
    ? section("latency", "Latency", LESSONS.latency, figureGrid(figures, true))
    : null;
}

function latencyFigure(runs, task) {
  const rows = task.rows.map((list) =>
    list.filter((row) => row.valid && row.percentiles.length > 1),
  );
  const points = rows.flat().flatMap((row) => row.percentiles);
  if (points.length === 0) return null;
  const range = {
    low: Math.min(...points.map((point) => point.time)),
    high: Math.max(...points.map((point) => point.time)),
    rarest: Math.max(
      90,
      ...points.map((point) => point.percent).filter((percent) => percent < 100),
    ),
  };
  return figure({
    title: `${task.title.replace(", median latency", "")}: percentiles`,
    conditions: `${conditionText(task.condition)}\u00a0\u00b7 less is better`,
    charts: rows.map((list, index) => latencyPanel(runs, index, list, task, range)),
    table: latencyTable(runs, rows),
  });
}

function legendEntry(name) {
  const look = pathLook(name);
  return { name, class: look.series, marker: look.marker };
}

function latencyPanel(runs, index, rows, task, range) {
  const title = runs.length > 1 ? element("h4", {}, runs[index].label) : null;
  if (rows.length === 0)
    return element("div", {}, title, element("p", {}, "No latencies at these conditions."));
  return element(
    "div",
    { class: "panel" },
    title,
    lineLegend(rows.map((row) => legendEntry(row.path))),
    chart((width) =>
      drawLines(
        {
          title: `${task.title}: time of requests by percentile`,
          description: rows.map((row) => `${row.path}: ${latencySummary(row)}`).join("; "),
          series: rows.map((row) => ({
            ...legendEntry(row.path),
            points: row.percentiles.map((point) => latencyPoint(row, point)),
          })),
          x: {
            make: (begin, end) => tailScale(range.rarest, begin, end),
            format: formatPercent,
            label: "percentile of requests",
          },
          y: {
            make: (begin, end, count) => logScale(range.low, range.high, begin, end, count),
            format: (tick) => formatTime(tick, formatTick),
            label: "time of a request",
          },
        },
        width,
      ),
    ),
  );
}

function latencyPoint(row, { percent, time }) {
  return {
    x: percent,
    y: time,
    plain: !MARKED_PERCENTILES.includes(percent),
    text: `${row.path}, ${formatPercent(percent)}: ${formatTime(time)}`,
  };
}

function formatPercent(percent) {
  return percent >= 100 ? "max" : `${formatTick(percent)}${THIN_SPACE}%`;
}

function percentileOf(row, percent) {
  const point = row.percentiles.find((candidate) => candidate.percent >= percent);
  return point ? point.time : null;
}

function latencySummary(row) {
  return [50, 99, 99.9]
    .map((percent) => `${formatPercent(percent)} ${formatTime(percentileOf(row, percent))}`)
    .join(", ");
}

function latencyTable(runs, rows) {
  const heads = ["Path", ...MARKED_PERCENTILES.map(formatPercent)];
  const lines = rows.flatMap((list, index) =>
    list.map((row) => [
      ...(runs.length > 1 ? [runs[index].label] : []),
      row.path,
      ...MARKED_PERCENTILES.map((percent) => formatTime(percentileOf(row, percent))),
    ]),
  );
  return { heads: runs.length > 1 ? ["Run", ...heads] : heads, rows: lines };
}

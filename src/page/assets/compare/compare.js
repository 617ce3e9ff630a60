// SPDX-License-Identifier: GPL-2.0-or-later
// The page of slirpway compare, from its data.

function rowLine(row) {
  const cells = [row.workload, row.path, row.congestion, formatNumber(row.ratio), formatNumber(row.value), row.unit];
  return element("tr", { class: row.valid ? null : "invalid" }, cells.map((cell) => element("td", {}, String(cell))));
}

function showRun(run) {
  return element("section", {},
    (run.verdict || []).map((sentence) => element("p", {}, sentence)),
    element("div", { class: "scroll" }, element("table", {}, (run.rows || []).map(rowLine))));
}

const results = pageData();
document.getElementById("page").append(element("h1", {}, "slirpway compare"),
  ...(results.runs || [results]).map(showRun));

// SPDX-License-Identifier: GPL-2.0-or-later
// All workloads and paths at a glance: a table of ratios to the host.

const SHADES = [0.15, 0.4, 0.7, 0.9, 1.05];

function overviewSection(runs, state) {
  if (runs.every((run) => run.rows.length === 0)) return null;
  return section(
    "overview",
    "At a glance",
    LESSONS.overview,
    element("p", { class: "conditions" }, conditionText(state.condition)),
    element(
      "p",
      { class: "conditions" },
      "\u00d7 host: the median of the ratios to the host\u2019s run of the same round.",
    ),
    element(
      "div",
      { class: "panels overview" },
      runs.map((run, index) => overviewOfRun(runs, run, index, state)),
    ),
  );
}

function overviewOfRun(runs, run, index, state) {
  const tasks = tasksAt(runs, state.condition)
    .map((task) => ({ ...task, at: task.rows[index] }))
    .filter((task) => task.at.length > 0);
  const paths = run.paths.filter((path) =>
    tasks.some((task) => task.at.some((row) => row.path === path.name)),
  );
  const title = runs.length > 1 ? element("h3", {}, run.label) : null;
  if (tasks.length === 0)
    return element("div", {}, title, element("p", {}, "No rows at these conditions."));
  return element(
    "div",
    {},
    title,
    element(
      "div",
      {
        class: "scroll",
        tabindex: 0,
        role: "region",
        "aria-label": `Ratios to the host, ${run.label}`,
      },
      overviewTable(tasks, paths, state.condition),
    ),
  );
}

function overviewTable(tasks, paths, chosen) {
  const heads = paths.map((path) =>
    element(
      "th",
      { scope: "col", class: `number${path.name === "host" ? " host-column" : ""}` },
      path.name,
    ),
  );
  return element(
    "table",
    { class: "matrix" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Workload"), heads)),
    element(
      "tbody",
      {},
      tasks.map((task) => overviewLine(task, paths, chosen)),
    ),
  );
}

function overviewLine(task, paths, chosen) {
  const isLess = task.at.some((row) => row.better === "lower");
  const host = task.at.find((row) => row.path === "host");
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row" },
      task.title,
      isLess ? element("span", { class: "less", title: "less is better" }, " \u2193") : null,
      host && host.valid
        ? element(
            "small",
            { class: "host-figure" },
            `host ${formatQuantity(host.value, host.unit)}`,
          )
        : null,
      isCondition(task.condition, chosen)
        ? null
        : element("small", {}, `at ${conditionText(task.condition)}`),
    ),
    paths.map((path) =>
      overviewCell(
        path.name,
        task.at.find((row) => row.path === path.name),
      ),
    ),
  );
}

function isCondition(a, b) {
  return VARIABLES.every((name) => a[name] === b[name]);
}

function overviewCell(path, row) {
  if (path === "host")
    return element(
      "td",
      { class: "number host-column" },
      row && row.valid ? formatQuantity(row.value, row.unit) : UNKNOWN,
    );
  if (!row) return element("td", { class: "number" }, UNKNOWN);
  if (!row.valid)
    return element("td", { class: "number", title: row.why }, element("s", {}, "not counted"));
  if (row.ratio === null)
    return element("td", { class: "number" }, formatQuantity(row.value, row.unit));
  return element(
    "td",
    { class: `number shade-${shade(row)}`, title: formatQuantity(row.value, row.unit) },
    formatRatio(row.ratio),
  );
}

// 0 for far from the host, up to 5 for better than it.
function shade(row) {
  const goodness = row.better === "lower" ? 1 / row.ratio : row.ratio;
  return SHADES.filter((limit) => goodness >= limit).length;
}

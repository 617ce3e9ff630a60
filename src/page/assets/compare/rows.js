// SPDX-License-Identifier: GPL-2.0-or-later
// All rows: sorted by a click on a heading, searched, each with its command.

const ROWS_AT_ONCE = 100;
const CARDS_AT_ONCE = 20;

// name, what is shown, what is sorted by, and whether figures stand to the right
const ROW_COLUMNS = [
  { name: "Run", show: (row) => row.run, pairOnly: true },
  { name: "Workload", show: (row) => row.workload },
  { name: "Path", show: (row) => row.path },
  {
    name: "MTU",
    show: (row) => (row.mtu === null ? UNKNOWN : String(row.mtu)),
    key: (row) => row.mtu,
  },
  { name: "RTT, ms", show: (row) => formatWhole(row.rtt_ms), key: (row) => row.rtt_ms },
  { name: "Congestion", show: (row) => row.congestion || UNKNOWN },
  { name: "Flows", show: (row) => formatWhole(row.flows), key: (row) => row.flows },
  {
    name: "Connections",
    show: (row) => formatWhole(row.connections),
    key: (row) => row.connections,
  },
  { name: "Ratio", show: (row) => formatRatio(row.ratio), key: (row) => row.ratio },
  { name: "Figure", show: (row) => formatQuantity(row.value, row.unit), key: (row) => row.value },
  { name: "Lowest to highest", show: rowSpread, key: (row) => row.minimum },
  { name: "Counts", show: (row) => (row.valid ? "yes" : "no"), key: (row) => String(row.valid) },
];

function rowSpread(row) {
  return row.minimum === null || row.maximum === null
    ? UNKNOWN
    : `${formatNumber(row.minimum)} to ${formatNumber(row.maximum)}`;
}

function rowsSection(runs) {
  const rows = runs.flatMap((run) => run.rows.map((row) => ({ ...row, run: run.label })));
  if (rows.length === 0)
    return wideSection(
      "rows",
      "All rows",
      LESSONS.rows,
      element("p", {}, "There are none: nothing was measured."),
    );
  const columns = ROW_COLUMNS.filter(
    (column) =>
      (!column.pairOnly || runs.length > 1) && rows.some((row) => column.show(row) !== UNKNOWN),
  );
  return wideSection("rows", "All rows", LESSONS.rows, rowsTable(rows, columns));
}

// The table keeps what it shows in view; each change of it draws the lines again.
function rowsTable(rows, columns) {
  const isPhone = window.matchMedia("(max-width: 47.99rem)").matches;
  const view = {
    search: "",
    column: null,
    isDown: false,
    shown: isPhone ? CARDS_AT_ONCE : ROWS_AT_ONCE,
    open: new Set(),
    isAllOpen: false,
  };
  const body = element("tbody", {});
  const status = element("p", { class: "note", role: "status" });
  const more = element("button", { type: "button", onclick: () => update({ shown: Infinity }) });
  const heads = columns.map((column) =>
    rowsHead(column, () => update({ column, isDown: view.column === column && !view.isDown })),
  );
  function update(change) {
    Object.assign(view, change);
    const found = sortedRows(
      rows.filter((row) => rowText(row, columns).includes(view.search)),
      view,
    );
    const shown = found.slice(0, view.shown);
    body.replaceChildren(...shown.flatMap((row) => rowLines(row, columns, view, update)));
    heads.forEach((head, index) => markHead(head, columns[index], view));
    status.textContent = `${groupDigits(String(shown.length))} of ${groupDigits(String(rows.length))} rows`;
    more.hidden = shown.length === found.length;
    more.textContent = `Show all ${groupDigits(String(found.length))}`;
  }
  update({});
  return [
    rowsTools(update),
    status,
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "All rows" },
      element("table", { class: "rows" }, element("thead", {}, element("tr", {}, heads)), body),
    ),
    more,
  ];
}

function rowsTools(update) {
  const search = element("input", {
    type: "search",
    id: "search",
    oninput: () => update({ search: search.value.toLowerCase() }),
  });
  const all = element("input", {
    type: "checkbox",
    id: "open-all",
    onchange: () => update({ isAllOpen: all.checked }),
  });
  return element(
    "div",
    { class: "tools" },
    element("label", { for: "search" }, "Search ", search),
    element("label", { for: "open-all" }, all, " Show all commands"),
  );
}

function rowsHead(column, sort) {
  return element(
    "th",
    { scope: "col", class: column.key && column.name !== "Counts" ? "number" : null },
    element(
      "button",
      { type: "button", onclick: sort },
      column.name,
      element("span", { class: "arrow", "aria-hidden": "true" }),
    ),
  );
}

function markHead(head, column, view) {
  const isSorted = view.column === column;
  head.setAttribute("aria-sort", !isSorted ? "none" : view.isDown ? "descending" : "ascending");
}

function rowText(row, columns) {
  return `${columns.map((column) => column.show(row)).join(" ")} ${row.command} ${row.why}`.toLowerCase();
}

// Rows without the column's value come last, whichever way it is sorted.
function sortedRows(rows, { column, isDown }) {
  if (!column) return rows;
  const key = column.key || column.show;
  const known = rows.filter((row) => key(row) !== null);
  known.sort((a, b) => compareValues(key(a), key(b)) * (isDown ? -1 : 1));
  return [...known, ...rows.filter((row) => key(row) === null)];
}

function rowLines(row, columns, view, update) {
  const isOpen = view.isAllOpen || view.open.has(row);
  const name = uniqueName("detail");
  const toggle = element(
    "button",
    {
      type: "button",
      class: "toggle",
      "aria-expanded": String(isOpen),
      "aria-controls": isOpen ? name : null,
      "aria-label": `Details of ${row.workload} over ${row.path}`,
      onclick: (event) => toggleRow(row, view, update, event.currentTarget.closest("tr")),
    },
    isOpen ? "\u2212" : "+",
  );
  const below = (id, look, content) =>
    element(
      "tr",
      { id, class: `below ${look}` },
      element("td", { colspan: columns.length }, content),
    );
  return [
    element(
      "tr",
      { class: row.valid ? null : "invalid" },
      columns.map((column, index) => rowCell(row, column, index === 0 ? toggle : null)),
    ),
    row.valid ? null : below(null, "reason", `Not counted: ${row.why}`),
    isOpen ? below(name, "detail", rowDetail(row)) : null,
  ].filter(Boolean);
}

function rowCell(row, column, toggle) {
  const text = column.show(row);
  const names = [
    column.key && column.name !== "Counts" ? "number" : "",
    text === UNKNOWN ? "unknown" : "",
  ];
  return element(
    "td",
    { "data-head": column.name, class: names.join(" ").trim() || null },
    toggle,
    element("span", {}, text),
  );
}

// The button that was pressed is gone after the update; its successor has the focus.
function toggleRow(row, view, update, line) {
  const index = [...line.parentNode.querySelectorAll("tr:not(.below)")].indexOf(line);
  const open = new Set(view.open);
  if (!open.delete(row)) open.add(row);
  const table = line.parentNode;
  update({ open });
  table.querySelectorAll("tr:not(.below)")[index].querySelector(".toggle").focus();
}

function rowDetail(row) {
  const facts = [
    ["Command", row.command ? element("code", { class: "command" }, row.command) : "not recorded"],
    ["Runs", row.samples.length ? row.samples.map(formatNumber).join("  ") : null],
    ["Loss", row.loss === null ? null : `${formatNumber(row.loss * 100)} %`],
    [
      "Counters",
      row.counters.length
        ? row.counters.map(([name, count]) => `${name} ${formatWhole(count)}`).join(", ")
        : null,
    ],
    [
      "Processor time",
      row.cpu
        ? `${row.cpu.parts.map((part) => `${part.name} ${formatNumber(part.value)}`).join(", ")} ${formatUnit(row.cpu.unit)}`
        : null,
    ],
    [
      "Memory",
      row.memory
        ? row.memory.parts.map((part) => `${part.name} ${formatBytes(part.value)}`).join(", ")
        : null,
    ],
  ];
  return factList(facts, false);
}

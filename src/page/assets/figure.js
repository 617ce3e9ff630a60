// SPDX-License-Identifier: GPL-2.0-or-later
// A figure: caption, charts that are drawn again when their width changes, and the same figures as
// a table.

const drawnCharts = new Set();
let printWidth = null;

// draw(width) makes the image. It is drawn when it has a place in the page, and again when that
// place changes.
function chart(draw) {
  const place = element("div", { class: "chart" });
  let drawn = 0;
  function redraw() {
    const width = Math.floor(
      printWidth === null ? place.clientWidth : printWidth * shareOfPaper(place),
    );
    if (width < 40 || width === drawn) return;
    drawn = width;
    place.replaceChildren(draw(width));
  }
  new ResizeObserver(redraw).observe(place);
  drawnCharts.add(redraw);
  return place;
}

// On paper figures stand in two columns, as do the panels of one figure (figure.css).
function shareOfPaper(place) {
  const panels = place.closest(".panels");
  return (panels && panels.children.length > 1) || place.closest(".figures:not(.wide)") ? 0.48 : 1;
}

function redrawCharts() {
  drawnCharts.forEach((redraw) => redraw());
}

// Charts of sections that are gone need no drawing.
function forgetCharts() {
  drawnCharts.clear();
}

window.addEventListener("beforeprint", () => {
  printWidth = 680;
  redrawCharts();
});
window.addEventListener("afterprint", () => {
  printWidth = null;
  redrawCharts();
});

// A table of plain cells: heads and rows of texts, numbers to the right.
function plainTable(heads, rows, caption) {
  const isNumeric = heads.map((_, column) => rows.every((row) => /^[\d\u2013]/.test(row[column])));
  const name = (column, text) => (isNumeric[column] ? "number" : text.length > 60 ? "long" : null);
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    element(
      "table",
      { class: "plain" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          heads.map((head, column) =>
            element("th", { scope: "col", class: name(column, "") }, head),
          ),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map((row) =>
          element(
            "tr",
            {},
            row.map((cell, column) => element("td", { class: name(column, cell) }, cell)),
          ),
        ),
      ),
    ),
  );
}

// parts: title, conditions (text), notes ([text]), charts ([element]), table ({ heads, rows }),
// command (text); all but title may be left out.
function figure(parts) {
  return element(
    "figure",
    { class: "figure" },
    element(
      "figcaption",
      {},
      element("h3", {}, parts.title),
      (parts.notes || []).filter(Boolean).map((note) => element("p", { class: "note" }, note)),
      parts.conditions ? element("p", { class: "conditions" }, parts.conditions) : null,
    ),
    element("div", { class: "panels" }, parts.charts),
    parts.table || parts.command
      ? element(
          "div",
          { class: "under" },
          parts.table
            ? disclosure(
                "Figures as a table",
                plainTable(parts.table.heads, parts.table.rows, parts.title),
              )
            : null,
          parts.command
            ? disclosure("Command", element("code", { class: "command" }, parts.command))
            : null,
        )
      : null,
  );
}

// Figures in two columns where there is room for them, or in one.
function figureGrid(figures, isWide) {
  return element("div", { class: isWide ? "figures wide" : "figures" }, figures);
}

function disclosure(summary, ...children) {
  return element("details", {}, element("summary", {}, summary), children);
}

// paragraphs: [[lead, text]]. The texts stand beside the content, above it where that is wide.
function section(name, title, paragraphs, ...children) {
  return sectionOf("beside", name, title, paragraphs, children);
}

function wideSection(name, title, paragraphs, ...children) {
  return sectionOf("above", name, title, paragraphs, children);
}

function sectionOf(place, name, title, paragraphs, children) {
  return element(
    "section",
    { id: name, class: place, "aria-labelledby": `${name}-title` },
    element(
      "div",
      { class: "lesson" },
      element("h2", { id: `${name}-title` }, title),
      paragraphs.map(([lead, text]) => element("p", {}, element("b", {}, `${lead} `), text)),
    ),
    element("div", { class: "content" }, children),
  );
}

// SPDX-License-Identifier: GPL-2.0-or-later
// Horizontal bars, one for each row: a label, the bar with its segments, a line from the lowest to
// the highest run, a dot for each run, and figures in columns. On narrow places the bar goes under
// its texts.
//
// bars: { title, description, rows, headings, max, tick (formats a number of the axis), reference
// ({ value, label } or null) }
// row: { label, strong, segments: [{ value, class, text, pattern }], low, high, dots, cells: [text],
// why }; why says why there is no bar

const BAR_NARROW = 370;

function drawBars(bars, width) {
  const layout = barLayout(bars, width);
  const scale = linearScale(
    bars.max,
    layout.left,
    layout.right,
    Math.max(2, Math.floor((layout.right - layout.left) / scaled(64))),
  );
  const height = layout.top + bars.rows.length * layout.step + scaled(26);
  return svgImage(
    width,
    Math.ceil(height),
    bars.title,
    bars.description,
    barAxis(bars, layout, scale),
    barHeadings(bars, layout),
    bars.rows.map((row, index) =>
      row.why ? null : barShape(row, layout, scale, layout.top + index * layout.step),
    ),
    barReference(bars, layout, scale),
    bars.rows.map((row, index) => barTexts(row, layout, layout.top + index * layout.step)).flat(),
  );
}

function barLayout(bars, width) {
  const isNarrow = width < scaled(BAR_NARROW);
  const labels = Math.max(0, ...bars.rows.map((row) => textWidth(row.label, 13, 600)));
  const columns = bars.headings.map(
    (heading, index) =>
      Math.max(
        textWidth(heading, 12),
        ...bars.rows.map((row) => textWidth(row.cells[index] || "", 13, 600)),
      ) + scaled(14),
  );
  const cells = columns.reduce((sum, column) => sum + column, 0);
  return {
    isNarrow,
    width,
    columns,
    labels: Math.min(labels, width * 0.4),
    left: isNarrow ? scaled(4) : Math.min(labels, width * 0.4) + scaled(12),
    right: isNarrow ? width - scaled(10) : width - cells - scaled(8),
    top: scaled(26),
    step: scaled(isNarrow ? 42 : 28),
    textLine: scaled(isNarrow ? 13 : 14),
    barLine: scaled(isNarrow ? 27 : 14),
    thickness: scaled(isNarrow ? 12 : 15),
    bottom: scaled(26) + bars.rows.length * scaled(isNarrow ? 42 : 28),
  };
}

function barAxis(bars, layout, scale) {
  return scale.ticks
    .map((tick) => {
      const x = scale.place(tick);
      return [
        barUprights(bars, layout, x, tick === 0 ? "axis" : "grid"),
        svgText(x, layout.bottom + scaled(17), tick === 0 ? "0" : bars.tick(tick), {
          class: "tick",
          "text-anchor": "middle",
        }),
      ];
    })
    .flat(2);
}

// A line through all bars; on narrow places not through the texts between them.
function barUprights(bars, layout, x, name) {
  if (!layout.isNarrow) return [svgLine(x, layout.top, x, layout.bottom, name)];
  const half = layout.thickness / 2 + scaled(3);
  return bars.rows.map((_, index) => {
    const middle = layout.top + index * layout.step + layout.barLine;
    return svgLine(x, middle - half, x, middle + half, name);
  });
}

// Right edges of the columns of figures.
function columnEdges(layout) {
  let edge = layout.width - scaled(2);
  return [...layout.columns]
    .reverse()
    .map((column) => {
      const own = edge;
      edge -= column;
      return own;
    })
    .reverse();
}

function barHeadings(bars, layout) {
  return columnEdges(layout).map((edge, index) =>
    svgText(edge, scaled(13), bars.headings[index], { class: "tick", "text-anchor": "end" }),
  );
}

function barReference(bars, layout, scale) {
  if (!bars.reference || bars.reference.value > bars.max || bars.rows.every((row) => row.why))
    return null;
  const x = scale.place(bars.reference.value);
  return [
    barUprights(bars, layout, x, "reference"),
    layout.isNarrow
      ? null
      : svgText(x, scaled(13), bars.reference.label, { class: "tick", "text-anchor": "middle" }),
  ].flat();
}

function barTexts(row, layout, top) {
  const line = top + layout.textLine + scaled(4.5);
  return [
    svgText(
      layout.isNarrow ? scaled(4) : layout.labels,
      line,
      fitText(row.label, layout.labels + 1, 13, 600),
      {
        class: `label${row.strong ? " strong" : ""}${row.why ? " struck" : ""}`,
        "text-anchor": layout.isNarrow ? "start" : "end",
      },
    ),
    row.why
      ? barReason(row, layout, top)
      : columnEdges(layout).map((edge, index) =>
          svgText(edge, line, row.cells[index], {
            class: index === 0 ? "strong" : null,
            "text-anchor": "end",
          }),
        ),
  ].flat();
}

function barReason(row, layout, top) {
  const begin = layout.left + scaled(6);
  const text = `not counted: ${row.why}`;
  return svgText(
    begin,
    top + layout.barLine + scaled(4.5),
    fitText(text, layout.width - begin, 12),
    { class: "reason" },
    svgElement("title", {}, text),
  );
}

function barShape(row, layout, scale, top) {
  const middle = top + layout.barLine;
  let begin = 0;
  const segments = row.segments
    .map((segment) => {
      const from = scale.place(begin);
      begin += segment.value;
      const to = scale.place(begin);
      const box = {
        x: from,
        y: middle - layout.thickness / 2,
        width: Math.max(0, to - from),
        height: layout.thickness,
      };
      return [
        svgElement(
          "rect",
          { ...box, class: `bar ${segment.class}` },
          segment.text ? svgElement("title", {}, segment.text) : null,
        ),
        segment.pattern
          ? svgElement("rect", {
              ...box,
              fill: `url(#${segment.pattern})`,
              "pointer-events": "none",
            })
          : null,
      ];
    })
    .flat();
  return svgElement(
    "g",
    { class: `row ${row.class || ""}` },
    segments,
    barSpread(row, layout, scale, middle),
    barDots(row, scale, middle),
  );
}

function barSpread(row, layout, scale, middle) {
  if (asNumber(row.low) === null || asNumber(row.high) === null || row.low === row.high)
    return null;
  const [from, to, cap] = [scale.place(row.low), scale.place(row.high), layout.thickness * 0.3];
  const d = `M${from} ${middle - cap}v${2 * cap}M${to} ${middle - cap}v${2 * cap}M${from} ${middle}H${to}`;
  return [
    svgElement("path", { d, class: "spread-rim" }),
    svgElement("path", { d, class: "spread" }),
  ];
}

// One dot for each of several runs, up and down in turn so that equal ones are seen as several.
function barDots(row, scale, middle) {
  const dots = row.dots && row.dots.length > 1 ? row.dots : [];
  return dots.map((dot, index) =>
    svgElement("circle", {
      cx: scale.place(dot),
      cy: middle + scaled(((index % 3) - 1) * 3.4),
      r: scaled(2),
      class: "dot",
    }),
  );
}

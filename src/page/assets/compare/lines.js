// SPDX-License-Identifier: GPL-2.0-or-later
// Lines over an axis, one for each path, each with a colour, a marker and its name at its end (or in
// a legend where there is no room for names).
//
// lines: { title, description, series, x: { make(begin, end), format, label }, y: { make(begin, end,
// count), format, label } }
// and, where one value of the upper axis has a meaning, reference: { value, label }
// series: { name, class, marker, points: [{ x, y, low, high, text, plain }] }; plain points have no
// marker

const LINES_NARROW = 400; // 25rem, as in charts.css

function drawLines(lines, width) {
  const hasNames = width >= scaled(LINES_NARROW);
  const names = hasNames
    ? Math.min(
        width * 0.3,
        Math.max(...lines.series.map((series) => textWidth(series.name, 12, 600))),
      ) + scaled(20)
    : scaled(14);
  const height = Math.round(Math.min(Math.max(width * 0.6, scaled(250)), scaled(380)));
  const [top, bottom] = [scaled(28), height - scaled(46)];
  const vertical = lines.y.make(bottom, top, Math.floor((bottom - top) / scaled(26)));
  const ticks = Math.max(...vertical.ticks.map((tick) => textWidth(lines.y.format(tick), 12)));
  const box = { left: Math.ceil(ticks + scaled(10)), right: width - names, top, bottom, width };
  const horizontal = lines.x.make(box.left, box.right);
  return svgImage(
    width,
    height,
    lines.title,
    lines.description,
    lineAxes(lines, box, horizontal, vertical),
    lines.reference ? lineReference(lines.reference, box, vertical) : null,
    lines.series.map((series, index) =>
      lineSeries(series, horizontal, vertical, spreadShift(lines, index)),
    ),
    hasNames ? lineNames(lines, box, horizontal, vertical) : null,
  );
}

// Spreads of several paths at one place stand side by side.
function spreadShift(lines, index) {
  return lines.series.some((series) => series.points.some((point) => point.low !== undefined))
    ? (index - (lines.series.length - 1) / 2) * scaled(5)
    : 0;
}

function lineAxes(lines, box, horizontal, vertical) {
  const texts = placedTexts(
    horizontal.ticks.map((tick) => ({
      text: fitText(lines.x.format(tick), scaled(96), 12),
      at: horizontal.place(tick),
    })),
    box,
  );
  return [
    vertical.ticks.map((tick) => [
      svgLine(
        box.left,
        vertical.place(tick),
        box.right,
        vertical.place(tick),
        tick === 0 ? "axis" : "grid",
      ),
      svgText(box.left - scaled(7), vertical.place(tick) + scaled(4), lines.y.format(tick), {
        class: "tick",
        "text-anchor": "end",
      }),
    ]),
    horizontal.ticks.map((tick) =>
      svgLine(horizontal.place(tick), box.top, horizontal.place(tick), box.bottom, "grid"),
    ),
    texts.map(({ text, at }) =>
      svgText(at, box.bottom + scaled(17), text, { class: "tick", "text-anchor": "middle" }),
    ),
    svgLine(box.left, box.bottom, box.right, box.bottom, "axis"),
    svgText(scaled(2), scaled(14), lines.y.label, { class: "axis-label" }),
    svgText((box.left + box.right) / 2, box.bottom + scaled(38), lines.x.label, {
      class: "axis-label",
      "text-anchor": "middle",
    }),
  ].flat(2);
}

function lineReference({ value, label }, box, vertical) {
  const y = vertical.place(value);
  return [
    svgLine(box.left, y, box.right, y, "reference"),
    svgText(
      box.left + scaled(4),
      y < box.top + scaled(16) ? y + scaled(14) : y - scaled(4),
      label,
      { class: "tick" },
    ),
  ];
}

// From the right, those that don't touch the one before, so that the last is there first of all.
function placedTexts(texts, box) {
  let edge = Infinity;
  return [...texts].reverse().filter(({ text, at }) => {
    const half = textWidth(text, 12) / 2;
    if (at + half > edge - scaled(6) || at + half > box.width) return false;
    edge = at - half;
    return true;
  });
}

function lineSeries(series, horizontal, vertical, shift) {
  const points = series.points.map((point) => ({
    ...point,
    at: [horizontal.place(point.x) + shift, vertical.place(point.y)],
  }));
  return svgElement(
    "g",
    { class: `lines ${series.class}` },
    points
      .filter((point) => point.low !== undefined && point.low !== null)
      .map((point) =>
        svgLine(
          point.at[0],
          vertical.place(point.low),
          point.at[0],
          vertical.place(point.high),
          "line-spread",
        ),
      ),
    svgPath(
      points.map((point) => point.at),
      { class: "line" },
    ),
    points
      .filter((point) => !point.plain)
      .map((point) => {
        const marker = svgMarker(series.marker, point.at[0], point.at[1], scaled(3.6), "marker");
        marker.append(svgElement("title", {}, point.text));
        return marker;
      }),
  );
}

// Names at the ends of their lines, moved apart where they would touch, with a hair line to the end
// that each belongs to.
function lineNames(lines, box, horizontal, vertical) {
  const gap = scaled(15);
  const names = lines.series
    .map((series, index) => {
      const last = series.points[series.points.length - 1];
      return {
        series,
        end: horizontal.place(last.x) + spreadShift(lines, index),
        from: vertical.place(last.y),
        y: vertical.place(last.y),
      };
    })
    .sort((a, b) => a.y - b.y);
  names.forEach((name, index) => {
    name.y = Math.max(name.y, index ? names[index - 1].y + gap : box.top);
  });
  const over = Math.max(0, names.length ? names[names.length - 1].y - box.bottom : 0);
  for (let index = names.length - 1, limit = box.bottom; over && index >= 0; index -= 1) {
    names[index].y = Math.min(names[index].y, limit);
    limit = names[index].y - gap;
  }
  return names.map(({ series, end, from, y }) =>
    svgElement(
      "g",
      { class: series.class },
      svgPath(
        [
          [end + scaled(6), from],
          [box.right + scaled(8), y],
        ],
        { class: "leader" },
      ),
      svgText(
        box.right + scaled(12),
        y + scaled(4),
        fitText(series.name, box.width - box.right - scaled(14), 12, 600),
        { class: "line-name" },
      ),
    ),
  );
}

// The legend of narrow places and of paper.
function lineLegend(series) {
  return element(
    "ul",
    { class: "legend lines-legend" },
    series.map(({ name, class: look, marker }) =>
      element(
        "li",
        { class: look },
        svgElement(
          "svg",
          { width: "28", height: "14", viewBox: "0 0 28 14", "aria-hidden": "true" },
          svgPath(
            [
              [1, 7],
              [27, 7],
            ],
            { class: "line" },
          ),
          svgMarker(marker, 14, 7, 3.8, "marker"),
        ),
        name,
      ),
    ),
  );
}

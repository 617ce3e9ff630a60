// SPDX-License-Identifier: GPL-2.0-or-later
// What charts are drawn with: sizes in the reader's text size, texts that fit, axes, markers.

// Pixels for a length that was thought of at 16 pixels to the rem.
function scaled(pixels) {
  return (pixels * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 16;
}

const measuring = document.createElement("canvas").getContext("2d");

// The width of a text in pixels; size as for scaled().
function textWidth(text, size = 13, weight = 400) {
  measuring.font = `${weight} ${scaled(size)}px ${getComputedStyle(document.body).fontFamily}`;
  return measuring.measureText(text).width;
}

// The text, cut with an ellipsis where it is wider than width pixels.
function fitText(text, width, size = 13, weight = 400) {
  if (textWidth(text, size, weight) <= width) return text;
  let length = text.length;
  while (length > 1 && textWidth(`${text.slice(0, length)}\u2026`, size, weight) > width)
    length -= 1;
  return `${text.slice(0, length).trimEnd()}\u2026`;
}

// An image with a title and a description for readers who don't see it.
function svgImage(width, height, title, description, ...children) {
  const names = [uniqueName("title"), uniqueName("desc")];
  return svgElement(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": names.join(" "),
    },
    svgElement("title", { id: names[0] }, title),
    svgElement("desc", { id: names[1] }, description),
    children,
  );
}

function svgText(x, y, text, attributes = {}) {
  return svgElement("text", { x, y, ...attributes }, text);
}

function svgLine(x1, y1, x2, y2, name) {
  return svgElement("line", { x1, y1, x2, y2, class: name });
}

function svgPath(points, attributes) {
  const d = points
    .map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");
  return svgElement("path", { d, ...attributes });
}

// Patterns that stand over a colour, so that parts can be told apart without it; for fill="url(#...)".
function svgPatterns() {
  const pattern = (id, ...children) =>
    svgElement("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, children);
  return svgElement(
    "svg",
    { width: 0, height: 0, class: "patterns", "aria-hidden": "true" },
    svgElement(
      "defs",
      {},
      pattern(
        "pattern-lines",
        svgElement("path", { d: "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", class: "pattern-line" }),
      ),
      pattern(
        "pattern-points",
        svgElement("circle", { cx: 1.5, cy: 1.5, r: 0.9, class: "pattern-point" }),
        svgElement("circle", { cx: 4.5, cy: 4.5, r: 0.9, class: "pattern-point" }),
      ),
    ),
  );
}

// Corners of marker shapes within a square from -1 to 1.
const MARKER_SHAPES = {
  square: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  diamond: [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  triangle: [
    [0, -1.15],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  "triangle-down": [
    [0, 1.15],
    [1.1, -0.85],
    [-1.1, -0.85],
  ],
  pentagon: [
    [0, -1.15],
    [1.1, -0.35],
    [0.68, 0.95],
    [-0.68, 0.95],
    [-1.1, -0.35],
  ],
  bar: [
    [-1.2, -0.4],
    [1.2, -0.4],
    [1.2, 0.4],
    [-1.2, 0.4],
  ],
};

function svgMarker(shape, x, y, radius, name) {
  const corners = MARKER_SHAPES[shape];
  if (!corners) return svgElement("circle", { cx: x, cy: y, r: radius, class: name });
  const points = corners.map(
    ([dx, dy]) => `${(x + dx * radius).toFixed(1)},${(y + dy * radius).toFixed(1)}`,
  );
  return svgElement("polygon", { points: points.join(" "), class: name });
}

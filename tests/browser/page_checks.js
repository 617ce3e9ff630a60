// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to a page, each answered with a list of what is wrong. The test puts
// `return NAME();` after this file.

function describe(node) {
  const name = typeof node.className === "string" ? node.className : node.getAttribute("class");
  return `${node.tagName}.${name} ${(node.textContent || "").slice(0, 40)}`;
}

// Elements that are wider than the window, but for those in a place that scrolls by itself.
function overflowing() {
  const wrong = [...document.querySelectorAll("#page *")]
    .filter(
      (node) => !node.closest(".scroll") && node.getBoundingClientRect().right > innerWidth + 1,
    )
    .map(describe);
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page itself");
  return wrong;
}

function outside(box, frame) {
  return (
    box.left < frame.left - 1 ||
    box.right > frame.right + 1 ||
    box.top < frame.top - 1 ||
    box.bottom > frame.bottom + 1
  );
}

function touch(a, b) {
  return (
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  );
}

// Texts of charts that lie over each other or reach out of their chart.
function clashingTexts() {
  return [...document.querySelectorAll(".chart svg")].flatMap((chart) => {
    const texts = [...chart.querySelectorAll("text")].map((node) => ({
      node,
      box: node.getBoundingClientRect(),
    }));
    const frame = chart.getBoundingClientRect();
    return texts.flatMap(({ node, box }, index) => [
      ...(outside(box, frame) ? [`cut off: ${describe(node)}`] : []),
      ...texts
        .slice(index + 1)
        .filter((other) => touch(box, other.box))
        .map((other) => `${describe(node)} over ${describe(other.node)}`),
    ]);
  });
}

// Images without a name, inputs without a label, empty headings, names that are used twice.
function unlabelled() {
  const wrong = [...document.querySelectorAll("#page svg[role=img]")]
    .filter((image) => !image.querySelector("title").textContent || !image.querySelector("desc"))
    .map(describe);
  wrong.push(
    ...[...document.querySelectorAll("#page input, #page select")]
      .filter((input) => input.labels.length === 0)
      .map(describe),
  );
  wrong.push(
    ...[...document.querySelectorAll("#page button, #page h1, #page h2, #page h3")]
      .filter((node) => !node.hidden && !node.textContent.trim())
      .map(describe),
  );
  const names = [...document.querySelectorAll("[id]")].map((node) => node.id);
  return [...wrong, ...names.filter((name, index) => names.indexOf(name) !== index)];
}

function channel(value) {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function luminance([red, green, blue]) {
  return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}

// The colour as sRGB bytes, however the style wrote it.
function bytesOf(color) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function contrast(a, b) {
  const [light, dark] = [luminance(bytesOf(a)), luminance(bytesOf(b))].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function background(node) {
  for (; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor;
    if (color !== "rgba(0, 0, 0, 0)" && color !== "transparent") return color;
  }
  return "#fff";
}

// Texts with less contrast than WCAG's 4.5, bars and lines with less than its 3.
function faint() {
  const found = new Set();
  const judge = (node, color, least) => {
    const ratio = contrast(color, background(node));
    if (ratio < least)
      found.add(`${ratio.toFixed(2)} ${node.tagName} ${node.getAttribute("class")} ${color}`);
  };
  document
    .querySelectorAll(
      "#page :is(p, h1, h2, h3, h4, a, th, td, dt, dd, label, summary, button, code, small)",
    )
    .forEach((node) => judge(node, getComputedStyle(node).color, 4.5));
  document
    .querySelectorAll("#page svg text")
    .forEach((node) => judge(node, getComputedStyle(node).fill, 4.5));
  document
    .querySelectorAll("#page .line")
    .forEach((node) => judge(node, getComputedStyle(node).stroke, 3));
  document
    .querySelectorAll("#page .series-host, #page .bar")
    .forEach(
      (node) =>
        node.matches(".bar") &&
        !node.matches(".party-server") &&
        judge(node, getComputedStyle(node).fill, 3),
    );
  return [...found];
}

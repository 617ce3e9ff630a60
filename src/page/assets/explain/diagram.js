// SPDX-License-Identifier: GPL-2.0-or-later
// The step as a picture: those who can take part, in a row, and what goes between them. Below a
// certain width the same as a list.

const PICTURE_MIN_WIDTH = 560;

// Places in pixels for a picture of that width.
function layOut(width, names) {
  const gap = scaled(18);
  const box = (width - 2 - gap * (names.length - 1)) / names.length;
  const level = scaled(22);
  const top = 2 * level + scaled(8);
  const height = scaled(50);
  return {
    names, box, gap, level, top, bottom: top + height, height: 2 * top + height,
    left: (name) => 1 + names.indexOf(name) * (box + gap),
    middle: (name) => 1 + names.indexOf(name) * (box + gap) + box / 2,
  };
}

function stateOf(name, awake, copies) {
  if (awake || copies) return [awake ? "wakes up" : null, copies ? "copies" : null].filter(Boolean).join(", ");
  return ACTORS[name].process ? "process" : "";
}

function drawActor(place, name, state, awake, involved) {
  const classes = ["actor", involved ? "involved" : "", awake ? "awake" : ""].join(" ").trim();
  const x = place.middle(name);
  return svgElement("g", { class: classes },
    svgElement("rect", { x: place.left(name), y: place.top, width: place.box, height: place.bottom - place.top, rx: 6 }),
    svgText(x, place.top + scaled(state ? 21 : 30), fitText(ACTORS[name].name, place.box - 6, 14, 600), { "text-anchor": "middle" }),
    svgText(x, place.top + scaled(40), state, { class: "state", "text-anchor": "middle" }));
}

// An arrow above the boxes for what goes outwards, below them for what comes back; one that passes
// a box is drawn further away.
function drawHop(place, [from, to, what], number) {
  const distance = place.names.indexOf(to) - place.names.indexOf(from);
  const outward = distance > 0;
  const away = (Math.abs(distance) > 1 ? 2 : 1) * place.level - scaled(10);
  const edge = outward ? place.top : place.bottom;
  const y = outward ? edge - away : edge + away;
  const inset = (place.box / (Math.abs(distance) > 1 ? 10 : 4)) * (outward ? 1 : -1);
  const x1 = place.middle(from) + inset;
  const x2 = place.middle(to) - inset;
  const tip = outward ? -7 : 7;
  return svgElement("g", { class: "hop" },
    svgElement("path", { d: `M${x1} ${edge}V${y}H${x2}V${edge}` }),
    svgElement("path", { d: `M${x2 - 4} ${edge + tip}L${x2} ${edge}L${x2 + 4} ${edge + tip}` }),
    svgText((x1 + x2) / 2, outward ? y - scaled(4) : y + scaled(14),
      fitText(what ? `${number} ${what}` : String(number), Math.abs(x2 - x1) + place.gap, 13), { "text-anchor": "middle" }));
}

function describeHops(hops) {
  if (hops.length === 0) return "Nothing goes from one to another.";
  return hops.map(([from, to, what], index) =>
    `${index + 1}: from the ${ACTORS[from].name} to the ${ACTORS[to].name}${what ? `, ${what}` : ""}`).join("; ");
}

function drawStep(path, event, width) {
  const hops = storyOf(path, event);
  const place = layOut(width, actorsOf(path));
  const woken = wokenBy(hops);
  const involved = new Set(hops.flatMap(([from, to]) => [from, to]));
  if (event.kind === "program") involved.add("program");
  if (width < PICTURE_MIN_WIDTH) return listHops(hops);
  return svgImage(width, place.height, `Who takes part in ${event.label}`, describeHops(hops),
    place.names.map((name) => drawActor(place, name, stateOf(name, woken.includes(name), name === "engine" && event.copied > 0),
      woken.includes(name), involved.has(name))),
    hops.map((hop, index) => drawHop(place, hop, index + 1)));
}

function listHops(hops) {
  return element("ol", { class: "hops" }, hops.map(([from, to, what]) =>
    element("li", {}, `${ACTORS[from].name} \u2192 ${ACTORS[to].name}${what ? `: ${what}` : ""}`)));
}

// SPDX-License-Identifier: GPL-2.0-or-later
// All paths on one scale of time: where each had something to do, and where we are.

function latestTime(paths) {
  return Math.max(...paths.flatMap((path) => path.events.map((event) => event.end)), 1e-6);
}

// Where the scale ends: shortly after the programs' ends, if what comes much later (a socket that
// the kernel closes) would squeeze all before it.
function scaleEnd(paths, latest) {
  const ends = paths.flatMap((path) => path.events.filter((event) => event.topic === "end").map((event) => event.end));
  const end = Math.max(...ends, 0) * 1.05;
  return end > 0 && latest > 1.25 * end ? end : latest;
}

// Sizes in pixels for a picture of that width. Behind the scale's end is a strip for all that is
// later, where there is such.
function overviewPlaces(paths, width) {
  const left = scaled(70);
  const latest = latestTime(paths);
  const end = scaleEnd(paths, latest);
  const right = width - scaled(10);
  const scaleRight = end < latest ? right - scaled(70) : right;
  const scale = linearScale(end, left, scaleRight, width / scaled(110));
  const stripLeft = scaleRight + scaled(14);
  return {
    left, right, row: scaled(38), scale, width, latest,
    breakAt: end < latest ? (scaleRight + stripLeft) / 2 : null,
    height: scaled(38) * paths.length + scaled(22),
    middle: (index) => scaled(38) * index + scaled(19),
    x: (time) => (time <= end ? scale.place(Math.max(0, time))
      : stripLeft + ((time - end) / (latest - end)) * (right - stripLeft)),
    time: (x) => (x <= scaleRight ? ((x - left) / (scaleRight - left)) * end
      : end + (Math.max(0, x - stripLeft) / (right - stripLeft)) * (latest - end)),
  };
}

function drawBreak(places, bottom) {
  if (places.breakAt === null) return null;
  return svgElement("g", { class: "break" },
    svgElement("title", {}, "From here on the scale is another: what came long after the program's end."),
    svgLine(places.breakAt - 2, 2, places.breakAt - 2, bottom, "edge"), svgLine(places.breakAt + 2, 2, places.breakAt + 2, bottom, "edge"),
    svgText(places.right, places.height - scaled(6), formatTick(Number((places.latest * 1000).toPrecision(3))),
      { class: "tick", "text-anchor": "end" }));
}

function drawAxis(places) {
  const bottom = places.height - scaled(22);
  return svgElement("g", {},
    places.scale.ticks.map((time) => [
      svgLine(places.x(time), 2, places.x(time), bottom, "grid"),
      svgText(places.x(time), places.height - scaled(6), formatTick(time * 1000), { class: "tick", "text-anchor": "middle" }),
    ]),
    drawBreak(places, bottom),
    svgText(0, places.height - scaled(6), "ms", { class: "tick" }));
}

// Frames outwards lie above the line, those inwards below it; all others across it.
function drawMark(places, event, middle) {
  const x = places.x(event.time);
  const half = places.row * 0.34;
  const below = event.kind === "frame" && event.direction === "in";
  const above = event.kind === "frame" && event.direction === "out";
  return svgElement("rect", {
    class: `mark ${event.kind}`, x, width: Math.max(2, places.x(event.end) - x),
    y: below ? middle + 1 : middle - half, height: above || below ? half - 1 : 2 * half,
  });
}

function drawRow(places, path, index, position) {
  const middle = places.middle(index);
  const active = index === position.path;
  return svgElement("g", { class: active ? "row active" : "row" },
    svgText(0, middle + scaled(5), path.name),
    svgLine(places.left, middle, places.right, middle, "axis"),
    path.events.map((event) => drawMark(places, event, middle)),
    svgElement("rect", { class: "cursor", x: places.x(position.time) - 2, y: middle - places.row * 0.46, width: 4, height: places.row * 0.92, rx: 2 }));
}

// choose(path's index, event's index) is called for a click.
function makeOverview(paths, choose) {
  const position = { path: 0, time: 0 };
  let places = null;
  let image = null;
  const node = chart((width) => {
    places = overviewPlaces(paths, width);
    image = svgElement("svg", { class: "overview", viewBox: `0 0 ${width} ${places.height}`, width, height: places.height,
      "aria-hidden": "true", onclick: clicked },
      drawAxis(places), paths.map((path, index) => drawRow(places, path, index, position)));
    return image;
  });
  function clicked(click) {
    const box = image.getBoundingClientRect();
    const index = Math.min(paths.length - 1, Math.max(0, Math.floor((click.clientY - box.top) / places.row)));
    choose(index, nearestEvent(paths[index], places.time(click.clientX - box.left)));
  }
  return {
    node,
    show(path, event) {
      Object.assign(position, { path, time: event.time });
      image?.querySelectorAll(".row").forEach((row, index) => {
        row.classList.toggle("active", index === path);
        row.querySelector(".cursor").setAttribute("x", places.x(event.time) - 2);
      });
    },
  };
}

function nearestEvent(path, time) {
  let best = 0;
  path.events.forEach((event, index) => {
    if (Math.abs(event.time - time) < Math.abs(path.events[best].time - time)) best = index;
  });
  return best;
}

// The last event that has begun at a time; -1 for none.
function lastEventAt(path, time) {
  return path.events.findLastIndex((event) => event.time <= time);
}

// SPDX-License-Identifier: GPL-2.0-or-later
// All paths on one scale of time: where each had something to do, and where we are.

function latestTime(paths) {
  return Math.max(...paths.flatMap((path) => path.events.map((event) => event.end)), 1e-6);
}

// Sizes in pixels for a picture of that width.
function overviewPlaces(paths, width) {
  const left = scaled(70);
  const right = width - scaled(10);
  const row = scaled(38);
  const latest = latestTime(paths);
  const scale = linearScale(latest, left, right, width / scaled(110));
  return {
    left, right, row, scale, width,
    height: row * paths.length + scaled(22),
    middle: (index) => row * index + row / 2,
    x: (time) => scale.place(Math.max(0, time)),
    time: (x) => ((x - left) / (right - left)) * latest,
  };
}

function drawAxis(places) {
  const bottom = places.height - scaled(22);
  return svgElement("g", {},
    places.scale.ticks.map((time) => [
      svgLine(places.x(time), 2, places.x(time), bottom, "grid"),
      svgText(places.x(time), places.height - scaled(6), formatTick(time * 1000), { class: "tick", "text-anchor": "middle" }),
    ]),
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

// SPDX-License-Identifier: GPL-2.0-or-later
// A path's timeline: one line for each event.

const ARROWS = { out: "\u2192", in: "\u2190", both: "\u2194" };

function arrowOf(event) {
  if (event.kind === "call") return "!";
  return ARROWS[event.direction] ?? "";
}

const WAYS = { out: "from the container", in: "to the container", both: "both ways" };

function makeStep(event, name, choose) {
  return element("li", { id: name, class: `step ${event.kind}`, role: "option", "aria-selected": "false", onclick: choose },
    element("span", { class: "time" }, formatMilliseconds(event.time)),
    element("span", { class: "arrow", title: WAYS[event.direction] ?? null, "aria-hidden": "true" }, arrowOf(event)),
    element("span", { class: "label" }, event.label),
    element("span", { class: "what" }, event.text));
}

function laneNotes(path) {
  const notes = [...path.remarks];
  if (path.leftOut > 0)
    notes.unshift(`${path.leftOut} further events are in the totals, but not listed (--events sets how many are).`);
  return notes.length > 0 ? element("ul", { class: "remarks note" }, notes.map((note) => element("li", {}, note))) : null;
}

// choose(event's index) is called for a click.
function makeLane(path, choose) {
  const heading = uniqueName("lane");
  const steps = path.events.map((event, index) => makeStep(event, uniqueName("step"), () => choose(index)));
  const list = element("ol", { class: "steps", role: "listbox", tabindex: "0", "aria-labelledby": heading }, steps);
  const node = element("section", { class: "lane" },
    element("h2", { id: heading }, element("span", { class: "name" }, path.name), element("small", {}, ` ${path.about}`)),
    element("p", { class: "note" }, path.summary), list, laneNotes(path));
  let current = null;
  return {
    node,
    // index is the event that is looked at, or that the other path's time has come to (-1: none).
    show(index, active, follow) {
      node.classList.toggle("active", active);
      current?.setAttribute("aria-selected", "false");
      steps.forEach((step, position) => step.classList.toggle("past", position <= index));
      current = steps[index] ?? null;
      current?.setAttribute("aria-selected", "true");
      if (current) list.setAttribute("aria-activedescendant", current.id);
      else list.removeAttribute("aria-activedescendant");
      if (current) scrollToStep(list, current, active && follow);
    },
    focus() {
      list.focus({ preventScroll: true });
    },
  };
}

// Scrolls the list so that the step is in its middle; where lists don't scroll, on narrow screens,
// the page, if the reader has asked for the step.
function scrollToStep(list, step, follow) {
  if (list.scrollHeight > list.clientHeight + 1)
    list.scrollTop = step.offsetTop - list.clientHeight / 2 + step.clientHeight / 2;
  else if (follow)
    step.scrollIntoView({ block: "nearest" });
}

function makeMissingLane(path) {
  return element("section", { class: "lane missing" },
    element("h2", {}, path.name, element("small", {}, ` ${path.about}`)),
    element("p", { class: "warning" }, `Not shown: ${path.why}`));
}

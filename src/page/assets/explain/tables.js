// SPDX-License-Identifier: GPL-2.0-or-later
// The totals side by side, and the words of the timelines.

function makeTotals(paths) {
  const titles = paths[0].table.map((row) => row.title);
  return element("section", { class: "totals" }, element("h2", {}, "Totals"),
    element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, element("th", {}, ""),
        paths.map((path) => element("th", { class: "number", scope: "col" }, path.name)))),
      element("tbody", {}, titles.map((title, index) =>
        element("tr", { class: title.startsWith("  ") ? "part" : "whole" },
          element("th", { scope: "row" }, title.trim()),
          paths.map((path) => element("td", { class: "number" }, path.table[index]?.value ?? ""))))))),
    element("p", { class: "note" },
      "What is copied is computed from the frames and from what the engine does with each kind of them; all else is " +
      "counted by the kernel and by slirpway from the program's start to its end. The recording itself takes time: " +
      "slirpway compare is for measurements."));
}

// The topics that occur, in the order of their first events, with what there is to know of them.
function makeGlossary(explanation, paths) {
  const seen = new Map();
  for (const event of paths.flatMap((path) => path.events))
    if (!seen.has(event.topic)) seen.set(event.topic, event.label);
  return element("section", { class: "glossary" }, element("h2", {}, "What the lines mean"),
    element("dl", {}, [...seen].map(([topic, label]) => element("div", {},
      element("dt", {}, topic.startsWith("call_") ? topic.replace("call_", "call: ") : label),
      element("dd", {}, explanation.about(topic))))));
}

function makeOutput(paths) {
  const printed = paths.filter((path) => path.output.trim());
  if (printed.length === 0) return null;
  return element("section", { class: "output" }, element("h2", {}, "What the program printed"),
    printed.map((path) => element("details", {}, element("summary", {}, path.name),
      element("pre", { class: "command" }, path.output))));
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The step that is looked at, large: what happens, who wakes up, who copies.

function makeNow(explanation, paths, buttons) {
  const position = { path: 0, event: 0 };
  const place = element("p", { class: "place" });
  const title = element("h2", { class: "now-title" });
  const about = element("p", { class: "about" });
  const costs = element("p", { class: "costs" });
  const current = () => paths[position.path].events[position.event];
  const picture = chart((width) => drawStep(paths[position.path], current(), width));
  const node = element("section", { class: "now", "aria-live": "polite" },
    element("div", { class: "now-head" }, place, buttons), title,
    element("div", { class: "words" }, about, costs), picture);
  return {
    node,
    show(path, index) {
      Object.assign(position, { path, event: index });
      const event = current();
      node.dataset.kind = event.kind;
      place.textContent = `${paths[path].name}: step ${index + 1} of ${paths[path].events.length}, at ${formatMilliseconds(event.time)} ms`;
      title.replaceChildren(element("span", { class: "label" }, event.label), ` ${event.text}`);
      about.textContent = explanation.about(event.topic);
      costs.textContent = [wakesOf(event, storyOf(paths[path], event)), copiesOf(event)].join(" ").trim();
      if (picture.clientWidth > 0) picture.replaceChildren(drawStep(paths[path], event, picture.clientWidth));
    },
  };
}

// SPDX-License-Identifier: GPL-2.0-or-later
// Which keys do what; the one table of them.

const KEYS = [
  { keys: ["ArrowDown", "ArrowRight", "j", " "], names: "\u2193 \u2192 j Space", does: "next step", act: (player) => player.move(1) },
  { keys: ["ArrowUp", "ArrowLeft", "k"], names: "\u2191 \u2190 k", does: "step before", act: (player) => player.move(-1) },
  { keys: ["Home"], names: "Home", does: "first step", act: (player) => player.go(0) },
  { keys: ["End"], names: "End", does: "last step", act: (player) => player.go(Infinity) },
  { keys: ["n"], names: "n", does: "next path", act: (player) => player.change(1) },
  { keys: ["p"], names: "p", does: "path before", act: (player) => player.change(-1) },
  { keys: ["?"], names: "?", does: "this help", act: (player) => player.help() },
];

function makeHelp() {
  const close = element("button", { type: "button" }, "Close");
  const dialog = element("dialog", { class: "help", "aria-label": "Keys" },
    element("h2", {}, "Keys"),
    element("table", {}, element("tbody", {}, KEYS.map((row) =>
      element("tr", {}, element("td", {}, element("kbd", {}, row.names)), element("td", {}, row.does))))),
    element("p", { class: "note" },
      "The other path is shown at the same time after its start, so that the two can be compared."),
    close);
  close.addEventListener("click", () => dialog.close());
  return dialog;
}

// True for keys that belong to what has the focus.
function isTaken(event) {
  const target = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey) return true;
  if (target.closest("dialog, summary, a, select, input, textarea")) return true;
  return target.closest("button") !== null && (event.key === " " || event.key === "Enter");
}

function listenToKeys(player) {
  document.addEventListener("keydown", (event) => {
    const row = KEYS.find((candidate) => candidate.keys.includes(event.key));
    if (!row || isTaken(event)) return;
    event.preventDefault();
    row.act(player);
  });
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The page of slirpway explain: the paths' timelines side by side, gone through step by step.

// Where we are: one path is gone through, the others follow at the same time.
function makePlayer(paths, views) {
  const position = { path: 0, event: 0 };
  let follow = false; // not before the reader has done something

  function show() {
    const event = paths[position.path].events[position.event];
    views.overview.show(position.path, event);
    views.now.show(position.path, position.event);
    views.lanes.forEach((lane, index) => {
      const active = index === position.path;
      lane.show(active ? position.event : lastEventAt(paths[index], event.time), active, follow);
    });
    if (follow) history.replaceState(null, "", `#${paths[position.path].name}-${position.event + 1}`);
    follow = true;
  }

  function go(index) {
    position.event = Math.min(Math.max(0, index), paths[position.path].events.length - 1);
    show();
  }

  return {
    go,
    move: (by) => go(position.event + by),
    change(by) {
      const { time } = paths[position.path].events[position.event];
      position.path = (position.path + by + paths.length) % paths.length;
      go(Math.max(0, lastEventAt(paths[position.path], time)));
      views.lanes[position.path].focus();
    },
    choose(path, event) {
      position.path = path;
      go(event);
    },
    help: () => views.help.showModal(),
  };
}

// "#packet-7" is the seventh step of that path.
function placeFromAddress(paths) {
  const match = /^#([a-z]+)-(\d+)$/.exec(location.hash);
  const path = match ? paths.findIndex((candidate) => candidate.name === match[1]) : -1;
  return path < 0 ? { path: 0, event: 0 } : { path, event: Number(match[2]) - 1 };
}

function makeButtons(act) {
  const rows = [["\u25c0", "Step before", (player) => player.move(-1)], ["\u25b6", "Next step", (player) => player.move(1)],
    ["Other path", "The other path at this time", (player) => player.change(1)], ["?", "Keys", (player) => player.help()]];
  return element("div", { class: "buttons" }, rows.map(([text, title, does]) =>
    element("button", { type: "button", title, "aria-label": title, onclick: () => act(does) }, text)));
}

function makeHeader(explanation) {
  const [kernel, architecture, version] = explanation.machine;
  return element("header", {},
    element("h1", {}, "What each path does"), element("code", { class: "command" }, explanation.command),
    element("p", {}, `${formatMoment(explanation.started)}, Linux ${kernel}, ${architecture}, ` +
      `${explanation.cores} cores, slirpway ${version}${explanation.inWorld ? "; in the test world" : ""}`),
    themeButton());
}

function startPage() {
  const explanation = readExplanation(pageData());
  const paths = explanation.paths.filter((path) => path.present && path.events.length > 0);
  const missing = explanation.paths.filter((path) => !paths.includes(path));
  const page = document.getElementById("page");
  let player = null;
  if (paths.length === 0) {
    page.append(makeHeader(explanation), ...missing.map(makeMissingLane));
    return;
  }
  const views = {
    overview: makeOverview(paths, (path, event) => player.choose(path, event)),
    now: makeNow(explanation, paths, makeButtons((does) => does(player))),
    lanes: paths.map((path, index) => makeLane(path, (event) => player.choose(index, event))),
    help: makeHelp(),
  };
  page.append(
    element("div", { class: "stage" }, makeHeader(explanation), views.overview.node, views.now.node,
      element("div", { class: "lanes" }, views.lanes.map((lane) => lane.node), missing.map(makeMissingLane))),
    element("div", { class: "after" }, makeTotals(paths), makeGlossary(explanation, paths)),
    ...[makeOutput(paths)].filter(Boolean), views.help);
  player = makePlayer(paths, views);
  listenToKeys(player);
  const place = placeFromAddress(paths);
  player.choose(place.path, place.event);
}

startPage();

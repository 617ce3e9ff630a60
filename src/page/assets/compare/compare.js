// SPDX-License-Identifier: GPL-2.0-or-later
// The page of slirpway compare. The results are read once (model.js); the reader's choice of a
// condition picks rows (choice.js), and each section below draws those with bars.js and lines.js.

const FIGURE_SECTIONS = [
  overviewSection,
  workloadsSection,
  latencySection,
  cpuSection,
  scalingSection,
  memorySection,
];

function showResults(page, runs) {
  const state = { condition: usualCondition(runs.flatMap((run) => run.rows)), mode: "ratio" };
  const figures = element("div", {});
  const isPair = runs.length > 1;
  const navigation = element("nav", { "aria-label": "Sections" });
  function change(choice) {
    Object.assign(state, choice);
    forgetCharts();
    figures.replaceChildren(...FIGURE_SECTIONS.map((make) => make(runs, state)).filter(Boolean));
  }
  change({});
  page.append(
    svgPatterns(),
    element("a", { class: "skip", href: "#verdict" }, "Skip to the verdict"),
    pageHeader(navigation),
    element(
      "main",
      {},
      section(
        "verdict",
        "Verdict",
        [],
        element(
          "div",
          { class: "panels" },
          runs.map((run) => verdictOf(run, isPair)),
        ),
      ),
      changesSection(runs),
      controls(runs, state, change),
      figures,
      rowsSection(runs),
      witnessSection(runs),
      machineSection(runs),
    ),
  );
  fillNavigation(navigation, page);
}

function pageHeader(navigation) {
  return element(
    "header",
    {},
    element(
      "div",
      {},
      element("h1", {}, "slirpway compare"),
      element(
        "p",
        {},
        "The same work over each path of a container\u2019s network, beside the plain host in the same run.",
      ),
    ),
    navigation,
    themeButton(),
  );
}

function fillNavigation(navigation, page) {
  navigation.append(
    ...[...page.querySelectorAll("section")].map((part) =>
      element("a", { href: `#${part.id}` }, part.querySelector("h2").textContent),
    ),
  );
}

showResults(document.getElementById("page"), readResults(pageData()));

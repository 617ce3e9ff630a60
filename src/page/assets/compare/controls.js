// SPDX-License-Identifier: GPL-2.0-or-later
// What the reader can choose: the condition that the figures are about, and ratios or figures.

function controls(runs, state, change) {
  const rows = runs.flatMap((run) => run.rows);
  const chooses = VARIABLES.map((name) => conditionChoice(rows, name, state, change)).filter(
    Boolean,
  );
  const hasRatio = rows.some((row) => row.ratio !== null);
  if (chooses.length === 0 && !hasRatio) return null;
  return element(
    "form",
    {
      class: "controls",
      "aria-label": "What the figures show",
      onsubmit: (event) => event.preventDefault(),
    },
    chooses,
    hasRatio ? modeChoice(state, change) : null,
  );
}

function conditionChoice(rows, name, state, change) {
  const values = knownValues(rows, name);
  if (values.length < 2) return null;
  const select = element(
    "select",
    {
      id: `choose-${name}`,
      onchange: () =>
        change({ condition: { ...state.condition, [name]: values[select.selectedIndex] } }),
    },
    values.map((value) =>
      element("option", { selected: value === state.condition[name] }, formatVariable(name, value)),
    ),
  );
  return element("label", { for: `choose-${name}` }, `${VARIABLE_NAMES[name]} `, select);
}

function modeChoice(state, change) {
  const modes = { ratio: "ratio to the host", value: "figures" };
  return element(
    "fieldset",
    {},
    element("legend", {}, "Show"),
    Object.entries(modes).map(([mode, text]) =>
      element(
        "label",
        {},
        element("input", {
          type: "radio",
          name: "mode",
          value: mode,
          checked: state.mode === mode,
          onchange: () => change({ mode }),
        }),
        ` ${text}`,
      ),
    ),
  );
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The top of the page and what surrounds the figures: verdict, machine, paths, witnesses.

const MACHINE_FACTS = [
  ["Kernel", (machine) => asText(machine.kernel)],
  ["Architecture", (machine) => asText(machine.architecture)],
  ["Processor", (machine) => asText(machine.cpu)],
  ["Cores", (machine) => plainText(machine.cores)],
  [
    "Memory",
    (machine) => (asNumber(machine.memory_bytes) === null ? "" : formatBytes(machine.memory_bytes)),
  ],
  [
    "slirpway",
    (machine) =>
      [asText(machine.slirpway), asText(machine.commit)].filter(Boolean).join(", commit "),
  ],
  ["libslirp", (machine) => asText(machine.libslirp)],
  ["Congestion controls there are", (machine) => plainText(machine.congestion_available)],
  ["Load average before", (machine) => amountText(machine.load_average)],
];

const SENTENCES_AT_ONCE = 8;

const OPTION_NAMES = {
  duration_seconds: "Seconds for each run",
  repeat: "Runs of each",
  mtu: "MTU, bytes",
  rtt_ms: "Added round-trip time, ms",
  congestion: "Congestion control",
  server: "Server",
  witness: "Witnesses",
};

function amountText(value) {
  return asAmount(value) === null ? "" : formatNumber(value);
}

function plainText(value) {
  if (Array.isArray(value)) return value.map(plainText).filter(Boolean).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (asNumber(value) !== null) return String(Number(value.toPrecision(9)));
  return asText(value);
}

// [[name, text or element]]; those without anything are left out. Short ones stand in two columns
// on a phone.
function factList(facts, isShort) {
  return element(
    "dl",
    { class: isShort ? "facts short" : "facts" },
    facts
      .filter(([, fact]) => fact !== null && fact !== "")
      .map(([name, fact]) => element("div", {}, element("dt", {}, name), element("dd", {}, fact))),
  );
}

function machineFacts(run) {
  return [
    ["Measured", formatMoment(run.started)],
    ["Took", run.seconds === null ? "" : formatDuration(run.seconds)],
    ...MACHINE_FACTS.map(([name, read]) => [name, read(run.machine)]),
  ];
}

function optionFacts(run) {
  return Object.entries(OPTION_NAMES).map(([name, text]) => [text, plainText(run.options[name])]);
}

// One line under the title: where this comes from.
function machineLine(run) {
  const machine = run.machine;
  const cores =
    asNumber(machine.cores) === null
      ? ""
      : `${machine.cores} ${machine.cores === 1 ? "core" : "cores"}`;
  return [
    asText(machine.kernel) && `Linux ${machine.kernel}`,
    asText(machine.architecture),
    asText(machine.cpu),
    cores,
    asText(machine.slirpway) && `slirpway ${machine.slirpway}`,
    formatMoment(run.started),
  ]
    .filter(Boolean)
    .join("\u00a0\u00b7 ");
}

function isBusy(machine) {
  return asAmount(machine.cores) > 0 && asAmount(machine.load_average) > machine.cores;
}

function verdictOf(run, isNamed) {
  const warnings = [
    run.complete
      ? null
      : "This run was ended before it was through; what it had measured is shown.",
    run.rows.length && run.rows.every((row) => !row.valid)
      ? "No row of this run counts: see the reasons in the table below."
      : null,
    run.notes === null && isBusy(run.machine)
      ? `The machine had other work when this run began: a load average of ${formatNumber(run.machine.load_average)} on ${run.machine.cores} cores. Such figures vary.`
      : null,
    ...(run.notes ?? []),
  ].filter(Boolean);
  const sentences = run.verdict.length
    ? run.verdict
    : [run.rows.length ? "There is no verdict in these results." : "Nothing was measured."];
  return element(
    "div",
    { class: "verdict" },
    isNamed ? element("h3", {}, run.label) : null,
    machineLine(run) ? element("p", { class: "machine-line" }, machineLine(run)) : null,
    warnings.map((warning) =>
      element("p", { class: "warning" }, element("b", {}, "Note: "), warning),
    ),
    sentences.slice(0, SENTENCES_AT_ONCE).map(sentenceLine),
    sentences.length > SENTENCES_AT_ONCE
      ? disclosure(
          `${sentences.length - SENTENCES_AT_ONCE} more`,
          sentences.slice(SENTENCES_AT_ONCE).map(sentenceLine),
        )
      : null,
  );
}

// What a sentence is about, up to its colon, stands out.
function sentenceLine(sentence) {
  const [, lead, rest] = /^([^:]{1,100}:)(\s.*)$/s.exec(sentence) || [null, null, sentence];
  return element("p", {}, lead ? element("b", {}, lead) : null, rest);
}

function machineSection(runs) {
  return wideSection(
    "machine",
    "Machine and options",
    LESSONS.machine,
    element(
      "div",
      { class: "panels" },
      runs.map((run) =>
        element(
          "div",
          {},
          runs.length > 1 ? element("h3", {}, run.label) : null,
          factList([...machineFacts(run), ...optionFacts(run)], true),
          run.command
            ? [
                element("h3", {}, "To measure it again"),
                element("code", { class: "command" }, run.command),
              ]
            : null,
          pathList(run),
        ),
      ),
    ),
  );
}

function pathList(run) {
  if (run.paths.length === 0) return null;
  return [
    element("h3", {}, "Paths"),
    element(
      "dl",
      { class: "facts paths" },
      run.paths.map((path) =>
        element(
          "div",
          {},
          element(
            "dt",
            { class: pathLook(path.name).series },
            pathKey(path.name),
            path.name,
            path.version ? element("small", {}, ` ${versionText(path.version)}`) : null,
          ),
          element(
            "dd",
            {},
            path.about,
            path.present
              ? null
              : element(
                  "span",
                  { class: "absent" },
                  ` Not measured${path.why ? `: ${path.why}` : ""}.`,
                ),
          ),
        ),
      ),
    ),
  ];
}

// "slirp4netns version 1.2.0" as "1.2.0": the name stands beside it.
function versionText(version) {
  return version.replace(/^\S+ (version )?/, "");
}

function pathKey(name) {
  return svgElement(
    "svg",
    { width: "14", height: "14", viewBox: "0 0 14 14", "aria-hidden": "true" },
    svgMarker(pathLook(name).marker, 7, 7, 4.5, "marker"),
  );
}

function witnessSection(runs) {
  const witnesses = runs.flatMap((run) => run.witnesses.map((witness) => [run, witness]));
  if (witnesses.length === 0) return null;
  const isPair = runs.length > 1;
  const heads = ["Program", "Path", "Workload", "Conditions", "Witness", "Ours", "Ratio", "Agrees"];
  const lines = witnesses.map(([run, witness]) => [
    ...(isPair ? [run.label] : []),
    `${witness.program} ${witness.version}`.trim(),
    witness.path,
    witness.workload,
    conditionText(witness),
    formatQuantity(witness.value, witness.unit),
    formatQuantity(witness.ours, witness.unit),
    formatRatio(witness.ratio),
    witness.agrees ? "\u2713 yes" : "\u2717 no",
  ]);
  return wideSection(
    "witnesses",
    "Witnesses",
    LESSONS.witnesses,
    plainTable(isPair ? ["Run", ...heads] : heads, lines, "Witnesses"),
    disclosure(
      "Commands",
      witnesses.map(([, witness]) => element("code", { class: "command" }, witness.command)),
    ),
  );
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The explanation as the page uses it: every member is there and of its kind.

// 0 where there is none.
function numberOf(value) {
  return asNumber(value) ?? 0;
}

function readEvent(value) {
  const event = asObject(value);
  const time = numberOf(event.time);
  return {
    time,
    end: Math.max(time, numberOf(event.end)),
    kind: asText(event.kind),
    topic: asText(event.topic),
    label: asText(event.label),
    direction: asText(event.direction),
    text: asText(event.text),
    count: numberOf(event.count),
    copied: numberOf(event.bytes_copied),
    bytes: numberOf(event.bytes_out) + numberOf(event.bytes_in),
    microseconds: numberOf(event.microseconds),
  };
}

function readPath(value) {
  const path = asObject(value);
  return {
    name: asText(path.path),
    about: asText(path.about),
    present: path.present === true,
    why: asText(path.why),
    summary: asText(path.summary),
    events: asList(path.events).map(readEvent),
    leftOut: numberOf(path.events_left_out),
    table: asList(path.table).map((row) => ({
      title: asText(asObject(row).title),
      value: asText(asObject(row).value),
    })),
    remarks: asList(path.remarks).map((text) => asText(text)),
    output: asText(path.output),
  };
}

// A word as one would type it into a shell.
function quoteWord(word) {
  return /^[\w%+,\-./:=@]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function readExplanation(data) {
  const root = asObject(data);
  const machine = asObject(root.machine);
  const topics = asObject(root.topics);
  return {
    command: asList(root.command).map((word) => quoteWord(asText(word))).join(" "),
    started: asText(root.started),
    machine: ["kernel", "architecture", "slirpway"].map((name) => asText(machine[name])),
    cores: numberOf(machine.cores),
    inWorld: root.world === true,
    about: (topic) => (Object.hasOwn(topics, topic) ? asText(topics[topic]) : ""),
    paths: asList(root.paths).map(readPath),
  };
}

// "0.41 ms"; the same number of digits everywhere, so that columns align.
function formatMilliseconds(seconds) {
  return (seconds * 1000).toFixed(2);
}

function countBytes(bytes) {
  return bytes < 1024 ? `${bytes} ${bytes === 1 ? "byte" : "bytes"}` : formatBytes(bytes);
}

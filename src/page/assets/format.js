// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers and units as people write them: three significant digits, a thin space between groups of
// three, no exponents, a dash for what is not known.

const THIN_SPACE = "\u202f";
const UNKNOWN = "\u2013";

function groupDigits(text) {
  const [whole, fraction] = text.split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE) : whole;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

// 0.0123, 1.23, 12.3, 123, 12 300
function formatNumber(value) {
  if (asNumber(value) === null) return UNKNOWN;
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(3));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  if (magnitude >= 2) return groupDigits(String(rounded));
  return rounded.toFixed(Math.min(2 - magnitude, 8));
}

// A count, a port, an MTU: all its digits.
function formatWhole(value) {
  return asNumber(value) === null ? UNKNOWN : groupDigits(String(value));
}

// Numbers of an axis: no digits that say nothing.
function formatTick(value) {
  return groupDigits(String(Number(value.toPrecision(6))));
}

function formatRatio(ratio) {
  return asNumber(ratio) === null ? UNKNOWN : `${formatNumber(ratio)}\u00d7`;
}

function formatUnit(unit) {
  return unit.replace(/\bus\b/, "\u00b5s").replace(/^1\//, "/");
}

function formatQuantity(value, unit) {
  return asNumber(value) === null ? UNKNOWN : `${formatNumber(value)} ${formatUnit(unit)}`.trim();
}

function formatTime(microseconds, digits = formatNumber) {
  if (asNumber(microseconds) === null) return UNKNOWN;
  if (microseconds >= 1e6) return `${digits(microseconds / 1e6)} s`;
  if (microseconds >= 1e3) return `${digits(microseconds / 1e3)} ms`;
  return `${digits(microseconds)} \u00b5s`;
}

function formatBytes(bytes) {
  if (asNumber(bytes) === null) return UNKNOWN;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  while (Math.abs(bytes) >= 1024 && step < units.length - 1) {
    bytes /= 1024;
    step += 1;
  }
  return `${formatNumber(bytes)} ${units[step]}`;
}

function formatDuration(seconds) {
  if (asNumber(seconds) === null) return UNKNOWN;
  if (seconds < 90) return `${formatNumber(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

// "2026-11-27T12:00:00Z" as "2026-11-27 12:00 UTC"; another text stays as it is.
function formatMoment(text) {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2}(\.\d+)?)?Z$/.exec(text);
  return match ? `${match[1]} ${match[2]} UTC` : text;
}

// "a, b and c"
function joinWords(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers and units as people write them: three significant digits, a thin space between groups of
// three, and never an exponent.

const THIN_SPACE = "\u202f";
const NOTHING = "\u2013";

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function groupDigits(text) {
  const [whole, fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

// 0.0123, 1.23, 12.3, 123, 12 300
function formatNumber(value) {
  if (!isNumber(value)) return NOTHING;
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))));
  if (magnitude >= 2) return groupDigits(String(Number(value.toPrecision(3))));
  return value.toFixed(Math.min(2 - magnitude, 6));
}

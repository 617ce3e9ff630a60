// SPDX-License-Identifier: GPL-2.0-or-later
// The data that the page was made for, and reading members that may be missing, null or of another
// kind than they should be.

function pageData() {
  return JSON.parse(document.getElementById("data").textContent);
}

function asObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

function asList(value) {
  return Array.isArray(value) ? value : [];
}

function asText(value) {
  return typeof value === "string" ? value : "";
}

function asNumber(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

// What can have been measured: not negative, and not past what a number holds exactly.
function asAmount(value) {
  return asNumber(value) !== null && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}

function asRatio(value) {
  return asAmount(value) > 0 ? value : null;
}

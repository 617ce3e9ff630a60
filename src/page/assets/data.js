// SPDX-License-Identifier: GPL-2.0-or-later
// The data that the page was made for.

function pageData() {
  return JSON.parse(document.getElementById("data").textContent);
}

"use strict";
// SPDX-License-Identifier: GPL-2.0-or-later
// Elements without innerHTML: what comes from data is always set as text, never parsed.
// This file is the first of the page's script, so its directive holds for all of it.

// element("p", { class: "note" }, "text", otherElement): attributes that are null, undefined or
// false are left out, those whose name starts with "on" are listeners; children that are null are
// left out, lists are spread.
function element(name, attributes, ...children) {
  return fillElement(document.createElement(name), attributes, children);
}

function svgElement(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  return fillElement(node, attributes, children);
}

function fillElement(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return node;
}

// A name for aria attributes, unique in the page.
let lastName = 0;
function uniqueName(prefix) {
  lastName += 1;
  return `${prefix}-${lastName}`;
}

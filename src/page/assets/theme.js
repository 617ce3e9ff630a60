// SPDX-License-Identifier: GPL-2.0-or-later
// Light or dark: as the reader's system has it, until the button says otherwise. The choice is kept
// where the browser lets a page keep something.

const THEME_KEY = "slirpway-theme";
const THEMES = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

function storedTheme() {
  try {
    const theme = localStorage.getItem(THEME_KEY);
    return theme in THEMES ? theme : "auto";
  } catch {
    return "auto";
  }
}

function applyTheme(theme, button) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  button.textContent = THEMES[theme];
}

function themeButton() {
  let theme = storedTheme();
  const button = element("button", { type: "button", class: "theme", onclick: next });
  function next() {
    const names = Object.keys(THEMES);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    applyTheme(theme, button);
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // Then it holds until the page is closed.
    }
  }
  applyTheme(theme, button);
  return button;
}

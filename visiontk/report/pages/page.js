"use strict";

// Theme: follows the system until the button is pressed; stored if the browser allows it.
const root = document.documentElement;
const theme = document.getElementById("theme");

function isDark() {
  const chosen = root.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  theme.textContent = isDark() ? "Light" : "Dark";
  theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
}

function storedTheme(value) {
  try {
    if (value) localStorage.setItem("visiontk-theme", value);
    return localStorage.getItem("visiontk-theme");
  } catch {
    return null; // storage is disabled
  }
}

const stored = storedTheme();
if (stored === "dark" || stored === "light") root.dataset.theme = stored;
theme.hidden = false;
showTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  storedTheme(root.dataset.theme);
  showTheme();
});

// Sorting: numbers by value, texts by locale; unknown values stay last in both directions.
function compare(a, b, numeric, sign) {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  return sign * (numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true }));
}

function sort(heading, button) {
  const table = heading.closest("table");
  const column = [...heading.parentElement.children].indexOf(heading);
  const before = heading.getAttribute("aria-sort");
  const other = { ascending: "descending", descending: "ascending" };
  const direction = before ? other[before] : button.dataset.first;
  const numeric = heading.classList.contains("number");
  const sign = direction === "ascending" ? 1 : -1;
  const key = (row) => row.children[column].dataset.sort;
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b), numeric, sign)));
  for (const cell of heading.parentElement.children) cell.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
  document.getElementById("announce").textContent = `Sorted by ${button.textContent}, ${direction}.`;
}

for (const button of document.querySelectorAll(".sortable th button")) {
  button.addEventListener("click", () => sort(button.parentElement, button));
}

// Copying: to the clipboard if allowed, else by selecting the text.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected";
    }
  });
}

// Unfolding: one button for all folds, on pages that have it.
const unfold = document.getElementById("unfold");
if (unfold) {
  unfold.hidden = false;
  unfold.addEventListener("click", () => {
    const folds = [...document.querySelectorAll(".fold")];
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });
}

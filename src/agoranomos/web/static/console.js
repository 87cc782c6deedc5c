/* What the pages of the console do with the keyboard. Everything works without it, by links and forms. */
"use strict";

const PATIENCE_MS = 1200; // between the two keys of "g o"
const writing = (target) => target.closest("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-rows] a[data-row]")];
let going = -Infinity;

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[Math.min(all.length - 1, Math.max(0, at === -1 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  next.focus();
  next.closest("tr, li")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) {
    if (event.key === "Escape" && event.target.id === "search") event.target.blur();
    return;
  }
  if (performance.now() - going < PATIENCE_MS) {
    going = -Infinity;
    const place = document.querySelector(`.places a[data-key="${CSS.escape(event.key)}"]`);
    if (place) { event.preventDefault(); place.click(); }
    return;
  }
  const verbs = {
    g: () => { going = performance.now(); },
    j: () => step(1),
    k: () => step(-1),
    "/": () => document.getElementById("search").focus(),
    "?": () => document.querySelector("dialog.keys").showModal(),
  };
  const shortcut = document.querySelector(`[data-press="${CSS.escape(event.key)}"]`);
  if (verbs[event.key]) { event.preventDefault(); verbs[event.key](); }
  else if (shortcut) { event.preventDefault(); shortcut.click(); }
});

const narrow = matchMedia("(max-width: 60rem)");
const menu = document.querySelector("details.menu");
const fold = () => { if (menu) menu.open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();

const help = document.querySelector("[data-keys]");
if (help) {
  help.hidden = false;
  help.addEventListener("click", () => document.querySelector("dialog.keys").showModal());
}

document.querySelector("[data-close]")?.addEventListener("click", (event) => event.target.closest("dialog").close());

// What may not happen by a slip of the hand asks once more: here, else the server does.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) { event.preventDefault(); return; }
  if (event.target.querySelector('[name^="_ask"]') && !event.target.elements._sure) {
    event.target.append(Object.assign(document.createElement("input"), { type: "hidden", name: "_sure", value: "1" }));
  }
});

// What was written into a field that asks for it is there again when somebody comes back to it, in this window alone.
for (const box of document.querySelectorAll("[data-keep]")) {
  const key = `keep:${box.dataset.keep}`;
  if (!box.value) box.value = sessionStorage.getItem(key) ?? "";
  box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
}

// What is wider than the window is scrolled by keyboard as well (WCAG 2.1.1).
const reach = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);

// Where a table stands row under row, each cell says what it is; the first of a row is what the row is about.
const label = () => {
  for (const table of document.querySelectorAll("table.stack")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      if (row.cells.length !== heads.length) continue;
      [...row.cells].forEach((cell, at) => {
        if (at && heads[at] && !cell.querySelector("[data-row], form, time")) cell.dataset.label = heads[at];
      });
    }
  }
};
const settle = () => { reach(); label(); };
document.addEventListener("htmx:afterSettle", settle);
settle();

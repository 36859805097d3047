// Review: one key for each label. Without this the buttons do the same.
"use strict";

let isSent = false;

// A key that is held down, or pressed once more while the next item comes, labels nothing.
function press(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target || isSent) return false;
  target.click();
  return true;
}

document.querySelector("[data-review]")?.addEventListener("submit", (event) => {
  if (isSent) event.preventDefault();
  isSent = true;
});

addEventListener("pageshow", () => { isSent = false; }); // the browser's Back brings the old page

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
  if (event.key === "n") {
    document.querySelector("[data-note]")?.focus();
    event.preventDefault();
  } else if (press(event.key)) event.preventDefault();
});

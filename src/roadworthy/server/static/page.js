// Comfort on top of a page that works without it: keyboard, local times, copying, live details.
"use strict";

document.documentElement.classList.add("scripted");

// ---- times: in the reader's zone, with the zone named ----

const zoneOf = (date) =>
  new Intl.DateTimeFormat(undefined, { timeZoneName: "short" })
    .formatToParts(date)
    .find((part) => part.type === "timeZoneName")?.value ?? "local";

const two = (number) => String(number).padStart(2, "0");

function absolute(date, withZone) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const text = `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
  return withZone ? `${text} ${zoneOf(date)}` : text;
}

const STEPS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600],
  [30 * 86400, "day", 86400], [365 * 86400, "month", 30 * 86400], [Infinity, "year", 365 * 86400]];

function relative(date) {
  const seconds = (date - Date.now()) / 1000;
  const [, unit, length] = STEPS.find(([below]) => Math.abs(seconds) < below);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / length), unit);
}

function localiseTimes(root) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const ago = element.dataset.time === "ago";
    element.textContent = ago ? relative(date) : absolute(date, element.dataset.time === "full");
    element.title = ago ? absolute(date, true) : `${relative(date)} · ${absolute(date, true)}`;
  }
  for (const element of root.querySelectorAll("[data-zone]")) element.textContent = new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// ---- rows: j, k, Enter ----

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
const rowLink = (row) => (row.matches("a") ? row : row.querySelector("a.row-link, a[href]"));

function moveRow(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("current"));
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.classList.remove("current");
  next.classList.add("current");
  next.scrollIntoView({ block: "nearest" });
  rowLink(next)?.focus({ preventScroll: true });
}

// ---- keys ----

const PLACES = { h: "/", t: "/traces", f: "/findings", s: "/suites", r: "/runs", v: "/review" };
const help = document.getElementById("help");
let goingUntil = 0;

const openHelp = () => help && !help.open && help.showModal();
const isTyping = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

function focusSearch() {
  const field = document.querySelector("[data-search]");
  if (!field) return void location.assign("/traces#search");
  field.focus();
  field.select();
}

const KEYS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  "/": focusSearch,
  "?": openHelp,
  g: () => { goingUntil = performance.now() + 1500; },
  Enter: (event) => {
    const row = document.querySelector("[data-row].current");
    if (!row || event.target.closest("a, button, summary")) return false;
    rowLink(row)?.click();
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    if (isTyping(event.target)) event.target.blur();
    return;
  }
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (performance.now() < goingUntil && PLACES[event.key]) {
    goingUntil = 0;
    event.preventDefault();
    return void location.assign(PLACES[event.key]);
  }
  const action = KEYS[event.key];
  if (action && action(event) !== false) event.preventDefault();
});

// ---- spans: their details in a drawer, a finding's span opened where it stands ----

const drawer = document.getElementById("drawer");

async function openDrawer(link) {
  const answer = await fetch(link.href, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const detail = page.getElementById("span-detail");
  if (!answer.ok || !detail) return void location.assign(link.href);
  localiseTimes(detail);
  drawer.replaceChildren(document.adoptNode(detail));
  drawer.scrollTop = 0;
  if (!drawer.open) drawer.showModal();
  if (link.dataset.span) markSpan(link.dataset.span, true);
}

function markSpan(span, scroll) {
  document.querySelector(".span-row.current")?.classList.remove("current");
  const row = document.querySelector(`.span-row[data-span="${CSS.escape(span)}"]`);
  row?.classList.add("current");
  if (scroll) document.getElementById(`span-${span}`)?.scrollIntoView({ block: "center" });
  else row?.scrollIntoView({ block: "nearest" });
}

function openTarget() {
  if (!location.hash.startsWith("#span-")) return;
  const target = document.getElementById(location.hash.slice(1));
  if (!target) {
    if (document.querySelector("a[data-whole]")) location.replace(`?whole=true${location.hash}`);
    return;
  }
  if (target.tagName === "DETAILS") target.open = true;
  markSpan(location.hash.slice("#span-".length), false);
  target.scrollIntoView({ block: "center" });
}

// ---- names of a case: the preview follows them ----

async function preview(form) {
  const typed = new URLSearchParams();
  for (const name of ["suite", "case", "title"]) {
    if (form.elements[name].value.trim()) typed.set(name, form.elements[name].value.trim());
  }
  const answer = await fetch(`${form.dataset.preview}?${typed}`, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["preview", "write"]) {
    const fresh = page.getElementById(id);
    if (!document.getElementById(id).isEqualNode(fresh)) document.getElementById(id).replaceWith(fresh);
  }
}

let previewing = 0;
document.querySelector("form[data-preview]")?.addEventListener("input", (event) => {
  const form = event.currentTarget;
  clearTimeout(previewing);
  previewing = setTimeout(() => void preview(form), 400);
});

// ---- clicks: help, copy, drawer, backdrop ----

async function copy(button) {
  await navigator.clipboard?.writeText(button.dataset.copy);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1200);
}

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const button = event.target.closest("button");
  const link = event.target.closest("a[data-drawer]");
  if (button?.dataset.copy !== undefined) void copy(button);
  else if (button?.dataset.help !== undefined) openHelp();
  else if (link && drawer && plain) {
    event.preventDefault();
    void openDrawer(link);
  } else if (event.target.matches("dialog")) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

if (!navigator.clipboard) document.documentElement.classList.add("no-clipboard");
localiseTimes(document);
document.querySelector(".bar a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
openTarget();
addEventListener("hashchange", openTarget);
if (location.hash === "#search") focusSearch();

// Runs that go on: an event says that something changed; then all of the page that changed is
// taken over at once, so that no two counts on it disagree.
"use strict";

const REFRESH_EVERY_MS = 1000;
const EVENTS_AT_ONCE = 4; // browsers keep few connections to one server

// Takes over every part marked data-live that is not as it was; what has the focus keeps it.
function takeOver(fresh) {
  for (const old of document.querySelectorAll("[data-live]")) {
    if (old.parentElement.closest("[data-live]")) continue;
    const now = fresh.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
    if (!now) { old.remove(); continue; }
    const before = old.dataset.sent ?? "";
    const after = now.outerHTML;
    if (before === after || old.contains(document.activeElement)) continue;
    now.dataset.sent = after;
    if (old.classList.contains("current")) now.classList.add("current");
    old.replaceWith(now);
    localiseTimes(now);
  }
}

let refreshing = false;
let wanted = false;

async function refresh() {
  if (refreshing) { wanted = true; return; }
  refreshing = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } finally {
    setTimeout(() => {
      refreshing = false;
      if (wanted) { wanted = false; void refresh(); }
    }, REFRESH_EVERY_MS);
  }
}

function follow(place) {
  const source = new EventSource(place.dataset.events);
  source.addEventListener("state", () => void refresh());
  source.addEventListener("end", () => {
    source.close();
    void refresh();
  });
}

for (const place of [...document.querySelectorAll("[data-events]")].slice(0, EVENTS_AT_ONCE)) follow(place);

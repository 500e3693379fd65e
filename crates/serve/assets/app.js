// Enhances the pages; everything works without it. Crosshair in step across charts, ranges that apply at once, refresh.
"use strict";

const hits = (svg) => Array.from(svg.querySelectorAll(".hit"));

function point(svg, place) {
  const list = hits(svg);
  const hit = list[Math.max(0, Math.min(place, list.length - 1))];
  if (!hit) return;
  const cross = svg.querySelector(".cross");
  cross.setAttribute("x1", hit.dataset.x);
  cross.setAttribute("x2", hit.dataset.x);
  cross.style.visibility = "visible";
  svg.parentElement.querySelector(".readout").textContent = hit.dataset.text;
}

function leave(svg) {
  svg.querySelector(".cross").style.visibility = "hidden";
  const readout = svg.parentElement.querySelector(".readout");
  readout.textContent = readout.dataset.hint;
}

const charts = Array.from(document.querySelectorAll("svg[data-chart]"));
for (const svg of charts) {
  let place = -1;
  leave(svg);
  svg.addEventListener("pointermove", (event) => {
    const hit = event.target.closest(".hit");
    if (!hit) return;
    place = hits(svg).indexOf(hit);
    for (const other of charts) point(other, place);
  });
  svg.addEventListener("pointerleave", () => charts.forEach(leave));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    place = Math.max(0, Math.min(hits(svg).length - 1, place + step));
    for (const other of charts) point(other, place);
  });
  svg.setAttribute("tabindex", "0");
  // The readout takes the place of the browser's own tooltip.
  svg.querySelectorAll(".hit title").forEach((title) => title.remove());
}

for (const select of document.querySelectorAll(".range select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
for (const form of document.querySelectorAll(".range form")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
}

// The live page: the parts that change are taken from a fresh copy of the page, every two seconds or when that takes long, less often.
const pause = document.getElementById("live-pause");
let resting = false;

function renew(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    // What somebody is reading by keyboard or has marked stays until they leave it.
    if (part.contains(document.activeElement) || (getSelection().type === "Range" && getSelection().containsNode(part, true))) continue;
    const places = Array.from(part.querySelectorAll(".scroll"), (one) => [one.scrollLeft, one.scrollTop]);
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll(".scroll").forEach((one, place) => { if (places[place]) [one.scrollLeft, one.scrollTop] = places[place]; });
  }
}

async function follow() {
  let wait = 2000;
  if (!resting && !document.hidden) {
    const began = performance.now();
    try {
      const answer = await fetch(location.href);
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the house is closed; the page stays as it is */ }
    wait = Math.max(wait, 10 * (performance.now() - began));
  }
  setTimeout(follow, wait);
}

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    resting = !resting;
    pause.setAttribute("aria-pressed", String(resting));
    pause.textContent = resting ? pause.dataset.resume : pause.dataset.pause;
  });
  setTimeout(follow, 2000);
}

// When the books have moved on, the page shows the new figures as soon as it is looked at.
const head = document.body.dataset.head;
async function refresh() {
  if (document.hidden || !head || pause) return;
  try {
    const answer = await fetch("/api/v1/health", { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).ledger_head !== head) location.reload();
  } catch { /* the house is closed; the page stays as it is */ }
}
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, 60000);

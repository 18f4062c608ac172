// Progress of a run as it happens; without this script the page loads itself anew.
"use strict";
const watched = document.querySelector("[data-events]");
if (watched) {
  const source = new EventSource(watched.dataset.events);
  source.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    const asks = document.querySelector("[data-asks]");
    if (asks) asks.textContent = told.asks.join("\n");
    if (!told.total) return;
    const bar = watched.querySelector("progress");
    bar.max = told.total;
    bar.value = told.done;
    watched.querySelector("[data-done]").textContent = `${told.done} / ${told.total}`;
    watched.querySelector("[data-check]").textContent = told.check.replaceAll("_", " ");
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}

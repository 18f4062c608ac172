// Nothing here is needed: it spares a click where scripts run.
"use strict";
// A form that is sent once is not sent twice by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
// Whoever comes back by the browser's arrow may send it again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
// What went wrong is read out and shown first.
const fault = document.querySelector("[aria-invalid=true]");
if (fault) fault.focus();
// What is live is looked at again while somebody can see it; that keeps no session open.
for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { "X-Console-Look": "again" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }, Number(part.dataset.live) * 1000);
}

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

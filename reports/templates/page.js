(function () {
  "use strict";
  var form = document.getElementById("filter");
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-verdict]"));
  var texts = new Map();

  function textOf(item) {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  }

  function holds(list, wanted) {
    return !wanted || list.split("|").indexOf(wanted) >= 0;
  }

  function begins(list, start) {
    return !start || list.toLowerCase().split("|").some(function (id) { return id.indexOf(start) === 0; });
  }

  function matches(item) {
    var text = form.elements.text.value.trim().toLowerCase();
    return (!form.elements.verdict.value || item.dataset.verdict === form.elements.verdict.value) &&
      holds(item.dataset.area, form.elements.area.value) &&
      holds(item.dataset.level, form.elements.level.value) &&
      begins(item.dataset.requirement, form.elements.requirement.value.trim().toLowerCase()) &&
      (!text || textOf(item).indexOf(text) >= 0);
  }

  function apply() {
    var shown = items.filter(function (item) {
      var keep = matches(item);
      item.classList.toggle("out", !keep);
      return keep && item.tagName !== "LI";
    });
    var all = items.filter(function (item) { return item.tagName !== "LI"; });
    // What is found may stand in a folded list; without a wish the lists are folded again.
    Array.prototype.forEach.call(document.querySelectorAll("details.alike"), function (list) {
      list.open = shown.length < all.length && list.querySelector("[data-verdict]:not(.out)") !== null;
    });
    form.querySelector("output").textContent =
      shown.length === all.length ? "" : shown.length + " of " + all.length + " entries shown";
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { window.setTimeout(apply, 0); });

  function reveal() {
    var target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    for (var part = target; part && part !== document.body; part = part.parentElement) {
      part.classList.remove("out");
      if (part.tagName === "DETAILS") part.open = true;
    }
    if (target && target.firstElementChild && target.firstElementChild.tagName === "DETAILS") {
      target.firstElementChild.open = true;
    }
    if (target) target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  if (window.location.hash) reveal();
}());

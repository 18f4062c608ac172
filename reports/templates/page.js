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

  function matches(item) {
    var text = form.elements.text.value.trim().toLowerCase();
    return (!form.elements.verdict.value || item.dataset.verdict === form.elements.verdict.value) &&
      holds(item.dataset.area, form.elements.area.value) &&
      holds(item.dataset.level, form.elements.level.value) &&
      (!text || textOf(item).indexOf(text) >= 0);
  }

  function apply() {
    var shown = items.filter(function (item) {
      var keep = matches(item);
      item.classList.toggle("out", !keep);
      return keep && item.tagName !== "LI";
    });
    var all = items.filter(function (item) { return item.tagName !== "LI"; });
    form.querySelector("output").textContent =
      shown.length === all.length ? "" : shown.length + " of " + all.length + " entries shown";
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { window.setTimeout(apply, 0); });

  function reveal() {
    var target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (target) target.classList.remove("out");
  }
  window.addEventListener("hashchange", reveal);
}());

/* Sorting, choosing a plan, language and theme. Everything on the page can be read without it. */
(function () {
  "use strict";
  var root = document.documentElement;
  var data = JSON.parse(document.getElementById("data").textContent);
  var language = root.lang.slice(0, 2);
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function one(id) { return document.getElementById(id); }

  all(".js").forEach(function (part) { if (part.id !== "more") part.hidden = false; });

  /* Language */
  function words(coded) {
    var parts = coded.split("\t");
    var text = data.words[language][parts[0]];
    return text.replace(/\{(\d)\}/g, function (whole, place) { return parts[+place + 1]; });
  }
  function speak(next) {
    if (next === language) return;
    language = next;
    root.lang = next === "zh" ? "zh-Hans" : "en";
    all("[data-t]").forEach(function (part) { part.textContent = words(part.getAttribute("data-t")); });
    all("[data-a]").forEach(function (part) { part.setAttribute("aria-label", words(part.getAttribute("data-a"))); });
    all("[data-h]").forEach(function (part) { part.title = words(part.getAttribute("data-h")); });
    all("[data-o]").forEach(function (part) {
      var other = part.getAttribute("data-o");
      part.setAttribute("data-o", part.textContent);
      part.textContent = other;
    });
    var button = one("language");
    button.textContent = next === "zh" ? "English" : "中文";
    button.lang = next === "zh" ? "en" : "zh-Hans";
    choose(chosen, false);
  }
  one("language").addEventListener("click", function () { speak(language === "zh" ? "en" : "zh"); });

  /* Theme */
  one("theme").addEventListener("click", function () {
    var dark = root.getAttribute("data-theme") ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    var next = dark === "dark" ? "light" : "dark";
    root.setAttribute("data-theme", next);
    try { localStorage.setItem("faregate-theme", next); } catch (refused) { /* Then it holds for this visit. */ }
  });

  /* The ranking: sorted by a column, the first rows shown */
  var table = document.querySelector("table.rank");
  var body = table.tBodies[0];
  var SHOWN = innerWidth < 700 ? 8 : 15;
  var folded = body.rows.length > SHOWN + 3;
  function fold() {
    var shown = 0;
    Array.prototype.forEach.call(body.rows, function (row) {
      /* A combination that adds nothing comes to light with the rest. */
      var away = folded && !row.classList.contains("best") && (shown >= SHOWN || row.classList.contains("idle"));
      row.classList.toggle("folded", away);
      if (!away) shown += 1;
    });
    one("more").hidden = !folded;
  }
  one("more").addEventListener("click", function () {
    var next = body.querySelector(".folded a");
    folded = false;
    fold();
    if (next) next.focus();
  });
  all("[data-sort]").forEach(function (button) {
    button.addEventListener("click", function () {
      var head = button.closest("th");
      var key = button.getAttribute("data-sort");
      var now = head.getAttribute("aria-sort");
      var down = now ? now === "ascending" : button.getAttribute("data-first") === "descending";
      all("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      Array.prototype.slice.call(body.rows)
        .map(function (row, place) { return [parseFloat(row.getAttribute("data-" + key)), place, row]; })
        .sort(function (a, b) { return (down ? b[0] - a[0] : a[0] - b[0]) || a[1] - b[1]; })
        .forEach(function (entry) { body.appendChild(entry[2]); });
      fold();
    });
  });
  fold();

  /* One plan at a time, and its refusals on the hours */
  var plans = all("details.plan");
  var chosen = Math.max(plans.findIndex(function (plan) { return plan.open; }), 0);
  function choose(place, move) {
    if (!plans[place]) return;
    chosen = place;
    plans.forEach(function (plan, other) { plan.open = other === place; });
    var select = one("chosen");
    select.selectedIndex = place;
    one("before").disabled = place === 0;
    one("after").disabled = place === plans.length - 1;
    one("hours-plan").textContent = plans[place].querySelector("h3 span").textContent;
    var refused = data.refused[place] || [];
    all("table.hours tbody tr").forEach(function (row, day) {
      Array.prototype.forEach.call(row.querySelectorAll("td"), function (cell, hour) {
        var count = (refused[day] || [])[hour] || 0;
        cell.classList.toggle("stop", count > 0);
        cell.querySelector("b").textContent = count || "";
      });
    });
    if (move) one("plans").scrollIntoView();
  }
  function follow(move) {
    var place = plans.findIndex(function (plan) { return "#" + plan.id === location.hash; });
    if (place >= 0) choose(place, move);
  }
  if (plans.length) {
    one("chosen").addEventListener("change", function (event) { choose(event.target.selectedIndex, false); });
    one("before").addEventListener("click", function () { choose(chosen - 1, false); });
    one("after").addEventListener("click", function () { choose(chosen + 1, false); });
    all('a[href^="#plan-"]').forEach(function (link) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        history.replaceState(null, "", link.getAttribute("href"));
        follow(true);
        one("chosen").focus({ preventScroll: true });
      });
    });
    addEventListener("hashchange", function () { follow(true); });
    choose(chosen, false);
    follow(true);
  }
})();

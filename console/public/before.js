// Before anything is painted: the theme and the language chosen last, so that nothing flashes or changes its words.
(function () {
  var root = document.documentElement;
  var kept = {};
  try { kept = { theme: localStorage.getItem("faregate-theme"), language: localStorage.getItem("faregate-language") }; } catch (_) { /* no storage: the system's */ }
  var dark = kept.theme === "dark" || (kept.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  var language = kept.language || (/^zh/i.test(navigator.language) ? "zh" : "en");
  root.lang = language === "zh" ? "zh-CN" : "en";
  var words = root.getAttribute(language === "zh" ? "data-zh" : "data-en");
  if (!words) return;
  var ahead = document.createElement("link");
  ahead.rel = "modulepreload";
  ahead.href = "/console/" + words;
  document.head.appendChild(ahead);
})();

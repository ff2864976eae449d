/* Before the first paint: the theme that was chosen earlier, so that nothing flashes. */
(function () {
  var root = document.documentElement;
  root.classList.add("scripted");
  try {
    var theme = localStorage.getItem("faregate-theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
  } catch (refused) { /* A page opened from a file may have no storage. */ }
})();

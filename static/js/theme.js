// Theme toggle: system, light, dark. Loaded in <head> so that the first paint is right.
(function () {
  const root = document.documentElement;
  const modes = ["system", "light", "dark"];
  function read() {
    try { return localStorage.getItem("sluice-theme") || "system"; } catch { return "system"; }
  }
  function label(mode) {
    const button = document.querySelector("[data-theme-toggle]");
    if (button) button.setAttribute("aria-label", `Theme: ${mode}. Switch theme`);
  }
  function apply(mode) {
    if (mode === "system") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", mode);
    label(mode);
  }
  apply(read());
  document.addEventListener("DOMContentLoaded", () => label(read()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = modes[(modes.indexOf(read()) + 1) % modes.length];
    try { localStorage.setItem("sluice-theme", next); } catch { /* kept for this page only */ }
    apply(next);
  });
})();

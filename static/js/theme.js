// The theme is kept with the person, and the page comes with it; the button changes it in place.
(function () {
  const MODES = ["system", "light", "dark"];
  const root = document.documentElement;

  function apply(mode) {
    if (mode === "system") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", mode);
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      button.value = MODES[(MODES.indexOf(mode) + 1) % MODES.length];
      button.setAttribute("aria-label", `Theme: ${mode}. Switch theme`);
    });
  }
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.hasAttribute("data-theme-toggle")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const sent = new URLSearchParams(new FormData(event.target, button));
    apply(button.value);
    // What could not be kept holds for this page, and the next one says so.
    fetch(event.target.action, { method: "POST", body: sent, redirect: "manual" }).catch(() => {});
  }, true);
})();

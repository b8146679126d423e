// The search in the header: suggestions below the box, walked through by the arrow keys.
(function () {
  const box = () => document.getElementById("quick-q");
  const results = () => document.getElementById("quick-results");
  const links = () => [...results().querySelectorAll("[data-result]")];

  function close() {
    const place = results();
    if (!place || !place.firstElementChild) return false;
    place.replaceChildren();
    return true;
  }
  function move(step) {
    const all = [box(), ...links()];
    const now = all.indexOf(document.activeElement);
    const next = all[(now + step + all.length) % all.length];
    if (next) next.focus();
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest(".quick-search");
    if (!form || event.isComposing) return;
    if (event.key === "Escape" && close()) {
      event.stopImmediatePropagation();
      box().focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (!links().length) return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  }, true);
  document.addEventListener("focusin", (event) => {
    if (!event.target.closest(".quick-search")) close();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".quick-search")) close();
  });
  // What was asked for before somebody left the box is not shown any more.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== results()) return;
    if (!document.activeElement || !document.activeElement.closest(".quick-search")) {
      event.detail.shouldSwap = false;
    }
  });
})();

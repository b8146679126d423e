// Sheets: opened from a link on any page, closed back to it, and sent once.
(function () {
  const PLACE = "sheet-place";
  let opener = null;

  function say(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }
  function place() { return document.getElementById(PLACE); }

  // The place asks, not the link: a live update may take the link away while AWS is asked.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || !window.htmx || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    opener = link;
    const asks = link.dataset.sheet === "asks";
    place().setAttribute("hx-indicator", asks ? "#asking" : "this");
    if (asks) say("Asking AWS…");
    window.htmx.ajax("GET", link.href, { source: place(), target: place(), swap: "innerHTML" });
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== PLACE) return;
    const dialog = place().querySelector("dialog");
    if (!dialog) return;
    // A menu, the help or another sheet may be open by now.
    document.querySelectorAll("dialog[open]").forEach((each) => each.close());
    dialog.showModal();
    dialog.addEventListener("close", () => {
      const back = opener && (opener.isConnected ? opener : document.getElementById(opener.id));
      dialog.remove();
      back?.focus({ preventScroll: true });
    });
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("[data-sheet-dialog]");
    if (!dialog) return;
    if (event.target.closest("[data-close-sheet]")) {
      event.preventDefault();
      dialog.close();
    }
  });

  // AWS may take its time: say so, count, and let nobody send it twice.
  function asking(form) {
    const scope = form.closest("[data-sheet-dialog], .sheet") || form.parentElement;
    const words = scope.querySelector("[data-asking]");
    const before = scope.querySelector("[data-before-asking]");
    if (!words) return;
    words.hidden = false;
    if (before) before.hidden = true;
    say("Asking AWS…");
    const began = Date.now();
    const seconds = words.querySelector("[data-seconds]");
    form.timer = setInterval(() => {
      const passed = Math.floor((Date.now() - began) / 1000);
      if (seconds && passed > 0) seconds.textContent = `${passed} s`;
    }, 500);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-asks]");
    if (!form) return;
    if (form.dataset.asked) { event.preventDefault(); return; }
    form.dataset.asked = "yes";
    asking(form);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-asked]").forEach((form) => {
      delete form.dataset.asked;
      clearInterval(form.timer);
    });
  });
})();

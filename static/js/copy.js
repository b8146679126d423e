// Copy buttons: [data-copy] holds the text; the result is said in the live region.
(function () {
  function say(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }
  function fallback(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy;
    const written = navigator.clipboard ? navigator.clipboard.writeText(text) : fallback(text);
    written.then(() => {
      say("Copied");
      button.dataset.copied = "";
      setTimeout(() => delete button.dataset.copied, 1500);
    }, () => say("Could not copy. Select the text instead."));
    button.focus();
  });
})();

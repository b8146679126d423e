// The sheet of a promotion: fetched into the page's dialog, opened when it is there.
(function () {
  function sheet() { return document.getElementById("promote-sheet"); }
  let opener = "";

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hx-target='#promote-sheet']");
    if (link) opener = link.id;
    const dialog = sheet();
    if (!dialog?.open) return;
    if (event.target === dialog || event.target.closest("#promote-sheet [data-close]")) dialog.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = sheet();
    if (event.detail.target !== dialog || dialog.open) return;
    dialog.showModal();
  });
  // The button may have been swapped meanwhile, and then it is found by its id.
  document.addEventListener("close", (event) => {
    if (event.target === sheet()) document.getElementById(opener)?.focus({ preventScroll: true });
  }, true);
  // A second click must not promote twice; the server would refuse it, but as a surprise.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "promote-form") return;
    if (event.target.dataset.promoting) event.preventDefault();
    event.target.dataset.promoting = "yes";
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) sheet()?.close(); });
})();

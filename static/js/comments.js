// Comments: what is new is said once, and a form that was sent can be sent again.
(function () {
  const LIST = "part-comment-list";
  const LONGEST = 160;

  function newest() { return Number(document.getElementById(LIST)?.dataset.newest || 0); }
  let heard = newest();

  // The list is replaced as a whole, so a live region inside it would say nothing, or everything.
  function tell() {
    const now = newest();
    if (now <= heard) return;
    heard = now;
    const item = document.getElementById(`comment-${now}`);
    const spoken = document.getElementById("spoken");
    if (!item || !spoken) return;
    const who = item.querySelector(".comment-head b").textContent;
    const text = item.querySelector(".prose")?.textContent.trim() || "";
    spoken.textContent = `${who} commented: ${text.slice(0, LONGEST)}`;
  }
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === LIST) tell();
  });
  // A second click must not comment twice, a refused one must be possible again.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) delete form.dataset.sent;
  });
  // Ctrl or Cmd with Enter sends, as people are used to.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.("[data-comment-form]");
    if (form && event.target.matches("textarea")) form.requestSubmit();
  });
})();

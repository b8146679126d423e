// The release page: confirmations, the keys a and r, and live parts that leave a decision alone.
(function () {
  // Closing gives focus back to what was focused before; a key was pressed on no button at all,
  // and the button that was may have been swapped since.
  const openers = new Map();
  function open(id, opener) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    openers.set(id, opener?.id);
    dialog.showModal();
  }
  document.addEventListener("close", (event) => {
    const active = document.activeElement;
    if (active !== document.body && !event.target.contains(active)) return;
    document.getElementById(openers.get(event.target.id))?.focus({ preventScroll: true });
  }, true);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) open(opener.dataset.dialog, opener);
    const asked = event.target.closest("[data-confirm]");
    if (asked && document.getElementById(asked.dataset.confirm)) {
      event.preventDefault();
      open(asked.dataset.confirm, asked);
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    if (event.target.matches("dialog[open]")) event.target.close();
  });

  // A rejection needs its reason: go there instead of asking the server.
  document.addEventListener("click", (event) => {
    const note = document.getElementById("note");
    if (!event.target.closest("#act-reject[type=submit]") || !note || note.value.trim()) return;
    event.preventDefault();
    note.focus();
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = "Say why: a rejection needs a note.";
  });

  // A second click must not send a decision twice.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  function keysAreOn() {
    try { return localStorage.getItem("sluice-keys") !== "off"; } catch { return true; }
  }
  function ready(id) {
    const button = document.getElementById(id);
    return button && button.getAttribute("aria-disabled") !== "true" ? button : null;
  }
  function why(id) {
    const button = document.getElementById(id);
    const spoken = document.getElementById("spoken");
    if (button && spoken) spoken.textContent = button.title;
  }
  const KEYS = {
    a: () => (ready("act-approve") ? open("approve-dialog", ready("act-approve")) : why("act-approve")),
    r: () => (ready("act-reject") ? document.getElementById("note")?.focus() : why("act-reject")),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!keysAreOn() || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  // A note or a comment that somebody began, or a confirmation that is open, is never swapped away.
  function isBusy(part) {
    if (part.id === "part-dialogs") return Boolean(part.querySelector("dialog[open]"));
    if (part.id === "part-changes") return [...part.querySelectorAll("[data-line-form] textarea")].some((each) => each.value || each === document.activeElement);
    if (part.id !== "part-decide") return false;
    const note = part.querySelector("textarea");
    if (!note) return Boolean(part.querySelector("[data-unsent]"));
    return note.value !== "" || note === document.activeElement || Boolean(document.querySelector("#approve-dialog[open]"));
  }
  // htmx itself gives focus back to what has an id; this is for links, menus and copy buttons.
  const STOPS = "a[href], button, summary, input, textarea, [tabindex]";
  const opened = new Map();
  const left = new Map();
  const typed = new Map();
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    if (isBusy(target)) {
      event.detail.shouldSwap = false;
      return;
    }
    if (target.querySelector("dialog[open]")) {
      event.detail.shouldSwap = false;
      return;
    }
    typed.set(target.id, [...target.querySelectorAll("textarea[id]")].map((each) => [each.id, each.value]));
    const active = document.activeElement;
    if (target.contains(active) && !active.id) left.set(target.id, [...target.querySelectorAll(STOPS)].indexOf(active));
    opened.set(target.id, [...target.querySelectorAll("details[open][id]")].map((each) => each.id));
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const id = event.detail.target.id;
    (opened.get(id) || []).forEach((each) => {
      const details = document.getElementById(each);
      if (details) details.open = true;
    });
    opened.delete(id);
    (typed.get(id) || []).forEach(([name, text]) => {
      const field = document.getElementById(name);
      if (field && text) field.value = text;
    });
    typed.delete(id);
    const stop = document.getElementById(id)?.querySelectorAll(STOPS)[left.get(id)];
    if (stop && document.activeElement === document.body) stop.focus({ preventScroll: true });
    left.delete(id);
    if (id === "part-head" || id === "part-dialogs") agree();
    if (id === "part-head") keepOrDrop();
  });

  // What was missed while a confirmation was open.
  document.addEventListener("close", (event) => {
    if (event.target.closest("#part-dialogs")) document.body.dispatchEvent(new Event("sluice:closed"));
  }, true);

  // What confirms a decision goes with the button in the header: refused there, refused here.
  function agree() {
    const can = Boolean(ready("act-approve"));
    document.querySelectorAll("[data-decides]").forEach((button) => { button.disabled = !can; });
  }
  agree();

  // A note outlives the swap that would have lost it, but not the decision that it was for.
  function keepOrDrop() {
    const head = document.getElementById("part-head");
    const hint = document.getElementById("note-hint");
    if (hint) hint.hidden = head.hasAttribute("data-stale");
    if (head.hasAttribute("data-at-gate")) { document.querySelector("[data-unsent]")?.remove(); return; }
    const form = document.getElementById("decision");
    if (!form) return;
    const note = document.getElementById("note").value;
    if (!note) { form.remove(); return; }
    const said = document.createElement("p");
    said.className = "rule small muted";
    said.dataset.unsent = "";
    said.textContent = `It was decided while you were writing. Your note was not sent: “${note}”`;
    form.replaceWith(said);
  }
})();

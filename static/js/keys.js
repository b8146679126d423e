// Single-key shortcuts, menus and the help sheet. Never inside fields; can be switched off.
(function () {
  const SETTING = "sluice-keys";
  const ITEMS = "[data-item]";
  let afterG = 0;

  function enabled() {
    try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
  }
  function help() { return document.getElementById("help"); }
  function openHelp() {
    const dialog = help();
    if (dialog && !dialog.open) dialog.showModal();
  }
  function closeMenus(except) {
    let closed = false;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (menu === except) return;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
      closed = true;
    });
    return closed;
  }

  function select(step) {
    const items = [...document.querySelectorAll(ITEMS)];
    if (!items.length) return;
    const now = items.findIndex((item) => item.hasAttribute("data-selected"));
    const next = Math.min(items.length - 1, Math.max(0, now + step));
    items.forEach((item) => item.removeAttribute("data-selected"));
    items[next].setAttribute("data-selected", "");
    const link = items[next].querySelector("[data-item-link], a");
    if (link) link.focus({ preventScroll: true });
    items[next].scrollIntoView({ block: "nearest" });
  }

  function go(letter) {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) link.click();
  }
  function focusSearch() {
    const own = document.querySelector("main input[type=search]");
    const quick = document.querySelector("[data-quick-search]");
    const field = quick && quick.offsetParent ? quick : own;
    if (field) { field.focus(); field.select(); } else document.querySelector(".search-link").click();
  }

  function focusComment() {
    const box = document.querySelector("[data-comment-box]");
    if (box) box.focus();
  }

  const KEYS = {
    j: () => select(1),
    k: () => select(-1),
    c: focusComment,
    "/": focusSearch,
    "?": openHelp,
    g: () => { afterG = Date.now(); },
  };

  function typing(target) {
    return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (!closeMenus() && typing(event.target)) event.target.blur();
      return;
    }
    if (!enabled() || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() - afterG < 1500 && event.key !== "g") {
      afterG = 0;
      // Also where it leads nowhere: a alone would approve.
      event.preventDefault();
      go(event.key);
      return;
    }
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details[data-menu]"));
    if (event.target.closest("[data-open-help]")) openHelp();
    if (event.target === help()) help().close();
    const refused = event.target.closest("button[aria-disabled=true]");
    if (refused) {
      event.preventDefault();
      const spoken = document.getElementById("spoken");
      if (spoken) spoken.textContent = refused.title;
    }
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) {
      try { localStorage.setItem(SETTING, event.target.checked ? "on" : "off"); } catch { /* this page only */ }
    }
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  const box = document.querySelector("[data-keys-switch]");
  if (box) box.checked = enabled();
})();

// Differences: the tree leads to sections, the keys j k n p through files and changes.
(function () {
  const STOPS = "[data-change], [data-file][open] > [data-load]";
  let here = null;
  let going = null;

  function area() { return document.querySelector("[data-diff-area]"); }
  function keysAreOn() {
    try { return localStorage.getItem("sluice-keys") !== "off"; } catch { return true; }
  }
  function say(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }
  function number(link) { return new URL(link.href).searchParams.get("n"); }
  function mark(section) {
    document.querySelectorAll(".change-tree a[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    const link = document.querySelector(`.change-tree a[href$="?n=${section.id.slice(1)}"]`);
    if (link) { link.setAttribute("aria-current", "true"); link.scrollIntoView({ block: "nearest" }); }
  }
  function show(section) {
    mark(section);
    section.scrollIntoView({ block: "start" });
    section.querySelector("summary").focus({ preventScroll: true });
  }

  // Files
  function file(step) {
    const page = document.querySelector(step > 0 ? "[data-next-file]" : "[data-previous-file]");
    if (page) { page.click(); return; }
    const sections = [...document.querySelectorAll("[data-file]")];
    if (!sections.length) return;
    const now = sections.indexOf(document.activeElement.closest("[data-file]") || here?.closest("[data-file]"));
    const next = sections[Math.min(sections.length - 1, Math.max(0, now + step))];
    here = null;
    show(next);
  }

  // Changes; a section whose lines are not there yet is a stop as well, until they are.
  function stand(row) {
    document.querySelectorAll("[data-here]").forEach((each) => each.removeAttribute("data-here"));
    here = row;
    row.setAttribute("data-here", "");
    row.scrollIntoView({ block: "center" });
    (row.querySelector('.ln a[href*="#n"]') || row.querySelector(".ln a"))?.focus({ preventScroll: true });
    const section = row.closest("[data-file]");
    if (section) mark(section);
  }
  function change(step) {
    const stops = [...document.querySelectorAll(STOPS)];
    const from = here?.isConnected ? here : document.activeElement.closest("[data-file] > summary, [data-change]");
    const side = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
    const beyond = from ? stops.filter((stop) => stop !== from && from.compareDocumentPosition(stop) & side) : stops;
    const next = step > 0 ? beyond[0] : beyond[beyond.length - 1];
    if (!next) { say(step > 0 ? "No further change." : "No earlier change."); return; }
    if (next.matches("[data-change]")) { stand(next); return; }
    going = { section: next.closest("[data-file]"), step };
    going.section.scrollIntoView({ block: "start" });
  }
  function arrived(section) {
    if (!going || going.section !== section) return;
    const { step } = going;
    going = null;
    const rows = [...section.querySelectorAll("[data-change]")];
    const row = step > 0 ? rows[0] : rows[rows.length - 1];
    if (row) { stand(row); return; }
    here = section.querySelector("summary");
    change(step);
  }

  const KEYS = { j: () => file(1), k: () => file(-1), n: () => change(1), p: () => change(-1) };
  // Before keys.js, whose j and k walk the rows of lists.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !KEYS[event.key] || !area()) return;
    if (!keysAreOn() || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".change-tree a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const section = document.getElementById(`f${number(link)}`);
    if (!section) return;
    event.preventDefault();
    section.open = true;
    show(section);
  });

  // How many lines, once they are known.
  function count(section) {
    const table = section.querySelector("tbody[data-added]");
    const place = section.querySelector(".diff-count");
    if (table && place) place.textContent = `+${table.dataset.added} \u2212${table.dataset.removed}`;
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    const section = event.target.closest?.("[data-file]");
    if (!section) return;
    count(section);
    arrived(section);
  });
  // The link of a fold goes away with it: go on at its first line.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const fold = event.detail.target;
    if (!fold.matches?.("tr.fold") || !fold.contains(document.activeElement)) return;
    const before = fold.previousElementSibling;
    const table = fold.parentElement;
    document.addEventListener("htmx:afterSettle", () => {
      const row = before ? before.nextElementSibling : table.firstElementChild;
      row?.querySelector("a")?.focus({ preventScroll: true });
    }, { once: true });
  });

  // A line that lies in a fold: show the whole file, there.
  function unfold() {
    const whole = document.querySelector("[data-unfold]");
    const named = /^#[no]\d+$/.test(location.hash);
    if (whole && named && !document.querySelector(location.hash)) location.replace(whole.href + location.hash);
  }
  window.addEventListener("hashchange", unfold);
  unfold();
})();

// Comments on lines, laid under their lines. The difference itself is kept by its content alone.
window.Sluice = window.Sluice || {};
(function () {
  let threads = [];
  let heard = 0;
  let asked = location.hash;
  let soon = 0;

  function store() { return document.querySelector("[data-threads]"); }
  function part(name) { return store()?.querySelector(`template[data-${name}]`)?.content.firstElementChild.cloneNode(true); }
  function read() {
    const said = store()?.querySelector("template[data-said]");
    if (!said) return;
    threads = [...said.content.children];
    // What is read below the difference where no script runs.
    document.querySelector("[data-plain]")?.remove();
  }
  function lineOf(table, at) { return table.querySelector(`.ln a[href$="#${at}"]`); }

  // The row under a line that holds what belongs to it: its thread and a form.
  function roomFor(table, at) {
    const found = table.querySelector(`tr[data-at="${at}"]`);
    if (found) return found;
    let after = lineOf(table, at)?.closest("tr");
    if (!after) return null;
    while (after.nextElementSibling?.matches(".thread-row")) after = after.nextElementSibling;
    const row = document.createElement("tr");
    row.className = "thread-row";
    row.dataset.at = at;
    const cell = row.insertCell();
    cell.colSpan = table.matches(".diff-split") ? 6 : 4;
    cell.append(document.createElement("div"));
    cell.firstChild.className = "thread-room";
    after.after(row);
    return row;
  }
  function put(row, thread) {
    const now = row.querySelector("[data-thread]");
    if (now?.dataset.token === thread.dataset.token) return;
    const copy = document.importNode(thread, true);
    const held = now?.contains(document.activeElement);
    if (now) now.replaceWith(copy); else row.querySelector(".thread-room").prepend(copy);
    window.htmx.process(copy);
    if (held) copy.querySelector("[data-reply]")?.focus({ preventScroll: true });
  }
  // A line in a fold: the fold is opened, as often as it takes.
  function unfold(table, at) {
    const side = at[0] === "o" ? "old" : "new";
    const line = Number(at.slice(1));
    const fold = [...table.querySelectorAll("tr.fold")].find((each) => {
      const before = Number(each.dataset[side]);
      return before < line && line <= before + Number(each.dataset.count);
    });
    if (!fold || fold.dataset.opens) return;
    fold.dataset.opens = "yes";
    fold.querySelector("a").click();
  }
  function layIn(table) {
    const own = threads.filter((each) => each.dataset.path === table.dataset.path);
    const kept = new Set(own.map((each) => each.dataset.thread));
    table.querySelectorAll("[data-thread]").forEach((each) => {
      if (kept.has(each.dataset.thread)) return;
      const row = each.closest("tr");
      each.remove();
      if (!row.querySelector("form")) row.remove();
    });
    own.forEach((thread) => {
      const row = roomFor(table, thread.dataset.at);
      if (row) put(row, thread); else unfold(table, thread.dataset.at);
    });
  }

  // How many, beside the names of the files.
  function mark(place, count, before) {
    const sign = count && place && part("mark");
    if (!sign) return;
    sign.querySelector("b").textContent = count;
    sign.querySelector("i").textContent = ` comment${count === 1 ? "" : "s"} on lines`;
    place.insertBefore(sign, before);
  }
  function count() {
    document.querySelectorAll(".said-count").forEach((each) => each.remove());
    const counts = new Map();
    threads.forEach(({ dataset }) => counts.set(dataset.number, (counts.get(dataset.number) || 0) + Number(dataset.count)));
    counts.forEach((each, number) => {
      const summary = document.querySelector(`#f${number} > summary`);
      mark(summary, each, summary?.querySelector(".diff-count"));
      const link = document.querySelector(`.change-tree a[href$="?n=${number}"]`);
      mark(link?.parentElement, each, link?.nextSibling);
    });
    const here = document.querySelector("[data-said-here]");
    if (here) mark(here, threads.reduce((sum, each) => sum + Number(each.dataset.count), 0), null);
  }

  // A link to one comment leads to it as soon as its line is there.
  function lead() {
    const name = /^#line-comment-\d+$/.test(asked) && asked.slice(1);
    const found = name && document.getElementById(name);
    if (!found) return;
    asked = "";
    document.querySelectorAll(".comment[data-here]").forEach((each) => each.removeAttribute("data-here"));
    found.setAttribute("data-here", "");
    found.scrollIntoView({ block: "center" });
  }
  // On the release page the list of all comments says it.
  function tell() {
    const newest = Number(store()?.dataset.newest || 0);
    const item = newest > heard && heard && threads.map((each) => each.querySelector(`#line-comment-${newest}`)).find(Boolean);
    heard = Math.max(heard, newest) || -1;
    const spoken = document.getElementById("spoken");
    if (!item || !spoken || document.getElementById("part-comment-list")) return;
    const who = item.querySelector(".comment-head b").textContent;
    spoken.textContent = `${who} commented: ${(item.querySelector(".prose")?.textContent.trim() || "").slice(0, 160)}`;
  }
  // What is written or read stays where it is, also when rows appear above it.
  function steadily(change) {
    const root = document.documentElement;
    const active = document.activeElement.closest("[data-diff-area]") && document.activeElement;
    const still = active || document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("tr, summary, section");
    const before = still?.getBoundingClientRect().top;
    // Or the browser would do the same a second time.
    root.style.overflowAnchor = "none";
    change();
    if (still?.isConnected) scrollBy({ top: still.getBoundingClientRect().top - before, behavior: "instant" });
    requestAnimationFrame(() => requestAnimationFrame(() => { root.style.overflowAnchor = ""; }));
  }
  function lay() {
    steadily(() => {
      document.querySelectorAll("table.diff[data-path]").forEach(layIn);
      count();
    });
    lead();
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches?.("[data-threads]")) return;
    read();
    lay();
    tell();
  });
  // Once for all the rows that came together.
  function laySoon(event) {
    if (!event.target.closest?.("[data-diff-area], #part-changes")) return;
    clearTimeout(soon);
    soon = setTimeout(lay);
  }
  document.addEventListener("htmx:afterSettle", laySoon);
  document.addEventListener("htmx:oobAfterSwap", laySoon);
  window.addEventListener("hashchange", () => { asked = location.hash; lead(); });
  window.Sluice.lines = { roomFor, lineOf, part };
  // After htmx, which makes the links of folds its own then.
  document.addEventListener("DOMContentLoaded", () => {
    read();
    lay();
    tell();
  });
})();

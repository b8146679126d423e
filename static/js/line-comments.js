// Commenting on a line: a button where the pointer or the focus is, the key c, a form under it.
(function () {
  const { roomFor, lineOf, part } = window.Sluice.lines;
  const ROW = "table.diff[data-path] tr:not(.fold, .thread-row)";
  const buttons = {};
  let forms = 0;

  function words(at) { return `Comment on ${at[0] === "o" ? "old line" : "line"} ${at.slice(1)}`; }
  function say(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }
  function lineAt(link) {
    return link && { table: link.closest("table"), at: link.hash.slice(1), link };
  }
  // What is under the pointer: side by side the line of that side, else the newer of a row's two.
  function lineUnder(element) {
    const cell = element.closest("td");
    const row = cell?.closest(ROW);
    if (!row) return null;
    const links = [...row.querySelectorAll(".ln a")];
    const side = cell.cellIndex < 3 ? "#o" : "#n";
    return lineAt(row.closest(".diff-split") ? links.find((each) => each.hash.startsWith(side)) : links[links.length - 1]);
  }

  function offer(why, line) {
    const place = line && signOf(line);
    if (place?.contains(buttons[why] || null)) return;
    buttons[why]?.remove();
    delete buttons[why];
    const fresh = place && !place.querySelector("[data-line-comment]") && part("button");
    if (!fresh) return;
    buttons[why] = fresh;
    fresh.setAttribute("aria-label", words(line.at));
    fresh.title = words(line.at);
    fresh.dataset.at = line.at;
    place.append(fresh);
  }
  function signOf({ link }) {
    const row = link.closest("tr");
    return row.closest(".diff-split") ? link.closest("td").nextElementSibling : row.querySelector(".sg");
  }

  function open({ table, at }) {
    const row = roomFor(table, at);
    const fresh = row && !row.querySelector("form[data-line-form]") && part("form");
    if (fresh) {
      const id = `line-text-${(forms += 1)}`;
      const values = { path: table.dataset.path, side: at[0] === "o" ? "old" : "new", line: at.slice(1) };
      Object.entries(values).forEach(([name, value]) => { fresh.elements[name].value = value; });
      const box = fresh.querySelector("textarea");
      box.id = id;
      fresh.querySelector("label").htmlFor = id;
      fresh.querySelector("label").textContent = words(at);
      row.querySelector(".thread-room").append(fresh);
      window.htmx.process(fresh);
    }
    const box = row?.querySelector("[data-line-form] textarea");
    box?.focus();
    box?.scrollIntoView({ block: "nearest" });
  }
  function close(form) {
    const row = form.closest("tr");
    const back = row && lineOf(row.closest("table"), row.dataset.at);
    form.remove();
    if (row && !row.querySelector("[data-thread]")) row.remove();
    back?.focus({ preventScroll: true });
    // A newer difference may have waited for the form.
    document.body.dispatchEvent(new Event("sluice:closed"));
  }

  document.addEventListener("mouseover", (event) => {
    if (event.target.closest("[data-line-comment]")) return;
    offer("pointer", lineUnder(event.target));
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.closest("[data-line-comment]")) return;
    offer("focus", lineAt(event.target.closest("table.diff[data-path] .ln a")));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-comment]");
    if (button) open({ table: button.closest("table"), at: button.dataset.at });
    const reply = event.target.closest("[data-reply]");
    if (reply) open({ table: reply.closest("table"), at: reply.closest("tr").dataset.at });
    const cancel = event.target.closest("[data-cancel]");
    if (cancel?.closest("[data-line-form]")) close(cancel.form);
  });

  // The keys: c on a line or within its thread, the arrows from line to line.
  function keysAreOn() {
    try { return localStorage.getItem("sluice-keys") !== "off"; } catch { return true; }
  }
  function focused() {
    const active = document.activeElement;
    const room = active.closest("tr.thread-row");
    if (room) return { table: room.closest("table"), at: room.dataset.at };
    return lineAt(active.closest("table.diff[data-path] .ln a") || active.closest(ROW)?.querySelector(".ln a"));
  }
  function chosen() {
    if (focused()) return focused();
    // The release page has a box of its own for what is about no line.
    if (document.querySelector("[data-comment-box]")) return null;
    const row = document.querySelector("tr[data-here], tr:has(:target)");
    return lineAt(row && [...row.querySelectorAll(".ln a")].pop());
  }
  function walk(link, step) {
    const next = step > 0 ? "nextElementSibling" : "previousElementSibling";
    let row = link.closest("tr")[next];
    while (row && !row.querySelector(".ln a")) row = row[next];
    const links = row ? [...row.querySelectorAll(".ln a")] : [];
    const to = links.find((each) => each.hash[1] === link.hash[1]) || links.pop();
    if (!to) return false;
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const { target, key } = event;
    if (key === "Escape" && target.matches("[data-line-form] textarea") && !target.value) {
      event.stopPropagation();
      close(target.form);
      return;
    }
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    const link = target.closest("table.diff[data-path] .ln a");
    if (link && (key === "ArrowDown" || key === "ArrowUp")) {
      if (walk(link, key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    }
    // Tab comes to the lines of a file, and from there the arrows go on.
    const first = key === "ArrowDown" && target.matches(".scroll-x") && (target.querySelector("tr[data-change]") || target).querySelector(".diff[data-path] .ln a");
    if (first) {
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
    if (link && (key === "ArrowLeft" || key === "ArrowRight")) {
      const links = [...link.closest("tr").querySelectorAll(".ln a")];
      links[key === "ArrowLeft" ? 0 : links.length - 1].focus({ preventScroll: true });
      event.preventDefault();
    }
    if (key !== "c" || !keysAreOn() || !document.querySelector("[data-diff-area]")) return;
    const line = chosen();
    if (line && part("form")) {
      event.preventDefault();
      event.stopPropagation();
      open(line);
    } else if (!document.querySelector("[data-comment-box]")) {
      say(part("form") ? "Go to a line first: n and p lead to changes, the arrows to the lines around." : "You cannot comment here.");
    }
  }, true);
  // What was refused is said in the form, which keeps what was typed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig?.elt;
    if (!form?.matches?.("[data-line-form]") || event.detail.xhr.status < 400) return;
    event.detail.shouldSwap = false;
    const plain = event.detail.xhr.status === 422;
    form.querySelector("[role=alert]").textContent = plain ? event.detail.xhr.responseText : "It was not taken. Reload the page to see why; copy your text first.";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form?.matches?.("[data-line-form]") && event.detail.xhr.status < 400 && form.isConnected) close(form);
  });
})();

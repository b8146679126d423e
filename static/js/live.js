// Live pages: one stream a visible tab, its state in the footer, swaps that disturb nobody.
(function () {
  const AGAIN = 2000;
  let shownAt = new Date();
  let kept = null;

  function clock(date) {
    const zone = { timeZone: document.documentElement.dataset.zone || "UTC", timeZoneName: "short" };
    return date.toLocaleTimeString("en-GB", zone);
  }
  function tell(state, text) {
    document.querySelectorAll("[data-live]").forEach((dot) => {
      const label = dot.querySelector("[data-live-text]") || dot;
      if (dot.dataset.state !== state) dot.dataset.state = state;
      if (label.textContent !== text) label.textContent = text;
    });
  }
  function live() { shownAt = new Date(); tell("released", "Live"); }
  function lost() { tell("waiting", `Not updated since ${clock(shownAt)}`); }
  function signIn() {
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`/accounts/login/?next=${next}`);
  }

  // A browser keeps six connections to a host open, so hidden tabs let go of theirs; the stream
  // sends one event a topic at each connect, which brings a tab up to date when it is shown again.
  class VisibleStream extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
      this.names = new Set(["message", "paused", "resumed", "signed-out"]);
      this.onopen = this.onerror = null;
      this.readyState = EventSource.CONNECTING;
      this.turn = this.turn.bind(this);
      document.addEventListener("visibilitychange", this.turn);
      window.addEventListener("online", this.turn);
      if (!document.hidden) this.open();
    }
    open() {
      clearTimeout(this.timer);
      this.source = new EventSource(this.url, { withCredentials: true });
      this.names.forEach((name) => this.forward(name));
      this.source.onopen = (event) => { this.readyState = EventSource.OPEN; live(); if (this.onopen) this.onopen(event); };
      // htmx would wait twice as long after each failure, up to a minute: too long at the gate.
      this.source.onerror = () => {
        this.readyState = EventSource.CONNECTING;
        lost();
        if (this.source.readyState === EventSource.CLOSED) this.timer = setTimeout(this.turn, AGAIN);
      };
    }
    turn() {
      if (document.hidden) this.source?.close();
      else if (!this.source || this.source.readyState === EventSource.CLOSED) this.open();
    }
    forward(name) {
      this.source.addEventListener(name, (event) => {
        const bar = document.getElementById("paused");
        if (bar && (name === "paused" || name === "resumed")) bar.hidden = name === "resumed";
        if (name === "paused") lost();
        else if (name === "signed-out") { this.close(); signIn(); return; }
        else live();
        this.dispatchEvent(new MessageEvent(name, { data: event.data }));
      });
    }
    addEventListener(name, listener) {
      super.addEventListener(name, listener);
      if (this.names.has(name)) return;
      this.names.add(name);
      if (this.source) this.forward(name);
    }
    close() {
      clearTimeout(this.timer);
      window.removeEventListener("online", this.turn);
      document.removeEventListener("visibilitychange", this.turn);
      this.readyState = EventSource.CLOSED;
      this.source?.close();
    }
  }
  let stream = null;
  if (window.htmx) window.htmx.createEventSource = (url) => (stream = new VisibleStream(url));
  // A part that could not be fetched is news until one is fetched again.
  document.addEventListener("htmx:afterOnLoad", () => { if (stream?.readyState === EventSource.OPEN) live(); });

  function path(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const name = element.getAttribute("name");
    if (name) return `[name="${CSS.escape(name)}"]`;
    const href = element.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  }
  function editing(target) {
    const active = document.activeElement;
    return active && target.contains(active) && active.matches("textarea, input:not([type=checkbox]), select") && active.value !== active.defaultValue;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, requestConfig } = event.detail;
    if (new URL(xhr.responseURL || location.href).pathname.startsWith("/accounts/login")) {
      event.detail.shouldSwap = false;
      signIn();
      return;
    }
    if (requestConfig.verb === "get" && editing(target)) {
      event.detail.shouldSwap = false;
      return;
    }
    // Differences load while somebody scrolls: putting the page back would be a jerk.
    if (target.closest("[data-diff-area], [data-threads]")) { kept = null; return; }
    const active = document.activeElement;
    const row = target.querySelector("[data-selected]");
    // Two swaps may follow each other so closely that the second finds the focus already lost.
    const before = kept;
    kept = {
      open: [...target.querySelectorAll("details[open][id]")].map((each) => each.id),
      focus: active && target.contains(active) ? path(active) : before?.focus,
      selected: row ? path(row.querySelector("[data-item-link], a")) : before?.selected,
      x: window.scrollX,
      y: window.scrollY,
    };
  });
  // At once and not when htmx has settled: a key pressed in between would find nothing selected.
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    const { open, focus, selected, x, y } = kept;
    kept = null;
    open.forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; });
    if (selected) document.querySelector(selected)?.closest("[data-item]")?.setAttribute("data-selected", "");
    if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
    window.scrollTo(x, y);
  });
  function failed(event) {
    lost();
    if (event.detail.requestConfig?.verb === "get") return;
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.dataset.state = "failed";
    notice.textContent = "Sluice did not answer. Reload the page to see whether your click was carried out before you repeat it.";
    document.getElementById("messages")?.replaceChildren(notice);
  }
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  // Ages grow while nothing happens, too.
  function span(seconds) {
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} min`;
  }
  setInterval(() => {
    if (document.hidden) return;
    document.querySelectorAll("time[data-ago]").forEach((time) => {
      const seconds = Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (seconds >= 3 && seconds < 86400) time.textContent = `${span(seconds)} ago`;
    });
  }, 10000);
})();

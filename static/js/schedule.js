// Times a person chooses, in their own zone with UTC beside it, and the time that is left.
(function () {
  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function utc(date) { return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`; }
  function zone() { return Intl.DateTimeFormat().resolvedOptions().timeZone || "your time zone"; }
  function asLocal(date) {
    const two = (number) => String(number).padStart(2, "0");
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
  }
  function show(field) {
    const local = field.querySelector("[data-local]");
    const moment = field.querySelector("[data-moment]");
    const hint = field.querySelector("[data-zone]");
    const chosen = local.value ? new Date(local.value) : null;
    const known = chosen && !Number.isNaN(chosen.getTime());
    moment.value = known ? chosen.toISOString() : "";
    hint.textContent = known ? `In ${zone()}; that is ${utc(chosen)}.` : `In ${zone()}.`;
  }
  function begin() {
    document.querySelectorAll("[data-not-before]:not([data-ready])").forEach((field) => {
      field.dataset.ready = "";
      const local = field.querySelector("[data-local]");
      const kept = Date.parse(field.querySelector("[data-moment]").value);
      if (!Number.isNaN(kept)) local.value = asLocal(new Date(kept));
      show(field);
    });
  }
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-not-before]");
    if (field) show(field);
  });

  function left(seconds) {
    if (seconds >= DAY) return `${Math.floor(seconds / DAY)} d ${Math.floor((seconds % DAY) / HOUR)} h`;
    if (seconds >= HOUR) return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`;
    if (seconds >= MINUTE) return `${Math.floor(seconds / MINUTE)} min`;
    return `${seconds} s`;
  }
  function count() {
    document.querySelectorAll("[data-countdown]").forEach((each) => {
      const seconds = Math.ceil((Date.parse(each.dataset.countdown) - Date.now()) / 1000);
      const text = seconds > 0 ? `in ${left(seconds)}` : "now";
      if (each.textContent !== text) each.textContent = text;
    });
  }
  begin();
  count();
  setInterval(() => { if (!document.hidden) count(); }, 1000);
  document.addEventListener("htmx:oobAfterSwap", () => { begin(); count(); });
})();

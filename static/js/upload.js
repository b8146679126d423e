// New release: the upload with its progress, and a form that says why it cannot be sent yet.
(function () {
  let request = null;
  let file = null;

  const find = (id) => document.getElementById(id);
  function show(id, shown) { const part = find(id); if (part) part.hidden = !shown; }
  function say(text) { const spoken = find("transfer-spoken"); if (spoken && spoken.textContent !== text) spoken.textContent = text; }

  function size(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    const units = ["KB", "MB", "GB"];
    let value = bytes / 1024;
    let unit = 0;
    while (value >= 1024 && unit < 2) { value /= 1024; unit += 1; }
    return `${value.toFixed(2)} ${units[unit]}`;
  }
  function left(seconds) {
    if (!Number.isFinite(seconds)) return "";
    return seconds < 60 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
  }

  function problem(text, advice, again) {
    const box = find("transfer-problem");
    show("transfer", false);
    if (!box) return;
    box.querySelector("[data-problem]").textContent = text;
    box.querySelector("[data-advice]").textContent = advice || "What you typed is still here.";
    box.querySelector("[data-again]").hidden = !again;
    box.hidden = false;
    send();
  }

  // The page of a sign-in, a proxy's page, or one sentence: whatever came instead of our JSON.
  function refusal(xhr) {
    const isPage = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
    if (isPage && (xhr.status === 200 || xhr.status === 403)) {
      return { problem: "You are signed out.", advice: "Sign in again in another tab, then try again here. What you typed is still here." };
    }
    try {
      const answer = JSON.parse(xhr.responseText);
      if (answer.problem) return answer;
    } catch { /* not ours */ }
    const isText = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    if (isText && xhr.responseText) return { problem: xhr.responseText.trim() };
    return { problem: `The upload was answered with ${xhr.status}.`, advice: "Try again. If it repeats, tell an administrator." };
  }

  function progress(zone, started, spokenAt) {
    return (event) => {
      const seconds = (Date.now() - started) / 1000;
      const rate = event.loaded / Math.max(seconds, 0.1);
      const share = event.total ? (event.loaded / event.total) * 100 : 0;
      const rest = seconds > 1 ? left((event.total - event.loaded) / rate) : "";
      const text = [`${size(event.loaded)} of ${size(event.total)}`, `${size(rate)}/s`, rest].filter(Boolean).join(", ");
      const transfer = find("transfer");
      transfer.querySelector("[data-progress]").textContent = share >= 100 ? "Sent. Being stored." : text;
      transfer.querySelector("progress").value = share;
      if (Date.now() - spokenAt > 15000) { spokenAt = Date.now(); say(`${Math.floor(share)} percent uploaded`); }
    };
  }

  function upload(chosen) {
    const zone = document.querySelector("[data-dropzone]");
    if (!zone || !chosen) return;
    if (zone.dataset.refusal) { problem(zone.dataset.refusal, "Nothing was uploaded.", false); return; }
    if (request) request.abort();
    file = chosen;
    show("transfer-problem", false);
    if (!chosen.size) { problem("This file is empty.", "Choose another one.", false); return; }
    const transfer = find("transfer");
    transfer.querySelector("[data-name]").textContent = chosen.name;
    transfer.querySelector("[data-progress]").textContent = `0 of ${size(chosen.size)}`;
    const bar = transfer.querySelector("progress");
    bar.value = 0;
    bar.setAttribute("aria-label", `Upload of ${chosen.name}`);
    transfer.hidden = false;
    say(`Uploading ${chosen.name}`);

    const xhr = new XMLHttpRequest();
    request = xhr;
    const query = new URLSearchParams({ function: zone.dataset.functionId, name: chosen.name });
    xhr.open("PUT", `${zone.dataset.upload}?${query}`);
    xhr.setRequestHeader("X-CSRFToken", document.querySelector("#new [name=csrfmiddlewaretoken]").value);
    xhr.setRequestHeader("Content-Type", "application/octet-stream");
    xhr.upload.addEventListener("progress", progress(zone, Date.now(), Date.now()));
    xhr.addEventListener("load", () => {
      request = null;
      if (xhr.status !== 201) {
        const answer = refusal(xhr);
        problem(answer.problem, answer.advice, ![403, 413, 422].includes(xhr.status));
        return;
      }
      show("transfer", false);
      say(`${chosen.name} is uploaded and being inspected`);
      window.htmx.ajax("GET", JSON.parse(xhr.responseText).url, { target: "#intake", swap: "outerHTML" });
    });
    xhr.addEventListener("error", () => {
      request = null;
      problem("The connection was lost before the upload was complete.", "Nothing was kept. Check your network, then try again.", true);
    });
    xhr.addEventListener("abort", () => {
      request = null;
      show("transfer", false);
      say("The upload was stopped");
      send();
    });
    xhr.send(chosen);
    send();
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "zip") { upload(event.target.files[0]); event.target.value = ""; }
    if (event.target.name === "source") send();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-stop]") && request) request.abort();
    if (event.target.closest("[data-again]")) upload(file);
  });

  // Dropping beside the zone must not make the browser open the file and lose the form.
  function zoneOf(event) { return event.target instanceof Element ? event.target.closest("[data-dropzone]") : null; }
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    const zone = zoneOf(event);
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    document.querySelector("[data-dropzone]")?.toggleAttribute("data-over", Boolean(zone));
  });
  document.addEventListener("dragleave", (event) => { zoneOf(event)?.removeAttribute("data-over"); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    const zone = zoneOf(event);
    document.querySelector("[data-dropzone]")?.removeAttribute("data-over");
    if (!zone) return;
    if (event.dataTransfer.files.length > 1) problem("Those are several files.", "Drop one zip file.", false);
    else upload(event.dataTransfer.files[0]);
  });

  // The button says why the release cannot be requested yet.
  function waitsFor() {
    const source = document.querySelector("[name=source]:checked")?.value;
    if (source === "latest") return "";
    if (request) return "The package is still being uploaded.";
    const state = find("intake")?.dataset.intake;
    if (state === "accepted") return "";
    if (state === "received" || state === "reading") return "The package is being inspected.";
    return state === "refused" ? "The package was refused. Bring in another one." : "Bring a package in first.";
  }
  function send() {
    const button = find("send");
    const hint = document.querySelector("[data-send-hint]");
    if (!button || !hint || button.getAttribute("aria-disabled")) return;
    const reason = waitsFor();
    [button, find("save-draft")].forEach((each) => { if (each) each.disabled = Boolean(reason); });
    hint.textContent = reason;
  }
  function count(area) {
    const counter = find(area.dataset.counter);
    if (counter) counter.textContent = `${area.value.length} of ${area.maxLength} characters.`;
  }
  function begin() {
    document.querySelectorAll("[data-counter]").forEach(count);
    send();
  }
  document.addEventListener("input", (event) => { if (event.target.matches("[data-counter]")) count(event.target); });
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Enter" && event.target.matches("input[type=text]") && event.target.closest("[data-panel]");
    const button = panel && panel.querySelector("[data-panel-submit]");
    if (button) { event.preventDefault(); button.click(); }
  });
  // Another function has another policy and other sources; a package stays with its own.
  function use(chosen) {
    const typed = new URLSearchParams(new FormData(chosen.form));
    ["csrfmiddlewaretoken", "intake"].forEach((name) => typed.delete(name));
    location.assign(`${location.pathname}?${typed}`);
  }
  document.addEventListener("change", (event) => { if (event.target.matches("[data-function]")) use(event.target); });
  // What was said of the upload is over once the inspection has said how it ended.
  function settle() {
    const state = find("intake")?.dataset.intake;
    const name = find("intake")?.querySelector("code")?.textContent;
    if (state === "accepted") say(`${name} is accepted`);
    if (state === "refused") say(`${name} is refused`);
  }
  document.addEventListener("htmx:afterSettle", () => { begin(); settle(); });
  window.addEventListener("beforeunload", (event) => { if (request) event.preventDefault(); });

  // Signing in again leads back here: what was typed before comes back, too.
  const DRAFT = "sluice-new-release";
  const TEXTS = "#new :is(input[type=text], textarea)";
  function keep() {
    const typed = [...document.querySelectorAll(TEXTS)].map((field) => [field.name, field.value]);
    try { sessionStorage.setItem(DRAFT, JSON.stringify(typed)); } catch { /* then it is lost */ }
  }
  function restore() {
    let typed = [];
    try { typed = JSON.parse(sessionStorage.getItem(DRAFT)) || []; sessionStorage.removeItem(DRAFT); } catch { /* nothing kept */ }
    if (!document.referrer || !new URL(document.referrer).pathname.startsWith("/accounts/login")) return;
    typed.forEach(([name, value]) => {
      const field = document.querySelector(`#new [name="${CSS.escape(name)}"]`);
      if (field && !field.value) field.value = value;
    });
  }
  window.addEventListener("pagehide", keep);
  restore();
  // Chosen before this script was loaded.
  const early = document.querySelector("[data-function]");
  if (early?.value && !find("intake")) use(early);
  find("errors")?.focus();
  begin();
})();

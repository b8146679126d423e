// Before a form that asks for a recent sign-in is sent: is it still recent? If not, the question
// opens over the page or sheet, and the form goes out with what was typed once it is answered.
(function () {
  const ASKED = { headers: { "X-Requested-With": "XMLHttpRequest" } };
  let waiting = null;

  // Whatever the server cannot say here it says to the form itself, which loses nothing either.
  function send({ form, submitter }) {
    waiting = null;
    const now = form.isConnected ? form : document.getElementById(form.id);
    if (!now) return;
    now.dataset.proven = "yes";
    now.requestSubmit(submitter?.isConnected && submitter.form === now ? submitter : undefined);
    delete now.dataset.proven;
  }
  function signedOut(answer) {
    if (!new URL(answer.url).pathname.startsWith("/accounts/login")) return false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    return true;
  }
  function dialogOf(html) {
    return new DOMParser().parseFromString(html, "text/html").querySelector("dialog");
  }
  function focus(dialog) {
    dialog.dispatchEvent(new Event("sluice:shown", { bubbles: true }));
    const fields = [...dialog.querySelectorAll("[aria-invalid], [data-passkey]:not([hidden]) button, .field input:not([hidden], [type=hidden])")];
    (fields.find((each) => each.hasAttribute("aria-invalid")) || fields[0])?.focus();
  }
  function open(html) {
    const dialog = document.body.appendChild(dialogOf(html));
    dialog.addEventListener("close", () => {
      const back = waiting?.submitter;
      waiting = null;
      dialog.remove();
      back?.focus({ preventScroll: true });
    });
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      prove(dialog, event.target);
    });
    dialog.querySelector("[data-step-up-close]").addEventListener("click", () => dialog.close());
    dialog.showModal();
    focus(dialog);
  }
  async function prove(dialog, form) {
    if (form.dataset.asked) return;
    form.dataset.asked = "yes";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), ...ASKED });
      if (signedOut(answer)) return;
      if (answer.status === 204) {
        const behind = waiting;
        waiting = null;
        dialog.close();
        send(behind);
        return;
      }
      const fresh = dialogOf(await answer.text());
      if (!fresh) throw new Error(answer.statusText);
      form.replaceChildren(...fresh.querySelector("form").childNodes);
      focus(dialog);
    } catch {
      dialog.querySelector("footer p").textContent = "Sluice did not answer, so nothing has happened. Try once more.";
    } finally {
      delete form.dataset.asked;
    }
  }
  async function ask(kind, behind) {
    try {
      const answer = await fetch(`/accounts/step-up/?for=${kind}`, ASKED);
      if (signedOut(answer)) return;
      if (answer.status === 401) { open(await answer.text()); return; }
    } catch { /* the form's own answer says more */ }
    send(behind);
  }
  // First of all listeners: those that count clicks must see only what is really sent.
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const kind = submitter?.dataset.stepUp || form.dataset.stepUp;
    if (!kind || form.dataset.proven) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (waiting) return;
    waiting = { form, submitter };
    ask(kind, waiting);
  }, true);
})();

// Passkeys: the browser is asked, its answer goes into the form's hidden field, the form is sent.
(function () {
  const can = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

  function show(root) {
    root.querySelectorAll("[data-passkey]").forEach((part) => { part.hidden = !can; });
    root.querySelectorAll("[data-no-passkey]").forEach((part) => { part.hidden = can; });
  }
  function tell(part, text) {
    const problem = part.querySelector("[data-passkey-problem]");
    problem.textContent = text;
    problem.hidden = !text;
  }
  // Somebody who closed the browser's own question knows that they did.
  function why(error) {
    if (error.name === "InvalidStateError") return "This passkey is on your account already.";
    if (error.name === "NotAllowedError") return "No passkey was used: it was cancelled, or took too long.";
    if (error.name === "SecurityError") return "Passkeys belong to a host name: open Sluice by its own, not by a number.";
    return "The browser could not use a passkey here. Try another way.";
  }
  async function options(button) {
    if (button.dataset.passkeyAsk) return JSON.parse(button.dataset.passkeyAsk).publicKey;
    const asked = await fetch(button.dataset.passkeyFrom, { headers: { Accept: "application/json" } });
    if (!asked.ok) throw new Error(asked.statusText);
    return (await asked.json()).request_options.publicKey;
  }
  async function use(button) {
    const part = button.closest("[data-passkey]");
    const form = part.closest("form");
    tell(part, "");
    button.disabled = true;
    try {
      const found = button.hasAttribute("data-passkey-make")
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(button.dataset.passkeyMake).publicKey) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(await options(button)) });
      part.querySelector("[data-passkey-answer]").value = JSON.stringify(found.toJSON());
      form.requestSubmit();
    } catch (error) {
      tell(part, why(error));
    }
    button.disabled = false;
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey-ask], [data-passkey-from], [data-passkey-make]");
    if (button) use(button);
  });
  document.addEventListener("sluice:shown", (event) => show(event.target));
  document.addEventListener("DOMContentLoaded", () => show(document));
})();

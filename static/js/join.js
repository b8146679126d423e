// The code of an invitation is after the # of its link, which no server is sent: the form sends it.
(function () {
  const form = document.querySelector("[data-join]");
  const code = location.hash.slice(1);
  if (!form || !code) return;
  history.replaceState(null, "", location.pathname);
  form.elements.code.value = code;
  form.requestSubmit();
})();

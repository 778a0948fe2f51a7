// Connects forms with allauth's passkey scripts: a form names the script, and the ids of its parts.
const IDS = { login: "passkey-login", authenticate: "passkey-use", add: "passkey-add" };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const kind = form.dataset.passkey;
  const ids = { [kind]: IDS[kind], credential: form.dataset.credential, passwordless: form.dataset.passwordless };
  if (form.dataset.options) ids.data = form.dataset.options;
  window.allauth.webauthn.forms[`${kind}Form`]({ ids });
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const note of document.querySelectorAll("[data-passkey-error]")) note.hidden = false;
});

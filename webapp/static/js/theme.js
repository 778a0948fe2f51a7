// Light or dark: the system's setting until the user chooses. Not a module, because it must run before the first paint.
(() => {
  const KEY = "fieldline-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is switched off: the system decides
    }
  }

  function choose(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // the choice holds for this page only
    }
    apply(theme);
  }

  function apply(theme) {
    document.documentElement.dataset.bsTheme = theme;
    const button = document.querySelector("[data-theme-switch]");
    if (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
    document.dispatchEvent(new CustomEvent("theme"));
  }

  const current = () => chosen() ?? (system.matches ? "dark" : "light");

  apply(current());
  system.addEventListener("change", () => apply(current()));
  document.addEventListener("DOMContentLoaded", () => {
    apply(document.documentElement.dataset.bsTheme);
    const button = document.querySelector("[data-theme-switch]");
    button?.addEventListener("click", () => {
      choose(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    });
  });
})();

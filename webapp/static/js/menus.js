// Closes menus and dialogs on Escape and on a click outside. Opening them needs no script.
const OPEN = "details[open]:is(.menu, .custom-range)";

addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN)) menu.open = menu.contains(event.target);
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(OPEN)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

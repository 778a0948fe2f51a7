// The page of dead letters: one checkbox selects all that are shown.
const all = document.querySelector("[data-choose-all]");

if (all) {
  const tick = all.querySelector("input");
  const boxes = [...document.querySelectorAll('input[name="handle"]')];

  function updateTick() {
    const chosen = boxes.filter((box) => box.checked).length;
    tick.checked = chosen === boxes.length;
    tick.indeterminate = chosen > 0 && chosen < boxes.length;
  }

  all.hidden = false;
  tick.addEventListener("change", () => boxes.forEach((box) => (box.checked = tick.checked)));
  boxes.forEach((box) => box.addEventListener("change", updateTick));
  updateTick();
}

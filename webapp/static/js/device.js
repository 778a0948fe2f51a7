// The device page. Tabs are swapped in by htmx, so everything is computed again after a swap.
import { mark, startChartPanel } from "./chart-panel.js";
import { listen } from "./live.js";
import { showUploads } from "./upload.js";

let chart = null;
let values = new Map();

function markTiles(stream) {
  for (const tile of document.querySelectorAll(".tile")) mark(tile, tile.dataset.stream === stream);
}

// Values that have changed are highlighted for a moment, since the page changes by itself.
function lightUpChanges() {
  const before = values;
  values = new Map();
  for (const tile of document.querySelectorAll(".tile")) {
    const text = tile.querySelector(".value").textContent;
    values.set(tile.id, text);
    tile.classList.toggle("changed", before.has(tile.id) && before.get(tile.id) !== text);
  }
}

function refreshPage() {
  const panel = document.getElementById("chart-panel");
  if (panel && panel !== chart?.panel) chart = startChartPanel(panel, markTiles);
  if (!panel) chart = null;
  chart?.markAll();
  lightUpChanges();
}

function chooseTile(event) {
  const tile = event.target.closest?.(".tile");
  if (!tile || !chart || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  chart.go({ stream: tile.dataset.stream });
}

function offerCopying(button) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}

document.body.addEventListener("click", chooseTile);
document.body.addEventListener("htmx:afterSettle", refreshPage);
document.body.addEventListener("readings", (event) => chart?.draws(event.detail.streams) && chart.load());
document.querySelectorAll("[data-copy]").forEach(offerCopying);
showUploads();
refreshPage();
listen(document.getElementById("live"));

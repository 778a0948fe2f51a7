// The panel around the chart: which stream and range it shows, and its message when there is nothing to draw.
import { makeChart } from "./chart.js";
import { fetchPoints } from "./fetch-points.js";

const between = (start, end) => ({ start: iso(start), end: iso(end) });
const iso = (seconds) => new Date(seconds * 1000).toISOString();

export function mark(element, current) {
  if (current) element.setAttribute("aria-current", "true");
  else element.removeAttribute("aria-current");
}

// The range in the address, or the one that the server chose.
function requestedRange(panel) {
  const { start, end } = Object.fromEntries(new URLSearchParams(location.search));
  return start ? { start, end: end ?? "" } : { range: panel.dataset.range };
}

export function startChartPanel(panel, onStream) {
  const find = (selector) => panel.querySelector(selector);
  const retry = find(".chart-state button");
  const chart = makeChart({
    plot: find(".chart-plot"),
    tip: find(".chart-tip"),
    voice: find("[data-chart-voice]"),
    timeZone: panel.dataset.timeZone,
    onZoom: (start, end) => go({ zoom: between(start, end) }),
  });
  const shown = { stream: panel.dataset.stream, span: requestedRange(panel), zoom: null };

  function showMessage(message = "", action = "", then = null) {
    find(".chart-state").hidden = !message;
    find(".chart-state p").textContent = message;
    retry.hidden = !action;
    retry.textContent = action;
    retry.onclick = then;
    find("[data-csv-link]").hidden = Boolean(message);
    if (message) chart.clear();
  }

  function draw(points) {
    find("#chart-title").textContent = points.label;
    find("[data-chart-unit]").textContent = points.unit;
    find("[data-csv-link]").href = points.csv;
    find("[data-csv-link] span").textContent = ` of ${points.label}`;
    if (points.t.length) {
      showMessage();
      chart.show(points);
    } else if (points.last === null) {
      showMessage("This stream has no readings yet.");
    } else {
      const span = points.end - points.start;
      const newest = between(points.last - span * 0.9, points.last + span * 0.1);
      showMessage("No readings in this range.", "Go to the newest readings", () => go({ span: newest }));
    }
  }

  async function load() {
    const url = panel.dataset.url.replace("STREAM", shown.stream);
    const { points, message, final } = await fetchPoints(url, shown.zoom ?? shown.span, find(".chart"));
    if (points) draw(points);
    else if (message) showMessage(message, final ? "" : "Try again", load);
  }

  function markAll() {
    for (const link of panel.querySelectorAll(".segments a")) {
      mark(link, link.dataset.range === shown.span.range);
      link.search = new URLSearchParams({ stream: shown.stream, range: link.dataset.range });
    }
    mark(find(".custom-range summary"), !shown.span.range);
    find("#stream-form select").value = find("#range-form [name=stream]").value = shown.stream;
    find("[data-table-link]").search = new URLSearchParams({ tab: "readings", stream: shown.stream });
    find("[data-zoom-out]").hidden = !shown.zoom;
    onStream(shown.stream);
  }

  function go(change) {
    Object.assign(shown, { zoom: null }, change);
    history.replaceState(history.state, "", `?${new URLSearchParams({ stream: shown.stream, ...shown.span })}`);
    markAll();
    load();
  }

  find(".segments").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link) event.preventDefault();
    if (link) go({ span: { range: link.dataset.range } });
  });
  find("#stream-form").addEventListener("change", (event) => go({ stream: event.target.value }));
  find("#range-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { start, end } = Object.fromEntries(new FormData(event.target));
    find(".custom-range").open = false;
    go({ span: { start, end } });
  });
  find("[data-zoom-out]").addEventListener("click", () => go({}));
  load();
  return { panel, load, markAll, draws: (streams) => !streams.length || streams.includes(shown.stream), go };
}

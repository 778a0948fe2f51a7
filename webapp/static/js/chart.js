// uPlot in our colours, in the reader's time zone, with a tooltip and a keyboard. It does not know where points come from.
import { TIMES, columns } from "./points.js";

const FONT = '12px "Inter Fieldline", system-ui, sans-serif';
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity };

export function makeChart({ plot, tip, voice, timeZone, onZoom }) {
  const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone });
  let points = null;
  let chart = null;

  const number = (value, digits = points.decimals) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  function colour(name) {
    plot.style.color = `var(${name})`;
    const found = getComputedStyle(plot).color;
    plot.style.color = "";
    return found;
  }

  function build() {
    const [line, ink, grid] = ["--fl-accent", "--fl-quiet", "--fl-line"].map(colour);
    const axis = { stroke: ink, font: FONT, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
    const bound = { stroke: "transparent", points: { show: false } };
    const options = {
      ...size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 8, width: 2, fill: line } },
      scales: { x: { range: () => [points.start, points.end] } },
      axes: [
        { ...axis, values: TIMES, space: 64, size: 44 },
        { ...axis, size: axisSize, values: (_, values) => values.map((value) => value.toLocaleString("en")) },
      ],
      series: [{}, { stroke: line, width: 1.75, points: { size: 5, fill: line } }, bound, bound],
      bands: [{ series: [2, 3], fill: line.replace("rgb(", "rgba(").replace(")", ", 0.2)") }],
      hooks: { setCursor: [point], setSelect: [zoom] },
    };
    chart?.destroy();
    chart = new uPlot(options, columns(points), plot);
  }

  const size = () => ({ width: plot.clientWidth, height: plot.clientWidth < 600 ? 240 : 312 });
  const axisSize = (_, values) => 18 + 7 * Math.max(4, ...(values ?? []).map((text) => text.length));

  function describe(i) {
    const k = points.t.indexOf(chart.data[0][i]);
    if (k < 0) return null;
    const value = `${number(points.mean[k])} ${points.unit}`;
    const band = `${number(points.min[k])} to ${number(points.max[k])}, ${points.n[k]} readings`;
    return { value, time: moment.format(points.t[k] * 1000), band: points.n[k] > 1 ? band : "" };
  }

  function point() {
    const { idx, left } = chart.cursor;
    const description = idx == null || left < 0 ? null : describe(idx);
    tip.hidden = description === null;
    if (description === null) return;
    const value = Object.assign(document.createElement("strong"), { textContent: description.value });
    tip.replaceChildren(value, description.time, ...(description.band ? [document.createElement("br"), description.band] : []));
    const x = plot.offsetLeft + chart.over.offsetLeft + left;
    const flip = x + tip.offsetWidth + 24 > plot.offsetLeft + plot.clientWidth;
    tip.style.transform = `translate(${flip ? x - tip.offsetWidth - 12 : x + 12}px, ${plot.offsetTop + 12}px)`;
  }

  function zoom() {
    const { left, width } = chart.select;
    if (width > 4) onZoom(chart.posToVal(left, "x"), chart.posToVal(left + width, "x"));
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  plot.addEventListener("keydown", (event) => {
    if (event.key === "Escape") chart?.setCursor({ left: -10, top: -10 });
    if (!(event.key in STEPS) || !chart) return;
    event.preventDefault();
    const last = points.t.length - 1;
    const from = points.t.indexOf(chart.data[0][chart.cursor.idx]);
    const to = Math.min(Math.max((from < 0 ? last + 1 : from) + STEPS[event.key], 0), last);
    chart.setCursor({ left: chart.valToPos(points.t[to], "x"), top: 20 });
    const description = describe(chart.data[0].indexOf(points.t[to]));
    if (description) voice.textContent = `${description.value}, ${description.time}. ${description.band}`;
  });
  new ResizeObserver(() => chart?.setSize(size())).observe(plot);
  document.addEventListener("theme", () => chart && build());

  return {
    show(newPoints) {
      points = newPoints;
      if (chart) chart.setData(columns(points));
      else build();
    },
    clear() {
      chart?.destroy();
      chart = null;
      tip.hidden = true;
    },
  };
}

// Converts points to what uPlot draws: labels of the time axis, and a gap where there are no readings.
const CLOCK = [null, "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1];
export const TIMES = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", ...CLOCK.slice(1)],
  [1, "{HH}:{mm}:{ss}", ...CLOCK.slice(1)],
  [0.001, "{HH}:{mm}:{ss}", ...CLOCK.slice(1)],
];
const GAP = 10; // times the usual step

// Returns [time, mean, max, min]. A line across a gap would suggest that there were readings.
export function columns({ t, mean, max, min }) {
  const steps = t.slice(1).map((time, i) => time - t[i]).sort((a, b) => a - b);
  const longest = GAP * (steps[Math.floor(steps.length / 2)] ?? Infinity);
  const all = [[], [], [], []];
  const add = (...row) => row.forEach((value, column) => all[column].push(value));
  t.forEach((time, i) => {
    if (i && time - t[i - 1] > longest) add((time + t[i - 1]) / 2, null, null, null);
    add(time, mean[i], max[i], min[i]);
  });
  return all;
}

// One request for points at a time: a newer one cancels the older one.
const SHOW_BUSY_MS = 150; // a faster answer needs no busy indicator
const UNREACHABLE = "Data is temporarily unavailable.";
let running = null;

// Returns { points }; or a { message }, `final` when a retry cannot help; or {} when a newer request has replaced this one.
export async function fetchPoints(url, span, area) {
  running?.abort();
  const controller = (running = new AbortController());
  const busy = setTimeout(() => area.setAttribute("aria-busy", "true"), SHOW_BUSY_MS);
  try {
    const answer = await fetch(`${url}?${new URLSearchParams(span)}`, { signal: controller.signal });
    if (answer.redirected) return location.reload() ?? {}; // signed out meanwhile
    if (answer.ok) return { points: await answer.json() };
    if (answer.status === 400) return { message: (await answer.json()).error, final: true };
    return { message: UNREACHABLE };
  } catch (error) {
    return error.name === "AbortError" ? {} : { message: UNREACHABLE };
  } finally {
    clearTimeout(busy);
    if (controller === running) area.setAttribute("aria-busy", "false");
  }
}

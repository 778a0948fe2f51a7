// Updates "3 min ago" while a page is open. The texts are those of the template tag `ago`.
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export function agoText(seconds) {
  if (seconds > -MINUTE && seconds < MINUTE) return "just now";
  if (seconds < 0 || seconds >= 14 * DAY) return null; // a date, which does not change
  if (seconds < 90 * MINUTE) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return `${Math.floor(seconds / DAY)} days ago`;
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = agoText((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (text !== null && text !== time.textContent) time.textContent = text;
  }
}

setInterval(refresh, 15_000);

// Listens for messages of the server and dispatches an event `readings` on the body. While it cannot listen it shows its
// note, and has the page refresh every ten seconds.
const BATCH_MS = 150; // several reports at once are one refresh
const GAP_MS = 700; // and a flood of them is a refresh now and then, still within a second
const GRACE_MS = 5_000; // a reconnect within it is not shown
const ASK_EVERY_MS = 10_000;

export function listen(note) {
  let source = null;
  let pausing = null;
  let asking = null;
  let reopening = null;
  let pending = null;
  let notifiedAt = 0;
  let streams = new Set();

  function notify(changed = []) {
    changed.forEach((slug) => streams.add(slug));
    pending ??= setTimeout(() => {
      pending = null;
      notifiedAt = Date.now();
      document.body.dispatchEvent(new CustomEvent("readings", { detail: { streams: [...streams] } }));
      streams = new Set();
    }, Math.max(BATCH_MS, notifiedAt + GAP_MS - Date.now()));
  }

  function pause() {
    note.hidden = false;
    asking ??= setInterval(notify, ASK_EVERY_MS);
  }

  function resume() {
    clearTimeout(pausing);
    clearInterval(asking);
    pausing = asking = null;
    note.hidden = true;
    notify(); // fetch what was missed meanwhile
  }

  function open() {
    close();
    pausing ??= setTimeout(pause, GRACE_MS);
    source = new EventSource(note.dataset.url, { withCredentials: true });
    source.onopen = resume;
    source.onmessage = (event) => notify(JSON.parse(event.data).streams);
    source.onerror = () => {
      pausing ??= setTimeout(pause, GRACE_MS);
      // After an answer like 503 the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, ASK_EVERY_MS);
    };
  }

  function close() {
    clearTimeout(reopening);
    source?.close();
    source = null;
  }

  function stop() {
    close();
    clearTimeout(pausing);
    clearInterval(asking);
    pausing = asking = null;
  }

  // Browsers allow few connections to one host: a hidden tab must not hold one.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : open()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && open());
  if (!document.hidden) open();
}

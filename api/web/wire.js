/* The wire: requests, server-sent events, and reading on after a cut.
 *
 * A reader keeps a cursor, the number of the last event it folded. Whatever happens to a connection, the next one asks
 * for what follows the cursor; a number is folded once and a gap is never folded over, so nothing is lost or doubled.
 */

const SILENCE_MS = 45_000; // the server says something at least every 15 s
const LONGEST_PAUSE_MS = 4_000;
const LASTED_MS = 10_000; // a connection that was quiet for so long was a good one, however it ended

/* A connection that broke; whoever reads goes on with another one. */
class Cut extends Error {}

const cutOff = (error) => {
  throw error instanceof Refusal ? error : new Cut(error.message);
};

/* The same while resuming, when a server that is just starting again may refuse too. */
const cutOffOrDown = (error) => {
  throw error instanceof Refusal && error.status < 500 ? error : new Cut(error.message);
};

/* A request the server understood and refused; the message is written for people. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error?.text ?? `The server answered ${status}.`);
    this.status = status;
  }
}

export async function request(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response;
  throw new Refusal(response.status, await response.json().catch(() => ({})));
}

export function post(path, body = {}, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body), ...options });
}

/* Read until `journal.take(event)` says that it was the last one wanted.
 * `journal`: stream() -> path, cursor, take(event), lost(retryNow), found(). `first(signal)` opens the first connection
 * (a question does), every other one resumes. Throws a Refusal; returns quietly when `signal` is aborted. */
export async function read(journal, signal, first) {
  const cursor = () => ({ "Last-Event-ID": String(journal.cursor) });
  const resume = (cut) => request(journal.stream(), { signal: cut, headers: cursor() }).catch(cutOffOrDown);
  let connect = first ? (cut) => first(cut).catch(cutOff) : resume;
  for (let failures = 0; !signal.aborted; connect = resume) {
    const before = journal.cursor;
    const began = Date.now();
    if (await readOnce(journal, signal, connect)) return;
    if (signal.aborted) return;
    const good = journal.cursor > before || Date.now() - began > LASTED_MS;
    failures = good ? 0 : failures + 1;
    if (failures > 1) await pause(journal, signal, Math.min(LONGEST_PAUSE_MS, 62 * 2 ** failures)); // the first at once
  }
}

/* One connection; false when it ended before the last event did. */
async function readOnce(journal, signal, connect) {
  const cut = new AbortController();
  const leave = () => cut.abort();
  let alarm = setTimeout(leave, SILENCE_MS);
  const heard = () => {
    clearTimeout(alarm);
    alarm = setTimeout(leave, SILENCE_MS);
  };
  signal.addEventListener("abort", leave);
  try {
    const response = await connect(cut.signal);
    if (signal.aborted) return false;
    journal.found();
    for await (const event of eventsOf(response, heard)) {
      if (signal.aborted) return false; // frames may be left of a connection that is no longer wanted
      if (event.seq > journal.cursor + 1) return false;
      if (event.seq <= journal.cursor) continue;
      journal.cursor = event.seq;
      if (journal.take(event)) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof Cut) return false;
    throw error;
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener("abort", leave);
    leave();
  }
}

async function* eventsOf(response, heard) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch(cutOff);
    if (done) return;
    heard();
    const frames = (rest + value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const lines = frame.split("\n").filter((line) => line.startsWith("data:"));
      if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
    }
  }
}

/* Wait before asking again; the reader may press Retry, and a network that comes back ends the wait too. */
function pause(journal, signal, delay) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delay);
    const now = () => {
      clearTimeout(timer);
      resolve();
    };
    journal.lost(now);
    window.addEventListener("online", now, { once: true });
    signal.addEventListener("abort", now, { once: true });
  });
}

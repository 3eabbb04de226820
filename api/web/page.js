/* Tickmark's page, small and without a build step.
 *
 * It is one more reader of the journal: everything on the screen is folded from the events of docs/wire.md by FOLDS.
 * Opening a conversation reads it from zero and then goes on listening, so a question asked in another tab shows here
 * too; a question of ours reads its answer from its own connection, and then listening goes on. Both read on after a cut
 * (wire.js). There is no second way in which anything gets onto the screen.
 */

import { chart, metric, plotly, skeleton, table } from "./artifacts.js";
import { askSourcesWith, button, el, forget, glyph, icon } from "./figures.js";
import { render } from "./prose.js";
import { hideSights, showSights } from "./sights.js";
import { post, read, Refusal, request } from "./wire.js";

const $ = (id) => document.getElementById(id);

let conversation = null; // its id, once it exists
let reader = new AbortController(); // aborted when the page turns to another conversation
let listener = new AbortController(); // aborted while a question of ours reads its own answer
let listening = false;
let asking = false; // a question of ours has the line
let awaiting = false; // an answer is asked for or running
let goal = 0; // read at least this far
let clientId = null; // our name for the question that has not been accepted yet
let next = null; // a question to ask when the running answer has stopped
let following = true; // the end of the text stays in view, until the reader scrolls up
let lastTop = 0; // where the log was scrolled to when we last looked
let pending = []; // documents for the next question: {name, card, ready}
const messages = new Map();
const documents = new Map();
const figures = { ticked: 0, all: 0 };
const dirty = new Set();

const journal = {
  cursor: 0,
  stream: () => `${path("/message/stream")}?accumulated_text=false`,
  lost: (now) => banner(`Connection lost. Nothing is lost: resuming from event ${journal.cursor}.`, false, "Retry now", now),
  found: () => $("banner").hidden || banner(""),
  take(event) {
    const message = messages.get(event.message_id);
    FOLDS[event.type]?.(event, message);
    if (message) paintSoon(message);
    if (awaiting || journal.cursor < goal) return false;
    if (asking) return clientId === null;
    if ($("badge").classList.contains("connecting")) badge("");
    if (next !== null) setTimeout(askNext);
    return document.hidden; // a browser has few connections to one server: tabs that nobody sees leave theirs
  },
};

const path = (tail = "") => `/api/conversation/${encodeURIComponent(conversation)}${tail}`;

/* ---- what each event does to the page ---- */

const FOLDS = {
  conversation_created: (event) => retitle(event.title),
  conversation_renamed: (event) => retitle(event.title),

  document_added({ document: card }) {
    documents.set(card.document_id, card);
    showFiles();
  },

  document_removed(event) {
    documents.delete(event.document_id);
    showFiles();
  },

  user_message(event) {
    const node = el("article", "me", event.text);
    node.setAttribute("aria-label", "You");
    messages.set(event.message_id, { node });
    $("empty").hidden = true;
    $("col").append(node);
    awaiting = true;
    if (clientId !== null && event.client_id === clientId) accepted();
    showButtons();
    keepUp();
  },

  message_start(event) {
    const body = el("div", "body");
    const steps = el("div", "steps");
    const node = el("article", "ai", steps, body);
    node.setAttribute("aria-label", "Tickmark");
    const message = { node, body, steps, text: "", wide: false, live: true, ticks: [], artifacts: [], blocks: new Map(), calls: new Map() };
    messages.set(event.message_id, message);
    $("col").append(node);
    awaiting = true;
    badge("Streaming");
    announce("Answering");
    showButtons();
    paintSoon(message);
  },

  text_delta(event, message) {
    message.text += event.text;
    message.wide ||= /[\ud800-\udfff]/.test(event.text);
  },

  tool_start(event, message) {
    if (event.tool_name === "create_chart") plotly().catch(() => {});
    step(message, event, `${wordsOf(event.tool_name)}…`, "run");
  },

  tool_validated(event, message) {
    if (event.tool_name !== "create_chart") return;
    const { offset } = message.calls.get(event.tool_id);
    place(message, { ...event, text_offset: offset }, skeleton(event.input.title), { awaits: event.tool_id });
  },

  tool_progress(event, message) {
    step(message, event, event.note ?? `${event.done} of ${event.total}`, "run");
  },

  tool_complete(event, message) {
    arrived(message, event.tool_id);
    if (event.result?.artifacts?.length) message.calls.get(event.tool_id).node.remove(); // it can be seen below
    else if (event.success) step(message, event, event.result?.summary ?? wordsOf(event.tool_name), "tied");
    else step(message, event, `${wordsOf(event.tool_name)}: not done`, "open", event.error?.text);
  },

  chart_ready(event, message) {
    arrived(message, event.tool_id);
    place(message, event, chart(event.chart_data));
    announce(`Chart added: ${event.chart_data.title}`);
  },

  table_ready(event, message) {
    place(message, event, table(event.table_data));
    announce(`Table added: ${event.table_data.title}`);
  },

  metric_ready(event, message) {
    const tile = metric(event.metric_data, (id) => documents.get(id)?.name);
    const row = message.artifacts.find((item) => item.tiles && item.offset === utf16(message, event.text_offset));
    if (row) row.node.append(tile);
    else place(message, event, el("div", "kpis", tile), { tiles: true });
  },

  tickmark(event, message) {
    message.ticks.push({ ...event, start: utf16(message, event.start), end: utf16(message, event.end) });
    message.ticks.sort((one, other) => one.start - other.start);
  },

  notice: (event, message) => message.node.insertBefore(el("p", "note", event.text), message.body),

  suggestions(event, message) {
    message.next = el("div", "next", ...event.suggestions.map((words) => button("", words, () => ask(words))));
  },

  error: (event, message) => message.node.append(el("p", "note e", icon("differs"), event.text)),

  message_complete(event, message) {
    message.live = awaiting = false;
    message.cut = !event.success;
    if (message.next) message.node.append(message.next);
    const words = event.success ? "Completed" : event.stop_reason === "interrupted" ? "Stopped" : "Failed";
    badge(words);
    count(event.figures);
    announce(event.success ? `Answer complete, ${$("count").textContent}` : words);
    showButtons();
  },

  message_deleted: (event, message) => message?.node.remove(),
};

const wordsOf = (toolName) => toolName.replaceAll("_", " ");

function step(message, event, words, kind, detail = "") {
  if (!message.calls.has(event.tool_id)) {
    const node = message.steps.appendChild(el("span"));
    message.calls.set(event.tool_id, { node, offset: event.text_offset, order: message.calls.size });
  }
  const { node } = message.calls.get(event.tool_id);
  node.className = kind;
  node.title = detail;
  node.replaceChildren(glyph(kind), words);
}

/* Artifacts stand where the text was when they were called for; calls at the same place in the order of the calls. */
function place(message, event, node, more = {}) {
  const { order } = message.calls.get(event.tool_id);
  message.artifacts.push({ offset: utf16(message, event.text_offset), order, node, ...more });
  message.artifacts.sort((one, other) => one.offset - other.offset || one.order - other.order);
}

/* The placeholder of a call goes when its chart comes, or when the call ends without one. */
function arrived(message, toolId) {
  message.artifacts = message.artifacts.filter((item) => item.awaits !== toolId);
}

/* Offsets on the wire count code points; strings here count UTF-16 units. */
function utf16(message, codePoints) {
  if (!message.wide) return codePoints;
  let index = 0;
  for (let left = codePoints; left > 0; left--) index += message.text.codePointAt(index) > 0xffff ? 2 : 1;
  return index;
}

function count({ tied = 0, computed = 0, given = 0, open: untied = 0, differs = 0 }) {
  figures.ticked += tied + computed + given;
  figures.all += tied + computed + given + untied + differs;
  $("count").hidden = figures.all === 0;
  $("count").lastElementChild.textContent = `${figures.ticked} of ${figures.all} figures ticked`;
}

/* ---- the frame around the answers ---- */

function paintSoon(message) {
  if (!message.body) return;
  if (dirty.size === 0) (document.hidden ? setTimeout : requestAnimationFrame)(paint);
  dirty.add(message);
}

function paint() {
  for (const message of dirty) render(message);
  dirty.clear();
  keepUp();
}

function keepUp() {
  if (following) scrollDown();
  else $("pill").hidden = false;
}

function scrollDown() {
  $("pill").hidden = true;
  $("log").scrollTop = $("log").scrollHeight;
  lastTop = $("log").scrollTop;
}

const retitle = (title) => (document.title = `${title} – Tickmark`);
const announce = (words) => ($("status").textContent = words);

function badge(words) {
  $("badge").hidden = !words;
  $("badge").className = `badge ${words.toLowerCase()}`;
  $("badge").lastElementChild.textContent = words;
}

function banner(words, failed = false, action = "", onclick = null) {
  const [, text, press] = $("banner").children;
  $("banner").hidden = !words;
  $("banner").classList.toggle("e", failed);
  text.textContent = words;
  Object.assign(press, { textContent: action, hidden: !action, onclick });
}

const complain = (error) => banner(error.message, true);

function showButtons() {
  const words = $("question").value.trim();
  $("stop").hidden = !awaiting;
  $("send").hidden = awaiting && !words;
  $("send").textContent = awaiting ? "Stop & send" : "Send";
  $("send").disabled = !words;
}

function resize() {
  $("question").style.height = "auto";
  $("question").style.height = `${Math.min(Math.max($("question").scrollHeight, 32), 160)}px`;
  showButtons();
}

/* ---- documents ---- */

const about = ({ tables = 0, periods = [] }) => [`${tables} table${tables === 1 ? "" : "s"}`, periods.join(" to ")].filter(Boolean).join(", ");

function showFiles() {
  const attached = [...documents.values()].map((card) => el("span", "file", card.name, el("em", "", about(card))));
  const waiting = pending.map((item) => {
    const drop = button("", "×", () => {
      pending = pending.filter((other) => other !== item);
      showFiles();
    });
    drop.setAttribute("aria-label", `Remove ${item.name}`);
    return el("span", item.card ? "file" : "file busy", item.name, el("em", "", item.card ? about(item.card) : "reading…"), drop);
  });
  $("files").replaceChildren(...attached, ...waiting);
  $("files").hidden = attached.length + waiting.length === 0;
}

/* Put a document beside the next question. Resolves to whether it could be read. */
function attach(name, sending) {
  const item = { name, card: null };
  const read = async () => {
    try {
      item.card = await (await sending).json();
      return true;
    } catch (error) {
      pending = pending.filter((other) => other !== item);
      banner(`${name}: ${error.message}`, true);
      return false;
    } finally {
      showFiles();
    }
  };
  pending.push(item);
  showFiles();
  return (item.ready = read());
}

function upload(files) {
  banner("");
  for (const file of files) {
    const body = new FormData();
    body.append("file", file);
    attach(file.name, request("/api/documents", { method: "POST", body }));
  }
}

async function showSamples() {
  const { items } = await (await request("/api/samples")).json();
  const prompts = items.flatMap((sample) => sample.questions.map((question) => {
    const begin = async () => {
      const sent = post(`/api/samples/${encodeURIComponent(sample.name)}`);
      if (await attach(sample.name, sent)) await ask(question);
    };
    const prompt = button("", question, begin);
    prompt.append(el("small", "", sample.title));
    return prompt;
  }));
  const drop = button("drop", "Drop a workbook or a CSV here, or choose one", () => $("picker").click());
  drop.append(el("small", "", "It stays on this machine"));
  $("prompts").replaceChildren(...prompts, drop);
}

/* ---- asking and stopping ---- */

async function ask(words) {
  const question = words.trim();
  if (!question) return;
  if (awaiting) {
    next = question;
    await stop();
    return;
  }
  listener.abort();
  listening = false;
  asking = awaiting = following = true;
  touched = -Infinity; // who asks wants to see the answer, whatever was scrolled before
  scrollDown();
  clientId = `page-${Date.now()}-${Math.random()}`;
  banner("");
  badge("Connecting");
  showButtons();
  const mine = reader;
  try {
    await Promise.all(pending.map((item) => item.ready));
    const ids = pending.map((item) => item.card.document_id);
    if (conversation === null) await create(ids);
    await read(journal, mine.signal, (signal) => say(question, ids, signal));
  } catch (error) {
    if (mine.signal.aborted) return;
    awaiting = false;
    badge("Failed");
    complain(error);
  }
  if (mine.signal.aborted) return;
  asking = false;
  showButtons();
  if (next !== null) await askNext();
  else await listen();
}

async function askNext() {
  const words = next;
  next = null;
  if (words !== null) await ask(words);
}

/* Hear whatever happens in the conversation, whoever asks. It ends when the page turns, asks, or goes out of sight. */
async function listen() {
  if (listening || asking || conversation === null) return;
  const mine = (listener = new AbortController());
  listening = true;
  try {
    await read(journal, mine.signal);
  } catch (error) {
    if (mine.signal.aborted) return;
    awaiting = false;
    badge("");
    complain(error);
    showButtons();
  } finally {
    if (listener === mine) listening = false;
  }
}

/* Send the question. When the line broke, the journal knows whether it had arrived: then resuming shows its answer. */
async function say(question, ids, signal) {
  try {
    return await post(journal.stream(), { message: question, document_ids: ids, client_id: clientId }, { signal });
  } catch (error) {
    if (error instanceof Refusal || signal.aborted) throw error;
    const view = await request(path()).then((response) => response.json(), () => null);
    if (view !== null && view.last_seq > journal.cursor) throw error;
    throw new Refusal(400, { error: { text: "Not sent: the server cannot be reached. Your question is kept; press Send again." } });
  }
}

async function create(ids) {
  const view = await (await post("/api/conversations", { document_ids: ids })).json();
  conversation = view.conversation_id;
  journal.cursor = goal = view.last_seq;
  for (const card of view.documents) documents.set(card.document_id, card);
  pending = [];
  history.pushState(null, "", `#${encodeURIComponent(conversation)}`);
  showFiles();
}

/* Our question is in the journal: only now may the box forget it. */
function accepted() {
  clientId = null;
  pending = [];
  showFiles();
  $("question").value = "";
  sessionStorage.removeItem("draft");
  resize();
}

async function stop() {
  if (conversation !== null) await post(path("/interrupt")).catch(complain);
}

/* Turn to the conversation that the address names, or to none. */
async function turn() {
  reader.abort();
  listener.abort();
  const mine = (reader = new AbortController());
  conversation = decodeURIComponent(location.hash.slice(1)) || null;
  journal.cursor = goal = figures.ticked = figures.all = 0;
  [asking, listening, awaiting, following, pending, next] = [false, false, false, true, [], null];
  messages.clear();
  documents.clear();
  forget();
  for (const node of $("col").querySelectorAll("article")) node.remove();
  document.title = "Tickmark";
  badge("");
  banner("");
  count({});
  showFiles();
  showButtons();
  $("empty").hidden = conversation !== null;
  try {
    if (conversation === null) await showSamples();
    else await reopen(mine);
  } catch (error) {
    if (mine.signal.aborted) return;
    if (conversation !== null) await showSamples().catch(() => {});
    conversation = null;
    $("empty").hidden = false;
    badge("");
    complain(error);
  }
}

async function reopen(mine) {
  badge("Connecting");
  const view = await (await request(path(), { signal: mine.signal })).json();
  goal = view.last_seq;
  awaiting = view.running_message_id !== undefined;
  if (goal === 0) badge("");
  showButtons();
  listen();
}

/* ---- keys, drops, scrolling ---- */

$("form").onsubmit = (event) => {
  event.preventDefault();
  ask($("question").value);
};
$("question").oninput = () => {
  sessionStorage.setItem("draft", $("question").value);
  resize();
};
$("question").onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  ask($("question").value);
};
$("stop").onclick = stop;
$("new").onclick = (event) => {
  event.preventDefault();
  history.pushState(null, "", location.pathname);
  turn();
};
$("attach").onclick = () => $("picker").click();
$("picker").onchange = () => {
  upload($("picker").files);
  $("picker").value = "";
};
$("pill").onclick = () => {
  following = true;
  scrollDown();
};
let touched = -Infinity;
for (const hand of ["wheel", "touchmove", "pointerdown", "keydown"])
  addEventListener(hand, (event) => { if (event.target !== $("question")) touched = performance.now(); }, { passive: true });
$("log").onscroll = () => {
  const { scrollTop, scrollHeight, clientHeight } = $("log");
  const left = scrollHeight - scrollTop - clientHeight;
  // A chart that is drawn anew may shorten the page for a moment, which moves the top too: only the reader's hand counts.
  if (scrollTop < lastTop - 1 && performance.now() - touched < 1000) following = left < 2;
  else if (scrollTop > lastTop && left < 64) following = true;
  lastTop = scrollTop;
  if (following) $("pill").hidden = true;
};
const resized = new ResizeObserver(() => following && scrollDown());
resized.observe($("log"));
resized.observe($("col"));
document.onvisibilitychange = () => document.hidden || listen();
window.onkeydown = (event) => {
  if (event.key === "Escape" && awaiting) stop();
};
window.onpopstate = turn;
window.ondragover = (event) => {
  event.preventDefault();
  document.body.classList.add("dragging");
};
window.ondragleave = (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dragging");
};
window.ondrop = (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  upload(event.dataTransfer.files);
};

const askSource = (valueId) => request(path(`/values/${encodeURIComponent(valueId)}`)).then((response) => response.json());
askSourcesWith(askSource, showSights, hideSights);
$("question").value = sessionStorage.getItem("draft") ?? "";
resize();
turn();

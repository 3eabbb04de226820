/* Figures: every number that matters is a button with the glyph of its state.
 *
 * Pressing one turns it amber wherever the same value stands (prose, tile, cell), and shows where it comes from.
 * Words of the model and of documents become text nodes only; there is no innerHTML anywhere.
 */

export const STATES = {
  tied: "tied to its source",
  computed: "computed from tied figures",
  given: "given by you",
  open: "no source found",
  differs: "differs from its source",
};

const known = new Map(); // value id -> {label, period, exact, from: [words]}
let sources = new Map(); // value id -> promise of what the service says of it, or of null
let askSource = () => Promise.resolve(null);
let sights = { show: () => {}, hide: () => {} };
let followed = null;

export function el(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

export function button(className, words, onclick) {
  const node = el("button", className, words);
  node.type = "button";
  node.onclick = onclick;
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const icon = (name, className = "i") =>
  svg("svg", { class: className, "aria-hidden": "true" }, svg("use", { href: `#${name}` }));

export const glyph = (state) => (state in STATES ? icon(state, `g ${state}`) : "");

/* A figure in prose or in a cell. `tick`: state, value_id, note. */
export function figure(shown, tick) {
  if (!(tick.state in STATES)) return document.createTextNode(shown);
  const node = button(`fig ${tick.state}`, shown, () => follow(tick, shown));
  node.append(glyph(tick.state));
  node.setAttribute("aria-label", `${shown}, ${STATES[tick.state]}`);
  node.title = tick.note ?? STATES[tick.state];
  return followable(node, tick.value_id);
}

export function followable(node, valueId) {
  if (valueId) node.dataset.value = valueId;
  node.setAttribute("aria-pressed", String(valueId !== undefined && valueId === followed));
  return node;
}

/* Mark a figure everywhere and show its source: at once what this page knows, then what the service says. */
export function follow(tick, shown) {
  const again = tick.value_id === followed;
  unfollow();
  if (again) return;
  followed = tick.value_id ?? null;
  press();
  tell(tick, shown);
  if (followed === null) return;
  sourceOf(followed).then((source) => {
    if (!source || followed !== tick.value_id) return;
    learnSource(source);
    sights.show(source);
    tell({ ...tick, state: tick.state ?? source.value.state }, shown);
  });
}

function tell(tick, shown) {
  const facts = known.get(tick.value_id) ?? {};
  const name = named(facts) || shown;
  const words = [facts.exact ?? shown, ...(facts.from ?? []), tick.note ?? STATES[tick.state]].filter(Boolean).join(" · ");
  const line = document.getElementById("source");
  line.replaceChildren(glyph(tick.state), el("b", "", name), el("span", "", words));
  line.hidden = false;
}

/* Each value is asked for once. A service that does not know it is not asked again; one that cannot be reached is. */
function sourceOf(valueId) {
  if (!sources.has(valueId)) {
    const asked = sources;
    const failed = (error) => {
      if (!(error.status < 500)) asked.delete(valueId);
      return null;
    };
    sources.set(valueId, askSource(valueId).catch(failed));
  }
  return sources.get(valueId);
}

/* `ask(value id)` promises {value, document?, inputs, sources}, or rejects; `show(source)` shows where a figure stands. */
export function askSourcesWith(ask, show, hide) {
  askSource = ask;
  sights = { show, hide };
}

export function unfollow() {
  followed = null;
  press();
  document.getElementById("source").hidden = true;
  sights.hide();
}

function press() {
  for (const node of document.querySelectorAll("[data-value]")) {
    node.setAttribute("aria-pressed", String(node.dataset.value === followed));
  }
}

/* Remember what a chart or a table says about a value; what was said before is better or the same. */
export function learn(valueId, facts) {
  if (valueId) known.set(valueId, { ...facts, ...known.get(valueId) });
}

/* A whole value says all there is to know. `nameOf` gives a document's name by id. */
export function learnValue(value, nameOf) {
  const from = value.place ? [spot(value.place, nameOf(value.place.document_id))] : [value.formula];
  if (!known.get(value.value_id)?.whole) known.set(value.value_id, { ...factsOf(value), from });
}

/* What the service says of a value: where it stands, or how it was computed and from what. */
function learnSource({ value, document: file, inputs = [] }) {
  const from = [value.formula && inWords(value.formula, inputs), value.place && spot(value.place, file?.name)];
  known.set(value.value_id, { ...factsOf(value), from, whole: true });
}

function factsOf({ label, period, amount, unit, shown }) {
  const precisely = unit === "ratio" ? [shown, `exactly ${exact(amount)}`].join(", ") : exact(amount, unit);
  return { label, period: period?.label, exact: precisely };
}

/* Label and period; many labels name their period already. */
const named = ({ label = "", period = "" }) => [label, label.includes(period) ? "" : period].filter(Boolean).join(", ");

const LINES_SHOWN = 8;
const READ = new Set(["pdf", "html", "docx", "json"]); // where words are the way to a figure, and not lines and cells

/* "report.pdf, p. 87, Revenue, 2024", "accounts.csv, line 6, column 5", or "model.xlsx, Income!E4"; of a sum over many rows how many they are, and the first of them. */
function spot(place, file) {
  const { lines = [], cells = [] } = place;
  const many = lines.length > 0 ? lines : cells;
  const rows = place.rows_total ?? many.length;
  const more = rows > LINES_SHOWN ? ` and ${(rows - LINES_SHOWN).toLocaleString("en-GB")} more` : "";
  const kind = many === cells ? "cell" : "line";
  return [
    file,
    place.line && `line ${place.line}`,
    rows > 0 && `${rows.toLocaleString("en-GB")} row${rows === 1 ? "" : "s"}`,
    many.length > 0 && `${kind}${many.length === 1 ? "" : "s"} ${many.slice(0, LINES_SHOWN).join(", ")}${more}`,
    place.page && `p. ${place.page}`,
    ...(READ.has(place.kind) ? [place.row, place.column] : []),
    place.fact && `tagged ${place.fact}`,
    place.paragraph && `paragraph ${place.paragraph}`,
    place.pointer,
    place.sheet && place.cell ? `${place.sheet}!${place.cell}` : place.sheet || place.cell,
    place.cell_formula,
    !READ.has(place.kind) && place.column && `column ${place.column}`,
  ].filter(Boolean).join(", ");
}

/* A formula with its inputs named; the first time with the amount. Inputs that it does not name follow it. */
function inWords(formula, inputs) {
  const left = new Map(inputs.map((input) => [input.value_id, `${named(factsOf(input))} (${input.shown})`]));
  const names = new Map(inputs.map((input) => [input.value_id, named(factsOf(input))]));
  const words = formula.replace(/\bv\d+\b/g, (id) => {
    const first = left.get(id);
    left.delete(id);
    return first ?? names.get(id) ?? id;
  });
  const signs = words.replaceAll(" - ", " − ").replaceAll(" * ", " × ").replaceAll(" / ", " ÷ ");
  return [`= ${signs}`, [...left.values()].join("; ")].filter(Boolean).join(": ");
}

export function forget() {
  known.clear();
  sources = new Map();
  unfollow();
}

/* An exact amount for reading: thousands separated, a true minus, its unit. */
export function exact(amount, unit = "") {
  const [whole, fraction] = String(amount ?? "").replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return [fraction ? `${grouped}.${fraction}` : grouped, unit === "count" ? "" : unit].filter(Boolean).join(" ");
}

/* Figures: every number that matters is a button with the glyph of its state.
 *
 * Pressing one turns it amber wherever the same value stands (prose, tile, cell), and shows what this page knows of it.
 * Words of the model and of documents become text nodes only; there is no innerHTML anywhere.
 */

export const STATES = {
  tied: "tied to its source",
  computed: "computed from tied figures",
  given: "given by you",
  open: "no source found",
  differs: "differs from its source",
};

const known = new Map(); // value id -> {label, period, exact, from}
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

export function follow(tick, shown) {
  const facts = known.get(tick.value_id) ?? {};
  const again = tick.value_id === followed;
  unfollow();
  if (again) return;
  followed = tick.value_id ?? null;
  press();
  const name = [facts.label, facts.period].filter(Boolean).join(", ") || shown;
  const words = [facts.exact ?? shown, facts.from, tick.note ?? STATES[tick.state]].filter(Boolean).join(" · ");
  const line = document.getElementById("source");
  line.replaceChildren(glyph(tick.state), el("b", "", name), el("span", "", words));
  line.hidden = false;
}

export function unfollow() {
  followed = null;
  press();
  document.getElementById("source").hidden = true;
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
  const { place } = value;
  const spot = place && [
    nameOf(place.document_id),
    place.line && `line ${place.line}`,
    place.page && `page ${place.page}`,
    place.cell,
    place.column && `column ${place.column}`,
  ].filter(Boolean).join(", ");
  const facts = { label: value.label, exact: exact(value.amount, value.unit), from: spot || value.formula };
  known.set(value.value_id, { period: value.period?.label, ...facts });
}

export function forget() {
  known.clear();
  unfollow();
}

/* An exact amount for reading: thousands separated, a true minus, its unit. */
export function exact(amount, unit = "") {
  const [whole, fraction] = String(amount ?? "").replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return [fraction ? `${grouped}.${fraction}` : grouped, unit === "count" ? "" : unit].filter(Boolean).join(" ");
}

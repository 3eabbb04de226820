/* Where a figure stands, to be looked at: the picture of its page with its box drawn, or the rows around its cell.
 *
 * The service gives the links; this page knows no formats. A computed figure shows the figures it was computed from, one
 * at a time.
 */

import { button, el } from "./figures.js";
import { request } from "./wire.js";

const LEAVES = 6;
let shown = 0; // which sight is wanted; what arrives for an earlier one is dropped

export function hideSights() {
  shown += 1;
  const frame = document.getElementById("sight");
  frame.replaceChildren();
  frame.hidden = true;
}

/* `source`: what the service says of a value: {value, inputs, sources}. */
export function showSights({ value, inputs = [], sources = [] }) {
  hideSights();
  const values = new Map([value, ...inputs].map((each) => [each.value_id, each]));
  const own = sources.filter(({ value_id: id }) => id === value.value_id);
  const leaves = (own.length > 0 ? own : sources).filter(({ around_url: url }) => url).slice(0, LEAVES);
  if (leaves.length === 0) return;
  const frame = document.getElementById("sight");
  const view = el("div", "view");
  const choose = (leaf, chosen) => {
    for (const each of chooser.children) each.setAttribute("aria-pressed", String(each === chosen));
    look(leaf, values.get(leaf.value_id), view);
  };
  const chooser = el("div", "leaves");
  for (const leaf of leaves) {
    const { label = "", period, shown: words } = values.get(leaf.value_id);
    const name = [label, period && !label.includes(period.label) && period.label, words].filter(Boolean).join(", ");
    const choice = button("leaf", name, () => choose(leaf, choice));
    chooser.append(choice);
  }
  frame.append(...(leaves.length > 1 ? [chooser] : []), view);
  frame.hidden = false;
  choose(leaves[0], chooser.children[0]);
}

async function look(leaf, value, view) {
  const wanted = (shown += 1);
  const place = value.place ?? {};
  try {
    const sight = leaf.page_url ? await page(leaf, place) : await surroundings(leaf);
    if (wanted !== shown) return;
    view.replaceChildren(sight);
    reveal(view);
  } catch (error) {
    if (wanted === shown) view.replaceChildren(el("p", "", error.message));
  }
}

/* The middle of the first mark is brought to the middle of the view. */
function reveal(view) {
  const mark = view.querySelector(".mark");
  if (!mark) return;
  const [outer, inner] = [view.getBoundingClientRect(), mark.getBoundingClientRect()];
  view.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  view.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

/* The page as a picture; the boxes are fractions of it. */
async function page({ page_url: url, name }, { box, boxes, page: number, printed = "" }) {
  const picture = new Image();
  picture.alt = `Page ${number} of ${name}`;
  picture.src = url;
  await picture.decode().catch(() => request(url)); // asked once more for the words of the refusal
  const sheet = el("div", "sheet", picture);
  for (const [left, top, right, bottom] of boxes ?? (box ? [box] : [])) {
    const mark = el("i", "mark");
    const across = [left, top, right - left, bottom - top].map((share) => `${100 * share}%`);
    [mark.style.left, mark.style.top, mark.style.width, mark.style.height] = across;
    mark.title = printed;
    sheet.append(mark);
  }
  return sheet;
}

/* The rows around a cell, or the paragraphs around a sentence. */
async function surroundings({ around_url: url }) {
  const found = await (await request(url)).json();
  return found.table ? rows(found.table) : el("div", "prose", ...(found.passages ?? []).map(passage));
}

function rows({ title, sheet, columns, rows: lines }) {
  const heads = columns.map(({ label, letters, kind }) =>
    el("th", kind === "number" ? "r" : "", [letters, label].filter(Boolean).join(" · ")));
  const numbered = lines.some(({ line }) => line !== undefined);
  const body = lines.map(({ line, cells, marked }) => {
    const row = cells.map((cell, column) => {
      const node = el("td", columns[column].kind === "number" ? "r" : "", cell);
      if (marked?.includes(column)) node.classList.add("mark");
      return node;
    });
    const node = el("tr", marked ? "at" : "", ...(numbered ? [el("th", "r", String(line))] : []), ...row);
    return node;
  });
  const head = el("thead", "", el("tr", "", ...(numbered ? [el("th", "r", "")] : []), ...heads));
  const caption = el("caption", "", [sheet, title !== sheet && title].filter(Boolean).join(" · "));
  return el("table", "", caption, head, el("tbody", "", ...body));
}

function passage({ text, heading, marked }) {
  const letters = [...text]; // spans count code points
  const [start, end] = marked ?? [0, 0];
  const words = [letters.slice(0, start), letters.slice(start, end), letters.slice(end)].map((part) => part.join(""));
  const node = el("p", "", words[0], ...(words[1] ? [el("mark", "mark", words[1])] : []), words[2]);
  if (heading) node.title = heading;
  return node;
}

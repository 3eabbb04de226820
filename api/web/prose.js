/* Prose: a little Markdown (paragraphs, headings, lists, code, bold, italics) with figures in it.
 *
 * A message is its text, its ticks and its artifacts, each at an offset of the text. `render` lays them out in one
 * column. A block of text is built again only when its words or its ticks changed, so a long answer costs no more per
 * word than a short one.
 */

import { el, figure } from "./figures.js";

/* Lay a message out in `message.body`. Artifacts are in order; offsets are in UTF-16 units here. */
export function render(message) {
  const nodes = [];
  let from = 0;
  for (const item of message.artifacts) {
    nodes.push(...prose(message, from, item.offset), item.node);
    from = item.offset;
  }
  nodes.push(...prose(message, from, message.text.length));
  const { body } = message;
  nodes.forEach((node, index) => {
    if (body.children[index] !== node) body.insertBefore(node, body.children[index] ?? null);
  });
  while (body.children.length > nodes.length) body.lastElementChild.remove();
  moveCaret(message, nodes.at(-1));
}

function moveCaret(message, last) {
  message.caret?.classList.remove("caret");
  if (!message.live) return;
  const inText = last?.matches("p, h3, ul, ol") ? last.querySelector(":scope > li:last-child") ?? last : null;
  message.caret = inText ?? message.body;
  message.caret.classList.add("caret");
}

function prose(message, from, to) {
  return blocksOf(message.text, from, to).map((block) => {
    const ticks = message.ticks.filter((tick) => tick.start >= block.start && tick.end <= block.end);
    const open = (message.live || message.cut) && block.end === message.text.length;
    const words = message.text.slice(block.start, block.end);
    const sign = [block.kind, open, ...ticks.map((tick) => tick.start + tick.state), words].join("\n");
    const built = message.blocks.get(block.start);
    if (built?.sign === sign) return built.node;
    const node = build(message.text, block, ticks, open);
    message.blocks.set(block.start, { sign, node });
    return node;
  });
}

const KINDS = [
  ["code", /^\s*```/],
  ["h3", /^#{1,6}\s+/],
  ["ul", /^\s*[-*+]\s+/],
  ["ol", /^\s*\d{1,3}[.)]\s+/],
  ["p", /^/],
];

/* The blocks of text[from, to): {kind, start, end, lines}, a line being the [start, end) of its words. */
export function blocksOf(text, from, to) {
  const blocks = [];
  let current = null; // the block that the next line may go on with
  for (let start = from, end; start < to; start = end + 1) {
    const stop = text.indexOf("\n", start);
    end = stop < 0 || stop > to ? to : stop;
    const line = text.slice(start, end);
    const [kind, mark] = KINDS.find(([, pattern]) => pattern.test(line));
    if (current?.kind === "code") {
      current.end = end;
      if (kind === "code") current = null;
    } else if (!line.trim()) {
      current = current?.kind === "ul" || current?.kind === "ol" ? current : null; // loose lists stay one list
    } else {
      const words = [start + line.match(mark)[0].length, end];
      if (current?.kind === kind && kind !== "h3") current.lines.push(words);
      else blocks.push((current = { kind, start, end, lines: [words] }));
      current.end = end;
    }
  }
  return blocks;
}

function build(text, block, ticks, open) {
  if (block.kind === "code") {
    return el("pre", "", text.slice(block.start, block.end).replace(/^\s*```.*\n?/, "").replace(/\n?\s*```\s*$/, ""));
  }
  const node = el(block.kind);
  const isList = block.kind === "ul" || block.kind === "ol";
  block.lines.forEach(([start, end], index) => {
    if (index && !isList) node.append(" ");
    inline(isList ? node.appendChild(el("li")) : node, text, start, end, ticks, open && end === block.end);
  });
  return node;
}

const CODE_OR_ITALIC = /(?<!\\)`([^`]+)`|(?<![\w*\\])\*(?=\S)([^*]+)(?<=[^\s\\])\*(?!\w)/.source;
const CLOSED = new RegExp(`(?<!\\\\)\\*\\*(.+?)(?<!\\\\)\\*\\*|${CODE_OR_ITALIC}`, "g");
const OPEN = new RegExp(`(?<!\\\\)\\*\\*(.+?)(?:(?<!\\\\)\\*\\*|\\*?$)|${CODE_OR_ITALIC}`, "g"); // bold shows before it closes
const unescaped = (words) => words.replace(/\\([!-/:-@[-`{-~])/g, "$1");

function inline(parent, text, start, end, ticks, open) {
  let from = start;
  for (const found of text.slice(start, end).matchAll(open ? OPEN : CLOSED)) {
    const [whole, bold, code] = found;
    const begin = start + found.index;
    figures(parent, text, from, begin, ticks);
    from = begin + whole.length;
    if (bold) inline(parent.appendChild(el("strong")), text, begin + 2, begin + 2 + bold.length, ticks, false);
    else if (code) parent.append(el("code", "", code));
    else figures(parent.appendChild(el("em")), text, begin + 1, from - 1, ticks);
  }
  figures(parent, text, from, end, ticks);
}

/* Text with its figures as buttons; brackets before and punctuation after a figure stay on its line. */
function figures(parent, text, start, end, ticks) {
  let from = start;
  for (const tick of ticks) {
    if (tick.start < from || tick.end > end) continue;
    const [, before, opening] = /^(.*?)([([“‘]*)$/s.exec(text.slice(from, tick.start));
    const mark = /^[,.;:!?)\]”’]*/.exec(text.slice(tick.end, Math.min(end, tick.end + 4)))[0];
    const node = figure(text.slice(tick.start, tick.end), tick);
    parent.append(unescaped(before), opening || mark ? el("span", "nb", opening, node, mark) : node);
    from = tick.end + mark.length;
  }
  if (from < end) parent.append(unescaped(text.slice(from, end)));
}

/* Charts, tables and metrics, as their events bring them.
 *
 * Plotly is loaded when the first chart is announced, never before. It draws the event's figure as it came, at night in
 * colours for the night. Under "Data" stand the same numbers as a table.
 */

import { button, el, exact, figure, follow, followable, glyph, learn, learnValue, STATES, svg } from "./figures.js";

/* The figure's own colours (tools/figures.py) are made for paper; these are their places at night. */
const NIGHT = {
  "#1f3a5f": "#aebfd8", "#0072b2": "#5db4ea", "#d55e00": "#ff9257", "#009e73": "#46c9a0", "#cc79a7": "#e3a5c7",
  "#b07d00": "#e0b34f", "#56b4e9": "#8fd0f5", "#7a5195": "#b795d6", "#5f6b76": "#92a0ab", "#8c510a": "#c98f4d",
  "#35978f": "#63c2ba", "#15202b": "#e9edf0", "#43505c": "#b3bec8", "#e6e3d9": "#26313a", "#fffefb": "#1b252d",
  "#cfcabd": "#3a4752", "#dedbd0": "#2a3640",
};
const night = matchMedia("(prefers-color-scheme: dark)");

let loading = null;
export function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: "/assets/plotly.min.js" });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("the chart library could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

function card(title, unit, tools, ...body) {
  const head = el("h2", "", `${title} `, el("span", "", !unit || unit === "count" ? "" : unit));
  return el("figure", "card", el("header", "", head, el("div", "tools", ...tools)), ...body);
}

export const skeleton = (title) => card(title ?? "Chart", "", [], el("div", "skel"));

/* chart_data -> a card */
export function chart(data) {
  const names = data.x?.values ?? [];
  for (const series of data.series ?? []) {
    (series.value_ids ?? []).forEach((id, row) => {
      const facts = { label: series.name, period: String(names[row] ?? ""), exact: exact(series.values[row], series.unit) };
      learn(id, facts);
    });
  }
  const plot = el("div", "plot");
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", data.summary ?? data.title);
  const numbers = el("div", "scroll", numbersOf(data));
  numbers.hidden = true;
  const turn = button("", "Data", () => {
    plot.hidden = numbers.hidden;
    numbers.hidden = !numbers.hidden;
    turn.textContent = plot.hidden ? "Chart" : "Data";
    if (!plot.hidden) plot.redraw();
  });
  const save = button("", "PNG", async () => {
    (await plotly()).downloadImage(plot, { format: "png", scale: 2, width: 900, height: 420, filename: data.title });
  });
  const note = data.source_note ? [el("footer", "", data.source_note)] : [];
  plot.redraw = () => draw(plot, data).catch((error) => {
    plot.replaceChildren(el("p", "note e", `This chart could not be drawn: ${error.message}. Its numbers are under Data.`));
  });
  night.addEventListener("change", () => plot.isConnected && plot.redraw());
  requestAnimationFrame(() => setTimeout(plot.redraw)); // by then it stands on the page and has a size
  return card(data.title, data.unit, [turn, save], plot, numbers, ...note);
}

async function draw(plot, data) {
  const Plotly = await plotly();
  const figure = themed(data.figure);
  const config = { responsive: true, displayModeBar: false, displaylogo: false, showSendToCloud: false, plotlyServerURL: "" };
  await Plotly.newPlot(plot, figure.data, figure.layout, config);
  plot.removeAllListeners?.("plotly_click");
  plot.on("plotly_click", ({ points: [point] }) => {
    const id = Array.isArray(point?.customdata) ? point.customdata[0] : point?.customdata;
    if (id) follow({ value_id: String(id) }, "");
  });
}

/* The figure in the colours of the hour. Only colours are touched: a key that ends in "color", or "colors". */
function themed(figure) {
  const shade = (words) => String(words).replace(/#[0-9a-f]{6}/gi, (colour) => NIGHT[colour.toLowerCase()] ?? colour);
  const turned = (key, value) => {
    if (key === "colors" && Array.isArray(value)) return value.map(shade);
    return /color$/.test(key) && typeof value === "string" ? faint(shade(value)) : value;
  };
  return JSON.parse(JSON.stringify(figure), night.matches ? turned : undefined);
}

/* A transparent colour of the palette, as areas have it. */
function faint(colour) {
  const found = /^rgba\((\d+),(\d+),(\d+),(0?\.\d+)\)$/.exec(colour);
  if (!found) return colour;
  const hex = (parts) => `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
  const at = NIGHT[hex(found.slice(1, 4))];
  return at ? at + Math.round(found[4] * 255).toString(16).padStart(2, "0") : colour;
}

function numbersOf(data) {
  const columns = [{ label: data.x?.label ?? "" }, ...data.series.map((series) => ({ label: series.name, align: "right" }))];
  const cell = (series, row) => exact(series.values[row], series.unit === "ratio" ? "" : series.unit);
  const rows = (data.x?.values ?? data.series[0]?.values ?? []).map((name, row) => [
    String(name),
    ...data.series.map((series) => (series.values[row] == null ? "" : cell(series, row))),
  ]);
  return grid(columns, rows);
}

/* table_data -> a card */
export function table(data) {
  for (const row of data.rows) {
    row.forEach((cell, index) => {
      if (!cell?.value_id) return;
      const column = data.columns[index];
      const facts = { label: typeof row[0] === "string" ? row[0] : "", period: column.label };
      learn(cell.value_id, { ...facts, exact: exact(cell.amount, column.unit ?? cell.unit) });
    });
  }
  const copy = button("", "Copy for Excel", async () => {
    const plain = (cell) => cell?.amount ?? cell?.shown ?? cell ?? "";
    const rows = [data.columns.map((column) => column.label), ...data.rows.map((row) => row.map(plain))];
    await navigator.clipboard.writeText(rows.map((row) => row.join("\t")).join("\n"));
    copy.textContent = "Copied";
  });
  const scroll = el("div", "scroll", grid(data.columns, data.rows));
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", data.title);
  const cut = data.rows_total > data.rows.length;
  const count = `${data.rows.length.toLocaleString("en-GB")} of ${data.rows_total.toLocaleString("en-GB")} rows`;
  return card(data.title, data.unit, [copy], scroll, ...(cut ? [el("footer", "", count)] : []));
}

function grid(columns, rows) {
  const side = (column) => (column.align === "right" ? "r" : "");
  const head = columns.map((column) => Object.assign(el("th", side(column), column.label), { scope: "col" }));
  const cell = (value, index) => {
    const words = value?.state ? figure(value.shown, value) : value?.shown ?? value ?? "";
    return el("td", side(columns[index]), words);
  };
  const body = rows.map((row) => el("tr", "", ...row.map(cell)));
  return el("table", "", el("thead", "", el("tr", "", ...head)), el("tbody", "", ...body));
}

/* metric_data -> a tile. `nameOf` gives a document's name by id. */
export function metric(data, nameOf) {
  const { value, change } = data;
  for (const each of [value, change?.value]) if (each?.value_id) learnValue(each, nameOf);
  const tile = button("kpi", "", () => follow(value, value.shown));
  const label = [data.label, value.period?.label].filter((words, index, all) => words && !(index && all[0].includes(words)));
  const arrow = { up: "▲", down: "▼" }[change?.direction] ?? "";
  const words = change && `${arrow} ${arrow ? change.shown.replace(/^[+−-]/, "") : change.shown}`.trim();
  const course = spark(data.sparkline?.values);
  const below = el("span", "d", ...(course ? [course] : []));
  if (change) below.prepend(el("span", change.direction, words, el("small", "", change.against ? ` on ${change.against}` : "")));
  const state = el("span", "sr", `, ${STATES[value.state] ?? ""}`);
  tile.append(el("span", "lbl", label.join(", ")), el("b", "", value.shown, glyph(value.state), state), below);
  return followable(tile, value.value_id);
}

function spark(values = []) {
  const points = values.map((value, index) => [index, value]).filter(([, value]) => value !== null);
  if (points.length < 2) return "";
  const heights = points.map(([, value]) => value);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const spots = points.map(([index, value]) => [
    (3 + (index * 52) / (values.length - 1)).toFixed(1),
    (high === low ? 10 : 17 - ((value - low) * 14) / (high - low)).toFixed(1),
  ]);
  const [cx, cy] = spots.at(-1);
  const line = svg("path", { d: `M${spots.map((spot) => spot.join(" ")).join("L")}` });
  return svg("svg", { class: "spark", viewBox: "0 0 58 20", "aria-hidden": "true" }, line, svg("circle", { cx, cy, r: 2 }));
}

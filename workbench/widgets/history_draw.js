// What the history tree is drawn with: shapes and rows' words.
// Python puts this between elements.js and history_panel.js.
// @ts-check

/**
 * What `packed` in history.py sends: a list a column, an object by row where few rows have anything to say.
 * @typedef {object} Data
 * @property {string} title
 * @property {string} sentence
 * @property {string[]} problem
 * @property {boolean} live
 * @property {string[]} ids
 * @property {string[]} short
 * @property {string} glyphs
 * @property {string[]} words
 * @property {string[]} messages
 * @property {Record<number, string>} sorts
 * @property {number[]} heads
 * @property {Record<number, string[]>} labels
 * @property {Record<number, string>} here
 * @property {Record<number, string[]>} notes
 * @property {Record<number, string>} faults
 * @property {Record<number, string[]>} needs
 * @property {string[][]} follows
 * @property {string[]} paths
 * @property {string[]} dates
 * @property {number[]} columns
 * @property {number} width
 * @property {number[]} edges
 */

const ROW = 26; // pixels, as in history.css
const TALLEST = 420;
const CHUNK = 32; // rows: lines are found by chunk, and the window moves by half of one
const EDGE = 7; // numbers an edge
const GUTTER = 22; // left of the first lane: the mark of the database
const BASE = "base"; // `selected` below the first revision, as in history.py

/** Where a column of lanes is. @param {number} column @param {number} pitch */
function laneAt(column, pitch) {
  return GUTTER + 8 + column * pitch;
}

/** The sign of a revision. @param {Data} data @param {number} row @param {number} pitch */
function nodeOf(data, row, pitch) {
  const [x, y] = [laneAt(data.columns[row], pitch), (row + 0.5) * ROW];
  const size = pitch >= 12 ? 5 : 3.5;
  const group = shape("g", { class: `wbh-node${data.words[row] === "applied" ? " wbh-n-applied" : ""}` });
  const glyph = data.glyphs[row];
  if (row in data.here) group.append(shape("circle", { cx: x, cy: y, r: size + 3.5, class: "wbh-ring" }));
  if (glyph === "✖") {
    const arm = size - 0.5;
    group.append(
      shape("circle", { cx: x, cy: y, r: size + 2, class: "wbh-gap" }),
      shape("path", {
        d: `M${x - arm} ${y - arm}l${2 * arm} ${2 * arm}M${x - arm} ${y + arm}l${2 * arm} ${-2 * arm}`,
        class: "wbh-cross",
      }),
    );
  } else if (glyph === "?") {
    group.append(shape("circle", { cx: x, cy: y, r: size + 1, class: "wbh-gap" }));
    const sign = shape("text", { x, y: y + 4.5, "text-anchor": "middle", class: "wbh-ask" });
    sign.textContent = "?";
    group.append(sign);
  } else {
    const dashed = glyph === "◌" ? " wbh-dashed" : "";
    group.append(shape("circle", { cx: x, cy: y, r: glyph === "·" ? 2.5 : size, class: `wbh-ball${dashed}` }));
    const half = `M${x} ${y - size}a${size} ${size} 0 0 0 0 ${2 * size}z`;
    if (glyph === "◐") group.append(shape("path", { d: half, class: "wbh-half" }));
  }
  return group;
}

/** The line of an edge. @param {Data} data @param {number} edge @param {number} pitch */
function wayOf(data, edge, pitch) {
  const [top, x0, end, x2, via, needed, applied] = data.edges.slice(edge * EDGE, edge * EDGE + EDGE);
  const [a, b, c] = [x0, via, x2].map((column) => laneAt(column, pitch));
  const y = (top + 0.5) * ROW;
  const out = Math.min(8, Math.abs(b - a));
  let d = `M${a} ${y}`;
  if (a !== b) d += `H${b - Math.sign(b - a) * out}Q${b} ${y} ${b} ${y + out}`;
  if (end < 0) d += `V${y + 11}`;
  else {
    const bottom = (end + 0.5) * ROW;
    const back = Math.min(8, Math.abs(c - b));
    d += b === c ? `V${bottom}` : `V${bottom - back}Q${b} ${bottom} ${b + Math.sign(c - b) * back} ${bottom}H${c}`;
  }
  return shape("path", { d, class: `wbh-way${applied ? " wbh-done" : ""}${needed ? " wbh-needed" : ""}` });
}

/** As `Row.spoken` in history_rows.py. @param {Data} data @param {number} row */
function spokenOf(data, row) {
  const labels = data.labels[row];
  return [
    data.short[row],
    data.messages[row],
    labels ? `branch label ${labels.join(", ")}` : "",
    data.heads.includes(row) ? "head" : "",
    data.words[row],
    data.here[row] ?? "",
    ...(data.notes[row] ?? []),
  ].filter(Boolean).join(", ");
}

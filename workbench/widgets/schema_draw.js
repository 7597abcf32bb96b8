// What the entity-relationship picture is drawn with: cards, edges with crow's feet, the frames of schemas.
// Python puts this between elements.js and schema_panel.js.
// @ts-check

/**
 * A table, as `packed` in schema_data.py sends it.
 * @typedef {object} Card
 * @property {string} key
 * @property {[number, number, number, number]} box left, top, width, height
 * @property {string} title
 * @property {[string, string, string[], string][]} rows name, type, marks, letter
 * @property {number} more
 * @property {string} mark
 * @property {string} spoken
 * @property {string[]} columns
 */

/**
 * A foreign key.
 * @typedef {object} Edge
 * @property {[number, number]} ends
 * @property {number[]} points
 * @property {boolean} many
 * @property {boolean} optional
 * @property {string} label
 */

/**
 * The picture, and what is said beside it.
 * @typedef {object} Data
 * @property {number} width
 * @property {number} height
 * @property {number} row
 * @property {number} head
 * @property {Card[]} cards
 * @property {Edge[]} edges
 * @property {[string, number, number, number, number][]} groups
 * @property {string} sentence
 * @property {string[]} notes
 * @property {number} count
 * @property {string} only
 * @property {number} schemas
 * @property {boolean} live
 * @property {boolean} rows
 * @property {boolean} blame
 * @property {boolean} travels
 * @property {string} first
 */

const LEGIBLE = 0.5; // below this scale a card is its name alone: rows would be grey noise
const BEND = 5;
const MARKED = { A: "added", C: "changed", R: "removed" };
const KEYS = { PK: "primary key", FK: "foreign key", U: "unique", N: "may be NULL" };

/** @param {string} names @param {number} x @param {number} y @param {string} words @param {string} [anchor] */
function letters(names, x, y, words, anchor = "start") {
  const text = shape("text", { class: names, x, y, "text-anchor": anchor });
  text.textContent = words;
  return text;
}

/** A word on hover. @param {string} words */
function hover(words) {
  const title = shape("title", {});
  title.textContent = words;
  return title;
}

/** All of a card, or its name alone. @param {Data} data @param {number} number @param {boolean} whole */
function cardOf(data, number, whole) {
  const card = data.cards[number];
  const [x, y, width, height] = card.box;
  const group = shape("g", { class: "wbs-card", transform: `translate(${x} ${y})` });
  group.dataset.card = String(number);
  if (card.mark) group.classList.add(`wbs-${MARKED[/** @type {"A"} */ (card.mark)]}`);
  group.append(hover(card.spoken), shape("rect", { class: "wbs-box", width, height, rx: 5 }));
  if (!whole) {
    group.append(...plate(card));
    return group;
  }
  const lid = `M0.5 ${data.head}V5Q0.5 0.5 5.5 0.5H${width - 5.5}Q${width - 0.5} 0.5 ${width - 0.5} 5V${data.head}Z`;
  group.append(shape("path", { class: "wbs-lid", d: lid }), letters("wbs-name", 9, 18, card.title));
  if (card.mark) group.append(letters("wbs-letter", width - 9, 18, card.mark, "end"));
  card.rows.forEach((row, place) => group.append(rowOf(data, row, width, data.head + data.row * place)));
  if (card.more) {
    const words = `… ${card.more.toLocaleString("en")} more`;
    group.append(letters("wbs-type", 41, data.head + data.row * card.rows.length + 13, words));
  }
  return group;
}

/** A name as large as its card allows, for somebody far away. @param {Card} card */
function plate(card) {
  const [, , width, height] = card.box;
  const size = Math.min(34, (width - 14) / (Math.max(card.title.length + (card.mark ? 2 : 0), 4) * 0.62), height * 0.7);
  const text = letters("wbs-name", width / 2, height / 2 + size * 0.35, card.title, "middle");
  text.style.fontSize = `${size}px`;
  if (!card.mark) return [text];
  const letter = letters("wbs-letter", width - 8, 26, card.mark, "end");
  letter.style.fontSize = "26px";
  return [text, letter];
}

/** @param {Data} data @param {Card["rows"][number]} row @param {number} width @param {number} top */
function rowOf(data, row, width, top) {
  const [name, type, marks, letter] = row;
  const base = top + 13;
  const group = shape("g", { class: "wbs-row" });
  if (letter) group.classList.add(`wbs-${MARKED[/** @type {"A"} */ (letter)]}`);
  group.append(shape("rect", { class: "wbs-strip", x: 1, y: top, width: width - 2, height: data.row }));
  const keys = marks.filter((mark) => mark !== "N").slice(0, 2).join(" ");
  if (letter) group.append(letters("wbs-letter", 2, base, letter));
  if (keys) group.append(letters("wbs-key", 9, base, keys));
  const told = letters(marks.includes("PK") ? "wbs-column wbs-primary" : "wbs-column", 41, base, name);
  const words = marks.map((mark) => KEYS[/** @type {"PK"} */ (mark)]);
  if (letter) words.push(MARKED[/** @type {"A"} */ (letter)]);
  if (words.length) told.append(hover(words.join(", ")));
  group.append(told, letters("wbs-type", width - 19, base, type, "end"));
  if (marks.includes("N")) group.append(letters("wbs-null", width - 15, base, "N"));
  return group;
}

/** A foreign key: rounded steps, a crow's foot or bar at the child, a ring or a bar at the parent. @param {Edge} edge */
function edgeOf(edge) {
  const group = shape("g", { class: "wbs-edge" });
  const points = [];
  for (let at = 0; at < edge.points.length; at += 2) points.push([edge.points[at], edge.points[at + 1]]);
  const [[x, y], [next]] = points;
  const out = next > x ? 1 : -1;
  const last = points.length - 1;
  const [toX, toY] = points[last];
  const back = points[last - 1][0] > toX ? 1 : -1;
  let d = wayOf(points);
  d += edge.many ? `M${x} ${y - 5}L${x + out * 10} ${y}L${x} ${y + 5}` : `M${x + out * 6} ${y - 5}V${y + 5}`;
  d += `M${toX + back * 5} ${toY - 5}V${toY + 5}`;
  if (!edge.optional) d += `M${toX + back * 9} ${toY - 5}V${toY + 5}`;
  group.append(hover(edge.label), shape("path", { class: "wbs-near", d: wayOf(points) }), shape("path", { d }));
  if (edge.optional) group.append(shape("circle", { cx: toX + back * 12, cy: toY, r: 3.5 }));
  return group;
}

/** @param {number[][]} points */
function wayOf(points) {
  let d = `M${points[0].join(" ")}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [before, here, after] = [points[at - 1], points[at], points[at + 1]];
    const bend = Math.min(BEND, far(before, here) / 2, far(here, after) / 2);
    d += `L${toward(here, before, bend)}Q${here.join(" ")} ${toward(here, after, bend)}`;
  }
  return `${d}L${points[points.length - 1].join(" ")}`;
}

/** @param {number[]} a @param {number[]} b */
function far(a, b) {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
}

/** @param {number[]} here @param {number[]} there @param {number} by */
function toward(here, there, by) {
  return `${here[0] + Math.sign(there[0] - here[0]) * by} ${here[1] + Math.sign(there[1] - here[1]) * by}`;
}

/** The frame around the tables of one schema. @param {Data["groups"][number]} group */
function groupOf([name, x, y, width, height]) {
  const found = shape("g", { class: "wbs-group" });
  found.append(shape("rect", { x, y, width, height, rx: 8 }), letters("wbs-where", x + 12, y + 18, name));
  return found;
}

/** The smallest box around an edge. @param {Edge} edge @returns {[number, number, number, number]} */
function boxOf(edge) {
  const xs = edge.points.filter((_, at) => at % 2 === 0);
  const ys = edge.points.filter((_, at) => at % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [x, y, Math.max(...xs) - x, Math.max(...ys) - y];
}

/** @param {number[]} a @param {number[]} b left, top, width, height each */
function meets(a, b) {
  return a[0] <= b[0] + b[2] && b[0] <= a[0] + a[2] && a[1] <= b[1] + b[3] && b[1] <= a[1] + a[3];
}

/**
 * The card that lies nearest in a direction: what lies aside counts twice.
 * @param {Data} data @param {number} from @param {number} dx @param {number} dy
 */
function nearest(data, from, dx, dy) {
  const middle = (/** @type {number} */ at) => {
    const [x, y, width, height] = data.cards[at].box;
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = middle(from);
  let [best, least] = [from, Infinity];
  for (let at = 0; at < data.cards.length; at++) {
    const [toX, toY] = middle(at);
    const along = (toX - x) * dx + (toY - y) * dy;
    const aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
    if (at === from || along <= 0 || aside > along * 3) continue;
    if (along + 2 * aside < least) [best, least] = [at, along + 2 * aside];
  }
  return best;
}

// The history tree. Python lays it out (render/lanes.py) and sends rows and lines as columns; this draws those
// that are on the screen, and nothing else: 10,000 revisions scroll like 50.
// Python puts elements.js, history_draw.js and history_panel.js in front of it. State lives in Python's traits; where the reader
// has scrolled to, and the row the keyboard is on, live here.
// @ts-check

/**
 * The traits of `workbench.widgets.history.HistoryView` that this reads or sets.
 * @typedef {object} Traits
 * @property {string} selected
 * @property {string} search
 * @property {DataView} _data
 * @property {string | null} _below
 * @property {boolean} _busy
 * @property {string} _progress
 * @property {string} _error
 */

/**
 * @typedef {object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get
 * @property {<K extends keyof Traits>(name: K, value: Traits[K]) => void} set
 * @property {() => void} save_changes
 * @property {(content: object) => void} send
 * @property {(event: string, handler: (...values: any[]) => void) => void} on
 * @property {(event: string, handler: (...values: any[]) => void) => void} off
 */

/** @param {{ model: Model, el: HTMLElement, host?: any }} context */
function render({ model, el, host }) {
  const alive = new AbortController();
  const on = { signal: alive.signal };
  const name = `wbh-${Math.random().toString(36).slice(2)}`; // of this view's rows, for aria-activedescendant
  el.classList.add("workbench-view", "wbh");

  const title = make("div", "wbh-title");
  const count = make("span", "wbh-count");
  count.setAttribute("role", "status");
  const search = /** @type {HTMLInputElement} */ (make("input", "wbh-search"));
  search.type = "search";
  search.placeholder = "Search  /";
  search.setAttribute("aria-label", "Search revisions");
  const refresh = button("Refresh", () => void tell("refresh"));
  const copy = button("Copy as text", copyText);
  const head = make("div", "wbh-head", title, count, search, copy, refresh);
  const sentence = make("div", "wbh-sentence");
  const problem = make("div", "wbh-problem");
  const error = make("div", "wbh-error");
  const tree = make("div", "wbh-tree");
  tree.setAttribute("role", "listbox");
  tree.setAttribute("aria-label", "Revisions, newest first");
  tree.tabIndex = 0;
  const sheet = make("div", "wbh-sheet");
  tree.append(sheet);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("aria-hidden", "true");
  const ways = document.createElementNS(SVG, "g");
  const nodes = document.createElementNS(SVG, "g");
  picture.append(ways, nodes);
  const chip = button("", () => here.length && reveal(nearestPlace(), true));
  chip.className = "wbh-chip";
  chip.tabIndex = -1; // the arrow keys and the sentence lead there too
  const stage = make("div", "wbh-stage", tree, chip);
  const { ask, answered } = makeAsk(model);
  const panel = makePanel({ choose: follow, close: unchoose, ask, tell });
  const body = make("div", "wbh-body", stage, panel.el);
  const progress = make("div", "wbh-progress");
  progress.setAttribute("role", "status");
  const below = make("div", "wbh-below");
  el.replaceChildren(make("div", "wbh-all", head, sentence, problem, error, body, progress, below));

  /** @type {Data} */ let data;
  /** @type {Map<string, number>} */ let rowOf = new Map();
  /** @type {number[][]} */ let chunks = [];
  /** @type {number[]} */ let here = [];
  /** @type {Set<number>} */ let headRows = new Set();
  /** @type {string[] | null} */ let haystack = null;
  /** @type {number[]} */ let found = [];
  /** @type {Set<number>} */ let hits = new Set();
  let needle = "";
  let pitch = 16;
  let cursor = 0;
  let from = 0;
  let to = 0;
  /** @type {Map<number, HTMLElement>} */ const rows = new Map();
  /** @type {Map<number, SVGElement>} */ const dots = new Map();
  /** @type {Map<number, SVGElement>} */ const paths = new Map();

  // --- data -----------------------------------------------------------------------------------------------

  function load() {
    const anchor = data && data.ids[Math.floor(tree.scrollTop / ROW)];
    const offset = tree.scrollTop % ROW;
    const on = data && data.ids[cursor];
    const first = !data;
    data = JSON.parse(new TextDecoder().decode(model.get("_data")));
    rowOf = new Map();
    for (let row = data.ids.length - 1; row >= 0; row--) rowOf.set(data.ids[row], row); // the upper of duplicates wins
    here = Object.keys(data.here).map(Number);
    headRows = new Set(data.heads);
    haystack = null;
    panel.load(data, rowOf);
    indexEdges();
    pitch = Math.max(3, Math.min(16, Math.floor(200 / data.width)));
    const count = data.ids.length;
    tree.style.height = `${Math.min(count * ROW, TALLEST)}px`;
    sheet.style.height = `${count * ROW}px`;
    const longest = data.short.reduce((most, each) => Math.max(most, each.length), 4);
    tree.style.setProperty("--wbh-graph", `${laneAt(data.width - 1, pitch) + 16}px`);
    tree.style.setProperty("--wbh-id", `${Math.min(longest, 20) + 1}ch`);
    body.hidden = count === 0;
    title.textContent = data.title;
    sentence.textContent = data.sentence;
    const [why, remedy] = data.problem;
    problem.replaceChildren(
      ...(why ? [make("p", "", why)] : []),
      ...(remedy ? [make("p", "", `What to do: ${remedy}`)] : []),
    );
    refresh.hidden = !data.live;
    clear();
    seek(model.get("search"));
    cursor = rowOf.get(on ?? "") ?? here[0] ?? 0;
    if (first) cursor = rowOf.get(model.get("selected")) ?? cursor;
    else if (anchor !== undefined && rowOf.has(anchor)) tree.scrollTop = (rowOf.get(anchor) ?? 0) * ROW + offset;
    draw();
    redress();
    show();
  }

  /** Scroll to where the reader wants to begin: only possible once it is on the page. */
  function begin() {
    // What comes next stands above the database's place, so that goes to the lower part of what is seen.
    const tall = Math.min(data.ids.length * ROW, TALLEST);
    tree.scrollTop = (cursor + 1) * ROW <= tall ? 0 : (cursor + 0.5) * ROW - tall * 0.7;
    draw();
  }

  function indexEdges() {
    chunks = Array.from({ length: Math.ceil(data.ids.length / CHUNK) }, () => []);
    for (let edge = 0; edge < data.edges.length / EDGE; edge++) {
      const top = data.edges[edge * EDGE];
      const bottom = Math.max(data.edges[edge * EDGE + 2], top);
      for (let chunk = Math.floor(top / CHUNK); chunk <= Math.floor(bottom / CHUNK); chunk++) chunks[chunk].push(edge);
    }
  }

  // --- drawing --------------------------------------------------------------------------------------------

  function clear() {
    for (const each of [rows, dots, paths]) each.clear();
    sheet.replaceChildren(picture);
    ways.replaceChildren();
    nodes.replaceChildren();
    from = to = 0;
  }

  /** Bring what is drawn in line with what is seen; rows that stay are not touched. */
  function draw() {
    const tall = tree.clientHeight || TALLEST;
    const step = CHUNK / 2;
    const top = Math.max(0, (Math.floor(tree.scrollTop / ROW / step) - 1) * step);
    const bottom = Math.min(data.ids.length, (Math.ceil((tree.scrollTop + tall) / ROW / step) + 1) * step);
    place();
    if (top === from && bottom === to) return;
    [from, to] = [top, bottom];
    for (const each of [rows, dots]) prune(each, (row) => row >= top && row < bottom);
    const fresh = document.createDocumentFragment();
    const balls = document.createDocumentFragment();
    for (let row = top; row < bottom; row++) {
      if (rows.has(row)) continue;
      const line = rowElement(row);
      rows.set(row, line);
      fresh.append(line);
      const ball = nodeOf(data, row, pitch);
      dots.set(row, ball);
      balls.append(ball);
    }
    sheet.append(fresh);
    nodes.append(balls);
    const edges = new Set();
    for (let chunk = Math.floor(top / CHUNK); chunk <= Math.floor((bottom - 1) / CHUNK); chunk++) {
      for (const edge of chunks[chunk] ?? []) {
        const end = data.edges[edge * EDGE + 2];
        if (data.edges[edge * EDGE] < bottom && (end < 0 ? data.edges[edge * EDGE] : end) >= top) edges.add(edge);
      }
    }
    prune(paths, (edge) => edges.has(edge));
    for (const edge of edges) {
      if (paths.has(edge)) continue;
      const path = wayOf(data, edge, pitch);
      paths.set(edge, path);
      ways.append(path);
    }
    const wide = laneAt(data.width - 1, pitch) + 16;
    picture.setAttribute("viewBox", `0 ${top * ROW} ${wide} ${(bottom - top) * ROW}`);
    picture.setAttribute("width", String(wide));
    picture.setAttribute("height", String((bottom - top) * ROW));
    picture.style.top = `${top * ROW}px`;
  }

  /** @param {number} row */
  function rowElement(row) {
    const line = make("div", "wbh-row");
    line.id = `${name}-${row}`;
    line.style.top = `${row * ROW}px`;
    line.dataset.row = String(row);
    line.setAttribute("role", "option");
    line.setAttribute("aria-label", spokenOf(data, row));
    line.setAttribute("aria-posinset", String(row + 1));
    line.setAttribute("aria-setsize", String(data.ids.length));
    line.title = `${data.ids[row]}${data.messages[row] ? `\n${data.messages[row]}` : ""}`;
    const at = data.here[row] ?? "";
    const text = make("span", "wbh-message");
    if (headRows.has(row)) text.append(make("span", "wbh-tag", "HEAD"));
    for (const label of data.labels[row] ?? []) text.append(make("span", "wbh-tag wbh-label", label));
    text.append(...markedIn(data.messages[row], needle));
    const remarks = (data.notes[row] ?? []).join(", ");
    if (remarks) text.append(make("span", "wbh-note", remarks));
    line.append(
      make("span", "wbh-mark", at ? "▶" : ""),
      make("span", "wbh-id", ...markedIn(data.short[row], needle)),
      text,
      make("span", "wbh-at", at),
      wordOf(data, row),
    );
    dress(line, row);
    return line;
  }

  /** What changes while a row stays: chosen, under the keyboard, found. @param {HTMLElement} line @param {number} row */
  function dress(line, row) {
    const chosen = data.ids[row] === model.get("selected");
    line.setAttribute("aria-selected", String(chosen));
    line.classList.toggle("wbh-here", row in data.here);
    line.classList.toggle("wbh-cursor", row === cursor);
    line.classList.toggle("wbh-faint", needle !== "" && !hits.has(row));
  }

  function redress() {
    for (const [row, line] of rows) dress(line, row);
    tree.setAttribute("aria-activedescendant", data.ids.length ? `${name}-${cursor}` : "");
  }

  /** A chip at the edge towards the database's place while that is out of sight. */
  function place() {
    const first = Math.ceil(tree.scrollTop / ROW - 0.5);
    const last = Math.floor((tree.scrollTop + (tree.clientHeight || TALLEST)) / ROW - 0.5);
    const seen = here.some((row) => row >= first && row <= last);
    chip.hidden = here.length === 0 || seen;
    if (chip.hidden) return;
    const row = nearestPlace();
    const up = row < first;
    chip.textContent = `${up ? "▲" : "▼"} ${data.here[row]}: ${data.short[row]}`;
    chip.classList.toggle("wbh-up", up);
  }

  function nearestPlace() {
    const middle = (tree.scrollTop + tree.clientHeight / 2) / ROW;
    return here.reduce((best, row) => (Math.abs(row - middle) < Math.abs(best - middle) ? row : best), here[0]);
  }

  // --- search ---------------------------------------------------------------------------------------------

  /** @param {string} text */
  function seek(text) {
    if (search.value !== text && document.activeElement !== search) search.value = text;
    needle = text.trim().toLowerCase();
    if (needle) haystack ??= data.ids.map((_, row) => wordsFor(row).join("\n").toLowerCase());
    found = [];
    if (needle && haystack) haystack.forEach((text, row) => text.includes(needle) && found.push(row));
    hits = new Set(found);
    count.textContent = needle ? (found.length ? `${found.length.toLocaleString("en")} found` : "none found") : "";
  }

  /** All that a row can be found by. @param {number} row */
  function wordsFor(row) {
    const more = [...(data.labels[row] ?? []), ...(data.notes[row] ?? []), data.here[row] ?? ""];
    return [data.ids[row], data.messages[row], data.words[row], data.paths[row], headRows.has(row) ? "head" : "", ...more];
  }

  function searched() {
    seek(model.get("search"));
    clear();
    draw();
    if (found.length && !hits.has(cursor)) move(found.find((row) => row > cursor) ?? found[0]);
    redress();
  }

  /** @param {number} step */
  function next(step) {
    if (!found.length) return;
    const here = found.indexOf(cursor);
    const after = found.findIndex((row) => row > cursor);
    const place = here >= 0 ? here + step : step > 0 ? after : (after < 0 ? found.length : after) - 1;
    const row = found[(place + found.length) % found.length];
    move(row);
    count.textContent = `${found.indexOf(row) + 1} of ${found.length.toLocaleString("en")}`;
  }

  // --- moving and choosing --------------------------------------------------------------------------------

  /** @param {number} row @param {boolean} [middle] */
  function reveal(row, middle = false) {
    const [top, tall] = [row * ROW, tree.clientHeight || TALLEST];
    if (middle) tree.scrollTop = top - tall / 2 + ROW / 2;
    else if (top < tree.scrollTop) tree.scrollTop = top;
    else if (top + ROW > tree.scrollTop + tall) tree.scrollTop = top + ROW - tall;
    draw();
  }

  /** @param {number} row */
  function move(row) {
    cursor = Math.max(0, Math.min(data.ids.length - 1, row));
    reveal(cursor);
    redress();
  }

  /** @param {number} row */
  function choose(row) {
    cursor = row;
    model.set("selected", data.ids[row]);
    model.save_changes();
    redress();
    show();
  }

  function selected() {
    const row = rowOf.get(model.get("selected"));
    // The script's own choice is on the screen already, and of two rows with one id it is the one that was clicked.
    if (row !== undefined && data.ids[cursor] !== data.ids[row]) {
      cursor = row;
      const out = row * ROW < tree.scrollTop || (row + 1) * ROW > tree.scrollTop + tree.clientHeight;
      reveal(row, out);
    }
    redress();
    show();
  }

  function show() {
    const id = model.get("selected");
    // Of two rows with one id, the one that was clicked.
    panel.show(id ? (data.ids[cursor] === id ? cursor : rowOf.get(id)) : undefined);
  }

  function unchoose() {
    model.set("selected", "");
    model.save_changes();
    redress();
    show();
    tree.focus({ preventScroll: true });
  }

  /** @param {number} row */
  function follow(row) {
    choose(row);
    reveal(row);
    tree.focus({ preventScroll: true });
  }

  // --- Python ---------------------------------------------------------------------------------------------

  /** Ask for something that shows itself by traits. @param {string} action @param {Record<string, string>} [more] */
  async function tell(action, more) {
    const answer = await ask(action, more);
    if (!answer.ok) progress.textContent = wordsOf(answer.error);
  }

  async function copyText() {
    const answer = await ask("copy");
    const done = answer.ok && (await toClipboard(answer.text));
    copy.textContent = done ? "Copied" : "Could not copy";
    setTimeout(() => (copy.textContent = "Copy as text"), 1500);
  }

  function busy() {
    const working = model.get("_busy");
    el.dataset.busy = String(working);
    el.setAttribute("aria-busy", String(working));
    error.innerHTML = model.get("_error"); // escaped by render/error_html.py
    progress.textContent = working ? model.get("_progress") : "";
    refresh.disabled = working;
    panel.wait(working);
  }

  /** @type {AbortController | null} */ let child = null;
  async function plan() {
    child?.abort();
    below.replaceChildren();
    const reference = model.get("_below");
    if (!reference || !host) return;
    const mine = (child = new AbortController());
    const widget = await host.getWidget(reference);
    if (mine.signal.aborted) return;
    const slot = make("div", "");
    const close = button("×", () => void tell("close"));
    close.className = "wbh-close";
    close.setAttribute("aria-label", "Close preview");
    close.title = "Close preview";
    below.replaceChildren(slot, close);
    await widget.render({ el: slot, signal: mine.signal });
    if (!mine.signal.aborted) below.scrollIntoView({ block: "nearest" });
  }

  // --- hands ----------------------------------------------------------------------------------------------

  let queued = false;
  tree.addEventListener("scroll", () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      if (!alive.signal.aborted) draw();
    });
  }, { passive: true, signal: alive.signal });
  tree.addEventListener("click", (event) => {
    const line = /** @type {HTMLElement} */ (event.target).closest?.(".wbh-row");
    if (line instanceof HTMLElement) choose(Number(line.dataset.row));
  }, on);
  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !data.ids.length) return;
    const page = Math.max(1, Math.floor(tree.clientHeight / ROW) - 1);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => move(cursor + 1),
      ArrowUp: () => move(cursor - 1),
      PageDown: () => move(cursor + page),
      PageUp: () => move(cursor - page),
      Home: () => move(0),
      End: () => move(data.ids.length - 1),
      Enter: () => choose(cursor),
      " ": () => choose(cursor),
      "/": () => search.focus(),
      n: () => next(1),
      N: () => next(-1),
      Escape: () => unchoose(),
    };
    if (!(event.key in keys) || (event.key === "Enter" && event.shiftKey)) return;
    event.preventDefault();
    keys[event.key]();
  }, on);
  search.addEventListener("input", () => {
    model.set("search", search.value);
    model.save_changes();
  }, on);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
    else if (event.key === "ArrowDown") tree.focus({ preventScroll: true });
    else if (event.key === "Escape") {
      search.value = "";
      model.set("search", "");
      model.save_changes();
      tree.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }, on);
  // JupyterLab takes arrows, Enter and letters from the keyboard unless it finds this attribute on the way up.
  // It listens on the document while the event goes down, so this has to be earlier still.
  window.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey && event.target !== search;
    const notebooks = event.ctrlKey || event.metaKey || runs;
    el.dataset.lmSuppressShortcuts = String(!notebooks);
  }, { capture: true, signal: alive.signal });

  /** @type {[string, (...values: any[]) => void][]} */
  const handlers = [
    ["change:_data", load],
    ["change:selected", selected],
    ["change:search", searched],
    ["change:_busy", busy],
    ["change:_progress", busy],
    ["change:_error", busy],
    ["change:_below", () => void plan()],
    ["msg:custom", answered],
  ];
  for (const [event, handler] of handlers) model.on(event, handler);
  load();
  busy();
  void plan();
  requestAnimationFrame(() => alive.signal.aborted || begin());
  const seen = new ResizeObserver(() => draw()); // shown at last, or its window changed
  seen.observe(tree);

  return () => {
    alive.abort();
    child?.abort();
    seen.disconnect();
    for (const [event, handler] of handlers) model.off(event, handler);
  };
}

export default { render };

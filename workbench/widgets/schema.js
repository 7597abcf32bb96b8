// The entity-relationship picture. Python lays it out (render/picture_layout.py) and sends it whole; this draws what is
// on the screen, and nothing else. Python puts elements.js and the other scripts named schema_… in front.
// What is chosen lives in Python's traits; where the reader has moved the picture to, and the card the keyboard is on,
// live here.
// @ts-check

const TALLEST = 640; // pixels
const SMALLEST = 0.04;
const NAMED = 0.3; // below this scale even names are too small: a large picture begins with a part of it
const LARGEST = 2.5;
const AROUND = 300; // pixels beyond the edge that are drawn already

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const alive = new AbortController();
  const on = { signal: alive.signal };
  const name = `wbs-${Math.random().toString(36).slice(2)}`; // of this view's cards, for aria-activedescendant
  el.classList.add("workbench-view", "wbs");
  const { ask, answered } = makeAsk(model);

  const sentence = make("div", "wbs-sentence");
  const notes = make("div", "wbs-notes");
  const error = make("div", "wbs-error");
  const search = /** @type {HTMLInputElement} */ (make("input", "wb-input wbs-search"));
  search.type = "search";
  search.placeholder = "Search  /";
  search.setAttribute("aria-label", "Search tables and columns");
  const count = make("span", "wbs-muted");
  const columns = choice("Columns", [["none", "all columns"], ["keys", "keys only"], ["all", "names only"]], (value) =>
    put("hidden_columns", value));
  const grouped = /** @type {HTMLInputElement} */ (make("input", "wb-input"));
  grouped.type = "checkbox";
  grouped.addEventListener("change", () => put("group_by_schema", grouped.checked), on);
  const grouping = make("label", "wbs-muted", grouped, "Group by schema");
  const near = make("span", "");
  const steps = choice("Steps", [["1", "1 step"], ["2", "2 steps"], ["3", "3 steps"], ["4", "4 steps"]], (value) =>
    put("steps", Number(value)));
  const everything = button("All tables", () => put("only", ""));
  const around = make("span", "wbs-around", near, steps, everything);
  const size = button("100%", () => zoom(1 / scale));
  size.title = "Natural size";
  const closer = button("+", () => zoom(1.25));
  closer.setAttribute("aria-label", "Zoom in");
  const farther = button("−", () => zoom(0.8));
  farther.setAttribute("aria-label", "Zoom out");
  const whole = button("Fit", fit);
  const zooms = make("span", "wb-group", farther, size, closer, whole);
  const exports = make("details", "wbs-menu", make("summary", "wb-button", "Export"), make("div", "",
    button("SVG", () => void save("svg")), button("PNG", () => void save("png")),
    button("Copy as text", () => void copy("copy")), button("Copy as Mermaid", () => void copy("mermaid"))));
  const bar = make("div", "wbs-bar", search, count, around, make("span", "wbs-gap"), grouping, columns, zooms, exports);

  const stage = make("div", "wbs-stage");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-roledescription", "entity-relationship picture");
  stage.setAttribute("aria-label", "Tables and their foreign keys. Arrow keys move, Enter opens, slash searches.");
  const picture = document.createElementNS(SVG, "svg");
  const world = shape("g", {});
  const frames = shape("g", {});
  const ways = shape("g", {});
  const cards = shape("g", {});
  world.append(frames, ways, cards);
  picture.append(world);
  const spoken = make("div", "wb-spoken");
  spoken.setAttribute("role", "status");
  const listed = make("ul", "wb-spoken");
  listed.setAttribute("aria-label", "Tables and what they refer to");
  const legend = make("div", "wbs-legend", ...Object.entries(MARKED).map(([letter, word]) =>
    make("span", "", make("span", `wbs-sign wbs-${word}`, letter), ` ${word}`)));
  stage.append(picture);
  const panel = makePanel({
    data: () => data,
    close: () => (put("selected", ""), stage.focus({ preventScroll: true })),
    choose: (key) => put("selected", key),
    around: (key) => put("only", key),
    tell,
  });
  const body = make("div", "wbs-body", stage, panel.el);
  const progress = make("div", "wbs-progress");
  progress.setAttribute("role", "status");
  const time = makeTime({
    load: () => void tell("stops"),
    cancel: () => void tell("cancel"),
    go: (id) => put("at", id),
  });
  el.replaceChildren(make("div", "wbs-all", sentence, notes, error, bar, body, legend, time.el, progress, spoken, listed));

  /** @type {Data} */ let data;
  /** @type {Map<string, number>} */ let numbers = new Map();
  /** @type {[number, number, number, number][]} */ let edgeBoxes = [];
  /** @type {number[]} */ let found = [];
  let hits = new Set();
  let needle = "";
  let cursor = 0;
  let [x, y, scale] = [0, 0, 1]; // where the picture's corner is on the stage, and how large it is
  let moved = false; // by hand: then new data must not take the reader elsewhere
  let tall = 0;
  let rich = true;
  /** @type {Map<number, SVGElement>} */ const drawn = new Map();
  /** @type {Map<number, SVGElement>} */ const lines = new Map();

  // --- data -----------------------------------------------------------------------------------------------

  function load() {
    const before = data;
    const anchor = before && anchored();
    data = JSON.parse(new TextDecoder().decode(model.get("_data")));
    const on = before?.cards[cursor]?.key ?? model.get("selected");
    numbers = new Map(data.cards.map((card, number) => [card.key, number]));
    cursor = numbers.get(on) ?? 0;
    edgeBoxes = data.edges.map(boxOf);
    sentence.textContent = data.sentence;
    notes.replaceChildren(...data.notes.map((each) => make("p", "", each)));
    near.textContent = data.only ? `${data.cards.length} of ${data.count} tables: around ${data.only}, ` : "";
    around.hidden = data.only === "";
    grouping.hidden = data.schemas < 2;
    legend.hidden = !data.cards.some((card) => card.mark || card.rows.some((row) => row[3]));
    listed.replaceChildren(...data.cards.map((card) => make("li", "", card.spoken)));
    frames.replaceChildren(...data.groups.map(groupOf));
    set();
    clear();
    time.load(model.get("_stops"), data.first, data.travels);
    time.show(model.get("at"));
    seek(model.get("search"));
    panel.show(model.get("_details"));
    if (!tall || !stage.clientWidth) return;
    const place = anchor && numbers.get(anchor.key);
    const sameWay = before && before.only === data.only;
    if (moved && sameWay && anchor && place !== undefined) {
      const [left, top, width, height] = data.cards[place].box;
      move(anchor.x - (left + width / 2) * scale, anchor.y - (top + height / 2) * scale);
    } else settle();
  }

  /** The card that the reader looks at: the chosen one, else the one in the middle; and where on the stage it is. */
  function anchored() {
    const centre = (/** @type {Card} */ { box }) => [x + (box[0] + box[2] / 2) * scale, y + (box[1] + box[3] / 2) * scale];
    const off = (/** @type {Card} */ card) => {
      const [cx, cy] = centre(card);
      return Math.hypot(cx - stage.clientWidth / 2, cy - stage.clientHeight / 2);
    };
    const chosen = data.cards.find((card) => card.key === model.get("selected"));
    const card = chosen ?? data.cards.reduce((best, each) => (off(each) < off(best) ? each : best), data.cards[0]);
    if (!card) return undefined;
    const [cx, cy] = centre(card);
    return { key: card.key, x: cx, y: cy };
  }

  /** What stands in the fields. */
  function set() {
    columns.value = model.get("hidden_columns");
    steps.value = String(model.get("steps"));
    grouped.checked = model.get("group_by_schema");
  }

  /** @template {keyof Traits} K @param {K} trait @param {Traits[K]} value */
  function put(trait, value) {
    model.set(trait, value);
    model.save_changes();
  }

  // --- drawing --------------------------------------------------------------------------------------------

  function clear() {
    drawn.clear();
    lines.clear();
    cards.replaceChildren();
    ways.replaceChildren();
  }

  /** Bring what is drawn in line with what is seen; what stays is not touched. */
  function draw() {
    world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    size.textContent = `${Math.round(scale * 100)}%`;
    if (rich !== scale >= LEGIBLE) {
      rich = scale >= LEGIBLE;
      picture.classList.toggle("wbs-far", !rich);
      clear();
    }
    const [wide, high] = [stage.clientWidth + 2 * AROUND, stage.clientHeight + 2 * AROUND];
    const frame = [(-AROUND - x) / scale, (-AROUND - y) / scale, wide / scale, high / scale];
    prune(drawn, (number) => number < data.cards.length && meets(data.cards[number].box, frame));
    prune(lines, (number) => number < data.edges.length && meets(edgeBoxes[number], frame));
    const fresh = document.createDocumentFragment();
    data.cards.forEach((card, number) => {
      if (drawn.has(number) || !meets(card.box, frame)) return;
      const group = cardOf(data, number, rich);
      group.id = `${name}-${number}`;
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", card.spoken);
      drawn.set(number, group);
      dress(group, number);
      fresh.append(group);
    });
    cards.append(fresh);
    data.edges.forEach((edge, number) => {
      if (lines.has(number) || !meets(edgeBoxes[number], frame)) return;
      const group = edgeOf(edge);
      lines.set(number, group);
      trace(group, number);
      fresh.append(group);
    });
    ways.append(fresh);
  }

  let queued = false;
  function later() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      if (!alive.signal.aborted) draw();
    });
  }

  /** What changes while a card stays: chosen, under the keyboard, found. @param {SVGElement} group @param {number} number */
  function dress(group, number) {
    const card = data.cards[number];
    group.classList.toggle("wbs-chosen", card.key === model.get("selected"));
    group.classList.toggle("wbs-cursor", number === cursor);
    group.classList.toggle("wbs-faint", needle !== "" && !hits.has(number));
    group.querySelectorAll(".wbs-row").forEach((row, place) => {
      row.classList.toggle("wbs-hit", needle !== "" && card.rows[place][0].toLowerCase().includes(needle));
    });
  }

  /** An edge of the chosen table stands out. @param {SVGElement} group @param {number} number */
  function trace(group, number) {
    const chosen = numbers.get(model.get("selected"));
    group.classList.toggle("wbs-chosen", chosen !== undefined && data.edges[number].ends.includes(chosen));
    group.classList.toggle("wbs-faint", needle !== "" && !data.edges[number].ends.some((end) => hits.has(end)));
  }

  function redress() {
    for (const [number, group] of drawn) dress(group, number);
    for (const [number, group] of lines) trace(group, number);
    if (data.cards.length) stage.setAttribute("aria-activedescendant", `${name}-${cursor}`);
  }

  // --- moving ---------------------------------------------------------------------------------------------

  /** @param {number} left @param {number} top */
  function move(left, top) {
    // At least a hand's breadth of the picture stays in sight.
    const [wide, high] = [data.width * scale, data.height * scale];
    x = Math.max(80 - wide, Math.min(stage.clientWidth - 80, left));
    y = Math.max(80 - high, Math.min(stage.clientHeight - 80, top));
    later();
  }

  /** @param {number} by @param {number} [atX] @param {number} [atY] the point that stays where it is */
  function zoom(by, atX = stage.clientWidth / 2, atY = stage.clientHeight / 2) {
    moved = true;
    const next = Math.max(SMALLEST, Math.min(LARGEST, scale * by));
    const [left, top] = [atX - ((atX - x) / scale) * next, atY - ((atY - y) / scale) * next];
    scale = next;
    move(left, top);
  }

  function fit() {
    moved = true; // asked for: it stays, even where it is too small to be read
    show(SMALLEST);
  }

  /** All of it where that can be read, else the part of it that is above and in the middle. */
  function settle() {
    moved = false;
    show(NAMED);
  }

  /** @param {number} least scale */
  function show(least) {
    scale = Math.max(least, Math.min(1, stage.clientWidth / data.width, stage.clientHeight / data.height));
    x = (stage.clientWidth - data.width * scale) / 2;
    y = Math.max(0, (stage.clientHeight - data.height * scale) / 2);
    draw();
  }

  /** The stage is as tall as the picture needs at first, and keeps that: the page must not jump. */
  function begin() {
    if (tall || !stage.clientWidth) return;
    const need = data.height * Math.min(1, stage.clientWidth / data.width);
    tall = Math.round(Math.max(data.cards.length ? 240 : 60, Math.min(TALLEST, need)));
    el.style.setProperty("--wbs-tall", `${tall}px`);
    settle();
    const chosen = numbers.get(model.get("selected"));
    if (chosen !== undefined) reveal(chosen);
  }

  /** @param {number} number */
  function reveal(number) {
    const card = data.cards[number];
    if (!card) return;
    const [left, top, width, height] = card.box;
    const margin = 16;
    const shift = (/** @type {number} */ at, /** @type {number} */ long, /** @type {number} */ room) =>
      at < margin || long > room - 2 * margin ? margin - at : at + long > room - margin ? room - margin - at - long : 0;
    const dx = shift(x + left * scale, width * scale, stage.clientWidth);
    const dy = shift(y + top * scale, height * scale, stage.clientHeight);
    if (dx || dy) move(x + dx, y + dy);
  }

  /** @param {number} number */
  function stand(number) {
    if (!data.cards[number]) return;
    cursor = number;
    reveal(number);
    draw();
    redress();
    spoken.textContent = data.cards[number].spoken;
  }

  // --- search ---------------------------------------------------------------------------------------------

  /** @param {string} text */
  function seek(text) {
    if (search.value !== text && document.activeElement !== search) search.value = text;
    needle = text.trim().toLowerCase();
    found = [];
    if (needle) {
      data.cards.forEach((card, number) => {
        if ([card.key, ...card.columns].some((each) => each.toLowerCase().includes(needle))) found.push(number);
      });
    }
    hits = new Set(found);
    count.textContent = needle ? (found.length ? `${found.length.toLocaleString("en")} found` : "none found") : "";
    redress();
  }

  /** @param {number} step */
  function next(step) {
    if (!found.length) return;
    const here = found.indexOf(cursor);
    const place = here < 0 ? (step > 0 ? 0 : found.length - 1) : (here + step + found.length) % found.length;
    if (!rich) zoom(0.8 / scale);
    stand(found[place]);
    count.textContent = `${place + 1} of ${found.length.toLocaleString("en")}`;
  }

  // --- Python ---------------------------------------------------------------------------------------------

  /** Ask for something that shows itself by traits. @param {string} action @param {Record<string, string>} [more] */
  async function tell(action, more) {
    const answer = await ask(action, more);
    if (!answer.ok) progress.textContent = [answer.error.message, answer.error.remedy].filter(Boolean).join(" ");
  }

  /** @param {string} action */
  async function copy(action) {
    const answer = await ask(action);
    const done = answer.ok && (await toClipboard(answer.text));
    exports.removeAttribute("open");
    progress.textContent = done ? "Copied." : "Could not copy.";
  }

  /** @param {"svg" | "png"} form */
  async function save(form) {
    const answer = await ask("svg");
    exports.removeAttribute("open");
    if (!answer.ok) return;
    const svg = new Blob([answer.text], { type: "image/svg+xml" });
    const blob = form === "svg" ? svg : await rasterised(svg);
    if (blob) download(blob, `schema.${form}`);
    progress.textContent = blob ? `Saved as schema.${form}.` : "This browser cannot make a PNG of it; the SVG has all of it.";
  }

  function busy() {
    const working = model.get("_busy");
    el.setAttribute("aria-busy", String(working));
    error.innerHTML = model.get("_error"); // escaped by render/error_html.py
    progress.textContent = working ? model.get("_progress") : "";
    time.wait(working, working && model.get("_progress") !== "");
  }

  function selected() {
    const number = numbers.get(model.get("selected"));
    if (number !== undefined) stand(number);
    else redress();
  }

  // --- hands ----------------------------------------------------------------------------------------------

  /** @param {Event} event */
  const cardUnder = (event) => {
    const group = /** @type {Element} */ (event.target).closest?.(".wbs-card");
    return group instanceof SVGElement ? Number(group.dataset.card) : undefined;
  };
  /** @type {{ x: number, y: number, left: number, top: number, far: boolean } | null} */ let drag = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, left: x, top: y, far: false };
  }, on);
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.far && Math.hypot(dx, dy) < 4) return;
    drag.far = moved = true;
    picture.classList.add("wbs-dragged");
    move(drag.left + dx, drag.top + dy);
  }, on);
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, () => {
      picture.classList.remove("wbs-dragged");
      setTimeout(() => (drag = null)); // the click comes after this, and has to know that it was none
    }, on);
  }
  picture.addEventListener("click", (event) => {
    const number = drag?.far ? undefined : cardUnder(event);
    if (number !== undefined) put("selected", data.cards[number].key);
  }, on);
  picture.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the notebook scrolls
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0025), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false, signal: alive.signal });
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== stage || !data.cards.length) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => stand(nearest(data, cursor, -1, 0)),
      ArrowRight: () => stand(nearest(data, cursor, 1, 0)),
      ArrowUp: () => stand(nearest(data, cursor, 0, -1)),
      ArrowDown: () => stand(nearest(data, cursor, 0, 1)),
      Enter: () => put("selected", data.cards[cursor].key),
      " ": () => put("selected", data.cards[cursor].key),
      Escape: () => put("selected", ""),
      "/": () => search.focus(),
      n: () => next(1),
      N: () => next(-1),
      "+": () => zoom(1.25),
      "=": () => zoom(1.25),
      "-": () => zoom(0.8),
      0: fit,
    };
    if (!(event.key in keys) || (event.key === "Enter" && event.shiftKey)) return;
    event.preventDefault();
    keys[event.key]();
  }, on);
  panel.el.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    put("selected", "");
    stage.focus({ preventScroll: true });
  }, on);
  search.addEventListener("input", () => put("search", search.value), on);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
    else if (event.key === "ArrowDown") stage.focus({ preventScroll: true });
    else if (event.key === "Escape") {
      search.value = "";
      put("search", "");
      stage.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }, on);
  // JupyterLab takes arrows, Enter and letters from the keyboard unless it finds this attribute on the way up.
  // It listens on the document while the event goes down, so this has to be earlier still.
  window.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey && event.target !== search;
    el.dataset.lmSuppressShortcuts = String(!(event.ctrlKey || event.metaKey || runs));
  }, { capture: true, signal: alive.signal });

  /** @type {[string, (...values: any[]) => void][]} */
  const handlers = [
    ["change:_data", load],
    ["change:_details", () => panel.show(model.get("_details"))],
    ["change:_stops", () => (time.load(model.get("_stops"), data.first, data.travels), time.show(model.get("at")))],
    ["change:_stop", () => time.describe(model.get("_stop"))],
    ["change:at", () => time.show(model.get("at"))],
    ["change:selected", selected],
    ["change:search", () => seek(model.get("search"))],
    ["change:_busy", busy],
    ["change:_progress", busy],
    ["change:_error", busy],
    ["msg:custom", answered],
  ];
  for (const [event, handler] of handlers) model.on(event, handler);
  load();
  busy();
  time.describe(model.get("_stop"));
  const seen = new ResizeObserver(() => {
    begin(); // shown at last
    if (!tall) return;
    if (moved) draw();
    else settle();
    const chosen = numbers.get(model.get("selected"));
    if (chosen !== undefined) reveal(chosen);
  });
  seen.observe(stage);
  begin();

  return () => {
    alive.abort();
    seen.disconnect();
    for (const [event, handler] of handlers) model.off(event, handler);
  };
}

export default { render };

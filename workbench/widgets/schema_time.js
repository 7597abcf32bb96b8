// The time below the picture: a tick for each revision, and what the chosen one did.
// Python puts this between schema_panel.js and schema_parts.js.
// @ts-check

/**
 * @typedef {object} Tick
 * @property {string} id
 * @property {string} short
 * @property {string} message
 * @property {string} here
 */

/**
 * What a revision did, as `stop_told` in schema_data.py sends it.
 * @typedef {object} Stop
 * @property {string} id
 * @property {string} short
 * @property {string} message
 * @property {string} path
 * @property {string} failure
 * @property {string[]} renames
 * @property {[string, string, string, string][]} changes
 * @property {string} sql
 */

const TICKS = 240; // more of them would be one grey bar
const SIGNS = { "+": ["A", "added"], "-": ["R", "removed"], "~": ["C", "changed"] };

/** @param {{ load: () => void, cancel: () => void, go: (id: string) => void }} hands */
function makeTime(hands) {
  const el = make("div", "wbs-time");
  const start = button("Travel through its revisions", () => ((asked = true), hands.load()));
  const cancel = button("Cancel", hands.cancel);
  const slider = /** @type {HTMLInputElement} */ (make("input", "wbs-slider"));
  slider.type = "range";
  slider.min = "0";
  slider.step = "1";
  slider.setAttribute("aria-label", "Revision, oldest first");
  const older = button("◀", () => step(-1));
  older.setAttribute("aria-label", "Older revision");
  const newer = button("▶", () => step(1));
  newer.setAttribute("aria-label", "Newer revision");
  const ticks = make("div", "wbs-ticks");
  ticks.setAttribute("aria-hidden", "true");
  const track = make("div", "wbs-track", slider, ticks);
  const where = make("div", "wbs-when");
  const line = make("div", "wbs-line", start, older, track, newer, cancel);
  const told = make("div", "wbs-stop");
  el.append(line, where, told);

  /** @type {Tick[]} */ let stops = [];
  let first = "";
  let asked = false; // here: so the keyboard goes on where the button was

  /** @param {Tick[]} found @param {string} name of what the view began with @param {boolean} can */
  function load(found, name, can) {
    [stops, first] = [found, name];
    const there = stops.length > 0;
    el.hidden = !can;
    start.hidden = there;
    for (const each of [older, newer, track]) each.hidden = !there;
    if (there && asked) slider.focus({ preventScroll: true });
    if (there) asked = false;
    slider.max = String(stops.length); // behind the newest revision stands what the view began with
    ticks.replaceChildren();
    if (stops.length <= TICKS) {
      stops.forEach((stop, at) => {
        const tick = make("span", stop.here ? "wbs-tick wbs-here" : "wbs-tick");
        tick.style.left = `${(at / stops.length) * 100}%`;
        tick.title = [stop.short, stop.message, stop.here].filter(Boolean).join(" · ");
        ticks.append(tick);
      });
    }
  }

  /** @param {string} id */
  function show(id) {
    if (!stops.length) return;
    const at = id ? stops.findIndex((each) => each.id === id) : stops.length;
    slider.value = String(at < 0 ? stops.length : at);
    say();
  }

  function say() {
    const at = Number(slider.value);
    const stop = stops[at];
    const name = stop ? `${at + 1} of ${stops.length}: ${stop.short} ${stop.message}` : first;
    where.textContent = [name, stop?.here].filter(Boolean).join(" · ");
    slider.setAttribute("aria-valuetext", where.textContent);
    older.disabled = at === 0;
    newer.disabled = at === stops.length;
  }

  /** @param {number} by */
  function step(by) {
    const at = Math.max(0, Math.min(stops.length, Number(slider.value) + by));
    slider.value = String(at);
    slide();
  }

  function slide() {
    say();
    hands.go(stops[Number(slider.value)]?.id ?? "");
  }

  /** @param {Partial<Stop>} stop */
  function describe(stop) {
    told.replaceChildren();
    if (!stop.id) return;
    const { changes = [], renames = [], sql = "", path = "", failure = "" } = stop;
    const list = make("ul", "wbs-changes");
    for (const [sign, kind, name, words] of changes) {
      const [letter, word] = SIGNS[/** @type {"+"} */ (sign)];
      const mark = make("span", `wbs-sign wbs-${word}`, letter);
      mark.title = word;
      list.append(make("li", "", mark, ` ${kind} `, make("code", "", name), words ? make("span", "wbs-muted", ` ${words}`) : ""));
    }
    for (const each of renames) list.append(make("li", "", make("span", "wbs-sign wbs-changed", "C"), ` renamed ${each}`));
    const code = make("details", "", make("summary", "", "SQL that ran"), make("pre", "", sql));
    told.append(
      make("p", "wbs-muted", make("code", "", path)),
      changes.length || renames.length ? list : make("p", "wbs-muted", failure || "It does not change the schema."),
      ...(sql ? [code] : []),
    );
  }

  /** @param {boolean} working @param {boolean} busy with a job that can be cancelled */
  function wait(working, busy) {
    start.disabled = working;
    cancel.hidden = !(busy && !stops.length);
  }

  slider.addEventListener("input", slide);
  // The notebook takes the browser's own answer to these keys away.
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = stops.length;
    /** @type {Record<string, number>} */
    const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -all, End: all };
    if (!(event.key in keys)) return;
    event.preventDefault();
    step(keys[event.key]);
  });
  return { el, load, show, describe, wait };
}

// The panel beside the history tree: one revision's message, file, code, and the ways to it.
// Python puts this between history_draw.js and history.js.
// @ts-check

/**
 * What the panel asks its view for.
 * @typedef {object} Hands
 * @property {(row: number) => void} choose
 * @property {() => void} close
 * @property {(action: string, more?: Record<string, string>) => Promise<any>} ask
 * @property {(action: string, more?: Record<string, string>) => Promise<void>} tell
 */

/** @param {Hands} hands */
function makePanel(hands) {
  const el = make("div", "wbh-panel");
  el.setAttribute("role", "region");
  /** @type {Map<string, Promise<any>>} */ const sources = new Map();
  /** @type {Data} */ let data;
  /** @type {Map<string, number>} */ let rowOf = new Map();
  /** @type {number | undefined} */ let now;
  let busy = false;

  /** New data: the code may have changed too. @param {Data} fresh @param {Map<string, number>} rows */
  function load(fresh, rows) {
    [data, rowOf] = [fresh, rows];
    sources.clear();
  }

  /** @param {number | undefined} row */
  function show(row) {
    now = row;
    el.setAttribute("aria-label", row === undefined ? "Revision" : `Revision ${data.short[row]}`);
    if (row === undefined) {
      el.replaceChildren(make("p", "wbh-hint", "Choose a revision to see its code and the way to it."));
      return;
    }
    const sort = data.sorts[row] ?? "revision";
    const close = button("×", hands.close);
    close.className = "wbh-close";
    close.setAttribute("aria-label", "Close");
    const code = make("div", "wbh-code");
    const fault = data.faults[row] ?? "";
    el.replaceChildren(
      make("div", "wbh-panel-head", make("code", "", shown(data.ids[row])), wordOf(data, row), close),
      make("h4", "wbh-panel-title", titles[sort] ?? (data.messages[row] || "(no message)")),
      ...(fault && fault !== data.messages[row] ? [make("p", "wbh-fault", fault)] : []),
      ...(data.live && sort !== "no file" ? [actions(row, sort)] : []),
      ...(sort === "revision" ? [facts(row)] : []),
      code,
    );
    el.scrollTop = 0;
    if (sort === "revision" && data.live) void source(data.ids[row], code);
  }

  /** While something runs, nothing else can be started. @param {boolean} working */
  function wait(working) {
    if (working === busy) return;
    busy = working;
    const bar = el.querySelector(".wbh-actions");
    if (bar && now !== undefined) bar.replaceWith(actions(now, data.sorts[now] ?? "revision"));
  }

  /** @param {number} row @param {string} sort */
  function actions(row, sort) {
    const bar = make("div", "wbh-actions");
    const glyph = data.glyphs[row];
    const places = Object.keys(data.here);
    /** @param {string} direction @param {string} why */
    const offer = (direction, why) => {
      const more = { direction, revision: data.ids[row] };
      const each = button(`Preview ${direction} to here`, () => void hands.tell("preview", more));
      each.disabled = why !== "" || busy;
      each.title = why || "Shows what would run. Nothing is run.";
      bar.append(each);
    };
    if (sort === "revision") offer("upgrade", glyph === "●" ? "The database has this revision already." : "");
    const only = places.length === 1 && Number(places[0]) === row;
    const lacks = glyph === "○" ? "The database has not got this revision." : "";
    offer("downgrade", only ? "The database is here already." : lacks);
    return bar;
  }

  /** @param {number} row */
  function facts(row) {
    const list = make("div", "wbh-facts");
    /** @param {string} term @param {(string | HTMLElement)[]} values */
    const fact = (term, ...values) => {
      if (values.length === 0 || values[0] === "") return;
      list.append(make("div", "wbh-fact", make("span", "wbh-term", term), make("span", "wbh-value", ...values)));
    };
    const notes = (data.notes[row] ?? []).filter((note) => note !== data.faults[row] && !note.startsWith("depends on"));
    fact("File", make("code", "", data.paths[row]));
    fact("Created", data.dates[row]);
    fact("Follows", ...(data.follows[row].length ? links(data.follows[row]) : ["nothing: it is a base"]));
    fact("Depends on", ...links(data.needs[row] ?? []));
    fact("Labels", (data.labels[row] ?? []).join(", "));
    fact("Also", notes.join(", "));
    return list;
  }

  /** @param {string[]} ids */
  function links(ids) {
    return ids.flatMap((id, place) => {
      const between = place ? [", "] : [];
      const target = rowOf.get(id);
      if (target === undefined) return [...between, make("code", "", shown(id))];
      const link = button(data.short[target], () => hands.choose(target));
      link.className = "wbh-link";
      link.title = data.messages[target];
      return [...between, link];
    });
  }

  /** @param {string} id @param {HTMLElement} into */
  async function source(id, into) {
    const asked = sources.get(id) ?? hands.ask("source", { revision: id });
    sources.set(id, asked);
    into.append(make("p", "wbh-hint", "Reading the file …"));
    const answer = await asked;
    if (!answer.ok) sources.delete(id); // the next time it may be there
    if (!into.isConnected) return; // another one was chosen meanwhile
    if (!answer.ok) {
      into.replaceChildren(make("p", "wbh-fault", wordsOf(answer.error)));
      return;
    }
    const more = answer.doc.split("\n").slice(1).join("\n").trim();
    into.replaceChildren(...(more ? [make("p", "wbh-doc", more)] : []), ...answer.code.flatMap(part));
  }

  /** @param {{ name: string, html: string }} code */
  function part(code) {
    const pre = make("pre", "");
    pre.tabIndex = 0; // it scrolls, so the keyboard has to get there
    pre.setAttribute("aria-label", `Code of ${code.name}`);
    pre.innerHTML = code.html; // escaped and coloured by render/code.py
    return [make("div", "wbh-part", code.name), pre];
  }

  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hands.close();
  });
  return { el, load, show, wait };
}

/** What is said of a place that no file stands for. @type {Record<string, string>} */
const titles = {
  base: "Before the first revision: nothing is applied.",
  "no file": "The database is at this revision, but no file has it. It may live on another git branch.",
};

/** The state in a word. @param {Data} data @param {number} row */
function wordOf(data, row) {
  return make("span", `wbh-word wbh-${data.words[row].replace(" ", "-") || "base"}`, data.words[row]);
}

/** An error that Python answered with. @param {{ message: string, remedy: string }} error */
function wordsOf(error) {
  return [error.message, error.remedy].filter(Boolean).join(" ");
}

// The panel beside the picture: one table's columns, constraints, indexes, size, first rows and history.
// Python puts this between schema_draw.js and schema_time.js.
// @ts-check

/**
 * A table, as `details` in schema_data.py sends it, and what was asked of it since.
 * @typedef {object} Details
 * @property {string} key
 * @property {string} sentence
 * @property {string} comment
 * @property {[string, string, string, string][]} columns
 * @property {[string, string[]][]} parts
 * @property {string[]} referring
 * @property {{ columns: string[], cells: (string | null)[][] }} [rows]
 * @property {string} [blame]
 */

/**
 * What the panel asks its view for.
 * @typedef {object} Hands
 * @property {() => Data} data
 * @property {() => void} close
 * @property {(key: string) => void} choose
 * @property {(key: string) => void} around
 * @property {(action: string, more?: Record<string, string>) => Promise<void>} tell
 */

/** @param {Hands} hands */
function makePanel(hands) {
  const el = make("div", "wbs-panel");
  el.setAttribute("role", "region");
  el.tabIndex = -1;
  let key = "";

  /** @param {Partial<Details>} told */
  function show(told) {
    el.hidden = !told.key;
    if (!told.key) {
      key = "";
      el.replaceChildren();
      return;
    }
    const details = /** @type {Details} */ (told);
    const place = details.key === key ? el.scrollTop : 0;
    key = details.key;
    el.setAttribute("aria-label", `Table ${key}`);
    const close = button("×", hands.close);
    close.className = "wbs-close";
    close.setAttribute("aria-label", "Close");
    const { rows, blame, only } = hands.data();
    const actions = make("div", "wbs-actions");
    if (only !== key) actions.append(button("Only this and its neighbours", () => hands.around(key)));
    if (rows) actions.append(button("First rows", () => void hands.tell("rows", { table: key })));
    if (blame) actions.append(button("Who made it", () => void hands.tell("blame", { table: key })));
    el.replaceChildren(
      make("div", "wbs-panel-head", make("strong", "", key), close),
      make("p", "wbs-muted", details.sentence),
      ...(details.comment ? [make("p", "wbs-comment", `“${details.comment}”`)] : []),
      actions,
      ...(details.rows ? firstRows(details.rows) : []),
      ...(details.blame ? [blamed(details.blame)] : []),
      columnsOf(details),
      ...details.parts.flatMap(([title, lines]) => [make("h4", "", title), lined(lines)]),
      ...(details.referring.length ? [make("h4", "", "Referred to by"), links(details.referring)] : []),
    );
    el.scrollTop = place;
  }

  /** @param {string[]} keys */
  function links(keys) {
    const known = new Set(hands.data().cards.map((card) => card.key));
    const list = make("ul", "wbs-list");
    for (const each of keys) {
      const link = button(each, () => hands.choose(each));
      link.className = "wbs-link";
      list.append(make("li", "", known.has(each) ? link : each));
    }
    return list;
  }

  return { el, show, focus: () => el.focus({ preventScroll: true }) };
}

/** @param {Details} details */
function columnsOf(details) {
  const table = make("table", "wbs-table");
  for (const [marks, name, told, comment] of details.columns) {
    const more = comment ? [make("div", "wbs-muted", comment)] : [];
    table.append(
      make("tr", "", make("td", "wbs-key", marks), make("td", "wbs-field", make("code", "", name)),
        make("td", "wbs-told", make("code", "", told), ...more)),
    );
  }
  return details.columns.length ? table : make("p", "wbs-muted", "no columns");
}

/** @param {string[]} lines */
function lined(lines) {
  return make("ul", "wbs-list", ...lines.map((each) => make("li", "", make("code", "", each))));
}

/** @param {NonNullable<Details["rows"]>} rows */
function firstRows(rows) {
  const head = make("tr", "", ...rows.columns.map((each) => make("th", "", each)));
  const lines = rows.cells.map((cells) =>
    make("tr", "", ...cells.map((each) => make("td", each === null ? "wbs-muted" : "", each ?? "NULL"))),
  );
  const table = make("table", "wbs-table wbs-rows", head, ...lines);
  const box = make("div", "wbs-wide", rows.cells.length ? table : make("p", "wbs-muted", "It has no rows."));
  return [make("h4", "", "First rows"), box];
}

/** @param {string} html The static form of a Blame: what comes from a file is escaped there. */
function blamed(html) {
  const box = make("div", "wbs-wide");
  box.innerHTML = html;
  return box;
}

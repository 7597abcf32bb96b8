// The script of every text-like view: it shows the HTML that Python rendered and sends clicks back.
// State lives in Python's traits, so that a reloaded page shows the same; only what is open, what is typed,
// which question is being asked and where the focus is belong to the browser.
// @ts-check

/**
 * The traits of `workbench.widgets.view.View` (tests/widgets/test_view.py compares the two lists).
 * @typedef {object} Traits
 * @property {string} _html
 * @property {Record<string, string>} _patches
 * @property {boolean} _busy
 * @property {string} _progress
 * @property {string} _error
 */

/**
 * @typedef {object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get
 * @property {(content: object) => void} send
 * @property {(event: string, handler: (...values: any[]) => void) => void} on
 * @property {(event: string, handler: (...values: any[]) => void) => void} off
 */

/** Attributes that are the script's own and not sent along with an action. */
const OWN = new Set(["action", "ask", "yes", "no", "key", "fields", "needs"]);
const PAUSE = 250; // milliseconds without a key: what was typed is meant
const ANSWER_WITHIN = 600_000; // milliseconds: Python answers at once, unless a cell keeps the kernel busy

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const alive = new AbortController();
  el.classList.add("workbench-view");
  const error = part("div", "wb-error");
  const page = part("div", "wb-page");
  const spoken = part("div", "wb-spoken");
  spoken.setAttribute("role", "status");
  spoken.setAttribute("aria-live", "polite");
  el.replaceChildren(error, page, spoken);

  /** @type {Map<string, boolean>} */ const opened = new Map();
  /** @type {Map<string, (answer: any) => void>} */ const waiting = new Map();
  /** @type {Map<string, string>} */ const shown = new Map();
  /** @type {Map<string, number>} */ const since = new Map();
  const fields = makeFields(page);

  function draw() {
    const focus = focused(page);
    page.innerHTML = model.get("_html");
    shown.clear();
    for (const each of all(page, "details[data-key]")) {
      const open = opened.get(each.dataset.key ?? "");
      if (open !== undefined) /** @type {HTMLDetailsElement} */ (each).open = open;
    }
    patch();
    fields.restore();
    refocus(page, focus);
    arrange();
  }

  function patch() {
    for (const [key, html] of Object.entries(model.get("_patches"))) {
      if (shown.get(key) === html) continue;
      shown.set(key, html);
      for (const each of all(page, `[data-live="${CSS.escape(key)}"]`)) {
        const focus = focused(each);
        each.innerHTML = html;
        fields.restore();
        refocus(each, focus);
      }
    }
    tick();
  }

  // Seconds that pass while nothing else happens: the browser's own clock, counted from when it first saw the key.
  function tick() {
    const keys = new Set();
    for (const each of all(page, "[data-ticking]")) {
      const key = each.dataset.ticking ?? "";
      keys.add(key);
      if (!since.has(key)) since.set(key, Date.now());
      each.textContent = `${Math.floor((Date.now() - (since.get(key) ?? 0)) / 1000)} s`;
    }
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
  }

  function state() {
    const busy = model.get("_busy");
    el.dataset.busy = String(busy);
    el.setAttribute("aria-busy", String(busy));
    error.innerHTML = model.get("_error");
    spoken.textContent = model.get("_progress");
    arrange();
  }

  /**
   * @param {string} action
   * @param {Record<string, string>} data
   * @returns {Promise<any>} Python's answer
   */
  function ask(action, data) {
    const id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        waiting.delete(id);
        resolve({ ok: false, error: { kind: "Timeout", message: "The kernel did not answer.", remedy: "" } });
      }, ANSWER_WITHIN);
      waiting.set(id, (answer) => {
        clearTimeout(giveUp);
        resolve(answer);
      });
      model.send({ id, action, ...data });
    });
  }

  /** @param {{ id?: string }} answer */
  function answered(answer) {
    const resolve = waiting.get(answer.id ?? "");
    waiting.delete(answer.id ?? "");
    resolve?.(answer);
  }

  /** @param {HTMLElement} button */
  async function press(button) {
    const data = Object.fromEntries(
      Object.entries(button.dataset).flatMap(([name, value]) => (OWN.has(name) ? [] : [[name, value ?? ""]])),
    );
    const action = button.dataset.action ?? "";
    /** @type {HTMLButtonElement} */ (button).disabled = true; // one click, one action
    try {
      const answer = await ask(action, { ...data, ...fields.values(button) });
      if (answer.ok && action === "copy") await copied(button, answer.text);
      if (!answer.ok) spoken.textContent = [answer.error.message, answer.error.remedy].filter(Boolean).join(" ");
    } finally {
      /** @type {HTMLButtonElement} */ (button).disabled = false;
      fields.check();
    }
  }

  /** Ask once, in place, before something is done that changes a database. @param {HTMLElement} button */
  function question(button) {
    const box = part("div", "wb-ask");
    box.setAttribute("role", "group");
    const words = part("span", "wb-question");
    words.textContent = (button.dataset.ask ?? "") + fields.told(button);
    const yes = choice(button.dataset.yes ?? "Yes", "wb-button wb-primary");
    const no = choice(button.dataset.no ?? "Not now", "wb-button");
    box.append(words, yes, no);
    box.setAttribute("aria-label", words.textContent);
    const put = () => {
      box.remove();
      button.hidden = false;
    };
    yes.addEventListener("click", (event) => (event.stopPropagation(), put(), void press(button)));
    no.addEventListener("click", (event) => (event.stopPropagation(), put(), button.focus()));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      put();
      button.focus();
    });
    button.hidden = true;
    button.after(box);
    no.focus(); // the harmless answer: Enter pressed twice must not run a migration
  }

  /** @param {HTMLElement} button @param {string} text */
  async function copied(button, text) {
    const label = button.innerHTML;
    const done = await toClipboard(text);
    button.textContent = done ? "✔ Copied" : "✖ Could not copy";
    spoken.textContent = button.textContent;
    setTimeout(() => (button.innerHTML = label), 1500);
  }

  const looked = () => page.querySelector("[data-look]") !== null && !model.get("_busy");
  const arrange = makeLook(el, looked, () => ask("look", {}), alive.signal);

  const on = { signal: alive.signal };
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let pause;
  page.addEventListener("input", (event) => {
    fields.note(event);
    const field = /** @type {HTMLElement} */ (event.target);
    const action = field.dataset?.typing;
    if (action === undefined) return;
    clearTimeout(pause);
    pause = setTimeout(() => void ask(action, fields.values(field)), PAUSE);
  }, on);
  page.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest?.("[data-action]");
    if (!(button instanceof HTMLElement) || !page.contains(button)) return;
    event.preventDefault();
    if (button.dataset.ask) question(button);
    else void press(button);
  }, on);
  page.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLElement} */ (event.target);
    const action = field.dataset?.enter;
    if (event.key !== "Enter" || event.shiftKey || action === undefined) return;
    event.preventDefault();
    const button = field.closest(".wb-bar")?.querySelector(`button[data-action="${CSS.escape(action)}"]`);
    if (button instanceof HTMLButtonElement && !button.disabled) button.click();
  }, on);
  // `toggle` does not bubble; caught on its way down it can still be heard here.
  page.addEventListener("toggle", (event) => {
    const each = /** @type {HTMLDetailsElement} */ (event.target);
    if (each.dataset?.key) opened.set(each.dataset.key, each.open);
  }, { capture: true, signal: alive.signal });
  // JupyterLab's command mode takes Enter, arrows, `a`, `b`, `x` from a focused button, unless it finds this attribute
  // on the very element. It listens on the document while the event goes down, so this has to be earlier still.
  // Ctrl+S and Shift+Enter stay the notebook's.
  window.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !el.contains(event.target)) return;
    const ours = !event.ctrlKey && !event.metaKey && !(event.shiftKey && event.key === "Enter");
    event.target.toggleAttribute("data-lm-suppress-shortcuts", ours);
  }, { capture: true, signal: alive.signal });

  /** @type {[string, (...values: any[]) => void][]} */
  const handlers = [
    ["change:_html", draw],
    ["change:_patches", patch],
    ["change:_busy", state],
    ["change:_error", state],
    ["change:_progress", state],
    ["msg:custom", answered],
  ];
  for (const [event, handler] of handlers) model.on(event, handler);
  const clock = setInterval(tick, 1000);
  draw();
  state();

  return () => {
    alive.abort();
    clearTimeout(pause);
    clearInterval(clock);
    for (const [event, handler] of handlers) model.off(event, handler);
  };
}

/** @param {string} tag @param {string} name */
function part(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

/** @param {string} label @param {string} names */
function choice(label, names) {
  const button = /** @type {HTMLButtonElement} */ (part("button", names));
  button.type = "button";
  button.textContent = label;
  return button;
}

/** @param {Element} root @param {string} selector @returns {HTMLElement[]} */
function all(root, selector) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

const FOCUSABLE = "button, summary, input, select, a[href], [tabindex]";

/** What a control is called, if it is. @param {HTMLElement} each */
function nameOf(each) {
  const { action, field, keep = "" } = each.dataset;
  return action ?? (field === undefined ? each.closest("details")?.dataset.key : `${keep} ${field}`) ?? "";
}

/** Which of the root's controls has the focus: its name if it has one, else its place. @param {HTMLElement} root */
function focused(root) {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !root.contains(active) || active === root) return null;
  const { selectionStart: from = null, selectionEnd: to = null } = /** @type {HTMLInputElement} */ (active);
  return { name: nameOf(active), place: all(root, FOCUSABLE).indexOf(active), from, to };
}

/** @param {HTMLElement} root @param {ReturnType<typeof focused>} focus */
function refocus(root, focus) {
  if (focus === null) return;
  const controls = all(root, FOCUSABLE);
  const named = focus.name === "" ? undefined : controls.find((each) => nameOf(each) === focus.name);
  const found = named ?? controls[Math.min(focus.place, controls.length - 1)];
  found?.focus({ preventScroll: true });
  // Who types in the middle of a word goes on there.
  if (found instanceof HTMLInputElement && focus.from !== null) found.setSelectionRange(focus.from, focus.to);
}

/** @param {string} text @returns {Promise<boolean>} */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not a secure context (a remote host by plain http), or not allowed: the old way.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export default { render };

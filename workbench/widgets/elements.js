// How a view's script makes an element safely, copies text, and asks Python.
// Python puts this in front of the scripts of one view, since anywidget loads one module a view.
// @ts-check

const ANSWER_WITHIN = 600_000; // milliseconds
const SVG = "http://www.w3.org/2000/svg";

/**
 * The text with what is searched for marked.
 * @param {string} text @param {string} needle @returns {(string | HTMLElement)[]}
 */
function markedIn(text, needle) {
  if (!needle) return [text];
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return [text]; // a letter that grows when lowered: the places would be off
  const parts = [];
  let at = 0;
  for (let next = lower.indexOf(needle); next >= 0; next = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, next), make("mark", "", text.slice(next, next + needle.length)));
    at = next + needle.length;
  }
  return [...parts, text.slice(at)];
}

/** @param {string} tag @param {string} names @param {(string | Node)[]} children */
function make(tag, names, ...children) {
  const element = document.createElement(tag);
  if (names) element.className = names;
  element.append(...children); // strings become text, never HTML
  return element;
}

/** @param {string} label @param {() => void} press */
function button(label, press) {
  const element = /** @type {HTMLButtonElement} */ (make("button", "wb-button", label));
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

/** @param {string} tag @param {Record<string, string | number>} attributes @returns {SVGElement} */
function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return /** @type {SVGElement} */ (element);
}

/** @param {Map<number, Element>} drawn @param {(key: number) => boolean} keep */
function prune(drawn, keep) {
  for (const [key, element] of drawn) {
    if (keep(key)) continue;
    element.remove();
    drawn.delete(key);
  }
}

/** Invisible characters written out, as `visible` in text.py. @param {string} text */
function shown(text) {
  const escaped = (/** @type {string} */ each) => `\\u${(each.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);
}

/** @param {string} text @returns {Promise<boolean>} */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Questions to Python, each with its answer. @param {{ send: (content: object) => void }} model */
function makeAsk(model) {
  /** @type {Map<string, (answer: any) => void>} */ const waiting = new Map();

  /** @param {string} action @param {Record<string, string>} [more] @returns {Promise<any>} */
  function ask(action, more = {}) {
    const id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    return new Promise((resolve) => {
      const late = { ok: false, error: { kind: "Timeout", message: "The kernel did not answer.", remedy: "" } };
      const giveUp = setTimeout(() => answered({ ...late, id }), ANSWER_WITHIN);
      waiting.set(id, (answer) => {
        clearTimeout(giveUp);
        resolve(answer);
      });
      model.send({ id, action, ...more });
    });
  }

  /** @param {{ id?: string }} answer */
  function answered(answer) {
    waiting.get(answer.id ?? "")?.(answer);
    waiting.delete(answer.id ?? "");
  }

  return { ask, answered };
}

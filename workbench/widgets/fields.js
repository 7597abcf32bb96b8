// What a person types and ticks beside a button: kept while Python draws the page anew, and sent along with the button.
// Python puts this before view.js.
// @ts-check

/**
 * A field is an input, a select or a textarea with `data-field`, its name. With `data-must`, the button that has the field's name in
 * `data-needs` is disabled until that very text stands in it. With `data-told`, this sentence joins the question that
 * the button asks while the field is ticked. `data-keep` tells the fields of one Plan from those of the next.
 * With `data-enter`, an action, Enter presses the button of the row that has it.
 * With `data-typing`, an action, it is sent with all fields of the row as soon as nobody has typed for a moment.
 * @param {HTMLElement} page
 */
function makeFields(page) {
  /** @type {Map<string, string | boolean>} */ const typed = new Map();
  /** @type {(field: HTMLInputElement) => string} */
  const key = (field) => `${field.dataset.keep ?? ""} ${field.dataset.field}`;
  /** @type {(root: ParentNode, selector: string) => HTMLInputElement[]} */
  const inputs = (root, selector) => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(selector)]);
  /** @type {(button: HTMLElement) => ParentNode} */
  const around = (button) => button.closest(".wb-bar") ?? page;

  /** @param {Event} event */
  function note(event) {
    const field = event.target;
    if (!(field instanceof HTMLElement) || field.dataset.field === undefined) return;
    const { type, checked, value } = /** @type {HTMLInputElement} */ (field); // a select has no `checked`, and needs none
    typed.set(key(/** @type {HTMLInputElement} */ (field)), type === "checkbox" ? checked : value);
    check();
  }

  /** The page is new: what was typed stands in it again. */
  function restore() {
    for (const field of inputs(page, "[data-field]")) {
      const value = typed.get(key(field));
      if (typeof value === "boolean") field.checked = value;
      else if (value !== undefined) field.value = value;
    }
    check();
  }

  function check() {
    for (const button of /** @type {HTMLButtonElement[]} */ ([...page.querySelectorAll("button[data-needs]")])) {
      const name = CSS.escape(button.dataset.needs ?? "");
      const needed = inputs(around(button), `[data-field="${name}"]`);
      button.disabled = needed.some((field) => field.value.trim() !== field.dataset.must);
    }
  }

  /** What goes along with a button that has `data-fields`. @param {HTMLElement} button @returns {Record<string, string>} */
  function values(button) {
    if (button.dataset.fields === undefined && button.dataset.typing === undefined) return {};
    return Object.fromEntries(
      inputs(around(button), "[data-field]").map((field) => [
        field.dataset.field ?? "",
        // What is no number has no value, and must not pass for an empty field.
        field.validity.badInput ? "?" : field.type === "checkbox" ? (field.checked ? "yes" : "") : text(field),
      ]),
    );
  }

  /** In a text of several lines the space before the first one counts. @param {HTMLElement & { value: string }} field */
  const text = (field) => (field instanceof HTMLTextAreaElement ? field.value : field.value.trim());

  /** What the ticked fields add to the button's question. @param {HTMLElement} button */
  function told(button) {
    if (button.dataset.fields === undefined) return "";
    return inputs(around(button), "input[data-told]:checked").map((field) => ` ${field.dataset.told}`).join("");
  }

  return { note, restore, check, values, told };
}

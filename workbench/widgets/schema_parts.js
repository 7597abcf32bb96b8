// What the Schema view reads and sets, its fields to choose from, and how its picture is saved as a file.
// Python puts this between schema_time.js and schema.js.
// @ts-check

/**
 * The traits of `workbench.widgets.schema.SchemaView` that this reads or sets.
 * @typedef {object} Traits
 * @property {string} selected
 * @property {string} search
 * @property {string} only
 * @property {number} steps
 * @property {string} hidden_columns
 * @property {boolean} group_by_schema
 * @property {string} at
 * @property {DataView} _data
 * @property {Partial<Details>} _details
 * @property {Tick[]} _stops
 * @property {Partial<Stop>} _stop
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

const PIXELS = 12_000; // of the longer side of a PNG: browsers give up above 16,000

/** @param {string} label @param {[string, string][]} values @param {(value: string) => void} chosen */
function choice(label, values, chosen) {
  const field = /** @type {HTMLSelectElement} */ (make("select", "wb-input"));
  field.setAttribute("aria-label", label);
  for (const [value, words] of values) field.append(new Option(words, value));
  field.addEventListener("change", () => chosen(field.value));
  return field;
}

/** The SVG as pixels, twice as fine as on the screen where that is possible. @param {Blob} svg @returns {Promise<Blob | null>} */
async function rasterised(svg) {
  const url = URL.createObjectURL(svg);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const fine = Math.min(2, PIXELS / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(image.width * fine), Math.round(image.height * fine)];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

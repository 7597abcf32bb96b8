// Asks Python now and then whether what is shown still holds, as long as somebody can see it.
// Python puts this before view.js.
// @ts-check

const LOOK_EVERY = 3_000; // milliseconds

/**
 * Nothing is asked while the view is scrolled away, the tab is in the background, or the last answer is still to come:
 * a kernel that is busy would otherwise find a heap of questions.
 * @param {HTMLElement} el
 * @param {() => boolean} wanted
 * @param {() => Promise<unknown>} ask
 * @param {AbortSignal} signal
 * @returns {() => void} to be called when `wanted` may have another answer
 */
function makeLook(el, wanted, ask, signal) {
  let [seen, asking, last] = [false, false, Date.now()];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const due = () => seen && !signal.aborted && document.visibilityState === "visible" && wanted();

  function arrange() {
    clearTimeout(timer);
    if (!asking && due()) timer = setTimeout(look, Math.max(0, last + LOOK_EVERY - Date.now()));
  }

  async function look() {
    if (!due()) return;
    asking = true;
    last = Date.now();
    try {
      await ask();
    } finally {
      asking = false;
      arrange();
    }
  }

  const observer = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    arrange();
  });
  observer.observe(el);
  document.addEventListener("visibilitychange", arrange, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearTimeout(timer);
  });
  return arrange;
}

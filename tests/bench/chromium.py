"""A notebook in a real Chromium, and the time from running one of its cells to the first paint of what it shows."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.measure import REPOSITORY
from tests.browser import lab as jupyterlab

# From running the cell to the second frame after its view is there: by then it has been painted.
_PAINT = """([cell, view, part]) => new Promise(done => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const output = notebook.widgets[cell].node;
  const old = output.querySelector(view);
  const began = performance.now();
  const look = () => {
    const found = output.querySelector(view);
    if (found && found !== old && found.querySelector(part)) {
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(output, {childList: true, subtree: true});
  notebook.activeCellIndex = cell;
  jupyterapp.commands.execute('notebook:run-cell');
})"""


@contextlib.contextmanager
def opened() -> Iterator[jupyterlab.Lab | None]:
    """A JupyterLab of its own in Chromium; None where no Chromium is installed."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        chromium = jupyterlab.find_chromium(playwright)
        if chromium is None:
            yield None
            return
        with jupyterlab.running(Path(home)) as server, jupyterlab.launch(playwright, chromium) as browser:
            yield jupyterlab.Lab(server, browser)


def notebook(lab: jupyterlab.Lab, setup: Sequence[str], cells: Sequence[str], ready: str) -> Page:
    """Write a notebook whose first cell is `setup`, run it all, and wait until `ready`, a selector, is there."""
    first = "\n".join(("import sys", f"sys.path.insert(0, {str(REPOSITORY)!r})", *setup))
    lab.write("bench.ipynb", first, *cells)
    page = lab.open("bench.ipynb")
    lab.run_all()
    page.locator(ready).nth(0).wait_for()
    page.wait_for_timeout(2000)
    return page


def paint(page: Page, cell: int, view: str, part: str) -> float:
    """Run a cell again: the milliseconds until a new `view` with a `part` in it, both selectors, is painted."""
    took = float(page.evaluate(_PAINT, [cell, view, part]))
    page.wait_for_timeout(500)
    return took

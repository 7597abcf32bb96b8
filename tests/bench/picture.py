"""The entity-relationship picture in a real Chromium: from running the cell to its first paint."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.measure import REPOSITORY, Spread
from tests.browser import lab as jupyterlab

# From running the cell to the second frame after its first card is there: by then they have been painted.
_PAINT = """cell => new Promise(done => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const output = notebook.widgets[cell].node;
  const old = output.querySelector('.wbs-stage');
  const began = performance.now();
  const look = () => {
    const stage = output.querySelector('.wbs-stage');
    if (stage && stage !== old && stage.querySelector('.wbs-card')) {
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(output, {childList: true, subtree: true});
  notebook.activeCellIndex = cell;
  jupyterapp.commands.execute('notebook:run-cell');
})"""


def picture(count: int, repeat: int) -> Iterator[tuple[str, str]]:
    """Measure a schema of `count` tables; yields what was measured and what came out, in words."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        chromium = jupyterlab.find_chromium(playwright)
        if chromium is None:
            yield "picture in Chromium", "not measured: no Chromium or Chrome is installed"
            return
        with jupyterlab.running(Path(home)) as server, jupyterlab.launch(playwright, chromium) as browser:
            lab = jupyterlab.Lab(server, browser)
            setup = (
                f"import sys\nsys.path.insert(0, {str(REPOSITORY)!r})\n"
                "from tests.widgets.fake_schemas import FakeWorkbench\n"
                "from workbench.widgets.schema import SchemaView\n"
                f"schema = FakeWorkbench.large({count})"
            )
            lab.write("bench.ipynb", setup, "SchemaView(schema)")
            page = lab.open("bench.ipynb")
            lab.run_all()
            page.locator(".wbs-card").nth(0).wait_for()
            page.wait_for_timeout(2000)
            paints = []
            for _ in range(repeat):
                paints.append(float(page.evaluate(_PAINT, 1)))
                page.wait_for_timeout(500)
            what = f"picture of {count:,} tables: cell run to first paint, with its layout"
            yield what, f"{Spread(tuple(paints)).words(0)} ms"

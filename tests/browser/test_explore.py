"""The tutorial on schemas in a real JupyterLab: the picture and the drift of a live notebook, in both themes."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.test_tour import copied


def test_a_schema_and_its_drift(lab: Lab) -> None:
    """Up to its drift each cell runs, the picture opens a table, and the matrix has what was done by hand."""
    name = "notebooks/03_explore_a_schema.ipynb"
    copied(lab, name)
    notebook = json.loads((lab.root / name).read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    del notebook["cells"][next(at for at, source in enumerate(sources) if source.endswith("\ndrift")) + 1 :]
    (lab.root / name).write_text(json.dumps(notebook), "utf-8")
    lab.page.set_viewport_size({"width": 1100, "height": 1000})
    page = lab.open(name)
    lab.theme("light")
    lab.run_all()

    drift = page.locator(".workbench-view").last
    expect(drift.get_by_text("14 differences on bookshop", exact=False)).to_be_visible(timeout=60_000)
    for theme, picture in (("light", "drift"), ("dark", "drift-dark")):
        lab.theme(theme)
        drift.evaluate("each => each.scrollIntoView({block: 'start'})")
        lab.screenshot(picture)
    stage = page.get_by_role("application").first
    stage.focus()
    page.keyboard.press("/")
    page.keyboard.type("orders")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Table orders")).to_be_visible()
    for theme, picture in (("light", "schema"), ("dark", "schema-dark")):
        lab.theme(theme)
        stage.evaluate("each => each.closest('.jp-OutputArea-output').scrollIntoView({block: 'start'})")
        lab.screenshot(picture)

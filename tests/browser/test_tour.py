"""The first tutorial in a real JupyterLab, as a new user meets it: opened, run, looked at in both themes."""

from __future__ import annotations

import json
import pathlib
import re
import shutil

from playwright.sync_api import expect

from tests.browser.lab import Lab

REPOSITORY = pathlib.Path(__file__).parents[2]


def copied(lab: Lab, notebook: str) -> None:
    """Put the notebook, and the sample that it works on, where JupyterLab finds them."""
    for name in (notebook, "notebooks/bookshop.py", "alembic.ini"):
        target = lab.root / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    shutil.copytree(REPOSITORY / "migrations", lab.root / "migrations", dirs_exist_ok=True)


def test_the_tour_runs_and_its_views_are_alive(lab: Lab) -> None:
    """Each view of the tour is drawn, in light and dark, and the tree answers a click."""
    copied(lab, "notebooks/00_tour.ipynb")
    lab.page.set_viewport_size({"width": 1100, "height": 1600})
    page = lab.open("notebooks/00_tour.ipynb")
    lab.theme("light")  # whatever the test before has left
    lab.run_all()

    tree = page.get_by_role("listbox", name="Revisions, newest first").first
    expect(tree).to_be_visible(timeout=30_000)
    page.get_by_role("option", name="5711b0a7", exact=False).first.click()
    expect(page.get_by_role("region", name="Revision 5711b0a7").first).to_contain_text("Move each customer's name")
    expect(page.get_by_text("live -> models: 13 changes in 7 tables", exact=False).first).to_be_visible()
    tree.scroll_into_view_if_needed()
    lab.screenshot("tour")
    lab.theme("dark")
    tree.scroll_into_view_if_needed()
    lab.screenshot("tour-dark")


def test_a_rehearsal_tells_what_the_way_back_loses(lab: Lab) -> None:
    """The second tutorial up to its Plan: one press, and the page says what a downgrade would not bring back."""
    name = "notebooks/02_preview_rehearse_apply.ipynb"
    copied(lab, name)
    notebook = json.loads((lab.root / name).read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    del notebook["cells"][next(i for i, source in enumerate(sources) if source.endswith("\nplan")) + 1 :]
    (lab.root / name).write_text(json.dumps(notebook), "utf-8")
    lab.page.set_viewport_size({"width": 1100, "height": 1400})
    page = lab.open(name)
    lab.theme("light")
    lab.run_all()
    page.get_by_role("button", name="Rehearse", exact=True).click()
    line = page.get_by_text(re.compile(r"Rehearsed on a copy of bookshop .*: up ✔ down ✔ up ✔")).first
    expect(line).to_be_visible(timeout=60_000)
    remaining = page.get_by_text("What the models still differ in")
    expect(page.get_by_text("scratch -> models: 7 changes in 4 tables").first).to_be_hidden()
    remaining.click()
    expect(page.get_by_text("scratch -> models: 7 changes in 4 tables").first).to_be_visible()
    remaining.click()
    expect(page.get_by_text("Rows that are not as they were:").first).to_be_visible()
    for theme, picture in (("light", "rehearsal"), ("dark", "rehearsal-dark")):
        lab.theme(theme)
        page.locator(".workbench-view").first.evaluate("each => each.scrollIntoView({block: 'start'})")
        lab.screenshot(picture)

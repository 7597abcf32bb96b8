"""The first tutorial in a real JupyterLab, as a new user meets it: opened, run, looked at in both themes."""

from __future__ import annotations

import pathlib
import shutil

from playwright.sync_api import expect

from tests.browser.lab import Lab

REPOSITORY = pathlib.Path(__file__).parents[2]


def test_the_tour_runs_and_its_views_are_alive(lab: Lab) -> None:
    """Each view of the tour is drawn, in light and dark, and the tree answers a click."""
    for name in ("notebooks/00_tour.ipynb", "notebooks/bookshop.py", "alembic.ini"):
        target = lab.root / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    shutil.copytree(REPOSITORY / "migrations", lab.root / "migrations", dirs_exist_ok=True)
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

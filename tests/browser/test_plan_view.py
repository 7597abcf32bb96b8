"""A plan in a real JupyterLab: asked about, applied, watched, cancelled; and what is left in a saved notebook."""

from __future__ import annotations

import pathlib

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab
from tests.zoo_plans import DIFFS, PLANS, RUNS
from workbench import render

REPOSITORY = pathlib.Path(__file__).parents[2]
START = f"""\
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
import workbench.widgets
from tests.browser.slow_workbench import SlowWorkbench
from tests.zoo_plans import DIFFS, PLANS
workbench.widgets.register(get_ipython())
"""


def opened(lab: Lab, *cells: str, width: int = 800) -> Page:
    """A notebook of these cells, run."""
    lab.write("plan.ipynb", START, *cells)
    lab.page.set_viewport_size({"width": width, "height": 1100})
    page = lab.open("plan.ipynb")
    lab.run_all()
    return page


def test_apply_asks_once_then_runs(lab: Lab) -> None:
    """One press asks and names the database, a second runs; Python holds the Run and the page is its record."""
    page = opened(
        lab, "slow = SlowWorkbench()\nview = workbench.widgets.view_of(slow.show(PLANS['three revisions']))\nview"
    )
    page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True).click()

    expect(page.get_by_role("group", name="Run 3 revisions (6 statements) on bookshop?")).to_be_visible()
    assert [] == lab.python("slow.calls")
    lab.screenshot("plan-asked")
    page.get_by_role("button", name="Run them", exact=True).click()
    expect(page.get_by_text("Step 3 of 3: c41d77e0 add gift vouchers").first).to_be_visible()
    lab.screenshot("plan-running")
    expect(page.get_by_text("Applied 3 revisions to bookshop (sqlite 3.40.1), now at c41d77e0.").first).to_be_visible()
    lab.screenshot("plan-applied")
    assert [["apply"], True] == lab.python("[slow.calls, view.run.ok]")
    expect(page.get_by_role("button", name="Apply 3 revisions to bookshop")).to_have_count(0)


def test_escape_means_not_now(lab: Lab) -> None:
    """The harmless answer has the focus; Esc puts the question away, and the button has the focus again."""
    page = opened(lab, "slow = SlowWorkbench()\nslow.show(PLANS['three revisions'])")
    button = page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True)
    button.click()

    expect(page.get_by_role("button", name="Not now", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Run 3 revisions (6 statements) on bookshop?")).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Not now", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    assert [] == lab.python("slow.calls")


def test_keys_in_the_view_are_not_the_notebooks(lab: Lab) -> None:
    """JupyterLab's command mode would add a cell at `b` and cut one at `x`; within the view it must not."""
    page = opened(lab, "slow = SlowWorkbench()\nslow.show(PLANS['three revisions'])")
    cells = page.locator(".jp-NotebookPanel .jp-Cell")
    page.get_by_role("button", name="Copy SQL", exact=True).focus()
    for key in ("b", "x", "a", "ArrowUp"):
        page.keyboard.press(key)

    expect(cells).to_have_count(2)
    expect(page.get_by_role("button", name="Copy SQL", exact=True)).to_be_focused()


def test_cancel_reaches_the_workbench_while_it_runs(lab: Lab) -> None:
    """A statement that takes half a minute is stopped at once; the record says where the database stands."""
    page = opened(lab, "slow = SlowWorkbench(pause=30)\nslow.show(PLANS['three revisions'])")
    page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()

    expect(page.get_by_text("CREATE VIEW daily_sales").last).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled after 1 of 3 revisions").first).to_be_visible()
    assert ["apply", "cancel"] == lab.python("slow.calls")


def test_what_was_closed_stays_closed(lab: Lab) -> None:
    """Re-rendering keeps what a person opened and closed."""
    page = opened(lab, "slow = SlowWorkbench(pause=0.05)\nslow.show(PLANS['three revisions'])")
    first = page.locator("summary", has_text="daily sales view")
    expect(page.get_by_text("CREATE VIEW daily_sales").first).to_be_visible()
    first.click()
    page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()
    expect(page.get_by_text("Applied 3 revisions").first).to_be_visible()

    expect(page.get_by_text("CREATE VIEW daily_sales").first).to_be_hidden()
    expect(page.get_by_text("CREATE UNIQUE INDEX").first).to_be_visible()


def test_outdated_plan_is_made_again_on_request(lab: Lab) -> None:
    """Nothing is run; the reason and the way out are shown, and the new plan has its own button."""
    page = opened(lab, "slow = SlowWorkbench(outdated=True)\nslow.show(PLANS['three revisions'])", width=640)
    page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()

    expect(page.get_by_role("alert").get_by_text("now it is at 77b1e2d4. Nothing was run.")).to_be_visible()
    lab.screenshot("plan-outdated")
    page.get_by_role("button", name="Make the plan again", exact=True).click()
    expect(page.get_by_role("button", name="Apply 1 revision to bookshop", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert ["apply", "upgrade head"] == lab.python("slow.calls")


def test_reloaded_page_shows_where_it_stands(lab: Lab) -> None:
    """What a view shows is in its traits, so a reload in the middle of a run finds it running."""
    page = opened(lab, "slow = SlowWorkbench(pause=60)\nslow.show(PLANS['three revisions'])")
    page.get_by_role("button", name="Apply 3 revisions to bookshop", exact=True).click()
    page.get_by_role("button", name="Run them", exact=True).click()
    expect(page.get_by_text("Step 1 of 3: 77b1e2d4 daily sales view").first).to_be_visible()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save').then(() => null)")
    lab.open("plan.ipynb")

    expect(page.get_by_text("Step 1 of 3: 77b1e2d4 daily sales view").first).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled after 1 of 3 revisions").first).to_be_visible()


def test_copy_fills_the_clipboard(lab: Lab) -> None:
    """The whole SQL, and the button says that it is done."""
    page = opened(lab, "slow = SlowWorkbench()\nslow.show(PLANS['three revisions'])")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy SQL", exact=True).click()

    expect(page.get_by_role("button", name="✔ Copied", exact=True)).to_be_visible()
    assert PLANS["three revisions"].sql == page.evaluate("() => navigator.clipboard.readText()")


def test_diff_shows_as_table_code_and_sql(lab: Lab) -> None:
    """Each form at a press, and the pressed one is marked."""
    page = opened(lab, "SlowWorkbench().show(DIFFS['three tables'])", width=640)
    expect(page.get_by_text("VARCHAR(255) NOT NULL").first).to_be_visible()
    lab.screenshot("diff-table")
    page.get_by_role("button", name="as code", exact=True).click()
    expect(page.get_by_text("op.create_index(").first).to_be_visible()
    page.get_by_role("button", name="as SQL", exact=True).click()

    expect(page.get_by_text("DROP COLUMN").first).to_be_visible()
    expect(page.get_by_role("button", name="as SQL", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="as code", exact=True)).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_saved_pages_keep_their_looks_when_nobody_trusts_them(lab: Lab, theme: str) -> None:
    """JupyterLab cleans the HTML of a notebook from elsewhere; the words, the folds and the colours stay."""
    results = {"plan": PLANS["three revisions"], "diff": DIFFS["three tables"], "run": RUNS["failed"]}
    file = lab.write(f"saved-{theme}.ipynb", *results)
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
    for cell, result in zip(notebook.cells, results.values(), strict=True):
        # Trust goes by content: each theme's notebook has its own, so that none was signed before.
        data = {"text/plain": render.text(result), "text/html": render.html(result) + f"<!-- {theme} -->"}
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]  # type: ignore[no-untyped-call]
    nbformat.write(notebook, file)  # type: ignore[no-untyped-call]
    lab.page.set_viewport_size({"width": 700, "height": 1500})
    page = lab.open(file.name)
    lab.theme("light" if theme == "light" else "dark")
    lab.screenshot(f"saved-{theme}")
    keyword = page.get_by_text("CREATE", exact=True).first

    expect(keyword).to_be_visible()
    expect(keyword).to_have_css("color", "rgb(47, 127, 193)")
    expect(page.get_by_text("migrations/versions/a8820f13d7e6.py")).to_be_hidden()
    page.locator("summary", has_text="merge reporting and checkout").click()
    expect(page.get_by_text("migrations/versions/a8820f13d7e6.py")).to_be_visible()
    expect(page.get_by_text("Failed at step 3 of 3").first).to_be_visible()

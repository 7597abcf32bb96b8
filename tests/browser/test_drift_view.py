"""The Drift view in a real JupyterLab: filtered while one types, by keys alone, in both themes."""

from __future__ import annotations

import pathlib

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab

REPOSITORY = pathlib.Path(__file__).parents[2]
CELL = f"""\
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from tests.widgets.test_drift_view import SOME
from workbench.widgets.drift import DriftView
v = DriftView(SOME, object())
v"""


@pytest.mark.parametrize("width", [600, 1200])
def test_filtered_while_one_types(lab: Lab, width: int) -> None:
    """A pause in typing is enough; the focus stays in the field, and who types on goes on where the caret is."""
    lab.write("drift.ipynb", CELL)
    lab.page.set_viewport_size({"width": width, "height": 1100})
    page = lab.open("drift.ipynb")
    lab.theme("light")
    lab.run_all()
    text = page.get_by_role("searchbox", name="Text")
    expect(text).to_be_visible()
    for theme in ("light", "dark"):
        lab.theme(theme)
        page.locator(".workbench-view").first.evaluate("each => each.scrollIntoView({block: 'start'})")
        lab.screenshot(f"drift-{width}-{theme}")
    expect(page.get_by_role("textbox", name="Why index book.ix_book_title may stay")).to_be_visible()
    text.focus()
    page.keyboard.type("tota")
    expect(page.get_by_text("1 of 3 differences shown", exact=True)).to_be_visible()
    expect(text).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("x")
    expect(page.get_by_text("0 of 3 differences shown", exact=True)).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("1 of 3 differences shown", exact=True)).to_be_visible()
    expect(text).to_have_value("tota")
    text.fill("")
    page.get_by_role("combobox", name="Verdict").select_option("pending")
    expect(page.get_by_text("1 of 3 differences shown", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="1 of 3 shown")).to_have_count(1)
    # The two changes travel one after the other, and what the page says fits both.
    for _ in range(50):
        if lab.python("[v.verdict, v.text]") == ["pending", ""]:
            break
        page.wait_for_timeout(100)
    assert lab.python("[v.verdict, v.text]") == ["pending", ""]

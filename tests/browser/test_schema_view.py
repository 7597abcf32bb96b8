"""The Schema view in a real JupyterLab: the picture, hands and keys, a table's details, neighbours, time."""

from __future__ import annotations

import pathlib
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab

REPOSITORY = pathlib.Path(__file__).parents[2]

# A workbench that answers at once, and counts what it is asked.
FAKE = f"""\
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from tests.render import schemas
from tests.widgets.fake_schemas import FakeWorkbench
from workbench.widgets.schema import SchemaView
"""


def opened(lab: Lab, *cells: str, width: int = 1000) -> Page:
    """A notebook of the workbench above and of these cells, run."""
    (lab.root / "fake_schema.py").write_text(FAKE, encoding="utf-8")
    lab.write("schema.ipynb", "from fake_schema import *", *cells)
    lab.page.set_viewport_size({"width": width, "height": 1100})
    page = lab.open("schema.ipynb")
    lab.run_all()
    expect(page.get_by_role("application").first).to_be_visible()
    return page


def card(page: Page, name: str) -> Locator:
    """A table's card."""
    return page.locator(".wbs-card").filter(has=page.locator(".wbs-name", has_text=re.compile(f"^{name}$")))


def test_hands_and_keys(lab: Lab) -> None:
    """A click opens a table, arrows and Enter too; `/` searches; what is read from the database stays text."""
    page = opened(lab, "v = SchemaView(FakeWorkbench().schema(), FakeWorkbench())\nv")
    card(page, "book").click()
    panel = page.get_by_role("region", name="Table book")
    expect(panel.get_by_text("table book: 3 columns, 12 rows, 16.0 kB", exact=True)).to_be_visible()
    panel.get_by_role("button", name="First rows").click()
    expect(panel.locator(".wbs-rows tr").nth(1)).to_have_text("1<i>x</i>NULL")

    page.get_by_role("application").focus()
    for key in ("ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Table tagged")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="tagged, 3 columns, → book, category")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Table tagged")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("author_id")
    expect(page.get_by_text("1 found", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 1", exact=True)).to_be_visible()
    expect(page.locator(".wbs-hit")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Table book")).to_be_visible()

    page.get_by_role("button", name="Only this and its neighbours").click()
    expect(page.get_by_text("3 of 5 tables: around book,", exact=False)).to_be_visible()
    expect(page.locator(".wbs-card")).to_have_count(3)
    page.get_by_role("combobox", name="Steps").select_option("2")
    expect(page.locator(".wbs-card")).to_have_count(4)
    page.get_by_role("combobox", name="Columns").select_option("all")
    expect(page.locator(".wbs-row")).to_have_count(0)
    assert lab.python("[v.selected, v.search, v.only, v.steps, v.hidden_columns]") == ["book", "", "book", 2, "all"]
    assert page.locator(".jp-Cell").count() == 2


def test_time(lab: Lab) -> None:
    """The slider goes from revision to revision; what each did is marked by letters and told, and nothing jumps."""
    page = opened(lab, "v = SchemaView(FakeWorkbench().schema(), FakeWorkbench())\nv")
    stage = page.get_by_role("application")
    before = stage.bounding_box()
    page.get_by_role("button", name="Travel through its revisions").click()
    slider = page.get_by_role("slider", name="Revision, oldest first")
    expect(slider).to_have_attribute("aria-valuetext", "live")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(card(page, "old_table").locator(".wbs-letter")).to_have_text("R")
    expect(slider).to_have_attribute("aria-valuetext", "3 of 3: c41d77e0 drop the old table")
    page.keyboard.press("ArrowLeft")
    expect(card(page, "book").locator("> .wbs-letter")).to_have_text("C")
    page.get_by_text("SQL that ran").click()
    expect(page.get_by_text("SELECT 1;", exact=True)).to_be_visible()
    page.get_by_role("button", name="Older revision").click()
    expect(page.get_by_text("1 of 3: 1a2b3c4d create <b>tables</b>", exact=True)).to_be_visible()

    assert lab.python("[v.wait(10), v.at]") == [True, "1a2b3c4d5e6f"]
    assert stage.bounding_box() == before


def test_many_tables(lab: Lab) -> None:
    """Only what is on the screen is drawn; a picture can be moved, made larger, and taken away as SVG and PNG."""
    page = opened(lab, "big = SchemaView(FakeWorkbench.large())\nbig")
    stage = page.get_by_role("application")
    assert 0 < page.locator(".wbs-card").count() < 200
    assert page.locator(".wbs-row").count() == 0
    assert page.get_by_role("list", name="Tables and what they refer to").get_by_role("listitem").count() == 300
    page.get_by_role("searchbox").fill("table_271")
    page.keyboard.press("Enter")
    expect(card(page, "table_271")).to_be_in_viewport()
    assert 0 < page.locator(".wbs-card").count() < 60
    place = card(page, "table_271").bounding_box()
    box = stage.bounding_box()
    assert place is not None
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 25, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    moved = card(page, "table_271").bounding_box()
    assert moved is not None
    assert [round(moved[each] - place[each]) for each in ("x", "y")] == [40, 20]

    found = {}
    for form in ("SVG", "PNG"):
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=form, exact=True).click()
        found[form] = (download.value.suggested_filename, download.value.path().read_bytes()[:4])
    assert found == {"SVG": ("schema.svg", b"<svg"), "PNG": ("schema.png", b"\x89PNG")}


def test_hostile_strings_are_only_text(lab: Lab) -> None:
    """Nothing that a name, type, comment or definition holds becomes an element or a script."""
    page = opened(lab, "v = SchemaView(schemas.hostile())\nv", "v.selected = next(iter(v._tables))")
    expect(page.get_by_role("region", name="Table <script>")).to_be_visible()

    assert page.locator(".wbs").locator("script, img, iframe, i, b").count() == 0
    assert page.evaluate("typeof owned") == "undefined"


def test_pictures(lab: Lab) -> None:
    """Pictures for somebody to look at, light and dark: the shop wide and narrow, a revision, 300 tables."""
    page = opened(
        lab,
        "v = SchemaView(FakeWorkbench().schema(), FakeWorkbench(), selected='book')\nv",
        "big = SchemaView(FakeWorkbench.large())\nbig",
        width=1400,
    )
    lab.python("[v.travel(), v.wait(10), setattr(v, 'at', v._stops[1]['id']), v.wait(10)]")
    for theme in ("light", "dark"):
        lab.theme(theme)
        page.set_viewport_size({"width": 950, "height": 1100})
        lab.screenshot(f"schema-{theme}-narrow")
        page.set_viewport_size({"width": 1400, "height": 1100})
        page.wait_for_timeout(200)

        assert lab.screenshot(f"schema-{theme}").stat().st_size > 1000

"""The history tree in a real JupyterLab: what a person sees, does with hands and keys, and what Python saw of it."""

from __future__ import annotations

import pathlib

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab

REPOSITORY = pathlib.Path(__file__).parents[2]

# A workbench that answers at once, and counts what it is asked.
FAKE = f"""\
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from types import SimpleNamespace
from tests import zoo
from workbench.errors import MigrationFailed
from workbench.results import Plan, Step
from workbench.widgets.history import HistoryView

class Fake:
    title = "bookshop · sqlite:///bookshop.db"

    def __init__(self, name):
        self.name, self.asked = name, []

    def history(self, rev_range=None):
        self.asked.append("history")
        return zoo.HISTORIES[self.name]()

    def source(self, revision):
        up = 'def upgrade() -> None:\\n    op.create_table("<script>voucher</script>")'
        down = 'def downgrade() -> None:\\n    op.drop_table("voucher")'
        return SimpleNamespace(upgrade=up, downgrade=down, path="x.py", text=up + down)

    def upgrade(self, revision):
        self.asked.append(f"upgrade {{revision}}")
        if revision == "06c2d8ef":
            raise MigrationFailed("The table voucher is <b>already</b> there.", "Drop it first.")
        now = self.history()
        steps = (Step(revision, "upgrade", "add gift vouchers", "x.py", ("CREATE TABLE voucher (id INT)",)),)
        return Plan("upgrade", "9f31c0aa", revision, steps, "CREATE TABLE voucher (id INT);", now.databases)

seen = []
def view(name, **values):
    made = HistoryView(zoo.HISTORIES[name](), Fake(name), **values)
    made.observe(lambda change: seen.append(change["new"]), names="selected")
    return made
"""


def opened(lab: Lab, *cells: str, width: int = 1000) -> Page:
    """A notebook of the workbench above and of these cells, run."""
    (lab.root / "fake_workbench.py").write_text(FAKE, encoding="utf-8")
    lab.write("history.ipynb", "from fake_workbench import *", *cells)
    lab.page.set_viewport_size({"width": width, "height": 1100})
    page = lab.open("history.ipynb")
    lab.run_all()
    return page


def test_a_click_is_seen_by_python_and_shows_the_code(lab: Lab) -> None:
    """A chosen row is `selected` in Python, observers hear of it, and the panel shows what the file does."""
    page = opened(lab, "v = view('branch_and_merge')\nv")
    page.get_by_role("option", name="c41d77e0, add gift vouchers, head, pending", exact=True).click()
    panel = page.get_by_role("region", name="Revision c41d77e0")

    expect(panel.get_by_label("Code of upgrade")).to_have_text(
        'def upgrade() -> None:\n    op.create_table("<script>voucher</script>")'
    )
    expect(panel.get_by_label("Code of downgrade")).to_have_text(
        'def downgrade() -> None:\n    op.drop_table("voucher")'
    )
    assert lab.python("[v.selected, seen]") == ["c41d77e0", ["c41d77e0"]]


def test_the_place_of_the_database_is_said_in_words(lab: Lab) -> None:
    """The sentence and the row both say where the database is, and the row says it to a screen reader too."""
    page = opened(lab, "v = view('branch_and_merge')\nv")

    expect(page.get_by_text("4 revisions pending; the database is at 9f31c0aa; 1 head.", exact=True)).to_be_visible()
    expect(
        page.get_by_role(
            "option", name="9f31c0aa, split customer name, applied, the database is here, branch point", exact=True
        )
    ).to_be_visible()


def test_python_selects_and_the_tree_scrolls_there(lab: Lab) -> None:
    """What Python sets is chosen and in sight, also far down among a thousand; a chip leads back to the database."""
    page = opened(lab, "v = view('thousand')\nv", "v.selected = '00000000'")
    row = page.get_by_role("option", name="00000000", exact=False).and_(page.locator("[aria-selected=true]"))
    expect(row).to_be_in_viewport()
    lab.screenshot("history-thousand")
    page.get_by_role("button", name="the database is here: 01350459").click()

    expect(
        page.get_by_role("option", name="01350459, change number 500, applied, the database is here")
    ).to_be_in_viewport()


def test_keys_move_choose_search_and_close(lab: Lab) -> None:
    """Arrows, Home, End, Enter, `/` and Escape do what they say, and the notebook does not take them for itself."""
    page = opened(lab, "v = view('branch_and_merge')\nv")
    page.get_by_role("listbox", name="Revisions, newest first").focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Revision 06c2d8ef")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Revision 1a2b3c4d")).to_be_visible()
    # Python hears of it after the browser shows it; faster than it listens, only the last choice counts.
    lab.wait_for("v.selected", "1a2b3c4d")
    page.keyboard.press("/")
    page.keyboard.type("checkout")
    expect(page.get_by_text("2 found", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    expect(page.get_by_text("Choose a revision to see its code and the way to it.")).to_be_visible()
    assert lab.python("[v.selected, v.search, seen]") == ["", "", ["06c2d8ef", "1a2b3c4d", ""]]
    assert page.locator(".jp-Cell").count() == 2


def test_preview_shows_the_plan_with_its_own_buttons(lab: Lab) -> None:
    """The preview is a live Plan below the tree, and the same Plan in Python; closing it takes it away."""
    page = opened(lab, "v = view('branch_and_merge')\nv")
    page.get_by_role("option", name="c41d77e0").click()
    page.get_by_role("button", name="Preview upgrade to here").click()
    expect(page.get_by_role("button", name="Apply 1 revision")).to_be_visible()
    expect(page.get_by_text("CREATE TABLE voucher (id INT)")).to_be_visible()
    assert lab.python("[v.plan.target, v.workbench.asked]") == ["c41d77e0", ["upgrade c41d77e0", "history"]]

    lab.theme("dark")
    lab.screenshot("history-preview-dark")
    page.get_by_role("button", name="Close preview").click()
    expect(page.get_by_role("button", name="Apply 1 revision")).to_have_count(0)
    assert lab.python("v.plan is None") is True


def test_a_preview_that_fails_says_why_and_leaves_the_view_alive(lab: Lab) -> None:
    """The error's message and remedy stand above the tree, as text; another preview works."""
    page = opened(lab, "v = view('branch_and_merge')\nv")
    page.get_by_role("option", name="06c2d8ef").click()
    page.get_by_role("button", name="Preview upgrade to here").click()
    expect(page.get_by_role("alert").filter(has_text="The table voucher is <b>already</b> there.")).to_be_visible()
    page.get_by_role("option", name="c41d77e0").click()
    page.get_by_role("button", name="Preview upgrade to here").click()

    expect(page.get_by_role("button", name="Apply 1 revision")).to_be_visible()
    expect(page.get_by_text("already")).to_have_count(0)


def test_a_refresh_keeps_selection_and_scrolling(lab: Lab) -> None:
    """New data are drawn in place: the reader stays where he was."""
    page = opened(lab, "v = view('thousand')\nv")
    tree = page.get_by_role("listbox", name="Revisions, newest first")
    tree.evaluate("it => it.scrollTop = 5000")
    page.locator("[role=option]").nth(20).click()
    before = [lab.python("v.selected"), tree.evaluate("it => it.scrollTop")]
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.get_by_role("button", name="Refresh", exact=True)).to_be_enabled()
    page.wait_for_function("() => document.querySelector('[aria-busy=false]') !== null")

    assert lab.python("v.wait(10)") is True
    assert lab.python("v.workbench.asked") == ["history"]
    assert before == [lab.python("v.selected"), tree.evaluate("it => it.scrollTop")]


def test_two_views_of_one_model(lab: Lab) -> None:
    """The same view shown twice shares its selection; one shown anew replaces the first without a complaint."""
    page = opened(lab, "v = view('branch_and_merge')\nv", "v")
    page.get_by_role("option", name="a8820f13").nth(1).click()

    expect(page.get_by_role("region", name="Revision a8820f13")).to_have_count(2)
    page.get_by_role("option", name="5d20b9c1").nth(0).click()
    expect(page.get_by_role("region", name="Revision 5d20b9c1")).to_have_count(2)
    lab.run_all()
    expect(page.get_by_role("listbox", name="Revisions, newest first")).to_have_count(2)


def test_hostile_strings_are_only_text(lab: Lab) -> None:
    """Nothing that a message, label, id, path or fault holds becomes an element or a script."""
    page = opened(lab, "v = view('hostile')\nv", "v.selected = 'bad2'")
    expect(page.get_by_role("region", name="Revision bad2")).to_contain_text('"><script>fault()</script>')
    tree = page.locator(".wbh")

    assert tree.locator("script, img, iframe, i, u, td").count() == 0
    assert page.evaluate("typeof owned") == "undefined"


def test_only_what_is_seen_is_drawn(lab: Lab) -> None:
    """Ten thousand revisions make no more elements than a hundred."""
    page = opened(lab, "big = HistoryView(zoo.many(10_000), None)\nbig")
    tree = page.get_by_role("listbox", name="Revisions, newest first")
    expect(tree.get_by_role("option").first).to_be_visible()

    assert tree.get_by_role("option").count() < 100
    tree.evaluate("it => it.scrollTop = it.scrollHeight")
    expect(tree.get_by_role("option", name="00000000")).to_be_in_viewport()
    assert tree.get_by_role("option").count() < 100


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [700, 1400])
def test_pictures(lab: Lab, theme: str, width: int) -> None:
    """A picture of the tree for somebody to look at, narrow and wide, light and dark."""
    page = opened(lab, "view('branch_and_merge', selected='77b1e2d4')", "view('several_databases')", width=width)
    lab.theme(theme)
    expect(page.get_by_label("Code of downgrade")).to_be_visible()

    assert lab.screenshot(f"history-{theme}-{width}").stat().st_size > 1000

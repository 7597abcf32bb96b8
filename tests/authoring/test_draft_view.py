"""The live view of a Draft: each press is a decision, each can be undone, and what is shown is harmless."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import comm
import pytest

from tests.authoring.test_draft import CUSTOMER, MAKO, NICKNAME, begin, models, rows
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from tests.widgets.browser import Browser, Wire
from workbench import Workbench
from workbench.widgets import view_of
from workbench.widgets.draft import DraftView

pytestmark = ON_SQLITE
EMAIL = "alter_column customer.email"
ALIAS = 'sa.Column("nick_name", sa.String(40)), sa.Column("email", sa.String(40), nullable=False)'


@pytest.fixture(autouse=True)
def _wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the widget speak over a wire that keeps what is said."""
    monkeypatch.setattr(comm, "create_comm", Wire)


@pytest.fixture
def browser(bare: Project, wb: Workbench) -> Browser:
    """A view of a Draft with a candidate for a rename, a column that becomes NOT NULL, and a table that is gone."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    old = 'sa.Table("old", metadata, sa.Column("id", sa.Integer))'
    begin(bare, wb, CUSTOMER.format(columns=NICKNAME + 'sa.Column("email", sa.String(40))'), old)
    rows(bare, "INSERT INTO customer (id, name) VALUES (1, 'Ann')")
    models(bare, CUSTOMER.format(columns=ALIAS))
    return Browser(view_of(wb.revision("call customers by their alias")))


def press(browser: Browser, action: str, **data: Any) -> DraftView:
    """Press, and wait until it is done."""
    answer = browser.press(action, **data)
    assert answer["ok"], answer
    view: DraftView = browser.view
    assert view.wait(60)
    assert view._error == ""
    return view


def place(view: DraftView, key: str) -> str:
    """The number of a choice, as its box has it."""
    return str([each.key for each in view.draft.choices].index(key))


def test_each_press_is_a_decision_and_can_be_undone(browser: Browser) -> None:
    """Ticks, an answer, a value, a message; back to the first and forth again."""
    view: DraftView = browser.view
    first = view.draft
    press(browser, "tick", choice=place(view, "remove_table old"))
    assert view.draft.decisions["ticks"] == {"remove_table old": True}
    press(browser, "answer", question="0", answer="nick_name")
    assert view.draft.decisions["renames"] == {"column customer.nickname": "nick_name"}
    (question,) = view.draft.questions
    press(browser, "fill", choice=place(view, question.key), **{f"expression {question.key}": "'x'"})
    assert view.draft.decisions["fills"] == {"alter_column customer.email": "'x'"}
    press(browser, "message", message="call them as they like")
    assert view.draft.message == "call them as they like"
    last = view.draft
    for _ in range(4):
        press(browser, "undo")
    assert view.draft == first
    for _ in range(4):
        press(browser, "redo")
    assert view.draft == last
    press(browser, "tick", choice=place(view, "rename_column customer.nickname"))
    assert view.draft.decisions["renames"] == {}


def test_it_is_tried_and_written(browser: Browser, bare: Project) -> None:
    """The rows are asked, the rehearsal stands on the page until the next decision, and the file is written once."""
    view: DraftView = browser.view
    press(browser, "answer", question="0", answer="nick_name")
    press(browser, "preflight")
    assert "will fail" in view._html
    press(browser, "fill", choice=place(view, EMAIL), **{f"expression {EMAIL}": "name"})
    press(browser, "rehearse")
    assert view.rehearsal is not None
    assert "Rehearsed on a copy" in view._html
    press(browser, "tick", choice=place(view, "remove_table old"))
    assert view.rehearsal is None
    press(browser, "write")
    assert Path(view.path).read_text() == view.draft.code
    assert len(list(bare.versions.glob("*.py"))) == 2
    assert 'data-action="write"' not in view._html


def test_what_the_page_no_longer_shows_is_refused(browser: Browser) -> None:
    """An index that is none, an answer that nobody offered, an empty expression."""
    for action, data in (
        ("tick", {"choice": "99"}),
        ("tick", {"choice": "-1"}),
        ("answer", {"question": "0", "answer": "poem"}),
        ("answer", {"question": "1", "answer": ""}),
        ("fill", {"choice": place(browser.view, EMAIL), f"expression {EMAIL}": " "}),
        ("try", {"choice": place(browser.view, EMAIL)}),
        ("poem", {}),
    ):
        answer = browser.press(action, **data)
        assert not answer["ok"], action
    assert browser.view.draft.decisions["autogenerate"] is True


def test_the_lab_tries_a_value_before_it_is_taken(browser: Browser, bare: Project) -> None:
    """What is typed is tried on the live rows, SQL or Python; nothing is decided before it is taken, or written."""
    view: DraftView = browser.view
    press(browser, "answer", question="0", answer="nick_name")
    rows(bare, "INSERT INTO customer (id, name) VALUES (2, 'Bob')")
    at = place(view, EMAIL)
    press(browser, "try", choice=at, **{f"expression {EMAIL}": "CASE WHEN id = 1 THEN 'x' END"})
    assert "customer.email: 2 rows in the way, 1 left" in view._html
    assert "is still NULL" in view._html
    press(browser, "try", choice=at, **{f"expression {EMAIL}": "name.lower()", f"language {EMAIL}": "python"})
    assert "customer.email: 2 rows in the way, 0 left" in view._html
    assert "&#x27;bob&#x27;" in view._html
    assert "fills" not in view.draft.decisions
    assert [(None,), (None,)] == rows(bare, "SELECT email FROM customer")

    press(browser, "fill", choice=at, **{f"expression {EMAIL}": "name.lower()", f"language {EMAIL}": "python"})
    assert view.draft.decisions["fills"] == {EMAIL: {"python": "name.lower()"}}
    assert "rows without a value get name.lower() (Python)" in view._html
    press(browser, "rehearse")
    assert view.rehearsal is not None
    assert view.rehearsal.ok, view.rehearsal.error
    browser.press("lab", choice=at)
    assert "Take it out" in view._html
    press(browser, "unfill", choice=at)
    assert view.draft.decisions["fills"] == {}


def test_after_it_is_written_its_plan_is_there_and_is_applied(browser: Browser, wb: Workbench) -> None:
    """From the same page: the Plan of the file that was written, its own buttons, and the record of the run."""
    view: DraftView = browser.view
    press(browser, "answer", question="0", answer="nick_name")
    press(browser, "fill", choice=place(view, EMAIL), **{f"expression {EMAIL}": "name"})
    press(browser, "write")
    after = f'Next: wb.upgrade("{view.draft.revision}") shows what it will run, and applies it.'
    assert after == str(view.draft).split("\n")[-1]
    press(browser, "plan")
    assert view.plan_view is not None
    assert [view.draft.revision] == list(view.plan_view.plan.revisions)
    assert f"Upgrade {wb.current().databases[0].name}" in view._html
    assert browser.press("copy")["text"] == view.plan_view.plan.sql

    assert browser.press("apply", plan=view.plan_view.plan.id, lock_timeout="5")["ok"]
    assert view.plan_view.wait(60)
    assert view.plan_view.run is not None
    assert view.plan_view.run.ok, view.plan_view.run.error
    assert (view._busy, view._error, "Applied 1 revision" in view._html) == (False, "", True)
    assert wb.current().is_current


@pytest.fixture
def forked(bare: Project, wb: Workbench) -> Browser:
    """A view of a Draft for a history with two heads."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    bare.revision("a1", None)
    bare.revision("b1", "a1")
    bare.revision("b2", "a1")
    models(bare, CUSTOMER.format(columns=""))
    return Browser(view_of(wb.revision("add customers")))


def test_which_head_is_answered_by_a_press(forked: Browser) -> None:
    """A button for each head and one for all; until then there is nothing to write."""
    view: DraftView = forked.view
    assert 'data-action="write"' not in view._html
    assert not forked.press("answer", question="0", answer="a1")["ok"]
    assert not forked.press("answer", question="0", answer="")["ok"]
    press(forked, "answer", question="0", answer="b2")
    assert ({"head": "b2"}, ("b2",)) == ({"head": view.draft.decisions["head"]}, view.draft.down_revisions)
    assert 'data-action="write"' in view._html
    press(forked, "undo")
    assert view.draft.is_headless


def test_where_it_goes_is_decided_in_its_fields(forked: Browser) -> None:
    """Only what is said otherwise becomes a decision; what cannot be says why, and changes nothing."""
    view: DraftView = forked.view
    start = dict(view.draft.decisions)
    fields = {"head": "", "splice": "", "branch_label": "", "depends_on": "", "version_path": ""}
    press(forked, "place", **fields)
    assert view.draft.decisions == start
    press(forked, "place", **{**fields, "head": "b1", "branch_label": "shop", "depends_on": "b2"})
    told = {name: view.draft.decisions[name] for name in ("head", "branch_label", "depends_on")}
    assert told == {"head": "b1", "branch_label": "shop", "depends_on": "b2"}
    assert "Where it goes</b>: follows b1 Do b1.; branch label shop; depends on b2" in view._html
    before = view.draft
    assert forked.press("place", **{**fields, "head": "b1", "splice": "nowhere"})["ok"]
    assert view.wait(60)
    assert (before, "No revision file answers to &#x27;nowhere&#x27;." in view._error) == (view.draft, True)
    press(forked, "place", **{**fields, "splice": "a1"})
    assert {name: view.draft.decisions.get(name) for name in fields} == {
        "head": "a1", "splice": True, "branch_label": None, "depends_on": None, "version_path": None
    }  # fmt: skip
    press(forked, "place", **{**fields, "head": "heads"})
    assert ("splice" in view.draft.decisions, set(view.draft.down_revisions)) == (False, {"b1", "b2"})


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag, and of attributes that run."""
        self.found.add(tag)
        self.found |= {name for name, _ in attrs if name.startswith("on")}


def test_hostile_names_are_shown_harmlessly(bare: Project, wb: Workbench) -> None:
    """In names, message, expression and comment, in each of the three faces."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO.replace('"""${message}"""', "# ${repr(message)}"))
    bad = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    columns = f'sa.Column("id", sa.Integer), sa.Column({bad + "c"!r}, sa.Integer, comment={bad!r})'
    table = f"sa.Table({bad!r}, metadata, {columns})"
    models(bare, table)
    draft = wb.revision(f"make {bad} \u202e")
    view = view_of(draft)

    for shown in (draft._repr_html_(), view._html):
        assert _Tags(shown).found & {"script", "img", "onerror"} == set()
    assert "\u202e" not in str(draft)

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
    press(browser, "fill", question="0", **{f"fill {question.key}": "'x'"})
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
    press(browser, "fill", question="0", **{"fill alter_column customer.email": "name"})
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
        ("fill", {"question": "1", "fill": ""}),
        ("poem", {}),
    ):
        answer = browser.press(action, **data)
        assert not answer["ok"], action
    assert browser.view.draft.decisions["autogenerate"] is True


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

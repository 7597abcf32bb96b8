"""The history's live view without a browser: what it sends, what it answers, what Python can set and observe."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
import traitlets

from tests import zoo
from workbench.errors import MigrationFailed, UnsupportedRequest
from workbench.render.history_html import history_html
from workbench.render.history_rows import sentence, tree
from workbench.render.history_text import history_text
from workbench.results import History, Plan, Run, Step
from workbench.widgets.history import HistoryView


class FakeWorkbench:
    """Answers what a view asks, and keeps a record of it."""

    title = "bookshop · sqlite:///bookshop.db"

    def __init__(self, *later: History) -> None:
        self.later = list(later)
        self.asked: list[object] = []

    def history(self, rev_range: str | None = None) -> History:
        """The next of the histories."""
        self.asked.append(("history", rev_range))
        return self.later.pop(0)

    def source(self, revision: str) -> SimpleNamespace:
        """Code with a tag in it; a broken file has no functions."""
        self.asked.append(("source", revision))
        if revision == "3aa81b02":
            return SimpleNamespace(upgrade="", downgrade="", text="def <broken>", path="x.py")
        return SimpleNamespace(upgrade="op.f('<b>')", downgrade="pass", text="…", path="x.py")

    def upgrade(self, revision: str) -> Plan:
        """A Plan of one step."""
        self.asked.append(("upgrade", revision))
        step = Step(revision, "upgrade", "message", "x.py", ("SELECT 1",))
        return Plan("upgrade", "base", revision, (step,), "SELECT 1;", (zoo.database("bookshop"),))

    def downgrade(self, revision: str) -> Plan:
        """What the database says to that."""
        raise MigrationFailed(f"No way back to {revision}.", "Restore a backup.")


def asked(view: HistoryView, action: str, **data: object) -> dict[str, Any]:
    """What the browser gets as an answer."""
    answers: list[dict[str, Any]] = []
    view.send = lambda content, **_: answers.append(content)
    view._receive(view, {"id": "7", "action": action, **data}, [])
    assert view.wait(10)

    assert [answer["id"] for answer in answers] == ["7"]
    return answers[0]


def sent(view: HistoryView) -> Any:
    """The rows as the browser gets them."""
    return json.loads(view._data)


def test_selection_is_set_observed_and_completed() -> None:
    """`selected` takes an id or the beginning of one, tells observers, and refuses what is not there."""
    view = HistoryView(zoo.branch_and_merge())
    seen: list[str] = []
    view.observe(lambda change: seen.append(change["new"]), names="selected")
    view.selected = "c41d"
    view.selected = ""
    view.selected = "base"

    assert seen == ["c41d77e0", "", "base"]
    with pytest.raises(traitlets.TraitError, match="No revision in this history begins with 'nobody'"):
        view.selected = "nobody"


def test_unknown_keywords_are_refused() -> None:
    """A misspelt trait is an error, not silence."""
    with pytest.raises(TypeError, match=r"HistoryView has no 'seleted'\. Check the spelling\."):
        HistoryView(zoo.single(), seleted="5d20b9c1")


@pytest.mark.parametrize("name", zoo.HISTORIES)
def test_the_browser_gets_the_rows_that_the_text_has(name: str) -> None:
    """Columns of one length, holding the words of the text form; every line's ends are rows."""
    history = zoo.HISTORIES[name]()
    rows = tree(history).rows
    told = sent(HistoryView(history))

    assert told["sentence"] == sentence(history)
    assert told["short"] == [row.short for row in rows]
    assert told["words"] == [row.word for row in rows]
    assert told["messages"] == [row.message for row in rows]
    assert told["here"] == {str(place): row.here for place, row in enumerate(rows) if row.here}
    assert {len(told[each]) for each in ("ids", "glyphs", "follows", "paths", "dates", "columns")} == {len(rows)}
    assert len(told["edges"]) % 7 == 0
    assert all(-1 <= row < len(rows) for row in told["edges"][0::7] + told["edges"][2::7])


def test_source_is_coloured_and_escaped() -> None:
    """The code comes as HTML that Python made; of a broken file comes all of it."""
    view = HistoryView(zoo.broken_file(), FakeWorkbench())
    answer = asked(view, "source", revision="1a2b3c4d")

    assert [part["name"] for part in answer["code"]] == ["upgrade", "downgrade"]
    assert "&lt;b&gt;" in answer["code"][0]["html"]
    assert "<b>" not in answer["code"][0]["html"]
    assert [part["name"] for part in asked(view, "source", revision="3aa81b02")["code"]] == ["file"]


def test_every_failure_is_answered() -> None:
    """An unknown action, revision or direction, and a history without a workbench, each get an answer that says so."""
    view = HistoryView(zoo.single(), FakeWorkbench())

    assert asked(view, "fly")["error"]["message"] == "HistoryView cannot 'fly'."
    assert asked(view, "source", revision="zzz")["error"]["kind"] == "RevisionNotFound"
    assert asked(view, "preview", direction="sideways", revision="5d20b9c1")["ok"] is False
    assert asked(HistoryView(zoo.single()), "refresh")["error"]["kind"] == "UnsupportedRequest"


def test_preview_makes_a_plan_and_its_view() -> None:
    """The Plan can be read and observed in Python, and its live view is shown below; closing takes both away."""
    view = HistoryView(zoo.single(), FakeWorkbench())
    plans: list[Plan | None] = []
    view.observe(lambda change: plans.append(change["new"]), names="plan")

    assert asked(view, "preview", direction="upgrade", revision="5d20b9c1")["ok"] is True
    assert view.plan.target == "5d20b9c1"
    assert view._below.plan is view.plan
    assert view._busy is False
    asked(view, "close")
    assert [plan and plan.target for plan in plans] == ["5d20b9c1", None]
    assert view._below is None


def test_a_preview_that_fails_is_shown() -> None:
    """What the workbench raises stands above the tree; the view goes on working."""
    view = HistoryView(zoo.single(), FakeWorkbench())

    assert asked(view, "preview", direction="downgrade", revision="base")["ok"] is True
    assert "No way back to base." in view._error
    assert "Restore a backup." in view._error
    assert asked(view, "preview", direction="upgrade", revision="5d20b9c1")["ok"] is True
    assert view._error == ""


def test_refresh_keeps_the_selection_while_it_is_there() -> None:
    """A chosen revision stays chosen; one whose file has gone does not. The range that was asked for is kept."""
    workbench = FakeWorkbench(zoo.linear(), zoo.two_heads())
    view = HistoryView(zoo.in_a_range(), workbench, selected="a004")
    asked(view, "refresh")

    assert (view.selected, view.history) == ("a004", zoo.linear())
    asked(view, "refresh")
    assert (view.selected, view.history) == ("", zoo.two_heads())
    assert sent(view)["ids"] == ["3c4d5e6f", "2b3c4d5e", "1a2b3c4d"]
    assert workbench.asked == [("history", "a002:head"), ("history", None)]


def test_an_applied_plan_refreshes_the_tree() -> None:
    """When the Plan below was run, the tree shows where the database is now."""
    view = HistoryView(zoo.linear(), FakeWorkbench(zoo.up_to_date()))
    view.preview("upgrade", "a004")
    assert view.wait(10)
    view._below.run = Run(ok=True, heads=("a004",), steps=(), executed=(), databases=(), plan=view.plan)

    assert view.wait(10)
    assert view.history == zoo.up_to_date()


def test_an_applied_plan_that_cannot_refresh_says_so() -> None:
    """A refresh that fails after a run is shown, not lost in a thread."""
    view = HistoryView(zoo.linear(), FakeWorkbench())
    view._applied({"new": object()})

    assert view.wait(10)
    assert "pop from empty list" in view._error


def test_without_a_browser_it_is_the_static_page() -> None:
    """The bundle holds the text and the page of the same history; the repr has no address in it."""
    view = HistoryView(zoo.branch_and_merge())
    bundle, _ = view._repr_mimebundle_()

    assert bundle["text/plain"] == history_text(zoo.branch_and_merge())
    assert bundle["text/html"] == history_html(zoo.branch_and_merge())
    assert repr(view) == "HistoryView(History(7 revisions, heads c41d77e0))"


def test_copy_gives_the_text_form() -> None:
    """Copy as text gives what `str()` gives."""
    assert asked(HistoryView(zoo.linear()), "copy")["text"] == str(zoo.linear())


def test_preview_needs_a_workbench() -> None:
    """A history that is only a value says whom to ask."""
    with pytest.raises(UnsupportedRequest, match="only a value"):
        HistoryView(zoo.single()).preview("upgrade", "5d20b9c1")


def test_script_and_class_name_the_same_traits_and_columns() -> None:
    """What the script documents as traits are synced traits, and its data are the columns that Python sends."""
    script = str(HistoryView._esm)
    blocks = {
        name: set(re.findall(r"@property \{.*?\} (\w+)\n", block))
        for name, block in re.findall(r"@typedef \{object\} (\w+)\n(.*?)\*/", script, re.DOTALL)
    }

    assert blocks["Traits"] <= set(HistoryView.class_traits(sync=True))
    assert blocks["Data"] == set(sent(HistoryView(zoo.single())))


def test_a_refresh_that_cannot_start_says_so() -> None:
    """An observer's exception would vanish: that there is nobody to ask is shown instead."""
    view = HistoryView(zoo.linear())
    view._applied({"new": object()})

    assert "only a value" in view._error

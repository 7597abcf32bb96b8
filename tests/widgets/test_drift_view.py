"""A drift as text, as a page, and as a view that filters and accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.widgets.browser import Browser
from workbench import apply as writers
from workbench import render
from workbench.capabilities import drift_accepted
from workbench.capabilities.drift_verdicts import Passed, Sides, differences
from workbench.results import Acceptance, Accepted, Database, Difference, Drift
from workbench.results.base import attach
from workbench.results.definitions import Definitions, Key
from workbench.widgets.drift import DriftView

HOSTILE = "<img src=x onerror=alert(1)>"
TABLE, COLUMN = Key("table", "", "t"), Key("column", "", "t", "a")
DATABASE = Database(name="shop", url="sqlite:///shop.db", dialect="sqlite", server="3", heads=("r1",),
                    version_table="alembic_version", host="", transactional_ddl=True)  # fmt: skip
DRIFT = Drift(
    (
        Difference("column", None, "t", "a", "changed by hand", "VARCHAR(20)", "VARCHAR(20)", "VARCHAR(40)"),
        Difference("view", "s", HOSTILE, "", "pending", None, None, None, False, f"SELECT '{HOSTILE}'", "r2"),
    ),
    (DATABASE,),
    notes=(HOSTILE,),
)
SOME = Drift(
    (
        Difference("column", None, "orders", "total", "changed by hand", "NUMERIC(10, 2) NOT NULL",
                   "NUMERIC(10, 2) NOT NULL", "NUMERIC(12, 2)"),
        Difference("index", None, "book", "ix_book_title", "no revision for it", "(title)", None, None),
        Difference("view", None, "sales", "", "pending", None, None, None, False, "SELECT day, sum(price)",
                   "77b1e2d4aa"),
    ),
    (DATABASE,),
    notes=("left out of the live database, as env.py has it: table spatial_ref_sys.",),
)  # fmt: skip


class Fake:
    """A Workbench that knows of one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def accept(self, difference: Difference, reason: str) -> Acceptance:
        """As a Workbench does it."""
        file = drift_accepted.file_of(self.folder)
        return attach(drift_accepted.proposal(file, self.folder, difference, reason, several=False), self)

    def write_accepted(self, acceptance: Acceptance) -> Path:
        """As a Workbench does it."""
        return writers.write_acceptance(drift_accepted.file_of(self.folder), acceptance, read_only=False)


def test_text() -> None:
    """The sentence first, then object by source, then the definitions."""
    assert (
        "2 differences on shop (sqlite 3): 1 changed by hand, 1 pending\n\n"
        "object                               verdict          models      revisions  live\n"
        "column t.a                           changed by hand  ✔ same      ✔ there    ≠ other\n"
        f"view s.{HOSTILE}  pending (r2)     · not told  ✖ none     ✖ none\n\n"
        "column t.a: changed by hand\n"
        "  models       VARCHAR(20)\n"
        "  revisions    VARCHAR(20)\n"
        "  live         VARCHAR(40)\n\n"
        f"view s.{HOSTILE}: pending (r2)\n"
        "  revisions    (none)\n"
        "  live         (none)\n"
        f"  at the head  SELECT '{HOSTILE}'\n\n"
        f"Notes:\n  {HOSTILE}"
    ) == str(DRIFT)


def test_a_count_reads_well() -> None:
    """Behind a number a verdict is a phrase, too."""
    title = "3 differences on shop (sqlite 3): 1 changed by hand, 1 without a revision, 1 pending"

    assert title == str(SOME).split("\n")[0]
    assert title in render.html(SOME)


def test_page_is_escaped_and_marks_what_differs() -> None:
    """Whatever is in a database is text; the word that differs is underlined."""
    page = render.html(DRIFT)

    assert "<img" not in page
    assert 'VARCHAR(<b style="text-decoration:underline;font-weight:700">40</b>)' in page


def test_filter() -> None:
    """By verdict, kind and text, also that at the head; each field sends by itself."""
    view = DriftView(DRIFT)
    browser = Browser(view)
    seen: list[Any] = []
    for wanted in ({"verdict": "pending"}, {"verdict": "all", "kind": "column"}, {"kind": "", "text": "nothing"},
                   {"text": "select"}):  # fmt: skip
        browser.press("filter", **wanted)
        seen.append([each.kind for each in view.shown])

    assert [["view"], ["column"], [], ["view"]] == seen
    assert "1 of 2 differences shown" in view._html
    assert 3 == view._html.count('data-typing="filter"')
    assert browser.press("filter", verdict="nice")["error"]["message"] == "There is no verdict 'nice'."


def test_accept(tmp_path: Path) -> None:
    """The button shows the file, a second one writes it; hostile text survives the file."""
    view = DriftView(DRIFT, Fake(tmp_path))
    browser = Browser(view)
    file = tmp_path / "workbench-accepted.toml"

    assert "with a reason" in browser.press("accept", difference=" column  t a", reason="")["error"]["message"]
    assert browser.press("accept", difference=" column  t a", reason=f'{HOSTILE}\x7f\n"""\\')["ok"]
    assert not file.exists()
    assert "not written yet" in view._html
    assert "<img" not in view._html
    assert browser.press("write")["ok"]
    assert f'{HOSTILE}\x7f\n"""\\' == drift_accepted.read(file)[0].reason
    assert ["view"] == [each.kind for each in view.result.differences]
    assert ["column"] == [each.difference.kind for each in view.result.accepted]


def test_accepted_file_is_sorted(tmp_path: Path) -> None:
    """Whatever the order in which they were accepted, and with definitions line by line."""
    fake = Fake(tmp_path)
    fake.accept(DRIFT.differences[1], "two").write()
    fake.accept(DRIFT.differences[0], "one").write()
    found = drift_accepted.read(tmp_path / "workbench-accepted.toml")

    assert ["one", "two"] == [each.reason for each in found]
    left, kept, notes = drift_accepted.sorted_out(DRIFT.differences, found, several=False)
    assert ((), ()) == (left, notes)
    assert [Accepted(DRIFT.differences[0], "one"), Accepted(DRIFT.differences[1], "two")] == list(kept)


def test_verdicts() -> None:
    """Each by what the three sources and the head say; a table that a revision makes otherwise is told so."""
    wide: Definitions = {TABLE: "", COLUMN: "INTEGER"}
    narrow: Definitions = {TABLE: "", COLUMN: "TEXT"}
    passed = (Passed("r2", narrow, wide),)

    def told(m: Definitions, r: Definitions, live: Definitions, h: Definitions) -> list[tuple[str, str, str]]:
        found = differences(Sides(m, r, live, h, passed))
        return [(each.object, each.verdict, each.revision) for each in found]

    assert [] == told(narrow, narrow, narrow, narrow)
    assert [("column t.a", "changed by hand", "")] == told(wide, narrow, wide, narrow)
    assert [("column t.a", "pending", "r2")] == told(wide, narrow, narrow, wide)
    assert [("column t.a", "no revision for it", "")] == told(wide, narrow, narrow, narrow)
    assert [("table t", "changed by hand", "")] == told(narrow, narrow, {}, narrow)
    assert [("column t.a", "no revision for it"), ("table t", "pending")] == [
        each[:2] for each in told(wide, {}, {}, narrow)
    ]


def test_unnamed_constraints() -> None:
    """Between models and revisions the name of a constraint says nothing; in the live database it does."""
    by_model, by_hand = (Key("constraint", "", "t", name) for name in ("t_check", "t_check1"))
    one, other = {TABLE: "", by_model: "CHECK (a)"}, {TABLE: "", by_hand: "CHECK (a)"}

    assert () == differences(Sides(one, other, other, other))
    assert ["changed by hand"] * 2 == [each.verdict for each in differences(Sides(one, one, other, one))]


def test_a_columns_own_sequence_is_no_difference() -> None:
    """Models name no sequence for a serial column; the server quotes the table's name, which has a quote in it."""
    table = 'wéird "q.dot'
    made = {Key("table", "", table): "", Key("column", "", table, "id"): "integer NOT NULL DEFAULT nextval()"}
    sequence = {Key("sequence", "", "", f"{table}_id_seq"): 'AS integer OWNED BY "wéird ""q.dot".id'}

    assert () == differences(Sides(made, made | sequence, made | sequence, made | sequence))

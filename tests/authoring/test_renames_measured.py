"""Candidates for renames on random schemas whose truth is known, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.authoring.renames import DATABASE, LOUD, QUIET, RENAMED, changes, made, measure
from workbench.capabilities.renames import candidates
from workbench.capabilities.renames_names import likeness
from workbench.results import Column, Constraint, RenameCandidate, Schema, Table
from workbench.results.renames import frame_of
from workbench.results.schema import LIVE, MODELS

NOTHING = "the names have nothing in common"
SCHEMAS = 25


def test_renames_are_told_from_unrelated_changes() -> None:
    """Where little else changes, at least nine of ten renames are found, and nine of ten that are found are renames."""
    tallies = measure(60, with_rows=False, noise=QUIET, renamed=RENAMED)

    for kind, tally in tallies.items():
        assert tally.true > 20, kind
        assert min(tally.precision, tally.recall, tally.ranked) >= 0.9, kind


def test_structure_alone_is_never_sure() -> None:
    """Where columns only go and come, no pair with names that have nothing in common has more than 0.75."""
    told = []
    for seed in range(SCHEMAS):
        one = made(seed, noise=LOUD, renamed=0)
        told += [each for each in candidates(one.before, one.after, None, one.changes) if each.kind == "column"]

    assert len(told) > 100
    assert [each for each in told if each.score > 0.75 and NOTHING in each.against] == []


def test_however_much_structure_there_is() -> None:
    """The same type, default, key, comment, place and reference: 0.75 as long as names and rows say nothing."""
    column = Column("owner", "INTEGER", nullable=False, default="7", comment="who pays")
    around = (Column("id", "INTEGER", nullable=False, primary_key=True), Column("total", "FLOAT"))
    key = Constraint("foreign key", "", ("owner",), "", referred_table="person", referred_columns=("id",))
    old = Table("table", "bill", columns=(around[0], column, around[1]), constraints=(key,))
    new = replace(
        old,
        columns=(around[0], replace(column, name="debtor"), around[1]),
        constraints=(replace(key, columns=("debtor",)),),
    )
    before, after = Schema(LIVE, (old,), (DATABASE,)), Schema(MODELS, (new,), (DATABASE,))
    (only,) = candidates(before, after, None, changes(before, after))

    reasons = (
        "both refer to person", "same comment", "same place in the table, behind id",
        "same type and default (INTEGER)", "told by structure and names alone: no rows were looked at",
    )  # fmt: skip
    assert RenameCandidate("column", None, "bill", "owner", "debtor", 0.75, reasons, (NOTHING,)) == only


def test_a_name_that_is_not_free() -> None:
    """A column whose type changes to that of one that is gone is no new name for it: its own values go nowhere."""
    key = Column("id", "INTEGER", nullable=False, primary_key=True)
    old = Table("table", "bill", columns=(key, Column("due", "DATE"), Column("day", "INTEGER")))
    new = replace(old, columns=(key, Column("day", "DATE")))
    before, after = Schema(LIVE, (old,), (DATABASE,)), Schema(MODELS, (new,), (DATABASE,))

    assert () == candidates(before, after, None, changes(before, after))


def test_equal_questions_have_equal_answers() -> None:
    """The candidates are the best first, the same ones each time, and a frame has one row for each."""
    one = made(3, noise=LOUD)
    first, again = (candidates(one.before, one.after, None, one.changes) for _ in range(2))
    frame = frame_of(first)

    assert first == again
    assert sorted((each.score for each in first), reverse=True) == [each.score for each in first]
    assert [(each.gone, each.come) for each in first] == list(zip(frame["gone"], frame["come"], strict=True))
    columns = ["database", "kind", "schema", "table", "gone", "come", "score", "reasons", "against"]
    assert columns == list(frame.columns)


ALIKE = [
    ("nickname", "nickName"), ("email", "email_address"), ("qty", "quantity"), ("category", "categories"),
    ("customer_name", "name"), ("desc", "description"), ("recieved_at", "received_at"), ("zip", "postal_code"),
]  # fmt: skip
APART = [
    ("name", "price"), ("created_at", "updated_at"), ("start_date", "end_date"), ("first_name", "last_name"),
    ("weight", "height"), ("latitude", "longitude"), ("city", "token"), ("id", "position"),
]  # fmt: skip


@pytest.mark.parametrize("old, new", ALIKE)
def test_names_that_are_alike(old: str, new: str) -> None:
    """Abbreviations, plurals, prefixes and slips of the pen are names of one thing, in whichever order."""
    assert min(likeness(old, new, "customer"), likeness(new, old, "customer")) >= 0.45


@pytest.mark.parametrize("old, new", APART)
def test_names_that_are_not_alike(old: str, new: str) -> None:
    """Other words, and pairs of words that mean the one and the other, are names of two things."""
    assert max(likeness(old, new, "customer"), likeness(new, old, "customer")) < 0.35

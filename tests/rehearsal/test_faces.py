"""What `str(rehearsal)` and its static page say: whole, and both the same."""

from __future__ import annotations

import pathlib
import re
from html.parser import HTMLParser

import pytest

from tests import snapshots
from tests.rehearsal.zoo import REHEARSALS
from workbench import render
from workbench.results import Loss, Pass, RowsChanged, Scratch

HERE = pathlib.Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("name", REHEARSALS)
def test_text(name: str) -> None:
    """The whole text of each rehearsal in the zoo."""
    snapshots.check(HERE / f"{name}.txt", str(REHEARSALS[name]))


@pytest.mark.parametrize("name", ["with losses", "no way back"])
def test_page(name: str) -> None:
    """The whole page, byte for byte."""
    snapshots.check(HERE / f"{name}.html", render.html(REHEARSALS[name]))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.told = ""

    def handle_data(self, data: str) -> None:
        self.told += data


@pytest.mark.parametrize("name", REHEARSALS)
def test_page_says_every_word_of_the_text(name: str) -> None:
    """Who cannot see the page misses nothing, and neither form knows a clock."""
    page = _Words()
    page.feed(render.html(REHEARSALS[name]))
    words = {word.strip("(.:)") for word in str(REHEARSALS[name]).split()} - {"===", "What", "do"}

    assert [] == sorted(word for word in words if word not in page.told)
    assert re.search(r"\d(\.\d+)? ?(s|ms|min)\b", str(REHEARSALS[name]) + page.told) is None


@pytest.mark.parametrize("name", ["long", "long, failed"])
def test_page_of_200_steps_can_be_opened(name: str) -> None:
    """A saved notebook stays small, and `.statements` has what the page leaves out."""
    told = REHEARSALS[name]
    ran = sum(len(each.executed) for each in told.passes)

    assert len(render.html(told)) < 100_000
    assert f"All {ran:,} statements that were executed: `.statements`." in render.html(told)
    assert ran == len(told.statements)


def test_plan_says_that_it_was_rehearsed() -> None:
    """In place of "not known beforehand" stands what was executed, and where it comes from."""
    plan = REHEARSALS["good"].plan

    assert "2  d20f5b7a  fill display names: 2 statements, rehearsed" in str(plan)
    assert "UPDATE customer SET display_name = ?" in str(plan)
    assert "2 statements, rehearsed" in render.html(plan)
    assert "cannot be had beforehand" not in str(plan)


def test_nothing_of_a_database_becomes_markup() -> None:
    """Names, definitions and notes are escaped."""
    evil = '<img src=x onerror="alert(1)">'
    told = REHEARSALS["with losses"]
    lost = (Loss(evil, evil, evil, evil, evil),)
    changed = (RowsChanged(evil, evil, 1, 1, 0, 1, 0, (evil,)),)
    page = render.html(type(told)(**{**told.__dict__, "lost": lost, "rows_changed": changed, "notes": (evil,)}))

    assert "<img" not in page
    assert 6 <= page.count("&lt;img")


def test_small_parts() -> None:
    """Each part has a form of its own, too."""
    assert "✔ down: 2 statements" == str(REHEARSALS["good"].passes[1])
    assert "scratch database for bookshop: backup API, 33,015 rows" == str(REHEARSALS["good"].scratch[0])
    assert "customer: 3 vanished, 17 changed (nickname, display_name), 0 appeared" == str(
        REHEARSALS["with losses"].rows_changed[0]
    )
    assert "index t.ix: (a) → (not there)" == str(Loss("shop", "index", "t.ix", "(a)", ""))
    for each in (
        Scratch("a", "b"),
        Pass("upgrade", True),
        Loss("a", "b", "c", "d", "e"),
        RowsChanged(*"ab", *range(5)),
    ):
        assert "<table" in render.html(each)


def test_frames() -> None:
    """The statements pass by pass, and what was lost."""
    statements, lost = REHEARSALS["with losses"].statements, REHEARSALS["with losses"].df

    assert [1, 2, 3] == sorted(set(statements["pass"]))
    assert ["pass", "direction", "revision", "sql", "rows", "seconds"] == list(statements.columns)
    assert ["table", "type", "index"] == list(lost["kind"])

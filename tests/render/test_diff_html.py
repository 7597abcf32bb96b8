"""The static page of a diff."""

from __future__ import annotations

import pathlib

import pytest

from tests import snapshots
from tests.zoo_plans import DIFFS
from workbench import render
from workbench.render import diff_html

HERE = pathlib.Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("name", ["empty", "three tables", "two databases", "with ignored"])
def test_html(name: str) -> None:
    """The whole page, byte for byte."""
    snapshots.check(HERE / f"diff {name}.html", render.html(DIFFS[name]))


@pytest.mark.parametrize("name", DIFFS)
def test_page_is_small_enough_for_a_notebook(name: str) -> None:
    """A notebook beyond 200 kB is refused by our own check of saved notebooks."""
    assert len(render.html(DIFFS[name])) < 120_000


def test_hidden_changes_are_counted() -> None:
    """Of 205 changes 100 are shown."""
    assert "105 more changes not shown" in render.html(DIFFS["many changes"])


def test_many_tables_are_closed_at_first() -> None:
    """A dozen tables fit on a screen only when closed; few are open."""
    assert " open>" not in diff_html.diff_body(DIFFS["many tables"])
    assert 3 == diff_html.diff_body(DIFFS["three tables"]).count(" open>")


def test_sql_that_cannot_be_had_is_a_comment() -> None:
    """What has no SQL says why, in a line that the database would skip."""
    expected = "-- modify_type customer email: SQLite rebuilds the table for this, which needs to see it."

    assert expected == diff_html.sql_text(DIFFS["three tables"]).split("\n")[1]


def test_code_of_several_databases_is_told_apart() -> None:
    """Each database's operations stand under its name."""
    told = diff_html.code_text(DIFFS["two databases"]).split("\n")

    assert "# shop on localhost (postgresql 15.19)" == told[0]
    assert "# reporting on localhost (postgresql 15.19)" == told[-1]

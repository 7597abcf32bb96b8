"""What `str(plan)` and `str(run)` say."""

from __future__ import annotations

import dataclasses
import pathlib
import re

import pytest

from tests import snapshots
from tests.zoo_plans import PLANS, RUNS
from workbench import render

HERE = pathlib.Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("name", PLANS)
def test_plan(name: str) -> None:
    """The whole text of each plan in the zoo."""
    snapshots.check(HERE / f"plan {name}.txt", str(PLANS[name]))


@pytest.mark.parametrize("name", RUNS)
def test_run(name: str) -> None:
    """The whole text of each run in the zoo."""
    snapshots.check(HERE / f"run {name}.txt", str(RUNS[name]))


def test_title_says_what_would_run() -> None:
    """Direction, database, from where to where, how much."""
    expected = "Upgrade bookshop (sqlite 3.40.1): 9f31c0aa → c41d77e0, 3 revisions, 6 statements"

    assert expected == str(PLANS["three revisions"]).split("\n")[0]


def test_empty_plan_says_why() -> None:
    """There is nothing to run because it is there already."""
    assert "Nothing to run: bookshop (sqlite 3.40.1) is already at c41d77e0." == str(PLANS["empty"])


def test_run_of_one_database_does_not_speak_for_the_other() -> None:
    """Only the database that had steps was upgraded."""
    told = str(RUNS["two databases"])

    assert told.startswith("✔ Applied 3 revisions to shop on localhost. ")
    assert "=== reporting on localhost (postgresql 15.19): now at c41d77e0, nothing was to run" in told


def test_where_a_good_run_left_the_database_is_said_once() -> None:
    """The title says it; the sentence about the state that was left is for runs that did not go well."""
    run = dataclasses.replace(RUNS["ok"], standing="bookshop is at c41d77e0b512.")

    assert str(RUNS["ok"]) == str(run)
    assert render.html(RUNS["ok"]) == render.html(run)


def test_failed_run_tells_all() -> None:
    """The step, the statement, the driver's words, the place, the state that it left, the way out."""
    told = str(RUNS["failed"])

    for part in (
        "✖ Failed at step 3 of 3 on bookshop (sqlite 3.40.1): c41d77e0 add gift vouchers. Now at a8820f13.",
        "Two revisions are in; the third was rolled back as a whole.",
        "    CREATE TABLE voucher (",
        "The database says: table voucher already exists",
        "Where: migrations/versions/c41d77e0b512.py line 18",
        "What to do: See whether",
    ):
        assert part in told


@pytest.mark.parametrize("name", RUNS)
def test_saved_run_knows_no_clock(name: str) -> None:
    """No seconds in either saved form, since a notebook must not differ with each run."""
    seconds = re.compile(r"\d(\.\d+)? ?(s|ms|min)\b")

    assert seconds.search(str(RUNS[name])) is None
    assert seconds.search(re.sub(r"<[^>]+>", " ", render.html(RUNS[name]))) is None

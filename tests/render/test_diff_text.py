"""What `str(diff)` says."""

from __future__ import annotations

import pathlib

import pytest

from tests import snapshots
from tests.zoo_plans import DIFFS
from workbench import render

HERE = pathlib.Path(__file__).parent / "snapshots"


def test_no_difference_is_said_plainly() -> None:
    """An empty diff is one sentence."""
    assert "live and models agree: nothing to change." == str(DIFFS["empty"])


def test_change_that_has_one_side_only_has_no_arrow() -> None:
    """An arrow from nothing would make the reader look for something."""
    expected = "live -> models: 1 change in 1 table\n\ncustomer (1 change)\n  + display_name  VARCHAR(40)  add_column"

    assert expected == str(DIFFS["one change"])


@pytest.mark.parametrize("name", DIFFS)
def test_text(name: str) -> None:
    """The whole text of each diff in the zoo."""
    snapshots.check(HERE / f"diff {name}.txt", str(DIFFS[name]))


def test_change_is_one_line() -> None:
    """A change by itself says which table, what, and both sides."""
    expected = "~ customer.email  VARCHAR(120) NOT NULL → VARCHAR(255) NOT NULL  modify_type"

    assert expected == render.text(DIFFS["three tables"].changes[1])

"""What `str(check)`, `str(status)` and their pages say of Findings."""

from __future__ import annotations

import dataclasses
import pathlib

from tests import snapshots
from tests.zoo_plans import BOOKSHOP, HALF, SHOP
from workbench import render
from workbench.results import Check, Destroyed, Effect, Finding, Status

HERE = pathlib.Path(__file__).parent / "snapshots"
LEFT = Finding("invalid-index", "warning", "", "Index ux is INVALID.", "Drop it.", object="ux", database="shop")
CHECK = Check((HALF, LEFT), (BOOKSHOP, SHOP))


def test_a_check() -> None:
    """The counts, then each Finding with its database, its evidence, its remedy and its SQL."""
    snapshots.check(HERE / "check.txt", str(CHECK))
    snapshots.check(HERE / "check.html", render.html(CHECK))


def test_nothing_found() -> None:
    """The databases that were looked at are named."""
    assert "Nothing is wrong on bookshop (sqlite 3.40.1), as far as was looked." == str(Check((), (BOOKSHOP,)))
    assert (True, False) == (Check(()).ok, CHECK.ok)
    assert ["half-applied", "invalid-index"] == CHECK.df["rule"].tolist()


def test_a_status_with_findings() -> None:
    """They stand below where the database is."""
    status = Status(("a8820f13d7e6",), ("c41d77e0b512",), (), False, (BOOKSHOP,), (), (HALF,))

    assert str(dataclasses.replace(status, findings=())) + f"\n\n{HALF}" == str(status)
    assert HALF.message.replace("'", "&#x27;") in status._repr_html_()


def test_small_ones() -> None:
    """A thing that is destroyed and an effect are told on a line."""
    assert "column customer.nickname (at least 5 values)" == str(
        Destroyed("shop", "r2", "", "customer", "nickname", 5, at_least=True)
    )
    assert "renames column customer.phone_no to phone" == str(
        Effect("changes", "column", "", "customer", "phone_no", new_name="phone")
    )

"""A Flask-Migrate environment: straight after `upgrade head` nothing is told that is not so."""

from __future__ import annotations

from tests.real.conftest import interpreter  # noqa: F401 - a fixture
from tests.real.test_ihatemoney import env, folder, python, url, workbench  # noqa: F401 - fixtures
from workbench import Workbench

BEHIND = [
    "column bill.bill_type", "column bill.original_currency", "column bill_version.bill_type",
    "column billowers.bill_id", "column billowers.person_id", "column project.default_currency",
]  # fmt: skip
"""Defaults, a type and a key of the project's revisions that its models do not have, on each database."""
ON_SQLITE = ["column project.logging_preference", "column project_version.password"]
"""Lengths that its revisions leave as they were on SQLite."""


def test_at_the_head(workbench: Workbench, url: str) -> None:  # noqa: F811 - fixtures
    """Live is as its revisions make it, and what the models have otherwise is so in their text."""
    assert workbench.upgrade().apply().ok
    drift = workbench.drift()

    key = "PRIMARY KEY" if url.startswith("sqlite") else "billowers_pkey"
    expected = [*BEHIND, f"constraint billowers.{key}", *(ON_SQLITE if url.startswith("sqlite") else [])]
    assert sorted(expected) == sorted(each.object for each in drift.differences)
    assert ({"no revision for it"}, ()) == ({each.verdict for each in drift.differences}, drift.notes)
    assert [each.revisions for each in drift.differences] == [each.live for each in drift.differences]

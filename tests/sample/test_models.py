from typing import Any

import pytest
from sqlalchemy import create_engine

from migrations.models import Base
from tests.sample import running

INTENDED = [
    ("add_column", "customer", "display_name"),
    ("add_index", "book", "ix_book_title"),
    ("add_table", "wishlist", ""),
    ("modify_nullable", "customer", "email"),
    ("modify_type", "customer", "email"),
    ("remove_column", "customer", "nickname"),
    ("remove_table", "legacy_export", ""),
]
"""How the models are ahead of the head; the first lessons are about these."""


def normal(diff: Any) -> tuple[str, str, str]:
    """Say what, in which table, and to what."""
    kind = diff[0]
    if kind.endswith("_table"):
        return kind, diff[1].name, ""
    if kind.endswith("_index"):
        return kind, diff[1].table.name, diff[1].name
    if kind.endswith("_column"):
        return kind, diff[2], diff[3].name

    return kind, diff[2], diff[3]


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_models_differ_as_intended_and_in_nothing_else(database_url: str) -> None:
    """At the head, `alembic check` finds the same intended differences on every database."""
    running.upgrade(database_url, "head")
    # What is changed in one column comes as a list of its own.
    found = [one for diff in running.differences(database_url) for one in (diff if isinstance(diff, list) else [diff])]

    assert sorted(map(normal, found)) == INTENDED


def test_models_can_be_created(database_url: str) -> None:
    """`create_all` works on every database, MariaDB's missing index included."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    engine.dispose()

    assert set(Base.metadata.tables) == set(running.schema(database_url)["tables"])


def test_every_key_has_a_name() -> None:
    """A constraint without a name could not be dropped by a later revision."""
    unnamed = [
        (table.name, type(constraint).__name__)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]

    assert unnamed == []

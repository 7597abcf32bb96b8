"""A Workbench that knows schemas at once: a live shop, two revisions of it, and a large one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from tests.render import schemas
from workbench.results import Delta, Event, Schema, Stop, Table


class FakeWorkbench:
    """Answers what a view asks, and keeps a record of it."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    @staticmethod
    def large(count: int = 300) -> Schema:
        """So many tables, half as many keys again, always the same."""
        dice = random.Random(7)  # noqa: S311 - a picture, no secret
        pairs = [(dice.randrange(at), at) for at in range(1, count) if at % 10]
        pairs += [tuple(sorted(dice.sample(range(count), 2))) for _ in range(count // 2)]  # type: ignore[misc] # two of them
        tables = schemas.made([dice.randrange(2, 14) for _ in range(count)], pairs, [None])
        return Schema("live", tuple(tables))

    def schema(self, at: str = "live") -> Schema:
        """The shop, now or without what the newest revision has made."""
        self.asked.append(("schema", at))
        shop = schemas.bookshop()
        return shop if at == "live" else replace(shop, at=at)

    def stops(self, on_event: Callable[[Event], None]) -> tuple[Stop, ...]:
        """Three revisions: one makes a table, one changes some, one takes something away."""
        self.asked.append("stops")
        names = [each.name for each in schemas.bookshop().all_tables]
        told = []
        for number, (revision, message, deltas) in enumerate(
            (
                ("1a2b3c4d5e6f", "create <b>tables</b>", [Delta("table", None, names[0], "", None, "(id INTEGER)")]),
                (
                    "9f31c0aa77e0",
                    "a column comes, one goes",
                    [
                        Delta("column", None, names[1], "old_name", "VARCHAR(10)", None),
                        Delta("column", None, names[1], "id", None, "INTEGER NOT NULL"),
                        Delta("index", None, names[2], "ix", None, "CREATE INDEX ix"),
                    ],
                ),
                ("c41d77e0aa31", "drop the old table", [Delta("table", None, "old_table", "", "(id INTEGER)", None)]),
            )
        ):
            on_event(Event("step", number, revision, of=3, message=message))
            told.append(Stop(revision, message, f"migrations/versions/{revision}.py", tuple(deltas), ("SELECT 1",)))
        return tuple(told)

    def measured(self, table: Table) -> Table:
        """Twelve rows."""
        self.asked.append(("measured", table.name))
        return replace(table, rows=12, size=16384)

    def first_rows(self, table: Table, count: int) -> pd.DataFrame:
        """One row with a tag in it."""
        self.asked.append(("first_rows", table.name, count))
        return pd.DataFrame({"id": [1], "name": ["<i>x</i>"], "note": [None]}, dtype=object)

    def blame(self, table: str) -> Any:
        """Anything that has a static form."""
        self.asked.append(("blame", table))
        return schemas.table("<b>blame</b>")

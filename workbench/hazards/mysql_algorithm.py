"""The algorithms of MariaDB and MySQL for an ALTER TABLE, from the lightest to the heaviest."""

from __future__ import annotations

from typing import NamedTuple

from workbench.hazards.situation import Situation
from workbench.results import Table

ORDER = ("INSTANT", "NOCOPY", "INPLACE", "COPY")


class Algorithm(NamedTuple):
    """The best that the server has for one operation, which is what it takes if nobody asks for another."""

    name: str
    """`INSTANT` (no row is read), `NOCOPY` (MariaDB) and `INPLACE` (rows are read, or written anew, while others
    write), `COPY`."""
    blocks_writes: bool
    """Others wait with their writes until it has ended. The short lock at its beginning and end is not meant."""
    why: str
    """What makes it so, in a few words: `its type changes`; empty for `INSTANT`."""
    rebuilds: bool = False
    """The whole table is written anew."""


INSTANT = Algorithm("INSTANT", blocks_writes=False, why="")


def copied(why: str) -> Algorithm:
    """All rows are copied into a new table, and writes wait."""
    return Algorithm("COPY", blocks_writes=True, why=why, rebuilds=True)


def rebuilt(why: str) -> Algorithm:
    """The table is written anew, while others write."""
    return Algorithm("INPLACE", blocks_writes=False, why=why, rebuilds=True)


def without_copy(why: str, now: Situation, *, blocks: bool = False) -> Algorithm:
    """What MariaDB calls NOCOPY; MySQL has no word of its own for it."""
    return Algorithm("NOCOPY" if now.dialect == "mariadb" and not blocks else "INPLACE", blocks, why)


def indexes_on(column: str, table: Table | None, now: Situation) -> set[str]:
    """The names or kinds of the indexes that a column is part of."""
    if table is None:
        return set()
    live = now.live_column(table.schema or "", table.name, column)
    name = (live.name if live is not None else column).casefold()
    keys = {
        each.kind
        for each in table.constraints
        if each.kind in {"primary key", "unique"} and name in {told.casefold() for told in each.columns}
    }
    return keys | {each.name for each in table.indexes if name in {told.casefold() for told in each.expressions}}

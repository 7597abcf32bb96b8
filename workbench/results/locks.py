"""What an operation locks: on which tables, how strongly, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.results.base import Result, frame

if TYPE_CHECKING:
    import pandas as pd

Blocks = Literal["reads and writes", "writes", ""]
Duration = Literal["small", "medium", "large", "unknown"]


@dataclass(frozen=True, repr=False)
class Lock(Result):
    """One table that one operation locks."""

    database: str
    revision: str
    statement: int
    """The first of the operation's statements among those of its step; -1 if it has none."""
    table: str
    """`schema.table`, or `table` in the default schema."""
    level: str
    """PostgreSQL: the lock, as `LOCK TABLE` calls it: `ACCESS EXCLUSIVE`. MariaDB and MySQL: the best algorithm that
    the server has for it: `INSTANT`, `NOCOPY`, `INPLACE` or `COPY`."""
    blocks: Blocks
    """What others cannot do with the table meanwhile; empty: they can read and write."""
    scans: bool = False
    """All of the table is read: to prove something of it, or to build an index."""
    rewrites: bool = False
    """The table is written anew, with all its indexes."""
    builds_index: bool = False
    named: bool = True
    """The operation names this table; False for one that is locked along with it."""
    rows: int | None = None
    """The server's own estimate; None if not known."""
    size: int | None = None
    """Bytes with its indexes; None if not known."""
    duration: Duration = "unknown"
    """How long it takes; `small` where only the catalogue changes."""
    why: str = ""
    """Why it takes so long, in a sentence."""
    operation: str = ""
    """As Alembic names it: `alter_column`."""
    line: int = 0
    """Of the revision's file; 0 if not known."""

    @property
    def work(self) -> str:
        """`rewrite`, `index`, `scan`; empty where nothing is read."""
        return "rewrite" if self.rewrites else "index" if self.builds_index else "scan" if self.scans else ""

    def __repr__(self) -> str:
        return f"Lock({self.table}, {self.level})"


def locks_frame(locks: tuple[Lock, ...]) -> pd.DataFrame:
    """One row a lock.

    Columns: database, revision, operation, table, level, blocks (str), scans, rewrites, builds_index, named (bool),
    rows, size (Int64, NA if not known), duration, why (str), statement, line (Int64, NA if there is none).
    """
    names = (
        "database", "revision", "operation", "table", "level", "blocks", "scans", "rewrites", "builds_index", "named",
        "rows", "size", "duration", "why",
    )  # fmt: skip
    rows = [
        {**{name: getattr(each, name) for name in names}, "statement": None if each.statement < 0 else each.statement,
         "line": each.line or None}
        for each in locks
    ]  # fmt: skip
    dtypes = dict.fromkeys((*names, "statement", "line"), "object")
    dtypes |= dict.fromkeys(("scans", "rewrites", "builds_index", "named"), "bool")
    return frame(rows, dtypes | dict.fromkeys(("rows", "size", "statement", "line"), "Int64"))

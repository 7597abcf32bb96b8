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
class Blocker(Result):
    """Somebody else's session, which may hold something up, as it was when it was asked for."""

    number: int
    """PostgreSQL's process id, MariaDB's and MySQL's connection id; 0 for a prepared transaction, which has none."""
    user: str
    """Empty where it may not be seen."""
    program: str = ""
    """What it calls itself; of one that is not a client's what it is: `autovacuum worker`."""
    state: str = ""
    """`active`, `idle in transaction`; MariaDB and MySQL: `query`, `sleep`."""
    seconds: float | None = None
    """For how long its transaction is open; None where there is none, or it may not be seen."""
    table: str = ""
    """The table that it uses, named as `Lock.table`; empty where that is not known."""
    level: str = ""
    """Of its lock there: `ROW EXCLUSIVE`."""
    waits: bool = False
    """It waits for that lock; else it has it."""
    query: str = ""
    """Its statement, or its last one, shortened and without passwords."""

    @property
    def is_at_work(self) -> bool:
        """It runs a statement, or waits for a lock."""
        return self.waits or self.state in {"active", "query", "execute"}

    def __repr__(self) -> str:
        return f"Blocker({self.number}, {self.state}{f', {self.level} on {self.table}' if self.table else ''})"


@dataclass(frozen=True, repr=False)
class Activity(Result):
    """Who uses the tables of one database at a moment."""

    database: str
    sessions: tuple[Blocker, ...]
    """Each lock on one of the tables that were asked for, the oldest transaction first."""
    opened: tuple[Blocker, ...]
    """Every open transaction of the database, the oldest first."""
    is_exact: bool
    """The server tells who has which lock; else only whose transaction is open, and may have one."""
    note: str = ""
    """What could not be seen, and why, in a sentence."""

    def __repr__(self) -> str:
        return f"Activity({self.database}, {len(self.sessions)} locks, {len(self.opened)} open)"


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
    concurrently: bool = False
    """PostgreSQL: it waits for every transaction of the database that began before it."""
    blockers: tuple[Blocker, ...] | None = None
    """Who would hold it up: sessions that had, or waited for, what conflicts with it when `wb.preflight(plan)` asked.
    Where `Blocker.table` is empty, they may. None: nobody has asked."""
    unseen: str = ""
    """Why there may be more of them, in a sentence."""

    @property
    def blocked(self) -> tuple[Blocker, ...]:
        """Whom it would hold up: those of `blockers` that were at work on the table, and come back to it."""
        return tuple(each for each in self.blockers or () if each.is_at_work and each.table)

    @property
    def oldest(self) -> float | None:
        """For how many seconds the oldest of `blockers` had its transaction open; None if not known."""
        return max((each.seconds for each in self.blockers or () if each.seconds is not None), default=None)

    @property
    def work(self) -> str:
        """`rewrite`, `index`, `scan`; empty where nothing is read."""
        return "rewrite" if self.rewrites else "index" if self.builds_index else "scan" if self.scans else ""

    def __repr__(self) -> str:
        return f"Lock({self.table}, {self.level})"


def locks_frame(locks: tuple[Lock, ...]) -> pd.DataFrame:
    """One row a lock.

    Columns: database, revision, operation, table, level, blocks (str), scans, rewrites, builds_index, named (bool),
    rows, size (Int64, NA if not known), duration, why (str), statement, line (Int64, NA if there is none), blockers,
    blocked (Int64: how many sessions; NA before `wb.preflight(plan)`), oldest (float64, seconds; NaN if there is none).
    """
    names = (
        "database", "revision", "operation", "table", "level", "blocks", "scans", "rewrites", "builds_index", "named",
        "rows", "size", "duration", "why",
    )  # fmt: skip
    rows = [
        {**{name: getattr(each, name) for name in names}, "statement": None if each.statement < 0 else each.statement,
         "line": each.line or None, "blockers": None if each.blockers is None else len(each.blockers),
         "blocked": None if each.blockers is None else len(each.blocked), "oldest": each.oldest}
        for each in locks
    ]  # fmt: skip
    counts = ("statement", "line", "blockers", "blocked")
    dtypes = dict.fromkeys((*names, *counts), "object")
    dtypes |= dict.fromkeys(("scans", "rewrites", "builds_index", "named"), "bool")
    return frame(rows, dtypes | dict.fromkeys(("rows", "size", *counts), "Int64") | {"oldest": "float64"})

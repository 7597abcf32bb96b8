"""What a case is: tables with rows in them, a revision, what is predicted of it, and what really happens."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

_LONGEST_ID = 30

T = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY)",
    "INSERT INTO p VALUES (1), (2)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b VARCHAR(50), pid INTEGER)",
    "INSERT INTO t VALUES (1, 1, 'x', 1), (2, NULL, 'y', 2), (3, 3, 'x', 99)",
)
"""The table that most cases begin with: a NULL in a, a duplicate in b, an orphan in pid."""
EMPTY = (*T[:1], T[2])
"""The same without a row."""


@dataclass(frozen=True)
class Case:
    """One revision on one database."""

    name: str
    """`set-not-null-one-null`: the rule, then what is special."""
    dialect: str
    """`sqlite`, `postgresql` or `mariadb`."""
    code: str
    """The body of `upgrade()`; `op` and `sa` are there."""
    expect: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By rule the (severity, outcome) of its finding, after the rows were asked. Other rules may find more."""
    absent: tuple[str, ...] = ()
    """Rules that must find nothing."""
    fails: bool = False
    """Applying it fails."""
    loses: str = ""
    """A query whose answer is another afterwards if values were lost; empty where none can be lost."""
    setup: tuple[str, ...] = T
    downgrade: str = "pass"
    """The body of `downgrade()`."""
    earlier: str = ""
    """The body of a revision that is pending before it."""
    counts: dict[str, int] = field(default_factory=dict)
    """By rule what its evidence counts."""
    times: dict[str, int] = field(default_factory=dict)
    """By rule how many findings there are."""
    before: tuple[str, ...] = ()
    """Statements at the beginning of each connection of env.py: `PRAGMA foreign_keys=ON`, `SET sql_mode=''`."""
    version: tuple[int, ...] = ()
    """Of the server, at least; it is left out on older ones."""

    @property
    def id(self) -> str:
        """The id of its revision."""
        told = "c_" + self.name.replace("-", "_")
        # The version table's column is VARCHAR(32), and `_0` is put behind it.
        return told if len(told) <= _LONGEST_ID else f"{told[:20]}_{zlib.crc32(told.encode()):08x}"

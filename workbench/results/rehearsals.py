"""What a rehearsal showed: the steps of a Plan really run, on a scratch database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.errors import WorkbenchError
from workbench.results.base import Result, frame
from workbench.results.databases import Database
from workbench.results.plans import Direction, Executed, Plan
from workbench.results.schema_diff import SchemaDiff
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd

Data = Literal["full", "sample", "none"]
Filled = Literal["copy", "replay"]


@dataclass(frozen=True, repr=False)
class Scratch(Result):
    """The scratch database that stood in for one of the live ones."""

    database: str
    """The name of the database that it stood in for."""
    way: str
    """How it was filled, in a few words: `backup API`, `template`, `pg_dump`, `LIKE and INSERT … SELECT`, `replay`."""
    rows: int = 0
    """Rows that were copied."""
    size: int = 0
    """Bytes of what was copied, as the live database tells them; 0 where it does not."""

    def __repr__(self) -> str:
        return f"Scratch(for {self.database}, {self.way}, {plural(self.rows, 'row')})"


@dataclass(frozen=True, repr=False)
class Pass(Result):
    """One way through the steps: up, down, or up again."""

    direction: Direction
    ok: bool
    executed: tuple[Executed, ...] = ()
    """Every statement that was executed, in order."""
    seconds: float = 0.0
    error: WorkbenchError | None = None

    def __repr__(self) -> str:
        return f"Pass({self.direction}, {'ok' if self.ok else 'failed'})"


@dataclass(frozen=True, repr=False)
class Loss(Result):
    """Something that a round trip did not bring back as it was."""

    database: str
    kind: str
    """`table`, `column`, `type`, `nullable`, `default`, `comment`, `index`, `constraint`, `enum`, `sequence`,
    `trigger`, `view`."""
    name: str
    """`schema.table.thing`, as far as it has these."""
    before: str
    """Its definition before the round trip; empty if it was not there."""
    after: str
    """Its definition afterwards; empty if it is gone."""

    def __repr__(self) -> str:
        return f"Loss({self.kind} {self.name})"


@dataclass(frozen=True, repr=False)
class RowsChanged(Result):
    """The rows of one table before and after a round trip."""

    database: str
    table: str
    before: int
    """How many rows there were."""
    after: int
    """How many there are afterwards."""
    vanished: int
    """Rows whose primary key is no longer there; without a primary key, rows that are not there as they were."""
    changed: int
    """Rows that are there with other values."""
    appeared: int
    """Rows that were not there before."""
    columns: tuple[str, ...] = ()
    """The columns in which values differ, where a primary key tells which rows to compare."""

    def __repr__(self) -> str:
        return f"RowsChanged({self.table}, {self.vanished} vanished, {self.changed} changed, {self.appeared} appeared)"


@dataclass(frozen=True, repr=False)
class Rehearsal(Result):
    """A Plan's steps, really run on a scratch database: there and back and there again."""

    ok: bool
    """Every pass came to its end. What was lost on the way does not make it False: look at `lost`."""
    plan: Plan
    """The Plan, with the SQL that was really executed in place of what could not be had offline."""
    data: Data
    filled: Filled
    passes: tuple[Pass, ...]
    """In order: the Plan's own direction, back, and again; fewer if one failed."""
    scratch: tuple[Scratch, ...] = ()
    lost: tuple[Loss, ...] = ()
    """What way there and back did not bring back."""
    rows_changed: tuple[RowsChanged, ...] = ()
    """Tables whose rows are not as they were, there and back; empty with `data="none"`."""
    remaining: SchemaDiff | None = None
    """What the models still differ in after the first pass; None if it was not asked or could not be."""
    error: WorkbenchError | None = None
    """What stopped it, None if nothing did."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing: what could not be copied or compared, and why."""
    databases: tuple[Database, ...] = ()
    """The live databases, as they stood when it began."""

    @property
    def statements(self) -> pd.DataFrame:
        """Every statement of every pass, in order.

        Columns: pass (1, 2, 3: Int64), direction, revision, sql (str), rows (Int64, NA if unknown), seconds (float).
        """
        rows = [
            {
                "pass": number,
                "direction": each.direction,
                "revision": done.revision,
                "sql": done.sql,
                "rows": done.rows,
                "seconds": done.seconds,
            }
            for number, each in enumerate(self.passes, 1)
            for done in each.executed
        ]
        return frame(
            rows,
            {
                "pass": "Int64",
                "direction": "object",
                "revision": "object",
                "sql": "object",
                "rows": "Int64",
                "seconds": "float64",
            },
        )

    @property
    def df(self) -> pd.DataFrame:
        """What was lost. Columns: database, kind, name, before, after (str)."""
        names = ("database", "kind", "name", "before", "after")
        return frame(
            [{name: getattr(each, name) for name in names} for each in self.lost], dict.fromkeys(names, "object")
        )

    def __repr__(self) -> str:
        ways = ", ".join(f"{each.direction} {'ok' if each.ok else 'failed'}" for each in self.passes)
        return f"Rehearsal({ways or 'did not begin'})"

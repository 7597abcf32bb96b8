"""What an expression would make of the rows that are in the way of a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result, frame
from workbench.results.definitions import dotted
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Filled(Result):
    """One row, before and after."""

    key: tuple[Any, ...]
    """The values of the primary key; empty where the table has none."""
    old: Any
    """What it has now; None for a column that is not there yet."""
    new: Any
    """What the expression gives."""
    problem: str = ""
    """Why the new value is refused, or why there is none: `is still NULL`, `ValueError: …`; empty where it is right."""

    def __repr__(self) -> str:
        return f"Filled({self.key}, {self.old!r} -> {self.new!r}{', ' + self.problem if self.problem else ''})"


@dataclass(frozen=True, repr=False)
class Backfill(Result):
    """An expression that gives values to the rows in the way, tried on the live rows; nothing was written."""

    schema: str | None
    """None for the default one."""
    table: str
    column: str
    expression: str
    language: Literal["sql", "python"]
    keys: tuple[str, ...]
    """The columns of the primary key."""
    needs: tuple[str, ...]
    """What the new definition asks of every row: `NOT NULL`, `fits VARCHAR(5)`, `unique`, `key of country`."""
    rows: tuple[Filled, ...] = ()
    """The worst of the rows in the way, at most 20: those that stay wrong first, then by key."""
    wrong: int = 0
    """How many rows are in the way now."""
    left: int = 0
    """How many of them are still in the way afterwards, and of those that it makes wrong."""
    at_least: bool = False
    """Not more than the first 10,000 rows in the way were looked at."""
    problem: str = ""
    """Why it cannot be done as it is: `fails on row 17 (id 17): division by zero`."""
    upgrade: tuple[str, ...] = ()
    """Lines for `upgrade()`, before the change that needs them; empty where there are none, see `why`."""
    own_revision: bool = False
    """They commit between batches, so that they belong into a revision without anything else."""
    why: str = ""
    """Why in batches or not, or why there are no lines, in a sentence."""
    database: str = ""

    @property
    def ok(self) -> bool:
        """It can be done, and no row is left in the way."""
        return not self.problem and not self.left

    @property
    def df(self) -> pd.DataFrame:
        """One row for each of `rows`. Columns: those of the key, old, new, problem (object)."""
        rows = [
            {**dict(zip(self.keys, each.key)), "old": each.old, "new": each.new, "problem": each.problem}  # noqa: B905 - Python 3.10 has it, and both are as long
            for each in self.rows
        ]
        return frame(rows, dict.fromkeys((*self.keys, "old", "new", "problem"), "object"))

    @property
    def shown(self) -> str:
        """`customer.email: 3 rows in the way, 1 left`."""
        more = "at least " if self.at_least else ""
        told = f"{more}{plural(self.wrong, 'row')} in the way, {self.left:,} left"
        return f"{dotted(self.schema, self.table, self.column)}: {self.problem or told}"

    def __repr__(self) -> str:
        return f"Backfill({self.shown})"

"""What a revision makes and takes away, and what is lost with that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workbench.results.base import Result

Does = Literal["makes", "drops", "changes"]
Kind = Literal["table", "column", "index", "constraint", "comment", "type", "view", "rows", "other"]


@dataclass(frozen=True, repr=False)
class Effect(Result):
    """What one operation of a step does to one thing in the database, as far as the operation itself tells."""

    does: Does
    kind: Kind
    schema: str
    """Empty for the default schema."""
    table: str
    name: str = ""
    """The column, index or constraint; empty for the table itself."""
    first: int = -1
    """The first of the step's statements that belong to it, by index; -1 where its SQL cannot be had."""
    last: int = -1
    """The last of them."""
    new_name: str = ""
    """What the table, column, index or constraint is called afterwards, where it is renamed."""
    sure: bool = True
    """False where it may leave no trace: IF EXISTS, OR REPLACE, a branch of code that was only read."""
    by: str = field(default="", compare=False)
    """Of rows that go: `delete` or `truncate`."""

    def __repr__(self) -> str:
        return f"Effect({self.does} {self.kind} {'.'.join(filter(None, (self.schema, self.table, self.name)))})"


@dataclass(frozen=True, repr=False)
class Destroyed(Result):
    """Data that a Plan would destroy: a table, or one column of it."""

    database: str
    revision: str
    """The revision whose upgrade or downgrade drops it."""
    schema: str
    """Empty for the default schema."""
    table: str
    column: str = ""
    """Empty where the whole table goes."""
    rows: int | None = None
    """Rows of the table; of a column those in which it is not NULL. None where they could not be counted."""
    at_least: bool = False
    """There are more: the count stopped there."""

    @property
    def name(self) -> str:
        """`schema.table.column`."""
        return ".".join(each for each in (self.schema, self.table, self.column) if each)

    def __repr__(self) -> str:
        return f"Destroyed({self.name}, {'?' if self.rows is None else self.rows} rows)"

"""What turns one schema into another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.results.base import Result, frame
from workbench.results.databases import Database
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("database", "kind", "schema", "table", "name", "before", "after", "code", "sql")


@dataclass(frozen=True, repr=False)
class Change(Result):
    """One difference, named as Alembic names it in the tuples of `compare_metadata`."""

    kind: str
    """`add_table`, `remove_table`, `add_column`, `remove_column`, `modify_type`, `modify_nullable`,
    `modify_default`, `modify_comment`, `add_index`, `remove_index`, `add_constraint`, `remove_constraint`,
    `add_fk`, `remove_fk`, `add_table_comment`, `remove_table_comment`."""
    schema: str | None
    """The table's schema; None for the default one."""
    table: str
    """The table that it concerns."""
    name: str
    """The column, index or constraint; the table itself for whole tables. Empty for an unnamed constraint."""
    before: str | None
    """What the source has, as a definition in the database's dialect; None if it has nothing there."""
    after: str | None
    """What the target has; None if it has nothing there."""
    code: str
    """The operation as it would stand in a revision file."""
    sql: str | None
    """The operation in the database's dialect; None where it has no SQL that can be written without running it."""
    why_not: str | None = None
    """Why there is no `sql`."""
    database: str = ""
    """The name of the database that was compared."""

    @property
    def sign(self) -> str:
        """`+` for what comes, `-` for what goes, `~` for what changes."""
        return "+" if self.kind.startswith("add_") else "-" if self.kind.startswith("remove_") else "~"

    def __repr__(self) -> str:
        return f"Change({self.kind}, {self.table}{'.' + self.name if self.name != self.table else ''})"


@dataclass(frozen=True, repr=False)
class SchemaDiff(Result):
    """The changes that turn `source` into `target`, in a fixed order: by database, schema, table, kind, name."""

    source: str
    """`live` or `models`."""
    target: str
    """`models` or `live`."""
    changes: tuple[Change, ...]
    databases: tuple[Database, ...]
    """The databases that were compared."""
    ignored: tuple[str, ...] = ()
    """What Alembic would have proposed and this leaves out, a sentence each: views declared with CreateView."""

    @property
    def is_empty(self) -> bool:
        """Nothing differs, as far as Alembic's comparators see."""
        return not self.changes

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that differ, with the schema where there is one, in order, each once."""
        return tuple(dict.fromkeys(qualified(each) for each in self.changes))

    @property
    def df(self) -> pd.DataFrame:
        """One row a change, in order.

        Columns, all str: database, kind, schema (or None), table, name, before (or None), after (or None),
        code, sql (or None).
        """
        rows = [{name: getattr(each, name) for name in _COLUMNS} for each in self.changes]
        return frame(rows, dict.fromkeys(_COLUMNS, "object"))

    def __repr__(self) -> str:
        return f"SchemaDiff({self.source} -> {self.target}, {plural(len(self.changes), 'change')})"


def qualified(change: Change) -> str:
    """`schema.table`, or `table` alone in the default schema."""
    return f"{change.schema}.{change.table}" if change.schema else change.table

"""What is in the live database, asked by name, one question a table and only where somebody wants to know."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from workbench.results.effects import Effect

_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    # One that is INVALID is not there yet; `leftovers` tells of it.
    "postgresql": "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid "
    "WHERE i.indisvalid",
}


class Live:
    """The names of what is there. Compared without regard to capitals."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.dialect: str = connection.dialect.name
        self._inspector = sa.inspect(connection)
        self._known: dict[tuple[str, ...], frozenset[str]] = {}

    def schema(self, name: str) -> str | None:
        """`name` as SQLAlchemy asks for it: None for the default schema."""
        default = getattr(self.connection.dialect, "default_schema_name", None)
        return None if not name or name == default else name

    def has_table(self, schema: str, table: str) -> bool:
        """Whether there is such a table."""
        return table.casefold() in self.tables(schema)

    def tables(self, schema: str = "") -> frozenset[str]:
        """All tables of a schema."""
        return self._names("tables", schema, lambda: self._inspector.get_table_names(self.schema(schema)))

    def has(self, effect: Effect, name: str = "") -> bool | None:  # noqa: PLR0911 - a table of cases
        """Whether the thing that `effect` speaks of is there, under `name` if it has another; None: not to be told."""
        name, schema, table = (name or effect.name).casefold(), effect.schema, effect.table
        if effect.kind == "table":
            return self.has_table(schema, name or table)
        if effect.kind == "view":
            return (name or table.casefold()) in self._names("views", schema, lambda: self._views(schema))
        if not name:
            return None
        if effect.kind == "index" and self.dialect in _INDEXES:
            return name in self._names("indexes", "", self._index_names)
        if not table or not self.has_table(schema, table):
            return None
        if effect.kind == "column":
            return name in self.columns(schema, table)
        if effect.kind == "index":
            indexes = self._inspector.get_indexes
            return name in self._names("indexes", schema, lambda: _named(indexes(table, self.schema(schema))), table)
        if effect.kind == "constraint":
            return name in self._names("constraints", schema, lambda: self._constraints(schema, table), table)
        return None

    def columns(self, schema: str, table: str) -> frozenset[str]:
        """The columns of a table."""
        columns = self._inspector.get_columns
        return self._names("columns", schema, lambda: _named(columns(table, self.schema(schema))), table)

    def primary_key(self, schema: str, table: str) -> tuple[str, ...]:
        """The columns of its primary key."""
        key = self._inspector.get_pk_constraint(table, self.schema(schema))
        return tuple(key.get("constrained_columns") or ())

    def _names(self, what: str, schema: str, ask: Callable[[], Any], table: str = "") -> frozenset[str]:
        key = (what, self.schema(schema) or "", table.casefold())
        if key not in self._known:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what SQLAlchemy cannot read of an index on an expression
                try:
                    names = ask()
                except sa.exc.NoSuchTableError:
                    names = ()
            self._known[key] = frozenset(str(each).casefold() for each in names if each)
        return self._known[key]

    def _views(self, schema: str) -> list[str]:
        names = list(self._inspector.get_view_names(self.schema(schema)))
        materialized = getattr(self._inspector, "get_materialized_view_names", None)
        return names + (
            list(materialized(self.schema(schema))) if materialized and self.dialect == "postgresql" else []
        )

    def _index_names(self) -> list[str]:
        return [row[0] for row in self.connection.execute(sa.text(_INDEXES[self.dialect]))]

    def _constraints(self, schema: str, table: str) -> list[str]:
        where = self.schema(schema)
        look = self._inspector
        key = look.get_pk_constraint(table, where)
        asked = (look.get_unique_constraints, look.get_foreign_keys, look.get_check_constraints)
        found = [name for ask in asked for name in _named(ask(table, where))]
        return [*found, key.get("name") or ""]


@contextlib.contextmanager
def harmless(connection: Any) -> Iterator[None]:
    """Let a question fail without harm to the transaction that env.py holds."""
    if connection.dialect.name == "postgresql" and connection.in_transaction():
        with connection.begin_nested():
            yield
    else:
        yield


def _named(things: Any) -> list[str]:
    return [each.get("name") or "" for each in things]

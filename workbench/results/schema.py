"""A whole schema: live, of the models, or at a revision; with its frames."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import UnsupportedRequest
from workbench.results.base import Result, frame, origin_of
from workbench.results.databases import Database
from workbench.results.objects import SchemaObject, Table, View
from workbench.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

LIVE = "live"
MODELS = "models"


@dataclass(frozen=True, repr=False)
class Schema(Result):
    """Everything in one or several databases, as it is live, as the models declare it, or at a revision."""

    at: str
    """`live`, `models`, or a revision's id (`base` before the first)."""
    objects: tuple[SchemaObject, ...]
    """Tables first, then views, then the rest by kind; each by database, schema (the default one first) and name."""
    databases: tuple[Database, ...] = ()
    """The live databases, as they stood when they were asked."""
    notes: tuple[str, ...] = ()
    """What could not be read, and why, a sentence each."""

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """The tables, as values."""
        return tuple(each for each in self.objects if isinstance(each, Table))

    @property
    def all_views(self) -> tuple[View, ...]:
        """The views, as values."""
        return tuple(each for each in self.objects if isinstance(each, View))

    @property
    def others(self) -> tuple[SchemaObject, ...]:
        """What is neither a table nor a view."""
        return tuple(each for each in self.objects if not isinstance(each, (Table, View)))

    @property
    def _relations(self) -> tuple[Table | View, ...]:
        return (*self.all_tables, *self.all_views)

    @property
    def is_empty(self) -> bool:
        """There is nothing in it."""
        return not self.objects

    def table(self, name: str, schema: str | None = None) -> Table:
        """One table; of a live schema with its size and its number of rows, asked now.

        Args:
            name: Its name, or `schema.name`; upper and lower case count only where two differ by nothing else.
            schema: Its schema, None for the default one (or the one in `name`).

        Raises:
            UnsupportedRequest: There is no such table, or there are several in several databases.

        """
        found = one_of(self.all_tables, name, schema)
        if self.at == LIVE and "_origin" in self.__dict__:
            measured: Table = origin_of(self).measured(found)
            return measured
        return found

    def to_svg(self) -> str:
        """The entity-relationship picture as one SVG, complete in itself; of several databases one below the other."""
        return str(_pictures("svg").schema_svg(self))

    def to_mermaid(self) -> str:
        """The tables and foreign keys as Mermaid's `erDiagram`, for Markdown."""
        return str(_pictures("mermaid").mermaid(self))

    # -- frames ---------------------------------------------------------------------------------------------------

    @property
    def tables(self) -> pd.DataFrame:
        """One row a table.

        Columns: database, schema (or None), table, kind (str), columns (Int64), rows, size (Int64, NA if not known),
        rows_estimated (bool), comment (str or None).
        """
        rows = [
            {**_where(each), "kind": each.kind, "columns": len(each.columns), "rows": each.rows, "size": each.size,
             "rows_estimated": each.rows_estimated, "comment": each.comment}
            for each in self.all_tables
        ]  # fmt: skip
        return frame(
            rows, _WHERE | {"kind": "object", "columns": "Int64", "rows": "Int64", "size": "Int64",
                            "rows_estimated": "bool", "comment": "object"},
        )  # fmt: skip

    @property
    def columns(self) -> pd.DataFrame:
        """One row a column of a table or view, in their order.

        Columns: database, schema (or None), table, column,
        type (str), nullable (bool), default (str or None), primary_key (bool), comment, collation, generated,
        identity (str or None).
        """
        names = ("type", "nullable", "default", "primary_key", "comment", "collation", "generated", "identity")
        rows = [
            {**_where(table), "column": column.name, **{name: getattr(column, name) for name in names}}
            for table in self._relations
            for column in table.columns
        ]
        told = dict.fromkeys(("column", *names), "object")
        return frame(rows, _WHERE | told | {"nullable": "bool", "primary_key": "bool"})

    @property
    def foreign_keys(self) -> pd.DataFrame:
        """One row a foreign key.

        Columns: database, schema (or None), table, name (str), columns (tuple of str),
        referred_schema (or None), referred_table (str), referred_columns (tuple of str), on_delete, on_update (str).
        """
        names = ("name", "columns", "referred_schema", "referred_table", "referred_columns", "on_delete", "on_update")
        rows = [
            {**_where(table), **{name: getattr(key, name) for name in names}}
            for table in self.all_tables
            for key in table.foreign_keys
        ]
        return frame(rows, _WHERE | dict.fromkeys(names, "object"))

    @property
    def indexes(self) -> pd.DataFrame:
        """One row an index.

        Columns: database, schema (or None), table, name (str), expressions (tuple of str), unique (bool), method (str),
        where (str or None), include (tuple of str), is_valid (bool), comment (str or None), definition (str).
        """
        names = ("name", "expressions", "unique", "method", "where", "include", "is_valid", "comment", "definition")
        rows = [
            {**_where(table), **{name: getattr(index, name) for name in names}}
            for table in self._relations
            for index in table.indexes
        ]
        return frame(rows, _WHERE | dict.fromkeys(names, "object") | {"unique": "bool", "is_valid": "bool"})

    @property
    def constraints(self) -> pd.DataFrame:
        """One row a constraint, foreign keys too.

        Columns: database, schema (or None), table, kind, name (str), columns
        (tuple of str), definition (str), comment (str or None).
        """
        names = ("kind", "name", "columns", "definition", "comment")
        rows = [
            {**_where(table), **{name: getattr(each, name) for name in names}}
            for table in self.all_tables
            for each in table.constraints
        ]
        return frame(rows, _WHERE | dict.fromkeys(names, "object"))

    @property
    def views(self) -> pd.DataFrame:
        """One row a view. Columns: database, schema (or None), view, kind (str), definition (str), comment."""
        rows = [
            {"database": each.database, "schema": each.schema, "view": each.name, "kind": each.kind,
             "definition": each.definition, "comment": each.comment}
            for each in self.all_views
        ]  # fmt: skip
        return frame(rows, dict.fromkeys(("database", "schema", "view", "kind", "definition", "comment"), "object"))

    @property
    def df(self) -> pd.DataFrame:
        """One row for everything that is no table and no view.

        Columns: database, kind, schema (or None), table, name,
        definition (str), comment (str or None). Tables and views have frames of their own.
        """
        names = ("database", "kind", "schema", "table", "name", "definition", "comment")
        return frame(
            [{name: getattr(each, name) for name in names} for each in self.others], dict.fromkeys(names, "object")
        )

    def __repr__(self) -> str:
        return f"Schema({self.at}, {plural(len(self.all_tables), 'table')}, {plural(len(self.all_views), 'view')})"


_WHERE = {"database": "object", "schema": "object", "table": "object"}


def _where(item: SchemaObject) -> dict[str, Any]:
    return {"database": item.database, "schema": item.schema, "table": item.name}


def _pictures(form: str) -> Any:
    # By name, because rendering lies above, as with the faces of every result.
    return importlib.import_module(f"workbench.render.picture_{form}")


def one_of(tables: tuple[Table, ...], name: str, schema: str | None = None) -> Table:
    """The table of this name.

    Raises:
        UnsupportedRequest: There is none, or there are several.

    """
    for same in (_exactly, _regardless_of_case):
        found = [each for each in tables if same(each, name, schema)]
        if len(found) == 1:
            return found[0]
        if found:
            places = ", ".join(sorted({f"{each.database}: {each.qualified}" for each in found}))
            raise UnsupportedRequest(f"{name!r} names several tables ({places}).", "Name its schema= as well.")
    near = ", ".join(_near(tables, name))
    raise UnsupportedRequest(
        f"There is no table {name!r}.", f"Did you mean {near}?" if near else "The names are in .tables."
    )


def _exactly(table: Table, name: str, schema: str | None) -> bool:
    return (table.name == name and table.schema == schema) or (schema is None and table.qualified == name)


def _regardless_of_case(table: Table, name: str, schema: str | None) -> bool:
    wanted = name.casefold()
    if schema is None:
        return table.qualified.casefold() == wanted or table.name.casefold() == wanted
    return table.name.casefold() == wanted and (table.schema or "").casefold() == schema.casefold()


def _near(tables: tuple[Table, ...], name: str) -> Iterator[str]:
    import difflib  # noqa: PLC0415 - only for an error

    yield from difflib.get_close_matches(name, [each.qualified for each in tables], 3)

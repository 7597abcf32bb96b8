"""Questions to the data: which rows are in the way of an operation, as one SELECT each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

from workbench.hazards.late import sa
from workbench.results import Table
from workbench.results.findings import Verdict

About = Literal[
    "nulls", "duplicates", "orphans", "check", "length", "blanks", "range", "precision", "cast", "enum", "rows",
    "filled", "empty", "key-size",
]  # fmt: skip

_DIALECTS = {
    "postgresql": ("sqlalchemy.dialects.postgresql", "dialect"),
    "mysql": ("sqlalchemy.dialects.mysql", "dialect"),
    "mariadb": ("sqlalchemy.dialects.mysql", "dialect"),
    "sqlite": ("sqlalchemy.dialects.sqlite", "dialect"),
}


@dataclass(frozen=True)
class Question:
    """One question that the rows of a database decide."""

    about: About
    tables: tuple[tuple[str, str], ...]
    """The (schema, table) that it reads; the schema is empty for the default one."""
    bad: str
    """A SELECT of the rows in the way, without a limit: the primary key first, then what is wrong with them."""
    columns: tuple[str, ...]
    """The names of what it selects."""
    if_bad: Verdict
    """`will fail`, `will lose data` or `will break code`, when there is such a row."""
    groups: bool = False
    """A row of the answer is a group of rows (duplicates, labels), not a row of the table."""
    probe: bool = False
    """It is not `bad` rows that decide but whether the SELECT itself fails: a cast that only the server can try."""
    statistics: str = ""
    """A SELECT of one number that the server knows without reading the table: above 0 there are such rows. It never
    proves that there are none."""


@cache
def dialect_of(name: str) -> Any:
    """SQLAlchemy's dialect of that name, which needs no driver to write SQL; for none it doubles a `%`."""
    module, attribute = _DIALECTS[name]
    return getattr(import_module(module), attribute)(paramstyle="named")


def sql_of(statement: Any, dialect: str) -> str:
    """A statement as text with its values written out."""
    return str(statement.compile(dialect=dialect_of(dialect), compile_kwargs={"literal_binds": True}))


def quoted(name: str, dialect: str) -> str:
    """A name as SQL, quoted where it has to be."""
    return str(dialect_of(dialect).identifier_preparer.quote(name))


def source(table: Table, alias: str | None = None) -> Any:
    """The live table as something to select from, with all its columns and no types."""
    found = sa.table(table.name, *(sa.column(each.name) for each in table.columns), schema=table.schema)
    return found if alias is None else found.alias(alias)


def rows_where(
    about: About,
    dialect: str,
    table: Table,
    rows: Any,
    condition: Any,
    show: Sequence[str],
    *,
    if_bad: Verdict,
    more: Sequence[Any] = (),
    statistics: str = "",
    also: tuple[tuple[str, str], ...] = (),
) -> Question:
    """The rows of `table` for which `condition` holds.

    Args:
        about: What is asked.
        dialect: Of the server.
        table: As it is live.
        rows: `source(table)`.
        condition: Of SQLAlchemy's, made of the columns of `rows`; None for every row.
        show: Columns to show beside the primary key.
        if_bad: What such a row means.
        more: Further expressions to show, each with a label.
        statistics: See `Question`.
        also: Further tables that the condition reads.

    """
    names = tuple(dict.fromkeys([*table.primary_key, *show]))
    statement = sa.select(*(rows.c[each] for each in names if each in rows.c), *more).select_from(rows)
    if condition is not None:
        statement = statement.where(condition)
    shown = tuple(each for each in names if each in rows.c) + tuple(each.name for each in more)
    return Question(
        about,
        ((table.schema or "", table.name), *also),
        sql_of(statement, dialect),
        shown,
        if_bad,
        statistics=statistics,
    )

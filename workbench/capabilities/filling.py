"""Turns expressions into the code that gives rows their values before an operation needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.bridge.quoting import text_code
from workbench.bridge.values import Code, Rename
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results.definitions import undotted

if TYPE_CHECKING:
    from workbench.capabilities.renames_rows import Ask
    from workbench.results import Database, Schema

_COLUMNS = ("add_column", "alter_column")
_OTHERS = ("add_constraint", "modify_constraint", "add_fk", "add_index")


@dataclass(frozen=True)
class Rows:
    """Where the rows are that get values."""

    before: Schema
    """The live schema."""
    after: Schema
    """The models."""
    ask: Ask
    renames: tuple[Rename, ...] = ()


@dataclass(frozen=True)
class Fill:
    """One decision of `fills`."""

    key: str
    """Of the choice that needs the values."""
    schema: str | None
    table: str
    column: str
    expression: str
    python: bool = False


def fill(key: str, value: Any) -> Fill:
    """What a decision of `fills` means.

    Args:
        key: Of a choice: `add_column customer.email`, `alter_column customer.email`, `add_fk customer.fk_country`.
        value: SQL; or {"sql": …}, {"python": …}, with the "column" where the key names none.

    Raises:
        UnsupportedRequest: It means nothing.

    """
    told = value if isinstance(value, Mapping) else {"sql": value}
    kind, _, name = key.partition(" ")
    names = undotted(re.sub(r" \(\d+\)$", "", name))
    column = told.get("column") or (names[-1] if kind in _COLUMNS else "")
    if kind not in (*_COLUMNS, *_OTHERS) or len(names) < 2:  # noqa: PLR2004 - table and column
        raise UnsupportedRequest(
            f"fills has {key!r}, which is no choice that gets values.",
            'Write {"add_column customer.email": "lower(name)"}, or alter_column for one that becomes NOT NULL.',
        )
    if not isinstance(column, str) or not column:
        raise UnsupportedRequest(
            f"fills does not say which column of {'.'.join(names[:-1])} gets values for {key}.",
            'Name it: {"column": "country", "sql": "\'AT\'"}.',
        )
    languages = [each for each in told if each != "column"]
    expression = told.get(languages[0]) if languages in (["sql"], ["python"]) else None
    if not isinstance(expression, str) or not expression.strip():
        raise UnsupportedRequest(
            f"There is no expression for {key}.", 'Write SQL: "\'\'", "lower(name)"; or {"python": "name.lower()"}.'
        )
    schema = names[-3] if len(names) > 2 else None  # noqa: PLR2004 - schema, table and column
    return Fill(key, schema, names[-2], column, expression, "python" in told)


def codes(fills: Mapping[str, Any], databases: tuple[Database, ...], rows: Callable[[], Rows | None]) -> Iterator[Code]:
    """One Code for each expression: in one UPDATE, or in batches where the live table is large.

    Args:
        fills: By the key of a choice; see `fill`.
        databases: In whose SQL it is.
        rows: Gives the live rows; None where they cannot be had.

    Raises:
        UnsupportedRequest: A key or a value means nothing, or an expression in Python has no live table to read.

    """
    told = [fill(key, value) for key, value in fills.items() if not _is_of_an_enum(key, value)]
    found = rows() if told else None
    dialect = databases[0].dialect if databases else "sqlite"
    for each in told:
        yield Code(each.key, _lines(each, found, dialect))


def _is_of_an_enum(key: str, value: Any) -> bool:
    """It is for every column of that type: `capabilities.unseen` passes it on."""
    return key.startswith("modify_enum ") and isinstance(value, str) and bool(value.strip())


def _lines(told: Fill, rows: Rows | None, dialect: str) -> tuple[str, ...]:
    from workbench.capabilities import backfills  # noqa: PLC0415 - sqlglot: for those who fill

    place = told.schema, told.table, told.column
    try:
        if rows is None:
            raise UnsupportedRequest("The live rows cannot be had.")
        lines, _, why = backfills.lines(
            rows.before, rows.after, place, told.expression, rows.ask, python=told.python, renames=rows.renames
        )
    except WorkbenchError as error:
        if told.python:
            raise UnsupportedRequest(
                f"The Python for {told.key} cannot become code. {error.message}", error.remedy or "Write it in SQL."
            ) from error
        return (_update(told, dialect),)
    if told.python and not lines:
        raise UnsupportedRequest(f"The Python for {told.key} cannot become code: {why}.", "Write it in SQL.")
    return lines


def _update(told: Fill, dialect: str) -> str:
    """One UPDATE of a table of which nothing is known: it is not there yet, or it could not be looked at."""
    from workbench.capabilities.backfills import plain  # noqa: PLC0415 - sqlglot: for those who fill
    from workbench.hazards.question import quoted  # noqa: PLC0415 - SQLAlchemy's dialects, as above

    table = ".".join(quoted(each, dialect) for each in (told.schema, told.table) if each)
    column = quoted(told.column, dialect)
    sql = f"UPDATE {table} SET {column} = {plain(told.expression, told.column)} WHERE {column} IS NULL"  # noqa: S608 - the author writes it
    return f"op.execute({text_code(sql)})"


def words(value: Any) -> str:
    """A value of `fills`, to be read: `lower(name)`, `name.lower() (Python)`."""
    if not isinstance(value, Mapping):
        return str(value)
    python = value.get("python")
    return str(value.get("sql", "")) if python is None else f"{python} (Python)"


def is_for_rows(kind: str) -> bool:
    """Whether rows can get values before a choice of that kind."""
    return kind in (*_COLUMNS, *_OTHERS)

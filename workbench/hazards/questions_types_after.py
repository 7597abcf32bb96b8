"""The rows of a table as another type of a column will make them, for what has to hold of them then."""

from __future__ import annotations

from typing import Any

from workbench.hazards.late import sa
from workbench.hazards.question import quoted, source
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation

_NUMBERS = {"integer", "decimal", "float"}


def rows_after(op: Operation, now: Situation, table: Table, live: Column) -> Any:
    """The rows to select from, under the table's own name; None where it is not known what becomes of the values.

    Args:
        op: An `alter_column` that sets a type.
        now: The situation.
        table: The live table.
        live: The live column.

    """
    written = op.column.type if op.column is not None else ""
    if now.is_mysql:
        value = _mysql(quoted(live.name, "mysql"), kind(live.type, now.dialect), kind(written, now.dialect))
    else:
        using = op.option("postgresql_using")
        value = f"CAST({f'({using})' if using else quoted(live.name, now.dialect)} AS {written})"
    if not value:
        return None
    rows = source(table)
    kept = [each for each in rows.c if each.name != live.name]
    made: Any = sa.literal_column(value).label(live.name)
    return sa.select(*kept, made).select_from(rows).subquery(table.name)


def _mysql(column: str, old: Kind, new: Kind) -> str:  # noqa: PLR0911 - a table of cases
    """What the server makes of a value, as SQL; empty where that is not known."""
    is_text = old.family == "text"
    if new.family == "integer" and (is_text or old.family in _NUMBERS):
        return f"cast(trim({column}) as decimal(65))" if is_text else f"round({column})"
    if new.family == "decimal" and (is_text or old.family in _NUMBERS):
        return f"round({f'cast(trim({column}) as decimal(65,30))' if is_text else column}, {new.scale or 0})"
    if new.family == "float" and (is_text or old.family in _NUMBERS):
        return f"cast({column} as {'float' if new.bits == 32 else 'double'})"  # noqa: PLR2004 - bits of a float
    if new.family == "date" and (is_text or old.family == "datetime"):
        return f"cast({column} as date)"
    if new.family in {"datetime", "time"} and (is_text or old.family in {"datetime", "time"}):
        return f"cast({column} as {new.family}({new.precision or 0}))"
    if new.family == "uuid" and is_text:
        return f"cast({column} as uuid)"
    return ""

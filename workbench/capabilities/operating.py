"""The operations of a step as the checks of good practice look at them, and the names in them."""

from __future__ import annotations

from workbench.capabilities.practice import Look
from workbench.results import ColumnSpec, Operation, Step

QUIET = frozenset({"autocommit", "autocommit_end", "transaction", "set", "pragma", "grant", "comment", "select", "sql"})
"""Kinds of operations that change no table, or that nobody understands."""
Name = tuple[str, str]
"""Schema and table, folded."""


def operations_of(look: Look, step: Step) -> tuple[Operation, ...]:
    """The operations of a step; raw SQL parsed where there is some."""
    if not any(each.kind == "sql" and each.sql for each in step.operations):
        return step.operations
    from workbench.hazards import judging  # noqa: PLC0415 - sqlglot: half a second that no other question needs

    dialects = {each.name: each.dialect for each in look.databases}
    return judging.operations_of(step, dialects.get(step.database, ""))


def columns_of(op: Operation) -> tuple[ColumnSpec, ...]:
    """The columns that it declares."""
    return op.columns if op.column is None else (op.column, *op.columns)


def folded(schema: str, table: str) -> Name:
    """The name of a table, as those are compared."""
    return schema.casefold(), table.casefold()


def table_of(op: Operation) -> Name:
    """The table that it is about."""
    return folded(op.schema, op.table)

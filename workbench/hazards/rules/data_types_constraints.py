"""Rules about another type of a column under constraints that its values meet, and no longer will."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.question import Question, rows_where
from workbench.hazards.questions_types import examine
from workbench.hazards.questions_types_after import rows_after
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.rules.data import columns_in
from workbench.hazards.situation import Situation
from workbench.hazards.types import kind
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation


@rule("type-change-breaks-constraint", "L62", on=("alter_column",))
def type_change_breaks_constraint(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets another type, and its values, as they become, are equal to others or break a CHECK or a key.

    **Why.** What is rounded, cut or cast may no longer meet what it met before: 1.4 and 1.2 are both 1, 0.4 is not
    above 0 as a whole number. PostgreSQL (23505, 23514, 23503), MariaDB (1062, 4025) and a batch on SQLite build the
    keys anew and check the rows again.

    **Example.** `op.alter_column("rate", "percent", type_=sa.Integer())` where `percent` is UNIQUE

    **What to do.** Correct those rows first, or add a column of the new type, fill it with a checked conversion, and
    drop the old one later.
    """
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if op.column is None or "type" not in op.sets or table is None or live is None:
        return
    rows = rows_after(op, now, table, live) if _becomes_other(op, now, table, live) else None
    if rows is None:
        return
    becomes = f"{op.qualified} becomes {op.column.type}"
    remedy = f"Correct these rows first, or fill a column of the new type beside {op.name} and look at it."
    for what, columns, question, end in _met(op, now, table, live, rows):
        suspicion = found("type-change-breaks-constraint", op, questions_rows.severity(now), "fails",
                          f"{becomes}; it fails if a value, as it becomes, breaks {what}.", remedy)  # fmt: skip
        yield asking(suspicion, question, now, bad=f"{becomes}, and {{count}} {end}.", columns=columns)


def _becomes_other(op: Operation, now: Situation, table: Table, live: Column) -> bool:
    """Two values that differ may be the same afterwards, or another one."""
    told = examine(op, now, table, live)
    if told.impossible or told.unknown:
        return False
    if told.loses is not None or op.option("postgresql_using"):
        return True
    written = op.column.type if op.column is not None else ""
    old, new = kind(live.type, now.dialect).family, kind(written, now.dialect).family
    return told.fails is not None and old == "text" != new


def _met(
    op: Operation, now: Situation, table: Table, live: Column, rows: Any
) -> Iterator[tuple[str, tuple[str, ...], Question, str]]:
    """Of each constraint with the column: its name, its columns, the question, and what is so of the rows."""
    dialect = now.dialect
    for name, columns, where, collides in _unique(table):
        if live.name in columns:
            question = questions_rows.duplicates(
                table, rows, [rows.c[each] for each in columns], columns, dialect, where=where, nulls_collide=collides
            )
            yield name, columns, question, f"of rows become equal in {name}"
    for text, validated in now.checks(op.schema, op.table):
        touched = tuple(columns_in(text, dialect) or ())
        if validated and live.name in touched:
            condition = sa.not_(sa.literal_column(f"({text})", sa.Boolean()))
            question = rows_where("check", dialect, table, rows, condition, list(touched), if_bad="will fail")
            yield f"CHECK ({text})", touched, question, f"break CHECK ({text}) then"
    yield from _keys(op, now, table, live, rows)


def _keys(
    op: Operation, now: Situation, table: Table, live: Column, rows: Any
) -> Iterator[tuple[str, tuple[str, ...], Question, str]]:
    """The foreign keys from the column and to it; MariaDB lets no type be changed under one, and says so elsewhere."""
    checked = now.dialect == "postgresql" or now.setting("foreign_keys").lower() in {"1", "on"}
    if now.is_mysql or not checked:
        return
    for key in table.foreign_keys:
        parent = now.table(key.referred_schema or "", key.referred_table)
        if live.name in key.columns and parent is not None and parent is not table and key.referred_columns:
            question = questions_rows.orphans(
                table, key.columns, parent, key.referred_columns, now.dialect, "will fail", rows=rows
            )
            yield f"FOREIGN KEY ({', '.join(key.columns)})", key.columns, question, f"lead to no row of {parent.name}"
    for child, name in now.children(op.schema, op.table) if now.dialect == "postgresql" else ():
        key = next(each for each in child.foreign_keys if each.name == name)
        if live.name in key.referred_columns:
            question = questions_rows.orphans(
                child, key.columns, table, key.referred_columns, now.dialect, "will fail", parents=rows
            )
            yield f"the foreign key {name} of {child.name}", (), question, f"of {child.name} lead to no row any more"


def _unique(table: Table) -> Iterator[tuple[str, tuple[str, ...], str, bool]]:
    """The unique keys over whole columns: what they are called, columns, condition, and whether NULLs collide."""
    names = {each.name for each in table.columns}
    for each in table.constraints:
        if each.kind in {"primary key", "unique"} and each.columns:
            what = "the primary key" if each.kind == "primary key" else f"UNIQUE ({', '.join(each.columns)})"
            yield what, each.columns, "", "NULLS NOT DISTINCT" in each.definition
    for index in table.indexes:
        if index.unique and index.is_valid and set(index.expressions) <= names:
            collides = "NULLS NOT DISTINCT" in index.definition
            yield f"the unique index {index.name}", index.expressions, index.where or "", collides

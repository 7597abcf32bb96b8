"""Rules about keys that rows do not meet: what is there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.pg_types import functions
from workbench.hazards.question import source
from workbench.hazards.rewrites_pg import using_index
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.rules.data import columns_in
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation

_STABLE = {"now", "current_timestamp", "localtimestamp", "current_date", "statement_timestamp"}
_PREFIX = re.compile(r"^[`\"]?(\w+)[`\"]?\s*\(\s*(\d+)\s*\)$")


@rule("add-unique", "L11", on=("create_unique_constraint", "create_primary_key", "create_index", "add_column"))
def add_unique(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A unique constraint, a unique index or a primary key is added; it fails while two rows are equal there.

    **Why.** What is equal the database decides: MariaDB's usual collations take 'Foo', 'foo' and 'foo ' for the same,
    PostgreSQL and SQLite do not. NULLs never collide, except with PostgreSQL's NULLS NOT DISTINCT; a primary key
    allows none. A failed CREATE UNIQUE INDEX CONCURRENTLY leaves an invalid index behind.

    **Example.** `op.create_unique_constraint("uq_customer_email", "customer", ["email"])`

    **What to do.** Merge or correct the duplicates first, in a revision of its own. On PostgreSQL build the index
    concurrently and add the constraint `USING INDEX`.
    """
    if op.kind == "add_column":
        yield from _unique_new_column(op, now)
        return
    if not (op.unique or op.kind == "create_primary_key") or op.option("using_index"):
        return
    what = {"create_primary_key": "a primary key", "create_index": "a unique index"}.get(op.kind, "UNIQUE")
    over = ", ".join(op.on)
    suspicion = found(
        "add-unique",
        op,
        questions_rows.severity(now),
        "fails",
        f"{op.table} gets {what} over {over}; it fails if two rows are equal there.",
        f"Merge or correct the rows that are equal in {over} first, in a revision before this one.",
        rewrite=using_index(op) if now.dialect == "postgresql" else None,
    )
    table = now.of(op)
    if op.kind == "create_primary_key" and table is not None:
        yield from _second_key(op, now, table)
    collides = op.option("postgresql_nulls_not_distinct").lower() == "true"
    keyed = _key(op, now) if table is not None else None
    if keyed is None or table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    rows, expressions, names, columns = keyed
    if not collides and _is_unique_already(table, columns, op, now):
        return
    touched = tuple(columns_in(op.where, now.dialect) or ()) if op.where else ()
    yield asking(
        suspicion,
        questions_rows.duplicates(table, rows, expressions, names, now.dialect, where=op.where, nulls_collide=collides),
        now,
        bad=f"{op.table} gets {what} over {over}, and {{count}} of rows are equal there.",
        clean=f"{op.table} gets {what} over {over}; no two rows are equal there.",
        columns=(*columns, *touched),
    )
    if op.kind == "create_primary_key":
        yield from _key_without_nulls(op, now, table, columns)


def _key(op: Operation, now: Situation) -> tuple[Any, list[Any], list[str], list[str]] | None:
    """The rows, what has to be unique, its names, and the columns in it; None if it cannot be asked."""
    table = now.of(op)
    if table is None or not op.on:
        return None
    rows = source(table)
    expressions: list[Any] = []
    names: list[str] = []
    columns: list[str] = []
    lengths = _lengths(op)
    for number, each in enumerate(op.on, 1):
        live = now.live_column(op.schema, op.table, each)
        prefix = _PREFIX.match(each) if now.is_mysql else None
        if live is not None:
            column = rows.c[live.name]
            length = lengths.get(each)
            made = sa.func.left(column, sa.literal(length)) if length else _collated(column, live, op, now)
            expressions.append(made)
            names.append(live.name)
            columns.append(each)
        elif prefix and (live := now.live_column(op.schema, op.table, prefix[1])) is not None:
            expressions.append(sa.func.left(rows.c[live.name], sa.literal(int(prefix[2]))))
            names.append(live.name)
            columns.append(live.name)
        else:
            inside = columns_in(each, now.dialect)
            if not inside or not op.on_expressions or not _all_live(inside, op, now):
                return None
            expressions.append(sa.literal_column(f"({each})"))
            names.append(f"expression {number}")
            columns += inside
    return rows, expressions, names, columns


def _all_live(names: Sequence[str], op: Operation, now: Situation) -> bool:
    live = questions_rows.live_columns(op, now, names)
    return live is not None and all(
        one.name.casefold() == each.casefold() for one, each in zip(live, names, strict=True)
    )


def _collated(column: Any, live: Column, op: Operation, now: Situation) -> Any:
    # A batch on SQLite makes the table anew, and its columns lose their COLLATE.
    if now.dialect == "sqlite" and op.recreates and live.collation:
        return column.collate("BINARY")
    return column


def _lengths(op: Operation) -> dict[str, int]:
    told = op.option("mysql_length") or op.option("mariadb_length")
    if told.isdigit():
        return dict.fromkeys(op.on, int(told))
    return {name: int(length) for name, length in re.findall(r"'(\w+)': (\d+)", told)}


def _is_unique_already(table: Table, columns: Sequence[str], op: Operation, now: Situation) -> bool:
    """Some of these columns are unique as they are, so that all together are."""
    if op.on_expressions or now.changed_by(op.schema, op.table, columns):
        return False
    live = questions_rows.live_columns(op, now, columns)
    if live is None:
        return False
    names = {each.name for each in live}
    kept = [set(each.columns) for each in table.constraints if each.kind in {"primary key", "unique"} and each.columns]
    kept += [
        set(each.expressions) for each in table.indexes
        if each.unique and each.is_valid and not each.where and not now.is_mysql
    ]  # fmt: skip
    return any(each <= names for each in kept)


def _second_key(op: Operation, now: Situation, table: Table) -> Iterator[Suspicion]:
    at = now.course.place(op.schema, op.table, "")[:2]
    if table.primary_key and not op.batch and at not in now.course.keyless and now.dialect != "sqlite":
        yield found(
            "add-unique",
            op,
            "error",
            "fails",
            f"{op.table} gets a primary key, and has one: {', '.join(table.primary_key)}.",
            "Drop the present primary key first.",
        )


def _key_without_nulls(op: Operation, now: Situation, table: Table, columns: Sequence[str]) -> Iterator[Suspicion]:
    live = questions_rows.live_columns(op, now, columns)
    nullable = [each.name for each in live or () if each.nullable]
    filled = [each for each in nullable if now.course.place(op.schema, op.table, each) not in now.course.filled]
    if not filled:
        return
    loses = now.is_mysql and not now.strict
    yield asking(
        found(
            "add-unique",
            op,
            questions_rows.severity(now),
            "loses-data" if loses else "fails",
            f"{op.table} gets a primary key over {', '.join(op.on)}; NULL is not allowed there.",
            "Fill these rows first, in a revision before this one.",
        ),
        questions_rows.nulls(table, filled, now.dialect, "will lose data" if loses else "will fail"),
        now,
        bad=f"{op.table} gets a primary key over {', '.join(op.on)}, and {{count}} have NULL there.",
        columns=tuple(columns),
    )


def _unique_new_column(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A new unique column whose default is the same in every row."""
    spec = op.column
    if spec is None or not (spec.unique or spec.primary_key) or spec.autoincrement or spec.identity:
        return
    default = (spec.default or "").strip()
    same = default if default and default.upper() != "NULL" else "0 or ''" if now.is_mysql and not spec.nullable else ""
    if not same or (called := set(functions(default))) - _STABLE - {"nextval"}:
        return
    if "nextval" in called:
        return
    table = now.of(op)
    suspicion = found(
        "add-unique",
        op,
        questions_rows.severity(now),
        "fails",
        f"{op.qualified} is added as unique with the value {same} for every row; it fails if there are two.",
        "Add it without a default, fill it with different values, and make it unique afterwards.",
    )
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    yield asking(
        suspicion,
        questions_rows.any_row(table, now.dialect, "will fail", beyond=1),
        now,
        bad=f"{op.qualified} is added as unique, and every row gets the same value: {same}.",
    )

"""Rules about rows that a new condition meets: NOT NULL, a required column, a CHECK."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards import questions_rows
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.pg_types import proves_not_null
from workbench.hazards.question import quoted, rows_where, source
from workbench.hazards.reading.names import SQLGLOT
from workbench.hazards.rewrites_pg import proved_not_null
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.operations import Operation


@rule("set-not-null", "L10", on=("alter_column",))
def set_not_null(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column becomes NOT NULL; it fails while a row has NULL there.

    **Why.** PostgreSQL (23502), MariaDB in strict mode (1265) and SQLite refuse; MariaDB without strict mode writes
    0 or '' into those rows instead. Running code that still writes NULL breaks.

    **Example.** `op.alter_column("customer", "email", nullable=False)`

    **What to do.** Fill the rows first, in batches, in a revision of its own; on PostgreSQL add
    `CHECK (email IS NOT NULL) NOT VALID`, fill, `VALIDATE`, then SET NOT NULL, which then needs no scan.
    """
    if op.column is None or "nullable" not in op.sets or op.column.nullable is not False:
        return
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if live is not None and not live.nullable:
        return
    loses = now.is_mysql and not now.strict
    suspicion = found(
        "set-not-null",
        op,
        questions_rows.severity(now),
        "loses-data" if loses else "fails",
        f"{op.qualified} becomes NOT NULL; a row that has NULL there "
        + ("gets 0 or '' instead: the server is not strict." if loses else "makes it fail."),
        f"Fill the rows that have NULL in {op.name} first, in a revision before this one.",
        rewrite=proved_not_null(op, now) if now.dialect == "postgresql" else None,
    )
    if now.course.place(op.schema, op.table, op.name) in now.course.filled:
        message = f"{op.qualified} becomes NOT NULL; an UPDATE of these revisions fills the rows that have NULL there."
        yield replace(suspicion, finding=replace(suspicion.finding, severity="info", outcome="advice", message=message))
        return
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if live is None:
        yield from _new_column_not_null(op, now, suspicion, table)
        return
    if now.dialect == "postgresql" and any(
        validated and proves_not_null(text, op.name) for text, validated in now.checks(op.schema, op.table)
    ):
        return
    end = "; the server is not strict, so they get 0 or ''" if loses else ""
    yield asking(
        suspicion,
        questions_rows.nulls(table, [live.name], now.dialect, "will lose data" if loses else "will fail"),
        now,
        bad=f"{op.qualified} becomes NOT NULL, and {{count}} have NULL there{end}.",
        clean=f"{op.qualified} becomes NOT NULL; no row has NULL there.",
        columns=(op.name,),
    )


def _new_column_not_null(op: Operation, now: Situation, suspicion: Suspicion, table: Table) -> Iterator[Suspicion]:
    """A column that a pending revision adds: every row has its default there, or NULL."""
    added = now.course.added.get(now.course.place(op.schema, op.table, op.name))
    if added is None or added.computed is not None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if added.default is not None or added.identity or added.autoincrement or added.nullable is False:
        return
    lost = suspicion.finding.outcome == "loses-data"
    yield asking(
        suspicion,
        questions_rows.any_row(table, now.dialect, "will lose data" if lost else "will fail"),
        now,
        bad=f"{op.qualified} becomes NOT NULL, and nothing has filled it since it was added.",
        clean=f"{op.qualified} becomes NOT NULL; the table has no row.",
    )


@rule("add-required-column", "L09", on=("add_column",))
def add_required_column(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is added that is NOT NULL and has no server default; it fails as soon as the table has a row.

    **Why.** PostgreSQL (23502) and SQLite have nothing to put into the rows that are there. A Python-side `default=`
    does not help: DDL does not know of it. MariaDB and MySQL put 0 or '' into them (see `mysql-implicit-default`).
    Even on an empty table running code fails: its INSERTs leave the column out.

    **Example.** `op.add_column("t", sa.Column("active", sa.Boolean(), nullable=False, default=True))`

    **What to do.** Give it a `server_default`, which is cheap; or add it nullable, let the code write it, fill the
    rows in batches, and set NOT NULL in a later revision.
    """
    spec = op.column
    if spec is None or spec.nullable is not False or spec.computed is not None:
        return
    if spec.identity or spec.autoincrement or (spec.default is not None and spec.default.strip().upper() != "NULL"):
        return
    note = " Its Python-side default is unknown to the database." if spec.client_default else ""
    remedy = "Give it a server_default, or add it nullable, fill it, and set NOT NULL in a later revision."
    breaks = f"{op.qualified} is added NOT NULL without a server default"
    if now.is_mysql:
        yield found(
            "add-required-column",
            op,
            "warning",
            "breaks-code",
            f"{breaks}: a strict server refuses the INSERTs of running code, which leave it out.{note}",
            remedy,
        )
        return
    table = now.of(op)
    suspicion = found(
        "add-required-column",
        op,
        questions_rows.severity(now),
        "fails",
        f"{breaks}; it fails if the table has a row.{note}",
        remedy,
    )
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    yield asking(
        suspicion,
        questions_rows.any_row(table, now.dialect, "will fail"),
        now,
        bad=f"{breaks}, and the table has {{count}}.{note}",
        clean=f"{breaks}: INSERTs of running code, which leave it out, fail from then on.{note}",
        clean_severity="warning",
        clean_outcome="breaks-code",
    )


@rule("add-check", "L13", on=("create_check_constraint", "alter_column", "add_column"))
def add_check(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A CHECK is added; it fails while a row makes it false.

    **Why.** PostgreSQL (23514), MariaDB (4025) and SQLite look at every row. A row for which the condition is NULL
    passes. MySQL before 8.0.16 reads a CHECK and forgets it.

    **Example.** `op.create_check_constraint("ck_price", "item", "price > 0")`

    **What to do.** Correct the rows first. On PostgreSQL add it `NOT VALID`, correct them, and `VALIDATE` it in
    another transaction: then writes go on meanwhile.
    """
    if op.kind == "add_column":
        yield from _checks_of_column(op, now)
        return
    if op.kind == "alter_column":  # sa.Boolean(create_constraint=True)
        spec = op.column
        if spec is None or not spec.boolean_checked:
            return
        name = now.live_column(op.schema, op.table, op.name)
        expression = f"{quoted(name.name if name else op.name, now.dialect)} IN (0, 1)"
    else:
        expression = op.expression
    if not expression or op.not_valid or (now.dialect == "mysql" and not now.at_least(8, 0, 16)):
        return
    label = f"The CHECK {op.name}" if op.name and op.kind != "alter_column" else "A CHECK"
    suspicion = found(
        "add-check",
        op,
        questions_rows.severity(now),
        "fails",
        f"{label} is added to {op.table}; it fails if a row does not meet it: {expression}",
        "Correct these rows first, in a revision before this one.",
    )
    table = now.of(op)
    names = columns_in(expression, now.dialect)
    live = None if names is None else [now.live_column(op.schema, op.table, each) for each in names]
    if table is None or names is None or live is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if any(one is None or one.name.casefold() != each.casefold() for one, each in zip(live, names, strict=True)):
        yield questions_rows.undecided(
            suspicion, now, (op.schema, op.table)
        )  # a column that is added or renamed before
        return
    rows = source(table)
    broken = sa.not_(sa.literal_column(f"({expression})", sa.Boolean()))
    shown = [each.name for each in live if each is not None]
    yield asking(
        suspicion,
        rows_where("check", now.dialect, table, rows, broken, shown or [table.columns[0].name], if_bad="will fail"),
        now,
        bad=f"{label} is added to {op.table}, and {{count}} do not meet it: {expression}",
        clean=f"{label} is added to {op.table}; every row meets it.",
        columns=tuple(names),
    )


def _checks_of_column(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A CHECK beside a new column, which rows meet with its default. MariaDB does not look (run); SQLite: see there."""
    spec, table = op.column, now.of(op)
    if spec is None or spec.default is None or now.dialect != "postgresql":
        return
    for check in spec.checks:
        suspicion = found(
            "add-check", op, questions_rows.severity(now), "fails",
            f"{op.qualified} is added with a CHECK; it fails if a row does not meet it with the default: {check}",
            "Give it a default that meets the CHECK.",
        )  # fmt: skip
        if table is None or "(" in spec.default:  # what a function gives is another value for each row
            yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
            continue
        yield asking(
            suspicion, questions_rows.broken_by_default(table, spec, check, now.dialect), now,
            bad=f"{op.qualified} is added with CHECK ({check}), and with its default {{count}} do not meet it.",
        )  # fmt: skip


def columns_in(expression: str, dialect: str) -> list[str] | None:
    """The names of the columns in an expression, each once; None if it cannot be parsed."""
    try:
        told = sqlglot.parse_one(expression, read=SQLGLOT.get(dialect, dialect))
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
        return None
    return list(dict.fromkeys(each.name for each in told.find_all(exp.Column)))

"""Rules about constraints on PostgreSQL: what waits while they are proved, and what NOT VALID does not save from."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import pg_locks
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.question import rows_where, source
from workbench.hazards.rewrites_pg import not_valid, proved_not_null, using_index
from workbench.hazards.rule import PG, Suspicion, asking, by_size, found, rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation, Reference


@rule(
    "pg-constraint-builds-index",
    "L19",
    dialects=PG,
    on=("create_unique_constraint", "create_primary_key", "create_exclude_constraint", "add_column"),
)
def constraint_builds_index(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A constraint is added whose index is built there and then: nobody can read or write the table meanwhile.

    **Why.** ADD UNIQUE, PRIMARY KEY and EXCLUDE take ACCESS EXCLUSIVE while the index is built (run). A primary key on
    a column that may be NULL reads the table once more.

    **Example.** `op.create_unique_constraint("uq_customer_email", "customer", ["email"])`

    **What to do.** Build the index concurrently, then `ADD CONSTRAINT … UNIQUE USING INDEX …`, which takes a moment.
    There is no such way for EXCLUDE.
    """
    if op.kind == "add_column" and not (op.column and (op.column.unique or op.column.primary_key)):
        return
    if op.option("using_index") or op.recreates:
        return
    kind = {"create_primary_key": "The primary key", "create_exclude_constraint": "The exclusion constraint"}.get(
        op.kind, "The unique constraint"
    )
    yield found(
        "pg-constraint-builds-index",
        op,
        by_size(now, op.schema, op.table),
        "blocks",
        f"{kind} {op.name} on {op.table} builds its index at once: reads and writes wait until it is built.",
        "" if op.kind == "create_exclude_constraint"
        else "Build the index CONCURRENTLY first, and add the constraint USING INDEX.",
        rewrite=using_index(op),
    )  # fmt: skip


@rule(
    "pg-constraint-validates-under-lock",
    "L20",
    dialects=PG,
    on=("create_foreign_key", "create_check_constraint", "add_column"),
)
def validates_under_lock(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A foreign key or CHECK is proved for all rows while it is added, and others wait for that.

    **Why.** A CHECK is proved under ACCESS EXCLUSIVE, a foreign key under SHARE ROW EXCLUSIVE on both tables: writes
    to both wait. `op.add_column` with a ForeignKey adds the key after the column and reads all rows, too. (Run.)

    **Example.** `op.create_foreign_key("fk", "orders", "customer", ["customer_id"], ["id"])`

    **What to do.** Add it NOT VALID, and VALIDATE it in another transaction, which lets others read and write.
    """
    if op.kind == "add_column":
        if op.column is None or not op.column.references or op.inline_references:
            return
        yield _validating(op, now, op.column.references[0])
    elif not op.not_valid and not op.expression.upper().endswith("NOT ENFORCED"):
        live = now.of(op)
        partitioned = live is not None and live.kind == "partitioned table" and op.kind == "create_foreign_key"
        if partitioned and not now.at_least(18):
            return  # NOT VALID is refused there
        yield _validating(op, now, None)


def _validating(op: Operation, now: Situation, reference: Reference | None) -> Suspicion:
    tables = [op.table]
    if op.kind == "create_foreign_key" or reference is not None:
        tables.append(reference.table if reference is not None else op.referred_table)
    waits = "reads and writes wait" if op.kind == "create_check_constraint" else "writes wait"
    what = "The CHECK" if op.kind == "create_check_constraint" else "The foreign key"
    name = "of " + op.name if op.kind == "add_column" else op.name
    return found(
        "pg-constraint-validates-under-lock",
        op,
        by_size(now, op.schema, op.table),
        "blocks",
        f"{what} {name} on {' to '.join(tables)} is proved for all rows while it is added: {waits} until then.",
        "Add it NOT VALID, and validate it in another transaction."
        if op.kind != "add_column"
        else "Say inline_references=True (Alembic 1.18.2 or newer): a new column needs no proof.",
        rewrite=not_valid(op),
    )


@rule("pg-not-valid-with-bad-rows", "L22", dialects=PG, on=("create_check_constraint",))
def not_valid_with_bad_rows(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A CHECK is added NOT VALID over rows that break it: every UPDATE of one of them fails from then on.

    **Why.** NOT VALID leaves old rows alone only until they are touched: an UPDATE of another column of such a row
    fails at once (23514, run). Foreign keys are otherwise: an UPDATE that leaves the key as it is passes.

    **Example.** `op.create_check_constraint("ck", "orders", "amount > 0", postgresql_not_valid=True)`

    **What to do.** Correct the rows first, or add the constraint after the revision that corrects them.
    """
    if not op.not_valid or not op.expression:
        return
    suspicion = found(
        "pg-not-valid-with-bad-rows",
        op,
        "warning",
        "breaks-code",
        f"The CHECK {op.name} on {op.table} is not proved for old rows: an UPDATE of one that breaks it will fail.",
        "Correct such rows first.",
    )
    table = now.of(op)
    if table is None:
        yield asking(suspicion, None, now, bad="…")
        return
    rows = source(table)
    names = [each.name for each in table.columns if each.name in _columns(op.expression)]
    question = rows_where(
        "check", now.dialect, table, rows,
        sa.literal_column(f"(NOT ({op.expression}))", sa.Boolean()), names, if_bad="will break code",
    )  # fmt: skip
    yield asking(
        suspicion, question, now,
        bad=f"The CHECK {op.name} is added to {op.table} over {{count}} that break it: every UPDATE of them will fail.",
        columns=tuple(names),
    )  # fmt: skip


def _columns(expression: str) -> set[str]:
    try:
        told = sqlglot.parse_one(expression, read="postgres")
    except sqlglot.errors.SqlglotError:
        return set()
    return {each.name for each in told.find_all(exp.Column)}


@rule("pg-set-not-null-scan", "L23", dialects=PG, on=("alter_column",))
def set_not_null_scan(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column becomes NOT NULL, and all rows are read for that while nobody can use the table.

    **Why.** SET NOT NULL reads the table under ACCESS EXCLUSIVE. From PostgreSQL 12 on it does not, if a validated
    CHECK says `a IS NOT NULL`, alone or joined by AND; `CHECK (a > 0)` and one that is NOT VALID do not count. (Run.)

    **Example.** `op.alter_column("customer", "email", nullable=False)`

    **What to do.** Add `CHECK (email IS NOT NULL) NOT VALID`, fill the rows, VALIDATE, then SET NOT NULL, and drop the
    CHECK.
    """
    if op.column is None or "nullable" not in op.sets or op.column.nullable is not False:
        return
    if op.recreates or not pg_locks.scans_for_null(op, now):
        return
    severity = by_size(now, op.schema, op.table)
    yield found(
        "pg-set-not-null-scan",
        op,
        "warning" if severity == "error" else severity,
        "blocks",
        f"{op.qualified} becomes NOT NULL: all rows are read, and reads and writes wait until then.",
        "Prove it with a CHECK that is added NOT VALID and validated first.",
        rewrite=proved_not_null(op, now),
    )

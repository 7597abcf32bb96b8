"""Rules about rows that a migration writes: what waits for them, and what they are in the way of."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import pg_levels, pg_locks
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.question import Question, rows_where, source
from workbench.hazards.rewrites import execute
from workbench.hazards.rule import PG, StepView, Suspicion, asking, by_size, found, step_rule
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_ROWS = {"insert", "update", "delete", "bulk_insert"}
_STRONG = (pg_levels.SHARE, pg_levels.SHARE_ROW_EXCLUSIVE, pg_levels.EXCLUSIVE, pg_levels.ACCESS_EXCLUSIVE)


@step_rule("backfill-with-ddl", "L31", dialects=PG)
def backfill_with_ddl(step: StepView, now: Situation) -> Iterator[Suspicion]:  # noqa: C901 - one thing after the other
    """Rows are changed in the transaction that also alters their table.

    **Why.** After the ALTER its lock is kept while all rows are written. Before it, an UPDATE on a table with a
    deferred foreign key makes the ALTER fail: "cannot ALTER TABLE … because it has pending trigger events" (55006,
    run).

    **Example.** `op.add_column(…)`, `op.execute("UPDATE orders SET …")`, `op.alter_column(…, nullable=False)`

    **What to do.** Three revisions: expand, fill in batches (each with a transaction of its own), contract.
    """
    altered: dict[tuple[str, str], Operation] = {}
    written: dict[tuple[str, str], list[Operation]] = {}
    told: set[tuple[str, str]] = set()
    made: set[tuple[str, str]] = set()
    immediate = False  # what is checked at once is not pending
    for op in step.operations:
        key = (op.schema, op.table)
        if op.kind in {"autocommit", "autocommit_end"}:
            altered.clear()
            written.clear()
        elif op.kind == "create_table":
            made.add(key)
        elif op.kind == "set" and op.name.startswith("constraints"):
            immediate = "IMMEDIATE" in op.expression.upper()
        elif key in made or now.is_new(*key):
            continue
        elif op.kind in _ROWS:
            if op.autocommit:
                continue
            written.setdefault(key, []).append(op)
            if key in altered and key not in told:
                told.add(key)
                yield found(
                    "backfill-with-ddl", op, "info" if by_size(now, *key) == "info" else "warning", "blocks",
                    f"{op.table} was altered in this transaction: its lock is kept while rows of it are written.",
                    "Fill it in a revision of its own, in batches.",
                )  # fmt: skip
        elif any(each.level in _STRONG and each.named for each in pg_locks.holds(op, now)):
            if key in written:
                suspected = list(_pending_events(op, written.pop(key) if not immediate else [], now))
                # What is certain to fail is said although its table has been told of.
                yield from (each for each in suspected if key not in told or each.finding.outcome == "fails")
                told.add(key)
            altered.setdefault(key, op)


def _pending_events(op: Operation, writes: list[Operation], now: Situation) -> Iterator[Suspicion]:
    live = now.of(op)
    deferred = [key for key in live.foreign_keys if "INITIALLY DEFERRED" in key.definition] if live else []
    if live is None or not writes or not deferred or op.kind == "create_index":
        yield found(
            "backfill-with-ddl", op, "info", "blocks",
            f"Rows of {op.table} are written in the transaction that alters it: the ALTER waits for everybody who "
            "uses the table, and its rows stay locked meanwhile.",
            "Fill it in a revision of its own, in batches.",
        )  # fmt: skip
        return
    for write in writes:
        columns = {name for key in deferred for name in key.columns}
        if write.kind == "delete" or (write.kind == "update" and write.on and not columns & set(write.on)):
            continue
        suspicion = found(
            "backfill-with-ddl", op, "error", "fails",
            f"{op.table} is altered after rows of it were written, and its foreign key {deferred[0].name} is checked "
            "at the end of the transaction: the ALTER fails if a row was changed.",
            "Put the UPDATE into a revision of its own, or begin with op.execute('SET CONSTRAINTS ALL IMMEDIATE').",
            rewrite=Rewrite(execute("SET CONSTRAINTS ALL IMMEDIATE"), around=True),
        )  # fmt: skip
        yield asking(
            suspicion,
            _changed(live, write, columns),
            now,
            bad=f"{op.table} is altered after the UPDATE has changed {{count}} of it, and its foreign key "
            f"{deferred[0].name} is checked at the end of the transaction: the ALTER fails.",
            columns=tuple(columns),
        )
        return


def _changed(live: Table, write: Operation, columns: set[str]) -> Question | None:
    """The rows to which an UPDATE gives another key; None for what cannot be asked."""
    if write.kind != "update" or len(write.sql) != 1:
        return None
    try:
        told = sqlglot.parse_one(write.sql[0], read="postgres")
    except sqlglot.errors.SqlglotError:
        return None
    if not isinstance(told, exp.Update) or told.args.get("from_") or told.args.get("from"):
        return None
    # A key that becomes NULL, or stays as it was, is not checked.
    changes = [
        f"(({each.expression.sql(dialect='postgres')}) IS NOT NULL "
        f"AND ({each.expression.sql(dialect='postgres')}) IS DISTINCT FROM {each.this.sql(dialect='postgres')})"
        for each in told.expressions
        if isinstance(each, exp.EQ) and isinstance(each.this, exp.Column) and each.this.name in columns
    ]
    if not changes:
        return None
    condition = " OR ".join(changes)
    where = told.args.get("where")
    if where is not None:
        condition = f"({where.this.sql(dialect='postgres')}) AND ({condition})"
    rows = source(live)
    return rows_where(
        "rows", "postgresql", live, rows, sa.literal_column(f"({condition})", sa.Boolean()), sorted(columns),
        if_bad="will fail",
    )  # fmt: skip


@step_rule("dml-not-batched", "L32")
def dml_not_batched(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """One statement writes very many rows.

    **Why.** All of them stay locked until the commit, the log grows by all of them, and a replica is behind for as
    long as it took.

    **Example.** `op.execute("UPDATE orders SET state = 'new' WHERE state IS NULL")`

    **What to do.** Write them in batches by ranges of the key, in an `autocommit_block()` or outside the migration.
    """
    for op in step.operations:
        from_rows = op.kind == "insert" and op.expression == "select"
        if op.kind not in {"update", "delete"} and not from_rows:
            continue
        size = now.size(op.schema, op.table)
        if from_rows or size in {"empty", "small", "unknown"}:
            continue  # how many rows a SELECT gives is not known
        told = now.measure(op.schema, op.table)
        count = f"{told.rows:,} rows" if told is not None and told.rows else "very many rows"
        does = {"update": "updates", "delete": "deletes from"}[op.kind]
        yield found(
            "dml-not-batched", op, "warning" if size == "large" else "info", "blocks",
            f"One statement {does} {op.table} with its {count}"
            + (", as far as its WHERE finds them." if op.expression else ".")
            + " They stay locked until the commit.",
            "Write them in batches by ranges of the key, each with a commit of its own.",
        )  # fmt: skip

"""Rules about indexes on PostgreSQL: what waits while one is built, and what a failed build leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import pg_levels, pg_locks, pg_tables
from workbench.hazards.rewrites_pg import concurrently, outside
from workbench.hazards.rule import ALL, PG, Suspicion, by_size, found, rule
from workbench.hazards.situation import Situation
from workbench.results.objects import Index
from workbench.results.operations import Operation


@rule("pg-index-not-concurrent", "L15", dialects=PG, on=("create_index", "drop_index", "reindex", "add_column"))
def index_not_concurrent(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """An index is built or dropped, and others wait until that is done.

    **Why.** CREATE INDEX takes a SHARE lock for the whole build: reads go on, writes wait. DROP INDEX takes ACCESS
    EXCLUSIVE: reads wait, too, until the transaction ends. (Run on 15, 16, 18.)

    **Example.** `op.create_index("ix_orders_created", "orders", ["created"])`

    **What to do.** Build it CONCURRENTLY inside an `autocommit_block()`, alone in a revision of its own.
    """
    if op.concurrently or (op.kind == "add_column" and not (op.column and op.column.index and not op.column.unique)):
        return
    table = op.table or pg_tables.table_of_index(op.schema, op.name, now)
    if not table or now.is_new(op.schema, table):
        return
    locks = [each for each in pg_locks.holds(op, now) if each.named]
    if not locks:
        return
    name = op.name if op.kind != "add_column" else f"of {op.name}"
    drops = op.kind == "drop_index"
    waits = "reads and writes" if locks[0].level == pg_levels.ACCESS_EXCLUSIVE else "writes"
    does = "dropped" if drops else "built"
    yield found(
        "pg-index-not-concurrent",
        op,
        "info" if drops and by_size(now, op.schema, table) == "info" else "warning" if drops
        else by_size(now, op.schema, table),
        "blocks",
        f"The index {name or 'without a name'} on {table} is {does} with a lock: {waits} wait until it is.",
        f"{'Drop' if drops else 'Build'} it CONCURRENTLY inside an autocommit_block(), in a revision of its own.",
        rewrite=concurrently(op, table, now),
        object=f"{op.schema}.{table}" if op.schema else table,
    )  # fmt: skip


@rule(
    "pg-concurrently-in-transaction",
    "L16",
    dialects=PG,
    on=("create_index", "drop_index", "reindex", "vacuum", "detach_partition"),
    on_new_tables=True,
    on_downgrades=True,
)
def concurrently_in_transaction(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """Something runs CONCURRENTLY, or VACUUM does, inside the transaction of the migration: PostgreSQL refuses.

    **Why.** "CREATE INDEX CONCURRENTLY cannot run inside a transaction block" (25001, run). On a partitioned table it
    is refused in any case (0A000, run on 15 and 18).

    **Example.** `op.create_index("ix", "t", ["a"], postgresql_concurrently=True)`

    **What to do.** Put it into `with op.get_context().autocommit_block():`. On a partitioned table build the index
    on each partition concurrently, and attach them to one made `ON ONLY` the parent.
    """
    if op.kind != "vacuum" and not op.concurrently:
        return
    live = now.of(op)
    if op.kind == "create_index" and live is not None and live.kind == "partitioned table":
        yield found(
            "pg-concurrently-in-transaction", op, "error", "fails",
            f"{op.table} is a partitioned table: an index on it cannot be built CONCURRENTLY.",
            "Build it on each partition concurrently, then attach these to an index made ON ONLY the parent.",
        )  # fmt: skip
        return
    if op.autocommit:
        return
    words = {"create_index": "CREATE INDEX CONCURRENTLY", "drop_index": "DROP INDEX CONCURRENTLY",
             "reindex": "REINDEX CONCURRENTLY", "vacuum": "VACUUM",
             "detach_partition": "DETACH PARTITION CONCURRENTLY"}[op.kind]  # fmt: skip
    code = op.sql[0] if op.source == "sql" and op.sql else ""
    yield found(
        "pg-concurrently-in-transaction",
        op,
        "error",
        "fails",
        f"{words} of {op.name or op.table or 'all tables'} runs inside the migration's transaction: "
        "PostgreSQL refuses that.",
        "Put it into an autocommit_block().",
        rewrite=outside(code) if code
        else concurrently(op, op.table or pg_tables.table_of_index(op.schema, op.name, now), now),
    )  # fmt: skip


@rule(
    "if-not-exists-hides-state",
    "L18",
    dialects=ALL,
    on=("create_index", "create_table", "add_column"),
    on_new_tables=True,
)
def if_not_exists(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """IF NOT EXISTS: what is there under that name already is taken for the right thing.

    **Why.** A failed CREATE INDEX CONCURRENTLY leaves an invalid index with the name; a second try with IF NOT EXISTS
    "succeeds" and leaves it invalid (run). A table or column of that name may be a different one.

    **Example.** `op.create_index("ix", "t", ["a"], if_not_exists=True)`

    **What to do.** Leave the option out, so that a difference shows; drop an invalid index before it is built again.
    """
    if not op.conditional:
        return
    live = now.of(op)
    there, same = _there(op, now), False
    index = there if isinstance(there, Index) else None
    if index is not None:
        same = index.is_valid and index.expressions == op.on and index.unique == op.unique
    if index is not None and not index.is_valid:
        yield found(
            "if-not-exists-hides-state", op, "error", "advice",
            f"There is an invalid index {op.name} on {op.table}: IF NOT EXISTS leaves it as it is, and says nothing.",
            "Drop it first, then create it without the option.",
            rewrite=concurrently(op, op.table, now, again=True),
        )  # fmt: skip
    elif there:
        yield found(
            "if-not-exists-hides-state", op, "info" if same else "warning", "advice",
            f"{op.qualified} is there already, so nothing is done"
            + ("." if same else ", whether or not it is what the revision means."),
            "Compare both: wb.diff().",
        )  # fmt: skip
    else:
        known = now.knows_data and (live is not None or op.kind == "create_table")
        yield found(
            "if-not-exists-hides-state", op, "info" if known else "warning", "advice",
            f"IF NOT EXISTS: something else of the name {op.qualified} would be taken for it without a word.",
            "Leave the option out, so that a difference shows.",
        )  # fmt: skip


def _there(op: Operation, now: Situation) -> object:
    live = now.of(op)
    if live is None:
        return None
    if op.kind == "create_table":
        return live
    if op.kind == "add_column":
        return now.live_column(op.schema, op.table, op.name)
    return next((each for each in live.indexes if each.name.casefold() == op.name.casefold()), None)

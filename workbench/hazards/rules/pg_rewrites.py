"""Rules about what reads or writes a whole table on PostgreSQL while nobody can use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards import pg_levels, pg_locks, pg_tables, pg_types
from workbench.hazards.rewrites import execute, table_of
from workbench.hazards.rewrites_pg import column_in_steps
from workbench.hazards.rule import PG, Suspicion, by_size, found, rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_HEAVY = ("SET LOGGED", "SET UNLOGGED", "SET TABLESPACE", "SET ACCESS METHOD")


@rule("pg-add-column-rewrite", "L24", dialects=PG, on=("add_column",))
def add_column_rewrite(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is added whose value is another one for each row: the whole table is written anew.

    **Why.** A volatile default (`clock_timestamp()`, `random()`, `gen_random_uuid()`, `nextval()`), SERIAL, IDENTITY,
    a stored generated column, a domain with a constraint: table and all indexes are written anew under ACCESS
    EXCLUSIVE. Constants, `now()` and immutable expressions are not (from 11 on). (Run on 15, 16, 18.)

    **Example.** `op.add_column("orders", sa.Column("uid", sa.Uuid, server_default=sa.text("gen_random_uuid()")))`

    **What to do.** Add it nullable without a default, set the default (it counts for new rows only), fill the old rows
    in batches, then make it NOT NULL.
    """
    if op.column is None or op.recreates:
        return
    why = pg_types.why_rewritten(op.column, op, now)
    if not why:
        return
    yield found(
        "pg-add-column-rewrite",
        op,
        by_size(now, op.schema, op.table),
        "blocks",
        f"Adding {op.qualified} writes all of {op.table} anew ({why}): reads and writes wait until then.",
        "Add it without that, set the default for new rows, and fill the old ones in batches.",
        rewrite=column_in_steps(op),
    )


@rule("pg-add-column-scan", "L25", dialects=PG, on=("add_column",))
def add_column_scan(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is added with a CHECK, a key or a unique constraint: the whole table is read while nobody can use it.

    **Why.** `ADD COLUMN … CHECK` reads the table under ACCESS EXCLUSIVE, also where the column is NULL everywhere;
    `REFERENCES` with a default proves the key under it; UNIQUE builds its index under it. (Run.)

    **Example.** `op.add_column("orders", sa.Column("tax", sa.Integer, sa.CheckConstraint("tax >= 0")))`

    **What to do.** Add the plain nullable column; then the CHECK or the key NOT VALID, or the index concurrently.
    """
    if op.column is None or op.recreates or pg_types.why_rewritten(op.column, op, now):
        return
    own = [each for each in pg_locks.holds(op, now) if each.named and each.table == op.table]
    if not own or own[0].work not in {"scan", "index"}:
        return
    if op.column.index and not op.column.unique and not own[0].scans:
        return  # pg-index-not-concurrent tells it
    only_key = bool(op.column.references) and not op.column.checks and not op.inline_references
    if only_key:
        return  # pg-constraint-validates-under-lock tells it
    severity = by_size(now, op.schema, op.table)
    yield found(
        "pg-add-column-scan",
        op,
        "warning" if severity == "error" else severity,
        "blocks",
        f"Adding {op.qualified} reads all of {op.table} ({own[0].why}): reads and writes wait until then.",
        "Add the plain column first, and its constraint NOT VALID or its index CONCURRENTLY after it.",
    )


@rule("pg-type-change-rewrite", "L26", dialects=PG, on=("alter_column",))
def type_change_rewrite(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets another type, and for that the table is written anew, or its indexes are.

    **Why.** ACCESS EXCLUSIVE in any case. Nothing is written anew for a longer varchar, varchar to text, a numeric with
    more digits and the same scale, a timestamp with more digits, and timestamp to timestamptz if the session's
    TimeZone is UTC. A CHECK on the column is proved again, an index on an expression or with a WHERE is built again, a
    foreign key on either side is proved again and locks the other table, too. (Run on 15, 16, 18.)

    **Example.** `op.alter_column("orders", "number", type_=sa.BigInteger())`

    **What to do.** Add a new column, write both, fill it in batches, and let it take the other's place. Where several
    types of a table change, one raw ALTER TABLE with all of them writes it once. ANALYZE it afterwards.
    """
    if "type" not in op.sets or op.recreates:
        return
    if now.of(op) is None and now.knows_data:
        return  # it is not there, or a pending revision makes it
    own, *others = pg_locks.holds(replace(op, sets=("type",)), now)  # NOT NULL has a rule of its own
    if op.existing is not None and not op.existing.type and now.of(op) is None:
        return  # nobody knows what it was
    if not own.work and not any(each.scans for each in others):
        return
    severity = by_size(now, op.schema, op.table)
    what = {"rewrite": "writes all of it anew", "index": "builds indexes anew", "scan": "reads all of it", "": "reads"}
    also = f"; {', '.join(each.table for each in others)} is locked as well" if others else ""
    yield found(
        "pg-type-change-rewrite",
        op,
        "warning" if severity == "error" and own.work != "rewrite" else severity,
        "blocks",
        f"Another type for {op.qualified} {what[own.work]} ({own.why}){also}: reads and writes wait until then.",
        "Add a new column beside it, fill it in batches, and let it take the other's place.",
    )


@rule("pg-heavy-sql", "L27", dialects=PG, on=("vacuum", "cluster", "lock_table", "refresh_view", "alter_table"))
def heavy_sql(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A statement keeps everybody out of a table for as long as it takes.

    **Why.** VACUUM FULL, CLUSTER, SET UNLOGGED, SET TABLESPACE write it anew under ACCESS EXCLUSIVE; LOCK TABLE takes
    that lock unless told otherwise; REFRESH MATERIALIZED VIEW takes it on the view. (Run.)

    **Example.** `op.execute("REFRESH MATERIALIZED VIEW sales")`

    **What to do.** `REFRESH … CONCURRENTLY` (it needs a unique index); for the others pg_repack outside the migration.
    """
    words = " ".join(op.expression.upper().split())
    heavy = {
        "vacuum": words == "FULL",
        "cluster": True,
        "lock_table": True,
        "refresh_view": not op.concurrently,
        "alter_table": words.startswith(_HEAVY) or " SET EXPRESSION AS" in words,
    }[op.kind]
    if not heavy:
        return
    hold = next(iter(pg_locks.holds(op, now)), None)
    table = op.table or op.name
    if hold is None or hold.level not in {pg_levels.ACCESS_EXCLUSIVE, pg_levels.EXCLUSIVE, pg_levels.SHARE,
                                          pg_levels.SHARE_ROW_EXCLUSIVE}:  # fmt: skip
        return
    waits = "reads and writes wait" if hold.level == pg_levels.ACCESS_EXCLUSIVE else "writes wait"
    name = {"vacuum": "VACUUM FULL", "cluster": "CLUSTER", "lock_table": "LOCK TABLE",
            "refresh_view": "REFRESH MATERIALIZED VIEW"}.get(op.kind, words.partition(" (")[0])  # fmt: skip
    severity = by_size(now, op.schema, table)
    refreshed = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {table_of(op.schema, op.name, now.dialect)}"
    yield found(
        "pg-heavy-sql",
        op,
        severity,
        "blocks",
        f"{name} on {table} locks it: {waits} until {'the transaction ends' if not hold.work else 'it is done'}.",
        "Refresh it CONCURRENTLY." if op.kind == "refresh_view" else "Do it outside the migration, at a quiet time.",
        rewrite=Rewrite(execute(refreshed), "") if op.kind == "refresh_view" else None,
    )


@rule(
    "pg-partition-lock",
    "L28",
    dialects=PG,
    on=("create_partition", "attach_partition", "detach_partition", "create_index"),
)
def partition_lock(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A partition is made, attached or detached, or a partitioned table is indexed: others wait for the whole table.

    **Why.** CREATE TABLE … PARTITION OF, DROP and DETACH take ACCESS EXCLUSIVE on the parent. ATTACH lets others read
    and write the parent, but locks the new partition and the DEFAULT one, and reads both (the first not where a
    validated CHECK implies its bound). An index on the parent locks every partition. (Run.)

    **Example.** `op.execute("CREATE TABLE orders_2027 PARTITION OF orders FOR VALUES …")`

    **What to do.** Make the table by itself, with a CHECK like the bound, and ATTACH it. `DETACH … CONCURRENTLY` (14 or
    newer) in an `autocommit_block()`.
    """
    live = now.of(op)
    if op.kind == "create_index" and (live is None or live.kind != "partitioned table"):
        return
    if op.kind == "create_index" and (op.concurrently or op.option("postgresql_only")):
        return
    if op.kind == "detach_partition" and op.concurrently:
        return
    parent = f"{op.schema}.{op.table}" if op.schema else op.table
    parts = pg_tables.partitions(op.schema, op.table, now)
    default = pg_tables.default_partition(op.schema, op.table, now)
    sizes = [by_size(now, op.schema, op.table), *(by_size(now, each.schema or "", each.name) for each in parts)]
    if op.kind == "attach_partition":
        sizes = [by_size(now, op.schema, op.name)]
        if default is not None:
            sizes.append(by_size(now, default.schema or "", default.name))
    severity = "warning" if {"warning", "error"} & set(sizes) else "info"
    told = {
        "create_partition": f"The new partition {op.name} locks {parent}: reads and writes wait until the "
        "transaction ends.",
        "attach_partition": f"Attaching {op.name} to {parent} reads all its rows, and locks it meanwhile.",
        "detach_partition": f"Detaching {op.name} locks {parent}: reads and writes wait until the transaction ends.",
        "create_index": f"The index {op.name} is built on every partition of {parent}: writes wait until all are done.",
    }[op.kind]
    if default is not None and op.kind in {"create_partition", "attach_partition"}:
        told += f" All rows of {default.name} are read as well."
    yield found(
        "pg-partition-lock",
        op,
        severity,  # type: ignore[arg-type]
        "blocks",
        told,
        {
            "create_partition": "Make the table by itself with a CHECK like the bound, and attach it.",
            "attach_partition": "Prove the bound by a validated CHECK first.",
            "detach_partition": "Detach it CONCURRENTLY, in an autocommit_block().",
            "create_index": "Make it ON ONLY the parent, build it on each partition concurrently, and attach these.",
        }[op.kind],
        object=parent,
    )

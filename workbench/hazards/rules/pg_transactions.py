"""Rules about what shares a transaction on PostgreSQL: locks that are kept, changes that are committed in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.hazards import mysql_algorithms, pg_levels, pg_locks
from workbench.hazards.course import ELSEWHERE
from workbench.hazards.pg_levels import Hold
from workbench.hazards.rewrites import execute
from workbench.hazards.rewrites_pg import outside
from workbench.hazards.rule import MYSQL, PG, StepView, Suspicion, by_size, found, step_rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_QUIET = {
    "select", "set", "transaction", "grant", "comment", "autocommit", "autocommit_end", "create_table_comment",
    "drop_table_comment",
}  # fmt: skip
_ROWS = {"insert", "update", "delete", "bulk_insert"}
_STRONG = (pg_levels.SHARE, pg_levels.SHARE_ROW_EXCLUSIVE, pg_levels.EXCLUSIVE, pg_levels.ACCESS_EXCLUSIVE)
_A_DAY = 86_400


@dataclass(frozen=True)
class _Locking:
    """An operation of a step, and what of what is there already it locks so that others wait."""

    op: Operation
    holds: tuple[Hold, ...]


def _locking(step: StepView, now: Situation) -> Iterator[_Locking]:
    """The operations of a step that make others wait, without tables that it makes itself."""
    made: set[tuple[str, str]] = set()
    for op in step.operations:
        if op.kind == "create_table":
            made.add((op.schema, op.table))
        told = tuple(
            each
            for each in pg_locks.holds(op, now)
            if each.level in _STRONG
            and (each.schema, each.table) not in made
            and not now.is_new(each.schema, each.table)
        )
        if told:
            yield _Locking(op, told)


@step_rule("autocommit-block-splits-migration", "L17", dialects=PG)
def autocommit_block(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """An `autocommit_block()` commits what came before it; if something fails then, the revision is half applied.

    **Why.** Entering the block commits the revision's earlier operations, and without `transaction_per_migration`
    those of all pending revisions before it. If the block fails, they stay, the version does not move, and the next
    try stops at "column already exists". A `SET LOCAL` from before the block is gone after it. (Run.)

    **Example.** `op.add_column(…)`, then `with op.get_context().autocommit_block(): op.create_index(…)`

    **What to do.** One concurrent operation a revision, and nothing else in it; say the timeouts again inside.
    """
    inside, others, block = False, [], None
    for op in step.operations:
        if op.kind == "autocommit":
            inside, block = True, block or op
        elif op.kind == "autocommit_end":
            inside = False
        elif not inside and op.kind not in _QUIET:
            others.append(op)
    if block is not None and others:
        yield found(
            "autocommit-block-splits-migration", block, "warning", "advice",
            f"The autocommit_block() of {step.revision} commits its other operations by themselves: if it fails, "
            "the revision is half applied.",
            "Put the block into a revision of its own.",
            object=step.revision,
        )  # fmt: skip
    elif block is not None and not now.facts.transaction_per_migration and now.memory.get("L17"):
        yield found(
            "autocommit-block-splits-migration", block, "info", "advice",
            f"The autocommit_block() of {step.revision} commits the revisions before it "
            f"({', '.join(now.memory['L17'])}), which share its transaction.",
            "Set transaction_per_migration=True in env.py.",
            object=step.revision,
        )  # fmt: skip
    if block is not None:
        now.memory["L17"] = []
    now.memory.setdefault("L17", []).append(step.revision)


@step_rule("pg-validate-in-same-transaction", "L21", dialects=PG)
def validate_at_once(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A constraint is added NOT VALID and validated in the same transaction: nothing is gained.

    **Why.** The strong lock of ADD (ACCESS EXCLUSIVE for a CHECK, SHARE ROW EXCLUSIVE for a foreign key) is kept
    until the transaction ends, so it is held during the scan that VALIDATE makes (run).

    **Example.** `op.create_check_constraint(…, postgresql_not_valid=True)`, then
    `op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")`

    **What to do.** Validate in a revision of its own with `transaction_per_migration`, or in an `autocommit_block()`.
    """
    pending: dict[tuple[str, str, str], Operation] = now.memory.setdefault("L21", {})
    if now.facts.transaction_per_migration:
        pending.clear()
    for op in step.operations:
        key = (op.schema, op.table, op.name)
        if op.kind == "autocommit":
            pending.clear()
        elif op.not_valid and not op.autocommit:
            pending[key] = op
        elif op.kind == "validate_constraint" and key in pending and not now.is_new(op.schema, op.table):
            yield found(
                "pg-validate-in-same-transaction", op,
                "info" if by_size(now, op.schema, op.table) == "info" else "warning", "blocks",
                f"{op.name} of {op.table} is validated in the transaction that adds it: the strong lock is kept while "
                "all rows are read.",
                "Validate it in an autocommit_block() or in another transaction.",
                rewrite=replace(outside(op.sql[0]), downgrade="") if op.sql else None,
            )  # fmt: skip


@step_rule("pg-other-table-locked", "L29", dialects=PG)
def other_table(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """Tables are locked that the operation does not name, or several one after the other.

    **Why.** A foreign key locks its parent as well (SHARE ROW EXCLUSIVE when it is added, also by CREATE TABLE;
    ACCESS EXCLUSIVE when it, or its table, is dropped). Locks are kept until the commit: two revisions, or a revision
    and the application, that lock the same tables in another order wait for each other. (Run.)

    **Example.** `op.create_foreign_key("fk", "orders", "customer", ["customer_id"], ["id"])`

    **What to do.** One table a revision, at a quiet time, with a `lock_timeout`.
    """
    strong: dict[tuple[str, str], Operation] = {}
    for each in _locking(step, now):
        others = [hold for hold in each.holds if not hold.named]
        for hold in others:
            level = by_size(now, hold.schema, hold.table)
            waits = "reads and writes" if hold.level == pg_levels.ACCESS_EXCLUSIVE else "writes"
            yield found(
                "pg-other-table-locked", each.op, "info" if level == "info" else "warning", "blocks",
                f"{_named(each.op)} locks {hold.table} as well: {waits} there wait until the transaction ends.",
                "Do it at a quiet time, with a lock_timeout, and alone in its revision.",
                object=f"{hold.schema}.{hold.table}" if hold.schema else hold.table,
            )  # fmt: skip
        if not each.op.autocommit and not others:
            for hold in each.holds:
                strong.setdefault((hold.schema, hold.table), each.op)
    if len(strong) > 1:
        names = [table for _, table in strong]
        small = all(by_size(now, *each) == "info" for each in strong)
        yield found(
            "pg-other-table-locked", list(strong.values())[1], "info" if small else "warning", "blocks",
            f"{step.revision} locks {', '.join(names)} one after the other, and keeps all locks until it ends.",
            "Split it: one table a revision, each with a transaction of its own.",
            object=step.revision,
        )  # fmt: skip


def _named(op: Operation) -> str:
    return f"{op.kind.replace('_', ' ').capitalize()} {op.name or op.table}"


@step_rule("missing-lock-timeout", "L30", dialects=(*PG, *MYSQL))
def missing_lock_timeout(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A strong lock is asked for without a time limit: while it waits, everybody else waits behind it.

    **Why.** With one session idle in a transaction that has read the table, an ALTER waits for it, and every new
    SELECT waits behind the ALTER (run on PostgreSQL and MariaDB).

    **Example.** `op.add_column(…)` with `lock_timeout = 0`

    **What to do.** `create_engine(…, connect_args={"options": "-c lock_timeout=2000"})` in env.py, or
    `op.execute("SET LOCAL lock_timeout = '2s'")` first in `upgrade()` and again after each `autocommit_block()`; on
    MariaDB `op.execute("SET lock_wait_timeout = 5")`. `plan.apply()` sets one of 5 seconds by itself. Never execute
    it before `context.configure()` without a commit: Alembic then commits nothing.
    """
    name = "lock_wait_timeout" if now.is_mysql else "lock_timeout"
    if not now.knows_data or not _is_without(name, now.setting(name)):
        return
    within, first = False, None
    tables: dict[tuple[str, str], None] = {}
    locking = _waiting(step, now)
    for op in step.operations:
        if op.kind == "set" and op.where not in ELSEWHERE and op.name.rpartition(".")[2].lower() == name:
            within = not _is_without(name, op.expression)
        elif op.kind == "autocommit":
            within = False
        elif not within:
            for hold in locking.get(id(op), ()):
                first = first or op
                tables.setdefault((hold.schema, hold.table), None)
    if first is None:
        return
    small = all(by_size(now, *each) == "info" for each in tables)
    statement = "SET lock_wait_timeout = 5" if now.is_mysql else "SET LOCAL lock_timeout = '2s'"
    yield found(
        "missing-lock-timeout", first, "info" if small else "warning", "blocks",
        f"{step.revision} waits for the lock on {', '.join(each for _, each in tables)} without a time limit, and "
        "others wait behind it. (plan.apply() gives up after 5 s; alembic upgrade does not.)",
        f"Begin with op.execute({statement!r}), or set {name} for the connection in env.py.",
        rewrite=Rewrite(execute(statement), execute(statement), around=True),
        object=step.revision,
    )  # fmt: skip


def _waiting(step: StepView, now: Situation) -> dict[int, tuple[Hold, ...]]:
    """By the id of an operation what it waits for, of those that do."""
    if not now.is_mysql:
        return {id(each.op): each.holds for each in _locking(step, now)}
    made = {(each.schema, each.table) for each in step.operations if each.kind == "create_table"}
    return {
        id(op): (Hold(op.schema, op.table, "EXCLUSIVE"),)
        for op in step.operations
        if (op.schema, op.table) not in made
        and not now.is_new(op.schema, op.table)
        and op.kind not in _ROWS | _QUIET
        and (op.kind in {"drop_table", "rename_table", "truncate"} or mysql_algorithms.algorithm(op, now) is not None)
    }


def _is_without(name: str, value: str) -> bool:
    """No limit that anybody would wait for: 0 on PostgreSQL, a day (what it comes with) on MariaDB and MySQL."""
    digits = "".join(each for each in value if each.isdigit())
    if name == "lock_timeout":
        return not digits or int(digits) == 0
    return not digits or int(digits) >= _A_DAY

"""Rules of SQLite about batches: what the copy of a table is made without, and what dropping the original does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.bridge.catalogue import sqlite_text
from workbench.hazards.late import sa
from workbench.hazards.question import quoted, rows_where, source
from workbench.hazards.rewrites import constraint, execute, final
from workbench.hazards.rule import SQLITE, StepView, Suspicion, asking, found, step_rule
from workbench.hazards.situation import Situation
from workbench.hazards.sqlite_uses import names_in, triggers, views_over
from workbench.results import Table
from workbench.results.findings import Outcome, Severity
from workbench.results.objects import Constraint
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_LOSES, _CASCADES = "sqlite-batch-loses-objects", "sqlite-batch-cascade"
_OFF = execute("PRAGMA foreign_keys = OFF")


@dataclass(frozen=True)
class _Batch:
    """One copy of one table."""

    op: Operation
    """The first operation in it; its `sql` is that of all."""
    table: Table
    dropped: frozenset[str]
    """What operations before it, in the same step, have dropped."""
    made_later: frozenset[str]
    """What operations after it make again."""
    inside: tuple[Operation, ...]
    """All operations in it."""


def _batches(step: StepView, now: Situation) -> Iterator[_Batch]:
    """The batches of a step that copy a live table of which that is known."""
    seen: set[tuple[str, ...]] = set()
    dropped: set[str] = set()
    for place, op in enumerate(step.operations):
        if op.kind in {"drop_index", "drop_view", "drop_trigger"} and not op.recreates:
            dropped.add(op.name.casefold())
        if not op.recreates or not op.sql or op.sql in seen or now.is_new(op.schema, op.table):
            continue
        seen.add(op.sql)
        table = now.of(op)
        if table is not None:
            later = {
                each.name.casefold()
                for each in step.operations[place:]
                if each.kind in {"create_index", "create_trigger", "create_view"} and each.sql != op.sql
            }
            inside = tuple(each for each in step.operations if each.recreates and each.sql == op.sql)
            yield _Batch(op, table, frozenset(dropped), frozenset(later), inside)


@step_rule(_LOSES, "L55", dialects=SQLITE)
def sqlite_batch_loses_objects(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A batch copies a table, and what Alembic cannot reflect is not there afterwards; or a view makes it fail.

    **Why.** The copy is made from what SQLAlchemy reads of the table. Triggers, CHECKs without a name, indexes over
    expressions, DESC in an index, COLLATE and AUTOINCREMENT are lost without a word; a view over the table, and a
    trigger of another table that names it, make the last step fail, the rename (run on 3.40 and 3.54).

    **Example.** `with op.batch_alter_table("t") as b: b.alter_column("a", nullable=False)` with a trigger on t

    **What to do.** Make triggers, indexes and views again by `op.execute` after the batch; give it
    `table_args=(sa.CheckConstraint(…),)`, `table_kwargs={"sqlite_autoincrement": True}`, or `copy_from=` a whole Table.
    """
    for batch in _batches(step, now):
        yield from _broken_checks(batch)
        yield from _refusing(batch, now)
        lost = list(_lost(batch, now))
        if not lost:
            continue
        slight = all(is_slight for _, is_slight, _ in lost)
        severity: Severity = "warning" if slight else "error"
        outcome: Outcome = "advice" if slight else "breaks-code"
        words = [what for what, _, _ in lost]
        yield found(
            _LOSES,
            batch.op,
            severity,
            outcome,
            f"The batch copies {batch.op.table}, and the copy has not: {', '.join(words)}.",
            "Make it again after the batch, or tell the batch of it (table_args, table_kwargs, copy_from).",
            object=batch.op.table,
            rewrite=_after("\n".join(code for *_, code in lost if code)),
        )


def _after(codes: str) -> Rewrite | None:
    """What is made again after the batch; the way back is a batch, too."""
    return Rewrite("", "", around=True, after=codes, downgrade_after=codes) if codes else None


def _broken_checks(batch: _Batch) -> Iterator[Suspicion]:
    gone = {each.name.casefold() for each in batch.inside if each.kind == "drop_column" or each.new_name}
    dropped = {each.name.casefold() for each in batch.inside if each.kind == "drop_constraint"}
    for check in batch.table.constraints:
        named = gone & names_in(check.definition.removeprefix("CHECK"))
        if check.kind == "check" and check.name and named and check.name.casefold() not in dropped:
            yield found(
                _LOSES, batch.op, "error", "fails",
                f"The batch takes {', '.join(sorted(named))} out of {batch.op.table}, and its CHECK {check.name} names "
                "that: the copy cannot be made.",
                f"Drop {check.name} in the same batch, and make it anew.",
                object=batch.op.table,
                rewrite=Rewrite(
                    f"batch_op.drop_constraint({final(check.name)}, type_='check')",
                    "",
                    around=True,
                    in_batch=True,
                    downgrade_after=constraint(check, batch.table.name, None, in_batch=True),
                ),
            )  # fmt: skip
            return


def _refusing(batch: _Batch, now: Situation) -> Iterator[Suspicion]:
    if now.setting("legacy_alter_table").lower() in {"1", "on", "true", "yes"}:
        return
    reading = [each for each in views_over(batch.table.name, now.views) if each.name.casefold() not in batch.dropped]
    own = batch.table.name.casefold()
    firing = [
        each
        for each in triggers(now)
        if each.table.casefold() != own and each.name.casefold() not in batch.dropped
        and own in names_in(each.definition)
    ]  # fmt: skip
    named = [("view", each) for each in reading] + [("trigger", each) for each in firing]
    if not named:
        return
    kind, first = named[0]
    names = [f"{kind.upper()} {quoted(each.name, 'sqlite')}" for kind, each in reversed(named)]
    drops = "\n".join(execute(f"DROP {name}") for name in names)
    makes = "\n".join(execute(each.definition) for _, each in named)
    yield found(
        _LOSES,
        batch.op,
        "error",
        "fails",
        f"The batch copies {batch.op.table}, and the {kind} {first.name} names it: the copy cannot be renamed.",
        f"Drop the {kind} before the batch, and make it again after it.",
        object=batch.op.table,
        rewrite=Rewrite(drops, drops, around=True, after=makes, downgrade_after=makes),
    )


def _lost(batch: _Batch, now: Situation) -> Iterator[tuple[str, bool, str]]:
    """(what is lost, whether nothing breaks by it, code that makes it again)."""
    table = batch.table
    made = next((each for each in batch.op.sql if each.lstrip().upper().startswith("CREATE TABLE")), "")
    copy, kept = sqlite_text.table(made), names_in(made)
    for trigger in triggers(now):
        gone = trigger.name.casefold() in batch.dropped | batch.made_later
        if trigger.table.casefold() == table.name.casefold() and not gone:
            yield f"the trigger {trigger.name}", False, execute(trigger.definition)
    yield from _lost_checks(batch, copy)
    for column in table.columns:
        is_kept = column.name.casefold() in kept
        if column.collation and is_kept and column.name.lower() not in copy.collations:
            yield f"COLLATE {column.collation} of {column.name}", False, ""
    counted = any(each.kind == "primary key" and "AUTOINCREMENT" in each.definition for each in table.constraints)
    if counted and not copy.is_counted:
        yield "AUTOINCREMENT (ids may be used again)", False, ""
    indexes = [each for each in batch.op.sql if "INDEX" in each.upper().split("ON")[0]]
    for index in table.indexes:
        if index.name.casefold() in batch.dropped | batch.made_later:
            continue
        again = next((each for each in indexes if index.name.casefold() in names_in(each)), "")
        if not again:
            yield f"the index {index.name}", not index.unique, execute(index.definition)
        elif _order(index.definition) != _order(again):
            yield (
                f"DESC or COLLATE in the index {index.name}",
                not index.unique,
                f"op.drop_index({index.name!r}, {table.name!r})\n{execute(index.definition)}",
            )


def _lost_checks(batch: _Batch, copy: sqlite_text.WrittenTable) -> Iterator[tuple[str, bool, str]]:
    left = [each.expression.casefold().replace(" ", "") for each in copy.constraints if each.kind == "CHECK"]
    for check in batch.table.constraints:
        if check.kind == "check" and not check.name:
            condition = check.definition.removeprefix("CHECK").strip()
            plain = condition[1:-1].casefold().replace(" ", "")
            if plain not in left:
                yield check.definition, False, ""


def _order(definition: str) -> list[str]:
    return [
        each for each in definition.upper().replace(",", " ").replace(")", " ").split() if each in {"DESC", "COLLATE"}
    ]


@step_rule(_CASCADES, "L56", dialects=SQLITE)
def sqlite_batch_cascade(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A batch drops a table that others refer to, while foreign keys are enforced: their rows go, or it fails.

    **Why.** A batch copies the table, drops the original and renames the copy. With `PRAGMA foreign_keys = ON` the
    DROP deletes every row first: ON DELETE CASCADE deletes the children, SET NULL empties their column, and with
    RESTRICT or nothing it fails (run). Airflow has met it (#65545).

    **Example.** `with op.batch_alter_table("parent") as b: …` where env.py's engine switches foreign keys on

    **What to do.** As the very first statement of the revision `op.execute("PRAGMA foreign_keys = OFF")`: within a
    transaction it does nothing. Look at `PRAGMA foreign_key_check` afterwards.
    """
    enforced = now.setting("foreign_keys").lower() in {"1", "on", "true", "yes"}
    in_transaction = False
    for op in step.operations:
        if op.kind in {"insert", "update", "delete", "bulk_insert"} and not op.autocommit:
            in_transaction = True
        elif op.kind == "pragma" and op.name == "foreign_keys" and (op.autocommit or not in_transaction):
            enforced = op.expression.lower() in {"1", "on", "true", "yes"}
        elif op.recreates and enforced:
            yield from _cascades(step, op, now)


def _cascades(step: StepView, op: Operation, now: Situation) -> Iterator[Suspicion]:
    first = next(batch for batch in step.operations if batch.recreates and batch.sql == op.sql)
    table = now.of(op)
    if first is not op or table is None or now.is_new(op.schema, op.table):
        return
    for child in now.tables:
        for key in child.foreign_keys:
            if key.referred_table.casefold() == table.name.casefold() and child is not table:
                yield _of_child(op, child, key, now)


def _of_child(op: Operation, child: Table, key: Constraint, now: Situation) -> Suspicion:
    rows = source(child)
    filled = sa.and_(*(rows.c[each].is_not(sa.null()) for each in key.columns))
    does = {"CASCADE": "is deleted", "SET NULL": "loses its parent"}.get(key.on_delete, "")
    what = f"The batch drops {op.table} and makes it again while foreign keys are enforced"
    suspicion = found(
        _CASCADES,
        op,
        "warning",
        "loses-data" if does else "fails",
        f"{what}; {child.name} refers to it.",
        "Switch foreign keys off by the first statement of the revision.",
        object=op.table,
        rewrite=Rewrite(f"{_OFF}  # first in the revision, before anything changes rows", _OFF, around=True),
    )
    return asking(
        suspicion,
        rows_where(
            "rows",
            now.dialect,
            child,
            rows,
            filled,
            list(key.columns),
            if_bad="will lose data" if does else "will fail",
        ),
        now,
        bad=f"{what}: of {child.name} {{count}} {'are deleted' if does == 'is deleted' else 'lose their parent'}."
        if does
        else f"{what}, and {{count}} of {child.name} refer to it.",
        columns=key.columns,
    )

"""Rules about constraints that are dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.hazards.rule import Suspicion, found, rule
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.operations import Operation


@rule("drop-constraint", "L08", on=("drop_constraint", "drop_index"))
def drop_constraint(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A constraint or a unique index is dropped: from then on rows may be wrong, and it cannot be made again on them.

    **Why.** Integrity stops; once bad rows are there the downgrade fails. PostgreSQL locks both tables for a foreign
    key, and refuses to drop a key that a foreign key needs.

    **Example.** `op.drop_constraint("uq_customer_email", "customer", type_="unique")`

    **What to do.** Make what replaces it first, in the same revision or an earlier one.
    """
    table, place = now.of(op), now.course.place(op.schema, op.table, op.name)
    if op.kind == "drop_index":
        tables = [table] if table is not None else list(now.tables)
        over = next(
            (one.expressions for each in tables for one in each.indexes if one.name == op.name and one.unique), None
        )
        over = over or next(  # MariaDB: a unique constraint is nothing but its index
            (
                one.columns
                for each in tables
                for one in each.constraints
                if one.name == op.name and one.kind == "unique"
            ),
            None,
        )
        if over is None or _replaced(op, over, now):
            return
        yield found("drop-constraint", op, "warning", "advice",
                    f"The unique index {op.name} is dropped: from then on two rows may be equal in "
                    f"{', '.join(over)}.", "Make what replaces it first.")  # fmt: skip
        return
    known = next((each for each in (table.constraints if table else ()) if each.name == op.name), None)
    if known is None and place in now.course.added:
        return
    needed = (
        _needed_by(op, now, table, known.columns)
        if known is not None and known.kind in {"unique", "primary key"}
        else ""
    )
    if needed and now.dialect == "postgresql" and not op.cascade:
        yield found("drop-constraint", op, "error", "fails",
                    f"{op.name} is dropped, and a foreign key of {needed} needs it.",
                    f"Drop the foreign key of {needed} first.")  # fmt: skip
        return
    if known is not None and known.kind == "unique" and _replaced(op, known.columns, now):
        return
    what = {"check": "a CHECK", "foreignkey": "a foreign key", "unique": "a unique constraint",
            "primary": "the primary key"}.get(op.constraint_type, "")  # fmt: skip
    what = f"a {known.kind} constraint" if known is not None and known.kind in {"unique", "check", "exclude"} else (
        f"a {known.kind}" if known is not None else what or "a constraint")  # fmt: skip
    yield found(
        "drop-constraint",
        op,
        "warning",
        "advice",
        f"{op.name or what} of {op.table}, {what}, is dropped: from then on rows may break it, and it cannot be made "
        "again on them.",
        "Make what replaces it first.",
    )


def _replaced(op: Operation, columns: Sequence[str], now: Situation) -> bool:
    """Whether the same step makes a key of these columns on that table, or of more: a weaker one, and meant so."""
    return any(
        (
            each.kind in {"create_unique_constraint", "create_primary_key"}
            or (each.kind == "create_index" and each.unique)
        )
        and (each.schema, each.table or op.table) == (op.schema, op.table or each.table)
        and not each.where
        and set(columns) <= set(each.on)
        for each in now.operations
    )


def _needed_by(op: Operation, now: Situation, table: Table | None, columns: Sequence[str]) -> str:
    """The table of a live foreign key that needs this key; empty if none does."""
    if table is None:
        return ""
    for child in now.tables:
        for key in child.foreign_keys:
            if key.referred_table != table.name or (key.referred_schema or "") != (table.schema or ""):
                continue
            place = now.course.place(child.schema or "", child.name, key.name)
            referred = key.referred_columns or table.primary_key
            if sorted(referred) == sorted(columns) and place not in now.course.dropped:
                others = [each for each in table.constraints if each.kind in {"unique", "primary key"}
                          and sorted(each.columns) == sorted(columns) and each.name != op.name]  # fmt: skip
                return "" if others else child.name
    return ""

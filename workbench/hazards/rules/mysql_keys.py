"""Rules of MariaDB and MySQL about foreign keys: what an index, a column or a type holds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.hazards.mysql_algorithms import keys_unchecked
from workbench.hazards.mysql_columns import redefined
from workbench.hazards.rewrites_mysql import key_around, other_index, typed, without_key
from workbench.hazards.rule import MYSQL, Suspicion, found, rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import kind
from workbench.results import Table
from workbench.results.objects import Column, Constraint
from workbench.results.operations import Operation

_NAME = "mysql-fk-structure"


@dataclass
class _Indexes:
    """What pending operations have done to indexes, by table."""

    made: dict[tuple[str, str], list[tuple[str, ...]]] = field(default_factory=dict)
    dropped: dict[tuple[str, str], set[str]] = field(default_factory=dict)


@rule(
    _NAME, "L51", dialects=MYSQL, on_new_tables=True,
    on=("drop_index", "drop_column", "alter_column", "drop_constraint", "add_column", "create_index",
        "create_unique_constraint"),
)  # fmt: skip
def mysql_fk_structure(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A foreign key holds on to what is dropped or changed: its index, its column, or their type.

    **Why.** InnoDB refuses to drop the index that a foreign key needs on either side (1553, 1025), to drop its
    columns (1828, 1829), to change their type (1832, 1833) and to make a column NOT NULL that ON DELETE SET NULL
    empties (1830); all run on MariaDB. Alembic refuses `op.drop_constraint` without `type_` on these servers. MySQL
    before 9.0 reads REFERENCES beside a column and makes nothing of it (its manual).

    **Example.** `op.drop_index("ix_order_customer_id", "order")`, which the foreign key of customer_id needs

    **What to do.** Drop the foreign key, change both sides, and make the foreign key again.
    """
    known: _Indexes = now.memory.setdefault(_NAME, _Indexes())
    at = op.schema.casefold(), op.table.casefold()
    if op.kind in {"create_index", "create_unique_constraint"}:
        known.made.setdefault(at, []).append(tuple(each.casefold() for each in op.on))
        return
    if op.kind == "drop_constraint" and op.source == "operation" and not op.constraint_type:
        if op.name:  # without one unnamed-constraint has said it
            yield found(
                _NAME, op, "error", "fails",
                f"{op.name} of {op.table} is dropped without saying what it is: Alembic refuses that on this server.",
                "Pass type_: 'foreignkey', 'unique', 'check' or 'primary'.",
                rewrite=typed(op, now.of(op)),
            )  # fmt: skip
        return
    table = now.of(op)
    if op.kind == "add_column":
        yield from _ignored_reference(op, now)
    elif table is None:
        return
    elif op.kind in {"drop_index", "drop_constraint"}:
        known.dropped.setdefault(at, set()).add(op.name.casefold())
        yield from _needed_index(op, now, table, known)
    elif op.kind == "drop_column":
        yield from _held_column(op, now, table)
    else:
        yield from _held_type(op, now, table)


def _ignored_reference(op: Operation, now: Situation) -> Iterator[Suspicion]:
    if op.column is None or not op.column.references or not op.inline_references:
        return
    if now.dialect == "mysql" and now.facts.version and not now.at_least(9):
        leads = op.column.references[0].table
        yield found(
            _NAME, op, "warning", "advice",
            f"{op.qualified} is added with REFERENCES {leads} beside it, which MySQL before 9.0 reads and leaves out: "
            "there will be no foreign key.",
            "Make the foreign key by an operation of its own.",
        )  # fmt: skip


def _keys(table: Table, now: Situation) -> Iterator[tuple[Table, Constraint, tuple[str, ...], str]]:
    """The live foreign keys that touch a table: whose, the key, its columns in `table`, and how it stands to it."""
    for each in now.tables:
        for key in each.foreign_keys:
            if now.course.place(each.schema or "", each.name, key.name) in now.course.dropped:
                continue
            if each is table:
                yield each, key, tuple(name.casefold() for name in key.columns), "own"
            leads = (key.referred_schema or "").casefold(), key.referred_table.casefold()
            if leads == ((table.schema or "").casefold(), table.name.casefold()):
                referred = key.referred_columns or table.primary_key
                yield each, key, tuple(name.casefold() for name in referred), "of another"


def _needed_index(op: Operation, now: Situation, table: Table, known: _Indexes) -> Iterator[Suspicion]:
    if keys_unchecked(now) or op.constraint_type in {"foreignkey", "check"}:
        return
    name = op.name.casefold() or ("primary" if op.constraint_type.startswith("primary") else "")
    indexes = _live_indexes(table)
    gone = indexes.get(name)
    if gone is None:
        return
    at = op.schema.casefold(), op.table.casefold()
    left = [on for each, on in indexes.items() if each not in known.dropped.get(at, set()) | {name}]
    left += known.made.get(at, [])
    for owner, key, columns, side in _keys(table, now):
        if gone[: len(columns)] != columns or any(each[: len(columns)] == columns for each in left):
            continue
        whose = f"its foreign key {key.name}" if side == "own" else f"the foreign key {key.name} of {owner.name}"
        yield found(
            _NAME, op, "error", "fails",
            f"{op.name or 'The primary key'} of {op.table} is dropped, and {whose} needs it.",
            f"Drop {key.name} first, or make another index over {', '.join(columns)} before.",
            rewrite=other_index(op, table, columns, set(indexes))
                if op.kind == "drop_index" and side == "own" else None,
        )  # fmt: skip
        return


def _live_indexes(table: Table) -> dict[str, tuple[str, ...]]:
    """By name the columns of each index that a foreign key can use, small."""
    keys = {
        "primary" if each.kind == "primary key" else each.name.casefold(): tuple(n.casefold() for n in each.columns)
        for each in table.constraints
        if each.kind in {"primary key", "unique"}
    }
    return keys | {
        each.name.casefold(): tuple(n.casefold() for n in each.expressions) for each in table.indexes if not each.method
    }


def _held_column(op: Operation, now: Situation, table: Table) -> Iterator[Suspicion]:
    live = now.live_column(op.schema, op.table, op.name)
    if live is None:
        return
    for owner, key, columns, side in _keys(table, now):
        if live.name.casefold() in columns:
            whose = f"its foreign key {key.name}" if side == "own" else f"the foreign key {key.name} of {owner.name}"
            yield found(
                _NAME, op, "error", "fails",
                f"{op.qualified} is dropped, and {whose} needs it.",
                f"Drop {key.name} first.",
                rewrite=without_key(op, owner, key),
            )  # fmt: skip
            return


def _held_type(op: Operation, now: Situation, table: Table) -> Iterator[Suspicion]:
    live, new = now.live_column(op.schema, op.table, op.name), redefined(op, now)
    if live is None or new is None or not new.is_whole:
        return
    old_kind, new_kind = kind(live.type, now.dialect), kind(new.type, now.dialect)
    changes = bool(new.type) and old_kind != new_kind
    if now.dialect == "mysql":  # it lets a VARCHAR grow, and everything where the keys are not checked
        is_longer = old_kind.name == new_kind.name == "varchar" and (new_kind.length or 0) >= (old_kind.length or 0)
        changes = changes and not is_longer and not keys_unchecked(now)
    for owner, key, columns, side in _keys(table, now):
        if live.name.casefold() not in columns:
            continue
        whose = f"its foreign key {key.name}" if side == "own" else f"the foreign key {key.name} of {owner.name}"
        if changes:
            yield found(
                _NAME, op, "error", "fails",
                f"{op.qualified} becomes {new.type} and is {live.type} now; {whose} does not allow that.",
                f"Drop {key.name}, change both sides, and make it again.",
                rewrite=key_around(op, owner, key, _other_side(op, owner, key, now)),
            )  # fmt: skip
            return
        if side == "own" and not new.nullable and live.nullable and "SET NULL" in {key.on_delete, key.on_update}:
            yield found(
                _NAME, op, "error", "fails",
                f"{op.qualified} becomes NOT NULL, and {whose} sets it to NULL when its parent goes.",
                f"Make {key.name} again with another ON DELETE first.",
            )  # fmt: skip
            return


def _other_side(op: Operation, owner: Table, key: Constraint, now: Situation) -> list[tuple[Table, Column]]:
    """The columns that a foreign key ties to the one of an operation, with their tables."""
    parent = now.table(key.referred_schema or "", key.referred_table)
    if parent is None:
        return []
    sides = [(owner, name) for name in key.columns] + [(parent, name) for name in key.referred_columns]
    half = len(key.columns)
    at = [
        place % half
        for place, (table, name) in enumerate(sides)
        if (table.schema or "", table.name.casefold(), name.casefold())
        == (op.schema, op.table.casefold(), op.name.casefold())
    ]
    found = []
    for place, (table, name) in enumerate(sides):
        live = now.live_column(table.schema or "", table.name, name)
        is_own = (table.name.casefold(), name.casefold()) == (op.table.casefold(), op.name.casefold())
        if place % half in at and not is_own and live is not None:
            found.append((table, live))
    return found

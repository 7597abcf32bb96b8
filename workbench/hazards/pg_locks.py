"""PostgreSQL's locks: which operation takes which one on which tables, and whether it reads or rewrites them.

By experiment; `tests/hazards/test_locks.py` compares it with the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.hazards import pg_locks_raw, pg_types
from workbench.hazards.pg_levels import (
    ACCESS_EXCLUSIVE,
    ROW_SHARE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Hold,
    own,
)
from workbench.hazards.pg_tables import default_partition, foreign_key, parent_of, partitions, table_of_index
from workbench.hazards.situation import Situation
from workbench.results import Constraint, Table
from workbench.results.operations import ColumnSpec, Operation


def holds(op: Operation, now: Situation) -> tuple[Hold, ...]:
    """The tables that an operation locks, each once with its strongest lock; the one that it names first.

    Tables that a pending revision has made are among them. What is not known of (raw SQL that was not understood)
    locks nothing here; that it was not understood is a Finding of its own.
    """
    form = _FORMS.get(op.kind)
    if form is None or (not op.table and op.kind not in _WITHOUT_TABLE):
        return ()
    merged: dict[tuple[str, str], Hold] = {}
    for each in form(op, now):
        key = (each.schema, each.table)
        merged[key] = merged[key].both(each) if key in merged else each
    return tuple(merged.values())


def _create_table(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - one signature for all
    keys = [(part.referred_schema, part.referred_table) for part in op.parts if part.kind == "create_foreign_key"]
    keys += [(each.schema, each.table) for column in op.columns for each in column.references]
    for schema, table in keys:
        if (schema, table) != (op.schema, op.table):
            yield Hold(schema, table, SHARE_ROW_EXCLUSIVE, named=False)


def _drop_table(op: Operation, now: Situation) -> Iterator[Hold]:
    yield own(op, ACCESS_EXCLUSIVE)
    live = now.of(op)
    for key in live.foreign_keys if live is not None else ():
        yield Hold(key.referred_schema or "", key.referred_table, ACCESS_EXCLUSIVE, named=False)
    if op.cascade:
        for child, _ in now.children(op.schema, op.table):
            yield Hold(child.schema or "", child.name, ACCESS_EXCLUSIVE, named=False)
    parent = parent_of(live)
    if parent:
        yield Hold(*parent, ACCESS_EXCLUSIVE, named=False)
        default = default_partition(*parent, now)
        if default is not None:
            yield Hold(default.schema or "", default.name, ACCESS_EXCLUSIVE, named=False)


def _strongest(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    yield own(op, ACCESS_EXCLUSIVE)


def _add_column(op: Operation, now: Situation) -> Iterator[Hold]:
    column = op.column or ColumnSpec(op.name)
    rewritten = pg_types.why_rewritten(column, op, now)
    yield own(op, ACCESS_EXCLUSIVE, rewrites=bool(rewritten), why=rewritten)
    if column.checks:
        yield own(op, ACCESS_EXCLUSIVE, scans=True, why="its CHECK is proved for each row")
    if column.computed is not None and not rewritten and column.nullable is False:
        yield own(op, ACCESS_EXCLUSIVE, scans=True, why="its NOT NULL is proved for each row")
    if column.unique or column.primary_key:
        yield own(op, ACCESS_EXCLUSIVE, builds_index=True, why="the index of its constraint is built")
    elif column.index:
        yield own(op, SHARE, builds_index=True, why="its index is built")
    for each in column.references:
        # Alembic adds the key after the column unless told otherwise, and then each row is looked at.
        reads = not op.inline_references or column.default is not None
        why = "the foreign key is proved for each row" if reads else ""
        yield own(op, SHARE_ROW_EXCLUSIVE, scans=reads, why=why)
        yield Hold(each.schema, each.table, SHARE_ROW_EXCLUSIVE, scans=reads, named=False, why=why)


def _drop_column(op: Operation, now: Situation) -> Iterator[Hold]:
    yield own(op, ACCESS_EXCLUSIVE)
    live, column = now.of(op), now.live_column(op.schema, op.table, op.name)
    for key in live.foreign_keys if live is not None and column is not None else ():
        if column is not None and column.name in key.columns:
            yield Hold(key.referred_schema or "", key.referred_table, ACCESS_EXCLUSIVE, named=False)


def _alter_column(op: Operation, now: Situation) -> Iterator[Hold]:
    sets = set(op.sets)
    if sets == {"comment"}:
        yield own(op, SHARE_UPDATE_EXCLUSIVE)
        return
    yield own(op, ACCESS_EXCLUSIVE)
    spec = op.column or ColumnSpec(op.name)
    if "type" in sets:
        yield from _type_change(op, spec, now)
    if "nullable" in sets and spec.nullable is False and scans_for_null(op, now):
        yield own(op, ACCESS_EXCLUSIVE, scans=True, why="each row is looked at for NULL")


def _type_change(op: Operation, spec: ColumnSpec, now: Situation) -> Iterator[Hold]:
    live, column = now.of(op), now.live_column(op.schema, op.table, op.name)
    old = column.type if column is not None else op.existing.type if op.existing is not None else ""
    if pg_types.type_change(old, spec.type, op.option("postgresql_using"), now) == "rewrite":
        why = f"its type becomes {spec.type}: each row is written anew"
        yield own(op, ACCESS_EXCLUSIVE, rewrites=True, why=why)
    if live is None or column is None:
        return
    changes = pg_types.changes(column, spec)
    rebuilt = pg_types.rebuilt_indexes(live, column, spec, now) if changes else ()
    if rebuilt:
        yield own(op, ACCESS_EXCLUSIVE, builds_index=True, why=f"the index {', '.join(rebuilt)} is built anew")
    if changes and any(each.kind == "check" and column.name in each.columns for each in live.constraints):
        yield own(op, ACCESS_EXCLUSIVE, scans=True, why="a CHECK on it is proved for each row")
    for key, table, is_own in _keys_on(live, column.name, now):
        scans = pg_types.changes(column, spec, of_key=True)
        why = f"the foreign key {key.name} is proved for each row" if scans else ""
        yield Hold(table.schema or "", table.name, ACCESS_EXCLUSIVE, scans=scans, named=False, why=why)
        yield own(op, ACCESS_EXCLUSIVE, scans=scans and is_own, why=why if is_own else "")


def _keys_on(table: Table, column: str, now: Situation) -> Iterator[tuple[Constraint, Table, bool]]:
    """The foreign keys that a column is part of, with the table at the other end; True for those of its own table."""
    for key in table.foreign_keys:
        other = now.table(key.referred_schema or "", key.referred_table)
        if column in key.columns and other is not None and other is not table:
            yield key, other, True
    for child, name in now.children(table.schema or "", table.name):
        key = next(each for each in child.foreign_keys if each.name == name)
        if column in key.referred_columns:
            yield key, child, False


def scans_for_null(op: Operation, now: Situation) -> bool:
    """Whether SET NOT NULL reads the table: not where a validated CHECK proves it, nor where it is NOT NULL already."""
    live = now.live_column(op.schema, op.table, op.name)
    if live is not None and not live.nullable:
        return False
    if not now.at_least(12):
        return True
    checks = now.checks(op.schema, op.table)
    return not any(valid and pg_types.proves_not_null(text, op.name) for text, valid in checks)


def _create_index(op: Operation, now: Situation) -> Iterator[Hold]:
    level = SHARE_UPDATE_EXCLUSIVE if op.concurrently else SHARE
    why = f"the index {op.name} is built" if op.name else "an index is built"
    yield own(op, level, builds_index=True, why=why)
    if not op.concurrently and not op.option("postgresql_only"):
        for each in partitions(op.schema, op.table, now):
            yield Hold(each.schema or "", each.name, level, builds_index=True, named=False, why=why)


def _drop_index(op: Operation, now: Situation) -> Iterator[Hold]:
    schema, table = op.schema, op.table or table_of_index(op.schema, op.name, now)
    if table:
        yield Hold(schema, table, SHARE_UPDATE_EXCLUSIVE if op.concurrently else ACCESS_EXCLUSIVE)


def _create_unique(op: Operation, now: Situation) -> Iterator[Hold]:
    nullable = [name for name in op.on if (each := now.live_column(op.schema, op.table, name)) and each.nullable]
    key = op.kind == "create_primary_key"
    if op.option("using_index"):
        why = "the columns of a primary key become NOT NULL: each row is looked at" if key else ""
        yield own(op, ACCESS_EXCLUSIVE, scans=key, why=why)
        return
    yield own(op, ACCESS_EXCLUSIVE, scans=key and bool(nullable), builds_index=True,
               why=f"the index of {op.name or 'the constraint'} is built")  # fmt: skip


def _create_check(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    reads = not op.not_valid and not op.expression.upper().endswith("NOT ENFORCED")
    yield own(op, ACCESS_EXCLUSIVE, scans=reads, why=f"the CHECK {op.name} is proved for each row" if reads else "")


def _create_foreign_key(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    why = "" if op.not_valid else f"the foreign key {op.name} is proved for each row"
    yield own(op, SHARE_ROW_EXCLUSIVE, scans=not op.not_valid, why=why)
    if (op.referred_schema, op.referred_table) != (op.schema, op.table):
        yield Hold(
            op.referred_schema, op.referred_table, SHARE_ROW_EXCLUSIVE, scans=not op.not_valid, named=False, why=why
        )


def _validate(op: Operation, now: Situation) -> Iterator[Hold]:
    why = f"the constraint {op.name} is proved for each row"
    yield own(op, SHARE_UPDATE_EXCLUSIVE, scans=True, why=why)
    key = foreign_key(op, now)
    if key is not None:
        yield Hold(key.referred_schema or "", key.referred_table, ROW_SHARE, scans=True, named=False, why=why)


def _drop_constraint(op: Operation, now: Situation) -> Iterator[Hold]:
    yield own(op, ACCESS_EXCLUSIVE)
    key = foreign_key(op, now)
    if key is not None:
        yield Hold(key.referred_schema or "", key.referred_table, ACCESS_EXCLUSIVE, named=False)
    if op.cascade:
        live = now.of(op)
        told = next((each for each in live.constraints if each.name == op.name), None) if live is not None else None
        for child, name in now.children(op.schema, op.table):
            link = next(each for each in child.foreign_keys if each.name == name)
            if told is not None and set(link.referred_columns) == set(told.columns):
                yield Hold(child.schema or "", child.name, ACCESS_EXCLUSIVE, named=False)


_FORMS: dict[str, Callable[[Operation, Situation], Iterator[Hold]]] = {
    "create_table": _create_table, "drop_table": _drop_table, "rename_table": _strongest, "add_column": _add_column,
    "drop_column": _drop_column, "alter_column": _alter_column, "create_index": _create_index,
    "drop_index": _drop_index, "create_unique_constraint": _create_unique, "create_primary_key": _create_unique,
    "create_exclude_constraint": _create_unique, "create_check_constraint": _create_check,
    "create_foreign_key": _create_foreign_key, "validate_constraint": _validate, "drop_constraint": _drop_constraint,
    **pg_locks_raw.FORMS,
}  # fmt: skip
_WITHOUT_TABLE = {"drop_index", "create_view", "drop_view", "refresh_view", "reindex"}

"""Lets the batches of SQLite lose nothing: what a copy of a table does not get is given to it, or made again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from alembic.operations import ops

from workbench.bridge.authoring.operations import AddCheck, BatchOps, CodeOp, DropCheck
from workbench.bridge.values import Again, Code, Kept

_OFF = "op.execute('PRAGMA foreign_keys = OFF')  # dropping a table deletes its rows, and what refers to them"
_ON = "op.execute('PRAGMA foreign_keys = ON')"


def keep(up: list[Any], down: list[Any], kept: Iterable[Kept], connection: Any) -> None:
    """Change the batches among these operations, and put around them what has to be.

    Args:
        up: The upgrade.
        down: The downgrade, which begins where the upgrade ends.
        kept: What there is to keep, by table.
        connection: To the database; None without one.

    """
    known = {each.table: each for each in kept}
    checks = {name: list(each.checks) for name, each in known.items()}
    gone: set[tuple[str, str]] = set()
    """(table, column) and ("", index) that are not there at the moment."""
    enforced: bool | None = None
    for operations in (up, down):
        is_referred = False
        for op in operations:
            for inner in getattr(op, "ops", ()):
                _follow(inner, op.table_name, checks, gone)
            if isinstance(op, BatchOps):
                found = known.get(op.table_name, Kept(op.table_name))
                is_referred = is_referred or found.is_referred
                again = tuple(each for each in found.after if gone.isdisjoint(_needed(each, op.table_name)))
                op.kept = replace(found, checks=tuple(checks.get(op.table_name, ())), after=again)
        if is_referred:
            enforced = _enforces(connection) if enforced is None else enforced
            if enforced:
                operations[:] = [CodeOp(Code("", (_OFF,))), *operations, CodeOp(Code("", (_ON,)))]


def _follow(op: Any, table: str, checks: dict[str, list[str]], gone: set[tuple[str, str]]) -> None:
    if isinstance(op, DropCheck) and not op.constraint_name:
        mine = checks.setdefault(table, [])
        if op.condition in mine:
            mine.remove(op.condition)
    elif isinstance(op, AddCheck) and not op.constraint_name:
        checks.setdefault(table, []).append(str(op.condition))
    elif isinstance(op, ops.DropColumnOp):
        gone.add((table, op.column_name))
    elif isinstance(op, ops.AddColumnOp):
        gone.discard((table, op.column.name))
    elif isinstance(op, ops.DropIndexOp):
        gone.add(("", str(op.index_name)))
    elif isinstance(op, ops.CreateIndexOp):
        gone.discard(("", str(op.index_name)))


def _needed(thing: Again, table: str) -> set[tuple[str, str]]:
    return {("", thing.name), *((table, column) for column in thing.columns)}


def _enforces(connection: Any) -> bool:
    return connection is not None and bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())

"""Which table a raw DROP INDEX is about: its text does not say, the live schema and the steps before it do."""

from __future__ import annotations

from dataclasses import replace

from workbench.hazards.situation import Situation
from workbench.results.operations import Operation

_MADE = "made indexes"


def placed(operations: tuple[Operation, ...], now: Situation) -> tuple[Operation, ...]:
    """The same; each `drop_index` without a table has that of its index, where anybody knows it."""
    made: dict[tuple[str, str], str] = now.memory.setdefault(_MADE, {})
    told = list(operations)
    for at, op in enumerate(told):
        key = op.schema, op.name.casefold()
        if op.kind == "create_index":
            made[key] = op.table
        elif op.kind == "drop_index" and not op.table:
            table = made.pop(key, "") or _live_table(op, now)
            if table:
                told[at] = replace(op, table=table)
    return tuple(told)


def _live_table(op: Operation, now: Situation) -> str:
    name = op.name.casefold()
    return next(
        (
            each.name
            for each in now.tables
            if (each.schema or "") == op.schema and any(one.name.casefold() == name for one in each.indexes)
        ),
        "",
    )

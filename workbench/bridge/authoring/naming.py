"""Names for constraints that nobody has named: without one no way back can drop them, and SQLite no way at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from workbench.bridge.authoring.proposing import Proposal

_LONGEST = 60
_PREFIXES = {"foreignkey": "fk", "unique": "uq"}


def name(proposals: Iterable[Proposal], dialect: str) -> None:
    """Give each foreign key and unique constraint that comes or goes without a name one in both directions.

    On PostgreSQL the one that the server would give; on SQLite what is there without one is found by
    `operations.CONVENTION`.
    """
    for each in proposals:
        for op, back in (*zip(each.up, reversed(each.down)), *each.early, *each.late):  # noqa: B905 - one back for each
            for one, other in ((op, back), (back, op)):
                if isinstance(one, ops.AddConstraintOp) and isinstance(other, ops.DropConstraintOp):
                    _name_both(one, other, dialect, is_there=other is op)


def _name_both(add: Any, drop: Any, dialect: str, *, is_there: bool) -> None:
    prefix = _PREFIXES.get(str(drop.constraint_type))
    if prefix is None or add.constraint_name or drop.constraint_name:
        return
    table = str(drop.table_name)
    columns = list(map(str, add.local_cols if prefix == "fk" else add.columns))
    if dialect == "postgresql":
        told = "_".join((table, *columns, "fkey" if prefix == "fk" else "key"))
    else:
        told = "_".join((prefix, table, *columns))
    add.constraint_name = drop.constraint_name = conv(told if dialect == "sqlite" else told[:_LONGEST])
    drop.was_unnamed = is_there

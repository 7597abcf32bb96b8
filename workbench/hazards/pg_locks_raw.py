"""PostgreSQL's locks of what has no operation of Alembic's for tables and columns: rows, views, and raw SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from workbench.hazards.pg_levels import (
    ACCESS_EXCLUSIVE,
    EXCLUSIVE,
    LEVELS,
    ROW_EXCLUSIVE,
    ROW_SHARE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Hold,
    own,
)
from workbench.hazards.pg_tables import default_partition, foreign_key, table_of_index
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation

_REWRITES = ("SET LOGGED", "SET UNLOGGED", "SET TABLESPACE", "SET ACCESS METHOD")
_LIGHT = ("SET (", "RESET (", "CLUSTER ON", "SET WITHOUT CLUSTER")


def _truncate(op: Operation, now: Situation) -> Iterator[Hold]:
    yield own(op, ACCESS_EXCLUSIVE)
    waiting, seen = [(op.schema, op.table)], {(op.schema, op.table)}
    while op.cascade and waiting:
        for child, _ in now.children(*waiting.pop()):
            key = (child.schema or "", child.name)
            if key not in seen:
                seen.add(key)
                waiting.append(key)
                yield Hold(*key, ACCESS_EXCLUSIVE, named=False)


def _partition(op: Operation, now: Situation) -> Iterator[Hold]:
    proof = "rows of the new partition are looked for in it"
    default = default_partition(op.schema, op.table, now)
    if op.kind == "detach_partition":
        yield own(op, SHARE_UPDATE_EXCLUSIVE if op.concurrently else ACCESS_EXCLUSIVE)
        yield Hold(op.schema, op.name, ACCESS_EXCLUSIVE)
    elif op.kind == "attach_partition":
        yield own(op, SHARE_UPDATE_EXCLUSIVE)
        yield Hold(op.schema, op.name, ACCESS_EXCLUSIVE, scans=True, why="each row is looked at for its bound")
    else:
        yield own(op, ACCESS_EXCLUSIVE)
    if default is not None and op.kind != "detach_partition":
        yield Hold(default.schema or "", default.name, ACCESS_EXCLUSIVE, scans=True, named=False, why=proof)
    elif default is not None:
        yield Hold(default.schema or "", default.name, ACCESS_EXCLUSIVE, named=False)


def _writing(op: Operation, now: Situation) -> Iterator[Hold]:
    yield own(op, ROW_EXCLUSIVE)
    live = now.of(op)
    for key in live.foreign_keys if live is not None and op.kind in {"insert", "bulk_insert"} else ():
        yield Hold(key.referred_schema or "", key.referred_table, ROW_SHARE, named=False)


def _view(op: Operation, now: Situation) -> Iterator[Hold]:
    if op.kind == "drop_view" or (op.conditional and any(each.name == op.name for each in now.views)):
        yield Hold(op.schema, op.name, ACCESS_EXCLUSIVE)


def _refresh(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - one signature for all
    level = EXCLUSIVE if op.concurrently else ACCESS_EXCLUSIVE
    yield Hold(op.schema, op.name, level, rewrites=not op.concurrently, scans=op.concurrently, why="its query runs")


def _reindex(op: Operation, now: Situation) -> Iterator[Hold]:
    table = op.table or table_of_index(op.schema, op.name, now)
    if table:
        level = SHARE_UPDATE_EXCLUSIVE if op.concurrently else SHARE
        yield Hold(op.schema, table, level, builds_index=True, why="its indexes are built anew")


def _vacuum(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    full = op.expression == "FULL"
    yield own(op, ACCESS_EXCLUSIVE if full else SHARE_UPDATE_EXCLUSIVE, rewrites=full, scans=not full,
               why="each row is written anew" if full else "")  # fmt: skip


def _cluster(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    yield own(op, ACCESS_EXCLUSIVE, rewrites=True, why="each row is written anew, in the order of an index")


def _lock_table(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    words = op.expression.upper()
    yield own(op, next((each for each in reversed(LEVELS) if f"IN {each} MODE" in words), ACCESS_EXCLUSIVE))


def _alter_table(op: Operation, now: Situation) -> Iterator[Hold]:
    words = " ".join(op.expression.upper().split())
    if words.startswith(_REWRITES) or " SET EXPRESSION AS" in words:
        yield own(op, ACCESS_EXCLUSIVE, rewrites=True, why="each row is written anew")
    elif words.startswith(_LIGHT) or (words.startswith("ALTER") and " SET STATISTICS " in words):
        yield own(op, SHARE_UPDATE_EXCLUSIVE)
    elif words.startswith(("ENABLE TRIGGER", "DISABLE TRIGGER")):
        yield own(op, SHARE_ROW_EXCLUSIVE)
    elif words.startswith("ALTER CONSTRAINT") and words.endswith(" ENFORCED") and "NOT ENFORCED" not in words:
        yield own(op, ACCESS_EXCLUSIVE, scans=True, why="the foreign key is proved for each row")
        key = foreign_key(replace(op, name=op.expression.split()[2].strip('"')), now)
        if key is not None:
            yield Hold(key.referred_schema or "", key.referred_table, SHARE_ROW_EXCLUSIVE, scans=True, named=False)
    elif words.startswith(("NOT NULL", "ADD CONSTRAINT")) and "NOT NULL" in words:
        reads = not words.endswith("NOT VALID")
        yield own(op, ACCESS_EXCLUSIVE, scans=reads, why="each row is looked at for NULL" if reads else "")
    elif "EXCLUDE" in words.split():
        yield own(op, ACCESS_EXCLUSIVE, builds_index=True, why="the index of the constraint is built")
    else:
        yield own(op, ACCESS_EXCLUSIVE)


def _trigger(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    yield own(op, SHARE_ROW_EXCLUSIVE if op.kind == "create_trigger" else ACCESS_EXCLUSIVE)


def _commented(op: Operation, now: Situation) -> Iterator[Hold]:  # noqa: ARG001 - as above
    yield own(op, SHARE_UPDATE_EXCLUSIVE)


FORMS: dict[str, Callable[[Operation, Situation], Iterator[Hold]]] = {
    "truncate": _truncate, "attach_partition": _partition, "detach_partition": _partition,
    "create_partition": _partition, "insert": _writing, "bulk_insert": _writing, "update": _writing,
    "delete": _writing, "create_view": _view, "drop_view": _view, "refresh_view": _refresh, "reindex": _reindex,
    "vacuum": _vacuum, "cluster": _cluster, "lock_table": _lock_table, "alter_table": _alter_table,
    "create_trigger": _trigger, "drop_trigger": _trigger, "create_table_comment": _commented,
    "drop_table_comment": _commented, "comment": _commented,
}  # fmt: skip
"""By the kind of the operation what gives its locks; of raw SQL's actions on a table in `alter_table`."""

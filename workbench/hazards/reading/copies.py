"""Knows the statements that copy a table by way of another one, as a batch of Alembic's does, for what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbench.results.operations import Operation

_COPY = "_alembic_tmp_"
_KINDS = ["create_table", "insert", "drop_table", "rename_table"]


def folded(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The same, with the four statements of a batch in one Operation `alter_table` that `recreates`.

    A batch with operations in it is heard as these; one that only copies, and one whose `flush` is called by hand, are
    heard as their SQL, which drops a table and loses nothing.
    """
    found: list[Operation] = []
    for each in operations:
        found.append(each)
        last = found[-len(_KINDS) :]
        if each.kind == "rename_table" and [one.kind for one in last] == _KINDS and _is_copy(*last):
            sql = tuple(text for one in last for text in one.sql)
            told = replace(
                last[0], kind="alter_table", table=each.new_name, columns=(), parts=(), recreates=True, sql=sql
            )
            found[-len(_KINDS) :] = [told]
    return tuple(found)


def _is_copy(made: Operation, filled: Operation, dropped: Operation, renamed: Operation) -> bool:
    copy = _COPY + dropped.table
    # Alembic cuts the name of a long one.
    is_copy = made.table.startswith(_COPY) and copy.startswith(made.table)
    return is_copy and made.table == filled.table == renamed.table and dropped.table == renamed.new_name

"""Knows the statements that copy a table by way of another one, as a batch of Alembic's does, for what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workbench.hazards.late import exp, sqlglot
from workbench.hazards.reading.names import SQLGLOT
from workbench.hazards.situation import Situation
from workbench.hazards.types import fits, kind
from workbench.results import Table
from workbench.results.operations import ColumnSpec, Operation

_COPY = "_alembic_tmp_"
_KINDS = ["create_table", "insert", "drop_table", "rename_table"]
_OTHER_WAY = ["rename_table", "create_table", "insert", "drop_table"]
"""The old table is set aside first."""
_NARROWING = ("where", "limit", "offset", "joins", "group", "having", "distinct", "laterals", "with_", "qualify")


def folded(operations: Iterable[Operation], now: Situation | None = None) -> tuple[Operation, ...]:
    """The same, with the four statements of a batch in one Operation `alter_table` that `recreates`.

    A batch with operations in it is heard as these; one that only copies, and one whose `flush` is called by hand, are
    heard as their SQL, which drops a table and loses nothing. So is a copy that is written by hand, where all rows of
    a live table are copied; the columns that are left out are dropped.
    """
    found: list[Operation] = []
    for each in operations:
        found.append(each)
        last = found[-len(_KINDS) :]
        kinds = [one.kind for one in last]
        if kinds == _KINDS and _is_copy(*last):
            found[-len(_KINDS) :] = [_whole(last, each.new_name)]
        elif now is not None and kinds in (_KINDS, _OTHER_WAY):
            told = _by_hand(last, now, is_first_set_aside=kinds == _OTHER_WAY)
            if told:
                found[-len(_KINDS) :] = told
    return tuple(found)


def _whole(last: list[Operation], table: str) -> Operation:
    sql = tuple(dict.fromkeys(text for one in last for text in one.sql))
    return replace(last[0], kind="alter_table", table=table, name="", new_name="", columns=(), parts=(), recreates=True,
                   sql=sql, at=-1)  # fmt: skip


def _is_copy(made: Operation, filled: Operation, dropped: Operation, renamed: Operation) -> bool:
    copy = _COPY + dropped.table
    # Alembic cuts the name of a long one.
    is_copy = made.table.startswith(_COPY) and copy.startswith(made.table)
    return is_copy and made.table == filled.table == renamed.table and dropped.table == renamed.new_name


def _by_hand(last: list[Operation], now: Situation, *, is_first_set_aside: bool) -> list[Operation]:
    """The copy of a live table as one operation, and the columns that it leaves out; nothing if it is not that."""
    if is_first_set_aside:
        renamed, made, filled, dropped = last
        names = renamed.table == made.table == filled.table and renamed.new_name == dropped.table
        table, source = made.table, dropped.table
    else:
        made, filled, dropped, renamed = last
        names = made.table == filled.table == renamed.table and dropped.table == renamed.new_name
        table, source = dropped.table, dropped.table
    live = now.table(made.schema, table)
    read = _columns_read(filled, source, now.dialect)
    if not names or live is None or read is None or now.is_new(made.schema, table) or dropped.cascade:
        return []
    if not all(_keeps(each, live, now.dialect) for each in made.columns):
        return []
    whole = _whole(last, table)
    left_out = [each.name for each in live.columns if "*" not in read and each.name.casefold() not in read]
    return [
        *(replace(whole, kind="drop_column", name=each) for each in left_out),
        *([] if left_out else [whole]),
    ]


def _keeps(made: ColumnSpec, live: Table, dialect: str) -> bool:
    """A column of the copy holds whatever the live one of its name does; one that is new holds nothing of it."""
    was = next((each for each in live.columns if each.name.casefold() == made.name.casefold()), None)
    return was is None or fits(kind(was.type, dialect), kind(made.type, dialect), dialect)


def _columns_read(filled: Operation, source: str, dialect: str) -> set[str] | None:
    """The columns of the old table whose values all rows of the new one get; None where rows may be left out."""
    for node in _inserts(filled, dialect):
        told = node.expression
        if not isinstance(told, exp.Select) or any(told.args.get(each) for each in (*_NARROWING, "with")):
            return None
        tables = [each.name.casefold() for each in told.find_all(exp.Table)]
        if tables != [source.casefold()]:
            return None
        stars = {"*" for each in told.expressions if isinstance(each, exp.Star)}
        return stars | {each.name.casefold() for each in told.find_all(exp.Column)}
    return None


def _inserts(filled: Operation, dialect: str) -> Iterator[exp.Insert]:
    for text in filled.sql:
        try:
            nodes = sqlglot.parse(text, read=SQLGLOT.get(dialect, dialect))
        except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
            continue
        for each in nodes:
            into = each.find(exp.Table) if isinstance(each, exp.Insert) else None
            if isinstance(each, exp.Insert) and into is not None and into.name.casefold() == filled.table.casefold():
                yield each

"""Runs a revision on the live connection where nothing is written: what it asks is answered, what it writes is heard.

For revisions whose SQL cannot be had offline: they look with the inspector, read rows, or copy a table in a batch.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from workbench.bridge.effects import listening
from workbench.bridge.environments import Part
from workbench.bridge.shadows import Shadow
from workbench.results.operations import Operation, Told

_READS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
    r"(?:SELECT|SHOW|EXPLAIN|DESCRIBE|DESC|VALUES|SAVEPOINT|RELEASE|ROLLBACK\s+TO"
    r"|PRAGMA\s+(?:\w+\.)?(?:table_|index_|foreign_key_list|database_list|function_list)\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_WITH = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*WITH\b", re.IGNORECASE | re.DOTALL)
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|INTO)\b", re.IGNORECASE)
_CATALOGUE = re.compile(r"\b(?:pg_catalog|information_schema|sqlite_master)\b", re.IGNORECASE)
"""Of the inspector's own questions."""
_MARKS = re.compile(r"%\(\w+\)s|%s|(?<!:):\w+|\?")


class _TimeIsUp(BaseException):
    """Not caught by an `except Exception` of the revision's."""


def record(part: Part, function: Any, path: str, seconds: float) -> tuple[tuple[Operation, ...], BaseException | None]:
    """The operations of one `upgrade` or `downgrade`, and what cut it short: None if it came to its end.

    SELECTs and the inspector's questions are answered by the live database as it is now, so what an earlier pending
    revision would make is not there. Nothing else reaches the driver.

    Args:
        part: The database; the Guard of the worker keeps its connection from committing.
        function: The revision's.
        path: Its file.
        seconds: After so long it is cut at its next statement.

    """
    connection: Any = part.context.connection
    texts: list[str] = []
    reads: set[int] = set()
    until = time.monotonic() + seconds
    options = {key: value for key, value in part.context.opts.items() if key not in {"fn", "output_encoding", "purge"}}
    context = MigrationContext.configure(
        connection=connection, environment_context=part.context.environment_context, opts={**options, "as_sql": False}
    )
    error: BaseException | None = None
    with (
        _no_autocommit(),
        listening(lambda: len(texts)) as begin,
        _taken_back(connection),
        _shadowed(connection) as heard,
        _swallowing(connection, texts, reads, until, heard),
        Operations.context(context),
    ):
        ear = begin(path)
        try:
            function(**part.arguments)
        except (Exception, SystemExit, _TimeIsUp) as raised:  # noqa: BLE001 - whatever a revision's own code raises
            error = raised
    told = Told(ear.operations(texts, (0, len(texts)), lambda at: at)).opened
    return tuple(replace(each, kind="select", source="code") if each.first in reads else each for each in told), error


def is_time_up(error: BaseException) -> bool:
    """Whether that is what cut a recording short."""
    return isinstance(error, _TimeIsUp)


@contextlib.contextmanager
def _shadowed(connection: Any) -> Iterator[Callable[[str], None]]:
    """Give what is to be told of each statement that is kept from the driver."""
    if connection.dialect.name != "sqlite":
        yield lambda _: None
        return
    shadow = Shadow(connection)
    with shadow.asked_by_batches():
        yield shadow.heard


@contextlib.contextmanager
def _swallowing(
    connection: Any, texts: list[str], reads: set[int], until: float, heard: Callable[[str], None]
) -> Iterator[None]:
    """Keep from the driver whatever does not only read, and note it; of what reads, what looks at rows."""

    def executes(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:  # noqa: ARG001 - SQLAlchemy's protocol
        if time.monotonic() > until:
            raise _TimeIsUp
        if reads_only(statement):
            if getattr(context, "compiled", None) is not None and _CATALOGUE.search(statement) is None:
                reads.add(len(texts))
                texts.append(_text(statement, context))
            return None
        texts.append(_text(statement, context))
        heard(texts[-1])
        if context is not None:  # an ORM Session counts the rows that its UPDATE has found
            context._rowcount = len(getattr(context, "compiled_parameters", None) or "1")
        return True  # SQLAlchemy takes it for executed

    def executes_plain(cursor: Any, statement: str, context: Any) -> bool | None:
        return executes(cursor, statement, None, context)

    listeners: list[tuple[str, Callable[..., Any]]] = [
        ("do_execute", executes), ("do_executemany", executes), ("do_execute_no_params", executes_plain),
    ]  # fmt: skip
    engine = connection.engine
    for name, listener in listeners:
        sa.event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(engine, name, listener)


def reads_only(statement: str) -> bool:
    """Whether a statement may go to the database: nothing that writes by its words."""
    if _WITH.match(statement) or _READS.match(statement):
        return _WRITES.search(re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`", "''", statement)) is None
    return False


def _text(statement: str, context: Any) -> str:
    """What would be executed, with values in the places of its parameters: which ones does not matter."""
    compiled = getattr(context, "compiled", None)
    told = getattr(compiled, "statement", None)
    if told is not None:
        with contextlib.suppress(Exception):  # a value that has no literal
            keys = getattr(compiled, "column_keys", None)  # what an ORM Session sets, of all columns
            return str(told.compile(dialect=context.dialect, column_keys=keys, compile_kwargs={"literal_binds": True}))
    return _MARKS.sub("NULL", statement) if getattr(context, "compiled_parameters", None) else statement


@contextlib.contextmanager
def _taken_back(connection: Any) -> Iterator[None]:
    """A question that fails ends a transaction on PostgreSQL; and there even a SELECT can write, as with nextval()."""
    if connection.dialect.name != "postgresql":
        yield
        return
    nested = connection.begin_nested()
    try:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield
    finally:
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # the connection is gone
            nested.rollback()


@contextlib.contextmanager
def _no_autocommit() -> Iterator[None]:
    """An `autocommit_block()` would commit, and change the connection."""
    original = MigrationContext.autocommit_block
    MigrationContext.autocommit_block = lambda _: contextlib.nullcontext()  # type: ignore[method-assign,assignment,return-value]
    try:
        yield
    finally:
        MigrationContext.autocommit_block = original  # type: ignore[method-assign]

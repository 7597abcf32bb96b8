"""How many rows a table has and how much room it takes; counted where that is quick, else the database's estimate."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from workbench.bridge import querying
from workbench.results.objects import Table

_QUICK = 100_000
"""Rows; a table that is estimated at more is not counted."""
_LIMIT = 1_000_000
"""Rows, where there is no estimate: counting ends behind them."""
_SECONDS = 5
_POSTGRESQL = """
    SELECT {} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = :name AND n.nspname = coalesce(:schema, current_schema())
"""
_MYSQL = """
    SELECT {} FROM information_schema.tables
    WHERE table_name = :name AND table_schema = coalesce(:schema, database())
"""
_QUESTIONS = {
    # One by one: for the size PostgreSQL waits for the table's lock.
    "postgresql": (_POSTGRESQL.format("c.reltuples"), _POSTGRESQL.format("pg_total_relation_size(c.oid)")),
    "mysql": (_MYSQL.format("table_rows"), _MYSQL.format("data_length + index_length")),
}
_QUESTIONS["mariadb"] = _QUESTIONS["mysql"]
_LAST_KEYS = {
    "postgresql": """
        SELECT pg_catalog.pg_sequence_last_value(d.objid::regclass) FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = :column
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
            AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
        JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
        WHERE c.relname = :name AND n.nspname = coalesce(:schema, current_schema())
    """,
    "mysql": _MYSQL.format("auto_increment - 1") + " AND :column <> ''",
}
_LAST_KEYS["mariadb"] = _LAST_KEYS["mysql"]


def measure(connection: Any, table: Table) -> Table:
    """The table with its number of rows and its size in bytes.

    `rows` is exact where the database estimates fewer than 100,000, or has no estimate and there are at most 1,000,000
    (SQLite). It is an estimate where `rows_estimated` says so, and None where not even that can be had. A table that
    is locked, or takes longer than five seconds to count, is estimated; `size` is None where the database does not
    tell.
    """
    dialect = connection.dialect.name
    estimate, size = _estimate(connection, table, dialect)
    rows = None
    if estimate is None or estimate < _QUICK:
        rows = _counted(connection, table, dialect)
    if rows is not None and rows <= _LIMIT:
        if dialect == "sqlite":
            size = _sqlite_size(connection, table)
        return dataclasses.replace(table, rows=rows, rows_estimated=False, size=size)
    if dialect == "sqlite" and rows is not None:
        estimate = _sqlite_estimate(connection, table)
    # What was counted is the least that there are.
    known = [each for each in (estimate, rows) if each is not None]
    return dataclasses.replace(table, rows=max(known, default=None), rows_estimated=bool(known), size=size)


def _estimate(connection: Any, table: Table, dialect: str) -> tuple[int | None, int | None]:
    told: list[int | None] = []
    for question in _QUESTIONS.get(dialect, ()):
        found = _asked(connection, question, name=table.name, schema=table.schema)
        told.append(None if not found or found[0][0] is None else int(found[0][0]))
    rows, size = told or (None, None)
    # PostgreSQL tells -1 where the table was never analysed, and of a partitioned one nothing of its parts.
    return None if rows is None or rows < 0 else rows, size


def glance(connection: Any, table: Table) -> tuple[int | None, int | None, bool | None]:
    """At once: the database's own estimate of its rows, its bytes, and whether it is empty; None what is not known.

    Nothing is counted. An estimate can say 0 of a table with rows, so emptiness is asked for by itself.
    """
    dialect = connection.dialect.name
    if dialect == "sqlite":
        rows, size = _sqlite_estimate(connection, table), None
    else:
        rows, size = _estimate(connection, table, dialect)
    name = querying.quoted(connection, table.name, table.schema).replace(":", "\\:")
    hint = f"/*+ MAX_EXECUTION_TIME({_SECONDS * 1000}) */ " if dialect == "mysql" else ""
    told = _asked(connection, f"SELECT {hint}EXISTS(SELECT 1 FROM {name})")  # noqa: S608 - quoted
    return rows, size, not told[0][0] if told else None


def last_key(connection: Any, table: Table) -> int | None:
    """The last value that the sequence or AUTO_INCREMENT of its key has given away; None if there is no such key."""
    question = _LAST_KEYS.get(connection.dialect.name)
    if question is None or len(table.primary_key) != 1:
        return None
    column = next(each for each in table.columns if each.name == table.primary_key[0])
    if not column.identity and "nextval(" not in (column.default or ""):
        return None
    found = _asked(connection, question, name=table.name, schema=table.schema, column=column.name)
    return None if not found or found[0][0] is None else int(found[0][0])


def _counted(connection: Any, table: Table, dialect: str) -> int | None:
    """The number of rows, no more than a little beyond the limit; None if that took too long, or was refused."""
    name = querying.quoted(connection, table.name, table.schema).replace(":", "\\:")
    hint = f"/*+ MAX_EXECUTION_TIME({_SECONDS * 1000}) */ " if dialect == "mysql" else ""
    counting = f"SELECT {hint}count(*) FROM (SELECT 1 FROM {name} LIMIT {_LIMIT + 1}) AS counted"  # noqa: S608 - quoted
    if dialect in {"mysql", "mariadb"} and getattr(connection.dialect, "is_mariadb", False):
        counting = f"SET STATEMENT max_statement_time = {_SECONDS} FOR {counting}"
    try:
        with _hurried(connection, dialect):
            return int(connection.execute(text(counting)).scalar() or 0)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None


@contextlib.contextmanager
def _hurried(connection: Any, dialect: str) -> Iterator[None]:
    """Waits for no lock longer than a moment, and on PostgreSQL for no statement longer than a few seconds."""
    if dialect == "postgresql":
        nested = connection.begin_nested()
        try:
            connection.execute(text(f"SET LOCAL statement_timeout = '{_SECONDS}s'"))
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            yield
        finally:
            nested.rollback()  # which also takes back what was set
    elif dialect in {"mysql", "mariadb"}:
        (before,) = connection.execute(text("SELECT @@SESSION.lock_wait_timeout")).one()
        connection.execute(text("SET SESSION lock_wait_timeout = 1"))
        try:
            yield
        finally:
            connection.execute(text(f"SET SESSION lock_wait_timeout = {int(before)}"))
    else:
        yield


def _sqlite_estimate(connection: Any, table: Table) -> int | None:
    """What ANALYZE has noted, else the largest rowid."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = quote(table.schema or "main").replace(":", "\\:")
    noted = _asked(connection, f"SELECT stat FROM {schema}.sqlite_stat1 WHERE tbl = :name", name=table.name)  # noqa: S608 - quoted
    if noted and noted[0][0]:
        return int(str(noted[0][0]).split()[0])
    name = quote(table.name).replace(":", "\\:")
    largest = _asked(connection, f"SELECT max(rowid) FROM {schema}.{name}")  # noqa: S608 - quoted
    return int(largest[0][0]) if largest and isinstance(largest[0][0], int) else None


def _sqlite_size(connection: Any, table: Table) -> int | None:
    """The pages of the table and its indexes; None where SQLite was built without `dbstat`."""
    schema = table.schema or "main"
    quote = connection.dialect.identifier_preparer.quote_identifier
    master = quote(schema).replace(":", "\\:") + ".sqlite_master"
    parts = _asked(connection, f"SELECT name FROM {master} WHERE tbl_name = :name AND rootpage > 0", name=table.name)  # noqa: S608 - quoted
    # One by one: only so does it look at no other table's pages.
    asked = "SELECT sum(pgsize) FROM dbstat WHERE schema = :schema AND name = :name"
    sizes = [_asked(connection, asked, schema=schema, name=name) for (name,) in parts]
    told = [int(each[0][0]) for each in sizes if each and each[0][0] is not None]
    return sum(told) if told else None


def _asked(connection: Any, question: str, **parameters: Any) -> list[Any]:
    """The rows; none where the question cannot be answered."""
    try:
        with _hurried(connection, connection.dialect.name):
            return list(connection.execute(text(question), parameters))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return []

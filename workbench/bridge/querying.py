"""Asks a query of one's own on env.py's connection, where the database itself refuses whatever writes."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from workbench.bridge import database_errors, plain_values, query_parameters, sqlite_queries, timeouts
from workbench.errors import DatabaseReadOnly, QueryFailed, UnsupportedRequest, WorkbenchError
from workbench.text import shorten

_NO_ROW = -1  # one more is asked for than the limit
_LONGEST = 2_000
"""Characters of a query that an error shows."""
_NAME = "workbench_query"
_CURSORS = itertools.count(1)

# The text goes to the server as a value, and opens a cursor there: one query that returns rows, and nothing else, can;
# so no text gets out of the transaction, also where the driver sends several statements in one.
_OPEN = (
    "DO $workbench$ DECLARE opened refcursor := '{cursor}'; "
    "BEGIN OPEN opened FOR EXECUTE current_setting('workbench.query'); END $workbench$"
)

_DATES = frozenset({
    1082, 1083, 1114, 1115, 1182, 1183, 1184, 1185, 1186, 1187, 1266, 1270, 3908, 3909, 3910, 3911, 3912, 3913, 4533,
    4534, 4535,
})  # fmt: skip
"""What PostgreSQL calls the types of dates, times and intervals, their arrays, ranges and multiranges."""


@dataclass(frozen=True)
class Query:
    """What is asked."""

    sql: str
    values: Mapping[str, Any]
    limit: int | None
    """None for all rows."""
    timeout: float
    has_texts: bool = False
    """Dates are asked for as texts."""
    within: bool = False
    """In the middle of a migration of a scratch database: its transaction stays as it is. On MariaDB, MySQL and SQLite
    the database does not refuse there what would write."""


Answer = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def ask(connection: Any, query: Query) -> Answer:
    """The names of the columns, and the rows as plain values: one more than `limit` where there are more.

    Raises:
        DatabaseReadOnly: It would write, or is no query.
        QueryFailed: The database cannot answer it, or did not in time.
        UnsupportedRequest: There is no way to keep this database, or its driver, from writing.

    """
    dialect = connection.dialect.name
    asked = _ASK.get(dialect)
    if asked is None:
        raise UnsupportedRequest(
            f"wb.query() knows no way to keep {dialect} from writing.",
            "PostgreSQL, MariaDB, MySQL and SQLite have one.",
        )
    described: list[Any] = []
    try:
        with asked(connection, query) as result:
            described += (result.cursor and result.cursor.description) or ()
            rows = result.fetchall() if query.limit is None else result.fetchmany(query.limit + 1)
            names = tuple(str(each[0]) for each in described)
            answer = names, [tuple(plain_values.plain(value) for value in row) for row in rows]
    except WorkbenchError:  # a ValueError, some of them
        raise
    except _NOT_ANSWERED as error:
        again = None
        if dialect == "postgresql" and _is_unreadable(error):
            described = described or _described(connection, query)
            again = _with_texts_for_dates(query, described)
        if again is not None:
            with contextlib.suppress(QueryFailed):  # what cannot stand within another query
                return tuple(str(each[0]) for each in described), ask(connection, again)[1]
        raise _failed(error, query, dialect) from error
    if dialect == "postgresql" and any(plain_values.is_at_an_end(value) for row in answer[1] for value in row):
        return _with_infinities(connection, query, described, answer)
    return answer


def _with_infinities(connection: Any, query: Query, described: list[Any], answer: Answer) -> Answer:
    """The answer, with texts for its dates if one is infinite: psycopg2 and asyncpg give 9999-12-31 for that."""
    again = _with_texts_for_dates(query, described)
    if again is not None:
        with contextlib.suppress(QueryFailed):  # what cannot stand within another query
            rows = ask(connection, again)[1]
            dates = [number for number, each in enumerate(described) if each[1] in _DATES]
            if any("infinity" in str(row[number]) for row in rows for number in dates):
                return answer[0], rows
    return answer


_NOT_ANSWERED = (
    sa.exc.DBAPIError, sa.exc.ResourceClosedError, sqlite3.Error, sqlite3.Warning, ValueError, TypeError,
    OverflowError,
)  # fmt: skip


def _is_unreadable(error: BaseException) -> bool:
    """The server has answered, and the driver cannot read it."""
    original = getattr(error, "orig", None) or error
    return not any(getattr(original, name, None) for name in ("sqlstate", "pgcode"))


def _described(connection: Any, query: Query) -> list[Any]:
    """The columns, where a driver has failed before it told them: asyncpg reads all rows at once."""
    with contextlib.suppress(*_NOT_ANSWERED), _postgresql(connection, replace(query, limit=_NO_ROW)) as result:
        return list((result.cursor and result.cursor.description) or ())
    return []


def _with_texts_for_dates(query: Query, described: list[Any]) -> Query | None:
    """The query with its dates as texts: Python has none before the year 1, after 9999, or at infinity."""
    if query.has_texts or not any(each[1] in _DATES for each in described):
        return None
    names = [f"c{number}" for number in range(len(described))]
    told = (f"{name}::text" if each[1] in _DATES else name for name, each in zip(names, described, strict=True))
    asked = query.sql.rstrip().rstrip(";")
    sql = f"SELECT {', '.join(told)} FROM (\n{asked}\n) AS told ({', '.join(names)})"  # noqa: S608 - it only looks
    return replace(query, sql=sql, has_texts=True)


def select(connection: Any, table: str, schema: str | None) -> str:
    """`SELECT * FROM` the table."""
    return f"SELECT * FROM {quoted(connection, table, schema)}"  # noqa: S608 - see its name


def quoted(connection: Any, table: str, schema: str | None) -> str:
    """The table's name as the server reads it; SQLAlchemy writes a percent sign twice where the driver wants that."""
    preparer = connection.dialect.identifier_preparer
    name = str(preparer.format_table(sa.table(table, schema=schema)))
    return name.replace("%%", "%") if preparer._double_percents else name


@contextlib.contextmanager
def _postgresql(connection: Any, query: Query) -> Iterator[Any]:
    sql = query_parameters.filled(query.sql, query.values, query_parameters.postgresql_literal)
    raw = getattr(connection.connection, "dbapi_connection", None)
    cursor = f"{_NAME}_{next(_CURSORS)}"  # asyncpg remembers of each FETCH what columns it gave
    # Where env.py is within a transaction it stays so: a search_path that it has set belongs to that.
    begin, end = (f"SAVEPOINT {_NAME}", f"ROLLBACK TO SAVEPOINT {_NAME}")
    if getattr(raw, "autocommit", False):
        begin, end = "BEGIN", "ROLLBACK"
    connection.exec_driver_sql(begin)
    try:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(query.timeout * 1000))}")
        connection.execute(sa.text("SELECT set_config('workbench.query', CAST(:told AS text), true)"), {"told": sql})
        connection.exec_driver_sql(_OPEN.format(cursor=cursor))
        count = "ALL" if query.limit is None else query.limit + 1
        yield connection.exec_driver_sql(f"FETCH FORWARD {count} FROM {cursor}")
    finally:
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # the connection is gone; then so is the transaction
            connection.exec_driver_sql(end)


@contextlib.contextmanager
def _mysql(connection: Any, query: Query) -> Iterator[Any]:
    values: list[Any] = []

    def mark(value: Any) -> str:
        values.append(query_parameters.plain(value))
        return "?"

    sql = query_parameters.filled(query.sql, query.values, mark).rstrip().rstrip(";")
    slow = "max_statement_time" if getattr(connection.dialect, "is_mariadb", False) else "max_execution_time"
    seconds = f"{query.timeout:f}" if slow == "max_statement_time" else str(max(1, round(query.timeout * 1000)))
    before = connection.exec_driver_sql(f"SELECT @@SESSION.sql_select_limit, @@SESSION.{slow}").first()
    if not query.within:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("START TRANSACTION READ ONLY")
    try:
        _assign(connection, {"query": sql, "look": f"SELECT EXISTS({sql}\n)"})
        # SET GLOBAL, LOCK TABLES and INTO OUTFILE are allowed in a read-only transaction. Within EXISTS only a query
        # is; and PREPARE takes one statement, also where the driver would send several.
        connection.exec_driver_sql(f"PREPARE {_NAME} FROM @workbench_query")
        try:
            connection.exec_driver_sql(f"PREPARE {_NAME}_look FROM @workbench_look")
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            raise _refused(error, query, connection.dialect.name) from error
        _assign(connection, {str(number): value for number, value in enumerate(values)})
        connection.exec_driver_sql(f"SET SESSION {slow} = {seconds}")
        if query.limit is not None:
            connection.exec_driver_sql(f"SET SESSION sql_select_limit = {query.limit + 1}")
        using = ", ".join(f"@workbench_{number}" for number in range(len(values)))
        yield connection.exec_driver_sql(f"EXECUTE {_NAME}{' USING ' + using if using else ''}")
    finally:
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # as above; or it was never prepared
            connection.exec_driver_sql(f"SET SESSION sql_select_limit = {before[0]}, SESSION {slow} = {before[1]}")
            if not query.within:
                connection.exec_driver_sql("ROLLBACK")
            for name in (f"{_NAME}_look", _NAME):
                with contextlib.suppress(sa.exc.SQLAlchemyError):
                    connection.exec_driver_sql(f"DEALLOCATE PREPARE {name}")


def _assign(connection: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        connection.execute(sa.text(f"SET @workbench_{name} = :told"), {"told": value})


_ASK: dict[str, Callable[[Any, Query], contextlib.AbstractContextManager[Any]]] = {
    "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql, "sqlite": sqlite_queries.asked,
}  # fmt: skip


def _failed(error: BaseException, query: Query, dialect: str) -> WorkbenchError:
    words = _words(getattr(error, "orig", None) or error)
    low = words.lower()
    if getattr(error, "connection_invalidated", False):
        return QueryFailed(
            "The connection to the database was lost before it had answered.",
            "Look whether the server runs, and who ended the session; then ask again.",
            _evidence(error, query),
        )
    if database_errors.takes_no_writes(words) or any(each in low for each in _REFUSALS):
        return _refused(error, query, dialect)
    if timeouts.is_too_slow(error) or low == "interrupted":
        return QueryFailed(
            f"The query had no answer within {query.timeout:g} seconds, and was stopped.",
            "Ask for less, or give it more time: wb.query(…, timeout=300).",
            _evidence(error, query),
        )
    return QueryFailed("The database cannot answer this query.", _remedy(low, query, dialect), _evidence(error, query))


_REFUSALS = ("not authorized", "authorization denied", "may not be modified", "query as cursor")


def _refused(error: BaseException, query: Query, dialect: str) -> DatabaseReadOnly:
    return DatabaseReadOnly(
        "wb.query() only looks, and the database refused this: it would write, or is no query.",
        f"Ask a {_KINDS.get(dialect, _MOST)}; changes belong into a revision.",
        _evidence(error, query),
    )


def _evidence(error: BaseException, query: Query) -> tuple[tuple[str, str], ...]:
    words = _words(getattr(error, "orig", None) or error)
    sql = query.sql if len(query.sql) <= _LONGEST else shorten(query.sql, _LONGEST)
    return ("query", sql), ("the database says", words)


def _words(original: Any) -> str:
    """What the database says, and not what we have put around the query."""
    told = getattr(getattr(original, "diag", None), "message_primary", None)  # psycopg and psycopg2
    if told is None and len(original.args) > 1 and isinstance(original.args[0], int):  # pymysql and mysqlclient
        told = original.args[1]
    return str(told or database_errors.words_of(original)).replace("\n)'", "'")


_MOST = "SELECT, WITH, VALUES or EXPLAIN"
_KINDS = dict.fromkeys(("mysql", "mariadb"), "SELECT, WITH or VALUES")
_DENIED = ("permission denied", "command denied")
_UNCLEAR = ("as cursor", "one statement", "syntax error", "sql syntax", "not return rows")


def _remedy(words: str, query: Query, dialect: str) -> str:
    without = [f":{each}" for each in query_parameters.names(query.sql) if each not in query.values]
    taken = [each for each in without if each[1:] in query_parameters.TAKEN]
    if taken:
        return f"{taken[0]} cannot be given: wb.query() has an argument of this name. Call it something else."
    if without:
        return f"There is no value for {', '.join(without)}: wb.query(…, {without[0][1:]}=…)."
    if any(each in words for each in _DENIED):
        return "The account that env.py connects with may not read it. Let it SELECT there, or use another one."
    if any(each in words for each in _UNCLEAR):
        return f"Ask one query: a {_KINDS.get(dialect, _MOST)}."
    return ""

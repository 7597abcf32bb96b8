"""Asks a query of one's own on env.py's connection, where the database itself refuses whatever writes."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from workbench.bridge import database_errors, query_parameters, read_only, timeouts
from workbench.errors import DatabaseReadOnly, QueryFailed, UnsupportedRequest, WorkbenchError

_PLAIN = {type(None), bool, int, float, str, bytes, dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID}
_NAME = "workbench_query"

# The text goes to the server as a value, and opens a cursor there: one query that returns rows, and nothing else, can;
# so no text gets out of the transaction, also where the driver sends several statements in one.
_OPEN = (
    f"DO $workbench$ DECLARE opened refcursor := '{_NAME}'; "
    "BEGIN OPEN opened FOR EXECUTE current_setting('workbench.query'); END $workbench$"
)

_TELLING = frozenset({
    "collation_list", "compile_options", "database_list", "foreign_key_check", "foreign_key_list", "function_list",
    "index_info", "index_list", "index_xinfo", "integrity_check", "module_list", "pragma_list", "quick_check",
    "table_info", "table_list", "table_xinfo",
})  # fmt: skip
"""Pragmas whose argument names what to tell of."""
_SETTINGS = frozenset({
    "application_id", "auto_vacuum", "encoding", "foreign_keys", "freelist_count", "journal_mode", "page_count",
    "page_size", "schema_version", "user_version",
})  # fmt: skip
"""Pragmas that tell something without an argument, and set it with one."""
_READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    33,
}  # 33: SQLITE_RECURSIVE, which Python has a name for since 3.13
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "edit"})


@dataclass(frozen=True)
class Query:
    """What is asked."""

    sql: str
    values: Mapping[str, Any]
    limit: int | None
    """None for all rows."""
    timeout: float


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
    try:
        with asked(connection, query) as result:
            names = tuple(str(each[0]) for each in (result.cursor and result.cursor.description) or ())
            rows = result.fetchall() if query.limit is None else result.fetchmany(query.limit + 1)
            return names, [tuple(_plain(value) for value in row) for row in rows]
    except (sa.exc.DBAPIError, sa.exc.ResourceClosedError, sqlite3.Error, sqlite3.Warning) as error:
        raise _failed(error, query, dialect) from error
    except TypeError as error:
        raise UnsupportedRequest(
            f"A query takes no {error} as a value.", "Numbers, texts, dates, bytes, None, and lists of them."
        ) from error


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
    # Where env.py is within a transaction it stays so: a search_path that it has set belongs to that.
    begin, end = (f"SAVEPOINT {_NAME}", f"ROLLBACK TO SAVEPOINT {_NAME}")
    if getattr(raw, "autocommit", False):
        begin, end = "BEGIN", "ROLLBACK"
    connection.exec_driver_sql(begin)
    try:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(query.timeout * 1000))}")
        connection.execute(sa.text("SELECT set_config('workbench.query', CAST(:told AS text), true)"), {"told": sql})
        connection.exec_driver_sql(_OPEN)
        count = "ALL" if query.limit is None else query.limit + 1
        yield connection.exec_driver_sql(f"FETCH FORWARD {count} FROM {_NAME}")
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
    connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql("START TRANSACTION READ ONLY")
    try:
        _assign(connection, {"query": sql, "look": f"SELECT EXISTS({sql}\n)"})
        # SET GLOBAL, LOCK TABLES and INTO OUTFILE are allowed in a read-only transaction. Within EXISTS only a query
        # is; and PREPARE takes one statement, also where the driver would send several.
        connection.exec_driver_sql(f"PREPARE {_NAME} FROM @workbench_look")
        connection.exec_driver_sql(f"PREPARE {_NAME} FROM @workbench_query")
        _assign(connection, {str(number): value for number, value in enumerate(values)})
        connection.exec_driver_sql(f"SET SESSION {slow} = {seconds}")
        if query.limit is not None:
            connection.exec_driver_sql(f"SET SESSION sql_select_limit = {query.limit + 1}")
        using = ", ".join(f"@workbench_{number}" for number in range(len(values)))
        yield connection.exec_driver_sql(f"EXECUTE {_NAME}{' USING ' + using if using else ''}")
    finally:
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # as above; or it was never prepared
            connection.exec_driver_sql(f"SET SESSION sql_select_limit = {before[0]}, SESSION {slow} = {before[1]}")
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql(f"DEALLOCATE PREPARE {_NAME}")


def _assign(connection: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        connection.execute(sa.text(f"SET @workbench_{name} = :told"), {"told": value})


@contextlib.contextmanager
def _sqlite(connection: Any, query: Query) -> Iterator[Any]:
    values: list[Any] = []

    def mark(value: Any) -> str:
        made = query_parameters.plain(value)
        values.append(float(made) if isinstance(made, decimal.Decimal) else made)
        return "?"

    sql = query_parameters.filled(query.sql, query.values, mark)
    shown = connection.connection.dbapi_connection
    raw = getattr(shown, "driver_connection", shown)
    plain = raw if isinstance(raw, sqlite3.Connection) else getattr(raw, "_conn", None)  # aiosqlite's own
    if not isinstance(plain, sqlite3.Connection):
        raise UnsupportedRequest(
            f"wb.query() knows no way to keep the driver {connection.dialect.driver} from writing.",
            "sqlite3 and aiosqlite have one.",
        )
    within = (lambda do: do(plain)) if plain is raw else (lambda do: _in_its_thread(shown, plain, do))
    in_time = threading.Timer(query.timeout, plain.interrupt)
    within(_refuse)
    in_time.start()
    try:
        yield connection.exec_driver_sql(sql, tuple(values))
    finally:
        in_time.cancel()
        within(lambda it: _allow(it, connection.dialect))


def _in_its_thread(shown: Any, plain: Any, do: Callable[[Any], None]) -> None:
    """Call `do` in the one thread that may use an asynchronous driver's connection."""
    shown.run_async(lambda driver: driver._execute(do, plain))  # its public set_authorizer is young


def _refuse(connection: Any) -> None:
    connection.set_authorizer(_reads_only)
    connection.text_factory = lambda told: told.decode("utf-8", "backslashreplace")  # one bad text must not hide all


def _allow(connection: Any, dialect: Any) -> None:
    connection.text_factory = str
    read_only.refuse_what_commits(connection, dialect)


def _reads_only(action: int, name: str | None, value: str | None, *_: Any) -> int:
    if action == sqlite3.SQLITE_PRAGMA:
        low = (name or "").lower()
        reads = low in _TELLING or (low in _SETTINGS and value is None)
    elif action == sqlite3.SQLITE_FUNCTION:
        reads = (value or "").lower() not in _FORBIDDEN_FUNCTIONS
    else:
        reads = action in _READS
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


_ASK: dict[str, Callable[[Any, Query], contextlib.AbstractContextManager[Any]]] = {
    "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql, "sqlite": _sqlite,
}  # fmt: skip


def _failed(error: BaseException, query: Query, dialect: str) -> WorkbenchError:
    original = getattr(error, "orig", None) or error
    words = _words(original)
    evidence = (("query", query.sql), ("the database says", words))
    low = words.lower()
    if database_errors.takes_no_writes(words) or "not authorized" in low or "authorization denied" in low:
        return DatabaseReadOnly(
            "wb.query() only looks, and this would write: the database refused it.",
            "Changes belong into a revision.",
            evidence,
        )
    if timeouts.is_too_slow(error) or low == "interrupted":
        return QueryFailed(
            f"The query had no answer within {query.timeout:g} seconds, and was stopped.",
            "Ask for less, or give it more time: wb.query(…, timeout=300).",
            evidence,
        )
    return QueryFailed("The database cannot answer this query.", _remedy(low, query, dialect), evidence)


def _words(original: Any) -> str:
    """What the database says, and not what we have put around the query."""
    told = getattr(getattr(original, "diag", None), "message_primary", None)  # psycopg and psycopg2
    if told is None and len(original.args) > 1 and isinstance(original.args[0], int):  # pymysql and mysqlclient
        told = original.args[1]
    return str(told or database_errors.words_of(original)).replace("\n)'", "'")


def _remedy(words: str, query: Query, dialect: str) -> str:
    without = [f":{each}" for each in query_parameters.names(query.sql) if each not in query.values]
    if without:
        return f"There is no value for {', '.join(without)}: wb.query(…, {without[0][1:]}=…)."
    if "as cursor" in words or "one statement" in words or "syntax" in words:
        kinds = "SELECT, WITH or VALUES" if dialect in {"mysql", "mariadb"} else "SELECT, WITH, VALUES or EXPLAIN"
        return f"Ask one query: a {kinds}."
    return ""


def _plain(value: Any) -> Any:
    """`value` as something that both sides of the pipe know."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dt.datetime):
        offset = value.utcoffset()
        return value if offset is None else value.replace(tzinfo=dt.timezone(offset))
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (list, tuple)) and type(value) in {list, tuple}:
        return [_plain(each) for each in value]
    if type(value) is dict:
        return {str(name): _plain(each) for name, each in value.items()}
    return str(value)

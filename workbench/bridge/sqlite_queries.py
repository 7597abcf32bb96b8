"""Asks SQLite a query that cannot write: an authorizer allows a list of what reads, and `query_only` is on."""

from __future__ import annotations

import contextlib
import decimal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from workbench.bridge import query_parameters, read_only
from workbench.errors import UnsupportedRequest

if TYPE_CHECKING:
    from workbench.bridge.querying import Query

_TELLING = frozenset({
    "collation_list", "compile_options", "database_list", "foreign_key_check", "foreign_key_list", "function_list",
    "index_info", "index_list", "index_xinfo", "integrity_check", "module_list", "pragma_list", "quick_check",
    "table_info", "table_list", "table_xinfo",
})  # fmt: skip
"""Pragmas whose argument names what to tell of."""
_SETTINGS = frozenset({
    "application_id", "auto_vacuum", "busy_timeout", "cache_size", "data_version", "encoding", "foreign_keys",
    "freelist_count", "journal_mode", "locking_mode", "max_page_count", "mmap_size", "page_count", "page_size",
    "query_only", "recursive_triggers", "schema_version", "secure_delete", "synchronous", "temp_store", "user_version",
})  # fmt: skip
"""Pragmas that tell something without an argument, and set it with one."""
_READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    33,
}  # 33: SQLITE_RECURSIVE, which Python has a name for since 3.13
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "edit"})
_WRITES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
_CATALOGUE = frozenset({"sqlite_master", "sqlite_temp_master"})
_OF_R_TREES = ("_node", "_rowid", "_parent")


@contextlib.contextmanager
def asked(connection: Any, query: Query) -> Iterator[Any]:
    """The result of a query, as SQLAlchemy gives it; meanwhile nothing can be written (but see `Query.within`).

    Raises:
        UnsupportedRequest: There is no way to keep the driver from writing.

    """
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
    if not query.within:
        within(_refuse)
    in_time.start()
    try:
        yield connection.exec_driver_sql(sql, tuple(values))
    finally:
        in_time.cancel()
        if not query.within:
            within(lambda it: _allow(it, connection.dialect))


def _in_its_thread(shown: Any, plain: Any, do: Callable[[Any], None]) -> None:
    """Call `do` in the one thread that may use an asynchronous driver's connection."""
    shown.run_async(lambda driver: driver._execute(do, plain))  # its public set_authorizer is young


def _refuse(connection: Any) -> None:
    connection.execute("PRAGMA query_only=ON").close()  # what the authorizer has to let pass below does not write
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
    elif action == sqlite3.SQLITE_UPDATE and name in _CATALOGUE:
        reads = True  # so SQLite asks when a virtual table (json_each, fts5, pragma_table_info) tells of its columns
    elif action in _WRITES and (name or "").endswith(_OF_R_TREES):
        reads = True  # an R-tree prepares its writes before it is read
    else:
        reads = action in _READS
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY

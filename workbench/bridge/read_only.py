"""What keeps a question from writing where a rollback would come too late: the driver or the database refuses it."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from typing import Any
from urllib.parse import unquote

_ASIDE = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*"  # blanks and comments
_COMMIT = re.compile(
    rf"{_ASIDE}(?:COMMIT|END)\b{_ASIDE}(?:(?:WORK|TRANSACTION)\b)?{_ASIDE}(?:AND(?:\s+NO)?\s+CHAIN)?{_ASIDE};?{_ASIDE}",
    re.IGNORECASE | re.DOTALL,
)


def make_no_file(arguments: list[Any]) -> None:
    """SQLite makes a missing file when it is first read; a database that is not there is an empty one.

    Where its folder is missing, too, the driver shall say so.
    """
    path = _sqlite_file(str(arguments[0]))
    if path and not os.path.exists(path) and os.path.isdir(os.path.dirname(path) or "."):
        arguments[0] = ":memory:"


def refuse_what_commits(connection: Any, dialect: Any) -> None:
    """Take from a driver's new connection what would write for good by itself."""
    if isinstance(connection, sqlite3.Connection):
        connection.set_authorizer(_leave_journal_mode)  # query_only does not stop that, and it changes the file
    if dialect is not None and dialect.name == "postgresql":
        with contextlib.suppress(AttributeError, TypeError):  # drivers in C and in slots
            connection.commit = lambda: None


def refuse_writes(connection: Any) -> None:
    """Let the database itself refuse what a rollback cannot undo."""
    name = connection.dialect.name
    raw = connection.connection.dbapi_connection if hasattr(connection.connection, "dbapi_connection") else None
    if name == "sqlite":
        _quietly(connection, "PRAGMA query_only=ON")
    elif name in {"mysql", "mariadb"}:
        _quietly(connection, "SET SESSION TRANSACTION READ ONLY")
    elif name == "postgresql" and getattr(raw, "autocommit", False):
        _quietly(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")


def without_commit(connection: Any, statement: str) -> str:
    """`statement`, unless it is `execute(text("COMMIT"))`, the old way out of a transaction on PostgreSQL."""
    return "SELECT 1" if connection.dialect.name == "postgresql" and _COMMIT.fullmatch(statement) else statement


def _quietly(connection: Any, statement: str) -> None:
    """Execute on the driver's own connection: no event, no transaction of SQLAlchemy's."""
    with contextlib.suppress(Exception):  # a guard beside the guard: the rollback at commit still holds
        cursor = connection.connection.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()


def _sqlite_file(name: str) -> str:
    """The path of a database file, also of a `file:` URI; empty if there is none."""
    if name == ":memory:" or "mode=memory" in name:
        return ""
    if not name.startswith("file:"):
        return name
    path = unquote(name[len("file:") :].partition("#")[0].partition("?")[0])
    return re.sub(r"^//[^/]*", "", path)


def _leave_journal_mode(action: int, name: str | None, value: str | None, *_: Any) -> int:
    wants = action == sqlite3.SQLITE_PRAGMA and (name or "").lower() == "journal_mode" and value is not None
    return sqlite3.SQLITE_IGNORE if wants else sqlite3.SQLITE_OK

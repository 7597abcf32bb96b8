"""Which database a driver's arguments lead to, and the same arguments leading to another one."""

from __future__ import annotations

import os
import re
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_DATABASE = ("dbname", "database", "db")
_DSN = ("dsn", "conninfo")
_ASIDE = {"host", "hostaddr", "port", "user", "username", "password", "passwd", "unix_socket", "service", "passfile"}
_PAIR = re.compile(r"(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))")
_WHICH = {
    "sqlite": "PRAGMA database_list",
    # A database of the same name on another server is another database.
    "postgresql": "SELECT current_database()::text, (SELECT oid FROM pg_catalog.pg_database WHERE datname = "
    "current_database())::text, pg_catalog.pg_postmaster_start_time()::text",
    "mysql": "SELECT database(), @@hostname, @@port",
}


@dataclass(frozen=True)
class LiveIdentity:
    """What tells a database from others, as the driver's arguments say it."""

    dialect: str
    """`sqlite`, `postgresql` or `mysql`, which MariaDB is too."""
    database: str
    """Of SQLite the file, with its whole path; empty where the driver is not told."""
    host: str = ""
    port: str = ""


def kind(dialect: Any) -> str:
    """`sqlite`, `postgresql` or `mysql`; another dialect's own name."""
    name = str(dialect.name)
    return "mysql" if name == "mariadb" else name


def identity(dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> LiveIdentity:
    """Which database these arguments lead to."""
    if kind(dialect) == "sqlite":
        name = str(arguments[0] if arguments else keywords.get("database", ""))
        return LiveIdentity("sqlite", file_of(name))
    told = {**_from_dsn(arguments, keywords), **{key: value for key, value in keywords.items() if value is not None}}
    database = next((str(told[name]) for name in reversed(_DATABASE) if told.get(name)), "")
    host = told.get("host") or told.get("hostaddr") or told.get("unix_socket") or ""
    return LiveIdentity(kind(dialect), database, str(host), str(told.get("port") or ""))


def led(
    dialect: Any, arguments: list[Any], keywords: dict[str, Any], database: str, url: Any = None
) -> tuple[list[Any], dict[str, Any]]:
    """The same arguments for another database: one on the same server, or the one that `url` names."""
    arguments, keywords = list(arguments), dict(keywords)
    if kind(dialect) == "sqlite":
        if arguments:
            arguments[0] = database
        else:
            keywords["database"] = database
        return arguments, keywords
    if url is not None:
        _, wanted = dialect.create_connect_args(url)
        away = {*_ASIDE, *_DATABASE, *_DSN}
        return [], {**{key: value for key, value in keywords.items() if key not in away}, **wanted}
    given = next((name for name in _DATABASE if name in keywords), None)
    # Beside a DSN the keyword counts, with every driver that takes one.
    keywords[given or ("database" if dialect.driver in {"asyncpg", "pg8000"} else _name(dialect))] = database
    return arguments, keywords


def _name(dialect: Any) -> str:
    return "dbname" if kind(dialect) == "postgresql" else "database"


def ask(connection: Any, name: str | None = None) -> tuple[str, ...] | None:
    """Which database a driver's connection is on, asked of the database; None if it cannot be asked.

    Args:
        connection: As a pool gets it from the driver.
        name: The dialect's name, None if the project opened the connection by itself and nobody knows.

    """
    found = None
    for each in [name] if name else _likely(connection):
        cursor = connection.cursor()
        try:
            cursor.execute(_WHICH[each])
            rows = cursor.fetchall()
            found = _answer(each, rows)
        except Exception:  # noqa: BLE001, S112 - another kind of database than the one that was thought of
            continue
        finally:
            cursor.close()
        break
    if not isinstance(connection, sqlite3.Connection) and not getattr(connection, "autocommit", False):
        connection.rollback()  # the question has begun a transaction
    return found


def _answer(name: str, rows: Any) -> tuple[str, ...]:
    if name == "sqlite":
        return (os.path.realpath(next(str(row[2] or "") for row in rows if row[1] == "main")),)
    return tuple(str(value) for value in tuple(rows[0]))


def _likely(connection: Any) -> list[str]:
    module = type(getattr(connection, "driver_connection", connection)).__module__.lower()
    if "sqlite" in module:
        return ["sqlite"]
    return ["mysql", "postgresql"] if "my" in module or "maria" in module else ["postgresql", "mysql", "sqlite"]


def file_of(name: str) -> str:
    """The whole path of a SQLite file, also of a `file:` URI; empty if there is none."""
    path = "" if name == ":memory:" or "mode=memory" in name else name
    if path.startswith("file:"):
        path = re.sub(r"^//[^/]*", "", unquote(path[len("file:") :].partition("#")[0].partition("?")[0]))
    return os.path.realpath(path) if path else ""


def _from_dsn(arguments: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    text = next((str(each) for each in [*(keywords.get(name) for name in _DSN), *arguments] if each), "")
    if "://" in text:
        parts = urlsplit(text)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        found = {"dbname": unquote(parts.path.lstrip("/")), "user": unquote(parts.username or "")}
        found |= {"password": unquote(parts.password or ""), "host": unquote(parts.hostname or "")}
        return {key: value for key, value in {**found, "port": _port(parts), **query}.items() if value}
    pairs = ((match[1], match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])) for match in
             _PAIR.finditer(text))  # fmt: skip
    return dict(pairs)


def _port(parts: Any) -> str:
    try:
        return str(parts.port or "")
    except ValueError:  # several hosts
        return ""


def settings_of(arguments: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """What the driver is told, a DSN taken apart."""
    return {**_from_dsn(arguments, keywords), **keywords}

"""A connection beside env.py's own, for what must not be part of its transaction."""

from __future__ import annotations

import contextlib
from typing import Any

from workbench.bridge.environments import Part


class Session:
    """A second connection, like env.py's own, which commits everything by itself."""

    def __init__(self, part: Part) -> None:
        connection: Any = part.context.connection
        self.dialect = connection.dialect
        self.url: Any = connection.engine.url
        self.is_async = bool(getattr(self.dialect, "is_async", False))
        self.mine = raw_of(connection.connection)
        self.pool: Any = connection.engine.pool.recreate()
        try:
            self.fairy: Any = self.pool.connect()
            self.raw = raw_of(self.fairy)
        except Exception:  # noqa: BLE001 - one connection is all that this account may have, as a rule
            self.pool, self.fairy, self.raw = None, connection.connection, self.mine
        self.is_shared = self.raw is self.mine
        if self.is_shared:  # a creator= that always gives the same one: what it holds, it holds for us
            _KEPT.append(self.fairy)
            return
        self.dialect.do_rollback(self.raw)  # a listener of the project's (SET search_path) may have begun a transaction
        self.dialect.set_isolation_level(self.raw, "AUTOCOMMIT")

    def rows(self, sql: str) -> list[Any]:
        """Execute `sql`; gives its rows."""
        cursor = self.raw.cursor()
        try:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()

    def value(self, sql: str) -> Any:
        """The first value of the first row, None if there is none."""
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def close(self, farewell: str) -> None:
        """Close it; first execute `farewell`, if there is something."""
        if self.raw is None:
            return
        try:
            if farewell:
                self.rows(farewell)
        except Exception:  # noqa: BLE001 - its end gives everything back
            if self.is_shared:
                return
        raw, self.raw = self.raw, None
        if self.is_shared:
            return
        try:
            self.fairy.close()
            self.pool.dispose()
        except Exception:  # noqa: BLE001 - the event loop that it belongs to has ended
            _cut(self.dialect, raw)


def raw_of(fairy: Any) -> Any:
    """The driver's connection, or what SQLAlchemy has made to look like one."""
    return fairy.dbapi_connection if hasattr(fairy, "dbapi_connection") else fairy.connection


def cursor_of(part: Part) -> Any:
    """A cursor of the driver's own: SQLAlchemy's events would take what it executes for a part of the migration."""
    return part.context.connection.connection.cursor()  # type: ignore[union-attr]


def is_autocommit(part: Part) -> bool:
    """Whether env.py has told the driver to commit each statement by itself."""
    raw = raw_of(part.context.connection.connection)  # type: ignore[union-attr]
    return part.context.dialect.name != "sqlite" and getattr(raw, "autocommit", False) is True


def literal(value: str) -> str:
    """A literal. No name of ours or of a database's holds a backslash that would matter."""
    return "'" + value.replace("\\", "").replace("'", "''") + "'"


def _cut(dialect: Any, raw: Any) -> None:
    """End a connection without asking anybody."""
    with contextlib.suppress(Exception):
        dialect.do_terminate(raw)
        return
    driver = getattr(raw, "driver_connection", raw)
    for end in (getattr(driver, "terminate", None), getattr(getattr(driver, "pgconn", None), "finish", None)):
        if end is not None:
            with contextlib.suppress(Exception):
                end()
                return


_KEPT: list[Any] = []
"""What must not be collected: it would roll back the connection that it shares."""

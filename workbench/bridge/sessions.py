"""The server's own sessions: which one runs a migration, and how to end one whose client has died."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import sqlalchemy as sa

_PATIENCE = 5.0  # seconds that a session may take to end
_GLANCE = 0.05

# A session that is idle ends by itself when its client has gone, and its number may be another's by then: on MySQL only
# after a restart; on PostgreSQL sooner or later, or at once behind a pooler. What has been in a transaction there since
# before the client died can only be the client's own.
_BUSY = {
    "postgresql": "SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid = :number AND datname = current_database() "
    "AND state <> 'idle' AND clock_timestamp() - xact_start >= :dead * interval '1 second'",
    "mysql": "SELECT id FROM information_schema.processlist WHERE id = :number AND db = database() "
    "AND command <> 'Sleep'",
}
_END = {"postgresql": "SELECT pg_catalog.pg_terminate_backend(:number)", "mysql": "KILL :number"}


def number_of(connection: Any) -> int | None:
    """The server's number of the session behind a SQLAlchemy connection; None where its driver does not tell."""
    raw: Any = getattr(connection.connection, "driver_connection", None)
    with contextlib.suppress(Exception):  # every driver has its own way, and some have none
        if hasattr(raw, "get_server_pid"):
            return int(raw.get_server_pid())
        if hasattr(raw, "thread_id"):
            return int(raw.thread_id())
        return int(raw.info.backend_pid)
    return None


def end(connection: Any, number: int, dead: float) -> bool | None:
    """End the session if it is still at work.

    A server does not look whether its client is there before it has done what it was asked for: it would go on with
    the statement, and then what is read of the database is not what is there a moment later.

    Args:
        connection: Another session on the same database.
        number: The session's number.
        dead: Seconds since its client died.

    Returns:
        True if it was at work and is gone now, False if it could not be ended, None if it was not at work.

    """
    dialect = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    if dialect not in _BUSY:
        return None

    def busy() -> bool:
        if dialect == "postgresql":  # within a transaction it goes on telling what it has told before
            connection.execute(sa.text("SELECT pg_catalog.pg_stat_clear_snapshot()"))
        else:
            up = connection.execute(sa.text("SHOW GLOBAL STATUS LIKE 'Uptime'")).first()
            if up is None or int(up[1]) < dead:
                return False
        values = {"number": number, "dead": dead} if dialect == "postgresql" else {"number": number}
        return connection.execute(sa.text(_BUSY[dialect]), values).first() is not None

    try:
        if not busy():
            return None
        connection.execute(sa.text(_END[dialect].replace(":number", str(int(number)))))
        until = time.monotonic() + _PATIENCE
        while busy():
            if time.monotonic() > until:
                return False
            time.sleep(_GLANCE)
    except sa.exc.SQLAlchemyError:
        return False
    return True

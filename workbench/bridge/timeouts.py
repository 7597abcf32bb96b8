"""How long a statement may wait for a lock, and run; and what the errors of these timeouts say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.errors import LockNotHad
from workbench.text import shorten

_LONGEST_QUERY = 300

_WAITED = ("canceling statement due to lock timeout", "lock wait timeout exceeded", "lock request time out",
           "could not obtain lock on", "database is locked", "database table is locked",
           "database schema is locked")  # fmt: skip
_DEADLOCK = ("deadlock detected", "deadlock found when trying to get lock")
_TOO_SLOW = ("canceling statement due to statement timeout", "max_statement_time exceeded",
             "maximum statement execution time exceeded")  # fmt: skip
_LOOK_FOR_CLIENT = (
    "SELECT set_config(name, '2s', false) FROM pg_catalog.pg_settings "
    "WHERE name = 'client_connection_check_interval' AND setting = '0'"
)
_HOLDERS = "_workbench_holders"
_DRIVERS = {
    "sqlite3": "sqlite", "psycopg": "postgresql", "psycopg2": "postgresql", "pg8000": "postgresql",
    "pymysql": "mysql", "MySQLdb": "mysql", "mysql": "mysql", "mariadb": "mysql",
}  # fmt: skip


@dataclass(frozen=True)
class Timeouts:
    """Seconds; None leaves what the server, or the project's own settings, say."""

    lock: float | None = None
    statement: float | None = None

    def set_on(self, connection: Any, dialect: Any) -> None:
        """Set them for the session of a driver's connection that has just been made; a revision may set others.

        `dialect` is None where env.py makes its connections itself.
        """
        name = _DRIVERS.get(type(connection).__module__.partition(".")[0], "") if dialect is None else dialect.name
        for alternatives in self._settings(name):
            for statement in alternatives:
                with contextlib.suppress(Exception):  # this server does not know it; the next one is another's name
                    _execute(connection, statement)
                    break
        if name == "postgresql":
            with contextlib.suppress(Exception):
                connection.commit()  # a rollback would take the settings back
            _notice_our_death(connection)

    def ask_with(self, connection: Any) -> None:
        """Set them for the questions that SQLAlchemy's `connection` is asked from now on."""
        for alternatives in self._settings(connection.dialect.name):
            connection.exec_driver_sql(alternatives[0])

    def _settings(self, dialect: str) -> list[tuple[str, ...]]:
        lock, statement = self.lock, self.statement
        found: list[tuple[str, ...]] = []
        if dialect == "postgresql":
            found += [(f"SET lock_timeout = {_milliseconds(lock)}",)] if lock is not None else []
            found += [(f"SET statement_timeout = {_milliseconds(statement)}",)] if statement is not None else []
        elif dialect in {"mysql", "mariadb"}:
            if lock is not None:
                whole = max(1, round(lock))  # they count in seconds, and 0 is not known to all of them
                found += [(f"SET SESSION lock_wait_timeout = {whole}",)]
                found += [(f"SET SESSION innodb_lock_wait_timeout = {whole}",)]
            if statement is not None:  # MariaDB's, and MySQL's, which is for SELECT only
                ours = f"SET SESSION max_statement_time = {statement:f}"
                found += [(ours, f"SET SESSION max_execution_time = {_milliseconds(statement)}")]
        elif dialect == "sqlite" and lock is not None:
            found += [(f"PRAGMA busy_timeout = {_milliseconds(lock)}",)]
        return found


def _notice_our_death(connection: Any) -> None:
    """Have PostgreSQL look for its client in the middle of a statement: else it goes on for one that is dead.

    A transaction of its own: what the server's platform does not allow would take the other settings back. Servers
    before 14 do not know the setting, and give no row; one that somebody else has set stays.
    """
    try:
        _execute(connection, _LOOK_FOR_CLIENT)
        connection.commit()
    except Exception:  # noqa: BLE001 - a platform without it
        with contextlib.suppress(Exception):
            connection.rollback()


def is_lock_error(error: BaseException) -> bool:
    """The database gave up waiting for a lock, or has broken a deadlock up."""
    return _says(error, (*_WAITED, *_DEADLOCK))


def is_too_slow(error: BaseException) -> bool:
    """The database stopped a statement for the time that it took."""
    return _says(error, _TOO_SLOW)


def note_holders(error: BaseException, holders: Callable[[str], tuple[str, ...]]) -> None:
    """Ask who holds the lock, as long as it can be asked, and leave the answer on the error."""
    if not is_lock_error(error):
        return
    with contextlib.suppress(Exception):
        setattr(error, _HOLDERS, holders(str(getattr(error, "statement", "") or "")))


def lock_not_had(
    error: BaseException, what: str, evidence: tuple[tuple[str, str], ...], clean: Callable[[str], str]
) -> LockNotHad:
    """The error of a lock that was not had; `what` failed with it."""
    deadlock = _says(error, _DEADLOCK)
    why = (
        "it and somebody else waited for each other, and the database has stopped one of the two"
        if deadlock
        else "it waited for a lock that somebody else holds, until its time was over"
    )
    holders = tuple(("who may hold it", shorten(clean(each), _LONGEST_QUERY)) for each in getattr(error, _HOLDERS, ()))
    return LockNotHad(
        f"{what}: {why}.",
        "Try again when the others have ended."
        if deadlock
        else "Let the other session end, then make the plan again; or wait longer: plan.apply(lock_timeout=60).",
        (*evidence, *holders),
    )


def _says(error: BaseException, marks: tuple[str, ...]) -> bool:
    original = getattr(error, "orig", None)
    if original is None:
        return False
    words = str(original).lower()
    return any(mark in words for mark in marks)


def _execute(connection: Any, statement: str) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        if cursor.description:
            cursor.fetchall()
    finally:
        cursor.close()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))

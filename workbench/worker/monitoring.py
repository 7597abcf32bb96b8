"""Asks the server, from another connection, what a statement that runs long is waiting for."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from workbench.bridge import waiting
from workbench.results import Event
from workbench.text import redact

PATIENCE = 1.0
"""Seconds that a statement may run before anybody asks."""
_OFTEN = 0.5  # seconds between two questions
_AGAIN = 5.0  # seconds after which the same is told again, with how long it has lasted by now


class Monitor:
    """Watches one connection while a Plan is applied.

    It never disturbs the migration: its own connection is no part of it, and whatever goes wrong here ends the asking.
    """

    def __init__(self, emit: Callable[[Event], None], secrets: Callable[[], set[str]]) -> None:
        self._emit = emit
        self._secrets = secrets
        self._running: tuple[float, int, str, str] | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, connection: Any) -> None:
        """Watch this connection of SQLAlchemy's from now on, in place of any other."""
        self.close()
        dialect = connection.dialect
        query = waiting.session_query(dialect.name)
        if not query or getattr(dialect, "is_async", False):  # an async one lives in env.py's event loop only
            return
        with contextlib.suppress(Exception):
            cursor = connection.connection.cursor()
            try:
                cursor.execute(query)
                session = int(cursor.fetchone()[0])
            finally:
                cursor.close()
            other = _another(connection)
            self._ended = threading.Event()
            self._thread = threading.Thread(
                target=self._look, args=(dialect, session, other, self._ended), daemon=True, name="workbench-waiting"
            )
            self._thread.start()

    def began(self, step: int, revision: str, database: str) -> None:
        """A statement begins."""
        self._running = time.monotonic(), step, revision, database

    def done(self) -> None:
        """It has ended."""
        self._running = None

    def close(self) -> None:
        """Watch no longer. A question that hangs is not waited for."""
        self._running = None
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_OFTEN)

    def _look(self, dialect: Any, session: int, other: Callable[[], Any], ended: threading.Event) -> None:
        connection: Any = None
        try:
            told: tuple[Any, str, float] = None, "", 0.0
            while not ended.wait(_OFTEN):
                running = self._running
                now = time.monotonic()
                if running is None or now - running[0] < PATIENCE:
                    continue
                if connection is None:
                    connection = other()
                    dialect.set_isolation_level(connection, "AUTOCOMMIT")
                words, bare = waiting.words(dialect.name, functools.partial(_rows, connection), session)
                same = told[:2] == (running, bare) and now - told[2] < _AGAIN
                if not words or same or running is not self._running or ended.is_set():
                    continue
                told = running, bare, now
                _, step, revision, database = running
                self._emit(
                    Event("waiting", step, revision, redact(words, self._secrets()), None, now - running[0], database)
                )
        except Exception:  # noqa: BLE001, S110 - it may not look there, or the server is gone: the migration tells
            pass
        finally:
            if connection is not None:
                with contextlib.suppress(Exception):
                    connection.close()


def _another(connection: Any) -> Callable[[], Any]:
    """How to make another connection to the same server, past every pool and event: those are the project's."""
    opened = connection.info.get("workbench_opened")
    pool = connection.engine.pool

    def make() -> Any:
        if opened is not None:
            dialect, arguments, keywords = opened
            with contextlib.suppress(Exception):
                return dialect.connect(*arguments, **keywords)
        return pool.recreate().connect()  # env.py makes its connections itself

    return make


def _rows(connection: Any, sql: str) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    try:
        cursor.execute(sql)
        names = [str(each[0]).lower() for each in cursor.description or ()]
        return [dict(zip(names, row)) for row in cursor.fetchall()]  # noqa: B905 - of one length
    finally:
        cursor.close()

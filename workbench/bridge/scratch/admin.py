"""A connection of our own to the server of a live database, beside those that env.py opens."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy.util.concurrency import greenlet_spawn

from workbench.bridge.scratch import places


class Admin:
    """On it each statement stands for itself. The guard does not see it, since no engine has opened it."""

    def __init__(self, dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
        self._dialect = dialect
        # A driver for asyncio belongs to the loop that opened it, and env.py's loop has ended when we clean up.
        self._loop = _Loop() if getattr(dialect, "is_async", False) else None
        try:
            self._raw = self._call(lambda: self._opened(arguments, keywords))
        except BaseException:
            self._end()
            raise

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute a statement; returns its rows."""
        rows, _ = self._call(lambda: self._run(sql))
        return cast("list[tuple[Any, ...]]", rows)

    def count(self, sql: str) -> int:
        """Execute a statement; returns how many rows it wrote."""
        return int(self._call(lambda: self._run(sql))[1])

    def value(self, sql: str) -> Any:
        """The first column of the first row; None if there is no row."""
        rows = self.run(sql)
        return rows[0][0] if rows else None

    def which(self) -> tuple[str, ...]:
        """Which database this is; see `places.ask`."""
        return self._call(lambda: places.ask(self._raw, places.kind(self._dialect))) or ()

    def close(self) -> None:
        """Close it; a server that has gone is no error."""
        with contextlib.suppress(Exception):
            self._call(self._raw.close)
        self._end()

    def _opened(self, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        raw = self._dialect.connect(*arguments, **keywords)
        # The class's own: the guard has put its own in front of it on the instance.
        type(self._dialect).set_isolation_level(self._dialect, raw, "AUTOCOMMIT")
        return raw

    def _run(self, sql: str) -> tuple[list[tuple[Any, ...]], int]:
        cursor = self._raw.cursor()
        try:
            cursor.execute(sql)  # without parameters: no driver takes a % for a placeholder then
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            return rows, int(cursor.rowcount)
        finally:
            cursor.close()

    def _call(self, function: Callable[[], Any]) -> Any:
        return function() if self._loop is None else self._loop.call(function)

    def _end(self) -> None:
        if self._loop is not None:
            self._loop.end()
            self._loop = None


class _Loop:
    """A loop of our own, in a thread of its own: so that it can be asked from anywhere."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="workbench-scratch")
        self._thread.start()

    def call(self, function: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(greenlet_spawn(function), self._loop).result()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

"""An empty copy of a SQLite database in memory, which follows the DDL of a revision that only is listened to.

A second batch of a revision copies the table as the first has left it, and asks the database what that is.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.operations.batch import BatchOperationsImpl
from sqlalchemy.pool import StaticPool

from workbench.bridge import drivers

_DDL = re.compile(r"\s*(?:CREATE|ALTER|DROP)\b", re.IGNORECASE)
_ALL = (
    "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'index'"
)


class Shadow:
    """The copy of one connection's database; made when the first DDL is heard."""

    def __init__(self, live: Any) -> None:
        self._live = live
        self._copy: Any = None

    def heard(self, statement: str) -> None:
        """Follow a statement; what the copy cannot do, the revision could not either, or nobody asks for it."""
        if not _DDL.match(statement):
            return
        if self._copy is None:
            made = sa.create_engine(drivers.OWN, creator=lambda: sqlite3.connect(":memory:"), poolclass=StaticPool)
            self._copy = made.connect()
            self._execute("PRAGMA query_only = OFF")  # the Guard has set it; nobody keeps what is in memory
            for (text,) in self._live.exec_driver_sql(_ALL).all():
                self._execute(text)
        self._execute(statement)

    def close(self) -> None:
        """Let go of it."""
        if self._copy is not None:
            self._copy.close()
            self._copy.engine.dispose()

    @contextlib.contextmanager
    def asked_by_batches(self) -> Iterator[None]:
        """A batch finds its table here, once there was DDL."""
        original = BatchOperationsImpl.flush

        def flush(batch: Any) -> None:
            if self._copy is not None and not batch.schema:
                batch.operations = _Bound(batch.operations, self._copy)
            original(batch)

        BatchOperationsImpl.flush = flush  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            BatchOperationsImpl.flush = original  # type: ignore[method-assign]
            self.close()

    def _execute(self, text: str) -> None:
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self._copy.exec_driver_sql(text)


class _Bound:
    """The Operations of a batch; only what it reflects its table from is another connection."""

    def __init__(self, operations: Any, connection: Any) -> None:
        self._operations, self._connection = operations, connection

    def get_bind(self) -> Any:
        return self._connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

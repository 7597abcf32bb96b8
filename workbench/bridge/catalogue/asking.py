"""Questions to a database's catalogue, that may fail without harm to the transaction that env.py holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from workbench.bridge.live import harmless

_TRIES, _STUMBLES = 3, 20
_INTERNAL = "XX000"
"""PostgreSQL's "could not open relation with OID …" and "cache lookup failed for …"."""


def rows(connection: Any, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a question that has no `:` but for its parameters and casts."""
    return [tuple(each) for each in connection.execute(text(sql), parameters)]


def rows_if_told(connection: Any, what: str, sql: str, notes: list[str]) -> Iterable[tuple[Any, ...]]:
    """The rows of a question; if it is refused none, and a note which `what` (`the policies`) could not be read.

    It is asked again before that: a table that somebody drops at the same time makes a server stumble over it.
    """
    for attempt in range(1, _STUMBLES + 1):
        try:
            with harmless(connection):
                return rows(connection, sql)
        except DBAPIError as error:  # noqa: PERF203 - a few times at the most
            if error.connection_invalidated:
                raise
            is_internal = _INTERNAL in {getattr(error.orig, name, None) for name in ("sqlstate", "pgcode")}
            if attempt == (_STUMBLES if is_internal else _TRIES):
                reason = (str(error.orig).splitlines() or [""])[0]
                notes.append(f"{what[0].upper()}{what[1:]} could not be read: {reason.rstrip('.')}.")
                break
    return []


def default_schema(connection: Any) -> str | None:
    """The schema that SQLAlchemy calls None, as it is now: env.py may have set another search_path."""
    if connection.dialect.name != "postgresql":
        name: str | None = getattr(connection.dialect, "default_schema_name", None)
        return name
    found: str | None = rows(connection, "SELECT current_schema()::text")[0][0]
    return found

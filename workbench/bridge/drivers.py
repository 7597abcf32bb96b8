"""What drivers and engines do in their own ways: the cancelling of a statement, the URL that is connected to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import url as sa_url

OWN = "sqlite:///workbench's own"
"""The URL of an engine of ours, which no URL given to the Workbench stands in for."""


def cancel(connection: Any, dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
    """Ask the driver to stop what is running, from another thread than the one that waits."""
    raw = getattr(connection, "driver_connection", connection)
    if dialect.name in {"mysql", "mariadb"} and hasattr(raw, "thread_id"):
        other = dialect.connect(*arguments, **keywords)
        try:
            other.cursor().execute(f"KILL QUERY {int(raw.thread_id())}")
        finally:
            other.close()
    else:
        # psycopg and psycopg2: cancel(); sqlite3: interrupt()
        getattr(raw, "cancel", None) and raw.cancel()
        getattr(raw, "interrupt", None) and raw.interrupt()


def redirect_engines(wanted: Callable[[], str | None], made: Callable[[Any, Any], None]) -> None:
    """Make `create_engine`, by whatever name env.py imported it, take our URL if there is one; tell of each URL.

    Every way to an engine (engine_from_config, create_async_engine) ends in `create_engine`, which asks
    `make_url` of this module (sqlalchemy/engine/create.py in 1.4, 2.0 and 2.1).
    """
    original = sa_url.make_url

    def make_url(name_or_url: Any) -> Any:
        caller = sys._getframe(1).f_code
        if name_or_url == OWN or caller.co_name != "create_engine" or not caller.co_filename.endswith("create.py"):
            return original(name_or_url)
        url = original(wanted() or name_or_url)
        made(url, name_or_url)
        return url

    sa_url.make_url = make_url  # type: ignore[assignment]

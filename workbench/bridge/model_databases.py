"""Makes what the models declare in an empty database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.schema import CreateSchema

from workbench.bridge.environments import Part


def extensions(part: Part) -> list[str]:
    """The extensions of a live PostgreSQL database, whose types the models may use."""
    if part.context.dialect.name != "postgresql":
        return []
    connection: Any = part.context.connection
    return [str(name) for (name,) in connection.execute(text("SELECT extname FROM pg_extension ORDER BY oid"))]


def create(part: Part, target: Any, wanted: Iterable[str]) -> str:
    """Create all that `target_metadata` declares, and commit it.

    Args:
        part: The scratch database.
        target: A MetaData, or several of them.
        wanted: The extensions that the live database has; one that cannot be had is left out.

    Returns:
        Why it could not be made, in a sentence; empty if it was.

    """
    if target is None:
        return "env.py gives no target_metadata, so there are no models."
    every = list(target) if isinstance(target, (list, tuple)) else [target]
    connection: Any = part.context.connection
    try:
        with part.context.begin_transaction(_per_migration=True):
            for name in wanted:
                _extend(connection, name)
            if part.context.dialect.name == "postgresql":
                schemas = {table.schema for each in every for table in each.tables.values()} - {None}
                for name in sorted(schemas - set(_schemas(connection))):
                    connection.execute(CreateSchema(name))
            for each in every:
                each.create_all(connection)
    except Exception as error:  # noqa: BLE001 - whatever the project's own types and events raise
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        return f"The models could not be made in an empty database: {words[0] if words else type(error).__name__}"
    return ""


def _extend(connection: Any, name: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(name)
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {quoted} CASCADE".replace(":", "\\:")))
    except Exception:  # noqa: BLE001 - not on this server, or not for this account
        return


def _schemas(connection: Any) -> list[str]:
    return [str(name) for (name,) in connection.execute(text("SELECT nspname FROM pg_namespace"))]

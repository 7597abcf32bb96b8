"""The version table of an env.py whose connection has a `schema_translate_map`.

Alembic writes and reads that table where the map leads to, but looks for it where it would be without: it finds none,
takes the database for an empty one, and runs every revision again. Here it is looked for where it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from alembic.runtime.migration import MigrationContext


def schema_of(context: MigrationContext) -> str | None:
    """The schema that the version table is in, None for the connection's own."""
    schema: str | None = context.version_table_schema
    return translations(context).get(schema, schema)


def translations(context: MigrationContext) -> Mapping[str | None, str | None]:
    """The connection's `schema_translate_map`, empty if it has none."""
    connection: Any = None if context.as_sql else context.connection
    return {} if connection is None else connection.get_execution_options().get("schema_translate_map") or {}


@contextlib.contextmanager
def looked_for_where_they_are() -> Iterator[None]:
    """Let Alembic find the version table that it has written."""
    original = MigrationContext._has_version_table

    def has_version_table(context: MigrationContext) -> bool:
        connection: Any = context.connection
        if schema_of(context) == context.version_table_schema:
            return original(context)
        found: bool = connection.dialect.has_table(connection, context.version_table, schema_of(context))
        return found

    MigrationContext._has_version_table = has_version_table  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        MigrationContext._has_version_table = original  # type: ignore[method-assign]


def named_schemas(context: MigrationContext) -> tuple[str, ...]:
    """The schemas that env.py names, on PostgreSQL: for the version table, and in a `schema_translate_map`."""
    if context.dialect.name != "postgresql":
        return ()
    return tuple(dict.fromkeys(filter(None, (context.version_table_schema, *translations(context).values()))))


def make_schemas(context: MigrationContext) -> None:
    """Make these on an empty database: as a rule they are made by hand, before any revision."""
    connection: Any = context.connection
    quote = context.dialect.identifier_preparer.quote
    with context.begin_transaction(_per_migration=True):
        for each in named_schemas(context):
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quote(each)}")

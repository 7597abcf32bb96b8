"""Makes what the models declare in an empty database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.schema import CreateSchema, sort_tables_and_constraints

from workbench.bridge.database_errors import words_of
from workbench.bridge.environments import Part

_NAMED = 5
"""How many of the tables that could not be made are told why."""
_NUMBERED = 2


@dataclass(frozen=True)
class Made:
    """What became of the models."""

    problems: tuple[str, ...] = ()
    """Why something could not be made, in sentences."""
    unmade: tuple[tuple[str, str], ...] = ()
    """The tables that are not there for it, as (schema, name); the default schema is empty."""
    nothing: bool = False
    """There are no models to compare with."""


def extensions(part: Part) -> list[str]:
    """The extensions of a live PostgreSQL database, whose types the models may use."""
    if part.context.dialect.name != "postgresql":
        return []
    connection: Any = part.context.connection
    return [str(name) for (name,) in connection.execute(text("SELECT extname FROM pg_extension ORDER BY oid"))]


def create(part: Part, target: Any, wanted: Iterable[str]) -> Made:
    """Create all that `target_metadata` declares, and commit it.

    Where that fails, table by table in the order in which they need each other, so that the rest is there.

    Args:
        part: The scratch database.
        target: A MetaData, or several of them.
        wanted: The extensions that the live database has; one that cannot be had is left out.

    Returns:
        What could not be made, and why.

    """
    if target is None:
        return Made(("env.py gives no target_metadata, so there are no models.",), nothing=True)
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
    except Exception as error:  # noqa: BLE001 - as below
        return Made((f"The models could not be made in an empty database: {_words(error)}",), nothing=True)
    try:
        with _transaction(part):
            for each in every:
                each.create_all(connection)
    except Exception:  # noqa: BLE001 - whatever the project's own types and events raise; told of each table
        return _one_by_one(part, every)
    return Made()


def _one_by_one(part: Part, every: list[Any]) -> Made:
    """Where DDL is not rolled back, some of it is there already; SQLAlchemy looks before it makes a table."""
    connection: Any = part.context.connection
    left = [(metadata, group) for metadata in every for group in _groups(metadata)]
    failed: list[tuple[list[Any], str]] = []
    before = len(left) + 1
    while left and len(left) < before:  # what refers to a table of another MetaData may come before it
        before, again, failed = len(left), [], []
        for metadata, group in left:
            try:
                with _transaction(part):
                    metadata.create_all(connection, tables=group)
            except Exception as error:  # noqa: BLE001, PERF203 - as above; each has its own
                again.append((metadata, group))
                failed.append((group, _words(error)))
        left = again
    if not failed:
        return Made()
    told = [f"{', '.join(table.fullname for table in group)} ({why})" for group, why in failed[:_NAMED]]
    more = f", and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    problem = (
        "Of the models these tables could not be made in an empty database, and are not compared: "
        f"{'; '.join(told)}{more}."
    )
    return Made((problem,), tuple(_place(connection, table) for group, _ in failed for table in group))


@contextlib.contextmanager
def _transaction(part: Part) -> Iterator[None]:
    """One whose failure leaves the connection usable, also inside that of env.py."""
    connection: Any = part.context.connection
    nested = part.context.dialect.name == "postgresql"
    with (
        part.context.begin_transaction(_per_migration=True),
        connection.begin_nested() if nested else contextlib.nullcontext(),
    ):
        yield


def _groups(metadata: Any) -> list[list[Any]]:
    """The tables, each after those that it refers to; those that refer to each other in a circle together."""
    try:
        ordered: list[Any] = list(sort_tables_and_constraints(metadata.tables.values()))  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - a foreign key to a table that nobody declares, say
        return [[table] for table in metadata.tables.values()]
    groups = {table: [table] for table, _ in ordered if table is not None}
    for _, late in (each for each in ordered if each[0] is None):
        for constraint in late:
            one, other = groups[constraint.table], groups.get(constraint.referred_table)
            if other is not None and other is not one:
                other += one
                groups.update(dict.fromkeys(one, other))
    return list({id(group): group for group in groups.values()}.values())


def _place(connection: Any, table: Any) -> tuple[str, str]:
    led = (connection.get_execution_options().get("schema_translate_map") or {}).get(table.schema, table.schema)
    return ("" if led in {None, connection.dialect.default_schema_name} else str(led), str(table.name))


def _words(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    args = original.args
    numbered = len(args) == _NUMBERED and isinstance(args[0], int)  # as MySQL's drivers have it
    told = (str(args[1]) if numbered else words_of(original)).strip().splitlines()
    return told[0].rstrip(".") if told else type(error).__name__


def _extend(connection: Any, name: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(name)
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {quoted} CASCADE".replace(":", "\\:")))
    except Exception:  # noqa: BLE001 - not on this server, or not for this account
        return


def _schemas(connection: Any) -> list[str]:
    return [str(name) for (name,) in connection.execute(text("SELECT nspname FROM pg_namespace"))]

"""All that a scratch database holds beside its rows, and what of it a way there and back has lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.bridge import privileges, sequence_positions
from workbench.bridge.catalogue import reading
from workbench.bridge.catalogue.asking import default_schema
from workbench.results.definitions import ORDER, Definitions, Delta, definitions, deltas
from workbench.results.objects import SchemaObject, Table
from workbench.results.rehearsals import Loss

_NOWHERE = frozenset({"schema", "extension", "event trigger"})
"""The kinds of things that are in no schema."""


@dataclass(frozen=True)
class Contents:
    """What there is in a database."""

    definitions: Definitions
    positions: dict[str, int]
    tables: tuple[Table, ...]
    """The tables that have rows of their own."""
    notes: tuple[str, ...] = ()
    """What could not be read, and why."""


def read(connection: Any, without: Iterable[tuple[str, str]] = (), paused: Iterable[str] = ()) -> Contents:
    """All that the database of `connection` holds, with the privileges on it.

    Args:
        connection: To the database.
        without: (schema, table) of tables to leave out: Alembic's own. An empty schema is the default one.
        paused: Events that the copy has disabled: of these it is not told whether they are enabled.

    Raises:
        UnsupportedRequest: Its kind is not known.

    """
    left_out = {(_home(connection, schema), table) for schema, table in without}
    notes: list[str] = []
    objects = [
        each for each in _in_homes(connection, reading.read(connection, notes))
        if not (isinstance(each, Table) and (each.schema, each.name) in left_out)
    ]  # fmt: skip
    granted = {
        key._replace(schema=_home(connection, key.schema) or ""): told
        for key, told in privileges.read(connection, notes).items()
        if (_home(connection, key.schema), key.table) not in left_out
    }
    told = definitions([_as_live(each, frozenset(paused)) for each in objects], fine=True)
    return Contents(
        {**told, **granted},
        sequence_positions.read(connection),
        # The rows of a partitioned table are those of its partitions; those of a foreign one are elsewhere.
        tuple(each for each in objects if isinstance(each, Table) and each.kind in {"table", "virtual table"}),
        tuple(notes),
    )


def _as_live(each: SchemaObject, paused: frozenset[str]) -> SchemaObject:
    """An event as it would be if the copy had not disabled it."""
    if each.kind != "event" or each.name not in paused:
        return each
    return dataclasses.replace(each, definition=each.definition.replace(" DISABLED DO ", " DO ", 1))


def _in_homes(connection: Any, objects: Iterable[SchemaObject]) -> Iterable[SchemaObject]:
    """The objects, with `public` as the default schema: tenants of one database have another one each."""
    default = default_schema(connection)
    if connection.dialect.name != "postgresql" or default == sequence_positions.HOME:
        return objects
    return [
        dataclasses.replace(each, schema=_home(connection, each.schema or default))
        if each.schema or each.kind not in _NOWHERE
        else each
        for each in objects
    ]


def _home(connection: Any, schema: str | None) -> str | None:
    home = sequence_positions.HOME if connection.dialect.name == "postgresql" else default_schema(connection)
    return None if schema in {home, "", None} else schema


def compare(before: Contents, after: Contents, database: str) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
    """What is not as it was, and remarks on what differs without being lost."""
    notes: list[str] = []
    lost = [
        Loss(database, "sequence", name, f"at {was}", f"at {is_}")
        for name, was, is_ in sequence_positions.set_back(before.positions, after.positions)
    ]
    for each in deltas(before.definitions, after.definitions, database):
        if each.kind != "order":
            lost.append(Loss(database, each.kind, each.shown, _told(each.before), _told(each.after)))
        elif _is_same_set(each):
            notes.append(f"{each.shown}: the same columns stand in another order now: {each.after}.")
    # A sequence that is gone before one that was set back, as everything by its kind.
    lost.sort(key=lambda each: (ORDER.index(each.kind), each.kind == "sequence" and each.before.startswith("at ")))
    return tuple(lost), tuple(notes)


def _told(definition: str | None) -> str:
    return "" if definition is None else definition or "is there"


def _is_same_set(order: Delta) -> bool:
    return sorted((order.before or "").split(", ")) == sorted((order.after or "").split(", "))

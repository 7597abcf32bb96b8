"""Asks what Alembic's comparison does not see, of every database that env.py configures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.bridge.values import Rename, Thing, Unseen
from workbench.capabilities.unseen import Compared, Place, things, without
from workbench.capabilities.unseen import unseen as unseen_in
from workbench.results import Schema, Table, View
from workbench.worker.client import Client


@dataclass(frozen=True)
class Sources:
    """What is compared."""

    before: Schema
    """The live schema, or the head made on a scratch database."""
    after: Schema
    """The models."""
    renames: tuple[Rename, ...]
    decisions: Mapping[str, Any]


def unseen(client: Client, told: Sources, made: Callable[[], Schema | None]) -> Unseen:
    """What differs, without what env.py leaves out.

    Args:
        client: Whom to ask what that is; it is asked only where something differs.
        told: What is compared.
        made: Gives the models as the server words them; asked only where the texts alone do not tell.

    """
    found = dict(_found(told, made))
    asked = {name: things(each) for name, each in found.items() if each.checks or each.uniques or each.views}
    out: dict[str, tuple[tuple[Thing, ...], bool]] = client.call("left_out", things=asked) if asked else {}
    kept = [without(each, out[name][0] if name in out else ()) for name, each in found.items()]
    return Unseen(
        tuple(one for each in kept for one in each.checks),
        tuple(one for each in kept for one in each.uniques),
        tuple(one for each in kept for one in each.enums),
        tuple(one for each in kept for one in each.views),
        tuple(one for each in kept for one in each.kept),
    )


def _found(told: Sources, made: Callable[[], Schema | None]) -> Iterator[tuple[str, Unseen]]:
    for database in told.after.databases:
        name = database.name

        def worded(name: str = name) -> Mapping[Place, Table | View] | None:
            schema = made()
            if schema is None:
                return None
            relations: tuple[Table | View, ...] = (*schema.all_tables, *schema.all_views)
            return {(each.schema or "", each.name): each for each in relations if each.database == name}

        yield (
            name,
            unseen_in(
                Compared(
                    database.dialect,
                    _of(told.before, name),
                    _of(told.after, name),
                    tuple(each for each in told.renames if each.database in {"", name}),
                    told.decisions.get("fills", {}),
                    worded,
                    name,
                )
            ),
        )


def _of(schema: Schema, name: str) -> Schema:
    return replace(schema, objects=tuple(each for each in schema.objects if each.database == name))

"""Reads whole schemas: of each live database, or of the models."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from alembic import command

from workbench.bridge import timeouts, version_tables
from workbench.bridge.environments import Part
from workbench.bridge.scratch import databases as scratch
from workbench.errors import EnvPyFailed, ScratchRefused
from workbench.results import SchemaObject, Table
from workbench.results.base import Result
from workbench.text import blot
from workbench.worker.answers import Looked

if TYPE_CHECKING:
    from workbench.worker.tasks import Job

HiddenT = TypeVar("HiddenT")


def schema(job: Job, *, models: bool, known: dict[str, str], patience: float | None = None) -> Looked:
    """The schema of every database, or of the models as each database would have them.

    Args:
        job: The request.
        models: Of the models, and not of what is live.
        known: By the name of a database the fingerprint of what the kernel has of it; it is not read again while the
            catalogue has the same one.
        patience: Seconds to wait for a table that somebody has locked; None waits as the server is set.

    Raises:
        EnvPyFailed: There are no models.

    """
    from workbench.bridge.catalogue import fingerprints, reading  # noqa: PLC0415 - others need not wait for what only this needs

    seen: set[Any] = set()
    notes: list[str] = []

    def work(part: Part) -> tuple[Any, tuple[SchemaObject, ...] | None, str | None]:
        if models:
            return part.database, hidden(_declared(job, part), job), None
        live = _live(part)
        if live in seen:  # tenants of one database: the first has told it all
            return part.database, (), None
        seen.add(live)
        connection = part.context.connection
        if patience is not None:
            timeouts.Timeouts(patience).ask_with(connection)
        mark = fingerprints.fingerprint(connection)
        if mark is not None and known.get(part.name) == mark:
            return part.database, None, mark
        objects, mark = reading.read_marked(connection, notes, mark)
        return part.database, hidden(named(without_own(objects, part), part.name), job), mark

    answers = job.run(work, command.current)
    return Looked(
        tuple(database for database, _, _ in answers),
        tuple((database.name, objects) for database, objects, _ in answers),
        {database.name: mark for database, _, mark in answers if mark is not None},
        tuple(blot(each, job.guard.secrets) for each in notes),
    )


def measure(job: Job, *, table: Table) -> Table:
    """The table with its size and its number of rows."""
    from workbench.bridge.catalogue import measuring  # noqa: PLC0415 - as above

    def work(part: Part) -> Table | None:
        if part.name != table.database:
            return None
        return measuring.measure(part.context.connection, table)

    return next((each for each in job.run(work, command.current) if each is not None), table)


def named(objects: Iterable[SchemaObject], database: str) -> tuple[SchemaObject, ...]:
    """The objects, each with the name of its database."""
    return tuple(dataclasses.replace(each, database=database) for each in objects)


def without_own(objects: Iterable[SchemaObject], part: Part) -> tuple[SchemaObject, ...]:
    """The objects without Alembic's own version tables, which no models and no revisions know of.

    Tenants have one each, in schemas of their own.
    """
    name, schema = part.context.version_table, version_tables.schema_of(part.context)
    if schema == getattr(part.context.dialect, "default_schema_name", None):
        schema = None
    return tuple(
        each for each in objects
        if not (
            isinstance(each, Table) and each.name == name
            and (each.schema == schema or [column.name for column in each.columns] == ["version_num"])
        )
    )  # fmt: skip


def hidden(objects: tuple[HiddenT, ...], job: Job) -> tuple[HiddenT, ...]:
    """The objects, or operations, without passwords: one may stand in a default or a comment."""
    secrets = frozenset(job.guard.secrets)
    if not secrets:
        return objects
    told = pickle.dumps(objects, protocol=4)
    if not any(secret.encode("utf-8", "replace") in told for secret in secrets):
        return objects
    return tuple(_without(each, secrets) for each in objects)


def _without(value: Any, secrets: frozenset[str]) -> Any:
    if isinstance(value, str):
        return blot(value, secrets)
    if isinstance(value, tuple):
        return tuple(_without(each, secrets) for each in value)
    if isinstance(value, dict):
        return {name: _without(each, secrets) for name, each in value.items()}
    if isinstance(value, Result) and dataclasses.is_dataclass(value):
        changed = {each.name: _without(getattr(value, each.name), secrets) for each in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    return value


def _declared(job: Job, part: Part) -> tuple[SchemaObject, ...]:
    from workbench.bridge.catalogue import models  # noqa: PLC0415 - as above

    target = job.metadata if job.settings.metadata is not None else part.context.opts.get("target_metadata")
    if target is None:
        raise EnvPyFailed(
            "env.py gives no target_metadata, so there are no models.",
            "Set target_metadata in env.py, or pass Workbench(metadata=Base.metadata).",
            (("file", part.script.env_py_location),),
        )
    dialect = part.context.dialect
    found = models.of_metadata(target, dialect, getattr(dialect, "default_schema_name", None))
    return named(without_own(found, part), part.name)


def _live(part: Part) -> Any:
    try:
        return scratch.live_of(part)
    except ScratchRefused:  # env.py opens its connection by itself
        return part.name

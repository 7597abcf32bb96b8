"""Reads everything that a database consists of."""

from __future__ import annotations

import importlib
from typing import Any

from workbench.bridge.catalogue.fingerprints import fingerprint, moment
from workbench.errors import UnsupportedRequest
from workbench.results.definitions import ORDER
from workbench.results.objects import SchemaObject, Table, View

HOMES = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""By dialect the module that reads it; each has `objects(connection, notes, sizes=…)`, an Iterator of SchemaObject."""
_AGAIN = 2


def read(
    connection: Any, notes: list[str] | None = None, *, alone: bool = False, sizes: bool = True
) -> tuple[SchemaObject, ...]:
    """Everything in the database of `connection`, but for what belongs to the server itself.

    Tables first, then views, then the rest by kind; each by schema (the default one first) and name.

    Args:
        connection: To the live database.
        notes: Gets what could not be read, and why, a sentence each.
        alone: Nobody else changes it: it is read once, without looking whether somebody has.
        sizes: Of those that are read alone: how large the tables are as well, which is a quarter of the whole work.

    Raises:
        UnsupportedRequest: It is none of SQLite, PostgreSQL, MySQL and MariaDB.

    """
    told: list[str] = []
    if alone:
        found, told = _once(connection, sizes=sizes)
    else:
        found, _ = read_marked(connection, told)
    if notes is not None:
        notes += told
    return found


def read_marked(
    connection: Any, notes: list[str], mark: str | None = None
) -> tuple[tuple[SchemaObject, ...], str | None]:
    """As `read`, with the fingerprint of what was read; None where it changed all the while, or there is none.

    It is read again where somebody changes it at the same time, so that its parts go together.

    Args:
        connection: As for `read`.
        notes: As for `read`.
        mark: The fingerprint, if it was just asked for.

    Raises:
        UnsupportedRequest: As for `read`.

    """
    began = moment(connection)
    before = mark or fingerprint(connection)
    found, told = _once(connection)
    is_quiet = began is not None and moment(connection) == began
    after = before if is_quiet else fingerprint(connection)
    for _ in range(_AGAIN):
        if before == after:
            break
        found, told = _once(connection)
        before, after = after, fingerprint(connection)
    notes += told
    return found, after if before == after else None


def _once(connection: Any, *, sizes: bool = True) -> tuple[tuple[SchemaObject, ...], list[str]]:
    home = HOMES.get(connection.dialect.name)
    if home is None:
        raise UnsupportedRequest(
            f"The catalogue of {connection.dialect.name} cannot be read here: only those of SQLite, PostgreSQL, MySQL "
            "and MariaDB can."
        )
    objects = importlib.import_module(f"workbench.bridge.catalogue.{home}").objects
    notes: list[str] = []
    return tuple(sorted(objects(connection, notes, sizes=sizes), key=place)), notes


def place(each: SchemaObject) -> tuple[int, int, str, str, str]:
    """Where it stands among others."""
    floor = 0 if isinstance(each, Table) else 1 if isinstance(each, View) else 2
    return floor, ORDER.index(each.kind) if floor == 2 else 0, each.schema or "", each.table, each.name  # noqa: PLR2004

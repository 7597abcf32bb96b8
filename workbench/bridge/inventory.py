"""Everything in a database whose loss a way there and back has to show: one definition for each thing."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from workbench.errors import UnsupportedRequest
from workbench.results import Loss

Key = tuple[str, str]
"""What it is, and its name: `("column", "customer.email")`. A name with a dot in it stands in quotes."""

_ORDER = (
    "schema", "extension", "enum", "composite type", "range type", "domain", "sequence", "position", "function",
    "event trigger", "table", "column", "type", "nullable", "default", "comment",
    "constraint", "index", "statistics", "policy", "rule", "trigger", "view", "order",
)  # fmt: skip
_OF_A_COLUMN = frozenset({"type", "nullable", "default"})
_HOMES = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


@dataclass(frozen=True)
class Shape:
    """A table, as far as its rows need to be told apart."""

    schema: str
    """As the statements have to name it; empty where they need not."""
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """The primary key; empty if there is none."""

    @property
    def shown(self) -> str:
        """Its name in an inventory."""
        return dotted("" if self.schema == "public" else self.schema, self.name)


@dataclass
class Inventory:
    """What there is in a database."""

    things: dict[Key, str] = field(default_factory=dict)
    tables: list[Shape] = field(default_factory=list)
    """The tables that have rows of their own."""

    def column(
        self, name: str, kind: str, *, nullable: bool, default: str | None = None, comment: str | None = None
    ) -> None:
        """Note a column: as a whole, and each side of it that can be lost by itself."""
        told = kind + ("" if nullable else " NOT NULL") + (f" DEFAULT {default}" if default is not None else "")
        self.things["column", name] = told
        self.things["type", name] = kind
        self.things["nullable", name] = "NULL" if nullable else "NOT NULL"
        if default is not None:
            self.things["default", name] = default
        if comment:
            self.things["comment", name] = comment


def inventory(connection: Any) -> Inventory:
    """All that the database of `connection` holds, but for what belongs to the server itself.

    Raises:
        UnsupportedRequest: It is none of SQLite, PostgreSQL, MySQL and MariaDB.

    """
    home = _HOMES.get(connection.dialect.name)
    if home is None:
        raise UnsupportedRequest(
            f"A rehearsal on {connection.dialect.name} cannot be had: it knows SQLite, PostgreSQL, MySQL and MariaDB."
        )
    found = Inventory()
    importlib.import_module(f"workbench.bridge.inventory_{home}").fill(found, connection)
    found.things = {key: found.things[key] for key in sorted(found.things, key=_place)}
    found.tables.sort(key=lambda each: (each.schema, each.name))
    return found


def without(found: Inventory, schema: str | None, table: str) -> Inventory:
    """The inventory without one table: Alembic's own."""
    names = {dotted(schema or "", table), dotted(table)}
    things = {key: told for key, told in found.things.items() if not _is_in(key[1], names)}
    return Inventory(things, [each for each in found.tables if each.shown not in names])


def compare(before: Inventory, after: Inventory, database: str) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
    """What is not as it was, and remarks on what differs without being lost.

    Of a table that is gone, or has come, its columns are not told one by one; of a column not its type.
    """
    then, now = before.things, after.things
    lost: list[Loss] = []
    notes: list[str] = []
    covered: set[str] = set()
    for kind, name in sorted({*then, *now}, key=_place):
        was, is_ = then.get((kind, name)), now.get((kind, name))
        if was == is_ or _is_in(name, covered) or (kind in {*_OF_A_COLUMN, "comment"} and name in covered):
            continue
        if kind == "position":
            if was is not None and is_ is not None and int(is_) < int(was):  # forwards is what a sequence is for
                lost.append(Loss(database, "sequence", name, f"at {was}", f"at {is_}"))
            continue
        if kind == "order":
            if was is not None and is_ is not None and sorted(was.split(", ")) == sorted(is_.split(", ")):
                notes.append(f"{name}: the same columns stand in another order now: {is_}.")
            continue
        if kind == "column" and was is not None and is_ is not None:
            continue  # its type, nullability and default are told one by one
        if kind in {"table", "column"} and (was is None or is_ is None):
            covered.add(name)
        lost.append(Loss(database, kind, name, _told(then, kind, name), _told(now, kind, name)))
    return tuple(lost), tuple(notes)


def dotted(*parts: str | None) -> str:
    """`schema.table.thing`; a part with a dot in it stands in quotes."""
    return ".".join(f'"{each}"' if "." in each else each for each in parts if each)


def rows(connection: Any, sql: str, **parameters: Any) -> Iterable[tuple[Any, ...]]:
    """The rows of a question that has no `:` but for its parameters and casts."""
    return [tuple(each) for each in connection.execute(text(sql), parameters)]


def _place(key: Key) -> tuple[int, str]:
    return _ORDER.index(key[0]), key[1]


def _is_in(name: str, tables: set[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in tables)


def _told(things: dict[Key, str], kind: str, name: str) -> str:
    told = things.get((kind, name))
    if told is None:
        return ""
    if kind != "table":
        return told or "is there"
    columns = [
        f"{key[1][len(name) + 1 :]} {definition}"
        for key, definition in things.items()
        if key[0] == "column" and key[1].startswith(f"{name}.")
    ]
    return " ".join(each for each in (f"({', '.join(columns)})" if columns else "", told) if each)

"""A schema as one definition for each thing in it, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from workbench.results.base import Result
from workbench.results.objects import Column, SchemaObject, Table, View

ORDER = (
    "schema", "extension", "enum", "composite type", "range type", "domain", "sequence", "function",
    "procedure", "event trigger", "table", "column", "type", "nullable", "default", "comment",
    "constraint", "index", "statistics", "policy", "rule", "trigger", "event", "view", "privilege", "order",
)  # fmt: skip
"""The kinds of things, in the order in which differences are told."""
_OF_A_COLUMN = frozenset({"type", "nullable", "default"})


class Key(NamedTuple):
    """What a thing is, and its name."""

    kind: str
    schema: str
    """Empty for the default schema."""
    table: str
    """The table or view that it is or belongs to; empty for what stands by itself."""
    name: str = ""
    """Its own name; empty for a table or a view itself."""
    of: str = ""
    """Of a comment: the kind of what it stands at."""

    @property
    def shown(self) -> str:
        """`schema.table.name`; a part with a dot in it stands in quotes."""
        return dotted(self.schema, self.table, self.name)

    @property
    def place(self) -> tuple[int, str, str, str, str]:
        """Where it stands among others."""
        return (ORDER.index(self.kind), self.schema, self.table, self.name, self.of)


Definitions = dict[Key, str]


@dataclass(frozen=True, repr=False)
class Delta(Result):
    """One thing that is not the same in two schemas."""

    kind: str
    """`table`, `column`, `type`, `nullable`, `default`, `comment`, `constraint`, `index`, `enum`, `view`, …"""
    schema: str | None
    """None for the default schema."""
    table: str
    """The table or view that it is or belongs to; empty for what stands by itself."""
    name: str
    """Its own name; empty for a table or a view itself."""
    before: str | None
    """Its definition there; None if it was not there."""
    after: str | None
    """Its definition here; None if it is gone."""
    database: str = ""

    @property
    def sign(self) -> str:
        """`+` for what came, `-` for what went, `~` for what changed."""
        return "+" if self.before is None else "-" if self.after is None else "~"

    @property
    def shown(self) -> str:
        """`schema.table.name`."""
        return dotted(self.schema, self.table, self.name)

    def __repr__(self) -> str:
        return f"Delta({self.sign} {self.kind} {self.shown})"


def definitions(objects: Iterable[SchemaObject], *, fine: bool = False) -> Definitions:
    """One definition for each thing, in a fixed order; the columns of a table in theirs.

    Args:
        objects: Of one database.
        fine: Tell type, nullability and default of a column apart, beside the column as a whole, and the order of
            columns.

    """
    found: Definitions = {}
    for each in objects:
        schema = each.schema or ""
        if isinstance(each, Table):
            found[Key("table", schema, each.name)] = each.definition if each.kind == "table" else _kind(each)
            for column in each.columns:
                _column(found, schema, each.name, column, fine=fine)
            if fine:
                found[Key("order", schema, each.name)] = ", ".join(column.name for column in each.columns)
            for constraint in each.constraints:
                name = constraint.name or ("PRIMARY KEY" if constraint.kind == "primary key" else constraint.definition)
                found[Key("constraint", schema, each.name, name)] = constraint.definition
                _comment(found, constraint.comment, Key("comment", schema, each.name, name, "constraint"))
            _comment(found, each.comment, Key("comment", schema, each.name, "", "table"))
        elif isinstance(each, View):
            found[Key("view", schema, each.name)] = _kind(each) if each.kind != "view" else each.definition
            _comment(found, each.comment, Key("comment", schema, each.name, "", "view"))
        else:
            found[Key(each.kind, schema, each.table, each.name)] = each.definition
            _comment(found, each.comment, Key("comment", schema, each.table, each.name, each.kind))
        if isinstance(each, (Table, View)):
            for index in each.indexes:
                told = index.definition + ("" if index.is_valid else " INVALID")
                found[Key("index", schema, each.name, index.name)] = told
                _comment(found, index.comment, Key("comment", schema, each.name, index.name, "index"))
    return {key: found[key] for key in sorted(found, key=_told_at)}


def deltas(before: Definitions, after: Definitions, database: str = "") -> Iterator[Delta]:
    """What differs, in a fixed order.

    Of a table that came or went its parts are not told one by one; of a column that changed, where the definitions
    are fine, only what changed of it.
    """
    covered: set[tuple[str, str]] = set()
    columns: set[tuple[str, str, str]] = set()
    is_fine = any(key.kind == "type" for key in (*before, *after))
    for key in sorted({*before, *after}, key=lambda each: each.place):
        was, is_ = before.get(key), after.get(key)
        at = (key.schema, key.table)
        if was == is_ or (key.table and key.kind != "view" and at in covered):
            continue
        if key.kind in {*_OF_A_COLUMN, "comment"} and (*at, key.name) in columns and key.of in {"", "column"}:
            continue
        came_or_went = was is None or is_ is None
        if key.kind == "column" and is_fine and not came_or_went:
            continue
        if key.kind in {"table", "view"} and came_or_went:
            covered.add(at)
        if key.kind == "column" and came_or_went:
            columns.add((*at, key.name))
        told = (whole(before, key, was), whole(after, key, is_)) if key.kind == "table" else (was, is_)
        yield Delta(key.kind, key.schema or None, key.table, key.name, *told, database=database)


def without(found: Definitions, schema: str | None, table: str) -> Definitions:
    """The definitions without one table: Alembic's own."""
    return {key: told for key, told in found.items() if (key.schema, key.table) != (schema or "", table)}


def dotted(*parts: str | None) -> str:
    """`schema.table.thing`; a part with a dot in it stands in quotes."""
    return ".".join(f'"{each}"' if "." in each else each for each in parts if each)


def undotted(text: str) -> list[str]:
    """The parts of what `dotted` has made."""
    parts, quoted = [""], False
    for each in text:
        if each == '"':
            quoted = not quoted
        elif each == "." and not quoted:
            parts.append("")
        else:
            parts[-1] += each
    return parts


def whole(things: Definitions, key: Key, told: str | None) -> str | None:
    """A table's definition with its columns; None if it is not there."""
    if told is None:
        return None
    columns = [
        f"{each.name} {definition}"
        for each, definition in things.items()
        if each.kind == "column" and (each.schema, each.table) == (key.schema, key.table)
    ]
    return " ".join(each for each in (f"({', '.join(columns)})" if columns else "", told) if each)


def _told_at(key: Key) -> tuple[int, str, str, str, str]:
    kind, schema, table, name, of = key.place
    return kind, schema, table, "" if key.kind == "column" else name, of


def _kind(each: SchemaObject) -> str:
    return f"{each.kind.upper()}: {each.definition}"


def _column(found: Definitions, schema: str, table: str, column: Column, *, fine: bool) -> None:
    found[Key("column", schema, table, column.name)] = column.definition
    _comment(found, column.comment, Key("comment", schema, table, column.name, "column"))
    if fine:
        found[Key("type", schema, table, column.name)] = column.kind
        found[Key("nullable", schema, table, column.name)] = "NULL" if column.nullable else "NOT NULL"
        if column.default is not None:
            found[Key("default", schema, table, column.name)] = column.default


def _comment(found: Definitions, comment: str | None, key: Key) -> None:
    if comment:
        found[key] = comment

"""What the Schema view's script draws: the picture, a table's details and the stops of a travel, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.render.picture_cards import HEAD, ROW, Picture
from workbench.render.picture_svg import Mark, Marks
from workbench.render.schema_text import (
    column_marks,
    column_told,
    constraint_line,
    index_line,
    key_line,
    object_name,
    table_sentence,
)
from workbench.results.definitions import Delta
from workbench.results.exploring import Stop
from workbench.results.objects import Column, SchemaObject, Table
from workbench.results.schema import Schema
from workbench.text import one_line, plural, short_id, visible

LETTERS: dict[Mark, str] = {"added": "A", "changed": "C", "removed": "R"}


def name_of(table: SchemaObject, *, several: bool) -> str:
    """What tells a table from all others: `schema.table`, of several databases `database: schema.table`.

    On one line and with nothing invisible in it, so that it can be shown and sent as it is.
    """
    return one_line(f"{table.database}: {table.qualified}" if several else table.qualified)


def is_several(schema: Schema) -> bool:
    """The tables are of several databases."""
    return len({each.database for each in schema.objects if each.database}) > 1


def marks_of(deltas: Iterable[Delta]) -> dict[tuple[str | None, ...], Mark]:
    """What came, went or changed, table by table and column by column; a table with such a column has changed."""
    marks: dict[tuple[str | None, ...], Mark] = {}
    for each in deltas:
        if not each.table:
            continue
        mark: Mark = "added" if each.before is None else "removed" if each.after is None else "changed"
        table = (each.database, each.schema, each.table)
        if each.kind == "table":
            marks[table] = mark
            continue
        marks.setdefault(table, "changed")
        if each.kind in {"column", "type", "nullable", "default"}:
            marks[*table, each.name] = mark if each.kind == "column" else "changed"
    return marks


def with_removed(tables: Sequence[Table], marks: Marks) -> list[Table]:
    """The tables and, so that one sees what went, those tables and columns that are marked as removed."""
    known: dict[tuple[str | None, ...], set[str]] = {
        (each.database, each.schema, each.name): {column.name for column in each.columns} for each in tables
    }
    gone: dict[tuple[str | None, ...], list[Column]] = {}
    for key, mark in marks.items():
        table, column = key[:3], key[3] if len(key) > 3 else None  # noqa: PLR2004 - a column's
        if mark == "removed" and column is not None and column not in known.get(table, ()):
            gone.setdefault(table, []).append(Column(column, "", nullable=False))
    told = [
        replace(each, columns=(*each.columns, *gone[each.database, each.schema, each.name]))
        if (each.database, each.schema, each.name) in gone
        else each
        for each in tables
    ]
    for key, mark in marks.items():
        if mark == "removed" and len(key) == 3 and key not in known and key[2] is not None:  # noqa: PLR2004 - a table's
            columns = tuple(gone.get(key, ()))
            told.append(Table("table", key[2], key[1], database=key[0] or "", columns=columns))
    return told


def neighbours(tables: Sequence[Table], name: Table, steps: int) -> list[Table]:
    """A table and those that are at most so many foreign keys away from it, in either direction."""
    at = {(each.database, each.schema, each.name): number for number, each in enumerate(tables)}
    linked: dict[int, set[int]] = {number: set() for number in range(len(tables))}
    for number, each in enumerate(tables):
        for key in each.foreign_keys:
            other = at.get((each.database, key.referred_schema, key.referred_table))
            if other is not None:
                linked[number].add(other)
                linked[other].add(number)
    near = edge = {at[name.database, name.schema, name.name]}
    for _ in range(steps):
        edge = {other for number in edge for other in linked[number]} - near
        near = near | edge
    return [each for number, each in enumerate(tables) if number in near]


def packed(picture: Picture, tables: Sequence[Table], marks: Marks, *, several: bool) -> dict[str, Any]:
    """The picture as lists: `cards`, `edges` and `groups`, with all that can be searched for."""
    ordered = [
        each for name in dict.fromkeys(each.database for each in tables) for each in tables if each.database == name
    ]
    cards = []
    for card, table in zip(picture.cards, ordered, strict=True):
        key = (card.database, card.schema, card.name)
        rows = [
            [row.name, row.type, list(row.marks), LETTERS.get(marks.get((*key, column), ""), "")]  # type: ignore[call-overload] # no mark is no letter
            for row, column in zip(card.rows, _columns_of(card.rows, table), strict=True)
        ]
        mark = marks.get(key)
        told = [plural(len(table.columns), "column"), key_line(table), mark or "", one_line(table.comment or "")]
        cards.append(
            {
                "key": name_of(table, several=several),
                "box": [card.x, card.y, card.width, card.height],
                "title": card.title,
                "rows": rows,
                "more": card.more,
                "mark": LETTERS[mark] if mark else "",
                "spoken": ", ".join(each for each in (name_of(table, several=several), *told) if each),
                "columns": [one_line(each.name) for each in table.columns],
            }
        )
    edges = [
        {"ends": [each.source, each.target], "points": [n for point in each.points for n in point],
         "many": each.source_many, "optional": each.optional, "label": one_line(each.label)}
        for each in picture.edges
    ]  # fmt: skip
    groups = [[one_line(each.name), each.x, each.y, each.width, each.height] for each in picture.groups]
    return {"width": picture.width, "height": picture.height, "row": ROW, "head": HEAD,
            "cards": cards, "edges": edges, "groups": groups}  # fmt: skip


def _columns_of(rows: Sequence[Any], table: Table) -> list[str]:
    """The real name of each row's column: the card shows a long one shortened."""
    by_shown: dict[str, str] = {}
    for each in table.columns:
        by_shown.setdefault(one_line(each.name), each.name)
    found = []
    for row in rows:
        head = row.name.removesuffix("…")
        long = next((name for shown, name in by_shown.items() if shown.startswith(head)), row.name)
        found.append(by_shown.get(row.name, long))
    return found


def details(schema: Schema, table: Table, *, several: bool) -> dict[str, Any]:
    """What the panel beside the picture shows of a table."""
    own = [
        each for each in schema.others
        if each.table == table.name and each.schema == table.schema and each.database == table.database
    ]  # fmt: skip
    here = name_of(table, several=several)
    is_there = any(name_of(each, several=several) == here for each in schema.all_tables)
    columns = [
        [marks, one_line(column.name), column_told(column), one_line(column.comment or "")]
        for marks, column in column_marks(table)
    ]
    referring = [
        name_of(each, several=several)
        for each in schema.all_tables
        if each.database == table.database
        and any((key.referred_schema, key.referred_table) == (table.schema, table.name) for key in each.foreign_keys)
    ]
    parts = [
        ["Constraints", [constraint_line(each) for each in table.constraints]],
        ["Indexes", [index_line(each) for each in table.indexes]],
    ]
    kinds = dict.fromkeys(each.kind for each in own)
    for kind in kinds:
        lines = [f"{object_name(each)}: {one_line(each.definition)}" for each in own if each.kind == kind]
        parts.append([plural(2, kind).removeprefix("2 ").capitalize(), lines])
    return {
        "key": here,
        "sentence": table_sentence(table) if is_there else "not there any more",
        "comment": visible(table.comment or ""),
        "columns": columns,
        "parts": [part for part in parts if part[1]],
        "referring": referring,
    }


def stops_told(stops: Sequence[Stop], here: Mapping[str, str]) -> list[dict[str, str]]:
    """A tick for each revision, oldest first; `here` says where databases are."""
    return [
        {"id": each.revision, "short": one_line(short_id(each.revision)), "message": one_line(each.message),
         "here": here.get(each.revision, "")}
        for each in stops
    ]  # fmt: skip


def stop_told(stop: Stop) -> dict[str, Any]:
    """What one revision did."""
    renamed = [f"{kind} {old} → {new} ({where})" for kind, where, old, new in stop.renames]
    return {
        "id": stop.revision,
        "short": one_line(short_id(stop.revision)),
        "message": visible(stop.message),
        "path": one_line(stop.path),
        "failure": visible(stop.failure),
        "renames": [one_line(each) for each in renamed],
        "changes": [[each.sign, each.kind, one_line(each.shown), one_line(_told(each))] for each in stop.deltas],
        "sql": visible(";\n".join(stop.statements)) + (";" if stop.statements else ""),
    }


def _told(delta: Delta) -> str:
    if delta.before is not None and delta.after is not None:
        return f"{delta.before} → {delta.after}"
    return delta.after or delta.before or ""

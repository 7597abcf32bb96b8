"""What a thing was called, for blame: its names, how they are looked up, and what a rename has told already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.results import SchemaObject, Table, View
from workbench.results.definitions import Delta, dotted

Name = tuple[str, str, str | None]
"""Schema (empty for the default one), table and column; None for all of the table."""
Relations = dict[tuple[str, str], SchemaObject]
"""By schema (empty for the default one) and name."""


@dataclass(frozen=True)
class Alias:
    """What the thing is called at some place of the history."""

    schema: str
    table: str
    column: str | None
    never: frozenset[str] = frozenset()
    """The revisions at which this is the name of something else, or of nothing."""

    @property
    def name(self) -> Name:
        """Schema, table and column."""
        return self.schema, self.table, self.column


def relations_of(objects: Iterable[SchemaObject]) -> Relations:
    """Tables and views, and what stands by itself where no table has its name."""
    every = [each for each in objects if not each.table]
    found = {(each.schema or "", each.name): each for each in every if not isinstance(each, (Table, View))}
    return found | {(each.schema or "", each.name): each for each in every if isinstance(each, (Table, View))}


def same(keys: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """Those that are meant by a name: as it is written, else regardless of case, else in any schema."""
    ways: tuple[Callable[[tuple[str, str]], bool], ...] = (
        lambda key: name in {dotted(*key), ".".join(filter(None, key))},
        lambda key: dotted(*key).casefold() == name.casefold(),
        lambda key: key[1].casefold() == name.casefold(),
    )
    return next((found for way in ways if (found := [key for key in keys if way(key)])), [])


def columns_of(relation: SchemaObject | None) -> dict[str, str]:
    """The definition of each column, by its name."""
    if not isinstance(relation, (Table, View)):
        return {}
    return {each.name: each.definition for each in relation.columns}


def definition_of(relations: Relations, name: Name) -> str | None:
    """Of a column its definition; of a table that of all its columns."""
    schema, table, column = name
    relation = relations.get((schema, table))
    if column is not None:
        return columns_of(relation).get(column)
    if relation is None:
        return None
    columns = ", ".join(f"{each} {told}" for each, told in columns_of(relation).items())
    return f"({columns})" if columns else relation.definition


def has(relation: SchemaObject | None, delta: Delta, column: str) -> bool:
    """Whether a constraint or an index of this table has the column in it."""
    if not isinstance(relation, (Table, View)):
        return False
    word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)")
    if delta.kind == "index":
        found = [each for each in relation.indexes if each.name == delta.name]
        return any(word.search(told) for each in found for told in (*each.expressions, *each.include, each.where or ""))
    if not isinstance(relation, Table):
        return False
    for each in relation.constraints:
        name = each.name or ("PRIMARY KEY" if each.kind == "primary key" else each.definition)
        if name == delta.name and (
            column in each.columns or (each.kind in {"check", "exclude"} and word.search(each.definition))
        ):
            return True
    return False


def is_a_rename(delta: Delta, pairs: Iterable[tuple[Name, Name]]) -> bool:
    """What a rename has told already: that the old name went and the new one came, also within other definitions."""
    for old, new in pairs:
        schema, table, column = old
        is_column = column != new[2]
        names = {old[2], new[2]} if is_column else {table, new[1]}
        here = (delta.schema or "") == schema
        if here and is_column and delta.kind == "column" and delta.table == table and delta.name in names:
            return True
        if here and not is_column and delta.kind in {"table", "view"} and delta.table in names:
            return True
        before, after = (column or "", new[2] or "") if is_column else (table, new[1])
        word = rf"(?<!\w){re.escape(before)}(?!\w)"
        if delta.before is not None and re.sub(word, after.replace("\\", r"\\"), delta.before) == delta.after:
            return True
    return False

"""Weighs pairs of columns by their structure and names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workbench.capabilities.renames_parts import ColumnFacts, Point, TableFacts, name_points
from workbench.hazards.types import fits

PRIOR = -1.1
"""Points of a pair of which nothing is known: a column more often goes than it gets another name."""
_NUMBERS = frozenset({"integer", "decimal", "float", "boolean"})
_WORDED = frozenset({"text", "enum", "other", "uuid", "json"})
_CALLED_ALIKE = 0.45
STRUCTURE_ALONE = 0.75
"""No pair is above this as long as neither its names nor its rows say anything."""
SameTable = Mapping[tuple[str, str], str]
"""By (schema, live table) the name that it is likely to have: so a foreign key to it is the same one."""


@dataclass(frozen=True)
class Weighed:
    """A pair of columns of one table, or of a table and what it is likely to become."""

    old: ColumnFacts
    new: ColumnFacts
    points: tuple[Point, ...]
    is_named_alike: bool

    @property
    def total(self) -> float:
        """All points."""
        return PRIOR + sum(points for points, _ in self.points)


@dataclass(frozen=True)
class Pairing:
    """Two tables whose columns are compared: as it is live, and as it will be."""

    old: TableFacts
    new: TableFacts
    stable: Collection[str]
    """The columns that both have, and that are not in question."""
    tables: SameTable
    rarity: Mapping[str, float]

    def weigh(self, old: ColumnFacts, new: ColumnFacts) -> Weighed:
        """What speaks for and against that the new column is the old one."""
        alike, named = name_points(old.name, new.name, f"{self.old.table.name}_{self.new.table.name}")
        points = [
            named, *self._types(old, new), *_defaults(old, new), *self._keys(old, new), *_details(old, new),
            *self._place(old, new),
        ]  # fmt: skip
        return Weighed(old, new, tuple(points), alike >= _CALLED_ALIKE)

    def _types(self, old: ColumnFacts, new: ColumnFacts) -> list[Point]:
        same_default = old.default is not None and old.default == new.default
        if old.type == new.type:
            words = f"same type and default ({new.column.type})" if same_default else f"same type ({new.column.type})"
            return [(0.8 + 0.7 * self.rarity.get(old.type, 1.0), words)]
        change = f"the type changes from {old.column.type} to {new.column.type}"
        if old.column.generated or new.column.generated:
            return [(-3.0, change)]
        if fits(old.kind, new.kind, self.old.dialect):
            return [(0.5, f"every {old.column.type} is a {new.column.type}")]
        if old.kind.family == new.kind.family and old.kind.family != "other":
            return [(-0.1, change)]
        families = {old.kind.family, new.kind.family}
        if families <= _NUMBERS or families <= {"date", "datetime"} or (families <= _WORDED and "text" in families):
            return [(-0.7, change)]
        return [(-2.6, change)]

    def _keys(self, old: ColumnFacts, new: ColumnFacts) -> list[Point]:
        points: list[Point] = []
        if old.column.primary_key or new.column.primary_key:
            both = old.column.primary_key and new.column.primary_key
            points.append((1.8, "both are in the primary key") if both else (-2.5, "only one is in the primary key"))
        elif old.unique or new.unique:
            points.append((0.9, "both are unique") if old.unique and new.unique else (-0.6, "only one is unique"))
        elif old.indexed or new.indexed:
            both = old.indexed and new.indexed
            points.append((0.5, "both are indexed") if both else (-0.2, ""))
        if old.reference is None and new.reference is None:
            return points
        if old.reference is None or new.reference is None:
            target = (new.reference or old.reference or ("", "", ""))[1]
            return [*points, (-0.9, f"only one refers to {target}")]
        leads = old.reference[1], new.reference[1]
        if self.tables.get(old.reference[:2], leads[0]) == leads[1]:
            return [*points, (2.0, f"both refer to {leads[1]}")]
        return [*points, (-2.6, f"one refers to {leads[0]}, the other to {leads[1]}")]

    def _place(self, old: ColumnFacts, new: ColumnFacts) -> list[Point]:
        was, is_ = self.old.between(old.name, self.stable), self.new.between(new.name, self.stable)
        if was == is_ and any(was):
            words = f"behind {was[0]}" if was[0] else f"before {was[1]}"
            # In a class a new column is written last as a rule, so the same place at the end says less.
            return [(1.1 if was[1] else 0.4, f"same place in the table, {words}")]
        if (was[0] and was[0] == is_[0]) or (was[1] and was[1] == is_[1]):
            return [(0.2, "")]
        return [(-0.5, "at another place in the table")] if any((*was, *is_)) else []


def _defaults(old: ColumnFacts, new: ColumnFacts) -> list[Point]:
    if old.default == new.default:
        if old.default is None:
            return [(0.1, "")]
        return [(0.9, "" if old.type == new.type else f"same default ({new.default})")]
    return [(-0.5, f"the default changes from {old.default or 'none'} to {new.default or 'none'}")]


def _details(old: ColumnFacts, new: ColumnFacts) -> list[Point]:
    points: list[Point] = []
    if old.column.nullable == new.column.nullable:
        points.append((0.25, ""))
    else:
        words = "takes NULL, the old one does not" if new.column.nullable else "is NOT NULL, the old one takes NULL"
        points.append((-0.3 if new.column.nullable else -0.6, f"the new column {words}"))
    if old.checks or new.checks:
        if old.checks & new.checks:
            points.append((1.4, "same check"))
        elif old.checks and new.checks:
            points.append((-0.5, "the checks differ"))
        else:
            points.append((-0.2, ""))
    comments = old.column.comment, new.column.comment
    if all(comments):
        points.append((1.6, "same comment") if comments[0] == comments[1] else (-0.3, "the comments differ"))
    if old.column.generated and old.column.generated == new.column.generated:
        points.append((1.5, "same expression"))
    return points

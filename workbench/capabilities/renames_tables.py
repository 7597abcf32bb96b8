"""Weighs pairs of tables by the best assignment of their columns, by their names, and by who refers to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.capabilities.renames_names import likeness
from workbench.capabilities.renames_parts import Point, TableFacts, name_points
from workbench.hazards.types import fits
from workbench.results import Table

_PRIOR = -3.1
_OVERLAP = 5.6
_CHEAP = 0.2
_NAMED = 0.45
_ENOUGH = 3.0
"""So much weight of columns that are alike is no chance any more: three that no other table has."""

Referring = Mapping[str, frozenset[tuple[str, tuple[str, ...]]]]
"""By table the (table, columns) of the foreign keys that lead to it."""


@dataclass(frozen=True)
class Likeness:
    """How much of two tables is alike."""

    overlap: float
    """Of the weight of their columns, from 0 to 1."""
    mass: float
    """The weight of what is alike."""
    same: int
    """How many columns have the same name and type."""


def plausible(old: TableFacts, new: TableFacts, weight: Mapping[str, float]) -> bool:
    """Whether it is worth a closer look: cheap, since every pair is asked for it."""
    shared = sum(weight[each] for each in old.columns if each in new.columns)
    whole = sum(weight[each] for each in old.columns) + sum(weight[each] for each in new.columns)
    if 2 * shared >= _CHEAP * whole:
        return True
    return likeness(old.table.name, new.table.name) >= _NAMED


def alike(old: TableFacts, new: TableFacts, weight: Mapping[str, float]) -> Likeness:
    """The best assignment of their columns, the same names first."""
    whole = sum(weight[each] for each in old.columns) + sum(weight[each] for each in new.columns)
    found, same = 0.0, 0
    for name, column in old.columns.items():
        other = new.columns.get(name)
        if other is None:
            continue
        if column.type == other.type:
            part, same = 1.0, same + 1
        else:
            related = column.kind.family == other.kind.family or fits(column.kind, other.kind, old.dialect)
            part = 0.75 if related else 0.4
        found += part * 2 * weight[name]
    found += _others(old, new, weight)
    return Likeness(min(1.0, found / whole) if whole else 0.0, found / 2, same)


def _others(old: TableFacts, new: TableFacts, weight: Mapping[str, float]) -> float:
    """The weight of the columns that have no name in common, by their best partners of the same type."""
    context = f"{old.table.name}_{new.table.name}"
    left = [each for name, each in new.columns.items() if name not in old.columns]
    pairs: list[tuple[float, str, str]] = []
    for name, column in old.columns.items():
        for other in left if name not in new.columns else ():
            if column.type == other.type:
                refers = column.reference is not None and column.reference == other.reference
                told = min(1.0, 0.3 + 0.6 * likeness(name, other.name, context) + 0.4 * refers)
                pairs.append((-told, name, other.name))
    found = 0.0
    gone: set[str] = set()
    come: set[str] = set()
    for told, name, other_name in sorted(pairs):
        if name not in gone and other_name not in come:
            gone.add(name)
            come.add(other_name)
            found += -told * (weight[name] + weight[other_name])
    return found


def weigh(
    old: TableFacts, new: TableFacts, told: Likeness, were: Referring, are: Referring
) -> tuple[float, list[Point]]:
    """The points of a pair, all of them, and those that are told.

    Args:
        old: The table that is gone.
        new: The table that has come.
        told: How much of them is alike.
        were: Who refers to the one, in the live schema.
        are: Who refers to the other, in the models.

    """
    _, named = name_points(old.table.name, new.table.name)
    count = max(len(old.columns), len(new.columns))
    words = f"{told.same} of {count} columns have the same name and type"
    if told.same == len(old.columns) == len(new.columns):
        words = f"all {count} columns are the same" if count != 1 else "their only column is the same"
    strength = _OVERLAP * told.overlap * min(1.0, 0.55 + 0.45 * told.mass / _ENOUGH)
    points: list[Point] = [(strength if told.same else -0.1, words if told.same else "no column is the same"), named]
    total = _PRIOR + strength + named[0]
    before, after = were.get(old.table.name, frozenset()), are.get(new.table.name, frozenset())
    if before or after:
        same = sorted({table for table, _ in before & after})
        point = (1.6, f"{same[0]} refers to both, with the same column") if same else (-0.4, "")
        points.append(point)
        total += point[0]
    comments = old.table.comment, new.table.comment
    if all(comments) and comments[0] == comments[1]:
        points.append((1.0, "same comment"))
        total += 1.0
    return total, points


def referring(tables: Iterable[Table]) -> Referring:
    """By table who refers to it."""
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    for each in tables:
        for key in each.foreign_keys:
            if key.referred_table != each.name:
                found.setdefault(key.referred_table, set()).add((each.name, key.columns))
    return {name: frozenset(keys) for name, keys in found.items()}

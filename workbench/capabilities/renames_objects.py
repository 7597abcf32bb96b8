"""Finds renames of indexes, constraints and enum values: the same definition, but for the name and known renames."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from workbench.capabilities.renames_names import likeness
from workbench.capabilities.renames_parts import Point, labels, name_points, plain_check, score
from workbench.results.objects import SchemaObject, Table
from workbench.results.renames import Renamed
from workbench.text import plural

SURE = 0.95
"""The same columns, the same kind: only the name differs."""
_PER_LIKENESS = 0.1
_WORD = re.compile(r"[\w$]+")

Columns = Callable[[str], Collection[str]]
"""Gives by the name of a live column the names that it may have in the models: its own, and those of candidates."""
NoteOf = tuple[str, str, float, tuple[str, ...], tuple[str, ...], Renamed]


@dataclass(frozen=True)
class Thing:
    """An index or a constraint, as it is compared."""

    name: str
    kind: Renamed
    what: str
    """`index`, `unique index`, `unique`, `foreign key`, `check`, `primary key`, `exclude`."""
    columns: tuple[str, ...]
    """Names, or expressions in one spelling."""
    more: tuple[str, ...]
    """What else has to be the same."""


def things(table: Table, dialect: str) -> dict[str, Thing]:
    """By name the indexes and constraints that can be renamed; none on SQLite, which knows no such statement."""
    found: dict[str, Thing] = {}
    is_mysql = dialect in {"mysql", "mariadb"}
    if dialect == "sqlite":
        return found
    for each in table.indexes:
        more = (each.method.lower(), plain_check(each.where or ""), *sorted(each.include))
        what = "unique index" if each.unique else "index"
        # On MySQL a unique constraint is a unique index, under whichever name Alembic finds it.
        kind = "unique" if each.unique and is_mysql else what
        found[each.name] = Thing(each.name, "index", kind, tuple(map(_plain, each.expressions)), more)
    for one in table.constraints:
        if not one.name or (is_mysql and one.kind != "unique"):  # MySQL has RENAME INDEX, and nothing for the rest
            continue
        columns, more = one.columns, ()
        if one.kind == "foreign key":
            more = (one.referred_schema or "", one.referred_table, *one.referred_columns, one.on_delete, one.on_update)
        elif one.kind == "check":
            columns = (plain_check(one.definition),)
        elif one.kind == "exclude":
            columns = (_plain(one.definition),)
        kind_: Renamed = "index" if is_mysql else "constraint"
        found[one.name] = Thing(one.name, kind_, one.kind, columns, more)
    return found


def pairs(
    gone: Mapping[str, Thing], come: Mapping[str, Thing], columns: Columns, tables: Mapping[str, str]
) -> Iterator[NoteOf]:
    """(gone, come, score, reasons, against, kind) of what has the same columns and is of the same kind.

    Args:
        gone: What is not in the models any more.
        come: What the live table does not have.
        columns: What a column may be called in the models.
        tables: By live name what a table is likely to be called, for foreign keys.

    """
    for old in gone.values():
        same = [new for new in come.values() if _is_same(old, new, columns, tables)]
        for new in same:
            alike = likeness(old.name, new.name)
            points = SURE - _PER_LIKENESS * (1 - alike)
            if len(same) > 1:
                points = SURE * (0.4 + 0.6 * alike) / len(same) ** 0.5
            told = ", ".join(new.columns)
            reason = f"the same {old.what} on {told}" if old.what != "check" else "the same check"
            against = () if len(same) == 1 else (f"{len(same)} new ones are the same",)
            renamed = "" if old.columns == new.columns else f"if {', '.join(old.columns)} becomes {told}"
            yield old.name, new.name, points, tuple(filter(None, (reason, renamed))), against, old.kind


def _is_same(old: Thing, new: Thing, columns: Columns, tables: Mapping[str, str]) -> bool:
    if old.what != new.what or len(old.columns) != len(new.columns):
        return False
    if old.what == "foreign key":
        schema, table, *rest = old.more
        if (schema, tables.get(table, table), *rest) != new.more:
            return False
    elif old.more != new.more:
        return False
    return all(
        first == second or second in columns(first) or _same_words(first, second, columns)
        for first, second in zip(old.columns, new.columns, strict=True)
    )


def _same_words(first: str, second: str, columns: Columns) -> bool:
    """Two expressions that differ in nothing but names that a column may get."""
    one, other = _WORD.findall(first), _WORD.findall(second)
    return (
        len(one) == len(other)
        and _WORD.sub("?", first) == _WORD.sub("?", second)
        and all(a == b or b in columns(a) for a, b in zip(one, other, strict=True))
    )


def _plain(expression: str) -> str:
    return plain_check(expression) if not expression.isidentifier() else expression


def values(old: SchemaObject, new: SchemaObject, used: Mapping[str, int] | None) -> Iterator[NoteOf]:
    """(gone, come, score, reasons, against, kind) of the values of one enum.

    Args:
        old: The enum as it is live.
        new: As the models have it.
        used: By value how many rows have it, as far as was looked; None where nobody looked.

    """
    before, after = labels(old), labels(new)
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    stable = [each for each in before if each in after]
    for value in gone:
        for other in come:
            points = list(_points(value, other, before, after, stable))
            if len(gone) != len(come):
                points.append((-0.4, f"{plural(len(gone), 'value')} gone, {len(come)} new"))
            total = -0.8 + sum(each for each, _ in points)
            reasons = [words for each, words in points if words and each >= 0]
            against = [words for each, words in points if words and each < 0]
            if used is not None and value in used:
                reasons.append(f"{used[value]:,} rows have {value!r}" if used[value] else f"no row has {value!r}")
            yield value, other, min(score(total), SURE), tuple(reasons), tuple(against), "enum value"


def _points(
    value: str, other: str, before: tuple[str, ...], after: tuple[str, ...], stable: list[str]
) -> Iterator[Point]:
    yield name_points(value, other)[1]
    was, is_ = _between(value, before, stable), _between(other, after, stable)
    ranks = _rank(value, before, stable), _rank(other, after, stable)
    if was == is_ and ranks[0] == ranks[1]:
        words = f"behind {was[0]!r}" if was[0] else f"before {was[1]!r}" if was[1] else "by number"
        yield 1.9, f"same place in the enum, {words}"
    elif was == is_:
        yield 0.3, "nearly the same place in the enum"
    else:
        yield -1.0, "at another place in the enum"


def _between(value: str, told: tuple[str, ...], stable: list[str]) -> tuple[str, str]:
    at = told.index(value)
    before = next((each for each in reversed(told[:at]) if each in stable), "")
    return before, next((each for each in told[at + 1 :] if each in stable), "")


def _rank(value: str, told: tuple[str, ...], stable: list[str]) -> int:
    """Which it is of those that stand between the same two."""
    at, rank = told.index(value), 0
    while at > 0 and told[at - 1] not in stable:
        at, rank = at - 1, rank + 1
    return rank

"""What is known of a table and each of its columns when it is asked whether another one is the same thing."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from workbench.capabilities.renames_names import likeness, shared
from workbench.hazards.types import Kind, kind
from workbench.results.objects import Column, Constraint, SchemaObject, Table

_CAST = re.compile(r"::[\w\" ]+(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?")
_NOW = re.compile(r"^(?:now\(\)|current_timestamp(?:\(\))?|\(?datetime\('now'\)\)?)$")
_DULL = frozenset({"id", "created_at", "updated_at", "created", "updated", "modified_at"})

Point = tuple[float, str]
"""How much something speaks for it (against it, below zero), and what it is in words; without words it is not told."""


@dataclass(frozen=True)
class ColumnFacts:
    """A column with all that its table says of it."""

    column: Column
    kind: Kind
    type: str
    """The type as it is compared: one spelling for all."""
    default: str | None
    unique: bool
    indexed: bool
    reference: tuple[str, str, str] | None
    """(schema, table, column) that a foreign key of its own leads to."""
    checks: frozenset[str]
    """The CHECKs that name it, with ? for its name."""
    conditions: tuple[str, ...] = ()
    """The same as the database writes them."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.column.name


@dataclass(frozen=True)
class TableFacts:
    """A table, with what is worked out of it only where it is needed."""

    table: Table
    dialect: str
    columns: dict[str, ColumnFacts] = field(init=False)

    def __post_init__(self) -> None:
        """Read each column once."""
        table = self.table
        singles = {each.columns[0]: each for each in table.foreign_keys if len(each.columns) == 1}
        uniques = {each.columns for each in table.constraints if each.kind in {"unique", "primary key"}}
        uniques |= {each.expressions for each in table.indexes if each.unique and not each.where}
        indexed = {each.expressions[0] for each in table.indexes if each.expressions}
        written = [each.definition for each in table.constraints if each.kind == "check"]
        checks = [plain_check(each) for each in written]
        found = {}
        for each in table.columns:
            told = kind(each.type, self.dialect)
            key = singles.get(each.name)
            word = re.compile(rf"\b{re.escape(each.name.lower())}\b")
            found[each.name] = ColumnFacts(
                each, told, type_word(each, told), plain_default(each),
                unique=(each.name,) in uniques, indexed=each.name in indexed, reference=_target(key),
                checks=frozenset(word.sub("?", check) for check in checks if word.search(check)),
                conditions=tuple(full for full, check in zip(written, checks, strict=True) if word.search(check)),
            )  # fmt: skip
        object.__setattr__(self, "columns", found)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The names of its columns in their order."""
        return tuple(self.columns)

    def between(self, name: str, stable: Collection[str]) -> tuple[str, str]:
        """The nearest columns before and behind it that are in `stable`; empty where there is none."""
        at = self.order.index(name)
        before = next((each for each in reversed(self.order[:at]) if each in stable), "")
        behind = next((each for each in self.order[at + 1 :] if each in stable), "")
        return before, behind


def plain_default(column: Column) -> str | None:
    """A default in one spelling, whoever has written it; None where the database counts by itself."""
    told = column.default
    if told is None or column.identity or "nextval(" in told.lower():
        return None
    text = _CAST.sub("", told).strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if _NOW.match(text.lower()):
        return "now()"
    if text.upper() == "NULL":
        return None
    bare = text.strip("'")
    return bare if re.fullmatch(r"-?\d+(?:\.\d+)?", bare) else text


def plain_check(definition: str) -> str:
    """The condition of a CHECK in one spelling: no casts, quotes, brackets and blanks."""
    text = _CAST.sub("", definition.removeprefix("CHECK"))
    return re.sub(r"[\s()`\"]", "", text.lower().replace(" and ", "&").replace(" or ", "|"))


def type_word(column: Column, told: Kind) -> str:
    """The type in one spelling."""
    if told.family == "other":
        return told.name.rpartition(".")[2].strip('"').lower()
    parts = (told.name, told.length, told.precision, told.scale, told.unsigned, told.timezone, told.labels)
    return " ".join([*map(str, parts), told.element, column.generated or "", column.collation or ""])


def rarities(tables: Iterable[Table], dialect: str) -> dict[str, float]:
    """By type how rare it is in a schema: 0 for one that all columns have, about 2 for one of a hundred."""
    counts: dict[str, int] = {}
    for table in tables:
        for each in table.columns:
            told = type_word(each, kind(each.type, dialect))
            counts[told] = counts.get(told, 0) + 1
    total = sum(counts.values())
    return {each: min(2.0, -math.log10(count / total)) for each, count in counts.items()}


def weights(tables: Iterable[Table]) -> dict[str, float]:
    """By name of a column how much it tells of its table: little, where every table has one."""
    counts: dict[str, int] = {}
    for table in tables:
        for each in table.columns:
            counts[each.name] = counts.get(each.name, 0) + 1
    return {name: (0.4 if name in _DULL else 1.0) / (1 + math.log(count)) for name, count in counts.items()}


def name_points(old: str, new: str, context: str = "") -> tuple[float, Point]:
    """How alike the names are, and what that speaks for."""
    told = likeness(old, new, context)
    points = -0.9 if told < 0.2 else -0.9 + (told - 0.2) * 5.1  # noqa: PLR2004 - what is alike by chance
    words = ", ".join(repr(each) for each in shared(old, new))
    if told >= 0.35:  # noqa: PLR2004 - below that it speaks against it
        return told, (points, f"names share {words}" if words else "names are alike")
    return told, (points, "the names have nothing in common" if told < 0.2 else "")  # noqa: PLR2004


def score(points: float) -> float:
    """Points as a number between 0 and 1."""
    return 1 / (1 + math.exp(-points))


def told(points: Iterable[Point]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what speaks for it, what speaks against it), each with the weightiest first."""
    ordered = sorted(points, key=lambda each: -abs(each[0]))
    return (
        tuple(dict.fromkeys(words for weight, words in ordered if words and weight >= 0)),
        tuple(dict.fromkeys(words for weight, words in ordered if words and weight < 0)),
    )


def labels(enum: SchemaObject) -> tuple[str, ...]:
    """The values of an enum, in their order."""
    return kind(f"enum({enum.definition})", "mysql").labels


def _target(key: Constraint | None) -> tuple[str, str, str] | None:
    if key is None:
        return None
    return key.referred_schema or "", key.referred_table, (key.referred_columns or ("",))[0]

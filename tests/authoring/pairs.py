"""Pairs of schemas and the rows of the first: what a Draft has to lead from one to the other, and back.

`make property` tries many of them on each database, beside plain Alembic (`tests/authoring/share.py`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

FAMILIES: dict[str, tuple[str, ...]] = {
    "word": ("sa.String(20)", "sa.String(40)", "sa.Text"),
    "count": ("sa.Integer", "sa.BigInteger"),
    "price": ("sa.Numeric(10, 2)", "sa.Numeric(12, 2)"),
    "flag": ("sa.Boolean",),
    "moment": ("sa.DateTime",),
    "day": ("sa.Date",),
    "mood": ("native", "bound"),
}
"""A column keeps its family: whether rows survive another type is not what is asked here. A mood is an enum: a type of
its own where the database has such, or a text with a CHECK.
"""
MOODS = ("calm", "glad", "it's fine", "sad", "wild")
CHECKS = {"word": "length({}) < {}", "count": "{} > -{}", "price": "{} BETWEEN -{} AND 100000"}
"""Conditions that every value fulfils which is ever put in: what stands in the way is not what is asked here."""
DEFAULTS = {"word": "'none'", "count": "7", "price": "1.50", "flag": "false", "day": "'2020-02-02'"}
_VALUES: dict[str, Any] = {
    "word": lambda number: f"'w{number}'",
    "count": str,
    "price": lambda number: f"{number}.25",
    "flag": lambda number: ("true", "false")[number % 2],
    "moment": lambda number: f"'2024-01-0{number} 10:00:00'",
    "day": lambda number: f"'2024-01-0{number}'",
}


@dataclass(frozen=True)
class Col:
    """A column beside `id`; its name begins with its family."""

    name: str
    type: int = 0
    nullable: bool = True
    default: bool = False
    unique: bool = False
    index: bool = False

    @property
    def family(self) -> str:
        """What it holds."""
        return self.name.partition("_")[0]


@dataclass(frozen=True)
class Chk:
    """A CHECK of one column."""

    column: str
    limit: int

    @property
    def family(self) -> str:
        """What it is called by."""
        return self.column.partition("_")[0]


@dataclass(frozen=True)
class Tab:
    """A table with an `id`."""

    name: str
    columns: tuple[Col, ...] = ()
    moods: tuple[str, ...] = MOODS[:3]
    """The values of its enum; rows have only the first that it begins with, which stays."""
    checks: tuple[Chk, ...] = ()
    refers: str = ""
    """The table that its column `parent_id` refers to."""
    together: bool = False
    """An index over the first two columns."""


@dataclass(frozen=True)
class Pair:
    """Two schemas, and how many rows each table of the first has."""

    before: tuple[Tab, ...]
    after: tuple[Tab, ...]
    rows: int = 2
    renames: dict[str, str] = field(default_factory=dict)
    """What is renamed, as a Draft's decision."""
    unnamed: bool = False
    """No naming convention, and no CHECK has a name."""

    def models(self, tables: tuple[Tab, ...]) -> str:
        """One of the two as code."""
        convention = "" if self.unnamed else CONVENTION
        told = [_code(each, unnamed=self.unnamed) for each in tables]
        return "\n".join(["import sqlalchemy as sa", f"metadata = sa.MetaData({convention})", *told])


def random_pair(seed: int) -> Pair:
    """The pair of this number."""
    chance = random.Random(seed)  # noqa: S311 - the same pair for the same number
    before = _schema(chance)
    after, renames = _changed(chance, before)
    return Pair(before, after, chance.choice((0, 1, 3)), renames, chance.random() < 0.3)


def _schema(chance: random.Random) -> tuple[Tab, ...]:
    names = ["ant", "bee", "cat"][: chance.randint(1, 3)]
    return tuple(_table(chance, name, names) for name in names)


def _table(chance: random.Random, name: str, names: list[str]) -> Tab:
    families = chance.sample(sorted(FAMILIES), chance.randint(0, 4))
    columns = tuple(_column(chance, f"{each}_{chance.choice('ab')}") for each in families)
    refers, together = chance.choice(["", *names]), chance.random() < 0.2 and len(columns) > 1
    return Tab(
        name, columns, tuple(chance.sample(MOODS, chance.randint(1, 4))), _checks(chance, columns), refers, together
    )


def _checks(chance: random.Random, columns: tuple[Col, ...]) -> tuple[Chk, ...]:
    fitting = [each.name for each in columns if each.family in CHECKS]
    return tuple(Chk(each, chance.randint(50, 90)) for each in fitting if chance.random() < 0.4)


def _other_moods(chance: random.Random, moods: tuple[str, ...]) -> tuple[str, ...]:
    """Values that come, go or move; the first of them stays, somewhere."""
    kept = [each for each in moods[1:] if chance.random() < 0.8]
    come = [each for each in MOODS if each not in moods and chance.random() < 0.3]
    told = [moods[0], *kept]
    if chance.random() < 0.2:
        chance.shuffle(told)
    for each in come:
        told.insert(chance.randint(0, len(told)), each)
    return tuple(told)


def _column(chance: random.Random, name: str) -> Col:
    family = name.partition("_")[0]
    kind = chance.randrange(len(FAMILIES[family]))
    keyed = FAMILIES[family][kind] != "sa.Text"
    nullable = chance.random() < 0.6
    unique = nullable and keyed and family not in {"flag", "mood"} and chance.random() < 0.2
    default = not unique and family in DEFAULTS and FAMILIES[family][kind] != "sa.Text" and chance.random() < 0.3
    return Col(name, kind, nullable, default, unique, keyed and not unique and chance.random() < 0.2)


def _changed(chance: random.Random, before: tuple[Tab, ...]) -> tuple[tuple[Tab, ...], dict[str, str]]:
    renames: dict[str, str] = {}
    tables = []
    for each in before:
        if chance.random() < 0.15 and len(before) > 1:
            continue
        columns: list[Col] = []
        for column in each.columns:
            at = chance.random()
            if at < 0.2:
                continue
            if at < 0.35:
                new = f"{column.family}_z"
                renames[f"column {each.name}.{column.name}"] = new
                columns.append(replace(column, name=new))
            elif at < 0.7:
                columns.append(_column(chance, column.name))
            else:
                columns.append(column)
        taken = {column.family for column in (*each.columns, *columns)}
        free = [family for family in sorted(FAMILIES) if family not in taken]
        if free and chance.random() < 0.5:
            columns.append(_column(chance, f"{chance.choice(free)}_n"))
        refers = each.refers if chance.random() < 0.7 else chance.choice(["", *(tab.name for tab in before)])
        checks = [
            replace(one, column=renames.get(f"column {each.name}.{one.column}", one.column),
                    limit=one.limit if chance.random() < 0.6 else one.limit + 5)
            for one in each.checks if chance.random() < 0.8
        ]  # fmt: skip
        named = {column.name for column in columns}
        checks = [one for one in checks if one.column in named]
        free_columns = tuple(column for column in columns if column.family not in {one.family for one in checks})
        tables.append(
            replace(
                each, columns=tuple(columns), refers=refers, together=each.together and len(columns) > 1,
                checks=(*checks, *_checks(chance, free_columns)),
                moods=each.moods if chance.random() < 0.5 else _other_moods(chance, each.moods),
            )
        )  # fmt: skip
    if chance.random() < 0.4:
        tables.append(_table(chance, "dog", [tab.name for tab in tables]))
    names = {each.name for each in tables}
    tables = [replace(each, refers=each.refers if each.refers in names else "") for each in tables]
    return tuple(tables), renames


CONVENTION = (
    'naming_convention={"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", '
    '"ck": "ck_%(table_name)s_%(constraint_name)s", '
    '"fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}'
)


def _code(table: Tab, *, unnamed: bool) -> str:
    parts = ['sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)']
    parts += [_column_code(table, each, unnamed=unnamed) for each in table.columns]
    if table.refers:
        parts.append(f'sa.Column("parent_id", sa.Integer, sa.ForeignKey("{table.refers}.id"))')
    keyed = [each.name for each in table.columns if FAMILIES[each.family][each.type] != "sa.Text"][:2]
    if table.together and len(keyed) > 1:
        parts.append(f'sa.Index("ix_{table.name}_both", {", ".join(map(repr, keyed))})')
    for each in table.checks:
        name = "" if unnamed else f", name={each.family!r}"
        parts.append(f"sa.CheckConstraint({CHECKS[each.family].format(each.column, each.limit)!r}{name})")
    return f'sa.Table("{table.name}", metadata, {", ".join(parts)})'


def _column_code(table: Tab, column: Col, *, unnamed: bool) -> str:
    more = f", nullable={column.nullable}"
    if column.default:
        told = DEFAULTS[column.family]
        default = "sa.false()" if column.family == "flag" else f"sa.text({told!r})"
        more += f", server_default={default}"
    more += ", unique=True" if column.unique else ""
    more += ", index=True" if column.index else ""
    type_ = FAMILIES[column.family][column.type]
    if column.family == "mood":
        values = ", ".join(map(repr, table.moods))
        bound = type_ == "bound"
        name = "" if bound and unnamed else f', name="mood_{table.name}"'
        type_ = f"sa.Enum({values}{name}{', native_enum=False, create_constraint=True' * bound})"
    return f'sa.Column("{column.name}", {type_}{more})'


def inserts(pair: Pair) -> list[str]:
    """The rows of the first schema, parents pointing nowhere."""
    told = []
    for table in pair.before:
        for number in range(1, pair.rows + 1):
            names = ["id", *(each.name for each in table.columns)]
            values = [str(number)]
            for each in table.columns:
                is_null = each.nullable and number == 2
                mood = "'" + table.moods[0].replace("'", "''") + "'"
                told_value = mood if each.family == "mood" else _VALUES[each.family](number)
                values.append("NULL" if is_null else told_value)
            told.append(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(values)})")
    return told


def fills(pair: Pair, keys: list[str]) -> dict[str, str]:
    """An expression for each choice that may need one."""
    told = {}
    for key in keys:
        kind, _, name = key.partition(" ")
        table, _, column = name.rpartition(".")
        family = column.partition("_")[0]
        if kind in {"add_column", "alter_column"} and family in _VALUES:
            told[key] = _VALUES[family](9)
        elif kind in {"add_column", "alter_column"} and family == "mood":
            moods = next((each.moods for each in pair.before if each.name == table), ("",))
            told[key] = "'" + moods[0].replace("'", "''") + "'"
    return told


def expected(tables: tuple[Tab, ...], dialect: str) -> dict[str, object]:
    """How many CHECKs each table has, and the values of the enums that are types of their own."""
    told: dict[str, object] = {}
    for table in tables:
        moods = [FAMILIES["mood"][each.type] for each in table.columns if each.family == "mood"]
        told[table.name] = len(table.checks) + moods.count("bound")
        if dialect == "postgresql" and "native" in moods:
            told[f"mood_{table.name}"] = list(table.moods)
    return told

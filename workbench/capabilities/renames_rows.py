"""Asks the rows what they say of pairs of columns: read-only, one bounded query a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from workbench.capabilities.renames_columns import Weighed
from workbench.capabilities.renames_names import words
from workbench.capabilities.renames_parts import Point, TableFacts
from workbench.errors import WorkbenchError
from workbench.hazards.question import quoted
from workbench.hazards.types import Kind, fits
from workbench.text import plural
from workbench.worker.client import Client

Ask = Callable[[str, str], Sequence[Sequence[Any]]]
"""Gives the rows of a query (its SQL, the name of the database), or raises a WorkbenchError."""

LOOKED_AT = 20_000
"""Rows of a table; those that the database gives first."""
SECONDS = 3.0
"""For one query."""
QUESTIONS = 40
"""Tables that are asked, those with the likeliest pairs first."""
_FEW = 3
"""Fewer values than these prove nothing."""
_MARKS = {"email": "%@%", "url": "%://%"}
"""What values look like that are called so."""
_SQLGLOT = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_UNCOUNTED = frozenset({"json", "other", "array"})


@dataclass(frozen=True)
class _Probe:
    """Something that no value should be, if the new column is the old one."""

    bad: str
    """A condition; of the rows for which it holds it is counted how many there are."""
    good_points: float
    good: str
    """What is said where there is none; `{count}` stands for how many values there are."""
    bad_points: float
    against: tuple[str, str]
    """What is said behind `1 value` and behind `2 values` where there are some."""


def asking(client: Client, seconds: float = SECONDS, limit: int = 10) -> Ask:
    """A way to ask through a worker, as `wb.query` does: the database itself refuses whatever would write.

    Args:
        client: Whom.
        seconds: That one query may take.
        limit: No more rows than that, and one.

    """

    def ask(sql: str, database: str) -> Sequence[Sequence[Any]]:
        told = client.call(
            "query", graceful=True, asked=sql, values={}, limit=limit, timeout=seconds, database=database or None
        )
        rows: Sequence[Sequence[Any]] = told.rows
        return rows

    return ask


def looked(
    ask: Ask, database: str, table: TableFacts, pairs: Sequence[Weighed], targets: Mapping[tuple[str, str], str],
    enums: Mapping[str, Collection[str]],
) -> list[list[Point]]:  # fmt: skip
    """What the rows of a live table say of each pair, in their order.

    Args:
        ask: Whom.
        database: The name of the database.
        table: The live table.
        pairs: Its columns, and what they may be called.
        targets: By (schema, name in the models) the live name of a table that a foreign key may lead to.
        enums: By name the values of enums as the models have them.

    Raises:
        WorkbenchError: They cannot be asked.

    """
    names = list(dict.fromkeys(each.old.name for each in pairs))
    probes = [_probes(each, table, targets, enums) for each in pairs]
    try:
        first, told = _asked(ask, database, table, names, probes)
    except WorkbenchError:  # one of the conditions may be the reason
        probes = [[] for _ in pairs]
        first, told = _asked(ask, database, table, names, probes)
    return [
        _points(each, first[0], first[1][each.old.name], list(zip(mine, counts, strict=True)))
        for each, mine, counts in zip(pairs, probes, told, strict=True)
    ]


_Counts = tuple[int, dict[str, tuple[int, int | None]]]
"""Rows, and by column how many values and how many different ones."""


def _asked(
    ask: Ask, database: str, table: TableFacts, names: list[str], probes: list[list[_Probe]]
) -> tuple[_Counts, list[list[int]]]:
    dialect = table.dialect
    selected = ["count(*)"]
    for name in names:
        column = quoted(name, dialect)
        counted = table.columns[name].kind.family not in _UNCOUNTED
        selected += [f"count({column})", f"count(DISTINCT {column})" if counted else "NULL"]
    flat = [each for mine in probes for each in mine]
    selected += [f"sum(CASE WHEN {each.bad} THEN 1 ELSE 0 END)" for each in flat]
    inner = ", ".join(quoted(each, dialect) for each in names)
    source = ".".join(quoted(each, dialect) for each in (table.table.schema, table.table.name) if each)
    sql = f"SELECT {', '.join(selected)} FROM (SELECT {inner} FROM {source} LIMIT {LOOKED_AT}) AS looked_at"  # noqa: S608 - it only looks
    row = list(ask(sql, database)[0])
    counts = {
        name: (int(row[1 + 2 * at]), None if row[2 + 2 * at] is None else int(row[2 + 2 * at]))
        for at, name in enumerate(names)
    }
    rest = iter(int(each or 0) for each in row[1 + 2 * len(names) :])
    return (int(row[0]), counts), [[next(rest) for _ in mine] for mine in probes]


def _points(pair: Weighed, rows: int, counts: tuple[int, int | None], probed: list[tuple[_Probe, int]]) -> list[Point]:
    values, different = counts
    if not rows:
        return [(0.0, "the table has no rows")]
    points: list[Point] = []
    nulls = rows - values
    if pair.old.column.nullable and not pair.new.column.nullable:
        are = "row is" if nulls == 1 else "rows are"
        against = f"the new column is NOT NULL, {nulls:,} {are} NULL"
        points.append((-0.4, against) if nulls else (0.7, "no row is NULL, as the new column wants it"))
    if not values:
        return [*points, (0.0, "every row is NULL")]
    which = f"all {values:,}" if rows < LOOKED_AT else f"all of the first {values:,}"
    if pair.new.unique and not pair.old.unique and different is not None:
        twice = values - different
        against = f"the new column is unique, {plural(twice, 'value')} {'is' if twice == 1 else 'are'} repeated"
        if twice or values >= _FEW:
            points.append((-1.0, against) if twice else (0.8, f"{which} values are different"))
    for probe, count in probed:
        if count:
            share = count / values
            words = f"{plural(count, 'value')} {probe.against[count > 1]}"
            points.append((probe.bad_points * (0.3 + 0.7 * share), words))
        elif values >= _FEW:
            points.append((probe.good_points, probe.good.format(count=which)))
    return [*points, (0.0, f"only {plural(values, 'value')} to look at")] if values < _FEW else points


def _probes(
    pair: Weighed, table: TableFacts, targets: Mapping[tuple[str, str], str], enums: Mapping[str, Collection[str]]
) -> list[_Probe]:
    column, dialect = quoted(pair.old.name, table.dialect), table.dialect
    old, new = pair.old.kind, pair.new.kind
    found: list[_Probe] = []
    told = pair.new.column.type
    refused = "" if pair.old.type == pair.new.type else misfit(column, old, new, dialect, enum_labels(new, enums))
    if refused:
        points = 1.3 if enum_labels(new, enums) else 0.6
        does = f"does not fit {told}", f"do not fit {told}"
        found.append(_Probe(refused, points, f"{{count}} values fit {told}", -2.0, does))
    if pair.new.reference is not None and pair.old.reference is None:
        schema, name, key = pair.new.reference
        live = targets.get((schema, name))
        if live is not None and key:
            other = ".".join(quoted(each, dialect) for each in (schema, live) if each)
            bad = (
                f"looked_at.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} AS referred"  # noqa: S608 - as above
                f" WHERE referred.{quoted(key, dialect)} = looked_at.{column})"
            )
            good = f"{{count}} values are keys of {live}"
            found.append(_Probe(bad, 1.4, good, -2.5, (f"is no key of {live}", f"are no keys of {live}")))
    if old.family == new.family:
        found += _checks(pair, table.dialect)
    if old.family == "text":
        for word, mark in _MARKS.items():
            if word in words(pair.new.name) and word not in words(pair.old.name):
                good = f"{{count}} values look like an {word}"
                found.append(
                    _Probe(f"{column} NOT LIKE '{mark}'", 1.0, good, -1.6, (f"is no {word}", f"are no {word}s"))
                )
    return found


def enum_labels(kind: Kind, enums: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The values of an enum, be they written out in the type or those of a type of this name; empty for others."""
    named = enums.get(kind.name.rpartition(".")[2].strip('"'), ()) if kind.family == "other" else ()
    return kind.labels or tuple(named)


def misfit(column: str, old: Kind, new: Kind, dialect: str, labels: tuple[str, ...]) -> str:  # noqa: PLR0911 - a table of cases
    """A condition for the values of `column` that the new type does not take; empty where none can be written."""
    if fits(old, new, dialect):
        return ""
    text = f"CAST({column} AS CHAR)" if dialect in {"mysql", "mariadb"} else f"CAST({column} AS TEXT)"
    if labels:
        listed = ", ".join("'" + each.replace("'", "''") + "'" for each in labels)
        return f"{text} NOT IN ({listed})"
    if new.family == "text" and new.length is not None:
        length = "length" if dialect == "sqlite" else "char_length"
        return f"{length}({text}) > {new.length}"
    if new.family == "integer" and new.range is not None and old.family in {"integer", "decimal", "float"}:
        low, high = new.range
        return f"NOT ({column} BETWEEN {low} AND {high})"
    if new.family == "decimal" and new.whole_digits is not None and old.family in {"integer", "decimal", "float"}:
        return f"abs({column}) >= 1e{new.whole_digits}"
    if old.family == "text" and new.family in {"integer", "decimal", "float"}:
        if dialect == "sqlite":
            return f"CAST(CAST({column} AS NUMERIC) AS TEXT) <> {column}"
        pattern = "'^[[:space:]]*[-+]?[0-9]+([.][0-9]+)?[[:space:]]*$'"
        return f"{column} !~ {pattern}" if dialect == "postgresql" else f"{column} NOT REGEXP {pattern}"
    return ""


def _checks(pair: Weighed, dialect: str) -> list[_Probe]:
    """The CHECKs of the new column alone, on the values of the old one."""
    found = []
    for definition in pair.new.conditions if not pair.old.conditions else ():
        condition = renamed(definition, {pair.new.name: pair.old.name}, dialect)
        if condition:
            bad = f"NOT ({condition})"
            good = "{count} values pass the new check"
            found.append(_Probe(bad, 0.8, good, -1.5, ("does not pass the new check", "do not pass the new check")))
    return found


def renamed(definition: str, names: Mapping[str, str], dialect: str) -> str:
    """The condition of a CHECK with other names for its columns; empty where it names others or cannot be read."""
    try:
        tree = sqlglot.parse_one(definition.removeprefix("CHECK").strip(), read=_SQLGLOT[dialect])
    except SqlglotError:
        return ""
    for column in tree.find_all(exp.Column):
        if column.name not in names:
            return ""
        column.set("this", exp.to_identifier(names[column.name], quoted=True))
    return tree.sql(dialect=_SQLGLOT[dialect])

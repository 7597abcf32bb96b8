"""A column whose rows get values: where they are now, what is asked of them, and which of them are in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.bridge.values import Rename
from workbench.capabilities.backfills_needs import UNIQUE, Need, needs
from workbench.capabilities.renames_parts import TableFacts, labels
from workbench.capabilities.renames_rows import Ask
from workbench.errors import UnsupportedRequest
from workbench.hazards.question import quoted
from workbench.results import Schema, Table
from workbench.results.schema import one_of

CAP = 10_000
"""Rows in the way that are looked at."""
Place = tuple[str | None, str, str]
"""(schema or None, table, column), by the names that they have in the models."""


@dataclass
class Scope:
    """One column that gets values."""

    dialect: str
    live: Table
    """The live table, by the names that it and its columns will have."""
    model: Table
    column: str
    ask: Ask
    relation: str
    """What a query of the live rows selects from."""
    source: str
    """What names of columns are qualified with there."""
    needs: list[Need]
    is_new: bool
    """The column is not there yet."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return self.live.primary_key

    @property
    def name(self) -> str:
        """The column, as SQL."""
        return quoted(self.column, self.dialect)

    @property
    def bad(self) -> str:
        """The condition of the rows in the way now; `1 = 1` for a column that is not there yet."""
        return "1 = 1" if self.is_new else self._bad(f"{self.source}.{self.name}", self.source, self.relation)

    @property
    def where_of_code(self) -> str:
        """Which rows the UPDATE of the revision changes: by then the column is there, and all have their new names."""
        if self.is_new or not self.needs:
            return f"{self.name} IS NULL"
        table = named(self.live, self.dialect)
        plain = {each.words for each in self.needs} <= {"NOT NULL"}
        return self._bad(self.name if plain else f"{table}.{self.name}", table, table)

    def _bad(self, mine: str, source: str, relation: str) -> str:
        found = [each.refused(mine) for each in self.needs if each.words != UNIQUE]
        if any(each.words == UNIQUE for each in self.needs) and self.keys:
            found.append(self._repeated(mine, source, relation))
        return (found[0] if len(found) == 1 else " OR ".join(f"({each})" for each in found)) or "1 = 0"

    def _repeated(self, mine: str, source: str, relation: str) -> str:
        """Another row before this one has the same value. MySQL lets an UPDATE read its table only as a derived one."""
        names = ", ".join(quoted(each, self.dialect) for each in dict.fromkeys((*self.keys, self.column)))
        first = ", ".join(f"other.{quoted(each, self.dialect)}" for each in self.keys)
        this = ", ".join(f"{source}.{quoted(each, self.dialect)}" for each in self.keys)
        return (
            f"EXISTS (SELECT 1 FROM (SELECT {names} FROM {relation}) AS other"  # noqa: S608 - it only looks
            f" WHERE other.{self.name} = {mine} AND ({first}) < ({this}))"
        )

    def rows(self, sql: str) -> Sequence[Sequence[Any]]:
        """The answer of the live database."""
        return self.ask(sql, self.live.database)

    def count(self, where: str = "") -> int:
        """How many rows are in the way, up to one more than are looked at."""
        inner = f"SELECT 1 AS one FROM {self.relation} WHERE {where or self.bad} LIMIT {CAP + 1}"  # noqa: S608 - as above
        return int(self.rows(f"SELECT count(*) FROM ({inner}) AS counted")[0][0])  # noqa: S608 - as above

    def size(self) -> int:
        """How many rows the table has, up to one more than are few."""
        return self.count("1 = 1")


def scope(before: Schema, after: Schema, place: Place, ask: Ask, renames: Iterable[Rename] = ()) -> Scope:
    """What is known of a column that shall get values; no row is asked.

    Args:
        before: The live schema.
        after: The models.
        place: The column.
        ask: Puts a query to the live rows.
        renames: What has another name in the live schema than in the models.

    Raises:
        UnsupportedRequest: There is no such table or column.

    """
    schema, name, column = place
    model = one_of(after.all_tables, name, schema)
    told = list(renames)
    tables = {(each.schema, each.old): each.new for each in told if each.kind == "table"}
    found = [
        each
        for each in before.all_tables
        if (each.schema, tables.get((each.schema, each.name), each.name)) == (model.schema, model.name)
    ]
    if not found or column not in {each.name for each in model.columns}:
        what = f"column {column!r} in {model.qualified}" if found else f"live table {model.qualified}"
        raise UnsupportedRequest(f"There is no {what}.", "Name the table and the column as the models do.")
    live, dialect = found[0], _dialect(after, before, found[0])
    names = {
        each.old: each.new
        for each in told
        if each.kind == "column" and (each.schema, each.table) == (model.schema, model.name)
    }
    relation = source = named(live, dialect)
    if names or live.name != model.name:
        pairs = (
            (quoted(each.name, dialect), quoted(names.get(each.name, each.name), dialect)) for each in live.columns
        )
        listed = ", ".join(old if old == new else f"{old} AS {new}" for old, new in pairs)
        source = quoted(model.name, dialect)
        relation = f"(SELECT {listed} FROM {relation}) AS {source}"  # noqa: S608 - it only looks
        live = _renamed(live, model.name, names)
    facts = TableFacts(live, dialect)
    targets = {(each.schema or "", each.name) for each in before.all_tables}
    enums = {each.name: labels(each) for each in after.others if each.kind == "enum"}
    asked = needs(facts, TableFacts(model, dialect), column, targets, enums)
    return Scope(dialect, live, model, column, ask, relation, source, asked, column not in facts.columns)


def named(table: Table, dialect: str) -> str:
    """The table, as SQL."""
    return ".".join(quoted(each, dialect) for each in (table.schema, table.name) if each)


def _renamed(table: Table, name: str, names: Mapping[str, str]) -> Table:
    def new(columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(names.get(each, each) for each in columns)

    return replace(
        table,
        name=name,
        columns=tuple(replace(each, name=names.get(each.name, each.name)) for each in table.columns),
        constraints=tuple(replace(each, columns=new(each.columns)) for each in table.constraints),
        indexes=tuple(replace(each, expressions=new(each.expressions)) for each in table.indexes),
    )


def _dialect(after: Schema, before: Schema, table: Table) -> str:
    known = (*after.databases, *before.databases)
    return next(
        (each.dialect for each in known if each.name == table.database), known[0].dialect if known else "sqlite"
    )

"""Which rows a sample takes: parents first, and of the children only those whose parents were taken."""

# ruff: noqa: S608 - names from the catalogue, quoted

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

GENERATIONS = 32
"""How deep a sample goes into a table that refers to itself: a chain of thousands would take as many statements."""


@dataclass
class ForeignKey:
    """Columns of a table that name a row of another one, or of the same."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass
class Table:
    """A table whose rows are copied."""

    name: str
    """As the statements of this dialect name it, without the database."""
    columns: tuple[str, ...] = ()
    """Those that can be written: no generated ones. Quoted."""
    foreign_keys: list[ForeignKey] = field(default_factory=list)


def parents_first(tables: Iterable[Table]) -> list[Table]:
    """The tables, each after those that it refers to, as far as they do not refer to each other in a circle."""
    left = {each.name: each for each in tables}
    ordered: list[Table] = []
    while left:
        waits = {
            name: len({key.parent for key in each.foreign_keys if key.parent in left and key.parent != name})
            for name, each in left.items()
        }
        first = min(waits, key=lambda name: waits[name])  # the first of the equal ones; 0, but for a circle
        ordered.append(left.pop(first))
    return ordered


def insert(table: Table, to: str, source: str, condition: str, limit: int) -> str:
    """The statement that copies rows within one server (or one SQLite connection)."""
    columns = ", ".join(table.columns)
    where = f" WHERE {condition}" if condition else ""
    some = f" LIMIT {limit}" if limit >= 0 else ""
    return f"INSERT INTO {to}.{table.name} ({columns}) SELECT {columns} FROM {source}.{table.name} t{where}{some}"


def condition(table: Table, done: set[str], to: str) -> str:
    """What a row has to fulfil, so that every row that it refers to has been copied; empty if nothing."""
    return " AND ".join(f"({_has_parent(table, key, done, to)})" for key in table.foreign_keys)


def _has_parent(table: Table, key: ForeignKey, done: set[str], to: str) -> str:
    none = " OR ".join(f"t.{column} IS NULL" for column in key.columns)
    pairs = list(zip(key.columns, key.parent_columns))  # noqa: B905 - as many, by the catalogue
    if key.parent == table.name:
        itself = " AND ".join(f"t.{column} = t.{other}" for column, other in pairs)
        none = f"{none} OR ({itself})"
    elif key.parent not in done:  # a circle, or no such table
        return none
    same = " AND ".join(f"p.{other} = t.{column}" for column, other in pairs)
    return f"{none} OR EXISTS (SELECT 1 FROM {to}.{key.parent} p WHERE {same})"


def new(table: Table, to: str) -> str:
    """What a row has to fulfil that is not copied yet, for a table that refers to itself; empty for others."""
    key = next((each for each in table.foreign_keys if each.parent == table.name), None)
    if key is None:
        return ""
    same = " AND ".join(f"x.{column} = t.{column}" for column in key.parent_columns)
    return f"NOT EXISTS (SELECT 1 FROM {to}.{table.name} x WHERE {same})"


def copy(
    tables: list[Table],
    run: Callable[[str], int],
    to: str,
    source: str,
    limit: int,
    progress: Callable[[str, int, int], None],
) -> int:
    """Copy a sample, or all rows where `limit` is -1, by `INSERT … SELECT`.

    Args:
        tables: Whose rows.
        run: Executes a statement; returns how many rows it wrote.
        to: The scratch database, as statements name it.
        source: The live one.
        limit: How many rows of each table.
        progress: Told of each table.

    Returns:
        How many rows were copied.

    """
    total, done = 0, set[str]()
    ordered = parents_first(tables) if limit >= 0 else tables
    for number, table in enumerate(ordered):
        progress(f"copying {table.name}", number, len(ordered))
        if limit < 0:
            total += run(insert(table, to, source, "", -1))
            continue
        again = new(table, to)
        left = limit
        for _ in range(GENERATIONS if again else 1):
            both = " AND ".join(filter(None, (condition(table, done, to), again)))
            written = run(insert(table, to, source, both, left))
            total, left = total + max(written, 0), left - max(written, 0)
            if written <= 0 or left <= 0:
                break
        done.add(table.name)
    progress("copied", len(ordered), len(ordered))
    return total

"""What a new definition of a column asks of its rows, as conditions for the values that it refuses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from workbench.capabilities.renames_parts import TableFacts
from workbench.capabilities.renames_rows import enum_labels, misfit, renamed
from workbench.hazards.question import quoted
from workbench.hazards.types import same


@dataclass(frozen=True)
class Need:
    """One thing that is asked."""

    words: str
    """`NOT NULL`, `fits VARCHAR(5)`, `key of country`, `CHECK (rating < 6)`, `unique`."""
    problem: str
    """Of a value that is refused: `is still NULL`, `does not fit VARCHAR(5)`."""
    refused: Callable[[str], str]
    """Gives for a column or an expression the condition of the values that are refused."""


UNIQUE = "unique"


def needs(
    live: TableFacts, model: TableFacts, column: str, targets: Collection[tuple[str, str]],
    enums: Mapping[str, Collection[str]],
) -> list[Need]:  # fmt: skip
    """What the models ask of the column that the live table does not; of a column that is new, all of it.

    Args:
        live: The table as it is.
        model: As it will be.
        column: Its name in the models.
        targets: The (schema, name) of the live tables.
        enums: By name the values of enums as the models have them.

    """
    new, old = model.columns[column], live.columns.get(column)
    dialect = live.dialect
    found: list[Need] = []
    if not new.column.nullable and (old is None or old.column.nullable):
        found.append(Need("NOT NULL", "is still NULL" if old else "is NULL", lambda told: f"{told} IS NULL"))
    labels = enum_labels(new.kind, enums)
    if old is None or not same(old.kind, new.kind):
        kind = new.kind if old is None else old.kind
        if misfit("x", kind, new.kind, dialect, labels) or (old is None and _limit("x", new.kind.length, dialect)):
            type_ = new.column.type

            def refused(told: str) -> str:
                return misfit(told, kind, new.kind, dialect, labels) or _limit(told, new.kind.length, dialect)

            found.append(Need(f"fits {type_}", f"does not fit {type_}", refused))
    reference = new.reference
    if reference is not None and reference != (None if old is None else old.reference) and reference[:2] in targets:
        schema, table, key = reference
        other = ".".join(quoted(each, dialect) for each in (schema, table) if each)

        def orphan(told: str) -> str:
            parent = f"SELECT 1 FROM {other} AS referred WHERE referred.{quoted(key, dialect)} = {told}"  # noqa: S608 - it only looks
            return f"{told} IS NOT NULL AND NOT EXISTS ({parent})"

        found.append(Need(f"key of {table}", f"is no key of {table}", orphan))
    for definition in new.conditions:
        if (old is None or not old.checks & new.checks) and renamed(definition, {column: column}, dialect):
            # With a name that stands nowhere else, so that an expression can take its place.
            marked = renamed(definition, {column: _MARK}, dialect)
            mark = quoted(_MARK, dialect)
            found.append(Need(definition, "does not pass the check", _check(marked, dialect, mark)))
    if new.unique and not (old is not None and old.unique):
        found.append(Need(UNIQUE, "comes twice", lambda _: ""))
    return found


_MARK = "Workbench Value"


def _check(condition: str, dialect: str, mark: str) -> Callable[[str], str]:
    del dialect
    return lambda told: f"NOT ({condition.replace(mark, told)})"


def _limit(told: str, length: int | None, dialect: str) -> str:
    if length is None:
        return ""
    counted = "length" if dialect == "sqlite" else "char_length"
    type_ = "CHAR" if dialect in {"mysql", "mariadb"} else "TEXT"
    return f"{counted}(CAST({told} AS {type_})) > {length}"

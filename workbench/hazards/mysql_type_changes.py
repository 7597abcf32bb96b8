"""How MariaDB and MySQL carry out another type of a column."""

from __future__ import annotations

import re

from workbench.hazards.mysql_algorithm import INSTANT, Algorithm, copied, indexes_on, without_copy
from workbench.hazards.mysql_columns import Redefined
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation

_MAX_LENGTH_BYTE = 255
_MAX_SAME_BYTE = 127
_BYTES_OF_CHARACTER = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "ucs2": 2, "utf16": 4, "utf32": 4}


def of_type(  # noqa: C901, PLR0911 - a table of cases
    live: Column, new: Redefined, op: Operation, table: Table | None, now: Situation
) -> Algorithm:
    """How a live column gets the type and collation of `new`; what else is new about it is looked at elsewhere."""
    if not new.type:
        return INSTANT
    old_kind, new_kind = kind(live.type, now.dialect), kind(new.type, now.dialect)
    is_json = new_kind.family == "json" and (old_kind.family == "json" or "json_valid" in live.extra)
    changed = copied(f"its type changes from {live.type} to {new.type}")
    if "json_valid" in live.extra:  # JSON is LONGTEXT with a CHECK there
        return INSTANT if is_json else changed
    if live.generated:
        return INSTANT if old_kind == new_kind else changed
    collation = _collation(op)
    if collation and collation != live.collation and old_kind.family == "text":
        if now.dialect == "mysql" or _charset(collation) != _charset(live.collation or _collation_of(table)):
            return copied(f"its collation becomes {collation}")
        if indexes_on(op.name, table, now):
            return without_copy("its index is built anew for the collation", now)
    if is_json or old_kind == new_kind:
        return INSTANT
    if new_kind.name == old_kind.name in {"varchar", "varbinary"} and (new_kind.length or 0) > (old_kind.length or 0):
        return _longer(old_kind, new_kind, _charset(live.collation or _collation_of(table)), now) or changed
    old_labels, new_labels = _labels(live.type), _labels(new.type)
    if old_labels and new_labels[: len(old_labels)] == old_labels:
        is_set = live.type.lower().startswith("set")
        if _label_bytes(len(old_labels), is_set=is_set) == _label_bytes(len(new_labels), is_set=is_set):
            return INSTANT
    return changed


def _longer(old: Kind, new: Kind, charset: str, now: Situation) -> Algorithm | None:
    """The length of a value is kept in one byte up to 255 bytes, in two beyond: crossing that is a copy.

    MariaDB writes what is at most 127 bytes long the same way in both (run).
    """
    width = 1 if old.name == "varbinary" else _BYTES_OF_CHARACTER.get(charset, 1 if charset else 4)
    before, after = ((each.length or 0) * width for each in (old, new))
    if before <= _MAX_LENGTH_BYTE < after and (now.dialect == "mysql" or before > _MAX_SAME_BYTE):
        return None
    return INSTANT if now.dialect == "mariadb" else without_copy("it only becomes longer", now)


def _labels(told: str) -> tuple[str, ...]:
    is_listed = told.lower().startswith(("enum(", "set("))
    return tuple(re.findall(r"'((?:[^']|'')*)'", told)) if is_listed else ()


def _label_bytes(count: int, *, is_set: bool) -> int:
    if not is_set:
        return 1 if count <= _MAX_LENGTH_BYTE else 2
    return next(each for each in (1, 2, 3, 4, 8) if count <= each * 8 or each == 8)  # noqa: PLR2004 - its bytes


def _collation(op: Operation) -> str:
    return op.column.collation if op.column is not None and "type" in op.sets else ""


def _collation_of(table: Table | None) -> str:
    """The collation of a table, which its columns have by themselves."""
    found = re.search(r"COLLATE=(\w+)", table.definition) if table is not None else None
    return found.group(1) if found else ""


def _charset(collation: str) -> str:
    return "utf8mb4" if collation.startswith("uca1400") else collation.partition("_")[0].lower()

"""What the models are called and where they stand, as env.py's `target_metadata` and the loaded modules know them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.sql.elements import _truncated_label

from workbench.bridge.environments import Part
from workbench.bridge.practice_values import LIMITS, Modelled, ModelModule, TooLong, length
from workbench.results.databases import Database

_OTHERS = frozenset({"sqlalchemy", "alembic", "workbench", "__main__", *sys.stdlib_module_names})


@dataclass
class Target:
    """The MetaData of one part."""

    each: tuple[MetaData, ...]

    def has(self, table: object) -> bool:
        """Whether it is one of its tables."""
        return isinstance(table, Table) and any(table.metadata is each for each in self.each)

    def kind(self, value: object) -> str:
        """What a value of a module is to it: `model`, `base`, `metadata`, or nothing."""
        kind = type(value)  # no isinstance(): a proxy looks for what it stands for then
        if issubclass(kind, MetaData):
            return "metadata" if any(value is each for each in self.each) else ""
        if issubclass(kind, Table):
            return "model" if self.has(value) else ""
        if not issubclass(kind, type):
            return ""
        lines: tuple[type, ...] = value.__mro__  # type: ignore[attr-defined]
        for one in lines:
            if "__table__" in one.__dict__:
                return "model" if self.has(one.__dict__["__table__"]) else ""
        owners = (one.__dict__.get("metadata") for one in lines)
        return "base" if any(each is owner for owner in owners for each in self.each) else ""


def modelled(part: Part, metadata: Any) -> Modelled:
    """What is known of the models of one database.

    Args:
        part: The database.
        metadata: A MetaData to use instead of env.py's, or None.

    """
    told = metadata if metadata is not None else part.context.opts.get("target_metadata")
    listed = told if isinstance(told, (list, tuple, set)) else () if told is None else (told,)
    target = Target(tuple(each for each in listed if isinstance(each, MetaData)))
    tables = [table for each in target.each for table in each.tables.values()]
    database = part.database
    return Modelled(
        database=database.name,
        has_models=told is not None,
        keys=tuple(sorted({(table.fullname, other) for table in tables for other in _referred(table)})),
        too_long=tuple(_too_long(tables, database)),
        modules=tuple(_modules(target)),
    )


def loaded() -> tuple[str, ...]:
    """The files of all modules that are loaded now, sorted."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return tuple(sorted({each for each in files if isinstance(each, str)}))


def _referred(table: Table) -> Iterator[str]:
    for key in table.foreign_keys:
        with contextlib.suppress(Exception):  # a key whose table is not there; whoever uses the models will be told
            yield key.target_fullname.rpartition(".")[0]


def _modules(target: Target) -> Iterator[ModelModule]:
    if not target.each:
        return
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in _OTHERS or not isinstance(module, ModuleType):
            continue
        file = getattr(module, "__file__", None)
        names: dict[str, list[str]] = {"model": [], "base": [], "metadata": []}
        defines = False
        for key, value in list(vars(module).items()):
            kind = target.kind(value)
            if kind:
                names[kind].append(key)
                defines = defines or (kind == "model" and getattr(value, "__module__", name) == name)
            elif str(type(value).__module__).startswith("flask_sqlalchemy"):
                names["base"] += [f"{key}.Model"] if target.kind(getattr(value, "Model", None)) else []
                names["metadata"] += [f"{key}.metadata"] if target.kind(getattr(value, "metadata", None)) else []
        if any(names.values()) and isinstance(file, str):
            yield ModelModule(name, file, defines, *(tuple(sorted(each)) for each in names.values()))


def _too_long(tables: Iterable[Table], database: Database) -> Iterator[TooLong]:
    """The names that the database cannot keep; of those of a naming convention SQLAlchemy makes shorter ones itself."""
    limit = LIMITS.get(database.dialect, (0, ""))[0]
    if not limit:
        return
    for table in tables:
        named = [("table", table.name), *(("column", each.name) for each in table.columns)]
        named += sorted(
            (kind, str(each.name))
            for kind, things in (("constraint", table.constraints), ("index", table.indexes))
            for each in things
            if isinstance(each.name, str) and not isinstance(each.name, _truncated_label)
        )
        for kind, name in named:
            if length(name, database.dialect) > limit:
                yield TooLong(kind, table.fullname, name)

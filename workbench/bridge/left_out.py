"""What env.py leaves out of a comparison: its `include_name` and `include_object`, asked by the names of things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table, UniqueConstraint

from workbench.bridge.environments import Part
from workbench.bridge.values import Thing


def left_out(part: Part, target: Any, things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Those that env.py wants nothing said of.

    Args:
        part: The database, connected.
        target: The models: a MetaData, several of them, or None.
        things: To ask about. One that the models declare is given to `include_object` as they declare it, any other
            as a table or column of that name and without a type, as if it had been reflected.

    """
    if not any(part.context.opts.get(name) for name in ("include_object", "include_name")):
        return ()
    every = [] if target is None else list(target) if isinstance(target, (list, tuple)) else [target]
    default = getattr(part.context.dialect, "default_schema_name", None)
    declared = {
        ("" if table.schema == default else table.schema or "", table.name): table
        for each in every
        for table in each.tables.values()
    }
    asking = AutogenContext(part.context, metadata=every[0] if every else MetaData())
    return tuple(each for each in things if not _is_wanted(asking, each, declared))


def _is_wanted(asking: Any, thing: Thing, declared: dict[tuple[str, str], Any]) -> bool:
    schema = thing.schema or None
    table = declared.get((thing.schema, thing.table))
    is_declared = table is not None
    if table is None:
        table = Table(thing.table, MetaData(), Column(thing.name or "id"), schema=schema)
    name = thing.name or thing.table
    parents: dict[str, Any] = {"schema_name": schema}
    found = table
    if thing.name:
        parents["table_name"] = thing.table
        found = next((each for each in _parts(table, thing.kind) if each.name == name), None)
        is_declared = is_declared and found is not None
        found = _stub(thing, schema) if found is None else found
    return bool(
        asking.run_name_filters(name, thing.kind, parents)
        and asking.run_object_filters(found, name, thing.kind, not is_declared, None)
    )


def _parts(table: Any, kind: str) -> Iterator[Any]:
    yield from {
        "column": table.columns,
        "index": table.indexes,
        "unique_constraint": [each for each in table.constraints if isinstance(each, UniqueConstraint)],
        "foreign_key_constraint": table.foreign_key_constraints,
        "check_constraint": [each for each in table.constraints if isinstance(each, CheckConstraint)],
    }[kind]


def _stub(thing: Thing, schema: str | None) -> Any:
    column: Any = Column(thing.name if thing.kind == "column" else "id")
    table = Table(thing.table, MetaData(), column, schema=schema)
    if thing.kind == "column":
        return column
    if thing.kind == "index":
        return Index(thing.name, column)
    is_check = thing.kind == "check_constraint"
    made = CheckConstraint("", name=thing.name) if is_check else UniqueConstraint(column, name=thing.name)
    table.append_constraint(made)
    return made

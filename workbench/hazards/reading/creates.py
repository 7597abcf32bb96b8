"""CREATE and DROP statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.hazards.late import exp
from workbench.hazards.reading import columns
from workbench.hazards.reading.names import Reader, is_name
from workbench.results.operations import Operation

_DROPS = {
    "TABLE": "drop_table", "VIEW": "drop_view", "INDEX": "drop_index", "TYPE": "drop_type", "SCHEMA": "drop_schema",
    "DATABASE": "drop_database", "TRIGGER": "drop_trigger",
}  # fmt: skip


def read(node: Any, reader: Reader) -> Iterator[Operation]:
    """The operation of a CREATE."""
    form = {"TABLE": _table, "INDEX": _index, "VIEW": _view, "TYPE": _type}.get(str(node.args.get("kind")).upper())
    if form is not None:
        yield form(node, reader)
    elif str(node.args.get("kind")).upper() in {"FUNCTION", "PROCEDURE"}:
        yield Operation("create_function", *reader.table(node.this.this))
    elif str(node.args.get("kind")).upper() == "TRIGGER":
        properties = node.args.get("properties")
        told = properties.find(exp.TriggerProperties) if properties is not None else None
        schema, table = reader.table(told.args["table"]) if told is not None else ("", "")
        yield Operation("create_trigger", schema, table, reader.name(node.this))
    else:
        yield Operation("sql", sql=(reader.sql(node),))


def read_drop(node: Any, reader: Reader) -> Iterator[Operation]:
    """The operations of a DROP, one for each thing."""
    kind = _DROPS.get(str(node.args.get("kind")).upper())
    if kind is None:
        yield Operation("sql", sql=(reader.sql(node),))
        return
    said: dict[str, Any] = {
        "conditional": bool(node.args.get("exists")),
        "cascade": bool(node.args.get("cascade")),
        "concurrently": bool(node.args.get("concurrently")),
    }
    on = node.args.get("cluster")  # MySQL: DROP INDEX ix ON t
    for each in node.args.get("tables") or [node.this]:
        schema, name = reader.table(each)
        if kind == "drop_table":
            yield Operation(kind, schema, name, **said)
        elif kind in {"drop_schema", "drop_database"}:
            yield Operation(kind, name=name or schema, **said)
        else:
            at = reader.table(on.this) if on is not None else (schema, "")
            yield Operation(kind, at[0] or schema, at[1], name, **said)


def _table(node: Any, reader: Reader) -> Operation:
    schema, table = reader.table(node.this)
    parent = node.find(exp.PartitionedOfProperty)
    if parent is not None:
        over, of = reader.table(parent.this)
        return Operation("create_partition", over, of, table, new_name=table)
    specs, parts = [], []
    for each in node.this.expressions if isinstance(node.this, exp.Schema) else ():
        if isinstance(each, exp.ColumnDef):
            specs.append(columns.column(each, reader))
        elif (part := columns.constraint(each, schema, table, reader)) is not None:
            parts.append(part)
    return Operation(
        "create_table", schema, table, columns=tuple(specs), parts=tuple(parts),
        conditional=bool(node.args.get("exists")), expression=reader.sql(node.expression),
    )  # fmt: skip


def _index(node: Any, reader: Reader) -> Operation:
    index = node.this
    schema, table = reader.table(index.args.get("table"))
    params = index.args.get("params")
    told = [
        each.this if isinstance(each, exp.Ordered) else each for each in (params and params.args.get("columns")) or ()
    ]
    where = params.args.get("where") if params is not None else None
    return Operation(
        "create_index", schema, table, reader.name(index.this) if index.this is not None else "",
        on=tuple(reader.name(each) if is_name(each) else reader.sql(each) for each in told),
        on_expressions=any(not is_name(each) for each in told),
        unique=bool(node.args.get("unique")),
        where="" if where is None else reader.sql(where.this),
        conditional=bool(node.args.get("exists")),
        concurrently=bool(node.args.get("concurrently")),
    )  # fmt: skip


def _view(node: Any, reader: Reader) -> Operation:
    schema, name = reader.table(node.this)
    return Operation("create_view", schema, name=name, expression=reader.sql(node.expression),
                     conditional=bool(node.args.get("replace")))  # fmt: skip


def _type(node: Any, reader: Reader) -> Operation:
    schema, name = reader.table(node.this)
    labels = node.expression.expressions if isinstance(node.expression, exp.DataType) else ()
    return Operation("create_type", schema, name=name, labels=tuple(each.name for each in labels))

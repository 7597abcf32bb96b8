"""ALTER TABLE: one operation for each of its actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbench.hazards.late import exp
from workbench.hazards.reading import columns
from workbench.hazards.reading.names import Reader
from workbench.results.operations import ColumnSpec, Operation

_DROPS = {"COLUMN": "drop_column", "CONSTRAINT": "drop_constraint", "INDEX": "drop_index", "KEY": "drop_index"}


def read(node: Any, reader: Reader) -> Iterator[Operation]:
    """The operations of an ALTER."""
    kind = str(node.args.get("kind")).upper()
    schema, table = reader.table(node.this)
    actions = node.args.get("actions") or []
    if kind == "INDEX" and len(actions) == 1 and isinstance(actions[0], exp.AlterRename):
        yield Operation(
            "alter_table", schema, name=table, new_name=reader.name(actions[0].this), expression="RENAME INDEX"
        )
        return
    if kind != "TABLE" or not actions:
        yield Operation("alter_table" if kind == "TABLE" else "sql", schema, table, sql=(reader.sql(node),))
        return
    conditional, not_valid = bool(node.args.get("exists")), bool(node.args.get("not_valid"))
    for action in actions:
        for each in _action(action, schema, table, reader):
            checked = not_valid and each.kind in {"create_foreign_key", "create_check_constraint"}
            yield replace(each, conditional=each.conditional or conditional, not_valid=checked)


def _action(node: Any, schema: str, table: str, reader: Reader) -> Iterator[Operation]:
    if isinstance(node, exp.ColumnDef):
        spec = columns.column(node, reader)
        exists = bool(node.args.get("exists"))
        yield Operation("add_column", schema, table, spec.name, column=spec, conditional=exists, inline_references=True)
    elif isinstance(node, exp.Drop):
        yield from _drop(node, schema, table, reader)
    elif isinstance(node, exp.AlterColumn):
        yield _alter_column(node, schema, table, reader)
    elif isinstance(node, exp.ModifyColumn):
        yield _modify(node, schema, table, reader)
    elif isinstance(node, exp.AddConstraint):
        for each in node.expressions:
            told = columns.constraint(each, schema, table, reader)
            yield Operation("alter_table", schema, table, expression=reader.sql(node)) if told is None else told
    elif isinstance(node, exp.AlterRename):
        yield Operation("rename_table", schema, table, new_name=reader.name(node.this))
    elif isinstance(node, exp.RenameColumn):
        old, new = reader.name(node.this), reader.name(node.args["to"])
        yield Operation(
            "alter_column", schema, table, old, new, column=ColumnSpec(old), existing=ColumnSpec(old), sets=("name",)
        )
    elif isinstance(node, exp.DropPrimaryKey):
        yield Operation("drop_constraint", schema, table, constraint_type="primary")
    else:
        yield Operation("alter_table", schema, table, expression=reader.sql(node))


def _drop(node: Any, schema: str, table: str, reader: Reader) -> Iterator[Operation]:
    kind = str(node.args.get("kind")).upper()
    said: dict[str, Any] = {"conditional": bool(node.args.get("exists")), "cascade": bool(node.args.get("cascade"))}
    foreign = kind == "FOREIGN KEY"
    for each in node.args.get("tables") or ():
        yield Operation(
            "drop_constraint" if foreign else _DROPS.get(kind, "alter_table"), schema, table, reader.name(each),
            constraint_type="foreignkey" if foreign else "", **said,
        )  # fmt: skip


def _alter_column(node: Any, schema: str, table: str, reader: Reader) -> Operation:
    name = reader.name(node.this)
    spec, sets, options = ColumnSpec(name), tuple[str, ...](), ()
    if node.args.get("dtype") is not None:
        collation = node.args.get("collate")
        spec = replace(spec, type=reader.sql(node.args["dtype"]), collation=reader.name(collation) if collation else "")
        sets = ("type",)
        if node.args.get("using"):  # False where there is none
            options = (("postgresql_using", reader.sql(node.args["using"])),)  # type: ignore[assignment]
    elif node.args.get("default") is not None:
        spec, sets = replace(spec, default=reader.sql(node.args["default"])), ("server_default",)
    elif node.args.get("allow_null") is not None:
        spec, sets = replace(spec, nullable=bool(node.args["allow_null"])), ("nullable",)
    elif node.args.get("drop"):
        sets = ("server_default",)
    return Operation(
        "alter_column", schema, table, name, column=spec, existing=ColumnSpec(name), sets=sets, options=options
    )


def _modify(node: Any, schema: str, table: str, reader: Reader) -> Operation:
    """MySQL's MODIFY and CHANGE, which say all of a column anew."""
    spec = columns.column(node.this, reader)
    old = node.args.get("rename_from")
    name = reader.name(old) if old is not None else spec.name
    is_renamed = name.casefold() != spec.name.casefold()
    return Operation(
        "alter_column", schema, table, name, new_name=spec.name if is_renamed else "", column=spec,
        existing=ColumnSpec(name),
        sets=("type", "nullable", "server_default", "comment", *(("name",) if is_renamed else ())),
        existing_given=("type", "nullable", "server_default", "comment", "autoincrement"),
    )  # fmt: skip

"""Columns and constraints as a CREATE TABLE or an ALTER TABLE writes them."""

from __future__ import annotations

from typing import Any

from workbench.hazards.late import exp
from workbench.hazards.reading.names import Reader, is_name
from workbench.results.operations import ColumnSpec, Operation, Reference

_SERIAL = {"SERIAL", "BIGSERIAL", "SMALLSERIAL"}


def column(node: Any, reader: Reader) -> ColumnSpec:  # noqa: C901, PLR0912 - a table of cases
    """A column's definition."""
    kind = node.args.get("kind")
    told: dict[str, Any] = {"name": reader.name(node.this), "type": reader.sql(kind), "nullable": True}
    if isinstance(kind, exp.DataType):
        if kind.this.name in _SERIAL:
            told.update(autoincrement=True, nullable=False)
        if kind.this == exp.DataType.Type.ENUM:
            told["enum"] = tuple(each.name for each in kind.expressions)
            told["enum_native"] = True
    references: list[Reference] = []
    checks: list[str] = []
    for constraint in node.args.get("constraints") or ():
        what = constraint.args.get("kind")
        if isinstance(what, exp.NotNullColumnConstraint):
            told["nullable"] = bool(what.args.get("allow_null"))
        elif isinstance(what, exp.DefaultColumnConstraint):
            told["default"] = None if isinstance(what.this, exp.Null) else reader.sql(what.this)
        elif isinstance(what, exp.PrimaryKeyColumnConstraint):
            told.update(primary_key=True, nullable=False)
        elif isinstance(what, exp.UniqueColumnConstraint):
            told["unique"] = True
        elif isinstance(what, exp.CheckColumnConstraint):
            checks.append(reader.sql(what.this))
        elif isinstance(what, exp.Reference):
            references.append(reference(what, reader))
        elif isinstance(what, exp.AutoIncrementColumnConstraint):
            told["autoincrement"] = True
        elif isinstance(what, exp.CollateColumnConstraint):
            told["collation"] = reader.name(what.this) or reader.sql(what.this)
        elif isinstance(what, exp.CommentColumnConstraint):
            told["comment"] = what.this.name
        elif isinstance(what, exp.ComputedColumnConstraint):
            told["computed"] = reader.sql(what.this)
            told["persisted"] = bool(what.args.get("persisted"))
        elif isinstance(what, exp.GeneratedAsIdentityColumnConstraint):
            if what.args.get("expression") is not None:
                told["computed"] = reader.sql(what.args["expression"])
                told["persisted"] = True
            else:
                told["identity"] = True
    return ColumnSpec(**told, references=tuple(references), checks=tuple(checks))


def reference(node: Any, reader: Reader) -> Reference:
    """`REFERENCES p (id) ON DELETE CASCADE`."""
    target = node.this
    columns = tuple(reader.name(each) for each in target.expressions) if isinstance(target, exp.Schema) else ()
    schema, table = reader.table(target)
    on_delete = ""
    for option in node.args.get("options") or ():
        words = str(option).upper().split()
        if words[:2] == ["ON", "DELETE"]:
            on_delete = " ".join(words[2:])
    return Reference(table, columns, schema, on_delete)


def constraint(  # noqa: PLR0911 - a table of cases
    node: Any, schema: str, table: str, reader: Reader, name: str = ""
) -> Operation | None:
    """A constraint or index of a table, as the operation that would make it alone; None for what is not known."""
    if isinstance(node, exp.Constraint):
        inner = node.expressions[0] if node.expressions else None
        return None if inner is None else constraint(inner, schema, table, reader, reader.name(node.this))
    if isinstance(node, exp.PrimaryKey):
        on = _names(node.expressions, reader)
        return Operation("create_primary_key", schema, table, name, on=on, unique=True)
    if isinstance(node, exp.UniqueColumnConstraint):
        columns = node.this.expressions if isinstance(node.this, exp.Schema) else []
        if isinstance(node.this, exp.Schema) and node.this.this is not None:
            name = name or reader.name(node.this.this)
        return Operation(
            "create_unique_constraint", schema, table, name, on=_names(columns, reader), unique=True,
            options=(("postgresql_nulls_not_distinct", "True"),) if node.args.get("nulls") else (),
        )  # fmt: skip
    if isinstance(node, exp.CheckColumnConstraint):
        return Operation("create_check_constraint", schema, table, name, expression=reader.sql(node.this))
    if isinstance(node, exp.ForeignKey):
        told = node.args.get("reference")
        if told is None:
            return None
        leads = reference(told, reader)
        return Operation(
            "create_foreign_key", schema, table, name, on=_names(node.expressions, reader),
            referred_schema=leads.schema, referred_table=leads.table, referred_columns=leads.columns,
            on_delete=leads.on_delete,
        )  # fmt: skip
    if isinstance(node, exp.IndexColumnConstraint):
        own = reader.name(node.this) if node.this is not None else name
        return Operation("create_index", schema, table, own, on=_names(node.expressions, reader))
    return None


def _names(nodes: Any, reader: Reader) -> tuple[str, ...]:
    return tuple(reader.name(each) if is_name(_bare(each)) else reader.sql(_bare(each)) for each in nodes)


def _bare(node: Any) -> Any:
    return node.this if isinstance(node, exp.Ordered) else node

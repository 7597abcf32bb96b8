"""Turns Alembic's operations into plain values, in the words of the server's dialect."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.schema import PrimaryKeyConstraint

from workbench.bridge.operation_names import Names, given
from workbench.bridge.operation_parts import Parts, column_names, columns_and_constraints, text, texts
from workbench.results.operations import Operation, Plain

_KINDS: dict[type, str] = {
    ops.CreateTableOp: "create_table",
    ops.DropTableOp: "drop_table",
    ops.RenameTableOp: "rename_table",
    ops.AddColumnOp: "add_column",
    ops.DropColumnOp: "drop_column",
    ops.AlterColumnOp: "alter_column",
    ops.CreateIndexOp: "create_index",
    ops.DropIndexOp: "drop_index",
    ops.CreateUniqueConstraintOp: "create_unique_constraint",
    ops.CreatePrimaryKeyOp: "create_primary_key",
    ops.CreateForeignKeyOp: "create_foreign_key",
    ops.CreateCheckConstraintOp: "create_check_constraint",
    ops.DropConstraintOp: "drop_constraint",
    ops.CreateTableCommentOp: "create_table_comment",
    ops.DropTableCommentOp: "drop_table_comment",
    ops.BulkInsertOp: "bulk_insert",
    ops.ExecuteSQLOp: "sql",
}
_OPTIONS = ("postgresql_", "mysql_", "mariadb_", "sqlite_", "oracle_", "mssql_")
_DEFAULTS = {each.name: each.default for each in dataclasses.fields(Operation)}


class Writer:
    """Tells of the operations of one MigrationContext."""

    def __init__(self, context: Any) -> None:
        self.names = Names(context)
        self.parts = Parts(context.dialect, self.names)

    def told(self, op: Any, constraint: Any, place: Plain) -> Plain | None:
        """`op` as an Operation has it; None for one that is not Alembic's own: what it executes is seen as SQL.

        It is asked after Alembic has carried `op` out: what it declares has its final names then.
        Never raises: what cannot be written in the dialect is left empty, and the SQL tells.

        Args:
            op: One of `alembic.operations.ops`.
            constraint: The constraint or index that it made or dropped, None where that is not known.
            place: Fields that `op` itself does not know: `line`, `batch`, `autocommit`.

        """
        kind = _KINDS.get(type(op)) or next((name for each, name in _KINDS.items() if isinstance(op, each)), None)
        if kind is None:
            if type(op).__name__ != "CreateExcludeConstraintOp":
                return None
            kind = "create_exclude_constraint"
        table, schema = getattr(op, "table_name", None), getattr(op, "schema", None)
        told = {"kind": kind, "schema": text(schema), "table": text(table), **getattr(self, f"_{kind}")(op), **place}
        if getattr(op, "if_exists", None) or getattr(op, "if_not_exists", None):
            told["conditional"] = True
        if constraint is not None:
            told.update(self.names.of(constraint))
        return {name: value for name, value in told.items() if value != _DEFAULTS[name]}

    def _create_table(self, op: Any) -> Plain:
        columns, constraints = columns_and_constraints(op.columns)
        schema, table = text(op.schema), text(op.table_name)
        keys = {name for each in constraints if isinstance(each, PrimaryKeyConstraint) for name in column_names(each)}
        told = [self.parts.column(each, in_key=each.name in keys) for each in columns]
        parts = [part for each in constraints if (part := self.parts.constraint(each, schema, table)) is not None]
        parts += [self.parts.index_of(each, schema, table) for each in columns if each.index]
        return {"columns": tuple(told), "parts": tuple(parts), "options": _options(op.kw)}

    def _drop_table(self, op: Any) -> Plain:
        return {"options": _options(op.table_kw)}

    def _rename_table(self, op: Any) -> Plain:
        return {"new_name": text(op.new_table_name)}

    def _add_column(self, op: Any) -> Plain:
        kw = getattr(op, "kw", None) or {}
        inline = bool(getattr(op, "inline_references", None) or kw.get("inline_references"))
        spec = self.parts.column(op.column)
        return {"name": spec["name"], "column": spec, "inline_references": inline, "options": _options(kw)}

    def _drop_column(self, op: Any) -> Plain:
        return {"name": text(op.column_name), "options": _options(op.kw)}

    def _alter_column(self, op: Any) -> Plain:
        kw = dict(op.kw or {})
        sets = {
            "type": op.modify_type is not None,
            "nullable": op.modify_nullable is not None,
            "server_default": op.modify_server_default is not False,
            "name": bool(op.modify_name) and op.modify_name != op.column_name,
            "comment": op.modify_comment is not False,
            "autoincrement": kw.get("autoincrement") is not None,
        }
        given = {
            "type": op.existing_type is not None,
            "nullable": op.existing_nullable is not None,
            "server_default": op.existing_server_default is not False,
            "comment": op.existing_comment is not None,
            "autoincrement": kw.get("existing_autoincrement") is not None,
        }
        return {
            "name": text(op.column_name),
            "new_name": text(op.modify_name) if sets["name"] else "",
            "sets": tuple(name for name, is_set in sets.items() if is_set),
            "existing_given": tuple(name for name, is_given in given.items() if is_given),
            "column": self.parts.altered(
                op.column_name,
                op.modify_type,
                op.modify_nullable,
                op.modify_server_default,
                op.modify_comment,
                autoincrement=bool(kw.get("autoincrement")),
            ),
            "existing": self.parts.altered(
                op.column_name,
                op.existing_type,
                op.existing_nullable,
                op.existing_server_default,
                op.existing_comment,
                autoincrement=bool(kw.get("existing_autoincrement")),
            ),
            "options": _options(kw),
        }

    def _create_index(self, op: Any) -> Plain:
        told: Plain = {
            **given(op.index_name),
            "on": tuple([self.parts.expression(each) for each in op.columns]),
            "on_expressions": any(not isinstance(each, (str, sa.Column)) for each in op.columns),
            "unique": bool(op.unique),
        }
        if op.kw:
            told["where"] = next((self.parts.expression(op.kw[key]) for key in op.kw if key.endswith("_where")), "")
            told["concurrently"] = bool(op.kw.get("postgresql_concurrently"))
            told["options"] = _options(op.kw)
        return told

    def _drop_index(self, op: Any) -> Plain:
        return {
            **given(op.index_name),
            "concurrently": bool(op.kw.get("postgresql_concurrently")),
            "options": _options(op.kw),
        }

    def _create_unique_constraint(self, op: Any) -> Plain:
        return {**given(op.constraint_name), "on": texts(op.columns), "options": _options(op.kw), "unique": True}

    _create_primary_key = _create_unique_constraint

    def _create_foreign_key(self, op: Any) -> Plain:
        return {
            **given(op.constraint_name),
            "schema": text(op.kw.get("source_schema")),
            "table": text(op.source_table),
            "on": texts(op.local_cols),
            "referred_schema": text(op.kw.get("referent_schema")),
            "referred_table": text(op.referent_table),
            "referred_columns": texts(op.remote_cols),
            "on_delete": text(op.kw.get("ondelete")).upper(),
            "not_valid": bool(op.kw.get("postgresql_not_valid")),
            "options": _options(op.kw),
        }

    def _create_check_constraint(self, op: Any) -> Plain:
        return {
            **given(op.constraint_name),
            "expression": self.parts.expression(op.condition),
            "not_valid": bool(op.kw.get("postgresql_not_valid")),
            "options": _options(op.kw),
        }

    def _create_exclude_constraint(self, op: Any) -> Plain:
        where = getattr(op, "where", None)
        return {
            **given(getattr(op, "constraint_name", None)),
            "on": tuple(self.parts.expression(each[0]) for each in getattr(op, "elements", ())),
            "where": "" if where is None else self.parts.expression(where),
        }

    def _drop_constraint(self, op: Any) -> Plain:
        return {**given(op.constraint_name), "constraint_type": text(op.constraint_type)}

    def _create_table_comment(self, op: Any) -> Plain:  # noqa: ARG002 - one signature for all
        return {}

    _drop_table_comment = _create_table_comment

    def _bulk_insert(self, op: Any) -> Plain:
        table = op.table
        return {
            "schema": text(getattr(table, "schema", None)),
            "table": text(getattr(table, "name", None)),
            "rows": len(op.rows),
        }

    def _sql(self, op: Any) -> Plain:
        return {"sql": (self.parts.expression(op.sqltext),)}


def line_of(path: str) -> int:
    """The line of the file at `path` that is being executed now; 0 if none of its code is."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == path:
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return 0


def _options(kw: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_each_option(kw))) if kw else ()


def _each_option(kw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in kw.items():
        if str(key).startswith(_OPTIONS) and value is not None:
            told = str(getattr(value, "text", None) or value)
            yield str(key), told

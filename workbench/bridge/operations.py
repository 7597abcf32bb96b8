"""Turns Alembic's operations into plain values, in the words of the server's dialect."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic.ddl.base import format_server_default
from alembic.operations import ops
from sqlalchemy.schema import (
    CheckConstraint,
    Constraint,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from workbench.results.operations import ColumnSpec, Operation, Reference

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


def operation(op: Any, dialect: Any, **place: Any) -> Operation | None:
    """`op` as a value; None for one that is not Alembic's own: what it executes is seen as SQL.

    Never raises: what cannot be written in the dialect is left empty, and the SQL tells.

    Args:
        op: One of `alembic.operations.ops`.
        dialect: Of the server.
        place: Fields that `op` itself does not know: `line`, `batch`, `autocommit`.

    """
    kind = next((name for each, name in _KINDS.items() if type(op) is each), None)
    if kind is None:
        kind = next((name for each, name in _KINDS.items() if isinstance(op, each)), None)
        if kind is None:
            return _exclude(op, dialect, place) if type(op).__name__ == "CreateExcludeConstraintOp" else None
    writer = _Writer(dialect)
    told: dict[str, Any] = {
        "schema": _text(getattr(op, "schema", None)),
        "table": _text(getattr(op, "table_name", None)),
        "conditional": bool(getattr(op, "if_exists", None) or getattr(op, "if_not_exists", None)),
        **getattr(writer, f"_{kind}")(op),
        **place,
    }
    return Operation(kind, **told)


def line_of(path: str) -> int:
    """The line of the file at `path` that is being executed now; 0 if none of its code is."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == path:
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return 0


class _Writer:
    def __init__(self, dialect: Any) -> None:
        self.dialect = dialect

    # -- one method a kind ----------------------------------------------------------------------------------------

    def _create_table(self, op: Any) -> dict[str, Any]:
        columns = [each for each in op.columns if isinstance(each, sa.Column)]
        constraints = [each for each in op.columns if isinstance(each, Constraint)]
        schema, table = _text(op.schema), _text(op.table_name)
        keys = {_text(name) for each in constraints if isinstance(each, PrimaryKeyConstraint) for name in _names(each)}
        specs = tuple(self.column(each, in_key=_text(each.name) in keys) for each in columns)
        parts = [part for each in constraints if (part := self.constraint(each, schema, table)) is not None]
        parts += [
            Operation("create_index", schema, table, on=(_text(each.name),), unique=bool(each.unique))
            for each in columns
            if each.index
        ]
        return {"columns": specs, "parts": tuple(parts), "options": _options(op.kw)}

    def _drop_table(self, op: Any) -> dict[str, Any]:
        return {"options": _options(op.table_kw)}

    def _rename_table(self, op: Any) -> dict[str, Any]:
        return {"new_name": _text(op.new_table_name)}

    def _add_column(self, op: Any) -> dict[str, Any]:
        kw = getattr(op, "kw", None) or {}
        inline = bool(getattr(op, "inline_references", None) or kw.get("inline_references"))
        spec = self.column(op.column)
        return {"name": spec.name, "column": spec, "inline_references": inline, "options": _options(kw)}

    def _drop_column(self, op: Any) -> dict[str, Any]:
        return {"name": _text(op.column_name), "options": _options(op.kw)}

    def _alter_column(self, op: Any) -> dict[str, Any]:
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
            "name": _text(op.column_name),
            "new_name": _text(op.modify_name) if sets["name"] else "",
            "sets": tuple(name for name, is_set in sets.items() if is_set),
            "existing_given": tuple(name for name, is_given in given.items() if is_given),
            "column": self._altered(
                op.column_name,
                op.modify_type,
                op.modify_nullable,
                op.modify_server_default,
                op.modify_comment,
                autoincrement=bool(kw.get("autoincrement")),
            ),
            "existing": self._altered(
                op.column_name,
                op.existing_type,
                op.existing_nullable,
                op.existing_server_default,
                op.existing_comment,
                autoincrement=bool(kw.get("existing_autoincrement")),
            ),
            "options": _options(kw),
        }

    def _create_index(self, op: Any) -> dict[str, Any]:
        texts = tuple(self.expression(each) for each in op.columns)
        options = _options(op.kw)
        where = next((self.expression(op.kw[key]) for key in op.kw if key.endswith("_where")), "")
        return {
            "name": _text(op.index_name),
            "on": texts,
            "on_expressions": any(not isinstance(each, (str, sa.Column)) for each in op.columns),
            "unique": bool(op.unique),
            "where": where,
            "concurrently": bool(op.kw.get("postgresql_concurrently")),
            "options": options,
        }

    def _drop_index(self, op: Any) -> dict[str, Any]:
        return {
            "name": _text(op.index_name),
            "concurrently": bool(op.kw.get("postgresql_concurrently")),
            "options": _options(op.kw),
        }

    def _create_unique_constraint(self, op: Any) -> dict[str, Any]:
        return {"name": _text(op.constraint_name), "on": _texts(op.columns), "options": _options(op.kw), "unique": True}

    def _create_primary_key(self, op: Any) -> dict[str, Any]:
        return {"name": _text(op.constraint_name), "on": _texts(op.columns), "options": _options(op.kw), "unique": True}

    def _create_foreign_key(self, op: Any) -> dict[str, Any]:
        return {
            "schema": _text(op.kw.get("source_schema")),
            "table": _text(op.source_table),
            "name": _text(op.constraint_name),
            "on": _texts(op.local_cols),
            "referred_schema": _text(op.kw.get("referent_schema")),
            "referred_table": _text(op.referent_table),
            "referred_columns": _texts(op.remote_cols),
            "on_delete": _text(op.kw.get("ondelete")).upper(),
            "not_valid": bool(op.kw.get("postgresql_not_valid")),
            "options": _options(op.kw),
        }

    def _create_check_constraint(self, op: Any) -> dict[str, Any]:
        return {
            "name": _text(op.constraint_name),
            "expression": self.expression(op.condition),
            "not_valid": bool(op.kw.get("postgresql_not_valid")),
            "options": _options(op.kw),
        }

    def _drop_constraint(self, op: Any) -> dict[str, Any]:
        return {"name": _text(op.constraint_name), "constraint_type": _text(op.constraint_type)}

    def _create_table_comment(self, op: Any) -> dict[str, Any]:  # noqa: ARG002 - one signature for all
        return {}

    def _drop_table_comment(self, op: Any) -> dict[str, Any]:  # noqa: ARG002 - as above
        return {}

    def _bulk_insert(self, op: Any) -> dict[str, Any]:
        table = op.table
        return {
            "schema": _text(getattr(table, "schema", None)),
            "table": _text(getattr(table, "name", None)),
            "rows": len(op.rows),
        }

    def _sql(self, op: Any) -> dict[str, Any]:
        return {"sql": (self.expression(op.sqltext),)}

    # -- parts of them --------------------------------------------------------------------------------------------

    def column(self, column: Any, *, in_key: bool = False) -> ColumnSpec:
        """A column that an operation declares."""
        default = column.server_default
        computed = column.computed
        key = bool(column.primary_key) or in_key
        return ColumnSpec(
            name=_text(column.name),
            nullable=bool(column.nullable) and not key,
            default=None if default is None or computed is not None else self._default(default),
            client_default=column.default is not None and not getattr(column.default, "is_sequence", False),
            primary_key=key,
            unique=bool(column.unique),
            index=bool(column.index),
            autoincrement=key
            and (column.autoincrement is True or (column.autoincrement == "auto" and not column.foreign_keys))
            and isinstance(column.type, sa.Integer),
            identity=column.identity is not None,
            computed=None if computed is None else self.expression(computed.sqltext),
            persisted=None if computed is None else computed.persisted,
            checks=tuple(
                self.expression(each.sqltext) for each in column.constraints if isinstance(each, CheckConstraint)
            ),
            references=tuple(self._reference(each) for each in column.foreign_keys),
            comment=column.comment,
            **self._type(column.type),
        )

    def constraint(self, constraint: Any, schema: str, table: str) -> Operation | None:
        """A constraint of a CREATE TABLE, as the operation that would make it alone."""
        name = _text(constraint.name) if isinstance(constraint.name, str) else ""
        if isinstance(constraint, PrimaryKeyConstraint):
            names = _names(constraint)
            return Operation("create_primary_key", schema, table, name, on=names, unique=True) if names else None
        if isinstance(constraint, UniqueConstraint):
            return Operation("create_unique_constraint", schema, table, name, on=_names(constraint), unique=True)
        if isinstance(constraint, CheckConstraint):
            told = self.expression(constraint.sqltext)
            return Operation("create_check_constraint", schema, table, name, expression=told)
        if isinstance(constraint, ForeignKeyConstraint):
            references = [self._reference(each) for each in constraint.elements]
            if not references:
                return None
            first = references[0]
            return Operation(
                "create_foreign_key",
                schema,
                table,
                name,
                on=_names(constraint),
                referred_schema=first.schema,
                referred_table=first.table,
                referred_columns=tuple(name for each in references for name in each.columns),
                on_delete=_text(constraint.ondelete).upper(),
            )
        return None

    def expression(self, value: Any) -> str:
        """SQL, with its values written out; empty if it cannot be."""
        if isinstance(value, str):
            return value
        if isinstance(value, sa.Column):
            return _text(value.name)
        try:
            if isinstance(value, sa.sql.elements.TextClause) and not value._bindparams:
                return str(value.text)
            compiled = value.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True})
            return str(compiled).strip()
        except Exception:  # noqa: BLE001 - a value that has no literal; the statement itself is seen as well
            try:
                return str(value.compile(dialect=self.dialect)).strip()
            except Exception:  # noqa: BLE001 - as above
                return ""

    def _altered(
        self, name: Any, kind: Any, nullable: Any, default: Any, comment: Any, *, autoincrement: bool
    ) -> ColumnSpec:
        return ColumnSpec(
            name=_text(name),
            autoincrement=autoincrement,
            nullable=nullable,
            default=None if default is None or default is False else self._default(default),
            comment=comment or None,
            identity=isinstance(default, sa.Identity),
            computed=self.expression(default.sqltext) if isinstance(default, sa.Computed) else None,
            **({} if kind is None else self._type(kind)),
        )

    def _type(self, kind: Any) -> dict[str, Any]:
        kind = sa.types.to_instance(kind)
        told: dict[str, Any] = {"type": "", "collation": _text(getattr(kind, "collation", None))}
        checks = bool(getattr(kind, "create_constraint", False))
        try:
            told["type"] = str(self.dialect.type_compiler.process(kind))
            # What a TypeDecorator or a variant becomes here is what counts.
            kind = kind.dialect_impl(self.dialect)
            kind = getattr(kind, "impl_instance", None) or (
                kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
            )
        except Exception:  # noqa: BLE001 - a type that this dialect does not know; the SQL tells
            return told
        enums = getattr(kind, "enums", None)
        if enums:
            native = bool(getattr(kind, "native_enum", True)) and self.dialect.supports_native_enum
            told.update(
                enum=_texts(enums),
                enum_checked=checks and not native,
                enum_name=_text(getattr(kind, "name", None)),
                enum_native=native,
                enum_created=bool(getattr(kind, "create_type", True)),
            )
        if isinstance(kind, sa.Boolean):
            told["boolean_checked"] = checks and not self.dialect.supports_native_boolean
        if isinstance(kind, (sa.DateTime, sa.Time)):
            told["timezone"] = bool(kind.timezone)
        return told

    def _default(self, default: Any) -> str:
        try:
            compiler = self.dialect.ddl_compiler(self.dialect, None)
            told = str(format_server_default(compiler, getattr(default, "arg", default)))
            # As the driver wants it for its parameters; SQL itself has it once.
            return told.replace("%%", "%") if self.dialect.identifier_preparer._double_percents else told
        except Exception:  # noqa: BLE001 - as with expressions
            return self.expression(getattr(default, "arg", default)) or "?"

    def _reference(self, key: Any) -> Reference:
        schema, _, rest = "", "", key._get_colspec() if hasattr(key, "_get_colspec") else key.target_fullname
        parts = str(rest).split(".")
        if len(parts) > 2:  # noqa: PLR2004 - schema.table.column
            schema = ".".join(parts[:-2])
        table = parts[-2] if len(parts) > 1 else parts[0]
        columns = (parts[-1],) if len(parts) > 1 else ()
        name = key.constraint.name if key.constraint is not None else key.name
        return Reference(
            table, columns, schema, _text(key.ondelete).upper(), _text(name) if isinstance(name, str) else ""
        )


def _exclude(op: Any, dialect: Any, place: dict[str, Any]) -> Operation:
    writer = _Writer(dialect)
    elements = tuple(writer.expression(each[0]) for each in getattr(op, "elements", ()))
    return Operation(
        "create_exclude_constraint",
        _text(getattr(op, "schema", None)),
        _text(getattr(op, "table_name", None)),
        _text(getattr(op, "constraint_name", None)),
        on=elements,
        where=writer.expression(op.where) if getattr(op, "where", None) is not None else "",
        **place,
    )


def _options(kw: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_each_option(kw or {})))


def _each_option(kw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in kw.items():
        if str(key).startswith(_OPTIONS) and value is not None:
            text = str(getattr(value, "text", None) or value)
            yield str(key), text


def _names(constraint: Any) -> tuple[str, ...]:
    # A constraint that no table has yet keeps the names that it was given.
    pending = getattr(constraint, "_pending_colargs", None)
    if len(constraint.columns):
        return _texts(each.name for each in constraint.columns)
    return _texts(getattr(each, "name", each) for each in pending or () if each is not None)


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_text(each) for each in values)


def _text(value: Any) -> str:
    return "" if value is None else str(value)

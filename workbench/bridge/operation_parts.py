"""Turns what operations are made of into plain values: columns, types, constraints, expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic.ddl.base import format_server_default
from sqlalchemy.schema import (
    CheckConstraint,
    Constraint,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from workbench.bridge.operation_names import Names
from workbench.results.operations import Plain


class Parts:
    """Writes parts of operations in the words of one dialect."""

    def __init__(self, dialect: Any, names: Names) -> None:
        self.dialect = dialect
        self.names = names
        self._types: dict[Any, Plain] = {}

    def column(self, column: Any, *, in_key: bool = False) -> Plain:
        """A column that an operation declares, as a ColumnSpec has it."""
        key = bool(column.primary_key) or in_key
        told = {"name": text(column.name), "nullable": bool(column.nullable) and not key, **self.type(column.type)}
        if key:
            told["primary_key"] = True
            if (
                column.autoincrement is True or (column.autoincrement == "auto" and not column.foreign_keys)
            ) and isinstance(column.type, sa.Integer):
                told["autoincrement"] = True
        if column.computed is not None:
            told["computed"], told["persisted"] = self.expression(column.computed.sqltext), column.computed.persisted
        elif column.server_default is not None:
            told["default"] = self.default(column.server_default)
        if column.default is not None and not getattr(column.default, "is_sequence", False):
            told["client_default"] = True
        if column.constraints:
            checks = (each for each in column.constraints if isinstance(each, CheckConstraint))
            told["checks"] = tuple(self.expression(each.sqltext) for each in checks)
        if column.foreign_keys:
            told["references"] = tuple(self.reference(each) for each in column.foreign_keys)
        return {**told, **_marks(column)}

    def altered(self, name: Any, kind: Any, nullable: Any, default: Any, comment: Any, *, autoincrement: bool) -> Plain:
        """What an `alter_column` says of a column, as a ColumnSpec has it."""
        told = {"name": text(name), **({} if kind is None else self.type(kind))}
        if nullable is not None:
            told["nullable"] = nullable
        if autoincrement:
            told["autoincrement"] = True
        if default is not None and default is not False:
            told["default"] = self.default(default)
        if isinstance(default, sa.Identity):
            told["identity"] = True
        if isinstance(default, sa.Computed):
            told["computed"] = self.expression(default.sqltext)
        if comment:
            told["comment"] = comment
        return told

    def constraint(self, constraint: Any, schema: str, table: str) -> Plain | None:
        """A constraint of a CREATE TABLE, as the operation that would make it alone."""
        told: Plain = {"schema": schema, "table": table, **self.names.of(constraint)}
        if isinstance(constraint, PrimaryKeyConstraint):
            on = column_names(constraint)
            return {"kind": "create_primary_key", **told, "on": on, "unique": True} if on else None
        if isinstance(constraint, UniqueConstraint):
            return {"kind": "create_unique_constraint", **told, "on": column_names(constraint), "unique": True}
        if isinstance(constraint, CheckConstraint):
            return {"kind": "create_check_constraint", **told, "expression": self.expression(constraint.sqltext)}
        if isinstance(constraint, ForeignKeyConstraint):
            references = [self.reference(each) for each in constraint.elements]
            if not references:
                return None
            return {
                "kind": "create_foreign_key",
                **told,
                "on": column_names(constraint),
                "referred_schema": references[0].get("schema", ""),
                "referred_table": references[0]["table"],
                "referred_columns": tuple(name for each in references for name in each["columns"]),
                "on_delete": text(constraint.ondelete).upper(),
            }
        return None

    def index_of(self, column: Any, schema: str, table: str) -> Plain:
        """The index that `index=True` makes, as the operation that would make it alone."""
        told: Plain = {"kind": "create_index", "schema": schema, "table": table, "on": (text(column.name),)}
        if column.unique:
            told["unique"] = True
        made = column.table
        if made is None or made.name != table:  # the column of another table, which Alembic has copied
            return told
        own = next((each for each in made.indexes if [id(on) for on in each.columns] == [id(column)]), None)
        return told if own is None else {**told, **self.names.of(own)}

    def reference(self, key: Any) -> Plain:
        """A foreign key of one column, as a Reference has it."""
        schema, rest = "", key._get_colspec() if hasattr(key, "_get_colspec") else key.target_fullname
        parts = str(rest).split(".")
        if len(parts) > 2:  # noqa: PLR2004 - schema.table.column
            schema = ".".join(parts[:-2])
        told: Plain = {
            "table": parts[-2] if len(parts) > 1 else parts[0],
            "columns": (parts[-1],) if len(parts) > 1 else (),
        }
        if schema:
            told["schema"] = schema
        if key.ondelete:
            told["on_delete"] = text(key.ondelete).upper()
        name = self.names.of(key.constraint if key.constraint is not None else key).get("name")
        return {**told, "name": name} if name else told

    def expression(self, value: Any) -> str:
        """SQL, with its values written out; empty if it cannot be."""
        if isinstance(value, str):
            return value
        if isinstance(value, sa.Column):
            return text(value.name)
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

    def default(self, default: Any) -> str:
        """The server's default as SQL; `?` where it cannot be had."""
        try:
            compiler = self.dialect.ddl_compiler(self.dialect, None)
            told = str(format_server_default(compiler, getattr(default, "arg", default)))
            # As the driver wants it for its parameters; SQL itself has it once.
            return told.replace("%%", "%") if self.dialect.identifier_preparer._double_percents else told
        except Exception:  # noqa: BLE001 - as with expressions
            return self.expression(getattr(default, "arg", default)) or "?"

    def type(self, kind: Any) -> Plain:
        """A type, as a ColumnSpec has it. A history has thousands of columns, and a dozen types."""
        key = _key(kind)
        if key is None:
            return self._type(kind)
        told = self._types.get(key)
        if told is None:
            told = self._types[key] = self._type(kind)
        return told

    def _type(self, kind: Any) -> Plain:
        kind = sa.types.to_instance(kind)
        told: Plain = {}
        collation = text(getattr(kind, "collation", None))
        if collation:
            told["collation"] = collation
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
                enum=texts(enums),
                enum_checked=checks and not native,
                enum_name=text(getattr(kind, "name", None)),
                enum_native=native,
                enum_created=bool(getattr(kind, "create_type", True)),
            )
        if isinstance(kind, sa.Boolean) and checks and not self.dialect.supports_native_boolean:
            told["boolean_checked"] = True
        if isinstance(kind, (sa.DateTime, sa.Time)):
            told["timezone"] = bool(kind.timezone)
        return told


def _marks(column: Any) -> Plain:
    """What a column says in one word."""
    told: Plain = {}
    if column.unique:
        told["unique"] = True
    if column.index:
        told["index"] = True
    if column.identity is not None:
        told["identity"] = True
    if column.comment is not None:
        told["comment"] = column.comment
    return told


def _key(kind: Any) -> Any:
    """The same for types that say the same; None for one that may say more than its attributes do."""
    kind_of = kind if isinstance(kind, type) else type(kind)
    if not kind_of.__module__.startswith("sqlalchemy.sql.sqltypes"):
        return None
    try:
        key = (kind_of, *vars(kind).items()) if kind_of is not kind else kind_of
        hash(key)
    except TypeError:
        return None
    return key


def column_names(constraint: Any) -> tuple[str, ...]:
    """The names of the columns that a constraint is about."""
    # A constraint that no table has yet keeps the names that it was given.
    pending = getattr(constraint, "_pending_colargs", None)
    if len(constraint.columns):
        return texts(each.name for each in constraint.columns)
    return texts(getattr(each, "name", each) for each in pending or () if each is not None)


def columns_and_constraints(items: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """What a `create_table` is given, by what it is."""
    columns, constraints = [], []
    for each in items:
        if isinstance(each, sa.Column):
            columns.append(each)
        elif isinstance(each, Constraint):
            constraints.append(each)
    return columns, constraints


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    """Each of them as `text` has it."""
    return tuple([text(each) for each in values])


def text(value: Any) -> str:
    """A plain str, empty for None."""
    return "" if value is None else str(value)

"""Writes calls of `op` as code, from the very arguments that somebody gave them."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy.sql.ddl import DDLElement
from sqlalchemy.sql.elements import ClauseElement, TextClause
from sqlalchemy.sql.schema import Constraint, DefaultClause

from workbench.bridge.quoting import text_code
from workbench.errors import UnsupportedRequest

_PLAIN = (type(None), bool, int, float, str, bytes)
_FROM_MODULES = (dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID)


_ON_COLUMNS = (sa.UniqueConstraint, sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint)
_OPTIONS = ("name", "onupdate", "ondelete", "deferrable", "initially", "match", "use_alter")


class Name(str):
    """A name as `op.f` gives it: no naming convention is put around it."""

    __slots__ = ()


@dataclass(frozen=True)
class Inline:
    """A value as `op.inline_literal` gives it: it is written into the SQL."""

    value: Any
    options: Mapping[str, Any] = field(default_factory=dict)


class Writer:
    """Writes calls, and takes note of what they import."""

    def __init__(self, dialect: str) -> None:
        """Write for a database of this dialect, as `create_engine` names it."""
        # MariaDB's own dialect has no types of its own: code for it is MySQL's.
        context = MigrationContext.configure(dialect_name="mysql" if dialect == "mariadb" else dialect)
        options = {
            "sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None,
            "render_item": None, "render_as_batch": False,
        }  # fmt: skip
        self._autogen = AutogenContext(context, sa.MetaData(), opts=options, autogenerate=False)
        self._dialect = context.dialect
        self._dialect.statement_compiler = _with_values(self._dialect.statement_compiler)
        self._modules: set[str] = set()

    @property
    def imports(self) -> tuple[str, ...]:
        """The lines that the code needs besides `sa` and `op`."""
        return tuple(sorted({*self._autogen.imports, *(f"import {each}" for each in self._modules)}))

    def call(self, function: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> str:
        """`op.add_column('customer', sa.Column('email', sa.String(length=40)))`.

        Raises:
            UnsupportedRequest: A value is nothing that could stand in a file.

        """
        parts = [self.value(each) for each in arguments]
        parts += [f"{name}={self.value(each)}" for name, each in options.items()]
        return f"{function}({', '.join(parts)})"

    def value(self, value: Any) -> str:  # noqa: PLR0911 - one branch for each kind
        """One argument.

        Raises:
            UnsupportedRequest: It is nothing that could stand in a file.

        """
        if isinstance(value, Name):
            return f"op.f({str(value)!r})"
        if type(value) in _PLAIN:
            return repr(value)
        if isinstance(value, str):  # SQLAlchemy's quoted names
            return repr(str(value))
        if isinstance(value, Inline):
            return self.call("op.inline_literal", (value.value,), value.options)
        if isinstance(value, _FROM_MODULES):
            return self._of_module(value)
        if type(value) in {list, tuple, set, frozenset, dict}:
            return self._several(value)
        return self._of_sqlalchemy(value)

    def _several(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.value(key)}: {self.value(each)}" for key, each in value.items()) + "}"
        parts = [self.value(each) for each in value]
        if isinstance(value, list):
            return f"[{', '.join(parts)}]"
        if isinstance(value, tuple):
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return f"{type(value).__name__}([{', '.join(sorted(parts))}])"

    def _of_module(self, value: Any) -> str:
        module = type(value).__module__
        self._modules.add(module)
        told = repr(value)
        return told if told.startswith(f"{module}.") else f"{module}.{told}"

    def _of_sqlalchemy(self, value: Any) -> str:  # noqa: C901, PLR0911 - one branch for each kind
        if isinstance(value, type) and issubclass(value, sa.types.TypeEngine):
            value = value()
        if isinstance(value, sa.types.TypeEngine):
            return self._type(value)
        if isinstance(value, sa.Column):
            return self._column(value)
        if isinstance(value, (sa.Table, sa.sql.expression.TableClause)):
            return self._table(value)
        if isinstance(value, sa.CheckConstraint):
            name = "" if value.name is None else f", name={str(value.name)!r}"
            return f"sa.CheckConstraint({text_code(self._sql(value.sqltext))}{name})"
        if isinstance(value, sa.schema.ColumnCollectionConstraint) and type(value) in _ON_COLUMNS:
            return self._constraint(value)
        if isinstance(value, Constraint):
            return self._rendered(lambda each, autogen: render._render_constraint(each, autogen, None), value)
        if isinstance(value, (sa.Computed, sa.Identity)):
            return self._rendered(render._render_server_default, value)
        if isinstance(value, DefaultClause):
            return self.value(value.arg)
        if isinstance(value, TextClause) and all(each.value is None for each in value._bindparams.values()):
            return f"sa.text({value.text!r})"
        if isinstance(value, (ClauseElement, DDLElement)):
            return f"sa.text({text_code(self._sql(value))})"
        raise _unwritable(value)

    def _type(self, type_: Any) -> str:
        module = type(type_).__module__
        if module == "__main__":
            raise UnsupportedRequest(
                f"{type(type_).__name__} is a type of this notebook, which a revision file cannot import.",
                "Move it into a module of the project, or write the column with the type that it stands on.",
            )
        if not module.startswith("sqlalchemy."):
            self._modules.add(module)
        return str(render._repr_type(type_, self._autogen))

    def _column(self, column: Any) -> str:
        """With its keys, which autogenerate tells as constraints of the table."""
        head = f"sa.Column({str(column.name)!r}, {self._type(column.type)}"
        rest = self._rendered(render._render_column, column).removeprefix(head)
        keys = [self._foreign_key(each) for each in sorted(column.foreign_keys, key=lambda each: each.target_fullname)]
        keys += [self.value(each) for each in column.constraints if not isinstance(each, sa.ForeignKeyConstraint)]
        told = [f"{name}=True" for name in ("primary_key", "unique", "index") if getattr(column, name)]
        return head + "".join(f", {each}" for each in keys) + rest.removesuffix(")") + "".join(
            f", {each}" for each in told
        ) + ")"  # fmt: skip

    def _foreign_key(self, key: Any) -> str:
        options = {name: getattr(key, name) for name in _OPTIONS if getattr(key, name)}
        return self.call("sa.ForeignKey", (key.target_fullname,), options)

    def _constraint(self, constraint: Any) -> str:
        """By the names of its columns: it belongs to no table yet, which Alembic's renderers count on."""
        names = [str(getattr(each, "name", each)) for each in constraint._pending_colargs or constraint.columns]
        options = {name: value for name in _OPTIONS if (value := getattr(constraint, name, None))}
        arguments: tuple[Any, ...] = tuple(names)
        if isinstance(constraint, sa.ForeignKeyConstraint):
            arguments = (names, [each.target_fullname for each in constraint.elements])
        options |= constraint.dialect_kwargs
        return self.call(f"sa.{type(constraint).__name__}", arguments, options)

    def _table(self, table: Any) -> str:
        columns = "".join(f", sa.column({each.name!r}, {self._type(each.type)})" for each in table.columns)
        schema = "" if table.schema is None else f", schema={table.schema!r}"
        return f"sa.table({table.name!r}{columns}{schema})"

    def _rendered(self, renderer: Callable[[Any, Any], Any], value: Any) -> str:
        try:
            told = renderer(value, self._autogen)
        except (NotImplementedError, ValueError, AttributeError) as error:
            raise _unwritable(value) from error
        return str(told)

    def _sql(self, value: Any) -> str:
        try:
            return str(value.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))
        except Exception as error:
            raise UnsupportedRequest(
                f"This {type(value).__name__} cannot be written as SQL: {error}", "Write it as text: sa.text(…)."
            ) from error


def _with_values(compiler: Any) -> Any:
    """A compiler that also writes the values of columns whose type nobody has told: `sa.table("t", sa.column("a"))`."""

    class Compiler(compiler):  # type: ignore[misc]
        def render_literal_value(self, value: Any, type_: Any) -> Any:
            known = sa.literal(value).type if isinstance(type_, sa.types.NullType) else type_
            return super().render_literal_value(value, known)

    return Compiler


def _unwritable(value: Any) -> UnsupportedRequest:
    return UnsupportedRequest(
        f"A {type(value).__name__} cannot be written into a revision file.",
        "Give text, numbers, lists, or what SQLAlchemy has: sa.Column, types, constraints, sa.text(…).",
    )


def table(name: str, columns: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """What `op.create_table` gives back, for rows that are put into it."""
    own = [sa.column(each.name, each.type) for each in columns if isinstance(each, sa.Column)]
    return sa.table(name, *own, schema=options.get("schema"))

"""Makes types in operations such that each thing is made once: enums by a proposal of their own, CHECKs likewise."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable
from typing import Any

from alembic.operations import ops
from sqlalchemy import CheckConstraint, Column, types
from sqlalchemy.dialects import postgresql

from workbench.bridge.authoring.operations import AlterUsing
from workbench.bridge.authoring.proposing import Proposal


def settle(proposals: Iterable[Proposal], dialect: str) -> None:
    """Change the operations of these proposals, in both directions."""
    for each in proposals:
        each.up = [_settled(op, dialect) for op in each.up]
        each.down = [_settled(op, dialect) for op in each.down]


def _settled(op: Any, dialect: str) -> Any:
    if isinstance(op, ops.CreateTableOp):
        # Alembic writes no CHECK that stands beside a column.
        beside = [check for each in op.columns if isinstance(each, Column) for check in each.constraints]
        op.columns = [_column(each, dialect, alone=False) if isinstance(each, Column) else each for each in op.columns]
        op.columns += [
            CheckConstraint(each.sqltext, name=each.name) for each in beside
            if isinstance(each, CheckConstraint) and _is_check(each)
        ]  # fmt: skip
    elif isinstance(op, ops.AddColumnOp):
        op.column = _column(op.column, dialect, alone=True)
    elif isinstance(op, ops.AlterColumnOp) and op.modify_type is not None:
        return _altered(op, dialect)
    return op


def _is_check(constraint: Any) -> bool:
    return isinstance(constraint, CheckConstraint) and not getattr(constraint, "_type_bound", False)


def _altered(op: Any, dialect: str) -> Any:
    enums = [_is_enum(each) for each in (op.existing_type, op.modify_type)]
    op.existing_type, op.modify_type = _type(op.existing_type, dialect), _type(op.modify_type, dialect)
    if dialect == "postgresql" and enums.count(True) == 1 and type(op) is ops.AlterColumnOp:
        using = AlterUsing(op.table_name, op.column_name)
        using.__dict__.update(op.__dict__)
        return using
    return op


def _column(column: Column[Any], dialect: str, *, alone: bool) -> Column[Any]:
    """The column, with a type that makes nothing else.

    Args:
        column: That a table or a column is made with.
        dialect: Of the database.
        alone: It is added by itself: then the CHECK that belongs to its type is a proposal of its own.

    """
    type_ = _type(column.type, dialect, bound=not alone)
    beside = [each for each in column.constraints if _is_check(each)]
    if type_ is column.type and not beside:
        return column
    made: Column[Any] = column._copy()
    made.constraints = {each for each in made.constraints if not _is_check(each)}
    made.type = type_
    return made


def _type(type_: Any, dialect: str, *, bound: bool = False) -> Any:
    if dialect == "postgresql" and _is_enum(type_):
        if isinstance(type_, types.ARRAY):
            made = copy.copy(type_)
            made.item_type = _enum(type_.item_type)
            return made
        return _enum(type_)
    if not bound and getattr(type_, "create_constraint", False):
        unbound = copy.copy(type_)
        unbound.create_constraint = False
        return unbound
    return type_


def _is_enum(type_: Any) -> bool:
    """Whether PostgreSQL has a type of its own for it, and code can be written that does not make it."""
    inner = type_.item_type if isinstance(type_, types.ARRAY) else type_
    return (
        isinstance(inner, types.Enum)
        and bool(inner.native_enum and inner.name)
        and not getattr(type_, "_variant_mapping", None)
    )


class _Enum(postgresql.ENUM):
    """One that says so in code: `create_type` is in no repr before SQLAlchemy 2.1."""

    __module__ = postgresql.ENUM.__module__  # by which Alembic knows what to import

    def __repr__(self) -> str:
        schema = f", schema={self.schema!r}" if self.schema else ""
        return f"ENUM({', '.join(map(repr, self.enums))}, name={str(self.name)!r}{schema}, create_type=False)"


def _enum(type_: Any) -> Any:
    return _Enum(*type_.enums, name=type_.name, schema=type_.schema, create_type=False)


def made_by_tables(proposals: Iterable[Proposal]) -> Collection[tuple[str | None, str]]:
    """The (schema, name) of enums that a table makes by itself, since their type is wrapped in one of the project's."""
    found = set()
    for each in proposals:
        for op in each.up:
            for column in op.columns if isinstance(op, ops.CreateTableOp) else ():
                inner: Any = getattr(getattr(column, "type", None), "impl", None)
                if isinstance(getattr(column, "type", None), types.TypeDecorator) and _is_enum(inner):
                    found.add((inner.schema, str(inner.name)))
    return found

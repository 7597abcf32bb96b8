"""The way back of operations that their author has written: from what they say, or from what the live schema has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table, UniqueConstraint, event, inspect
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.schema import DefaultClause

from workbench.bridge.authoring.operations import AddCheck, DropCheck, RenameColumn, RenameTable
from workbench.errors import UnsupportedRequest

_ALTERED = ("type", "nullable", "server_default", "comment")


@dataclass
class Undone:
    """An operation as it can be written in full, and its way back."""

    up: list[Any]
    """With what has to go before it, and what the live schema says of it."""
    down: list[Any] | None
    """In the order of the way back; None where nobody can know it."""


@dataclass
class Before:
    """The live schema with the operations that were written before, none of which has run."""

    context: MigrationContext
    made: list[Any] = field(default_factory=list)
    _tables: dict[tuple[str | None, str], Table] = field(default_factory=dict)

    def table(self, schema: str | None, name: str) -> Table:
        """A table, as one of these operations makes it or as it is live.

        Raises:
            UnsupportedRequest: There is none.

        """
        for op in reversed(self.made):
            if isinstance(op, ops.CreateTableOp) and (op.schema, op.table_name) == (schema, name):
                return op.to_table()
            if isinstance(op, ops.RenameTableOp) and (op.schema, op.new_table_name) == (schema, name):
                name = op.table_name
        return self._live(schema, name)

    def column(self, schema: str | None, table: str, name: str) -> Column[Any]:
        """A column, with what these operations have made of it.

        Raises:
            UnsupportedRequest: There is none.

        """
        for number, op in reversed(list(enumerate(self.made))):
            if isinstance(op, ops.RenameTableOp) and (op.schema, op.new_table_name) == (schema, table):
                return Before(self.context, self.made[:number], self._tables).column(schema, op.table_name, name)
            if getattr(op, "table_name", None) != table or getattr(op, "schema", None) != schema:
                continue
            if isinstance(op, ops.AddColumnOp) and op.column.name == name:
                return op.column
            if isinstance(op, ops.AlterColumnOp) and str(op.modify_name or op.column_name) == name:
                earlier = Before(self.context, self.made[:number], self._tables)
                return _altered(earlier.column(schema, table, op.column_name), op)
        found = self.table(schema, table).c.get(name)
        if found is None:
            raise UnsupportedRequest(
                f"{table} has no column {name!r}.", "wb.schema().columns has those that there are."
            )
        return found

    def index(self, schema: str | None, table: str | None, name: str) -> Index:
        """An index.

        Raises:
            UnsupportedRequest: There is none.

        """
        for op in reversed(self.made):
            if isinstance(op, ops.CreateIndexOp) and op.index_name == name:
                return op.to_index()
        tables = [table] if table else inspect(self.context.connection).get_table_names(schema)
        for each in tables:
            found = next((index for index in self.table(schema, each).indexes if index.name == name), None)
            if found is not None:
                return found
        raise UnsupportedRequest(f"There is no index {name!r}.", "wb.schema().indexes has those that there are.")

    def constraint(self, schema: str | None, table: str, name: str) -> Any:
        """A constraint; of MySQL, where it is an index, the unique one.

        Raises:
            UnsupportedRequest: There is none.

        """
        for op in reversed(self.made):
            if isinstance(op, ops.AddConstraintOp) and getattr(op, "constraint_name", None) == name:
                return op.to_constraint()
        found = self.table(schema, table)
        every: list[Any] = [*found.constraints, *found.indexes]
        for each in every:
            if each.name == name:
                return each
        raise UnsupportedRequest(
            f"{table} has no constraint {name!r}.", "wb.schema().constraints has those that there are."
        )

    def _live(self, schema: str | None, name: str) -> Table:
        if (schema, name) not in self._tables:
            inspector: Any = inspect(self.context.connection)
            table = Table(name, MetaData(), schema=schema)
            told: Any = self.context.impl.autogen_column_reflect

            def reflected(_inspector: Any, owner: Any, column: Any) -> None:
                told(inspector, owner, column)  # takes away the default of a SERIAL, which is no sequence of its own

            event.listen(table, "column_reflect", reflected)
            try:
                inspector.reflect_table(table, None)
            except NoSuchTableError as error:
                raise UnsupportedRequest(
                    f"There is no table {name!r}.", "wb.schema().tables has those that there are."
                ) from error
            self._tables[schema, name] = table
        return self._tables[schema, name]


def undone(op: Any, before: Before) -> Undone:  # noqa: PLR0911 - one branch for each kind
    """An operation with its way back.

    Raises:
        UnsupportedRequest: What it drops or changes is not there.

    """
    schema, table = getattr(op, "schema", None), getattr(op, "table_name", None)
    if isinstance(op, ops.RenameTableOp):
        before.table(schema, op.table_name)
        told = RenameTable(op.table_name, op.new_table_name, schema=schema)
        return Undone([told], [told.reverse()])
    if isinstance(op, ops.AlterColumnOp):
        return _alter(op, before)
    if isinstance(op, ops.DropColumnOp):
        return _drop_column(op, before)
    if isinstance(op, ops.DropTableOp):
        return _drop_table(op, before)
    if isinstance(op, ops.DropIndexOp):
        index = before.index(schema, table, str(op.index_name))
        drop = ops.DropIndexOp.from_index(index)
        return Undone([drop], [drop.reverse()])
    if isinstance(op, ops.DropConstraintOp):
        made = before.constraint(schema, str(table), str(op.constraint_name))
        return _drop_constraint(made, str(table), schema)
    if isinstance(op, ops.CreateCheckConstraintOp):
        check = AddCheck(op.constraint_name, op.table_name, str(op.condition), schema=schema)
        return Undone([check], [check.reverse()])
    if isinstance(op, (ops.CreateTableCommentOp, ops.DropTableCommentOp)):
        op.existing_comment = before.table(schema, str(table)).comment
    return Undone([op], _reversed(op))


def _reversed(op: Any) -> list[Any] | None:
    try:
        return [op.reverse()]
    except (NotImplementedError, AttributeError):  # SQL, rows, an operation of a plugin's without a way back
        return None


def _alter(op: Any, before: Before) -> Undone:
    column = before.column(op.schema, op.table_name, op.column_name)
    is_mysql = before.context.dialect.name in {"mysql", "mariadb"}
    had: dict[str, Any] = {
        "type": column.type, "nullable": column.nullable, "server_default": column.server_default,
        "comment": column.comment,
    }  # fmt: skip
    changed = [name for name in _ALTERED if _is_changed(op, name)]
    # MySQL has to be told all of a column; elsewhere its type is enough, as autogenerate has it.
    tells = _ALTERED if is_mysql else ("type",)
    more: dict[str, Any] = {"autoincrement": True} if is_mysql and column.autoincrement is True else {}

    def told(values: dict[str, Any]) -> dict[str, Any]:
        # Without a default it is False: None would be one that is not known.
        known = {**values, "server_default": False if values["server_default"] is None else values["server_default"]}
        return {f"existing_{each}": known[each] for each in tells}

    has = {**had, **{each: getattr(op, f"modify_{each}") for each in changed}}
    found = Undone([], [])
    if changed:
        there = {f"modify_{each}": has[each] for each in changed}
        back = {f"modify_{each}": had[each] for each in changed}
        table, name = op.table_name, op.column_name
        found.up.append(ops.AlterColumnOp(table, name, schema=op.schema, **told(had), **there, **{**op.kw, **more}))
        found.down = [ops.AlterColumnOp(table, name, schema=op.schema, **told(has), **back, **more)]
    if op.modify_name is not None:
        rename = RenameColumn(
            op.table_name, op.column_name, schema=op.schema, modify_name=str(op.modify_name),
            **(told(has) if is_mysql else {}), **more,
        )  # fmt: skip
        found.up.append(rename)
        found.down = [rename.reverse(), *(found.down or [])]
    return found


def _is_changed(op: Any, name: str) -> bool:
    # None is a server default and a comment that goes.
    return getattr(op, f"modify_{name}") is not (False if name in {"server_default", "comment"} else None)


def _altered(column: Column[Any], op: Any) -> Column[Any]:
    made = column._copy()
    made.name = str(op.modify_name or op.column_name)
    for name in _ALTERED:
        if _is_changed(op, name):
            value = getattr(op, f"modify_{name}")
            is_plain = name == "server_default" and isinstance(value, (str, ClauseElement))
            setattr(made, name, DefaultClause(value) if is_plain else value)
    return made


def _drop_column(op: Any, before: Before) -> Undone:
    column = before.column(op.schema, op.table_name, op.column_name)
    drop = ops.DropColumnOp.from_column_and_tablename(op.schema, op.table_name, column._copy())
    up: list[Any] = []
    down: list[Any] = [drop.reverse()]
    try:
        table = before.table(op.schema, op.table_name)
    except UnsupportedRequest:
        return Undone([drop], down)
    # Some databases drop these with it, some would not let it go.
    for each in sorted((*table.foreign_key_constraints, *_uniques(table)), key=lambda each: str(each.name)):
        if each.name and column.name in each.columns:
            found = _drop_constraint(each, op.table_name, op.schema)
            up += found.up
            down += found.down or []
    for index in _own_indexes(table):
        if column.name in index.columns:
            gone = ops.DropIndexOp.from_index(index)
            up.append(gone)
            down.append(gone.reverse())
    return Undone([*up, drop], down)


def _uniques(table: Table) -> list[Any]:
    return [each for each in table.constraints if isinstance(each, UniqueConstraint)]


def _own_indexes(table: Table) -> list[Index]:
    """Without those that MySQL makes by itself for a foreign key."""
    keys = {(str(each.name), tuple(each.column_keys)) for each in table.foreign_key_constraints}
    own = [each for each in table.indexes if (str(each.name), tuple(each.columns.keys())) not in keys]
    return sorted(own, key=lambda each: str(each.name))


def _drop_table(op: Any, before: Before) -> Undone:
    table = before.table(op.schema, op.table_name)
    drop = ops.DropTableOp.from_table(table)
    down = [drop.reverse(), *(ops.CreateIndexOp.from_index(each) for each in _own_indexes(table))]
    return Undone([drop], down)


def _drop_constraint(made: Any, table: str, schema: str | None) -> Undone:
    if isinstance(made, CheckConstraint):
        check = DropCheck(made.name, table, str(made.sqltext), schema)
        return Undone([check], [check.reverse()])
    if isinstance(made, Index):  # MySQL: a UNIQUE is one
        columns = list(made.columns.keys())
        drop = ops.DropConstraintOp(
            str(made.name), table, type_="unique", schema=schema,
            _reverse=ops.CreateUniqueConstraintOp(str(made.name), table, columns, schema=schema),
        )  # fmt: skip
    else:
        drop = ops.DropConstraintOp.from_constraint(made)
    return Undone([drop], [drop.reverse()])

"""Makes the operations of a revision out of the proposals and of what its author decided on."""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import ops
from sqlalchemy import types
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.schema import DefaultClause

from workbench.bridge.authoring import batches
from workbench.bridge.authoring.operations import BatchOps, CodeOp, DropCheck, RenameColumn, RenameTable
from workbench.bridge.authoring.proposing import Proposal, column_of
from workbench.bridge.quoting import quote_of, text_code
from workbench.bridge.values import Code, Decided

_ALTERED_IN_PLACE = (ops.AddColumnOp, ops.CreateIndexOp, ops.DropIndexOp, RenameColumn)
"""What SQLite's ALTER TABLE knows, or needs no table for."""


@dataclass
class Operations:
    """What stands in the file, in both directions, and which proposal each operation belongs to."""

    up: list[Any] = field(default_factory=list)
    down: list[Any] = field(default_factory=list)
    marks: dict[int, str] = field(default_factory=dict)
    """By the identity of an operation the key of its proposal."""


def decided(found: list[Proposal], choices: Decided, database: str, context: Any) -> Operations:
    """The operations of the proposals that are wanted, with the author's code among them.

    Args:
        found: The proposals in order, renames first.
        choices: What was decided.
        database: The name of the database; what was decided for another one is left alone.
        context: The MigrationContext, whose dialect decides what has to be done in parts.

    """

    def mine(codes: Iterable[Any]) -> list[Any]:
        return [each for each in codes if each.database in {"", database}]

    replaced = {each.key: each for each in mine(choices.replaced)}
    fills = {each.key: each for each in mine(choices.fills)}
    dialect = context.dialect
    made = Operations()
    ups: list[tuple[Proposal | None, Any]] = []
    downs: list[list[tuple[Proposal | None, Any]]] = []
    wanted = [each for each in found if each.is_wanted(choices.ticks) and not (each.is_rest and each.key in replaced)]

    def whole(code: Code) -> None:
        op = CodeOp(code)
        made.marks[id(op)] = code.key
        ups.append((None, op))
        back: Any = op.reverse()
        made.marks[id(back)] = code.key
        downs.append([(None, back)])

    early = [(each, *pair) for each in wanted if each.key not in replaced for pair in each.early]
    late = [(each, *pair) for each in wanted if each.key not in replaced for pair in each.late]

    def alone(pairs: list[tuple[Proposal, Any, Any]]) -> None:
        for proposal, op, back in pairs:
            made.marks[id(op)] = made.marks[id(back)] = proposal.key
            ups.append((proposal, op))
            downs.append([(proposal, back)])

    alone(early)
    for each in wanted:
        if each.key in replaced:
            whole(replaced[each.key])
            continue
        up, down = (
            list(_parts(each, each.up, fills.get(each.key), dialect)),
            list(_parts(each, each.down, None, dialect)),
        )
        for _, op in (*up, *down):
            made.marks[id(op)] = each.key
        ups += up
        downs.append(down)
    alone(late)
    for code in mine(choices.last):
        whole(code)
    made.up = _grouped(ups, dialect.name)
    made.down = _grouped([pair for each in reversed(downs) for pair in each], dialect.name)
    batches.keep(made.up, made.down, mine(choices.unseen.kept), context.connection)
    return made


def _parts(
    proposal: Proposal, operations: list[Any], fill: Code | None, dialect: Any
) -> Iterator[tuple[Proposal | None, Any]]:
    for op in operations:
        column = column_of(op)
        if column is not None and not column.nullable and not column.primary_key and column.server_default is None:
            # No database can put it into a table with rows, and SQLite not even into an empty one.
            code = fill or _placeholder(proposal, op, dialect)
            if code is not None or dialect.name == "sqlite":
                yield from _in_parts(proposal, op, code)
                continue
        if fill is not None and column is not None:  # one that may be NULL: its values come once it is there
            yield proposal, op
            yield None, CodeOp(fill)
            continue
        if fill is not None and not isinstance(op, DropCheck):  # the old CHECK may refuse what the new one asks for
            yield None, CodeOp(fill)
        yield (None if proposal.is_whole and not _is_of_table(op) else proposal), op


def _in_parts(proposal: Proposal, op: Any, code: Code | None) -> Iterator[tuple[Proposal | None, Any]]:
    column = op.column
    without = column._copy()
    without.nullable = True
    yield proposal, ops.AddColumnOp(op.table_name, without, schema=op.schema)
    if code is not None:
        yield None, CodeOp(code)
    yield (
        proposal,
        ops.AlterColumnOp(
            op.table_name,
            column.name,
            schema=op.schema,
            existing_type=column.type,
            modify_nullable=False,
            existing_comment=column.comment,
        ),
    )


def _is_of_table(op: Any) -> bool:
    return not isinstance(op, (ops.CreateTableOp, ops.DropTableOp, RenameTable, RenameColumn, CodeOp)) and hasattr(
        op, "table_name"
    )


def _placeholder(proposal: Proposal, op: Any, dialect: Any) -> Code | None:
    """What stands in for the values that the upgrade has thrown away, when a downgrade brings a column back."""
    if not proposal.key.startswith("remove_column "):
        return None
    value = _neutral(op.column.type)
    if value is None:
        return None
    quote = quote_of(dialect)
    table = ".".join(quote(each) for each in (op.schema, op.table_name) if each)
    name = quote(op.column.name)
    sql = f"UPDATE {table} SET {name} = {value} WHERE {name} IS NULL"  # noqa: S608 - names are quoted, and the value is one of ours
    return Code(
        proposal.key,
        (
            f"# The values of {op.table_name}.{op.column.name} are gone: this only lets it be NOT NULL again.",
            f"op.execute({text_code(sql)})",
        ),
    )


_NEUTRAL: tuple[tuple[type, str], ...] = (
    (bool, "FALSE"), (int, "0"), (float, "0"), (decimal.Decimal, "0"), (str, "''"),
    (dt.datetime, "'1970-01-01 00:00:00'"), (dt.date, "'1970-01-01'"), (dt.time, "'00:00:00'"),
)  # fmt: skip


def _neutral(type_: Any) -> str | None:
    labels = getattr(type_, "enums", None)
    if labels:
        return "'" + str(labels[0]).replace("'", "''") + "'"
    if isinstance(type_, types.JSON):
        return "'{}'"
    try:
        python = type_.python_type
    except NotImplementedError:
        return None
    return next((value for kind, value in _NEUTRAL if issubclass(python, kind)), None)


def _grouped(pairs: list[tuple[Proposal | None, Any]], dialect: str) -> list[Any]:
    """Operations on one table that follow each other as one ModifyTableOps, as Alembic has them; a batch on SQLite."""
    told: list[Any] = []
    for place, group in itertools.groupby(
        pairs, key=lambda pair: None if pair[0] is None else (pair[0].schema, _table_of(pair[1], pair[0]))
    ):
        operations = [op for _, op in group]
        if place is None:
            told += operations
            continue
        schema, table = place
        needs_copy = dialect == "sqlite" and any(_needs_copy(each) for each in operations)
        told.append((BatchOps if needs_copy else ops.ModifyTableOps)(table, operations, schema=schema))
    return told


def _table_of(op: Any, proposal: Proposal) -> str:
    return str(getattr(op, "table_name", None) or proposal.table)


def _needs_copy(op: Any) -> bool:
    if isinstance(op, ops.AddColumnOp):
        default = op.column.server_default
        return isinstance(default, DefaultClause) and isinstance(default.arg, TextClause) and "(" in str(default.arg)
    return not isinstance(op, _ALTERED_IN_PLACE)

"""Proposals for renames that their author has decided on, in an order in which no name is taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column

from workbench.bridge.authoring.operations import CodeOp, RenameColumn, RenameTable
from workbench.bridge.authoring.proposing import Proposal
from workbench.bridge.quoting import quote_of, text_code
from workbench.bridge.values import Code, Rename
from workbench.errors import UnsupportedRequest
from workbench.results.definitions import dotted

_SPARE = "workbench_swap_{}"


def renamings(renames: Iterable[Rename], reflected: Any, dialect: Any) -> list[Proposal]:
    """One proposal for each rename; those that swap names go through a spare one.

    Args:
        renames: In the order of the decision.
        reflected: Gives the live column of (schema, old table, old column), or None: MySQL has to be told its type.
        dialect: Whose SQL renames an index or a constraint.

    """
    told = list(renames)
    tables = {(each.schema, each.new): each.old for each in told if each.kind == "table"}
    ordered: list[tuple[Rename, str, str]] = []
    for kind, group in itertools.groupby(
        sorted(told, key=_place), key=lambda each: (_place(each)[0], each.schema, each.table)
    ):
        del kind
        ordered += _without_collisions(list(group))
    made: list[Proposal] = []
    for each, old, new in ordered:
        key = rename_key(each)
        rest = any(other.key == key for other in made)
        proposal = Proposal(key, f"rename_{each.kind}", each.schema, each.table, is_whole=True, is_rest=rest)
        column = None
        if each.kind == "column":
            column = reflected(each.schema, tables.get((each.schema, each.table), each.table), each.old)
        op = _rename(each, old, new, column, dialect)
        proposal.up.append(op)
        proposal.down.append(op.reverse())
        made.append(proposal)
    return made


def rename_key(rename: Rename) -> str:
    """`rename_column customer.nickname`, by the name that it still has."""
    names = (rename.old,) if rename.kind == "table" else (rename.table, rename.old)
    return f"rename_{rename.kind} {dotted(rename.schema or '', *(each for each in names if each))}"


def _place(rename: Rename) -> tuple[int, str, str]:
    return (
        ("table", "column").index(rename.kind) if rename.kind in {"table", "column"} else 2,
        rename.schema or "",
        rename.table,
    )


def _without_collisions(group: list[Rename]) -> Iterator[tuple[Rename, str, str]]:
    """(rename, from, to) in an order in which no name is taken: chains from their end, a ring by a spare name."""
    left = {each.old: each for each in group}
    parked: list[tuple[Rename, str]] = []
    while left:
        free = [each for each in left.values() if each.new not in left or each.new == each.old]
        if free:
            for each in free:
                yield each, each.old, each.new
                del left[each.old]
            continue
        first = next(iter(left.values()))
        spare = _SPARE.format(first.old)[:60]
        yield first, first.old, spare
        del left[first.old]
        parked.append((first, spare))
    for each, spare in parked:
        yield each, spare, each.new


def _rename(rename: Rename, old: str, new: str, column: Column[Any] | None, dialect: Any) -> Any:
    if rename.kind == "table":
        return RenameTable(old, new, schema=rename.schema)
    if rename.kind == "column":
        existing: dict[str, Any] = {}
        if column is not None and dialect.name in {"mysql", "mariadb"}:
            existing = {
                "existing_type": column.type,
                "existing_nullable": column.nullable,
                "existing_server_default": column.server_default or False,
                "existing_comment": column.comment,
            }
            if column.autoincrement is True:
                existing["autoincrement"] = True
        return RenameColumn(rename.table, old, schema=rename.schema, modify_name=new, **existing)
    if rename.kind == "value" and dialect.name != "postgresql":
        raise UnsupportedRequest(
            f"The value {rename.old} of {rename.table} cannot get another name: only PostgreSQL has types for enums.",
            "Leave that rename out.",
        )
    if dialect.name == "sqlite" or (dialect.name in {"mysql", "mariadb"} and rename.kind == "constraint"):
        raise UnsupportedRequest(
            f"{'SQLite' if dialect.name == 'sqlite' else 'MySQL'} cannot give {rename.kind} {rename.old} another name.",
            "Leave that rename out: it is dropped and made again, and no row is lost by that.",
        )
    return CodeOp(
        Code(rename_key(rename), (_renaming(rename, old, new, dialect),), (_renaming(rename, new, old, dialect),))
    )


def _renaming(rename: Rename, old: str, new: str, dialect: Any) -> str:
    quote = quote_of(dialect, always=True)

    def quoted(*names: str | None) -> str:
        return ".".join(quote(each) for each in names if each)

    table = quoted(rename.schema, rename.table)
    if rename.kind == "value":
        one, other = ("'" + each.replace("'", "''") + "'" for each in (old, new))
        return f"op.execute({text_code(f'ALTER TYPE {table} RENAME VALUE {one} TO {other}')})"
    if rename.kind == "constraint":
        sql = f"ALTER TABLE {table} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"
    elif dialect.name in {"mysql", "mariadb"}:
        sql = f"ALTER TABLE {table} RENAME INDEX {quoted(old)} TO {quoted(new)}"
    else:
        sql = f"ALTER INDEX {quoted(rename.schema, old)} RENAME TO {quoted(new)}"
    return f"op.execute({text_code(sql)})"

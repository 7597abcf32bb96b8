"""Puts what Alembic's autogenerate found into proposals: one for each thing that can be wanted or not."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column, ForeignKeyConstraint

from workbench.results.definitions import dotted

UNTICKED = ("remove_table ", "remove_column ", "modify_enum ", "remove_view ", "remove_materialized_view ")
"""How the keys begin of what is not wanted before its author says so: rows would be lost, or in the way; or nobody
knows whether somebody else has made it."""


@dataclass(frozen=True)
class Told:
    """What a proposal changes, where that is not Alembic's to tell."""

    name: str
    before: str | None
    after: str | None
    sql: str | None = None
    """Where it is more than its operations tell."""


Place = tuple["str | None", str]
"""(schema, table)."""


@dataclass
class Proposal:
    """One thing that autogenerate found, with the operations that do it and those that undo it."""

    key: str
    """Alembic's own name of the difference and the thing: `add_column customer.email`."""
    kind: str
    schema: str | None
    table: str
    """Empty for what belongs to no table."""
    up: list[Any] = field(default_factory=list)
    down: list[Any] = field(default_factory=list)
    """In the order of the way back."""
    early: list[tuple[Any, Any]] = field(default_factory=list)
    """Pairs of (operation, way back) that come before everything else: foreign keys of a ring of tables that goes."""
    late: list[tuple[Any, Any]] = field(default_factory=list)
    """The same, after everything else: foreign keys of a ring of tables that comes."""
    is_whole: bool = False
    """It stands by itself, not among the operations on a table."""
    is_rest: bool = False
    """The second half of another one of the same key: of a rename by way of a spare name."""
    found: list[tuple[Any, Any]] = field(default_factory=list)
    """Pairs of (ModifyTableOps or None, operation) as Alembic has found them."""
    told: Told | None = None
    """What Alembic has not found."""
    wanted: bool | None = None
    """Whether it is wanted before its author says anything; None where its key tells."""

    def is_wanted(self, ticks: Iterable[tuple[str, bool]]) -> bool:
        """Whether it goes into the revision: the last pattern that fits says so."""
        wanted = not self.key.startswith(UNTICKED) if self.wanted is None else self.wanted
        for pattern, ticked in ticks:
            if pattern == self.key or fnmatch.fnmatchcase(self.key, pattern):
                wanted = ticked
        return wanted


def proposals(operations: list[Any], more: Iterable[Proposal] = ()) -> list[Proposal]:
    """In an order that can be run: what comes, then what changes, then what goes.

    Alembic drops tables before it drops the foreign keys that lead to them, and in the order of a set.

    Args:
        operations: As Alembic has found them.
        more: Others that change tables which are there before and after.

    """
    created: dict[Place, Proposal] = {}
    dropped: dict[Place, Proposal] = {}
    for op in operations:
        if isinstance(op, ops.CreateTableOp):
            place = op.schema, op.table_name
            created[place] = Proposal(f"add_table {_name(*place)}", "add_table", *place, is_whole=True)
            _add(created[place], None, op)
        elif isinstance(op, ops.DropTableOp):
            place = op.schema, op.table_name
            dropped[place] = Proposal(f"remove_table {_name(*place)}", "remove_table", *place, is_whole=True)
    changed: list[Proposal] = []
    for op in operations:
        if isinstance(op, ops.DropTableOp):
            _add(dropped[op.schema, op.table_name], None, op)
        elif isinstance(op, ops.ModifyTableOps):
            place = op.schema, op.table_name
            owner = created.get(place) or dropped.get(place)
            for inner in op.ops:
                if owner is not None:
                    _add(owner, op, inner)
                else:
                    changed.append(_single(op, inner))
        elif not isinstance(op, ops.CreateTableOp):
            key = f"{_words(op)} {getattr(op, 'table_name', '') or getattr(op, 'name', '') or ''}".strip()
            changed.append(Proposal(key, _words(op), getattr(op, "schema", None), ""))
            changed[-1].is_whole = True
            _add(changed[-1], None, op)
    changed += [each for each in more if (each.schema, each.table) not in dropped]
    found = [*_parents_first(created), *_sorted(changed), *_children_first(dropped)]
    _number(found)
    return found


def _add(proposal: Proposal, table: ops.ModifyTableOps | None, op: Any) -> None:
    proposal.found.append((table, op))
    proposal.up.append(op)
    proposal.down.insert(0, op.reverse())


def _single(table: ops.ModifyTableOps, op: Any) -> Proposal:
    kind, name = _kind_and_name(op)
    proposal = Proposal(f"{kind} {_name(table.schema, table.table_name, name)}", kind, table.schema, table.table_name)
    _add(proposal, table, op)
    return proposal


def _kind_and_name(op: Any) -> tuple[str, str]:  # noqa: PLR0911 - a table of cases
    if isinstance(op, ops.AddColumnOp):
        return "add_column", str(op.column.name)
    if isinstance(op, ops.DropColumnOp):
        return "remove_column", str(op.column_name)
    if isinstance(op, ops.AlterColumnOp):
        return "alter_column", str(op.column_name)
    if isinstance(op, ops.CreateIndexOp):
        return "add_index", str(op.index_name or "")
    if isinstance(op, ops.DropIndexOp):
        return "remove_index", str(op.index_name or "")
    if isinstance(op, ops.AddConstraintOp):
        kind = "add_fk" if op.constraint_type == "foreignkey" else "add_constraint"
        return kind, str(op.constraint_name or ", ".join(_columns(op)))  # type: ignore[attr-defined]
    if isinstance(op, ops.DropConstraintOp):
        kind = "remove_fk" if op.constraint_type == "foreignkey" else "remove_constraint"
        return kind, str(op.constraint_name or ", ".join(_columns(op)))
    if isinstance(op, (ops.CreateTableCommentOp, ops.DropTableCommentOp)):
        return ("add_" if isinstance(op, ops.CreateTableCommentOp) else "remove_") + "table_comment", ""
    return _words(op), ""


def _columns(op: Any) -> list[str]:
    try:
        return [str(each.name) for each in op.to_constraint().columns]
    except (AttributeError, TypeError, ValueError, NotImplementedError):  # a constraint that does not know its columns
        return []


def _words(op: Any) -> str:
    """`CreateSequenceOp` as `create_sequence`."""
    name = type(op).__name__.removesuffix("Op")
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).strip("_")


def _name(schema: str | None, *names: str) -> str:
    return dotted(schema or "", *(each for each in names if each))


_ORDER = (
    "remove_fk", "remove_index", "remove_constraint", "add_column", "alter_column", "add_constraint", "add_index",
    "add_fk", "add_table_comment", "remove_table_comment",
)  # fmt: skip


def _sorted(found: list[Proposal]) -> Iterator[Proposal]:
    """Foreign keys go first and come last of all: they need what others make. The rest table by table."""
    tables = sorted({(each.schema or "", each.table) for each in found})
    rank = {kind: index for index, kind in enumerate(_ORDER)}

    def place(each: Proposal) -> tuple[int, int, int]:
        phase = {"remove_fk": 0, "add_fk": 2}.get(each.kind, 1)
        return phase, tables.index((each.schema or "", each.table)), rank.get(each.kind, len(rank))

    yield from sorted(found, key=place)


def _parents_first(created: dict[Place, Proposal]) -> list[Proposal]:
    """Tables after those that they refer to; in a ring the foreign keys that lead forward are made last of all."""
    made = {
        place: next(op for _, op in each.found if isinstance(op, ops.CreateTableOp)) for place, each in created.items()
    }
    ordered = _ordered(created, {place: _referred(op, place, made) for place, op in made.items()})
    for place in ordered:
        for key in _taken_out(made[place], ordered[ordered.index(place) + 1 :]):
            created[place].late.append((key, key.reverse()))
    return [created[place] for place in ordered]


def _children_first(dropped: dict[Place, Proposal]) -> list[Proposal]:
    """Tables before those that they refer to; in a ring the foreign keys that lead back are dropped first of all."""
    gone = {place: next(op for op in each.down if isinstance(op, ops.CreateTableOp)) for place, each in dropped.items()}
    ordered = _ordered(dropped, {place: _referred(op, place, gone) for place, op in gone.items()})
    for place in ordered:
        for key in _taken_out(gone[place], ordered[ordered.index(place) + 1 :]):
            dropped[place].early.append((key.reverse(), key))
    return [dropped[place] for place in reversed(ordered)]


def _keys(op: Any) -> list[ForeignKeyConstraint]:
    return [each for each in op.columns if isinstance(each, ForeignKeyConstraint)]


def _target(key: ForeignKeyConstraint) -> str:
    return str(key.elements[0].target_fullname).rpartition(".")[0]


def _referred(op: Any, place: Place, others: Iterable[Place]) -> set[Place]:
    names = {_target(each) for each in _keys(op)}
    return {other for other in others if other != place and ".".join(filter(None, other)) in names}


def _ordered(places: Iterable[Place], needs: dict[Place, set[Place]]) -> list[Place]:
    """Each after what it needs, as far as there is no ring; else as they come."""
    ordered: list[Place] = []

    def visit(place: Place, above: tuple[Place, ...]) -> None:
        if place in ordered or place in above:
            return
        for each in sorted(needs[place], key=str):
            visit(each, (*above, place))
        ordered.append(place)

    for place in places:
        visit(place, ())
    return ordered


def _taken_out(op: Any, later: list[Place]) -> list[Any]:
    """The foreign keys of a CREATE TABLE that lead to one of these, no longer in it, as operations of their own."""
    names = {".".join(filter(None, each)) for each in later}
    out = [each for each in _keys(op) if _target(each) in names]
    told = [ops.CreateForeignKeyOp.from_constraint(each) for each in out]
    op.columns = [each for each in op.columns if not any(each is other for other in out)]
    return told


def _number(found: list[Proposal]) -> None:
    seen: dict[str, int] = {}
    for each in found:
        if each.is_rest:
            continue
        seen[each.key] = seen.get(each.key, 0) + 1
        if seen[each.key] > 1:
            each.key = f"{each.key} ({seen[each.key]})"


def column_of(op: Any) -> Column[Any] | None:
    """The column that an operation adds, or that its way back does."""
    return op.column if isinstance(op, ops.AddColumnOp) else None

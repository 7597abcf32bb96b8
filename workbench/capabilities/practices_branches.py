"""The check of branches: whether one takes away what another needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.capabilities.operating import QUIET, Name, columns_of, folded, operations_of, table_of
from workbench.capabilities.practice import Look, named, practice
from workbench.results import Evidence, Finding, Operation, Step
from workbench.text import one_line

_TAKES = {"drop_table", "drop_column", "rename_table"}


@practice("branches-conflict")
def branches_conflict(look: Look) -> Iterator[Finding]:
    """One branch drops or renames a table or a column that a revision of another branch needs.

    **Why.** Each works where it was written; together they fail in one of the two orders, and a merge does not say in
    which one they run.

    **Example.** One branch drops `customer.phone`, the other makes an index on it.

    **What to do.** Let the branch that drops follow the other one, without what needs the thing.
    """
    heads = [each for each in look.graph.heads if each in look.graph.parents]
    if len(heads) < 2:  # noqa: PLR2004 - a conflict has two sides
        return
    nodes = {node.file.revision: node for node in look.graph.nodes if not node.fault}
    reach = {head: look.graph.ancestors([head]) for head in heads}
    steps: dict[str, Step] = {}
    for step in look.asks.all_steps():
        steps.setdefault(step.revision, step)
    told: set[tuple[str, str, str]] = set()
    for one in heads:
        for other in heads:
            if one == other:
                continue
            mine = [steps[each] for each in nodes if each in reach[one] - reach[other] and each in steps]
            theirs = [steps[each] for each in nodes if each in reach[other] - reach[one] and each in steps]
            for taking, taken in _taken(look, mine):
                for needing, operation in _needing(look, theirs, taken):
                    first, second = sorted((taking.revision, needing.revision))
                    pair = (first, second, taken.shown)
                    if pair in told:
                        continue
                    told.add(pair)
                    yield look.at(
                        "branches-conflict",
                        nodes[taking.revision],
                        "error",
                        f"{named(nodes[taking.revision])} {taken.does} {one_line(taken.shown)}, and "
                        f"{named(nodes[needing.revision])} on another branch needs it ({operation.kind}).",
                        "Let the branch that drops it follow the other one, without what needs it; then merge: "
                        "one of the two orders fails.",
                        outcome="fails",
                        line=taken.line,
                        evidence=Evidence("", sample=((needing.revision, operation.kind, operation.qualified),)),
                    )


@dataclass(frozen=True)
class _Taken:
    """What a revision takes away."""

    does: str
    table: Name
    column: str
    """Folded; empty for the table."""
    shown: str
    line: int


def _taken(look: Look, steps: Iterable[Step]) -> Iterator[tuple[Step, _Taken]]:
    """What these revisions take away of what was there before them."""
    made: set[tuple[Name, str]] = set()
    for step in _in_order(look, steps):
        for op in operations_of(look, step):
            if op.kind == "create_table":
                made.add((table_of(op), ""))
            elif op.kind == "add_column" and op.column is not None:
                made.add((table_of(op), op.column.name.casefold()))
            is_renamed = op.kind == "alter_column" and op.new_name not in {"", op.name}
            if not is_renamed and op.kind not in _TAKES:
                continue
            column = "" if op.kind in {"drop_table", "rename_table"} else op.name
            key = (table_of(op), column.casefold())
            if key in made or (table_of(op), "") in made or op.conditional:
                continue
            does = "renames" if op.new_name else "drops"
            shown = ".".join(each for each in (op.schema, op.table, column) if each)
            yield (
                step,
                _Taken(does, table_of(op), column.casefold(), f"{'column' if column else 'table'} {shown}", op.line),
            )


def _needing(look: Look, steps: Iterable[Step], taken: _Taken) -> Iterator[tuple[Step, Operation]]:
    """The operations of these revisions that need it."""
    for step in _in_order(look, steps):
        yield from ((step, op) for op in operations_of(look, step) if _needs(op, taken))


def _in_order(look: Look, steps: Iterable[Step]) -> list[Step]:
    places = {node.file.revision: place for place, node in enumerate(reversed(look.graph.nodes))}
    return sorted(steps, key=lambda step: places.get(step.revision, 0))


def _needs(op: Operation, taken: _Taken) -> bool:
    if op.kind in QUIET - {"select"}:
        return False
    at = table_of(op) == taken.table
    refers = [
        (folded(each.schema, each.table), {name.casefold() for name in each.columns})
        for column in columns_of(op)
        for each in column.references
    ]
    refers += [
        (folded(each.referred_schema, each.referred_table), {name.casefold() for name in each.referred_columns})
        for each in (op, *op.parts)
        if each.referred_table
    ]
    if not taken.column:
        return (at and op.kind != "create_table") or any(table == taken.table for table, _ in refers)
    named_here = {each.casefold() for each in op.on}
    if op.kind in {"drop_column", "alter_column"}:
        named_here.add(op.name.casefold())
    return (at and taken.column in named_here) or any(
        table == taken.table and taken.column in columns for table, columns in refers
    )

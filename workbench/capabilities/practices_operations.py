"""The check of what a revision does: whether it is one thing."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.bridge.practice_values import ModelsTold
from workbench.capabilities.operating import QUIET, Name, columns_of, folded, operations_of, table_of
from workbench.capabilities.practice import Look, named, practice
from workbench.results import Evidence, Finding, Operation
from workbench.text import one_line

GROUPS = 7
"""Of tables that nothing joins, in one revision: more than any of the 62 revisions of optuna, JupyterHub, ihatemoney
and the sample has. The most is six, where ihatemoney began to keep the history of all its tables: one purpose."""
_SHOWN = 5


@practice("unrelated-operations")
def unrelated_operations(look: Look) -> Iterator[Finding]:
    """One revision changes tables in seven or more groups that no foreign key joins, in several ways.

    **Why.** It can only go up or down as a whole: what fails last keeps back what was urgent, and a review sees many
    things at once. Seven is one more than any revision has of the real histories that this was measured on. Nothing is
    said of a first revision, which makes everything, nor of one that does the same to many tables.

    **Example.** A column for `customer`, an index on `log`, a new table `voucher`, a type in `stock`, and so on

    **What to do.** Write one revision for each purpose, as long as nobody else has it.
    """
    nodes = {node.file.revision: node for node in look.nodes}
    steps = {each.revision: each for each in reversed(look.asks.steps()) if each.revision in nodes}
    joined: set[tuple[Name, Name]] | None = None
    for node in nodes.values():
        step = steps.get(node.file.revision)
        if step is None or node.is_base:
            continue
        operations = [each for each in operations_of(look, step) if each.table and each.kind not in QUIET]
        if len({table_of(each) for each in operations}) < GROUPS or _is_sweep(operations):
            continue
        joined = keys_of(look.asks.models()) if joined is None else joined
        groups = groups_of(operations, joined)
        if len(groups) >= GROUPS:
            yield look.at(
                "unrelated-operations",
                node,
                "info",
                f"{named(node)} changes tables in {len(groups)} groups that no foreign key joins: "
                f"{'; '.join(', '.join(one_line(each) for each in group[:_SHOWN]) for group in groups[:_SHOWN])}"
                f"{'; …' if len(groups) > _SHOWN else ''}.",
                "Write one revision for each purpose, as long as nobody else has it.",
                evidence=Evidence("", len(groups), sample=tuple((", ".join(each),) for each in groups)),
            )


def _is_sweep(operations: list[Operation]) -> bool:
    """One thing that is done to many tables: one kind of operation, or the same to a column of the same name."""
    kinds = {each.kind for each in operations}
    names = {each.column.name if each.column is not None else each.name for each in operations}
    return len(kinds) == 1 or len(names) == 1


def keys_of(told: ModelsTold) -> set[tuple[Name, Name]]:
    """Pairs of tables that a foreign key of the models joins."""
    return {(_of(one), _of(other)) for part in told.parts for one, other in part.keys}


def _of(full: str) -> Name:
    schema, _, table = full.rpartition(".")
    return folded(schema, table)


def groups_of(operations: list[Operation], keys: set[tuple[Name, Name]]) -> list[list[str]]:
    """The tables of these operations, together where a foreign key joins them; in the order of the operations."""
    shown = {table_of(each): ".".join(it for it in (each.schema, each.table) if it) for each in reversed(operations)}
    tables = list(dict.fromkeys(table_of(each) for each in operations))
    joined = set(keys)
    for op in operations:
        others = [(each.referred_schema, each.referred_table) for each in (op, *op.parts) if each.referred_table]
        others += [(each.schema, each.table) for column in columns_of(op) for each in column.references]
        if op.kind == "rename_table":
            others.append((op.schema, op.new_name))
        joined |= {(table_of(op), folded(*each)) for each in others}
    # Two that refer to the same third one belong together as well: a customer's address and a customer's orders.
    beside: dict[Name, set[Name]] = {}
    for one, other in joined:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    groups: list[list[Name]] = []
    for table in tables:
        near = {table} | beside.get(table, set())
        near |= {far for each in beside.get(table, set()) for far in beside.get(each, set())}
        touching = [group for group in groups if near & set(group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(each for group in touching for each in group), table])
    return [[shown[each] for each in group] for group in groups]

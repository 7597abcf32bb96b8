"""The check of names: whether the database can keep them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.bridge.practice_values import LIMITS, length
from workbench.capabilities.operating import columns_of, operations_of
from workbench.capabilities.practice import Look, named, practice
from workbench.environment.graph import Node
from workbench.results import Finding, Operation, Step
from workbench.text import one_line, plural


@practice("name-too-long")
def name_too_long(look: Look) -> Iterator[Finding]:
    """A name is longer than the database keeps: 63 bytes on PostgreSQL, 64 characters on MariaDB and MySQL.

    **Why.** PostgreSQL cuts the name of a table or column without an error, so that autogenerate proposes it for ever,
    and two names may become one; for an index or a constraint SQLAlchemy refuses. MariaDB and MySQL refuse (error
    1059). Names of a naming convention, `op.f(…)`, are shortened by SQLAlchemy itself, and are none of these.

    **Example.** `op.create_index("ix_customer_address_street_and_number_and_postcode_and_city_and_country", …)`

    **What to do.** Write a shorter one, in the model and in the revision.
    """
    dialects = {each.name: each.dialect for each in look.databases}
    told: set[tuple[str, str]] = set()
    if any(look.pending.values()):
        nodes = {node.file.revision: node for node in look.nodes}
        for step in look.asks.steps():
            dialect = dialects.get(step.database, "")
            if step.revision not in look.pending.get(step.database, ()) or dialect not in LIMITS:
                continue
            node = nodes.get(step.revision)
            for op in () if node is None else operations_of(look, step):
                for kind, name in _new_names(op):
                    why = _refused(step, op, dialect, kind, name)
                    if node is not None and why and (step.revision, name) not in told:
                        told.add((step.revision, name))
                        yield _too_long(look, node, op, step.database, dialect, (kind, name, why))
    known = {name for _, name in told}
    for part in look.asks.models().parts:
        dialect = dialects.get(part.database, "")
        for each in part.too_long:
            if each.name not in known and dialect in LIMITS:
                why = "cut" if dialect == "postgresql" and each.kind in {"table", "column"} else "refused"
                message, remedy = _said(each.kind, each.name, dialect, why)
                yield Finding(
                    "name-too-long",
                    "warning",
                    "advice",
                    f"In the models: {message}",
                    remedy,
                    object=each.table if each.kind == "table" else f"{each.table}.{each.name}",
                    database=part.database,
                )


def _new_names(op: Operation) -> Iterator[tuple[str, str]]:
    """The names that an operation gives, with what they are names of."""
    if op.kind == "create_table":
        yield "table", op.table
    elif op.kind == "rename_table":
        yield "table", op.new_name
    elif op.kind == "create_index":
        yield "index", op.name
    elif op.kind.startswith("create_") and op.kind.endswith(("_constraint", "_key")):
        yield "constraint", op.name
    elif op.kind == "alter_column" and op.new_name:
        yield "column", op.new_name
    for column in op.columns if op.kind == "create_table" else columns_of(op) if op.kind == "add_column" else ():
        yield "column", column.name
    for part in op.parts:
        yield from _new_names(part)


def _refused(step: Step, op: Operation, dialect: str, kind: str, name: str) -> str:
    """What becomes of a name: `cut`, `refused`, or nothing."""
    if not name or length(name, dialect) <= LIMITS[dialect][0]:
        return ""
    if any(name in text for text in op.sql):  # of a naming convention it is shorter there
        return "cut" if dialect == "postgresql" else "refused"
    is_refused = not op.sql and kind in {"index", "constraint"} and "exceeds maximum length" in (step.why_not or "")
    return "refused" if is_refused else ""


def _said(kind: str, name: str, dialect: str, why: str) -> tuple[str, str]:
    limit, unit = LIMITS[dialect]
    size = plural(length(name, dialect), unit.removesuffix("s"))
    end = "PostgreSQL cuts it without an error." if why == "cut" else "it is refused."
    return (
        f"the name of {kind} {one_line(name)} has {size}, and the database keeps {limit}: {end}",
        "Write a shorter one, in the model and in the revision.",
    )


def _too_long(
    look: Look, node: Node, op: Operation, database: str, dialect: str, told: tuple[str, str, str]
) -> Finding:
    kind, name, why = told
    message, remedy = _said(kind, name, dialect, why)
    found = look.at(
        "name-too-long",
        node,
        "error" if why == "refused" else "warning",
        f"In {named(node)}: {message}",
        remedy,
        outcome="fails" if why == "refused" else "advice",
        line=op.line,
    )
    return replace(found, object=name if kind == "table" else f"{op.table}.{name}", database=database)

"""Writes the way back of what an author has written, and that in full where the database needs more than it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import render
from alembic.operations import ops

from workbench.bridge import comparison
from workbench.bridge.authoring import deciding, hearing, undoing
from workbench.bridge.authoring.operations import CodeOp
from workbench.bridge.authoring.proposing import Proposal
from workbench.bridge.environments import Part
from workbench.bridge.values import Code, Decided, Kept, Unseen
from workbench.results.definitions import dotted


@dataclass(frozen=True)
class WayBack:
    """Lines for a revision, in both directions."""

    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...] | None
    """None where nobody can know it: of SQL, of rows, of an operation without `reverse()`."""
    imports: tuple[str, ...] = ()


def way_back(part: Part, before: Iterable[Code], code: Code, kept: Iterable[Kept], *, in_full: bool) -> WayBack:
    """What takes `code` back.

    Args:
        part: The database, whose live schema tells what is dropped or changed.
        before: What was written before it; nothing of that has run.
        code: Calls of `op`, which are not carried out.
        kept: What a batch of SQLite would lose.
        in_full: Write the upgrade anew, too: in a batch where SQLite needs it, with what MySQL has to be told.

    Raises:
        UnsupportedRequest: It is no operation, or what it drops or changes is not there.

    """
    known = undoing.Before(part.context)
    for each in before:
        known.made += hearing.flat(hearing.operations("\n".join(each.upgrade), each.imports, part.context))
    found: list[Proposal] = []
    is_known = True
    for op in hearing.flat(hearing.operations("\n".join(code.upgrade), code.imports, part.context)):
        told = undoing.undone(op, known)
        known.made.append(op)
        is_known = is_known and told.down is not None
        found.append(_proposal(op, told.up, told.down or []))
    decided = Decided(unseen=Unseen(kept=tuple(kept)))
    made = deciding.decided(found, decided, part.name, part.context)
    writer = comparison.Writer(part.context, None)
    up = _lines(made.up, writer) if in_full and is_known else code.upgrade
    down = _lines(made.down, writer) if is_known else None
    return WayBack(up, down, tuple(sorted({*code.imports, *writer.autogen.imports})))


def _proposal(op: Any, up: list[Any], down: list[Any]) -> Proposal:
    schema, table = getattr(op, "schema", None), str(getattr(op, "table_name", None) or "")
    if isinstance(op, ops.CreateForeignKeyOp):
        schema, table = op.kw.get("source_schema"), op.source_table
    whole = isinstance(op, (ops.CreateTableOp, ops.DropTableOp, ops.RenameTableOp)) or not table
    kind = "by hand"
    if isinstance(op, ops.DropColumnOp):
        kind = f"remove_column {dotted(schema, table, op.column_name)}"  # its values need something in their place
    return Proposal(kind, kind, schema, table, list(up), list(down), is_whole=whole, wanted=True)


def _lines(operations: Iterable[Any], writer: comparison.Writer) -> tuple[str, ...]:
    lines: list[str] = []
    for op in operations:
        if isinstance(op, CodeOp):
            lines += render.render_op(writer.autogen, op)  # Mako would read a colon at its end
        else:
            lines += writer.code(None, op).split("\n")
    return tuple(lines)

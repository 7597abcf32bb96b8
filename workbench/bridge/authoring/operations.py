"""The operations that autogenerate does not have: renames that can go back, lines of code, a batch for one."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import render
from alembic.operations import ops

from workbench.bridge.values import Code


class RenameTable(ops.RenameTableOp):
    """A `rename_table` that knows its way back: Alembic's own has neither `reverse()` nor a renderer."""

    def reverse(self) -> RenameTable:
        """The same, back."""
        return RenameTable(self.new_table_name, self.table_name, schema=self.schema)


class RenameColumn(ops.AlterColumnOp):
    """An `alter_column` with a new name only; Alembic's `reverse()` forgets it."""

    def reverse(self) -> RenameColumn:
        """The same, back."""
        return RenameColumn(
            self.table_name,
            str(self.modify_name),
            schema=self.schema,
            modify_name=self.column_name,
            existing_type=self.existing_type,
            existing_nullable=self.existing_nullable,
            existing_server_default=self.existing_server_default,
            existing_comment=self.existing_comment,
            **self.kw,
        )


class CodeOp(ops.MigrateOperation):
    """Lines of code, and those of the way back."""

    def __init__(self, code: Code, *, back: bool = False) -> None:
        self.code = code
        self.back = back

    def reverse(self) -> CodeOp:
        """The other lines."""
        return CodeOp(self.code, back=not self.back)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """As Alembic's have it."""
        return ("code", self.code.key)


class BatchOps(ops.ModifyTableOps):
    """Operations on one table that SQLite can only do by a copy of it, whatever `render_as_batch` says."""

    def reverse(self) -> BatchOps:
        """The same, back."""
        return BatchOps(self.table_name, [each.reverse() for each in reversed(self.ops)], schema=self.schema)


@render.renderers.dispatch_for(RenameTable)
def _rename_table(autogen: Any, op: RenameTable) -> str:
    schema = f", schema={op.schema!r}" if op.schema else ""
    return f"{_prefix(autogen)}rename_table({op.table_name!r}, {op.new_table_name!r}{schema})"


@render.renderers.dispatch_for(CodeOp)
def _code(autogen: Any, op: CodeOp) -> list[str]:
    lines = op.code.downgrade if op.back else op.code.upgrade
    if lines:
        autogen.imports.update(op.code.imports)
    return list(lines)


@render.renderers.dispatch_for(BatchOps)
def _batch(autogen: Any, op: BatchOps) -> list[str]:
    schema = f", schema={op.schema!r}" if op.schema else ""
    with autogen._within_batch():
        lines = [line for each in op.ops for line in render.render_op(autogen, each)]
    # An empty line ends the block for Mako's printer, which takes indentation from the colon.
    return [f"with {_prefix(autogen)}batch_alter_table({op.table_name!r}{schema}) as batch_op:", *lines, ""]


def _prefix(autogen: Any) -> str:
    return str(autogen.opts["alembic_module_prefix"] or "")

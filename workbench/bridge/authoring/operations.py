"""The operations that autogenerate does not have: renames that can go back, lines of code, a batch for one."""

from __future__ import annotations

from typing import Any, cast

from alembic.autogenerate import render
from alembic.operations import ops

from workbench.bridge.quoting import quote_of, text_code
from workbench.bridge.values import Code, Kept

CONVENTION = {"fk": "fk_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
"""What a batch of SQLite is told to call the constraints that it finds without a name."""


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


class AddCheck(ops.CreateCheckConstraintOp):
    """A CHECK by its text; Alembic's own way back does not know the condition."""

    def reverse(self) -> DropCheck:
        """The same, dropped."""
        return DropCheck(self.constraint_name, self.table_name, str(self.condition), self.schema)


class DropCheck(ops.DropConstraintOp):
    """A CHECK that goes, with its text; without a name (on SQLite) a batch merely does not copy it."""

    def __init__(self, name: Any, table: str, condition: str, schema: str | None) -> None:
        super().__init__(name, table, type_="check", schema=schema)
        self.condition = condition

    def reverse(self) -> AddCheck:
        """The same, made again."""
        return AddCheck(self.constraint_name, self.table_name, self.condition, schema=self.schema)


class AlterUsing(ops.AlterColumnOp):
    """An `alter_column` to or from an enum of PostgreSQL, which has to be told how to come by the values."""


class BatchOps(ops.ModifyTableOps):
    """Operations on one table that SQLite can only do by a copy of it, whatever `render_as_batch` says."""

    def __init__(self, table_name: str, ops: Any, *, schema: str | None = None, kept: Kept | None = None) -> None:
        super().__init__(table_name, ops, schema=schema)
        self.kept = kept or Kept(table_name)
        """With what a batch loses by itself: its `checks` are those that the copy is to have."""

    def reverse(self) -> BatchOps:
        """The same, back."""
        return BatchOps(
            self.table_name, [each.reverse() for each in reversed(self.ops)], schema=self.schema, kept=self.kept
        )


@render.renderers.dispatch_for(RenameTable)
def _rename_table(autogen: Any, op: RenameTable) -> str:
    return f"{_prefix(autogen)}rename_table({op.table_name!r}, {op.new_table_name!r}{_schema(op)})"


@render.renderers.dispatch_for(RenameColumn)
def _rename_column(autogen: Any, op: RenameColumn) -> str:
    text = str(render.renderers.dispatch(ops.AlterColumnOp)(autogen, op))
    # Old versions of Alembic leave the new name out.
    return text if "new_column_name=" in text else f"{text[:-1]},\n           new_column_name={str(op.modify_name)!r})"


@render.renderers.dispatch_for(CodeOp)
def _code(autogen: Any, op: CodeOp) -> list[str]:
    lines = op.code.downgrade if op.back else op.code.upgrade
    if lines:
        autogen.imports.update(op.code.imports)
    return list(lines)


@render.renderers.dispatch_for(AddCheck)
def _add_check(autogen: Any, op: AddCheck) -> list[str]:
    if autogen._has_batch and not op.constraint_name:
        return []  # the batch itself has it
    table, schema = ("", "") if autogen._has_batch else (f"{op.table_name!r}, ", _schema(op))
    text = f"sa.text({text_code(str(op.condition))})" if ":" in str(op.condition) else repr(str(op.condition))
    return [f"{_prefix(autogen)}create_check_constraint({_name(autogen, op)}, {table}{text}{schema})"]


@render.renderers.dispatch_for(DropCheck)
def _drop_check(autogen: Any, op: DropCheck) -> list[str]:
    if not op.constraint_name:
        return []
    table, schema = ("", "") if autogen._has_batch else (f"{op.table_name!r}, ", _schema(op))
    return [f"{_prefix(autogen)}drop_constraint({_name(autogen, op)}, {table}type_='check'{schema})"]


@render.renderers.dispatch_for(AlterUsing)
def _alter_using(autogen: Any, op: AlterUsing) -> str:
    text = str(render.renderers.dispatch(ops.AlterColumnOp)(autogen, op))
    dialect = autogen.migration_context.dialect
    type_ = cast("Any", op.modify_type).compile(dialect=dialect)
    name = quote_of(dialect)(op.column_name)
    return f"{text[:-1]},\n           postgresql_using={f'{name}::text::{type_}'!r})"


@render.renderers.dispatch_for(BatchOps)
def _batch(autogen: Any, op: BatchOps) -> list[str]:
    kept = op.kept
    with autogen._within_batch():
        lines = [line for each in op.ops for line in render.render_op(autogen, each)]
    arguments = "" if lines else ", recreate='always'"
    if kept.checks:
        sa = autogen.opts["sqlalchemy_module_prefix"] or ""
        checks = "".join(f"{sa}CheckConstraint({text_code(each)}), " for each in kept.checks)
        arguments += f", table_args=({checks.rstrip()})"
    if any(getattr(each, "was_unnamed", False) for each in op.ops):
        arguments += f", naming_convention={CONVENTION!r}"
    if kept.counts_on:
        arguments += ", table_kwargs={'sqlite_autoincrement': True}"
    return [
        *(f"{_prefix(autogen)}execute({text_code(each)})" for each in kept.before),
        # An empty line ends the block for Mako's printer, which takes indentation from the colon.
        f"with {_prefix(autogen)}batch_alter_table({op.table_name!r}{_schema(op)}{arguments}) as batch_op:",
        *(lines or ["pass"]),
        "",
        *(f"{_prefix(autogen)}execute({text_code(sql)})" for each in kept.after for sql in each.sql),
    ]


def _name(autogen: Any, op: Any) -> str:
    return f"{_prefix(autogen)}f({str(op.constraint_name)!r})" if op.constraint_name else "None"


def _schema(op: Any) -> str:
    return f", schema={op.schema!r}" if op.schema else ""


def _prefix(autogen: Any) -> str:
    return "batch_op." if autogen._has_batch else str(autogen.opts["alembic_module_prefix"] or "")

"""The safer ways of SQLite: in a batch, and with what a batch loses made again."""

from __future__ import annotations

from workbench.hazards.rewrites import batch, constraint, execute, name_of, table_of, text
from workbench.hazards.situation import Situation
from workbench.results.objects import Index
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_TYPES = {"create_unique_constraint": "unique", "create_foreign_key": "foreignkey", "create_check_constraint": "check"}


def in_batch(op: Operation, now: Situation) -> Rewrite | None:
    """The same operation in a batch, where that is a line."""
    if op.source != "operation" or op.batch or op.schema:
        return None
    name, back = name_of(op) if op.name else "None", ""
    if op.kind in _TYPES and op.name:
        back = f"batch_op.drop_constraint({name}, type_={_TYPES[op.kind]!r})"
    if op.kind == "create_unique_constraint":
        line = f"create_unique_constraint({name}, {list(op.on)!r})"
    elif op.kind == "create_foreign_key":
        deletes = f", ondelete={op.on_delete!r}" if op.on_delete else ""
        over = f"{list(op.on)!r}, {list(op.referred_columns)!r}"
        line = f"create_foreign_key({name}, {op.referred_table!r}, {over}{deletes})"
    elif op.kind == "create_check_constraint":
        line = f"create_check_constraint({name}, {text(op.expression)})"
    elif op.kind == "drop_constraint" and op.name:
        line, table = f"drop_constraint({name}, type_={op.constraint_type or None!r})", now.of(op)
        live = next((each for each in (table.constraints if table is not None else ()) if each.name == op.name), None)
        back = constraint(live, op.table, None, in_batch=True) if live is not None else ""
    elif op.kind == "alter_column" and op.sets == ("nullable",) and op.column is not None:
        line = f"alter_column({op.name!r}, nullable={op.column.nullable})"
        back = f"batch_op.alter_column({op.name!r}, nullable={not op.column.nullable})"
    else:
        return None
    return Rewrite(batch(op.table, f"batch_op.{line}"), batch(op.table, back) if back else None)


def dropped_in_batch(op: Operation) -> Rewrite | None:
    """A column dropped in a batch."""
    if op.source != "operation" or op.batch or op.schema:
        return None
    return Rewrite(batch(op.table, f"batch_op.drop_column({op.name!r})"))


def without_index(op: Operation, index: Index) -> Rewrite | None:
    """The operation after an index is dropped, which is made again on the way back."""
    if op.source != "operation" or op.schema:
        return None
    return Rewrite(f"op.drop_index({index.name!r}, {op.table!r})", "", around=True,
                   downgrade_after=execute(index.definition))  # fmt: skip


def filled_afterwards(op: Operation) -> Rewrite | None:
    """A column that is added without its default, filled, and given it in a batch."""
    spec = op.column
    if spec is None or spec.default is None or op.source != "operation" or op.batch or op.schema or not spec.type:
        return None
    table, name = table_of("", op.table, "sqlite"), table_of("", spec.name, "sqlite")
    lines = [
        execute(f"ALTER TABLE {table} ADD COLUMN {name} {spec.type}"),
        execute(f"UPDATE {table} SET {name} = {spec.default}"),  # noqa: S608 - code to show
        batch(
            op.table,
            f"batch_op.alter_column({spec.name!r}, server_default={text(spec.default)}, "
            f"nullable={spec.nullable is not False})",
        ),
    ]
    return Rewrite("\n".join(lines), batch(op.table, f"batch_op.drop_column({spec.name!r})"))

"""Rules about code that runs while the migration does: names that go, defaults and values that change."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards.rewrites import execute, schema_of, table_of
from workbench.hazards.rewrites_rename import both_columns
from workbench.hazards.rule import PG, StepView, Suspicion, found, rule, step_rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite


@rule("rename-column", "L40", on=("alter_column",))
def rename_column(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets another name: code that runs still asks for the old one.

    **Why.** An ORM lists every mapped column in each SELECT and INSERT, so the old code fails from the moment of the
    rename until it is replaced. Views follow the rename on PostgreSQL and SQLite; on MariaDB they break (1356, run).

    **Example.** `op.alter_column("customer", "phone_no", new_column_name="phone")`

    **What to do.** Add the new column, write both, fill it in batches, let the code read it, and drop the old one in a
    later revision. Where the code can be stopped for the migration, rename.
    """
    if not op.new_name or now.is_new_column(op.schema, op.table, op.name):
        return
    yield found(
        "rename-column",
        op,
        "error",
        "breaks-code",
        f"{op.qualified} becomes {op.new_name}: code that runs still asks for the old name.",
        "Add the new column beside it, write both, and drop the old one in a later revision; or stop the code.",
        rewrite=both_columns(op, now),
    )


@step_rule("rename-table", "L41")
def rename_table(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A table gets another name: code that runs still asks for the old one.

    **Why.** Every statement of the old code fails until it is replaced. PostgreSQL keeps the old names of sequences,
    indexes and constraints.

    **Example.** `op.rename_table("order", "orders")`

    **What to do.** In the same revision make a view of the old name: PostgreSQL, MariaDB can also write through it;
    on SQLite it can only be read. Drop the view in a later revision.
    """
    views = {each.name.casefold() for each in step.operations if each.kind == "create_view"}
    made: set[tuple[str, str]] = set()
    for op in step.operations:
        if op.kind == "create_table":
            made.add((op.schema, op.table))
        if op.kind not in {"rename_table", "rename_schema"} or now.is_new(op.schema, op.table):
            continue
        if (op.schema, op.table) in made:
            made.add((op.schema, op.new_name))
            continue
        if op.table.startswith("_alembic_tmp_"):
            continue
        old = op.table or op.name
        has_view = old.casefold() in views
        yield found(
            "rename-table",
            op,
            "info" if has_view else "error",
            "advice" if has_view else "breaks-code",
            f"{op.qualified} becomes {op.new_name}"
            + ("; a view keeps the old name." if has_view else ": code that runs still asks for the old name."),
            "" if has_view else f"Make a view {old} of {op.new_name} in the same revision; drop it in a later one.",
            rewrite=None if has_view or op.kind == "rename_schema" else _with_view(op, now),
        )


def _with_view(op: Operation, now: Situation) -> Rewrite:
    old, new = (table_of(op.schema, each, now.dialect) for each in (op.table, op.new_name))
    made = execute(f"CREATE VIEW {old} AS SELECT * FROM {new}")  # noqa: S608 - code to show
    dropped, where = execute(f"DROP VIEW {old}"), schema_of(op.schema)
    return Rewrite(
        f"op.rename_table({op.table!r}, {op.new_name!r}{where})\n{made}",
        f"{dropped}\nop.rename_table({op.new_name!r}, {op.table!r}{where})",
        later=(Rewrite(dropped, made),),
    )


@rule("rename-enum-value", "L42", dialects=PG, on=("rename_enum_value",))
def rename_enum_value(op: Operation, now: Situation) -> Iterator[Suspicion]:  # noqa: ARG001 - one signature for all
    """A label of an enum gets another name: code that runs still sends the old one.

    **Why.** PostgreSQL refuses a label that it does not know (22P02); no table is locked, so it takes effect at once.

    **Example.** `op.execute("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'")`

    **What to do.** Add the new label, let the code accept both, rewrite the rows, and stop using the old one.
    """
    label = op.labels[0] if op.labels else "?"
    yield found(
        "rename-enum-value",
        op,
        "error",
        "breaks-code",
        f"The label {label!r} of {op.name} becomes {op.new_name!r}: code that runs still sends the old one.",
        "Add the new label beside it, accept both, and rewrite the rows.",
    )


@rule("default-change", "L43", on=("alter_column",))
def default_change(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets another server default, or none.

    **Why.** Rows stay as they are; code that leaves the column out gets another value, and where it is NOT NULL and
    the default goes, its INSERTs fail (run on all three).

    **Example.** `op.alter_column("orders", "status", server_default=None)`

    **What to do.** Drop a default only after everything that writes sends the value itself.
    """
    if "server_default" not in op.sets or op.column is None:
        return
    if op.existing_given and op.source == "sql":  # MODIFY says the default anew each time
        return
    live = now.live_column(op.schema, op.table, op.name)
    if live is None and now.knows_data:
        return
    before = live.default if live is not None else (op.existing.default if op.existing else None)
    goes = op.column.default is None
    if goes and live is not None and live.default is None:
        return
    required = goes and live is not None and not live.nullable
    yield found(
        "default-change",
        op,
        "warning" if required else "info",
        "breaks-code" if required else "advice",
        f"{op.qualified} loses its default {before}" + ("; INSERTs that leave it out will fail." if required else ".")
        if goes
        else f"The default of {op.qualified} becomes {op.column.default}; rows that are there keep what they have.",
        "Let everything that writes send the value itself first." if goes else "",
    )


@rule("drop-not-null", "L44", on=("alter_column",))
def drop_not_null(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column may be NULL from now on.

    **Why.** Code that reads may meet a NULL that it never expected. It is cheap on PostgreSQL; MariaDB and MySQL
    rebuild the table in place; SQLite copies it.

    **Example.** `op.alter_column("customer", "email", nullable=True)`

    **What to do.** See that the code that reads it can do with NULL.
    """
    if op.column is None or "nullable" not in op.sets or op.column.nullable is not True:
        return
    live = now.live_column(op.schema, op.table, op.name)
    if live is None or live.nullable:
        return
    yield found(
        "drop-not-null",
        op,
        "info",
        "advice",
        f"{op.qualified} may be NULL from now on; code that reads it may not expect that.",
    )

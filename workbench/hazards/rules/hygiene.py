"""Rules about how a revision is written: what cannot be undone, named or understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards.rule import StepView, Suspicion, found, rule, step_rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation
from workbench.text import one_line

_CONSTRAINTS = ("create_unique_constraint", "create_foreign_key", "create_check_constraint")
_HARMLESS = {
    "select", "transaction", "set", "pragma", "grant", "comment", "autocommit", "autocommit_end",
    "create_table_comment", "drop_table_comment",
}  # fmt: skip


@step_rule("irreversible-downgrade", "L57")
def irreversible_downgrade(step: StepView, now: Situation) -> Iterator[Suspicion]:  # noqa: ARG001 - one signature for all
    """The downgrade does nothing, or raises, though the upgrade does something.

    **Why.** The way back is tried on the day when it is needed most.

    **Example.** `def downgrade(): pass`

    **What to do.** Write the inverse, and rehearse it: `wb.rehearse(plan)` goes there, back and there again.
    """
    does = [each for each in step.operations if each.kind not in _HARMLESS]
    if not does or step.downgrade not in {"pass", "raise"}:
        return
    what = "does nothing" if step.downgrade == "pass" else "raises"
    yield found(
        "irreversible-downgrade",
        does[0],
        "info",
        "advice",
        f"The downgrade of {step.revision} {what}.",
        "Write the inverse of its upgrade, and rehearse it: wb.rehearse(plan).",
        object=step.revision,
    )


@rule("unnamed-constraint", "L58", on=("drop_constraint", *_CONSTRAINTS), on_new_tables=True)
def unnamed_constraint(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A constraint has no name, and the models have no naming convention.

    **Why.** The database makes a name up, another one on each server; a later revision cannot drop it by name.
    `op.drop_constraint(None, …)` always fails (CompileError, run).

    **Example.** `op.create_unique_constraint(None, "customer", ["email"])`

    **What to do.** Give it a name, or the MetaData a `naming_convention`.
    """
    if op.name or op.source == "sql":
        return
    if op.kind == "drop_constraint":
        if op.constraint_type in {"primary", "primary key"} and now.is_mysql:
            return
        yield found(
            "unnamed-constraint",
            op,
            "error",
            "fails",
            f"A constraint of {op.table} is dropped without its name: that always fails.",
            "Name it; wb.schema().table(…).constraints has the names.",
        )
    elif not now.facts.named_constraints:
        yield found(
            "unnamed-constraint",
            op,
            "warning",
            "advice",
            f"A constraint of {op.table} has no name; each database will make one up.",
            "Name it, or give the MetaData a naming_convention.",
        )


@step_rule("raw-sql-not-analysed", "L59", on_downgrades=True)
def raw_sql_not_analysed(step: StepView, now: Situation) -> Iterator[Suspicion]:  # noqa: ARG001 - as above
    """Something of the revision could not be understood, so no rule has looked at it.

    **Why.** SQL that is made while it runs (`DO`, `PREPARE`), functions of one's own, and steps that need the rows
    of the database before they know what to do, cannot be judged by reading them.

    **Example.** `op.execute("DO $$ BEGIN … END $$")`

    **What to do.** Read it yourself, or rehearse it: `wb.rehearse(plan)` really runs it on a copy.
    """
    if step.blind and any(each.kind == "sql" and not each.sql for each in step.operations):
        marks = [each for each in step.operations if each.kind == "sql" and not each.sql]
        line = re.search(r"\(line (\d+)\)", step.blind)
        at = replace(marks[0], line=int(line.group(1)) if line else 0)
        yield found(
            "raw-sql-not-analysed",
            at,
            "warning",
            "unknown",
            f"{step.revision} cannot be looked at as a whole: {step.blind.rstrip('.')}. What follows is not known.",
            "Rehearse it: wb.rehearse(plan) runs it on a copy.",
            object=step.revision,
        )
    for op in step.operations:
        if op.kind == "sql" and op.sql:
            words = one_line(op.sql[0])
            short = words if len(words) <= 60 else words[:59] + "…"  # noqa: PLR2004 - a line's worth
            yield found(
                "raw-sql-not-analysed",
                op,
                "warning",
                "unknown",
                f"This SQL is not understood, so nothing has looked at what it does: {short}",
                "Read it yourself, or rehearse it: wb.rehearse(plan).",
                object=step.revision,
            )


@rule(
    "option-ignored-by-dialect",
    "L60",
    on=("create_index", "drop_index", "create_table", "add_column", "alter_column", "create_foreign_key",
        "create_check_constraint", "create_unique_constraint"),
    on_new_tables=True,
)  # fmt: skip
def option_ignored(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """An option is meant for another database than this one, and is ignored here without a word.

    **Why.** `postgresql_concurrently=True` on MariaDB or SQLite does nothing (run); a revision for several databases
    has such options on purpose.

    **Example.** `op.create_index("ix", "t", ["a"], postgresql_concurrently=True)` on SQLite

    **What to do.** Nothing, where the revision is written for several databases.
    """
    own = {"mariadb": ("mariadb_", "mysql_"), "mysql": ("mysql_", "mariadb_")}.get(now.dialect, (f"{now.dialect}_",))
    said = {name.partition("_")[2] for name, _ in op.options if name.startswith(own)}
    others = [
        name
        for name, _ in op.options
        if name != "using_index" and not name.startswith(own) and name.partition("_")[2] not in said
    ]
    if others:
        yield found(
            "option-ignored-by-dialect",
            op,
            "info",
            "advice",
            f"{', '.join(others)} {'mean' if others[1:] else 'means'} nothing on {now.dialect}.",
        )

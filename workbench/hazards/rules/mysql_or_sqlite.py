"""Rules of MariaDB, MySQL and SQLite alike: DDL that stays when what follows fails, foreign keys nobody checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards import questions_rows
from workbench.hazards.mysql_algorithms import keys_unchecked
from workbench.hazards.rule import StepView, Suspicion, asking, found, rule, step_rule
from workbench.hazards.rules.data_foreign_keys import all_new_and_null
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation
from workbench.text import plural

_HERE = ("mysql", "mariadb", "sqlite")
_DML = {"insert", "update", "delete", "bulk_insert"}
_NEITHER = {"select", "set", "pragma", "transaction", "autocommit", "autocommit_end", "sql", "lock_table", "grant"}
_MAKES = {"create_table", "create_index", "create_view", "create_table_comment"}


@step_rule("non-transactional-ddl", "L46", dialects=_HERE)
def non_transactional_ddl(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A revision has several statements, and when one fails those before it stay.

    **Why.** MariaDB and MySQL commit before and after every DDL, with whatever rows were changed until then: the
    first statement stays, the second fails, the version is not written, and the next try stops at what is there
    already (1060, run). On SQLite Python's driver begins no transaction before DDL, so plain `alembic upgrade` leaves
    the same behind, and of a failed batch the table `_alembic_tmp_…`; what is applied here is rolled back as a whole.

    **Example.** `op.add_column("t", …)` and then `op.create_unique_constraint("uq_t_b", "t", ["b"])`

    **What to do.** One DDL a revision, and the rows in one of their own. Half of it in? `wb.check()` says which half.
    """
    if now.facts.transactional_ddl:
        return
    done = [each for each in step.operations if each.kind not in _NEITHER]
    ddl = [each for each in done if each.kind not in _DML]
    batches = {each.sql for each in ddl if each.recreates}
    # On SQLite a batch is rolled back where it is applied here, and wb.check() tells of what plain alembic has left.
    statements = sum(max(1, len(each.sql)) for each in ddl if not each.recreates)
    statements += len(batches) * (1 if now.dialect == "sqlite" else 2)
    first_rows = next((place for place, each in enumerate(done) if each.kind in _DML), len(done))
    rows_first = any(each.kind not in _DML for each in done[first_rows:])
    if not ddl or (statements < 2 and not rows_first):  # noqa: PLR2004 - the second can fail
        return
    made = {(each.schema, each.table) for each in ddl if each.kind == "create_table"}
    only_new = all(each.kind in _MAKES and (not each.table or (each.schema, each.table) in made) for each in ddl)
    if only_new and not rows_first and len(made) < 2:  # noqa: PLR2004 - a table and its indexes
        return
    is_sqlite = now.dialect == "sqlite"
    what = (
        "changes rows before its DDL, which commits them"
        if rows_first and not is_sqlite
        else f"has {plural(statements, 'statement')} of DDL"
        if not batches
        else f"copies {'a table' if len(batches) == 1 else plural(len(batches), 'table')}"
    )
    end = (
        "under plain alembic what was done stays if it fails halfway. Applied here, it is rolled back."
        if is_sqlite
        else "if it fails halfway, what was done before stays."
    )
    told = found(
        "non-transactional-ddl",
        ddl[0],
        "info" if is_sqlite or only_new else "warning",
        "advice",
        f"{step.revision} {what}; {end}",
        "Give each change a revision of its own.",
        object=step.revision,
    )
    certain = f"{step.revision} {what}, and one of them is certain to fail: what was done before it stays."
    yield told if is_sqlite else replace(told, if_later_fails=certain)


@rule("fk-not-enforced", "L50", dialects=_HERE, on=("create_foreign_key",))
def fk_not_enforced(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A foreign key is made while nobody checks foreign keys: rows without a parent stay, and nobody is told.

    **Why.** With `foreign_key_checks = 0` MariaDB and MySQL make it over orphans (run). SQLite checks only where
    `PRAGMA foreign_keys` is on, which it is not by itself; `PRAGMA foreign_key_check` lists them later.

    **Example.** `op.execute("SET foreign_key_checks = 0")` and then `op.create_foreign_key(…)`

    **What to do.** Correct or delete the orphans first; on MariaDB and MySQL leave the checks on, unless it is known
    that every row has its parent: then the key is made without a copy of the table.
    """
    if now.dialect == "sqlite":
        if now.setting("foreign_keys").lower() in {"1", "on", "true", "yes"} or not op.recreates:
            return
    elif not keys_unchecked(now):
        return
    if all_new_and_null(op, now):
        return
    name = f"The foreign key {op.name}" if op.name else f"The foreign key over {', '.join(op.on)}"
    suspicion = found(
        "fk-not-enforced",
        op,
        "warning",
        "breaks-code",
        f"{name} of {op.table} is made, and nobody checks whether every row has its parent.",
        f"Correct or delete the rows without a parent in {op.referred_table} first.",
    )
    table, place = now.of(op), (op.referred_schema, op.referred_table)
    parent, here = now.table(*place), questions_rows.live_columns(op, now, op.on)
    referred = op.referred_columns or (parent.primary_key if parent is not None else ())
    there = [now.live_column(*place, each) for each in referred]
    if table is None or parent is None or here is None or len(there) != len(here) or None in there:
        if not (table is not None and now.is_empty(op.schema, op.table)):
            yield questions_rows.undecided(suspicion, now, (op.schema, op.table), place)
        return
    told = asking(
        suspicion,
        questions_rows.orphans(
            table,
            [each.name for each in here],
            parent,
            [each.name for each in there if each is not None],
            now.dialect,
            "will break code",
        ),
        now,
        bad=f"{name} of {op.table} is made unchecked, and {{count}} lead to no row of {op.referred_table}.",
        columns=op.on,
    )
    yield replace(told, depends_on=told.depends_on or now.changed_by(*place, referred))

"""A rule of SQLite: what holds on to a column that is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.hazards.question import Question
from workbench.hazards.rewrites_sqlite import dropped_in_batch, without_index
from workbench.hazards.rule import SQLITE, Suspicion, asking, found, rule
from workbench.hazards.situation import Situation, condition_of
from workbench.hazards.sqlite_uses import Use, names_in, trigger_use, triggers, view_use
from workbench.results import Table
from workbench.results.objects import Constraint
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_NAME = "sqlite-drop-column-limits"
_DROPS = (3, 35)


@dataclass(frozen=True)
class _Need:
    what: str
    use: Use
    remedy: str
    rewrite: Rewrite | None = None
    question: Question | None = None
    """Which decides whether it is one."""


@rule(_NAME, "L54", dialects=SQLITE, on=("drop_column", "drop_index", "drop_view", "drop_trigger"))
def sqlite_drop_column_limits(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column is dropped that something else needs: SQLite refuses, or a trigger fails later.

    **Why.** SQLite refuses to drop a column that is a key, UNIQUE, indexed, or named by a CHECK of the table or of
    another column, by a foreign key of the table, a generated column, a view or a trigger. What a trigger's UPDATE
    sets or its INSERT fills it does not look at: every write that fires the trigger fails afterwards. In a batch an
    index on the column is made again, which fails (all run). Before 3.35 there is no DROP COLUMN.

    **Example.** `op.drop_column("t", "b")` with an index on b

    **What to do.** Drop the index, trigger or view first, and make it anew without the column; for constraints use a
    batch.
    """
    dropped: set[str] = now.memory.setdefault(_NAME, set())
    if op.kind != "drop_column":
        dropped.add(op.name.casefold())
        return
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if not op.recreates and now.facts.version and not now.at_least(*_DROPS):
        yield found(
            _NAME, op, "error", "fails",
            f"{op.qualified} is dropped, and SQLite before 3.35 cannot do that.",
            "Use a batch: with op.batch_alter_table(…).",
            rewrite=dropped_in_batch(op),
        )  # fmt: skip
        return
    if table is None or live is None:
        return
    found_ones = list(_needs(op, live.name, table, now, dropped))
    # What is certain says more than what has to be asked.
    for need in sorted(found_ones, key=lambda each: each.question is not None)[:1]:
        yield _told(need, op, now)


def _told(need: _Need, op: Operation, now: Situation) -> Suspicion:
    end = {"breaks": "; what fires it fails from then on", "perhaps": ", it seems"}.get(need.use, "")
    message = f"{op.qualified} is dropped, and {need.what}{end}."
    suspicion = found(
        _NAME,
        op,
        "warning" if need.use == "perhaps" or need.question is not None else "error",
        {"breaks": "breaks-code", "perhaps": "unknown"}.get(need.use, "fails"),  # type: ignore[arg-type]
        message,
        need.remedy,
        rewrite=need.rewrite,
    )
    return suspicion if need.question is None else asking(suspicion, need.question, now, bad=message)


def _needs(  # noqa: C901 - a table of cases
    op: Operation, column: str, table: Table, now: Situation, dropped: set[str]
) -> Iterator[_Need]:
    """What needs the column, the surest first."""
    name = column.casefold()
    for index in table.indexes:
        texts = (*index.expressions, index.where or "")
        if index.name.casefold() not in dropped and any(name in names_in(each) for each in texts):
            yield _Need(f"the index {index.name} is on it", "refuses", f"Drop {index.name} first.",
                        without_index(op, index))  # fmt: skip
    if op.recreates:
        return  # the copy is made without it; of views and triggers sqlite-batch-loses-objects tells
    for each in table.constraints:
        yield from _held_by(each, name, table, op)
    for other in table.columns:
        if other.generated and other.name.casefold() != name and name in names_in(other.generated):
            yield _Need(f"{other.name} is generated from it", "refuses", f"Drop {other.name} first.")
    if len(table.columns) == 1:
        yield _Need("it is the only column", "refuses", "Drop the table.")
    for view in now.views:
        use = view_use(view, table.name, column, now.views)
        if use and view.name.casefold() not in dropped:
            yield _Need(f"the view {view.name} shows it", use,
                        f"Drop the view {view.name} first, and make it anew without the column.")  # fmt: skip
    for trigger in triggers(now):
        use = trigger_use(trigger, table.name, column)
        if use and trigger.name.casefold() not in dropped:
            yield _Need(f"the trigger {trigger.name} uses it", use,
                        f"Drop the trigger {trigger.name} first, and make it anew without the column.")  # fmt: skip


def _held_by(each: Constraint, name: str, table: Table, op: Operation) -> Iterator[_Need]:
    columns = {told.casefold() for told in each.columns}
    if each.kind == "check":
        # A CHECK that stands beside the very column goes with it.
        if columns != {name} and name in names_in(condition_of(each.definition)):
            called = f"the CHECK {each.name}" if each.name else each.definition
            yield _Need(f"{called} names it", "refuses", "Drop the CHECK in a batch first.")
    elif name not in columns:
        return
    elif each.kind == "foreign key":
        # Beside its column it goes with it; behind all columns, as SQLAlchemy writes it, it is in the way.
        question = _behind_the_columns(table, name) if len(columns) == 1 else None
        called = f"the foreign key {each.name}" if each.name else each.definition
        yield _Need(f"{called} is on it", "refuses", "Drop it in a batch, which drops the key with it.",
                    dropped_in_batch(op), question)  # fmt: skip
    else:
        word = "part of the primary key" if each.kind == "primary key" else "UNIQUE"
        yield _Need(f"it is {word}", "refuses", "Drop it in a batch, with the constraint.")


def _behind_the_columns(table: Table, column: str) -> Question:
    text = "upper(sql)"
    for each in ("' '", "char(9)", "char(10)", "char(13)", "'\"'", "'`'", "'['", "']'"):
        text = f"replace({text}, {each}, '')"
    name = table.name.replace("'", "''")
    wanted = re.sub(r"[\s\"`\[\]]", "", column.upper()).replace("'", "''")
    bad = (
        f"SELECT name, sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower('{name}') "  # noqa: S608
        f"AND instr({text}, 'FOREIGNKEY({wanted})') > 0"
    )
    return Question("rows", ((table.schema or "", table.name),), bad, ("name", "sql"), "will fail")

"""Rules about what hangs on a table or a column: what refuses to let it go, and what is lost when it is made anew."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import pg_types
from workbench.hazards.late import sqlglot
from workbench.hazards.reading.names import SQLGLOT
from workbench.hazards.rewrites_pg import views_around
from workbench.hazards.rule import MYSQL, PG, StepView, Suspicion, found, rule, step_rule
from workbench.hazards.situation import Situation
from workbench.results import Table, View
from workbench.results.facts import Dependent
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_GONE = "dependent-object-blocks"
_DROPS = {
    "drop_view": ("view", "materialized view"), "drop_trigger": ("trigger",), "drop_constraint": ("foreign key",),
    "drop_column": ("generated column",),
}  # fmt: skip


@rule(
    "dependent-object-blocks",
    "L35",
    dialects=(*PG, *MYSQL),
    on=("drop_column", "drop_table", "alter_column", "rename_table", "drop_view", "drop_trigger", "drop_constraint",
        "create_view", "drop_type", "alter_table"),
    on_new_tables=True,
)  # fmt: skip
def dependent_object_blocks(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """Something else uses the column, table or view: PostgreSQL refuses, MariaDB and MySQL let it break.

    **Why.** PostgreSQL refuses DROP COLUMN and another type under a view, a trigger, a policy, a generated column or
    a function with a body of SQL; DROP TABLE under a foreign key or view; DROP TYPE while a column has it. MariaDB and
    MySQL allow it, and the view fails at its next use (1356). (Run.) What is written as text in a function's body
    nobody knows of.

    **Example.** `op.drop_column("customer", "email")` while a view shows it

    **What to do.** Drop the view first, change the table, and create the view again, in the same revision.
    """
    gone: set[tuple[str, str, str]] = now.memory.setdefault(_GONE, set())
    if not now.is_new(op.schema, op.table):
        if now.is_mysql:
            yield from _breaks(op, now, gone)
        elif op.kind == "drop_type":
            yield from _type_in_use(op, now)
        else:
            yield from _refused(op, now, gone)
    _remember(op, gone)


def _remember(op: Operation, gone: set[tuple[str, str, str]]) -> None:
    """Note what a pending operation takes away: it is in nobody's way afterwards."""
    kinds = _DROPS.get(op.kind, ())
    for kind in kinds:
        gone.add((kind, op.name, "" if "view" in kind else op.table))
    if op.kind == "drop_table":
        gone.add(("table", op.table, ""))
    elif op.kind == "alter_table" and op.expression.upper().startswith(("DROP FUNCTION", "DROP POLICY")):
        gone.add((op.expression.split()[1].lower(), "*", ""))  # which one is not told
    elif op.kind == "create_view":
        gone.difference_update({(kind, op.name, "") for kind in _DROPS["drop_view"]})


def _is_gone(each: Dependent, gone: set[tuple[str, str, str]]) -> bool:
    owner = "" if "view" in each.kind else each.owner
    return bool({(each.kind, each.name, owner), ("table", each.owner, ""), (each.kind, "*", "")} & gone)


def _refused(op: Operation, now: Situation, gone: set[tuple[str, str, str]]) -> Iterator[Suspicion]:
    changes_type = op.kind == "alter_column" and "type" in op.sets
    if op.cascade or not (changes_type or op.kind in {"drop_column", "drop_table", "drop_view"}):
        return
    live, column = now.of(op), now.live_column(op.schema, op.table, op.name)
    table = op.name if op.kind == "drop_view" else live.name if live is not None else ""
    if not table or (op.kind in {"drop_column", "alter_column"} and column is None):
        return
    if changes_type and column is not None and op.column is not None and not pg_types.changes(column, op.column):
        return
    blockers = [
        each
        for each in now.facts.dependents
        if (each.schema, each.table) == (op.schema, table)
        and _stands_in_the_way(each, op, column.name if column is not None else "")
        and not (op.kind == "drop_column" and live is not None and _is_own_check(each, live))
        and not _is_gone(each, gone)
    ]
    if not blockers:
        return
    names = ", ".join(dict.fromkeys(f"the {each.kind} {each.name}" for each in blockers))
    does = "gets another type" if changes_type else "is dropped"
    views = list(dict.fromkeys(each for each in blockers if each.kind == "view"))
    yield found(
        "dependent-object-blocks",
        op,
        "error",
        "fails",
        f"{op.qualified} {does}, and {names} {'uses' if len(blockers) == 1 else 'use'} it: PostgreSQL refuses.",
        f"Drop {names} first, and create {'it' if len(blockers) == 1 else 'them'} again afterwards.",
        rewrite=_around(views, now) if len(views) == len(blockers) else None,
    )


def _stands_in_the_way(each: Dependent, op: Operation, column: str) -> bool:
    if op.kind in {"drop_table", "drop_view"}:
        # Its own triggers, policies and keys go with it.
        return (each.owner_schema, each.owner) != (each.schema, each.table)
    if each.column != column:
        return False
    # Keys are made anew with the new type.
    return each.kind != "foreign key" or op.kind == "drop_column"


def _is_own_check(each: Dependent, live: Table) -> bool:
    """A CHECK of the table goes with any column that it names."""
    checks = {one.name for one in live.constraints if one.kind == "check"}
    return (each.owner_schema, each.owner) == (each.schema, each.table) and each.name in checks


def _around(views: list[Dependent], now: Situation) -> Rewrite | None:
    texts: list[tuple[str | None, str, str]] = []
    for each in dict.fromkeys((view.owner_schema, view.name) for view in views):
        live = next((view for view in now.views if ((view.schema or ""), view.name) == each), None)
        if live is None:
            return None
        texts.append((*each, live.definition))
    return views_around(texts)


def _type_in_use(op: Operation, now: Situation) -> Iterator[Suspicion]:
    if op.cascade:
        return
    users = []
    for table in now.tables:
        schema = table.schema or ""
        for column in table.columns:
            bare = column.type.removesuffix("[]").rpartition(".")[2].strip('"')
            if bare != op.name or (op.schema and op.schema != (column.type.rpartition(".")[0] or schema)):
                continue
            if now.changed_by(schema, table.name, (column.name,)):
                continue  # a pending revision drops it, or gives it another type
            users.append(f"{table.name}.{column.name}")
    if users:
        yield found(
            "dependent-object-blocks", op, "error", "fails",
            f"The type {op.name} is dropped while {', '.join(users)} has it: PostgreSQL refuses.",
            "Drop the columns, or give them another type, first.",
        )  # fmt: skip


def _breaks(op: Operation, now: Situation, gone: set[tuple[str, str, str]]) -> Iterator[Suspicion]:
    renames = op.kind == "alter_column" and bool(op.new_name)
    if not (renames or op.kind in {"drop_column", "drop_table", "rename_table"}) or now.of(op) is None:
        return
    column = op.name if op.kind in {"drop_column", "alter_column"} else ""
    broken = [
        each.name for each in now.views if ("view", each.name, "") not in gone and _uses(each, op.table, column, now)
    ]
    if broken:
        yield found(
            "dependent-object-blocks", op, "warning", "breaks-code",
            f"The view {', '.join(broken)} uses {op.qualified}: it will fail at its next use.",
            "Drop the view first, and create it again afterwards.",
        )  # fmt: skip


def _uses(view: View, table: str, column: str, now: Situation) -> bool:
    # By its names: the server writes them all out, and puts words of its own behind the query.
    try:
        told = {each.text.casefold() for each in sqlglot.tokenize(view.definition, read=SQLGLOT[now.dialect])}
    except sqlglot.errors.SqlglotError:
        return False
    return table.casefold() in told and (not column or column.casefold() in told)


@step_rule("batch-recreate-always", "L36", dialects=(*PG, *MYSQL))
def batch_recreate_always(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A batch with `recreate="always"` makes the table anew, although this database can alter it.

    **Why.** The table is copied and dropped: its grants and triggers are gone, and on PostgreSQL its sequence is, so
    that the next INSERT meets a number that is taken. Where a foreign key or a view leads to it, it fails. (Run.)

    **Example.** `with op.batch_alter_table("orders", recreate="always") as batch: …`

    **What to do.** Leave the argument out: a batch then recreates on SQLite only.
    """
    told: set[tuple[str, str]] = set()
    for op in step.operations:
        key = (op.schema, op.table)
        if not (op.recreates or op.batch == "always") or key in told or now.is_new(*key):
            continue
        told.add(key)
        children = [child.name for child, _ in now.children(*key)]
        views = [
            each.name
            for each in now.facts.dependents
            if (each.schema, each.table) == key and "view" in each.kind and now.of(op) is not None
        ]
        users = list(dict.fromkeys([*children, *views]))
        fails = bool(users) and not (now.is_mysql and now.setting("foreign_key_checks").upper() in {"OFF", "0"})
        yield found(
            "batch-recreate-always",
            op,
            "error",
            "fails" if fails else "breaks-code",
            f"{op.table} is copied and dropped, and {', '.join(users)} uses it: that fails."
            if fails
            else f"{op.table} is copied and dropped: its grants, its triggers and its sequence's numbers are gone.",
            'Leave recreate="always" out.',
            object=op.table,
        )

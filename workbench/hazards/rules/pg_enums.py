"""Rules about enum types of PostgreSQL, which live beside the tables that use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from workbench.hazards.late import exp, sqlglot
from workbench.hazards.rewrites_pg import outside, type_after, type_first
from workbench.hazards.rule import PG, StepView, Suspicion, found, rule, step_rule
from workbench.hazards.situation import Situation
from workbench.results.operations import ColumnSpec, Operation

_USES = {"insert", "update", "delete", "alter_column", "add_column", "create_check_constraint", "create_table",
         "create_index", "select"}  # fmt: skip


@dataclass
class _Course:
    """What one transaction has done to enum types so far."""

    added: dict[str, Operation] = field(default_factory=dict)
    """By label what adds it to its type."""
    made: set[str] = field(default_factory=set)
    """Types that it makes itself: their labels may be used at once."""


@step_rule("pg-enum-value-used-at-once", "L33", dialects=PG)
def enum_value_used_at_once(step: StepView, now: Situation) -> Iterator[Suspicion]:
    """A label is added to an enum and used in the same transaction: PostgreSQL refuses.

    **Why.** "unsafe use of new value" (55P04), for an UPDATE as for a default (run). Before PostgreSQL 12 ADD VALUE
    is itself refused in a transaction. Where the type is made in the same transaction, it is
    allowed from 17 on; on 15 it is refused (run).

    **Example.** `op.execute("ALTER TYPE mood ADD VALUE 'calm'")`, then `op.execute("UPDATE t SET m = 'calm'")`

    **What to do.** Add the label inside `with op.get_context().autocommit_block():`, or in a revision of its own with
    `transaction_per_migration=True`.
    """
    course: _Course = now.memory.setdefault("L33", _Course())
    if now.facts.transaction_per_migration:
        course.added.clear()
        course.made.clear()
    for op in step.operations:
        if op.kind in {"autocommit", "autocommit_end"}:
            course.added.clear()
            course.made.clear()
        elif op.kind == "create_type":
            course.made.add(op.name)
        elif op.kind == "create_table":
            course.made |= {each.enum_name for each in op.columns if each.enum_native and each.enum_name}
        elif op.kind == "add_enum_value" and not op.autocommit:
            if not now.at_least(12) and op.name not in course.made:
                yield found(
                    "pg-enum-value-used-at-once", op, "error", "fails",
                    f"ADD VALUE to {op.name} in a transaction: PostgreSQL refuses that before version 12.",
                    "Put it into an autocommit_block().",
                )  # fmt: skip
            elif _is_unsafe(op, course, now):
                course.added[op.labels[0]] = op
        if course.added and not op.autocommit and op.kind in _USES:
            yield from _used(op, course, now)


def _is_unsafe(op: Operation, course: _Course, now: Situation) -> bool:
    if not op.labels or op.labels[0] in (labels_of(op.name, now) or ()):
        return False
    # What the transaction has made itself it may use from 17 on; run on 15, where it is refused.
    return op.name not in course.made or (now.at_least(12) and not now.at_least(17))


def _used(op: Operation, course: _Course, now: Situation) -> Iterator[Suspicion]:
    for label, adding in course.added.items():
        name = adding.name
        is_sure = _uses(op, label, name, now)
        if is_sure is None:
            continue
        yield found(
            "pg-enum-value-used-at-once",
            op,
            "error" if is_sure else "warning",
            "fails" if is_sure else "unknown",
            f"The new label {label!r} of {name} is used in the transaction that adds it: PostgreSQL refuses."
            if is_sure
            else f"{label!r} stands in a statement of the transaction that adds this label to {name}: PostgreSQL "
            "refuses it there if it is meant.",
            "Add the label in an autocommit_block().",
            rewrite=replace(outside(adding.sql[0]), downgrade="", operation=adding.at) if adding.sql else None,
            object=name,
        )  # fmt: skip


def _uses(op: Operation, label: str, name: str, now: Situation) -> bool | None:
    """True: the label is meant as one of this type; False: it may be; None: it does not stand there."""
    doubt = None
    for text in op.sql:
        try:
            nodes = [each for each in sqlglot.parse(text, read="postgres") if each is not None]
        except sqlglot.errors.SqlglotError:
            doubt = False if f"'{label}'" in text else doubt
            continue
        for node in nodes:
            for literal in node.find_all(exp.Literal):
                if not literal.is_string or literal.this != label:
                    continue
                if _is_meant(literal, op, name, now):
                    return True
                doubt = False if op.kind == "insert" or doubt is False else doubt
    return doubt


def _is_meant(literal: exp.Expr, op: Operation, name: str, now: Situation) -> bool:
    around = literal.parent
    if isinstance(around, exp.Cast):
        return _is_type(around.to.sql(dialect="postgres"), name)
    if isinstance(around, exp.DefaultColumnConstraint) and op.kind == "create_table":
        column = literal.find_ancestor(exp.ColumnDef)
        return column is not None and column.kind is not None and _is_type(column.kind.sql(dialect="postgres"), name)
    if op.kind in {"alter_column", "add_column"}:
        spec = op.column
        live = now.live_column(op.schema, op.table, op.name)
        told = (spec.enum_name or spec.type if spec is not None else "") or (live.type if live is not None else "")
        return _is_type(told, name) and spec is not None and spec.default is not None
    if isinstance(around, (exp.EQ, exp.NEQ, exp.In)):
        columns = [each for each in (around.this, around.args.get("expression")) if isinstance(each, exp.Column)]
        live = now.live_column(op.schema, op.table, columns[0].name) if columns else None
        return live is not None and _is_type(live.type, name)
    return False


def _is_type(text: str, name: str) -> bool:
    return text.rpartition(".")[2].strip('"').lower() == name.rpartition(".")[2].strip('"').lower()


def labels_of(name: str, now: Situation) -> tuple[str, ...] | None:
    """The labels of a live enum type; None if there is none of the name, or no database was asked."""
    for each in now.schema.others if now.schema is not None else ():
        if each.kind == "enum" and each.name == name:
            tokens = sqlglot.tokenize(each.definition, read="postgres")
            return tuple(token.text for token in tokens if token.text != ",")
    return None


@rule(
    "pg-enum-type-lifecycle",
    "L34",
    dialects=PG,
    on=("add_column", "alter_column", "create_table", "create_type", "drop_type", "drop_table", "drop_column"),
    on_new_tables=True,
)
def enum_type_lifecycle(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """An enum type is missing where a column needs it, is there already where a table makes it, or is left behind.

    **Why.** `op.add_column` and `op.alter_column` do not create the type (42704, run). `op.create_table` does, and
    fails if it is there (42710); `op.drop_table` and `op.drop_column` leave it, so that the next upgrade meets it.

    **Example.** `op.add_column("orders", sa.Column("state", sa.Enum("new", "paid", name="state")))`

    **What to do.** `sa.Enum(…, name="state").create(op.get_bind(), checkfirst=True)` before it; in the downgrade
    `.drop(op.get_bind(), checkfirst=True)`.
    """
    types: dict[str, bool] = now.memory.setdefault("L34", {})
    if op.kind == "create_type":
        types[op.name] = True
    elif op.kind == "drop_type":
        types[op.name] = False
    elif op.source == "sql":
        return
    elif op.kind in {"add_column", "alter_column"} and op.column is not None and op.column.enum_native:
        yield from _needed(op, op.column, types, now)
    elif op.kind == "create_table":
        for column in op.columns:
            if column.enum_native:
                _in_use(now).add(column.enum_name)
            if column.enum_native and column.enum_name and column.enum_created:
                yield from _made(op, column, types, now)
    elif op.kind in {"drop_table", "drop_column"}:
        yield from _left(op, now)


def _exists(name: str, types: dict[str, bool], now: Situation) -> bool | None:
    bare = name.rpartition(".")[2]
    if bare in types:
        return types[bare]
    return None if not now.knows_data else labels_of(bare, now) is not None


def _needed(op: Operation, column: ColumnSpec, types: dict[str, bool], now: Situation) -> Iterator[Suspicion]:
    exists = _exists(column.enum_name, types, now)
    _in_use(now).add(column.enum_name)
    if exists or not column.enum_name or (op.kind == "alter_column" and "type" not in op.sets):
        return
    yield found(
        "pg-enum-type-lifecycle",
        op,
        "error" if exists is False else "warning",
        "fails" if exists is False else "unknown",
        f"There is no type {column.enum_name}, and op.{op.kind} does not make it: it fails."
        if exists is False
        else f"op.{op.kind} does not make the type {column.enum_name}: it fails unless that is there.",
        "Create the type first.",
        rewrite=type_first(column.enum_name, column.enum or ()),
    )


def _made(op: Operation, column: ColumnSpec, types: dict[str, bool], now: Situation) -> Iterator[Suspicion]:
    made: set[str] = now.memory.setdefault("L34 made", set())
    exists = _exists(column.enum_name, types, now)
    types[column.enum_name] = True
    was_made = column.enum_name in made  # within one run Alembic makes it once
    made.add(column.enum_name)
    if was_made or not exists:
        return
    yield found(
        "pg-enum-type-lifecycle", op, "error", "fails",
        f"op.create_table makes the type {column.enum_name}, which is there already: it fails.",
        f"Use postgresql.ENUM(…, name={column.enum_name!r}, create_type=False) in the column.",
    )  # fmt: skip


def _in_use(now: Situation) -> set[str]:
    """The types that pending revisions have used in a column."""
    used: set[str] = now.memory.setdefault("L34 used", set())
    return used


def _left(op: Operation, now: Situation) -> Iterator[Suspicion]:
    live = now.of(op)
    if live is None:
        return
    columns = live.columns if op.kind == "drop_table" else [each for each in live.columns if each.name == op.name]
    for column in columns:
        bare = column.type.rpartition(".")[2].strip('"')
        others = [
            each.name for table in now.tables for each in table.columns
            if each.type == column.type and (table is not live or (op.kind == "drop_column" and each.name != op.name))
        ]  # fmt: skip
        if labels_of(bare, now) is not None and not others and bare not in _in_use(now):
            yield found(
                "pg-enum-type-lifecycle", op, "info", "advice",
                f"The type {bare} stays when {op.qualified} is dropped, and nothing else uses it.",
                "Drop it as well, unless it is to be used again.",
                rewrite=type_after(bare, labels_of(bare, now) or (), op),
            )  # fmt: skip

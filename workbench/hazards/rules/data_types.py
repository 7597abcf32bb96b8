"""Rules about another type of a column: what its values become, or why they are refused."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.question import Question, rows_where, source
from workbench.hazards.questions_types import Examined, examine, labels_of
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import fits, kind, same
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import Operation

_BESIDE = (
    "Add a column of the new type beside it, fill it with a conversion that you have checked, and drop this one later."
)


@rule("type-change-may-fail", "L05", on=("alter_column",))
def type_change_may_fail(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets a type that holds less; it fails while a value does not fit.

    **Why.** PostgreSQL refuses what is too long (22001), out of range (22003) or no such value (22P02), a change for
    which it knows no cast without USING, and a default that it cannot cast even with USING. MariaDB refuses in strict
    mode (1264, 1265, 1292, 1406) and otherwise makes something of it. SQLite never refuses: see
    `type-change-loses-data`.

    **Example.** `op.alter_column("t", "b", type_=sa.Integer(), postgresql_using="b::integer")`

    **What to do.** Correct the values first, or add a column of the new type, fill it with a checked conversion, and
    drop the old one later. Of a default: drop it before, set it afterwards.
    """
    told = _examined(op, now)
    if told is None or now.dialect == "sqlite":
        return
    becomes = f"{op.qualified} becomes {op.column.type if op.column else ''}"
    if isinstance(told, Examined) and told.impossible:
        yield found("type-change-may-fail", op, "error", "fails", f"{becomes}; it fails: {told.impossible}.",
                    _remedy_of(told, op))  # fmt: skip
        return
    loses = now.is_mysql and not now.strict and not (isinstance(told, Examined) and told.fails is None)
    suspicion = found(
        "type-change-may-fail",
        op,
        questions_rows.severity(now),
        "loses-data" if loses else "fails",
        f"{becomes}; a value that does not fit " + ("is changed." if loses else "makes it fail."),
        _BESIDE,
    )
    if not isinstance(told, Examined) or (told.unknown and told.fails is None):
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    if told.fails is None:
        return
    end = "and the server is not strict" if told.fails.if_bad == "will lose data" else "and"
    bad = f"{becomes}, {end} {{count}} {told.what_fails}." if end == "and" else (
        f"{becomes}, {end}: {{count}} {told.what_fails}.")  # fmt: skip
    if told.fails.probe:
        bad = f"{becomes}, and the server cannot cast a value that is there."
    yield asking(suspicion, told.fails, now, bad=bad, clean=f"{becomes}; every value fits.", columns=(op.name,))


@rule("type-change-loses-data", "L06", on=("alter_column",))
def type_change_loses_data(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets a type that keeps less of its values, and nothing fails.

    **Why.** PostgreSQL and MariaDB round a decimal, a float becomes a whole number, a time of day goes when a
    timestamp becomes a date. PostgreSQL cuts blanks at the end without a word, and with USING any text. A batch on
    SQLite copies the rows with CAST: 'abc' becomes 0, '12abc' 12, and of a TEXT '2024-05-06' that becomes a DATE
    2024 is left.

    **Example.** `b.alter_column("born", type_=sa.Date(), existing_type=sa.Text())` in a batch on SQLite

    **What to do.** Add a column of the new type, fill it with a checked conversion, compare, and drop the old one. On
    SQLite a change from TEXT to DATE needs no migration: both are stored as text.
    """
    told = _examined(op, now)
    if not isinstance(told, Examined) or told.impossible or told.loses is None:
        return
    becomes = f"{op.qualified} becomes {op.column.type if op.column else ''}"
    yield asking(
        found(
            "type-change-loses-data",
            op,
            questions_rows.severity(now),
            "loses-data",
            f"{becomes}; values may be changed by it without an error.",
            _BESIDE,
        ),
        told.loses,
        now,
        bad=f"{becomes}, and {{count}} {told.what_loses}.",
        columns=(op.name,),
    )


def _examined(op: Operation, now: Situation) -> Examined | bool | None:
    """None: no change that could matter. True: one, of which no rows can be asked."""
    if op.column is None or "type" not in op.sets:
        return None
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if table is None or live is None:
        if table is not None and now.is_new_column(op.schema, op.table, op.name):
            added = now.course.added.get(now.course.place(op.schema, op.table, op.name))
            if added is not None and not now.changed_by(op.schema, op.table):
                return None
        if op.existing is not None and op.existing.type and op.column.type:
            old, new = kind(op.existing.type, now.dialect), kind(op.column.type, now.dialect)
            if same(old, new) or fits(old, new, now.dialect):
                return None
        return True if op.column.type else None
    return examine(op, now, table, live)


def _remedy_of(told: Examined, op: Operation) -> str:
    if "default" in told.impossible:
        return (
            f'First op.alter_column("{op.table}", "{op.name}", server_default=None); set the default again afterwards.'
        )
    kind_of = op.column.type if op.column else ""
    return f'Say how: postgresql_using="{op.name}::{kind_of.lower()}", once every value can be cast.'


@rule("enum-value-removed", "L07", on=("alter_column",))
def enum_value_removed(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column gets an enum that lacks a label; it fails while a row has it.

    **Why.** PostgreSQL refuses a value that is none of the new labels (22P02), MariaDB in strict mode too (1265);
    without strict mode it stores ''. On SQLite the CHECK that lists the labels refuses the copy.

    **Example.** `op.alter_column("t", "e", type_=sa.Enum("a", "b"), existing_type=sa.Enum("a", "b", "c"))`

    **What to do.** Stop writing the label, change the rows that have it in batches, then change the type. On
    PostgreSQL the label may as well stay.
    """
    spec = op.column
    if spec is None or "type" not in op.sets:
        return
    bare = spec.type.rpartition(".")[2].strip('"')
    labels = spec.enum or kind(spec.type, now.dialect).labels or now.course.types.get(bare) or ()
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if not labels and now.dialect == "postgresql":
        labels = labels_of(spec.type, now) or ()
    if not labels or not _decides(op, now, live):
        return
    before = _labels_before(op, now, live)
    removed = tuple(each for each in before or () if each not in labels)
    if before is not None and not removed:
        return
    lenient = now.is_mysql and not now.strict
    names = ", ".join(removed) if removed else "others"
    suspicion = found(
        "enum-value-removed",
        op,
        questions_rows.severity(now),
        "loses-data" if lenient else "fails",
        f"{op.qualified} may only be {', '.join(labels)} from then on; a row with {names} "
        + ("gets '' instead." if lenient else "makes it fail."),
        "Stop writing the label and change the rows that have it first, in a revision before this one.",
    )
    if table is None or live is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    yield asking(
        suspicion,
        _others(table, live, labels, now, loses=lenient),
        now,
        bad=f"{op.qualified} may only be {', '.join(labels)} from then on, and {{count}} have something else"
        + ("; it becomes ''." if lenient else "."),
        clean=f"{op.qualified} may only be {', '.join(labels)} from then on; no row has anything else.",
        columns=(op.name,),
    )


def _decides(op: Operation, now: Situation, live: Column | None) -> bool:
    """Whether this database looks at labels here, and not at the cast from another type."""
    spec = op.column
    if spec is None:
        return False
    if spec.enum_checked:
        return True
    if now.is_mysql:
        return live is None or kind(live.type, now.dialect).family == "enum"
    # PostgreSQL: without USING it is refused at once, and that is said elsewhere.
    return now.dialect == "postgresql" and bool(op.option("postgresql_using"))


def _labels_before(op: Operation, now: Situation, live: Column | None) -> tuple[str, ...] | None:
    if live is None:
        return op.existing.enum if op.existing is not None else None
    if now.is_mysql:
        return kind(live.type, now.dialect).labels or None
    return labels_of(live.type, now) if now.dialect == "postgresql" else None


def _others(table: Table, live: Column, labels: tuple[str, ...], now: Situation, *, loses: bool) -> Question:
    rows = source(table)
    value = rows.c[live.name]
    text = sa.cast(value, sa.Text()) if now.dialect == "postgresql" else value
    return rows_where(
        "enum", now.dialect, table, rows,
        sa.and_(value.is_not(sa.null()), text.not_in([sa.literal(each) for each in labels])),
        [live.name], if_bad="will lose data" if loses else "will fail",
    )  # fmt: skip

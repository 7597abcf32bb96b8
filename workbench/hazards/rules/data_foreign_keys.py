"""Rules about foreign keys that rows do not meet, or that cannot be made at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.question import Question, rows_where, source
from workbench.hazards.rewrites_pg import not_valid
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind
from workbench.results import Table
from workbench.results.operations import Operation

_NUMBERS = {"integer", "decimal", "float"}


@rule("add-foreign-key", "L12", on=("create_foreign_key", "add_column"))
def add_foreign_key(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A foreign key is added; it fails while a row leads to a parent that is not there.

    **Why.** PostgreSQL (23503) and MariaDB (1452) look at every row; SQLite only where `PRAGMA foreign_keys` is on. A
    row with NULL in one of several columns leads nowhere and is allowed. PostgreSQL wants a unique key over what is
    referred to, MariaDB an index and the very same integer type.

    **Example.** `op.create_foreign_key("fk_order_customer", "order", "customer", ["customer_id"], ["id"])`

    **What to do.** Correct or delete the orphans first. On PostgreSQL add it with `postgresql_not_valid=True`, and
    `VALIDATE` it in a later revision.
    """
    if op.kind == "add_column":
        yield from _new_column_refers(op, now)
        return
    what = f"The foreign key {op.name}" if op.name else f"A foreign key over {', '.join(op.on)}"
    reason = _why_impossible(op, now)
    if reason:
        yield found("add-foreign-key", op, "error", "fails", f"{what} of {op.table} cannot be made: {reason}.",
                    "Correct the key, or what it refers to.")  # fmt: skip
        return
    if op.not_valid or _is_unchecked(now):
        return
    suspicion = found(
        "add-foreign-key",
        op,
        questions_rows.severity(now),
        "fails",
        f"{what} of {op.table} is added; it fails if a row leads to no row of {op.referred_table}.",
        f"Correct or delete the rows without a parent in {op.referred_table} first.",
        rewrite=not_valid(op) if now.dialect == "postgresql" else None,
    )
    table, live = now.of(op), questions_rows.live_columns(op, now, op.on)
    place = op.referred_schema, op.referred_table
    if table is not None and live is None and all_new_and_null(op, now):
        return
    question = None
    end = f" lead to no row of {op.referred_table}"
    if table is not None and live is not None:
        names = [each.name for each in live]
        parent = now.table(*place)
        if now.is_new(*place) and now.is_empty(*place):
            question = _all_filled(table, names, now.dialect)
            end = f" have a value there, and {op.referred_table} is made by these revisions and empty"
        elif parent is not None:
            question = _orphans(op, now, table, names, parent)
    if question is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table), place)
        return
    told = asking(
        suspicion,
        question,
        now,
        bad=f"{what} of {op.table} is added, and {{count}}{end}.",
        clean=f"{what} of {op.table} is added; every row has its parent.",
        columns=op.on,
    )
    depends = told.depends_on or (now.changed_by(*place, op.referred_columns) if len(question.tables) > 1 else "")
    yield replace(told, depends_on=depends)


def _orphans(op: Operation, now: Situation, table: Table, names: list[str], parent: Table) -> Question | None:
    referred = op.referred_columns or parent.primary_key
    there = [now.live_column(op.referred_schema, op.referred_table, each) for each in referred]
    if len(there) != len(names) or any(each is None for each in there):
        return None
    return questions_rows.orphans(
        table, names, parent, [each.name for each in there if each is not None], now.dialect, "will fail"
    )


def _all_filled(table: Table, names: list[str], dialect: str) -> Question:
    rows = source(table)
    condition = sa.and_(*(rows.c[each].is_not(sa.null()) for each in names))
    return rows_where("orphans", dialect, table, rows, condition, names, if_bad="will fail")


def all_new_and_null(op: Operation, now: Situation) -> bool:
    """Some column of the key was added before without a value, and nothing has written one."""
    for each in op.on:
        added = now.course.added.get(now.course.place(op.schema, op.table, each))
        empty = added is not None and (added.default is None or added.default.upper() == "NULL") and added.nullable
        if empty and now.is_new_column(op.schema, op.table, each) and not now.changed_by(op.schema, op.table):
            return True
    return False


def _is_unchecked(now: Situation) -> bool:
    """The server takes the key without looking at the rows."""
    off = {"0", "off", "false", "no"}
    if now.is_mysql:
        return now.setting("foreign_key_checks").lower() in off
    if now.dialect == "sqlite":
        return now.setting("foreign_keys").lower() in {*off, ""}
    return False


def _why_impossible(op: Operation, now: Situation) -> str:  # noqa: PLR0911 - a table of cases
    """Why the server refuses the key whatever the rows are; empty if it does not, or that is not known."""
    if now.dialect == "sqlite" or not now.knows_data or now.of(op) is None:
        return ""
    if now.is_mysql and _is_unchecked(now):
        return ""
    place = op.referred_schema, op.referred_table
    parent = now.table(*place)
    if parent is None:
        known = now.is_new(*place) or any(each.name.casefold() == op.referred_table.casefold() for each in now.tables)
        return "" if known or op.referred_schema else f"there is no table {op.referred_table}"
    referred = op.referred_columns or parent.primary_key
    here = questions_rows.live_columns(op, now, op.on)
    there = [now.live_column(*place, each) for each in referred]
    if here is None or len(here) != len(there):
        return ""
    for mine, theirs in zip(here, there, strict=True):
        if theirs is None or now.changed_by(*place, [theirs.name]) or now.changed_by(op.schema, op.table, [mine.name]):
            return ""
        one, other = kind(mine.type, now.dialect), kind(theirs.type, now.dialect)
        if not _compatible(one, other, now):
            return f"{mine.name} is {mine.type}, and {op.referred_table}.{theirs.name} is {theirs.type}"
    names = [each.name for each in there if each is not None]
    return "" if _is_key(parent, names, now) else f"{op.referred_table} has no unique key over {', '.join(names)}"


def _compatible(one: Kind, other: Kind, now: Situation) -> bool:
    if "other" in {one.family, other.family}:
        return True
    if now.dialect == "postgresql":
        if one.family in {"integer", "decimal"} and other.family in _NUMBERS:
            return True
        return one.family == other.family or {one.family, other.family} <= {"date", "datetime"} | _NUMBERS
    if one.family == "integer" or other.family == "integer":
        return (one.family, one.bits, one.unsigned) == (other.family, other.bits, other.unsigned)
    return one.family == other.family or {one.family, other.family} <= {"text", "enum", "json"}


def _is_key(parent: Table, names: list[str], now: Situation) -> bool:
    keys = [each.columns for each in parent.constraints if each.kind in {"primary key", "unique"}]
    keys += [each.expressions for each in parent.indexes if each.unique and not each.where]
    if now.is_mysql:  # a plain index that begins with them will do
        keys += [each.expressions for each in parent.indexes]
        return any(tuple(names) == each[: len(names)] for each in keys)
    return any(sorted(names) == sorted(each) for each in keys)


def _new_column_refers(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A new column with a foreign key of its own: its default, in every row, has to be a parent."""
    spec = op.column
    default = (spec.default or "").strip() if spec is not None else ""
    if spec is None or not spec.references or not default or default.upper() == "NULL" or _is_unchecked(now):
        return
    table = now.of(op)
    leads = spec.references[0]
    suspicion = found(
        "add-foreign-key",
        op,
        questions_rows.severity(now),
        "fails",
        f"{op.qualified} is added with the default {default}; it fails if {leads.table} has no such row.",
        "Add it nullable and without a default, fill it, and add the foreign key afterwards.",
    )
    parent = now.table(leads.schema, leads.table)
    there = now.live_column(leads.schema, leads.table, leads.columns[0]) if len(leads.columns) == 1 else None
    if table is None or parent is None or there is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table), (leads.schema, leads.table))
        return
    rows, parents = source(table), source(parent, "the_parent")
    missing = ~sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(parents)
        .where(parents.c[there.name] == sa.literal_column(f"({default})"))
    )
    yield asking(
        suspicion,
        rows_where("orphans", now.dialect, table, rows, missing, [each.name for each in table.columns[:4]],
                   if_bad="will fail", also=((parent.schema or "", parent.name),)),
        now,
        bad=f"{op.qualified} is added with the default {default} for {{count}}, and {leads.table} has no such row.",
    )  # fmt: skip

"""Rules of MariaDB and MySQL: how an ALTER is carried out, what MODIFY forgets, what is put where nothing was given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.hazards import questions_rows
from workbench.hazards.late import sa
from workbench.hazards.mysql_algorithm import ORDER, Algorithm
from workbench.hazards.mysql_algorithms import algorithm
from workbench.hazards.mysql_columns import Redefined, is_whole, redefined
from workbench.hazards.question import Question, rows_where, source
from workbench.hazards.rewrites_mysql import column_in_steps, strictly, whole_alter, with_words
from workbench.hazards.rule import MYSQL, Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.hazards.types import fits, kind
from workbench.results import Table
from workbench.results.findings import Severity
from workbench.results.objects import Column
from workbench.results.operations import ColumnSpec, Operation

_ALTERS = (
    "add_column", "drop_column", "alter_column", "create_index", "drop_index", "create_unique_constraint",
    "create_primary_key", "create_foreign_key", "create_check_constraint", "drop_constraint", "alter_table",
)  # fmt: skip
_BLOCKS: dict[str, Severity] = {"empty": "info", "small": "info", "medium": "warning", "large": "error"}


@rule("mysql-alter-algorithm", "L45", dialects=MYSQL, on=_ALTERS)
def mysql_alter_algorithm(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """An ALTER TABLE writes the whole table anew, or keeps others from writing while it runs.

    **Why.** MariaDB and MySQL do some changes at once (INSTANT), some in place while others write (NOCOPY, INPLACE),
    and the rest by a copy of the table (COPY), during which nobody can write. Which one it is depends on the types,
    the indexes, generated columns, the server and its version; MariaDB's were tried on 10.11, MySQL's are its manual's.
    Each of them needs the table for itself for a moment at the beginning and at the end.

    **Example.** `op.alter_column("t", "a", type_=sa.BigInteger(), existing_type=sa.Integer())`

    **What to do.** Let the server refuse instead of copying: `…, ALGORITHM=INPLACE, LOCK=NONE`. What can only be
    copied: a new column that is filled in batches, or a tool for online schema changes (gh-ost,
    pt-online-schema-change).
    """
    told = algorithm(op, now)
    if told is None:
        return
    words = _wished(op)
    if words is not None and _is_refused(words, told):
        sure = now.dialect == "mariadb" and now.of(op) is not None and bool(now.facts.version) and not now.at_least(11)
        yield found(
            "mysql-alter-algorithm",
            op,
            "error" if sure else "warning",
            "fails" if sure else "unknown",
            f"{op.table} is to be changed with {' and '.join(words)}, and the best that the server has is "
            f"{told.name}{', which blocks writes' if told.blocks_writes else ''}: {told.why}.",
            "Ask for what it has, or make the change another way.",
        )
        return
    if not told.blocks_writes and not told.rebuilds:
        return
    size = now.size(op.schema, op.table)
    if told.blocks_writes:
        how = "is copied" if told.name == "COPY" else "is written anew" if told.rebuilds else "is read"
        yield found(
            "mysql-alter-algorithm",
            op,
            _BLOCKS.get(size, "warning"),
            "blocks",
            f"{op.table} {how} ({told.name}), because {told.why}; nobody can write to it meanwhile.",
            "Fill a new column in batches instead, or use a tool for online schema changes." if told.rebuilds else
            "Run it when nobody has to write.",
        )  # fmt: skip
        return
    yield found(
        "mysql-alter-algorithm",
        op,
        "info" if size in {"empty", "small"} else "warning",
        "advice",
        f"{op.table} is written anew ({told.name}), because {told.why}; others can write meanwhile.",
        "Say that it must not be worse, so that the server refuses instead of copying.",
        rewrite=with_words(op),
    )


def _wished(op: Operation) -> tuple[str, ...] | None:
    """What raw SQL asks for: `ALGORITHM=INPLACE`, `LOCK=NONE`; None if for nothing."""
    if op.source != "sql" or len(op.sql) != 1:
        return None
    told = re.findall(r"[,\s](ALGORITHM|LOCK)\s*=?\s*(INSTANT|NOCOPY|INPLACE|COPY|NONE|SHARED|EXCLUSIVE)\b", op.sql[0],
                      flags=re.IGNORECASE)  # fmt: skip
    return tuple(f"{name.upper()}={value.upper()}" for name, value in told) or None


def _is_refused(words: tuple[str, ...], told: Algorithm) -> bool:
    wished = dict(each.split("=") for each in words)
    name = wished.get("ALGORITHM", "")
    if name in ORDER and ORDER.index(name) < ORDER.index(told.name):
        return True
    return wished.get("LOCK") == "NONE" and (told.blocks_writes or name == "COPY")


@rule("mysql-attributes-lost", "L47", dialects=MYSQL, on=("alter_column",))
def mysql_attributes_lost(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column loses its NOT NULL, default, comment, CHECK or AUTO_INCREMENT, as the operation does not repeat them.

    **Why.** MariaDB and MySQL have no "change the type alone": Alembic writes MODIFY or CHANGE, which says all of the
    column anew, and what is not said is gone without a word (run). Without `existing_type` Alembic raises.

    **Example.** `op.alter_column("t", "b", type_=sa.String(100))`, where b is `VARCHAR(50) NOT NULL DEFAULT 'q'`

    **What to do.** Pass all `existing_*` arguments: `existing_type`, `existing_nullable`, `existing_server_default`,
    `existing_comment`, `existing_autoincrement`. What MariaDB has as a CHECK beside the column needs a constraint of
    the table in its place, made before.
    """
    new = redefined(op, now)
    if new is None or not new.is_whole:
        return
    live = now.live_column(op.schema, op.table, op.name)
    if op.source == "operation" and not new.type:
        yield found(
            "mysql-attributes-lost",
            op,
            "error",
            "fails",
            f"{op.qualified} is altered without existing_type: Alembic cannot write that for this server.",
            "Pass existing_type, and with it all other existing_ arguments.",
            rewrite=None if live is None else whole_alter(op, live),
        )
        return
    if live is None or live.generated:
        return
    lost = list(_lost(op, new, live, now))
    if not lost:
        return
    remedy = "Repeat what it has: pass all existing_ arguments." if op.source == "operation" else "Repeat what it has."
    if op.source == "operation" and _checks_beside(op, live, now):
        remedy += " A CHECK cannot be repeated so: add it to the table first, by op.create_check_constraint()."
    slight = all(each.startswith(("COMMENT", "COLLATE")) for each in lost)
    yield found(
        "mysql-attributes-lost",
        op,
        "warning" if slight or op.source == "sql" else "error",
        "advice" if slight else "breaks-code",
        f"{op.qualified} loses {_listed(lost)}: the statement says all of the column anew, and leaves that out.",
        remedy,
        rewrite=whole_alter(op, live),
    )


def _lost(op: Operation, new: Redefined, live: Column, now: Situation) -> Iterator[str]:
    # What an operation of Alembic's sets, it sets on purpose; a MODIFY in raw SQL always says everything.
    meant = set(op.sets) if op.source == "operation" else set()
    if not live.nullable and new.nullable and "nullable" not in meant and not live.primary_key:
        yield "NOT NULL"
    if live.identity and not new.autoincrement and "autoincrement" not in meant:
        yield "AUTO_INCREMENT"
    if live.default is not None and new.default is None and "server_default" not in meant:
        yield f"DEFAULT {live.default}"
    if "on update" in live.extra.lower() and "on update" not in " ".join([new.default or "", *op.sql]).lower():
        yield live.extra.upper()
    if live.comment and new.comment is None and "comment" not in meant:
        yield f"COMMENT {live.comment!r}"
    specs = [each for each in (op.column, op.existing) if each is not None]
    is_text = kind(new.type, now.dialect).family in {"text", "enum"}
    if live.collation and is_text and not any(each.collation for each in specs):
        yield f"COLLATE {live.collation}"
    yield from () if "check" in " ".join(op.sql).lower() else _checks_beside(op, live, now)


def _checks_beside(op: Operation, live: Column, now: Situation) -> list[str]:
    """The CHECKs that stand beside a column on MariaDB: they are part of it."""
    table = now.of(op)
    told = table.constraints if table is not None else ()
    return [each.definition for each in told if each.kind == "check" and each.columns == (live.name,) and not each.name]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@rule("mysql-implicit-default", "L48", dialects=MYSQL, on=("add_column",))
def mysql_implicit_default(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A NOT NULL column without a server default is added: every row gets 0, '' or the first label.

    **Why.** Where PostgreSQL and SQLite refuse, MariaDB and MySQL put the type's own zero into the rows that are
    there (run), and nobody can tell it from a value that was meant. A date becomes 0000-00-00, which a strict server
    with NO_ZERO_DATE refuses (1292, run).

    **Example.** `op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False))`

    **What to do.** Give it a `server_default` that is right for the rows that are there, or add it nullable, fill it
    in batches, and set NOT NULL in a later revision.
    """
    spec = op.column
    if spec is None or spec.nullable is not False or spec.computed is not None or spec.primary_key:
        return
    if spec.identity or spec.autoincrement or (spec.default is not None and spec.default.strip().upper() != "NULL"):
        return
    zero = _zero(spec, now)
    fails = zero.startswith("'0000") and now.strict and _refuses_zero_dates(now)
    suspicion = found(
        "mysql-implicit-default",
        op,
        "warning",
        "fails" if fails else "breaks-code",
        f"{op.qualified} is added NOT NULL without a default: every row that is there gets {zero}.",
        "Give it a server_default, or add it nullable, fill it, and set NOT NULL in a later revision.",
        rewrite=column_in_steps(op, spec),
    )
    table = now.of(op)
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    orphans = _zero_orphans(spec, table, zero, now)
    if orphans is not None:
        leads = spec.references[0].table
        yield asking(suspicion, orphans, now, bad=f"{op.qualified} is added NOT NULL without a default: {{count}} get "
                     f"{zero}, and {leads} has no such row, so its foreign key fails.")  # fmt: skip
        return
    yield asking(
        suspicion,
        questions_rows.any_row(table, now.dialect, "will fail" if fails else "will break code"),
        now,
        bad=f"{op.qualified} is added NOT NULL without a default: {{count}} would get {zero}, which the server refuses."
        if fails
        else f"{op.qualified} is added NOT NULL without a default: {{count}} get {zero}.",
    )


def _zero(spec: ColumnSpec, now: Situation) -> str:
    told = kind(spec.type, now.dialect)
    if told.family == "enum" and (told.labels or spec.enum):
        return repr((spec.enum or told.labels)[0])
    if told.family in {"date", "datetime"}:
        return "'0000-00-00'" if told.family == "date" else "'0000-00-00 00:00:00'"
    if told.family == "time":
        return "'00:00:00'"
    if told.family == "uuid":
        return "'00000000-0000-0000-0000-000000000000'"
    return "0" if told.family in {"integer", "decimal", "float", "boolean"} else "''"


def _refuses_zero_dates(now: Situation) -> bool:
    mode = now.setting("sql_mode").upper()
    return "NO_ZERO_DATE" in mode or "TRADITIONAL" in mode


def _zero_orphans(spec: ColumnSpec, table: Table, zero: str, now: Situation) -> Question | None:
    """The rows whose zero is no parent, where the new column has a foreign key that is checked."""
    if len(spec.references) != 1 or now.setting("foreign_key_checks").upper() in {"OFF", "0"}:
        return None
    leads = spec.references[0]
    parent = now.table(leads.schema, leads.table)
    there = now.live_column(leads.schema, leads.table, leads.columns[0]) if len(leads.columns) == 1 else None
    if parent is None or there is None:
        return None
    rows, parents = source(table), source(parent, "the_parent")
    missing = ~sa.exists(
        sa.select(sa.literal_column("1")).select_from(parents).where(parents.c[there.name] == sa.literal_column(zero))
    )
    return rows_where("orphans", now.dialect, table, rows, missing, [table.columns[0].name], if_bad="will fail",
                      also=((parent.schema or "", parent.name),))  # fmt: skip


@rule("mysql-non-strict-mode", "L49", dialects=MYSQL, on=("alter_column",))
def mysql_non_strict_mode(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A column changes its type or becomes NOT NULL on a session that is not strict: what does not fit is made to.

    **Why.** Without STRICT_TRANS_TABLES or STRICT_ALL_TABLES in `sql_mode` the server does not refuse:
    'toolong' becomes 'too', NULL becomes 0, 'abc' becomes 0, 5000000000 becomes 2147483647, a label that is gone
    becomes '' (run on MariaDB).

    **Example.** `op.alter_column("t", "b", type_=sa.String(3), existing_type=sa.String(50))` after `SET sql_mode = ''`

    **What to do.** Make the session strict before it, so that the server refuses:
    `op.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')")`.
    """
    if now.strict or not is_whole(op, now) or now.is_empty(op.schema, op.table):
        return
    live, new = now.live_column(op.schema, op.table, op.name), redefined(op, now)
    if new is None:
        return
    narrows = "type" in op.sets and not (
        live is not None and new.type and fits(kind(live.type, now.dialect), kind(new.type, now.dialect), now.dialect)
    )
    if not narrows and not (not new.nullable and (live is None or live.nullable)):
        return
    yield found(
        "mysql-non-strict-mode",
        op,
        "warning",
        "advice",
        f"{op.qualified} is changed, and the session is not strict: values that do not fit are changed without a word.",
        "Make the session strict first.",
        rewrite=strictly(),
    )

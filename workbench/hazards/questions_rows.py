"""The questions that most rules put to rows: is there one, is it NULL or filled, is it there twice, has it a parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.hazards import types
from workbench.hazards.late import sa
from workbench.hazards.question import Question, rows_where, source, sql_of
from workbench.hazards.rule import Suspicion
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.findings import Severity, Verdict
from workbench.results.objects import Column
from workbench.results.operations import ColumnSpec, Operation

SHOWN = 4
"""Columns that are shown of a row that is in the way as a whole."""


def severity(now: Situation) -> Severity:
    """Of what rows decide, as long as they have not: where there are rows to ask, only the answer makes it an error."""
    return "warning" if now.knows_data else "error"


def undecided(suspicion: Suspicion, now: Situation, *reads: tuple[str, str]) -> Suspicion:
    """The same, where there is no live table or column that could be asked: its outcome is not known.

    Args:
        suspicion: As `found` gives it.
        now: The situation.
        reads: (schema, table) of what would have to be asked.

    """
    depends = next((by for each in reads if (by := now.changed_by(*each))), "") or (
        now.revision if now.knows_data else ""
    )
    return replace(suspicion, bad="?", depends_on=depends)


def live_columns(op: Operation, now: Situation, names: Sequence[str]) -> list[Column] | None:
    """The live columns of these names; None where one of them is not live."""
    found = [now.live_column(op.schema, op.table, each) for each in names]
    return None if not found or any(each is None for each in found) else [each for each in found if each is not None]


def any_row(table: Table, dialect: str, if_bad: Verdict, *, beyond: int = 0) -> Question:
    """Whether the table has a row, or more than `beyond` rows."""
    rows = source(table)
    shown = [each.name for each in table.columns[:SHOWN]]
    if not beyond:
        return rows_where("rows", dialect, table, rows, None, shown, if_bad=if_bad)
    statement = sa.select(*(rows.c[each] for each in shown)).offset(beyond)
    if dialect != "postgresql":
        statement = statement.limit(1_000_000_000)
    return Question("rows", ((table.schema or "", table.name),), sql_of(statement, dialect), tuple(shown), if_bad)


def nulls(table: Table, columns: Sequence[str], dialect: str, if_bad: Verdict) -> Question:
    """The rows that have NULL in one of these columns."""
    rows = source(table)
    condition = sa.or_(*(rows.c[each].is_(sa.null()) for each in columns))
    return rows_where("nulls", dialect, table, rows, condition, list(columns), if_bad=if_bad,
                      statistics=_null_frac(table, columns, dialect))  # fmt: skip


def filled(table: Table, columns: Sequence[str], dialect: str, if_bad: Verdict) -> Question:
    """The rows that have a value in one of these columns."""
    rows = source(table)
    condition = sa.or_(*(rows.c[each].is_not(sa.null()) for each in columns))
    return rows_where("filled", dialect, table, rows, condition, list(columns), if_bad=if_bad)


def duplicates(
    table: Table,
    rows: Any,
    expressions: Sequence[Any],
    names: Sequence[str],
    dialect: str,
    *,
    where: str = "",
    nulls_collide: bool = False,
) -> Question:
    """The groups of rows that are equal in all of `expressions`, each with the first and the last key in it.

    Args:
        table: As it is live.
        rows: `source(table)`.
        expressions: Of SQLAlchemy's.
        names: What they are called in the answer.
        dialect: Of the server.
        where: The condition of a partial index.
        nulls_collide: NULLS NOT DISTINCT.

    """
    shown = tuple(names)
    ends = _ends_of_key(table, rows, shown, dialect)
    statement = sa.select(
        *(each.label(name) for each, name in zip(expressions, shown, strict=True)), sa.func.count().label("rows"), *ends
    ).select_from(rows)
    if not nulls_collide:
        statement = statement.where(*(each.is_not(sa.null()) for each in expressions))
    if where:
        statement = statement.where(sa.literal_column(f"({where})"))
    statement = statement.group_by(*expressions).having(sa.func.count() > sa.literal(1))
    # MariaDB and MySQL would keep a temporary table of all groups; sorting took a fifteenth of that.
    statement = statement.prefix_with("SQL_BIG_RESULT", dialect="mysql")
    return Question(
        "duplicates",
        ((table.schema or "", table.name),),
        sql_of(statement, dialect),
        (*shown, "rows", *(each.name for each in ends)),
        "will fail",
        groups=True,
    )


def _ends_of_key(table: Table, rows: Any, shown: Sequence[str], dialect: str) -> list[Any]:
    """The first and the last primary key of a group, where it is one column that every server can order."""
    name = table.primary_key[0] if len(table.primary_key) == 1 else ""
    kinds = {each.name: types.kind(each.type, dialect).family for each in table.columns}
    if name in shown or kinds.get(name) not in {"integer", "decimal", "text", "date", "datetime"}:
        return []
    return [sa.func.min(rows.c[name]).label(f"first {name}"), sa.func.max(rows.c[name]).label(f"last {name}")]


def orphans(
    table: Table,
    columns: Sequence[str],
    parent: Table,
    referred: Sequence[str],
    dialect: str,
    if_bad: Verdict,
    *,
    rows: Any = None,
    parents: Any = None,
) -> Question:
    """The rows whose foreign key leads to no row of `parent`; one with a NULL in it leads nowhere and may.

    `rows` and `parents` are what to select from where it is not what is in the tables now.
    """
    rows = source(table) if rows is None else rows
    parents = source(parent, "the_parent") if parents is None else parents.element.alias("the_parent")
    matches = [parents.c[there] == rows.c[here] for here, there in zip(columns, referred, strict=True)]
    condition = sa.and_(
        *(rows.c[each].is_not(sa.null()) for each in columns),
        ~sa.exists(sa.select(sa.literal_column("1")).select_from(parents).where(*matches)),
    )
    return rows_where(
        "orphans", dialect, table, rows, condition, list(columns), if_bad=if_bad,
        also=((parent.schema or "", parent.name),),
    )  # fmt: skip


def _null_frac(table: Table, columns: Sequence[str], dialect: str) -> str:
    if dialect != "postgresql":
        return ""
    stats = sa.table(
        "pg_stats", *map(sa.column, ("schemaname", "tablename", "attname", "null_frac")), schema="pg_catalog"
    )
    schema: Any = sa.func.current_schema() if table.schema is None else sa.literal(table.schema)
    statement = sa.select(sa.func.count()).select_from(stats).where(
        stats.c.schemaname == schema,
        stats.c.tablename == sa.literal(table.name),
        stats.c.attname.in_([sa.literal(each) for each in columns]),
        stats.c.null_frac > sa.literal(0),
    )  # fmt: skip
    return sql_of(statement, dialect)


def broken_by_default(table: Table, added: ColumnSpec, check: str, dialect: str) -> Question:
    """The rows that a CHECK beside a new column does not let be, with the value that the column gets there."""
    rows = source(table)
    value = added.computed or added.default or "NULL"
    if dialect == "postgresql" and added.type:  # elsewhere a default may be of another type than its column
        value = f"CAST({value} AS {added.type})"
    with_it = (
        sa.select(*rows.c, sa.literal_column(f"({value})").label(added.name)).select_from(rows).subquery(table.name)
    )
    condition = sa.not_(sa.literal_column(f"({check})", sa.Boolean()))
    return rows_where("check", dialect, table, with_it, condition, [added.name], if_bad="will fail")

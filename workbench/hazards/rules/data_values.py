"""Rules about values that a revision itself writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.hazards import questions_rows, types
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.question import rows_where, source
from workbench.hazards.reading.names import SQLGLOT
from workbench.hazards.rule import MYSQL, PG, Suspicion, asking, found, rule
from workbench.hazards.situation import Situation
from workbench.results.operations import Operation

_LIMITED = {"varchar", "char"}


@rule("value-too-long", "L61", dialects=(*PG, *MYSQL), on=("insert", "update", "alter_column"))
def value_too_long(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A revision writes a text that is longer than its column.

    **Why.** PostgreSQL (22001) and MariaDB in strict mode (1406) refuse; SQLite does not look. Met in a real history:
    passwords were hashed, and the hashes had outgrown the column.

    **Example.** `op.execute("UPDATE customer SET country = 'United Kingdom'")` with a `VARCHAR(2)`

    **What to do.** Widen the column first, in the same revision or an earlier one.
    """
    done: set[tuple[str, str, str]] = now.memory.setdefault("L61", set())
    """Columns that were altered before, or of which it was said: a loop over rows writes the same column many times."""
    if op.kind == "alter_column":
        done.add(now.course.place(op.schema, op.table, op.new_name or op.name))
        return
    table = now.of(op)
    if table is None or (now.is_mysql and not now.strict):
        return
    for name, text, where in _texts(op, now.dialect):
        live = now.live_column(op.schema, op.table, name)
        place = now.course.place(op.schema, op.table, name)
        if live is None or place in done:
            continue
        kind = types.kind(live.type, now.dialect)
        length = len(text.rstrip(" "))  # blanks at the end are cut off without a word
        if kind.name not in _LIMITED or kind.length is None or length <= kind.length:
            continue
        done.add(place)
        message = f"{table.name}.{live.name} is set to a text of {length} characters, and holds {kind.length}"
        remedy = f"Widen {table.name}.{live.name} first."
        if op.kind == "insert" or now.dialect == "postgresql":  # which looks at it before it looks for a row
            yield found("value-too-long", op, "error", "fails", f"{message}: it fails.", remedy,
                        object=f"{op.table}.{name}")  # fmt: skip
            continue
        rows = source(table)
        condition: Any = sa.literal_column(f"({where})") if where else None
        yield asking(
            found("value-too-long", op, questions_rows.severity(now), "fails", f"{message}; a row makes it fail.",
                  remedy, object=f"{op.table}.{name}"),
            rows_where("length", now.dialect, table, rows, condition, [live.name], if_bad="will fail"),
            now,
            bad=f"{message}: it fails at {{count}}.",
        )  # fmt: skip


def _texts(op: Operation, dialect: str) -> Iterator[tuple[str, str, str]]:
    """(column, text, condition) of each text that is written."""
    read = SQLGLOT.get(dialect, dialect)
    try:
        parsed = [each for text in op.sql for each in sqlglot.parse(text, read=read)]
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
        return
    for each in parsed:
        if isinstance(each, exp.Update) and not each.args.get("from_") and each.this.name == op.table:
            where = each.args.get("where")
            condition = where.this.sql(dialect=read) if where is not None else ""
            for pair in each.expressions:
                if isinstance(pair, exp.EQ) and isinstance(pair.expression, exp.Literal) and pair.expression.is_string:
                    yield pair.this.name, pair.expression.this, condition
        elif isinstance(each, exp.Insert) and isinstance(each.this, exp.Schema):
            names = [one.name for one in each.this.expressions]
            for row in each.expression.expressions if isinstance(each.expression, exp.Values) else ():
                for name, value in zip(names, row.expressions, strict=False):
                    if isinstance(value, exp.Literal) and value.is_string:
                        yield name, value.this, ""

"""Rules about raw SQL that takes more than it seems to: TRUNCATE, no WHERE, CASCADE, a whole schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.hazards import questions_rows
from workbench.hazards.late import exp, sa, sqlglot
from workbench.hazards.question import Question, source, sql_of
from workbench.hazards.reading.names import SQLGLOT
from workbench.hazards.rule import Suspicion, asking, found, rule
from workbench.hazards.rules.data_drops import KEPT, REHEARSE
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.operations import Operation


@rule("destructive-raw-sql", "L04", on=("truncate", "delete", "update", "drop_schema", "drop_database", "drop_table",
                                        "drop_type"))  # fmt: skip
def destructive_raw_sql(op: Operation, now: Situation) -> Iterator[Suspicion]:
    """A statement empties a table, overwrites a column in every row, or drops more than it names.

    **Why.** TRUNCATE and a DELETE without WHERE take all rows; an UPDATE without WHERE takes all values of its
    columns. CASCADE reaches what the statement does not name: `DROP TABLE parent CASCADE` takes the foreign keys of
    its children, `TRUNCATE parent CASCADE` their rows.

    **Example.** `op.execute("TRUNCATE customer CASCADE")`

    **What to do.** Name each thing, add a WHERE, and count first what it will reach.
    """
    if op.kind in {"drop_schema", "drop_database"}:
        yield from _whole_schema(op, now)
    elif op.kind in {"drop_table", "drop_type"}:
        if op.cascade:
            yield found("destructive-raw-sql", op, "warning", "breaks-code",
                        f"{op.qualified} is dropped with CASCADE: what depends on it goes too, unnamed.",
                        "Drop each dependent by its name first, and leave CASCADE out.")  # fmt: skip
    elif op.kind == "update":
        yield from _overwritten(op, now)
    elif op.kind == "truncate" or not op.expression:
        yield from _emptied(op, now)


def _emptied(op: Operation, now: Situation) -> Iterator[Suspicion]:
    word = "TRUNCATE" if op.kind == "truncate" else "A DELETE without WHERE"
    table = now.of(op)
    if op.kind == "truncate" and table is not None:
        children = [each for each, _ in now.children(op.schema, op.table)]
        elsewhere = [each for each in children if not _is_truncated_too(each, op)]
        if (
            elsewhere
            and not op.cascade
            and not (now.is_mysql and now.setting("foreign_key_checks").lower() in {"0", "off"})
        ):
            yield found("destructive-raw-sql", op, "error", "fails",
                        f"TRUNCATE of {op.table} fails: a foreign key of {elsewhere[0].name} leads to it.",
                        "Use DELETE, or name all of these tables in one TRUNCATE.")  # fmt: skip
            return
    if now.course.is_moved(op.schema, op.table) and not op.cascade:
        yield found("destructive-raw-sql", op, "warning", "unknown",
                    f"{word} empties {op.table}; code of these revisions reads its rows first, and whether it keeps "
                    "them elsewhere is not known.", REHEARSE, evidence=KEPT)  # fmt: skip
        return
    suspicion = found(
        "destructive-raw-sql",
        op,
        questions_rows.severity(now),
        "loses-data",
        f"{word} empties {op.table}" + (" and every table with a foreign key to it." if op.cascade else "."),
        "Add a WHERE that says which rows, and keep a copy of what is needed.",
    )
    if table is None:
        yield questions_rows.undecided(suspicion, now, (op.schema, op.table))
        return
    question = questions_rows.any_row(table, now.dialect, "will lose data")
    reached = _closure(op, now) if op.cascade else []
    end = f", and with it {', '.join(each.name for each in reached)}" if reached else ""
    if reached:
        question = _any_row_of([table, *reached], now.dialect)
    counted = "{count}" if not reached else "rows"
    yield asking(
        suspicion,
        question,
        now,
        bad=f"{word} empties {op.table}{end}: {counted} go.",
        clean=f"{word} empties {op.table}{end}; there is no row.",
    )


def _is_truncated_too(child: Table, op: Operation) -> bool:
    """It stands in the same TRUNCATE."""
    try:
        parsed = [each for text in op.sql for each in sqlglot.parse(text, read="postgres")]
    except sqlglot.errors.SqlglotError:
        return False
    named = {table.name for each in parsed if isinstance(each, exp.TruncateTable) for table in each.find_all(exp.Table)}
    return child.name in named


def _closure(op: Operation, now: Situation) -> list[Table]:
    """The tables with foreign keys to it, and to those, and so on."""
    seen: dict[str, Table] = {}
    todo = [(op.schema, op.table)]
    while todo:
        for child, _ in now.children(*todo.pop()):
            if child.qualified not in seen:
                seen[child.qualified] = child
                todo.append((child.schema or "", child.name))
    return list(seen.values())


def _any_row_of(tables: Sequence[Table], dialect: str) -> Question:
    """Which of these tables have a row."""
    parts = [
        sa.select(sa.literal(each.name).label("table")).where(
            sa.exists(sa.select(sa.literal_column("1")).select_from(source(each)))
        )
        for each in tables
    ]
    statement = parts[0] if len(parts) == 1 else sa.union_all(*parts)
    places = tuple((each.schema or "", each.name) for each in tables)
    return Question("rows", places, sql_of(statement, dialect), ("table",), "will lose data", groups=True)


def _overwritten(op: Operation, now: Situation) -> Iterator[Suspicion]:
    if op.expression or not op.on:
        return
    live = [now.live_column(op.schema, op.table, each) for each in op.on]
    table = now.of(op)
    own = _reads_itself(op, now)
    names = [each.name for name, each in zip(op.on, live, strict=True) if each is not None and name not in own]
    if table is None or not names:
        return
    over = ", ".join(names)
    yield asking(
        found(
            "destructive-raw-sql",
            op,
            questions_rows.severity(now),
            "loses-data",
            f"An UPDATE without WHERE overwrites {op.table}.{over} in every row.",
            "Add a WHERE that says which rows, and keep a copy of what is needed.",
        ),
        questions_rows.filled(table, names, now.dialect, "will lose data"),
        now,
        bad=f"An UPDATE without WHERE overwrites {op.table}.{over}, and {{count}} have a value there.",
        columns=tuple(names),
    )


def _reads_itself(op: Operation, now: Situation) -> set[str]:
    """The columns that are set to something made of themselves, and all where there is a join."""
    try:
        parsed = [each for text in op.sql for each in sqlglot.parse(text, read=SQLGLOT.get(now.dialect, now.dialect))]
    except sqlglot.errors.SqlglotError:
        return set(op.on)
    found: set[str] = set()
    for each in parsed:
        if isinstance(each, exp.Update) and each.this.name.casefold() == op.table.casefold():
            if each.args.get("from_") or each.args.get("from") or each.this.args.get("joins"):
                return set(op.on)
            for pair in each.expressions:
                if isinstance(pair, exp.EQ) and pair.this.name in {
                    one.name for one in pair.expression.find_all(exp.Column)
                }:
                    found.add(pair.this.name)
    return found


def _whole_schema(op: Operation, now: Situation) -> Iterator[Suspicion]:
    tables = [each for each in now.tables if op.kind == "drop_schema" and (each.schema or "") == op.name]
    word = "database" if op.kind == "drop_database" or now.is_mysql else "schema"
    if tables and not op.cascade and now.dialect == "postgresql":
        yield found("destructive-raw-sql", op, "error", "fails",
                    f"The schema {op.name} is dropped without CASCADE, and has tables: {tables[0].name}.",
                    "Drop its tables first, each by its name.", object=op.name)  # fmt: skip
        return
    suspicion = found(
        "destructive-raw-sql",
        op,
        "error" if not now.knows_data or now.is_mysql or op.kind == "drop_database" else "warning",
        "loses-data",
        f"The {word} {op.name} is dropped, with all that is in it.",
        "Drop what is in it by name, once nothing uses it.",
        object=op.name,
    )
    if not tables:
        if op.kind == "drop_database" or now.is_mysql or not now.knows_data:
            yield suspicion
        return
    yield asking(
        suspicion,
        _any_row_of(tables, now.dialect),
        now,
        bad=f"The {word} {op.name} is dropped, and tables in it have rows.",
        clean=f"The {word} {op.name} is dropped; no table in it has a row.",
    )

"""The safer ways of PostgreSQL: CONCURRENTLY, NOT VALID and VALIDATE, USING INDEX, a column in steps."""

from __future__ import annotations

import re

from workbench.hazards.question import quoted
from workbench.hazards.rewrites import (
    autocommit,
    dropped,
    execute,
    final,
    name_of,
    schema_of,
    table_of,
    text,
)
from workbench.hazards.situation import Situation
from workbench.results.objects import Index
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

_KNOWN = {"postgresql_concurrently", "postgresql_where", "postgresql_using", "postgresql_nulls_not_distinct"}
_INDEX = re.compile(r"(?i)^(CREATE (?:UNIQUE )?INDEX) ")


def concurrently(op: Operation, table: str, now: Situation, *, again: bool = False) -> Rewrite | None:
    """An index made or dropped CONCURRENTLY; None where it has options that cannot be written again.

    Args:
        op: A `create_index` or `drop_index`.
        table: The table of the index.
        now: The situation.
        again: What has the name already is dropped first.

    """
    if op.kind not in {"create_index", "drop_index"} or not op.name or not {name for name, _ in op.options} <= _KNOWN:
        return None
    where = schema_of(op.schema)
    drop = f"op.drop_index({name_of(op)}, {table!r}{where}, postgresql_concurrently=True"
    if op.kind == "drop_index":
        live = _live_index(op, table, now)
        back = None if live is None else autocommit(execute(_INDEX.sub(r"\1 CONCURRENTLY ", live.definition)))
        return Rewrite(autocommit(f"{drop})"), back, alone=True)
    parts = ", ".join(text(each) if op.on_expressions else repr(each) for each in op.on)
    more = ", unique=True" if op.unique else ""
    if op.where:
        more += f", postgresql_where={text(op.where)}"
    if op.option("postgresql_using"):
        more += f", postgresql_using={op.option('postgresql_using')!r}"
    if op.option("postgresql_nulls_not_distinct") == "True":
        more += ", postgresql_nulls_not_distinct=True"
    build = f"op.create_index({name_of(op)}, {table!r}, [{parts}]{more}{where}, postgresql_concurrently=True)"
    lines = [f"{drop}, if_exists=True)", build] if again else [build]
    return Rewrite(autocommit(*lines), autocommit(f"{drop})"), alone=True)


def _live_index(op: Operation, table: str, now: Situation) -> Index | None:
    live = now.table(op.schema, table)
    return next((each for each in (live.indexes if live is not None else ()) if each.name == op.name), None)


def outside(statement: str) -> Rewrite:
    """A statement outside of the transaction; there is nothing to undo that what undoes it does not undo."""
    return Rewrite(autocommit(execute(statement)), alone=True)


def using_index(op: Operation) -> Rewrite | None:
    """UNIQUE or PRIMARY KEY over an index that is built CONCURRENTLY first."""
    if op.kind not in {"create_unique_constraint", "create_primary_key"} or op.batch or op.options:
        return None
    if not op.name or not op.on:
        return None
    kind = "UNIQUE" if op.kind == "create_unique_constraint" else "PRIMARY KEY"
    name, table = quoted(op.name, "postgresql"), table_of(op.schema, op.table, "postgresql")
    build = (
        f"op.create_index({final(op.name)}, {op.table!r}, {list(op.on)!r}, unique=True{schema_of(op.schema)}, "
        "postgresql_concurrently=True)"
    )
    added = execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}")
    return Rewrite(f"{autocommit(build)}\n{added}", dropped(op), alone=True)


def not_valid(op: Operation) -> Rewrite | None:
    """A foreign key or CHECK that is added NOT VALID and proved afterwards, while others read and write."""
    if not op.name or op.source != "operation" or op.batch or set(dict(op.options)) - {"postgresql_not_valid"}:
        return None
    if op.kind == "create_check_constraint":
        added = (
            f"op.create_check_constraint({name_of(op)}, {op.table!r}, {text(op.expression)}{schema_of(op.schema)}, "
            "postgresql_not_valid=True)"
        )
    elif op.kind == "create_foreign_key":
        more = schema_of(op.schema, "source_schema") + schema_of(op.referred_schema, "referent_schema")
        more += f", ondelete={op.on_delete!r}" if op.on_delete else ""
        added = (
            f"op.create_foreign_key({name_of(op)}, {op.table!r}, {op.referred_table!r}, {list(op.on)!r}, "
            f"{list(op.referred_columns)!r}{more}, postgresql_not_valid=True)"
        )
    else:
        return None
    wrong = "that break it" if op.kind == "create_check_constraint" else "without a parent"
    filled = f"# here, or in revisions between: correct the rows {wrong}"
    return Rewrite(f"{added}\n{filled}\n{autocommit(_validated(op, op.name))}", dropped(op), alone=True)


def _validated(op: Operation, name: str) -> str:
    table = table_of(op.schema, op.table, "postgresql")
    return execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(name, 'postgresql')}")


def proved_not_null(op: Operation, now: Situation) -> Rewrite | None:
    """NOT NULL that a CHECK has proved, so that nobody waits while the rows are read. From PostgreSQL 12 on."""
    if op.batch or op.recreates or op.new_name or op.sets != ("nullable",) or not now.at_least(12):
        return None
    check = f"ck_{op.table}_{op.name}_not_null"[:63]
    where, condition = schema_of(op.schema), text(f"{quoted(op.name, 'postgresql')} IS NOT NULL")
    alter = f"op.alter_column({op.table!r}, {op.name!r}, nullable="
    lines = [
        # Behind op.f(): a naming convention would make another name of it.
        f"op.create_check_constraint({final(check)}, {op.table!r}, {condition}{where}, postgresql_not_valid=True)",
        f"# here, or in revisions between: fill the rows that have NULL in {op.name}, in batches",
        autocommit(_validated(op, check)),
        f"{alter}False{where})",
        f"op.drop_constraint({final(check)}, {op.table!r}, type_='check'{where})",
    ]
    return Rewrite("\n".join(lines), f"{alter}True{where})", alone=True)


def column_in_steps(op: Operation) -> Rewrite | None:
    """A column with a default that would write the table anew: added without it, and filled."""
    spec = op.column
    if spec is None or spec.default is None or not spec.type or spec.references or spec.checks or spec.unique:
        return None
    table, name = table_of(op.schema, op.table, "postgresql"), quoted(op.name, "postgresql")
    where = schema_of(op.schema)
    lines = [
        # The type as SQL: what the revision's own code says is not known here.
        execute(f"ALTER TABLE {table} ADD COLUMN {name} {spec.type}"),
        f"op.alter_column({op.table!r}, {op.name!r}, server_default={text(spec.default)}{where})",
        execute(f"UPDATE {table} SET {name} = DEFAULT WHERE {name} IS NULL") + "  # in batches",  # noqa: S608 - code to show
    ]
    if spec.nullable is False:
        lines.append(f"op.alter_column({op.table!r}, {op.name!r}, nullable=False{where})")
    return Rewrite("\n".join(lines), f"op.drop_column({op.table!r}, {op.name!r}{where})")


def type_first(name: str, labels: tuple[str, ...]) -> Rewrite:
    """An enum type that is made before the column that has it, and dropped after the column is."""
    listed = "".join(f"{each!r}, " for each in labels)
    make = f"sa.Enum({listed}name={name!r}).create(op.get_bind(), checkfirst=True)"
    drop = f"sa.Enum(name={name!r}).drop(op.get_bind(), checkfirst=True)"
    return Rewrite(make, "", around=True, downgrade_after=drop)


def type_after(name: str, labels: tuple[str, ...], op: Operation) -> Rewrite:
    """An enum type that is dropped after the last column that has it, and made again before that is."""
    listed = "".join(f"{each!r}, " for each in labels)
    make = f"sa.Enum({listed}name={name!r}).create(op.get_bind(), checkfirst=True)"
    # op.create_table makes it by itself.
    before = "" if op.kind == "drop_table" else make
    return Rewrite("", before, around=True, after=f"sa.Enum(name={name!r}).drop(op.get_bind(), checkfirst=True)")


def views_around(views: list[tuple[str | None, str, str]]) -> Rewrite:
    """Views that are dropped before the operation, and made again after it; the same on the way back.

    Args:
        views: Schema, name and query of each, those first that use others.

    """
    names = [(table_of(schema, name, "postgresql"), query.rstrip().rstrip(";")) for schema, name, query in views]
    drops = "\n".join(execute(f"DROP VIEW {name}") for name, _ in names)
    makes = "\n".join(execute(f"CREATE VIEW {name} AS {query}") for name, query in reversed(names))
    return Rewrite(drops, drops, around=True, after=makes, downgrade_after=makes)

"""The safer way to give a column another name: another column beside it, which takes its place in a later revision."""

from __future__ import annotations

from workbench.hazards import mysql_columns
from workbench.hazards.pg_types import mentions
from workbench.hazards.question import quoted
from workbench.hazards.rewrites import batch, execute, final, schema_of, table_of, text, type_code
from workbench.hazards.situation import Situation
from workbench.results import Table
from workbench.results.objects import Column, Index
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite


def both_columns(op: Operation, now: Situation) -> Rewrite | None:
    """The new column beside the old one, which a later revision drops; default, comment and indexes go over.

    None where something else is over the column, a key or a CHECK, which would be lost with it.
    """
    table, live = now.of(op), now.live_column(op.schema, op.table, op.name)
    if table is None or live is None or live.generated or op.batch or op.sets != ("name",):
        return None
    indexes = _indexes(table, live, now)
    if indexes is None or (now.dialect == "sqlite" and (live.default or "").startswith(("(", "CURRENT_"))):
        return None
    name, where = table_of(op.schema, op.table, now.dialect), schema_of(op.schema)
    old, new = quoted(op.name, now.dialect), quoted(op.new_name, now.dialect)
    drops = {each: f"op.drop_column({op.table!r}, {each!r}{where})" for each in (op.name, op.new_name)}
    without = [f"op.drop_index({final(each.name)}, {op.table!r}{where})" for each in indexes]
    with_old = [_index(op, each) for each in indexes]
    with_new = [_index(op, each, live.name) for each in indexes]
    fills = f"{execute(f'UPDATE {name} SET {new} = {old}')}  # in batches where there are many rows"  # noqa: S608 - code to show
    back = execute(f"UPDATE {name} SET {old} = {new}")  # noqa: S608 - as above
    required, optional = _null_or_not(op, live, now)
    later = Rewrite(
        "\n".join([*required, *without, drops[op.name], *with_new]),
        "\n".join([*without, _added(op, live, op.name, now), back, *optional, *with_old]),
    )
    return Rewrite(f"{_added(op, live, op.new_name, now)}\n{fills}", drops[op.new_name], later=(later,))


def _indexes(table: Table, live: Column, now: Situation) -> list[Index] | None:
    """The indexes over the column, of plain columns; None where anything else is over it."""
    # MariaDB and MySQL have nothing but an index for UNIQUE.
    unique = [each for each in table.constraints if now.is_mysql and each.kind == "unique"]
    kept = [each for each in table.constraints if each not in unique]
    if any(live.name in each.columns or _names(each.definition, live) for each in kept):
        return None
    for child, name in now.children(table.schema or "", table.name):
        if any(each.name == name and live.name in each.referred_columns for each in child.foreign_keys):
            return None
    made = (*table.indexes, *(Index(each.name, each.columns, each.definition, unique=True) for each in unique))
    found = [each for each in made if live.name in each.expressions or _names(each.definition, live)]
    return found if all(_is_plain(each, table, now.dialect) for each in found) else None


def _names(definition: str, live: Column) -> bool:
    return mentions(definition.replace("`", '"'), live.name)


def _is_plain(index: Index, table: Table, dialect: str) -> bool:
    if index.where or index.include or index.method or not index.is_valid:
        return False
    if not set(index.expressions) <= {each.name for each in table.columns}:
        return False
    if dialect == "postgresql":
        over = ", ".join(quoted(each, dialect) for each in index.expressions)
        return index.definition.endswith(f"({over})")
    told = index.definition.lower()
    return not any(f" {word}" in told for word in ("desc", "collate", "comment", "using"))


def _index(op: Operation, index: Index, renamed: str = "") -> str:
    over = [op.new_name if each == renamed else each for each in index.expressions]
    unique = ", unique=True" if index.unique else ""
    return f"op.create_index({final(index.name)}, {op.table!r}, {over!r}{unique}{schema_of(op.schema)})"


def _added(op: Operation, live: Column, name: str, now: Situation) -> str:
    """The code that adds a column like the live one, but for NOT NULL."""
    code = mysql_columns.type_code(live) if now.is_mysql else type_code(live, now.dialect)
    told = mysql_columns.definition(live).get("existing_server_default") if now.is_mysql else None
    default = told or ("" if live.default is None else text(live.default))
    if not code:
        more = "" if live.default is None else f" DEFAULT {live.default}"
        where = table_of(op.schema, op.table, now.dialect)
        return execute(f"ALTER TABLE {where} ADD COLUMN {quoted(name, now.dialect)} {live.type}{more}")
    more = f", server_default={default}" if default else ""
    more += f", comment={live.comment!r}" if live.comment is not None else ""
    return f"op.add_column({op.table!r}, sa.Column({name!r}, {code}{more}){schema_of(op.schema)})"


def _null_or_not(op: Operation, live: Column, now: Situation) -> tuple[list[str], list[str]]:
    """The new column NOT NULL where the old one is; and on the way back the old one again, and the new one not."""
    if live.nullable or (now.is_mysql and not mysql_columns.type_code(live)):
        return [], []

    def altered(name: str, *, nullable: bool) -> str:
        if now.dialect == "sqlite":
            return batch(op.table, f"batch_op.alter_column({name!r}, nullable={nullable})")
        told = mysql_columns.definition(live) if now.is_mysql else {}
        existing = "".join(f", {key}={value}" for key, value in told.items() if key != "existing_nullable")
        return f"op.alter_column({op.table!r}, {name!r}{existing}, nullable={nullable}{schema_of(op.schema)})"

    return (
        [altered(op.new_name, nullable=False)],
        [altered(op.name, nullable=False), altered(op.new_name, nullable=True)],
    )

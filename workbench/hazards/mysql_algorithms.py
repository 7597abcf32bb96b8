"""How MariaDB and MySQL carry out an ALTER TABLE: at once, in place, by a copy; and whether writes wait for it.

MariaDB's answers were tried on 10.11 (`tests/hazards/test_mysql_algorithms.py`), MySQL's are those of its manual
(8.4, "Online DDL Operations").
"""

from __future__ import annotations

import re

from workbench.hazards.mysql_algorithm import INSTANT, ORDER, Algorithm, copied, indexes_on, rebuilt, without_copy
from workbench.hazards.mysql_columns import Redefined, redefined
from workbench.hazards.mysql_type_changes import of_type
from workbench.hazards.situation import Situation
from workbench.hazards.types import kind
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import ColumnSpec, Operation


def algorithm(op: Operation, now: Situation) -> Algorithm | None:
    """How the server carries `op` out; None for what is no ALTER of a table that is there, or is not known."""
    table = now.of(op)
    told = _of(op, table, now)
    return None if told is None else _in_this_table(told, op, table, now)


def keys_unchecked(now: Situation) -> bool:
    """`foreign_key_checks` is off at this place of the steps."""
    return now.setting("foreign_key_checks").upper() in {"OFF", "0", "FALSE"}


def _of(op: Operation, table: Table | None, now: Situation) -> Algorithm | None:  # noqa: C901, PLR0911 - a table of kinds
    if op.kind == "add_column" and op.column is not None:
        return _add_column(op, op.column, now)
    if op.kind == "drop_column":
        return _drop_column(op, table, now)
    if op.kind == "alter_column":
        return _alter_column(op, table, now)
    if op.kind in {"create_index", "create_unique_constraint"}:
        return _index(op, table, now)
    if op.kind == "drop_index":
        return without_copy("an index is dropped", now)
    if op.kind == "create_primary_key":
        return rebuilt("the rows are stored in the order of their primary key")
    if op.kind == "create_foreign_key":
        if keys_unchecked(now):
            return without_copy("an index is built for the foreign key", now)
        return copied("all rows are checked against the foreign key")
    if op.kind == "create_check_constraint":
        if not now.at_least(8, 0, 16) and now.dialect == "mysql":
            return INSTANT  # it is read, and left out
        return copied("all rows are checked")
    if op.kind == "drop_constraint":
        return _drop_constraint(op, table, now)
    if op.kind in {"rename_table", "create_table_comment", "drop_table_comment"}:
        return INSTANT
    return _other(op) if op.kind == "alter_table" else None


def _add_column(op: Operation, spec: ColumnSpec, now: Situation) -> Algorithm:  # noqa: PLR0911 - as above
    if spec.autoincrement or spec.identity:
        return Algorithm("INPLACE", blocks_writes=True, why="every row gets a number", rebuilds=True)
    if spec.computed is not None and spec.persisted:
        return copied("the value of a stored generated column is worked out for every row")
    if spec.references and not keys_unchecked(now):
        return copied("all rows are checked against its foreign key")
    if _needs_rows(spec.default, now):
        return copied("its default is worked out for every row")
    if now.dialect == "mysql" and not now.at_least(8, 0, 12):
        return rebuilt("before MySQL 8.0.12 a new column needs the table written anew")
    if spec.unique or spec.primary_key:
        # Alembic adds the column first and the index by a statement of its own.
        why = "an index is built for it"
        return rebuilt(why) if op.source == "sql" or spec.primary_key else without_copy(why, now)
    return INSTANT


def _needs_rows(default: str | None, now: Situation) -> bool:
    """A default that is another for each row. MariaDB works out once what needs no row: `rand()`, `1 + 2`."""
    if not default:
        return False
    calls = {each.lower() for each in re.findall(r"(\w+)\s*\(", default)}
    if now.dialect == "mariadb":
        return bool(calls & {"uuid", "uuid_short", "sys_guid", "nextval", "next_value"})
    is_expression = default.lstrip().startswith("(")
    return is_expression or bool(calls - {"now", "current_timestamp", "localtime", "localtimestamp"})


def _drop_column(op: Operation, table: Table | None, now: Situation) -> Algorithm:
    indexes = indexes_on(op.name, table, now)
    if "primary key" in indexes:
        return copied("it is part of the primary key")
    if now.dialect == "mysql":
        if indexes:
            return rebuilt("its index is dropped with it")
        return INSTANT if now.at_least(8, 0, 29) else rebuilt("before MySQL 8.0.29 the table is written anew for it")
    if not indexes:
        return INSTANT
    if table is not None and any("VIRTUAL" in (each.generated or "") for each in table.columns):
        return copied("its index is dropped with it, and the table has a virtual column")
    return without_copy("its index is dropped with it", now)


def _alter_column(op: Operation, table: Table | None, now: Situation) -> Algorithm | None:
    live = now.live_column(op.schema, op.table, op.name)
    new = redefined(op, now)
    if new is None or not new.is_whole:
        return INSTANT  # RENAME COLUMN, SET DEFAULT
    if live is None:
        return _unseen(op, new, now)
    told = [of_type(live, new, op, table, now)]
    if new.nullable != live.nullable and not live.primary_key:
        word = "NULL" if new.nullable else "NOT NULL"
        is_strict = now.dialect == "mariadb" or now.strict
        told.append(rebuilt(f"it becomes {word}") if is_strict or new.nullable else copied(f"it becomes {word}"))
    if new.autoincrement and not live.identity:
        told.append(copied("it becomes AUTO_INCREMENT"))
    return max(told, key=lambda each: ORDER.index(each.name))


def _unseen(op: Operation, new: Redefined, now: Situation) -> Algorithm:
    """What the operation itself says, where there is no live column to compare with."""
    old = op.existing.type if op.existing is not None and "type" in op.existing_given else ""
    live = Column(op.name, old or new.type, nullable=not new.nullable if "nullable" in op.sets else new.nullable)
    told = [of_type(live, new, op, None, now)] if old or "type" not in op.sets else [copied("its type may change")]
    if "nullable" in op.sets:
        told.append(rebuilt(f"it becomes {'NULL' if new.nullable else 'NOT NULL'}"))
    return max(told, key=lambda each: ORDER.index(each.name))


def _index(op: Operation, table: Table | None, now: Situation) -> Algorithm:
    prefix = op.option("mysql_prefix") or op.option("mariadb_prefix") or " ".join(op.sql)
    if "FULLTEXT" in prefix.upper() or "SPATIAL" in prefix.upper():
        return Algorithm("INPLACE", blocks_writes=True, why="a FULLTEXT or SPATIAL index is built")
    has_length = bool(op.option("mysql_length") or op.option("mariadb_length"))
    columns = {each.name.casefold(): each for each in (table.columns if table is not None else ())}
    is_long = any(
        kind(columns[each.casefold()].type, now.dialect).name.endswith(("text", "blob"))
        for each in op.on
        if each.casefold() in columns
    )
    if now.dialect == "mariadb" and (op.unique or op.kind != "create_index") and is_long and not has_length:
        return copied("a unique index over long values is one of hashes")
    return without_copy("an index is built", now)


def _drop_constraint(op: Operation, table: Table | None, now: Situation) -> Algorithm:
    if op.constraint_type.startswith("primary"):
        return copied("the primary key goes, and the rows are stored in its order")
    if op.constraint_type == "unique" or any(
        each.kind == "unique" and each.name.casefold() == op.name.casefold()
        for each in (table.constraints if table is not None else ())
    ):
        return without_copy("an index is dropped", now)
    return INSTANT if now.dialect == "mariadb" else without_copy("a constraint is dropped", now)


def _other(op: Operation) -> Algorithm | None:
    """Actions of a raw ALTER TABLE that have no operation of Alembic's."""
    told = " ".join((op.expression or " ".join(op.sql)).upper().split())
    if re.search(r"\bCONVERT TO CHARACTER SET\b", told):
        return copied("all text is converted to another character set")
    if re.search(r"\bORDER BY\b", told):
        return copied("the rows are stored in another order")
    if re.search(r"\b(FORCE|OPTIMIZE|ROW_FORMAT|KEY_BLOCK_SIZE|ENGINE ?= ?INNODB)\b", told):
        return rebuilt("the table is written anew")
    if re.search(r"\bENGINE ?=", told):
        return copied("the table goes to another engine")
    if re.search(r"\b(RENAME (INDEX|KEY)|COMMENT|AUTO_INCREMENT ?=|DEFAULT CHARACTER SET)\b", told):
        return INSTANT
    return None


def _in_this_table(told: Algorithm, op: Operation, table: Table | None, now: Situation) -> Algorithm:
    """What the table itself has that the server cannot do otherwise: FULLTEXT indexes, generated columns."""
    if table is None or now.dialect != "mariadb" or told.name == "COPY":
        return told
    generated = {each.name: each.generated for each in table.columns if each.generated}
    is_not_null = op.kind == "alter_column" and "NOT NULL" in told.why
    if is_not_null and any("STORED" in (each or "") for each in generated.values()):
        return copied(f"{told.why}, and the table has a stored generated column")
    virtual = [name for name, each in generated.items() if "VIRTUAL" in (each or "")]
    if any(indexes_on(each, table, now) for each in virtual):
        if told.rebuilds:
            return copied(f"{told.why}, and the table has an index on a virtual column")
        if op.kind == "add_column":
            return Algorithm("INPLACE", True, "the table has an index on a virtual column", rebuilds=True)
    has_fulltext = any(each.method == "FULLTEXT" for each in table.indexes)
    if has_fulltext and (told.rebuilds or op.kind in {"add_column", "drop_column"}):
        return Algorithm("INPLACE", True, "the table has a FULLTEXT index", rebuilds=True)
    return told

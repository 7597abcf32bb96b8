"""How MariaDB and MySQL carry out an ALTER TABLE: at once, in place, by a copy; and whether writes wait for it.

MariaDB's answers were tried on 10.11 (`tests/hazards/test_mysql_algorithms.py`), MySQL's are those of its manual
(8.4, "Online DDL Operations").
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.hazards.mysql_columns import Redefined, redefined
from workbench.hazards.situation import Situation
from workbench.hazards.types import Kind, kind
from workbench.results import Table
from workbench.results.objects import Column
from workbench.results.operations import ColumnSpec, Operation

ORDER = ("INSTANT", "NOCOPY", "INPLACE", "COPY")
_MAX_LENGTH_BYTE = 255
_MAX_SAME_BYTE = 127
_BYTES_OF_CHARACTER = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "ucs2": 2, "utf16": 4, "utf32": 4}


class Algorithm(NamedTuple):
    """The best that the server has for one operation, which is what it takes if nobody asks for another."""

    name: str
    """`INSTANT` (no row is read), `NOCOPY` (MariaDB) and `INPLACE` (rows are read, or written anew, while others
    write), `COPY`."""
    blocks_writes: bool
    """Others wait with their writes until it has ended. The short lock at its beginning and end is not meant."""
    why: str
    """What makes it so, in a few words: `its type changes`; empty for `INSTANT`."""
    rebuilds: bool = False
    """The whole table is written anew."""


INSTANT = Algorithm("INSTANT", blocks_writes=False, why="")


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
        return _without_copy("an index is dropped", now)
    if op.kind == "create_primary_key":
        return _rebuild("the rows are stored in the order of their primary key")
    if op.kind == "create_foreign_key":
        if keys_unchecked(now):
            return _without_copy("an index is built for the foreign key", now)
        return _copy("all rows are checked against the foreign key")
    if op.kind == "create_check_constraint":
        if not now.at_least(8, 0, 16) and now.dialect == "mysql":
            return INSTANT  # it is read, and left out
        return _copy("all rows are checked")
    if op.kind == "drop_constraint":
        return _drop_constraint(op, table, now)
    if op.kind in {"rename_table", "create_table_comment", "drop_table_comment"}:
        return INSTANT
    return _other(op) if op.kind == "alter_table" else None


def _copy(why: str) -> Algorithm:
    return Algorithm("COPY", blocks_writes=True, why=why, rebuilds=True)


def _rebuild(why: str) -> Algorithm:
    return Algorithm("INPLACE", blocks_writes=False, why=why, rebuilds=True)


def _without_copy(why: str, now: Situation, *, blocks: bool = False) -> Algorithm:
    """What MariaDB calls NOCOPY; MySQL has no word of its own for it."""
    return Algorithm("NOCOPY" if now.dialect == "mariadb" and not blocks else "INPLACE", blocks, why)


def _add_column(op: Operation, spec: ColumnSpec, now: Situation) -> Algorithm:  # noqa: PLR0911 - as above
    if spec.autoincrement or spec.identity:
        return Algorithm("INPLACE", blocks_writes=True, why="every row gets a number", rebuilds=True)
    if spec.computed is not None and spec.persisted:
        return _copy("the value of a stored generated column is worked out for every row")
    if spec.references and not keys_unchecked(now):
        return _copy("all rows are checked against its foreign key")
    if _needs_rows(spec.default, now):
        return _copy("its default is worked out for every row")
    if now.dialect == "mysql" and not now.at_least(8, 0, 12):
        return _rebuild("before MySQL 8.0.12 a new column needs the table written anew")
    if spec.unique or spec.primary_key:
        # Alembic adds the column first and the index by a statement of its own.
        why = "an index is built for it"
        return _rebuild(why) if op.source == "sql" or spec.primary_key else _without_copy(why, now)
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
    indexes = _indexes_on(op.name, table, now)
    if "primary key" in indexes:
        return _copy("it is part of the primary key")
    if now.dialect == "mysql":
        if indexes:
            return _rebuild("its index is dropped with it")
        return INSTANT if now.at_least(8, 0, 29) else _rebuild("before MySQL 8.0.29 the table is written anew for it")
    if not indexes:
        return INSTANT
    if table is not None and any("VIRTUAL" in (each.generated or "") for each in table.columns):
        return _copy("its index is dropped with it, and the table has a virtual column")
    return _without_copy("its index is dropped with it", now)


def _alter_column(op: Operation, table: Table | None, now: Situation) -> Algorithm | None:
    live = now.live_column(op.schema, op.table, op.name)
    new = redefined(op, now)
    if new is None or not new.is_whole:
        return INSTANT  # RENAME COLUMN, SET DEFAULT
    if live is None:
        return _unseen(op, new, now)
    told = [_type(live, new, op, table, now)]
    if new.nullable != live.nullable and not live.primary_key:
        word = "NULL" if new.nullable else "NOT NULL"
        is_strict = now.dialect == "mariadb" or now.strict
        told.append(_rebuild(f"it becomes {word}") if is_strict or new.nullable else _copy(f"it becomes {word}"))
    if new.autoincrement and not live.identity:
        told.append(_copy("it becomes AUTO_INCREMENT"))
    return max(told, key=lambda each: ORDER.index(each.name))


def _unseen(op: Operation, new: Redefined, now: Situation) -> Algorithm:
    """What the operation itself says, where there is no live column to compare with."""
    old = op.existing.type if op.existing is not None and "type" in op.existing_given else ""
    live = Column(op.name, old or new.type, nullable=not new.nullable if "nullable" in op.sets else new.nullable)
    told = [_type(live, new, op, None, now)] if old or "type" not in op.sets else [_copy("its type may change")]
    if "nullable" in op.sets:
        told.append(_rebuild(f"it becomes {'NULL' if new.nullable else 'NOT NULL'}"))
    return max(told, key=lambda each: ORDER.index(each.name))


def _type(  # noqa: C901, PLR0911 - as above
    live: Column, new: Redefined, op: Operation, table: Table | None, now: Situation
) -> Algorithm:
    if not new.type:
        return INSTANT
    old_kind, new_kind = kind(live.type, now.dialect), kind(new.type, now.dialect)
    is_json = new_kind.family == "json" and (old_kind.family == "json" or "json_valid" in live.extra)
    changed = _copy(f"its type changes from {live.type} to {new.type}")
    if "json_valid" in live.extra:  # JSON is LONGTEXT with a CHECK there
        return INSTANT if is_json else changed
    if live.generated:
        return INSTANT if old_kind == new_kind else changed
    collation = _collation(op)
    if collation and collation != live.collation and old_kind.family == "text":
        if now.dialect == "mysql" or _charset(collation) != _charset(live.collation or _collation_of(table)):
            return _copy(f"its collation becomes {collation}")
        if _indexes_on(op.name, table, now):
            return _without_copy("its index is built anew for the collation", now)
    if is_json or old_kind == new_kind:
        return INSTANT
    if new_kind.name == old_kind.name in {"varchar", "varbinary"} and (new_kind.length or 0) > (old_kind.length or 0):
        return _longer(old_kind, new_kind, _charset(live.collation or _collation_of(table)), now) or changed
    old_labels, new_labels = _labels(live.type), _labels(new.type)
    if old_labels and new_labels[: len(old_labels)] == old_labels:
        is_set = live.type.lower().startswith("set")
        if _label_bytes(len(old_labels), is_set=is_set) == _label_bytes(len(new_labels), is_set=is_set):
            return INSTANT
    return changed


def _longer(old: Kind, new: Kind, charset: str, now: Situation) -> Algorithm | None:
    """The length of a value is kept in one byte up to 255 bytes, in two beyond: crossing that is a copy.

    MariaDB writes what is at most 127 bytes long the same way in both (run).
    """
    width = 1 if old.name == "varbinary" else _BYTES_OF_CHARACTER.get(charset, 1 if charset else 4)
    before, after = ((each.length or 0) * width for each in (old, new))
    if before <= _MAX_LENGTH_BYTE < after and (now.dialect == "mysql" or before > _MAX_SAME_BYTE):
        return None
    return INSTANT if now.dialect == "mariadb" else _without_copy("it only becomes longer", now)


def _labels(told: str) -> tuple[str, ...]:
    is_listed = told.lower().startswith(("enum(", "set("))
    return tuple(re.findall(r"'((?:[^']|'')*)'", told)) if is_listed else ()


def _label_bytes(count: int, *, is_set: bool) -> int:
    if not is_set:
        return 1 if count <= _MAX_LENGTH_BYTE else 2
    return next(each for each in (1, 2, 3, 4, 8) if count <= each * 8 or each == 8)  # noqa: PLR2004 - its bytes


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
        return _copy("a unique index over long values is one of hashes")
    return _without_copy("an index is built", now)


def _drop_constraint(op: Operation, table: Table | None, now: Situation) -> Algorithm:
    if op.constraint_type.startswith("primary"):
        return _copy("the primary key goes, and the rows are stored in its order")
    if op.constraint_type == "unique" or any(
        each.kind == "unique" and each.name.casefold() == op.name.casefold()
        for each in (table.constraints if table is not None else ())
    ):
        return _without_copy("an index is dropped", now)
    return INSTANT if now.dialect == "mariadb" else _without_copy("a constraint is dropped", now)


def _other(op: Operation) -> Algorithm | None:
    """Actions of a raw ALTER TABLE that have no operation of Alembic's."""
    told = " ".join((op.expression or " ".join(op.sql)).upper().split())
    if re.search(r"\bCONVERT TO CHARACTER SET\b", told):
        return _copy("all text is converted to another character set")
    if re.search(r"\bORDER BY\b", told):
        return _copy("the rows are stored in another order")
    if re.search(r"\b(FORCE|OPTIMIZE|ROW_FORMAT|KEY_BLOCK_SIZE|ENGINE ?= ?INNODB)\b", told):
        return _rebuild("the table is written anew")
    if re.search(r"\bENGINE ?=", told):
        return _copy("the table goes to another engine")
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
        return _copy(f"{told.why}, and the table has a stored generated column")
    virtual = [name for name, each in generated.items() if "VIRTUAL" in (each or "")]
    if any(_indexes_on(each, table, now) for each in virtual):
        if told.rebuilds:
            return _copy(f"{told.why}, and the table has an index on a virtual column")
        if op.kind == "add_column":
            return Algorithm("INPLACE", True, "the table has an index on a virtual column", rebuilds=True)
    has_fulltext = any(each.method == "FULLTEXT" for each in table.indexes)
    if has_fulltext and (told.rebuilds or op.kind in {"add_column", "drop_column"}):
        return Algorithm("INPLACE", True, "the table has a FULLTEXT index", rebuilds=True)
    return told


def _indexes_on(column: str, table: Table | None, now: Situation) -> set[str]:
    """The names or kinds of the indexes that a column is part of."""
    if table is None:
        return set()
    live = now.live_column(table.schema or "", table.name, column)
    name = (live.name if live is not None else column).casefold()
    keys = {
        each.kind
        for each in table.constraints
        if each.kind in {"primary key", "unique"} and name in {told.casefold() for told in each.columns}
    }
    return keys | {each.name for each in table.indexes if name in {told.casefold() for told in each.expressions}}


def _collation(op: Operation) -> str:
    return op.column.collation if op.column is not None and "type" in op.sets else ""


def _collation_of(table: Table | None) -> str:
    """The collation of a table, which its columns have by themselves."""
    found = re.search(r"COLLATE=(\w+)", table.definition) if table is not None else None
    return found.group(1) if found else ""


def _charset(collation: str) -> str:
    return "utf8mb4" if collation.startswith("uca1400") else collation.partition("_")[0].lower()

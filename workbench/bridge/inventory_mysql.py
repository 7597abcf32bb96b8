"""The inventory of a MySQL or MariaDB database: what information_schema tells."""

# ruff: noqa: S608 - the questions are put together of constants

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.bridge.inventory import Inventory, Shape, dotted, rows

_HERE = "table_schema = database()"
_TABLES = f"""
    SELECT table_name, table_type, engine, table_collation, table_comment, create_options
    FROM information_schema.tables WHERE {_HERE}
"""
_COLUMNS = f"""
    SELECT table_name, column_name, column_type, is_nullable, column_default, extra, column_comment,
        collation_name, generation_expression
    FROM information_schema.columns WHERE {_HERE} ORDER BY table_name, ordinal_position
"""
_KEYS = f"""
    SELECT c.table_name, c.constraint_name, c.constraint_type, k.column_name, k.referenced_table_schema,
        k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule
    FROM information_schema.table_constraints c
    JOIN information_schema.key_column_usage k ON k.constraint_schema = c.constraint_schema
        AND k.constraint_name = c.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name
    LEFT JOIN information_schema.referential_constraints r ON r.constraint_schema = c.constraint_schema
        AND r.constraint_name = c.constraint_name AND r.table_name = c.table_name
    WHERE c.{_HERE} ORDER BY c.table_name, c.constraint_name, k.ordinal_position
"""
_CHECKS_OF_MARIADB = """
    SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints
    WHERE constraint_schema = database()
"""
_CHECKS_OF_MYSQL = f"""
    SELECT t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints c
    JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema
        AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
    WHERE t.{_HERE}
"""
_INDEXES = f"""
    SELECT table_name, index_name, non_unique, column_name, sub_part, index_type, collation, {{expression}}
    FROM information_schema.statistics WHERE {_HERE} ORDER BY table_name, index_name, seq_in_index
"""
_TRIGGERS = """
    SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement
    FROM information_schema.triggers WHERE trigger_schema = database()
"""
_VIEWS = f"SELECT table_name, view_definition, check_option, security_type FROM information_schema.views WHERE {_HERE}"
_ROUTINES = """
    SELECT routine_name, routine_type, dtd_identifier, routine_definition FROM information_schema.routines
    WHERE routine_schema = database()
"""
_ABSENT = "NO ACTION"


def fill(found: Inventory, connection: Any) -> None:
    """Note all that is in the database that is connected to."""
    is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    database = next(iter(rows(connection, "SELECT database()")))[0]

    def plain(text: str) -> str:
        """`text` without this database's own name, which is another one on a scratch database."""
        return text.replace(f"`{database}`.", "")

    keys = _keys(found, connection, database)
    _tables(found, connection, keys)
    try:
        for table, name, told in rows(connection, _CHECKS_OF_MARIADB if is_mariadb else _CHECKS_OF_MYSQL):
            found.things["constraint", dotted(table, name)] = f"CHECK ({plain(told)})"
    except Exception:  # noqa: BLE001, S110 - MySQL 5.7 has no such table, and no such constraints
        pass
    _indexes(found, connection, is_mariadb=is_mariadb)
    _rest(found, connection, plain)


def _tables(found: Inventory, connection: Any, keys: dict[str, tuple[str, ...]]) -> None:
    columns: dict[str, list[str]] = {}
    tables = {each[0]: each[1:] for each in rows(connection, _TABLES)}
    for line in rows(connection, _COLUMNS):
        table, name, kind, nullable, default, extra, comment, collation, expression = line
        if tables.get(table, ("",))[0] != "BASE TABLE":
            continue
        columns.setdefault(table, []).append(name)
        own = collation and collation != tables[table][2]
        told = [kind, f"COLLATE {collation}" if own else "", f"AS ({expression})" if expression else "", extra or ""]
        # MariaDB tells a default as it is written, and NULL for one that is NULL.
        given = None if default is None or default == "NULL" else str(default)
        found.column(
            dotted(table, name), " ".join(each for each in told if each),
            nullable=nullable == "YES", default=given, comment=comment,
        )  # fmt: skip
    for name, (kind, engine, collation, comment, options) in tables.items():
        if kind == "SEQUENCE":
            told = next(iter(rows(connection, f"SHOW CREATE SEQUENCE `{name}`")))[1]
            found.things["sequence", dotted(name)] = str(told)
        elif kind == "BASE TABLE":
            parts = [f"ENGINE={engine}" if engine else "", f"COLLATE={collation}" if collation else "", options or ""]
            found.things["table", dotted(name)] = " ".join(each for each in parts if each)
            if comment:
                found.things["comment", dotted(name)] = comment
            found.things["order", dotted(name)] = ", ".join(columns.get(name, ()))
            found.tables.append(Shape("", name, tuple(columns.get(name, ())), keys.get(name, ())))


def _keys(found: Inventory, connection: Any, database: str) -> dict[str, tuple[str, ...]]:
    """Note the constraints that have columns; gives the primary key of each table."""
    lines: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for each in rows(connection, _KEYS):
        lines.setdefault((each[0], each[1]), []).append(each)
    keys = {}
    for (table, name), group in lines.items():
        kind, columns = group[0][2], [each[3] for each in group]
        told = f"{kind} ({', '.join(columns)})"
        if kind == "PRIMARY KEY":
            keys[table] = tuple(columns)
        if kind == "FOREIGN KEY":
            _, _, _, _, schema, parent, _, on_update, on_delete = group[0]
            told += f" REFERENCES {dotted('' if schema == database else schema, parent)}"
            told += f" ({', '.join(each[6] for each in group)})"
            told += "" if on_update in {None, _ABSENT, "RESTRICT"} else f" ON UPDATE {on_update}"
            told += "" if on_delete in {None, _ABSENT, "RESTRICT"} else f" ON DELETE {on_delete}"
        found.things["constraint", dotted(table, name)] = told
    return keys


def _indexes(found: Inventory, connection: Any, *, is_mariadb: bool) -> None:
    constraints = {name for kind, name in found.things if kind == "constraint"}
    lines: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    version = connection.dialect.server_version_info or (0,)
    expression = "expression" if not is_mariadb and version >= (8, 0, 13) else "NULL"
    for each in rows(connection, _INDEXES.format(expression=expression)):
        lines.setdefault((each[0], each[1]), []).append(each)
    for (table, name), group in lines.items():
        unique = not int(group[0][2])
        if unique and dotted(table, name) in constraints:
            continue
        parts = [
            (column if column is not None else f"({written})")
            + (f"({length})" if length and kind not in {"SPATIAL", "FULLTEXT"} else "")
            + (" DESC" if order == "D" else "")
            for _, _, _, column, length, kind, order, written in group
        ]
        how = "UNIQUE " if unique else "" if group[0][5] == "BTREE" else f"{group[0][5]} "
        found.things["index", dotted(table, name)] = f"{how}({', '.join(parts)})"


def _rest(found: Inventory, connection: Any, plain: Callable[[str], str]) -> None:
    for table, name, timing, event, told in rows(connection, _TRIGGERS):
        found.things["trigger", dotted(table, name)] = f"{timing} {event}: {plain(told)}"
    for name, told, check, security in rows(connection, _VIEWS):
        more = ("" if check == "NONE" else f" WITH {check} CHECK OPTION") + f" (SQL SECURITY {security})"
        found.things["view", dotted(name)] = plain(told) + more
    for name, kind, gives, told in rows(connection, _ROUTINES):
        found.things["function", dotted(name)] = " ".join(filter(None, (kind, gives, plain(told or ""))))

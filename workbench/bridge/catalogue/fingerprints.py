"""Fingerprints of a database's catalogue: the same for as long as nobody has changed the schema."""

# ruff: noqa: S608 - the questions are put together of constants and quoted names

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from workbench.bridge.catalogue.asking import rows
from workbench.bridge.live import harmless

_HASHES = 11  # the first PostgreSQL that has hashtextextended()
_FIRST = 16384  # the first oid that is not the server's own

# Every row of a catalogue carries the transaction that wrote it; any DDL writes rows. By table: what identifies a row,
# and which rows count. pg_depend has who owns a sequence; `indisvalid` is changed in place by old servers.
_KEPT = {
    "pg_namespace": ("oid", "true"),
    "pg_class": ("oid", f"oid >= {_FIRST} AND relkind <> 't'"),
    "pg_attribute": ("attrelid || '.' || attnum", f"attrelid >= {_FIRST} AND attnum > 0"),
    "pg_attrdef": ("oid", f"oid >= {_FIRST}"),
    "pg_constraint": ("oid", f"oid >= {_FIRST}"),
    "pg_index": ("indexrelid || '.' || indisvalid", f"indrelid >= {_FIRST}"),
    "pg_inherits": ("inhrelid || '.' || inhparent", "true"),
    "pg_partitioned_table": ("partrelid", "true"),
    "pg_foreign_table": ("ftrelid", "true"),
    "pg_foreign_server": ("oid", "true"),
    "pg_type": ("oid", f"oid >= {_FIRST} AND typtype <> 'c' AND typcategory <> 'A'"),
    "pg_enum": ("oid", f"oid >= {_FIRST}"),
    "pg_range": ("rngtypid", f"rngtypid >= {_FIRST}"),
    "pg_collation": ("oid", f"oid >= {_FIRST}"),
    "pg_description": ("objoid || '.' || classoid || '.' || objsubid", f"objoid >= {_FIRST}"),
    "pg_sequence": ("seqrelid", "true"),
    "pg_depend": (
        "objid || '.' || refobjid || '.' || refobjsubid",
        f"deptype = 'a' AND classid = 'pg_class'::regclass AND refobjid >= {_FIRST} AND refobjsubid > 0",
    ),
    "pg_rewrite": ("oid", f"oid >= {_FIRST}"),
    "pg_trigger": ("oid", f"oid >= {_FIRST} AND NOT tgisinternal"),
    "pg_proc": ("oid", f"oid >= {_FIRST}"),
    "pg_policy": ("oid", "true"),
    "pg_statistic_ext": ("oid", "true"),
    "pg_extension": ("oid", "true"),
    "pg_event_trigger": ("oid", "true"),
}
_POSTGRESQL = (
    """SELECT version(), current_user, current_schemas(true)::text, current_setting('quote_all_identifiers'), oid
    FROM pg_catalog.pg_database WHERE datname = current_database()""",
    " UNION ALL ".join(
        f"SELECT '{table}', count(*), sum(hashtextextended(concat({key}, ':', xmin), 0))::text "
        f"FROM pg_catalog.{table} WHERE {condition}"
        for table, (key, condition) in _KEPT.items()
    ),
)

# There no row says when it was written: all that a schema is read from is digested by the server itself.
_HERE = "table_schema = database()"
_TABLES = (
    "table_name", "table_type", "engine", "table_collation", "table_comment", "create_options", "create_time",
)  # fmt: skip
_KINDS = tuple(
    f"coalesce(sum({each}), 0)"
    for each in ("table_type = 'VIEW'", "table_type = 'SEQUENCE'", "create_options LIKE '%partitioned%'")
)
"""How many there are of what needs a question of its own: with a thousand tables each takes up to 20 ms."""
_TOLD = {
    f"columns WHERE {_HERE}": (
        "table_name", "ordinal_position", "column_name", "column_type", "is_nullable", "column_default", "extra",
        "column_comment", "collation_name", "generation_expression",
    ),
    f"statistics WHERE {_HERE}": (
        "table_name", "index_name", "seq_in_index", "non_unique", "column_name", "sub_part", "index_type", "collation",
        "index_comment",
    ),
    f"key_column_usage WHERE {_HERE} AND referenced_table_name IS NOT NULL": (
        "table_name", "constraint_name", "ordinal_position", "column_name", "referenced_table_schema",
        "referenced_table_name", "referenced_column_name",
    ),
    "referential_constraints WHERE constraint_schema = database()": (
        "table_name", "constraint_name", "update_rule", "delete_rule",
    ),
    "parameters WHERE specific_schema = database()": (
        "specific_name", "ordinal_position", "parameter_mode", "parameter_name", "dtd_identifier",
    ),
    "triggers WHERE trigger_schema = database()": (
        "event_object_table", "trigger_name", "action_order", "action_timing", "event_manipulation", "action_statement",
    ),
    "routines WHERE routine_schema = database()": (
        "routine_name", "routine_type", "dtd_identifier", "routine_definition", "routine_comment", "last_altered",
    ),
    "events WHERE event_schema = database()": (
        "event_name", "event_definition", "event_comment", "status", "interval_value", "interval_field", "execute_at",
        "starts", "ends", "on_completion",
    ),
}  # fmt: skip
_VIEWS = ("table_name", "view_definition", "check_option", "security_type", "definer")
_PARTITIONS = (
    "table_name", "partition_name", "subpartition_name", "partition_method", "partition_expression",
    "subpartition_method", "subpartition_expression", "partition_description",
)  # fmt: skip
_CHECKS = "check_constraints WHERE constraint_schema = database()"
_SEQUENCES = f"""
    SELECT table_name FROM information_schema.tables WHERE {_HERE} AND table_type = 'SEQUENCE' ORDER BY table_name
"""
_MORE = {
    "statistics": (("expression", (8, 0, 13)), ("is_visible", (8, 0))),
}
"""What MySQL tells from some version on."""
_MYSQL_CHECKS = (8, 0, 16)  # the first that has information_schema.check_constraints
_MARIADB_CHECKS = (10, 3, 10)


def fingerprint(connection: Any) -> str | None:
    """A digest that differs when the schema does; None where the database has no cheap and exact one."""
    asked = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}
    ask = asked.get(connection.dialect.name)
    if ask is None:
        return None
    digest = hashlib.sha256()
    try:
        with harmless(connection):
            for each in ask(connection):
                digest.update(repr(each).encode("utf-8", "backslashreplace"))
    except (DBAPIError, LookupError):  # what cannot be told cannot be trusted
        return None
    return digest.hexdigest()


def moment(connection: Any) -> str | None:
    """On PostgreSQL which transactions are committed: while that is the same, so is the fingerprint. Else None."""
    if connection.dialect.name != "postgresql":
        return None
    try:
        with harmless(connection):
            told: str = rows(connection, "SELECT txid_current_snapshot()::text")[0][0]
            return told
    except DBAPIError:  # a server that only speaks PostgreSQL's language
        return None


def _sqlite(connection: Any) -> Iterator[Any]:
    """All of a SQLite schema is the text in its sqlite_master; an attached database has one of its own."""
    for _, name, file in rows(connection, "PRAGMA database_list"):
        quoted = name.replace('"', '""').replace(":", "\\:")
        yield name, file
        yield sorted(
            tuple(map(str, each))
            for each in rows(connection, f'SELECT type, name, tbl_name, sql FROM "{quoted}".sqlite_master')
        )


def _postgresql(connection: Any) -> Iterator[Any]:
    if (connection.dialect.server_version_info or (0,)) < (_HASHES,):
        raise LookupError
    for question in _POSTGRESQL:
        yield sorted(tuple(map(str, each)) for each in rows(connection, question.replace("':'", "'\\:'")))


def _mysql(connection: Any) -> Iterator[Any]:
    dialect = connection.dialect
    is_mariadb = bool(getattr(dialect, "is_mariadb", False))
    version = tuple(each for each in dialect.server_version_info or () if isinstance(each, int))
    yield rows(connection, "SELECT version(), current_user(), database(), @@collation_database, @@sql_mode")
    tables = _digest(connection, f"tables WHERE {_HERE}", _TABLES, _KINDS)
    yield tables
    views, sequences, partitioned = (int(each) for each in tables[0][-len(_KINDS) :])
    for source, columns in _TOLD.items():
        more = _MORE.get(source.split()[0], ()) if not is_mariadb else ()
        told = (*columns, *(name for name, first in more if version >= first))
        yield _digest(connection, source, told)
    if version >= (_MARIADB_CHECKS if is_mariadb else _MYSQL_CHECKS):
        yield _digest(
            connection, _CHECKS, (*(("table_name",) if is_mariadb else ()), "constraint_name", "check_clause")
        )
        if not is_mariadb:
            yield _digest(connection, f"table_constraints WHERE {_HERE}", ("table_name", "constraint_name", "enforced"))
    if views:
        yield _digest(connection, f"views WHERE {_HERE}", _VIEWS)
    if partitioned:
        yield _digest(connection, f"partitions WHERE {_HERE} AND partition_name IS NOT NULL", _PARTITIONS)
    for (name,) in rows(connection, _SEQUENCES) if sequences else ():
        quoted = name.replace("`", "``").replace(":", "\\:")
        yield rows(connection, f"SHOW CREATE SEQUENCE `{quoted}`")


def _digest(connection: Any, source: str, columns: tuple[str, ...], more: tuple[str, ...] = ()) -> Any:
    told = ", ".join(f"coalesce({each}, char(1))" for each in columns)
    row = f"conv(left(md5(concat_ws(char(0), {told})), 16), 16, 10)"
    asked = ", ".join(("count(*)", f"bit_xor(cast({row} AS unsigned))", *more))
    return rows(connection, f"SELECT {asked} FROM information_schema.{source}")

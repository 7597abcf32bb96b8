"""What roles may do with the things in a database: one definition for each thing on which somebody was given something.

The owner's own are left out, and what everybody has by default: nobody has granted it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.bridge.catalogue.asking import rows_if_told
from workbench.results.definitions import Definitions, Key
from workbench.text import plural

_ACLS = """
    SELECT 'table' AS kind, c.relnamespace AS home, c.relname::text AS part, ''::text AS name, c.relowner AS owner,
        c.relacl AS acl
    FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL SELECT 'table', c.relnamespace, c.relname, a.attname, c.relowner, a.attacl
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE NOT a.attisdropped
    UNION ALL SELECT 'sequence', c.relnamespace, '', c.relname, c.relowner, c.relacl
    FROM pg_catalog.pg_class c WHERE c.relkind = 'S'
    UNION ALL SELECT 'function', p.pronamespace, '',
        p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', p.proowner, p.proacl
    FROM pg_catalog.pg_proc p
    UNION ALL SELECT 'type', t.typnamespace, '', t.typname, t.typowner, t.typacl FROM pg_catalog.pg_type t
    UNION ALL SELECT 'schema', s.oid, '', '', s.nspowner, s.nspacl FROM pg_catalog.pg_namespace s
"""
_POSTGRESQL = f"""
    SELECT o.kind, n.nspname::text, o.part, o.name,
        CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END,
        x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    FROM ({_ACLS}) o JOIN pg_catalog.pg_namespace n ON n.oid = o.home
    LEFT JOIN LATERAL pg_catalog.aclexplode(o.acl) x ON x.grantee <> o.owner
    WHERE o.acl IS NOT NULL AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - a constant
_DEFAULTS = """
    SELECT 'default', coalesce(n.nspname::text, ''), '',
        CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
            WHEN 'T' THEN 'types' ELSE 'schemas' END || ' of ' || pg_catalog.pg_get_userbyid(d.defaclrole),
        CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END,
        x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) x WHERE x.grantee <> d.defaclrole ORDER BY 1, 2, 3, 4, 5, 6
"""
ON_TABLES = f"""
    SELECT DISTINCT o.home::regnamespace::text || '.' || o.part,
        CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END
    FROM ({_ACLS}) o JOIN pg_catalog.pg_namespace n ON n.oid = o.home
    CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) x
    WHERE o.kind = 'table' AND x.grantee <> o.owner AND n.nspname <> 'information_schema'
        AND n.nspname NOT LIKE 'pg\\_%'
"""  # noqa: S608 - a constant
"""Asks PostgreSQL which tables somebody else than the owner may do something with, and who."""
_GRANTABLE = "CASE is_grantable WHEN 'YES' THEN concat(privilege_type, ' WITH GRANT OPTION') ELSE privilege_type END"
_MYSQL = tuple(
    f"SELECT '{kind}', '', {table}, {name}, grantee, {_GRANTABLE} FROM information_schema.{source} "  # noqa: S608 - constants
    "WHERE table_schema = database() ORDER BY 1, 2, 3, 4, 5, 6"
    for kind, source, table, name in (
        ("schema", "schema_privileges", "''", "''"),
        ("table", "table_privileges", "table_name", "''"),
        ("table", "column_privileges", "table_name", "column_name"),
    )
)
_MOST = 5  # names in a sentence
_BY_DEFAULT = {"function": "PUBLIC: EXECUTE", "type": "PUBLIC: USAGE"}


def read(connection: Any, notes: list[str]) -> Definitions:
    """By thing who may do what with it, as in `anna: INSERT, SELECT; PUBLIC: SELECT`.

    Args:
        connection: To the database; of SQLite there is nothing to read.
        notes: Gets what could not be read, and why, a sentence each.

    """
    name = connection.dialect.name
    questions = (_POSTGRESQL, _DEFAULTS) if name == "postgresql" else _MYSQL if name in {"mysql", "mariadb"} else ()
    found: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for question in questions:
        for kind, schema, table, thing, who, what in rows_if_told(connection, "the privileges", question, notes):
            granted = found.setdefault((kind, schema, table, thing), {})
            if who is not None:
                granted.setdefault(str(who), []).append(str(what))
    told = {}
    for (kind, schema, table, thing), granted in found.items():
        words = "; ".join(f"{who}: {', '.join(what)}" for who, what in granted.items())
        if words != _BY_DEFAULT.get(kind, ""):
            told[_key(kind, schema, table, thing)] = words or "nobody"
    return told


def not_copied(granted: Iterable[tuple[Any, ...]]) -> tuple[str, ...]:
    """What to say of the privileges on a live database, which a copy has not; nothing where there are none.

    Args:
        granted: The rows of `ON_TABLES`, asked of the live database.

    """
    tables = sorted({str(table) for table, _ in granted})
    who = sorted({str(grantee) for _, grantee in granted})
    if not tables:
        return ()
    told = (
        f"not compared: what {', '.join(who[:_MOST])}{' and others' if len(who) > _MOST else ''} may do with "
        f"{plural(len(tables), 'table')} of the live database. Privileges are not copied, so a step that takes them "
        "away is not found out; one that gives them is."
    )
    return (told,)


def _key(kind: str, schema: str, table: str, thing: str) -> Key:
    """Of a table and its columns the place where they are told; of anything else its kind and name."""
    if kind == "table":
        return Key("privilege", schema, table, thing)
    name = {"default": f"by default on {thing}", "schema": f"schema {schema}".rstrip()}.get(kind, f"{kind} {thing}")
    return Key("privilege", "" if kind == "schema" else schema, "", name)

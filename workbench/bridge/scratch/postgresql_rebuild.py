"""Makes the schema of a PostgreSQL database anew from its catalogue, where its own programs are not at hand."""

# ruff: noqa: S608, ISC004 - constants, and names that the server itself has quoted

from __future__ import annotations

from typing import Any

from workbench.bridge.scratch import postgresql_objects
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.bridge.scratch.postgresql_objects import OURS, OWN
from workbench.text import redact

_TYPE = "pg_catalog.format_type(a.atttypid, a.atttypmod)"
_COLUMN = f"""
    format('%I %s', a.attname, {_TYPE})
    || coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co
        JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace JOIN pg_catalog.pg_type ct ON ct.oid = a.atttypid
        WHERE co.oid = a.attcollation AND a.attcollation <> ct.typcollation), '')
    || CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED',
            pg_catalog.pg_get_expr(d.adbin, d.adrelid))
        WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL',
            pg_catalog.pg_get_expr(d.adbin, d.adrelid))
        WHEN a.attidentity <> '' THEN format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s)',
            CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
            pg_catalog.pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
        WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) ELSE '' END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
"""
_COLUMNS = f"""
    (SELECT string_agg({_COLUMN}, ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
"""
_CLASSES = "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
_MINE = f"{OURS} AND {OWN.format('c')}"
_TYPES = "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"

_BEFORE = (
    f"SELECT 'schema', n.nspname::text, format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname) "
    f"FROM pg_catalog.pg_namespace n WHERE {OURS} AND {OWN.format('n')}",
    "SELECT 'extension', e.extname::text, format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname) "
    "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname <> 'plpgsql'",
    f"SELECT 'enum', t.typname::text, format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, "
    f"(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e "
    f"WHERE e.enumtypid = t.oid)) {_TYPES} WHERE t.typtype = 'e' AND {OURS} AND {OWN.format('t')}",
    f"SELECT 'domain', t.typname::text, format('CREATE DOMAIN %I.%I AS %s%s%s%s', n.nspname, t.typname, "
    f"pg_catalog.format_type(t.typbasetype, t.typtypmod), coalesce(' DEFAULT ' || t.typdefault, ''), "
    f"CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END, (SELECT coalesce(string_agg(format(' CONSTRAINT %I %s', "
    f"k.conname, pg_catalog.pg_get_constraintdef(k.oid)), ''), '') FROM pg_catalog.pg_constraint k "
    f"WHERE k.contypid = t.oid AND k.contype = 'c')) {_TYPES} WHERE t.typtype = 'd' AND {OURS} AND {OWN.format('t')}",
    f"SELECT 'type', c.relname::text, format('CREATE TYPE %I.%I AS (%s)', n.nspname, c.relname, "
    f"(SELECT string_agg(format('%I %s', a.attname, {_TYPE}), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
    f"WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) {_CLASSES} WHERE c.relkind = 'c' AND {_MINE}",
    f"SELECT 'sequence', c.relname::text, format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s "
    f"START %s CACHE %s%s', n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, "
    f"s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) {_CLASSES} "
    f"JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid WHERE {_MINE} AND NOT EXISTS (SELECT 1 FROM "
    f"pg_catalog.pg_depend i WHERE i.objid = c.oid AND i.deptype = 'i')",
    f"SELECT 'function', p.proname::text, pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p "
    f"JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p', 'w') AND {OURS} "
    f"AND {OWN.format('p')}",
    f"SELECT 'table', c.relname::text, format('CREATE %sTABLE %I.%I %s', CASE c.relpersistence WHEN 'u' THEN "
    f"'UNLOGGED ' ELSE '' END, n.nspname, c.relname, CASE WHEN c.relispartition THEN format('PARTITION OF %s %s', "
    f"(SELECT i.inhparent::pg_catalog.regclass FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), "
    f"pg_catalog.pg_get_expr(c.relpartbound, c.oid)) ELSE format('(%s)', coalesce({_COLUMNS}, '')) END) "
    f"|| CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END "
    f"|| coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') "
    f"{_CLASSES} WHERE c.relkind IN ('r', 'p') AND {_MINE}",
    f"SELECT 'table', c.relname::text, format('ALTER TABLE %I.%I INHERIT %s', n.nspname, c.relname, "
    f"i.inhparent::pg_catalog.regclass) {_CLASSES} JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid "
    f"WHERE c.relkind = 'r' AND NOT c.relispartition AND {_MINE}",
)
_AFTER = (
    f"SELECT 'constraint', k.conname::text, format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, "
    f"k.conname, pg_catalog.pg_get_constraintdef(k.oid)) {_CLASSES} JOIN pg_catalog.pg_constraint k "
    f"ON k.conrelid = c.oid WHERE k.contype IN ('p', 'u', 'x', 'c', 'f') AND k.conislocal AND k.conparentid = 0 "
    f"AND c.relkind IN ('r', 'p') AND {_MINE} ORDER BY position(k.contype::text in 'puxcf'), k.oid",
    f"SELECT 'index', c.relname::text, pg_catalog.pg_get_indexdef(c.oid) {_CLASSES} "
    f"JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid WHERE {_MINE} AND NOT c.relispartition AND NOT EXISTS "
    f"(SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))",
    f"SELECT 'view', c.relname::text, format('CREATE %s %I.%I%s AS %s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE "
    f"'MATERIALIZED VIEW' END, n.nspname, c.relname, coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', "
    f"''), pg_catalog.pg_get_viewdef(c.oid)) {_CLASSES} WHERE c.relkind IN ('v', 'm') AND {_MINE} ORDER BY c.oid",
    f"SELECT 'trigger', t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid) {_CLASSES} JOIN pg_catalog.pg_trigger t "
    f"ON t.tgrelid = c.oid WHERE NOT t.tgisinternal AND coalesce((to_jsonb(t)->>'tgparentid')::bigint, 0) = 0 "
    f"AND {_MINE}",
    f"SELECT 'trigger', t.tgname::text, format('ALTER TABLE %I.%I DISABLE TRIGGER %I', n.nspname, c.relname, t.tgname) "
    f"{_CLASSES} JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal AND t.tgenabled = 'D' "
    f"AND {_MINE}",
    f"SELECT 'sequence', c.relname::text, format('ALTER SEQUENCE %I.%I OWNED BY %s.%I', n.nspname, c.relname, "
    f"o.refobjid::pg_catalog.regclass, a.attname) {_CLASSES} JOIN pg_catalog.pg_depend o ON o.objid = c.oid AND "
    f"o.deptype = 'a' AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass JOIN pg_catalog.pg_attribute a "
    f"ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid WHERE c.relkind = 'S' AND {_MINE}",
    f"SELECT 'comment', c.relname::text, format('COMMENT ON %s %I.%I%s IS %L', CASE WHEN d.objsubid > 0 THEN 'COLUMN' "
    f"ELSE CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' "
    f"THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END END, n.nspname, c.relname, "
    f"coalesce('.' || quote_ident(a.attname), ''), d.description) {_CLASSES} JOIN pg_catalog.pg_description d "
    f"ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass LEFT JOIN "
    f"pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 WHERE {_MINE}",
    f"SELECT 'comment', k.conname::text, format('COMMENT ON CONSTRAINT %I ON %I.%I IS %L', k.conname, n.nspname, "
    f"c.relname, d.description) {_CLASSES} JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid "
    f"JOIN pg_catalog.pg_description d ON d.objoid = k.oid AND d.classoid = "
    f"'pg_catalog.pg_constraint'::pg_catalog.regclass WHERE {_MINE}",
    f"SELECT 'comment', t.typname::text, format('COMMENT ON %s %I.%I IS %L', CASE t.typtype WHEN 'd' THEN 'DOMAIN' "
    f"ELSE 'TYPE' END, n.nspname, t.typname, d.description) {_TYPES} JOIN pg_catalog.pg_description d ON d.objoid = "
    f"t.oid AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass WHERE {OURS} AND {OWN.format('t')}",
)
_LEFT_OUT = (
    f"SELECT 'the aggregate ' || p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n "
    f"ON n.oid = p.pronamespace WHERE p.prokind = 'a' AND {OURS} AND {OWN.format('p')}",
    f"SELECT 'the range type ' || t.typname {_TYPES} WHERE t.typtype = 'r' AND {OURS} AND {OWN.format('t')}",
    f"SELECT 'the foreign table ' || c.relname {_CLASSES} WHERE c.relkind = 'f' AND {_MINE}",
    f"SELECT format('the rule %s of %s', r.rulename, c.relname) {_CLASSES} JOIN pg_catalog.pg_rewrite r "
    f"ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN' AND {_MINE}",
    f"SELECT format('the policy %s of %s', p.polname, c.relname) {_CLASSES} JOIN pg_catalog.pg_policy p "
    f"ON p.polrelid = c.oid WHERE {_MINE}",
)


def fill(made: ScratchDatabase, order: Order, source: Admin, target: Admin) -> None:
    """Make the schema, copy the rows, and then what would be in their way: constraints, indexes, triggers."""
    _in_rounds(made, _asked(source, _BEFORE), target)
    if order.data == "full":
        made.way = "catalogue"
        postgresql_objects.copy_all(made, order, source, target)
    else:
        made.way = "catalogue and a sample" if order.data == "sample" else "catalogue"
        postgresql_objects.copy_version_rows(order, source, target)
        if order.data == "sample":
            postgresql_objects.copy_sample(made, order, source, target)
    _in_rounds(made, _asked(source, _AFTER), target)
    made.notes += tuple(f"{row[0]} was left out" for query in _LEFT_OUT for row in source.run(query))


def _asked(source: Admin, queries: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [row for query in queries for row in source.run(query)]


def _in_rounds(made: ScratchDatabase, statements: list[tuple[Any, ...]], target: Admin) -> None:
    """Execute what can be executed, again and again: what depends on something else succeeds in a later round."""
    left = statements
    while left:
        failed = []
        for kind, name, sql in left:
            try:
                target.run(str(sql))
            except Exception as error:  # noqa: BLE001, PERF203 - each stands for itself
                failed.append(((kind, name, sql), str(error).strip().partition("\n")[0]))
        if len(failed) == len(left):
            made.notes += tuple(f"{kind} {name} could not be rebuilt: {redact(why)}" for (kind, name, _), why in failed)
            return
        left = [each for each, _ in failed]

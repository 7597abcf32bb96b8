"""What a PostgreSQL database has beside tables and views: types, sequences, functions, triggers, policies."""

# ruff: noqa: S608 - the questions are put together of constants

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from workbench.bridge.catalogue.asking import rows_if_told
from workbench.results.objects import SchemaObject

Comments = dict[tuple[str, int, int], str]
"""By catalogue, oid and number of the column (0 for the thing itself)."""
Home = Callable[["str | None"], "str | None"]
"""From the name of a schema to the one that SQLAlchemy knows: None for the default schema."""


def ours(catalogue: str, oid: str) -> str:
    """Neither in the server's own schemas nor in temporary ones, and nothing that an extension has brought."""
    return f"""
        n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                        WHERE e.classid = '{catalogue}'::regclass AND e.objid = {oid} AND e.deptype = 'e')
    """


# Each gives: oid, schema, table (empty for what stands by itself), name, definition.
_SCHEMAS = f"""
    SELECT n.oid::bigint, NULL, '', n.nspname, 'is there' FROM pg_namespace n
    WHERE n.nspname <> 'public' AND {ours("pg_namespace", "n.oid")}
"""
_EXTENSIONS = """
    SELECT x.oid::bigint, NULL, '', x.extname, 'in schema ' || x.extnamespace::regnamespace FROM pg_extension x
    WHERE x.extname <> 'plpgsql'
"""
_ENUMS = f"""
    SELECT t.oid::bigint, n.nspname, '', t.typname,
        coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                  FROM pg_enum e WHERE e.enumtypid = t.oid), '')
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND {ours("pg_type", "t.oid")}
"""
_COMPOSITES = f"""
    SELECT c.reltype::bigint, n.nspname, '', c.relname, coalesce((
        SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'c' AND {ours("pg_type", "c.reltype")}
"""
_RANGES = f"""
    SELECT t.oid::bigint, n.nspname, '', t.typname, 'of ' || format_type(r.rngsubtype, NULL)
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE {ours("pg_type", "t.oid")}
"""
_DOMAINS = f"""
    SELECT t.oid::bigint, n.nspname, '', t.typname, concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
        CASE WHEN t.typcollation <> b.typcollation
             THEN (SELECT 'COLLATE ' || quote_ident(l.collname) FROM pg_collation l WHERE l.oid = t.typcollation) END,
        CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault,
        (SELECT string_agg('CONSTRAINT ' || o.conname || ' ' || pg_get_constraintdef(o.oid), ' ' ORDER BY o.conname)
         FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
    WHERE t.typtype = 'd' AND {ours("pg_type", "t.oid")}
"""
_SEQUENCES = f"""
    SELECT c.oid::bigint, n.nspname, '', c.relname, concat('AS ', format_type(s.seqtypid, NULL), ' START ', s.seqstart,
        ' INCREMENT ', s.seqincrement, ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, ' CACHE ', s.seqcache,
        CASE WHEN s.seqcycle THEN ' CYCLE' END,
        ' OWNED BY ' || (SELECT d.refobjid::regclass::text || '.' || a.attname
                         FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'
                             AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 LIMIT 1))
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT 1 FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
        AND {ours("pg_class", "c.oid")}
"""
_FUNCTIONS = f"""
    SELECT p.oid::bigint, n.nspname, '', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        CASE WHEN p.prokind = 'a' THEN (
            SELECT concat_ws(' ', 'AGGREGATE SFUNC', g.aggtransfn::regproc, 'STYPE', format_type(g.aggtranstype, NULL),
                'FINALFUNC ' || nullif(g.aggfinalfn::oid, 0)::regproc, 'INITCOND ' || quote_literal(g.agginitval))
            FROM pg_aggregate g WHERE g.aggfnoid = p.oid) ELSE btrim(pg_get_functiondef(p.oid), E' \\n') END
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind {{kind}} AND NOT EXISTS (SELECT 1 FROM pg_depend i
                      WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
        AND {ours("pg_proc", "p.oid")}
"""
_EVENT_TRIGGERS = f"""
    SELECT v.oid::bigint, NULL, '', v.evtname, concat_ws(' ', 'ON', v.evtevent, 'EXECUTE FUNCTION', v.evtfoid::regproc,
        v.evtenabled::text, array_to_string(v.evttags, ', '))
    FROM pg_event_trigger v JOIN pg_proc p ON p.oid = v.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {ours("pg_event_trigger", "v.oid")}
"""
_STATISTICS = f"""
    SELECT s.oid::bigint, n.nspname, '', s.stxname, pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
    WHERE {ours("pg_statistic_ext", "s.oid")}
"""
_TRIGGERS = f"""
    SELECT t.oid::bigint, n.nspname, c.relname, t.tgname,
        concat_ws(' ', pg_get_triggerdef(t.oid),
            CASE WHEN t.tgenabled <> 'O' THEN '(enabled: ' || t.tgenabled::text || ')' END)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND {ours("pg_class", "c.oid")}
"""
_POLICIES = f"""
    SELECT o.oid::bigint, n.nspname, c.relname, o.polname, concat_ws(' ', p.permissive, 'FOR', p.cmd, 'TO',
        array_to_string(p.roles, ', '), 'USING (' || p.qual || ')', 'WITH CHECK (' || p.with_check || ')')
    FROM pg_policy o JOIN pg_class c ON c.oid = o.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_policies p ON p.schemaname = n.nspname AND p.tablename = c.relname AND p.policyname = o.polname
    WHERE {ours("pg_class", "c.oid")}
"""
_RULES = f"""
    SELECT r.oid::bigint, n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN' AND {ours("pg_class", "c.oid")}
"""
_PLURALS = (
    ("schema", "the schemas", "pg_namespace", _SCHEMAS),
    ("extension", "the extensions", "pg_extension", _EXTENSIONS),
    ("enum", "the enums", "pg_type", _ENUMS),
    ("composite type", "the composite types", "pg_type", _COMPOSITES),
    ("range type", "the range types", "pg_type", _RANGES),
    ("domain", "the domains", "pg_type", _DOMAINS),
    ("sequence", "the sequences", "pg_class", _SEQUENCES),
    ("function", "the functions", "pg_proc", _FUNCTIONS.format(kind="<> 'p'")),
    ("procedure", "the procedures", "pg_proc", _FUNCTIONS.format(kind="= 'p'")),
    ("event trigger", "the event triggers", "pg_event_trigger", _EVENT_TRIGGERS),
    ("statistics", "the extended statistics", "pg_statistic_ext", _STATISTICS),
    ("trigger", "the triggers", "pg_trigger", _TRIGGERS),
    ("policy", "the policies", "pg_policy", _POLICIES),
    ("rule", "the rules", "pg_rewrite", _RULES),
)


def objects(connection: Any, comments: Comments, home: Home, notes: list[str]) -> Iterator[SchemaObject]:
    """All of them, in every schema."""
    for kind, plural, catalogue, question in _PLURALS:
        for oid, schema, table, name, told in rows_if_told(connection, plural, question, notes):
            if told is not None:  # else somebody has dropped it meanwhile
                # An extension's comment is its makers' own.
                comment = comments.get((catalogue, oid, 0)) if kind != "extension" else None
                yield SchemaObject(kind, name, home(schema), table, told, comment)

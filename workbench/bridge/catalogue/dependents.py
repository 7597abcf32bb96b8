"""What PostgreSQL knows to depend on tables, views and their columns, and keeps them from being dropped for it."""

from __future__ import annotations

from typing import Any

from workbench.bridge.catalogue.asking import default_schema, rows_if_told
from workbench.results.facts import Dependent

# Only what has to be dropped first: what goes with the table, as its indexes do, depends on it in another way.
_QUESTION = """
SELECT rn.nspname, r.relname, coalesce(a.attname, ''),
       CASE WHEN w.oid IS NOT NULL THEN CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END
            WHEN g.oid IS NOT NULL THEN 'trigger'
            WHEN p.oid IS NOT NULL THEN 'policy'
            WHEN c.oid IS NOT NULL THEN 'foreign key'
            WHEN f.oid IS NOT NULL THEN 'function'
            WHEN x.oid IS NOT NULL THEN 'generated column' END,
       coalesce(v.relname, g.tgname, p.polname, c.conname, f.proname, xa.attname),
       coalesce(ow.relname, ''), coalesce(wn.nspname, fn.nspname, '')
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class r ON r.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_catalog.pg_class v ON v.oid = w.ev_class
LEFT JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_catalog.pg_trigger'::regclass AND g.oid = d.objid
LEFT JOIN pg_catalog.pg_policy p ON d.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = d.objid
LEFT JOIN pg_catalog.pg_constraint c ON d.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = d.objid
LEFT JOIN pg_catalog.pg_proc f ON d.classid = 'pg_catalog.pg_proc'::regclass AND f.oid = d.objid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
LEFT JOIN pg_catalog.pg_attrdef x ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND x.oid = d.objid
LEFT JOIN pg_catalog.pg_attribute xa ON xa.attrelid = x.adrelid AND xa.attnum = x.adnum
LEFT JOIN pg_catalog.pg_class ow ON ow.oid = coalesce(v.oid, g.tgrelid, p.polrelid, c.conrelid, x.adrelid)
LEFT JOIN pg_catalog.pg_namespace wn ON wn.oid = ow.relnamespace
WHERE d.deptype = 'n' AND rn.nspname !~ '^pg_' AND rn.nspname <> 'information_schema'
  AND coalesce(w.oid, g.oid, p.oid, c.oid, f.oid, x.oid) IS NOT NULL
  AND (v.oid IS NULL OR v.oid <> r.oid)
ORDER BY 1, 2, 3, 4, 5
"""


def dependents(connection: Any) -> tuple[Dependent, ...]:
    """All there are in the database, sorted; none on another server, or where they may not be read."""
    if connection.dialect.name != "postgresql":
        return ()
    home = default_schema(connection) or ""
    found: dict[Dependent, None] = {}
    told = rows_if_told(connection, "what depends on tables", _QUESTION, [])
    for schema, table, column, kind, name, owner, of in told:
        at, own = ("" if each == home else str(each) for each in (schema, of))
        found[Dependent(at, table, column, kind, name, owner, own)] = None
    return tuple(found)

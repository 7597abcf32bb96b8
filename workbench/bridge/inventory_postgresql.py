"""The inventory of a PostgreSQL database: its catalogue, in the server's own words."""

# ruff: noqa: S608 - the questions are put together of constants

from __future__ import annotations

from typing import Any

from workbench.bridge.inventory import Inventory, Shape, dotted, rows

_FUNCTION_KINDS = 11  # the first server that has pg_proc.prokind
_GENERATED = 12  # the first server that has generated columns

# Neither the server's own schemas nor temporary ones, and nothing that an extension has brought.
_OURS = """
    n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                    WHERE e.classid = '{catalogue}'::regclass AND e.objid = {oid} AND e.deptype = 'e')
"""
_SCHEMAS = f"SELECT n.nspname FROM pg_namespace n WHERE {_OURS.format(catalogue='pg_namespace', oid='n.oid')}"
_TABLES = f"""
    SELECT n.nspname, c.relname, c.relkind::text, concat_ws(' ',
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
        'PARTITION BY ' || pg_get_partkeydef(c.oid),
        'PARTITION OF ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                            FROM pg_inherits i WHERE i.inhrelid = c.oid),
        pg_get_expr(c.relpartbound, c.oid),
        'WITH (' || array_to_string(c.reloptions, ', ') || ')',
        CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END),
        obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_COLUMNS = f"""
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, {{generated}},
        CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
        col_description(c.oid, a.attnum)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')
        AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
    ORDER BY n.nspname, c.relname, a.attnum
"""
_CONSTRAINTS = f"""
    SELECT n.nspname, c.relname, o.conname, pg_get_constraintdef(o.oid), o.contype::text,
        (SELECT array_to_json(array_agg(a.attname ORDER BY k.place))::text
         FROM unnest(o.conkey) WITH ORDINALITY AS k(number, place)
         JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number),
        obj_description(o.oid, 'pg_constraint')
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE o.contype IN ('p', 'u', 'f', 'c', 'x') AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_INDEXES = f"""
    SELECT n.nspname, c.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisvalid,
        obj_description(i.oid, 'pg_class')
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x'))
        AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_ENUMS = f"""
    SELECT n.nspname, t.typname, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE {_OURS.format(catalogue="pg_type", oid="t.oid")} GROUP BY n.nspname, t.typname
"""
_DOMAINS = f"""
    SELECT n.nspname, t.typname, concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
        CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault,
        (SELECT string_agg('CONSTRAINT ' || o.conname || ' ' || pg_get_constraintdef(o.oid), ' ' ORDER BY o.conname)
         FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'd' AND {_OURS.format(catalogue="pg_type", oid="t.oid")}
"""
_SEQUENCES = f"""
    SELECT n.nspname, c.relname, concat('AS ', format_type(s.seqtypid, NULL), ' START ', s.seqstart, ' INCREMENT ',
        s.seqincrement, ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, ' CACHE ', s.seqcache,
        CASE WHEN s.seqcycle THEN ' CYCLE' END,
        ' OWNED BY ' || (SELECT d.refobjid::regclass::text || '.' || a.attname
                         FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'
                             AND d.refobjsubid > 0 LIMIT 1))
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {_OURS.format(catalogue="pg_class", oid="c.oid")}
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'i')
"""
_TRIGGERS = f"""
    SELECT n.nspname, c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_VIEWS = f"""
    SELECT n.nspname, c.relname, c.relkind::text,
        pg_get_viewdef(c.oid, true) || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''),
        obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_FUNCTIONS = f"""
    SELECT n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p', 'w') AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass
        AND i.objid = p.oid AND i.deptype = 'i') AND {_OURS.format(catalogue="pg_proc", oid="p.oid")}
"""
_EXTENSIONS = "SELECT '', extname, 'in schema ' || extnamespace::regnamespace FROM pg_extension"
_COMPOSITES = f"""
    SELECT n.nspname, c.relname, (SELECT string_agg(quote_ident(a.attname) || ' ' ||
        format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'c' AND {_OURS.format(catalogue="pg_type", oid="c.reltype")}
"""
_RANGES = f"""
    SELECT n.nspname, t.typname, 'of ' || format_type(r.rngsubtype, NULL)
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE {_OURS.format(catalogue="pg_type", oid="t.oid")}
"""
_POSITIONS = f"""
    SELECT s.schemaname, s.sequencename, coalesce(s.last_value, s.start_value - 1)::text
    FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
        JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
    WHERE s.increment_by > 0 AND NOT s.cycle AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_EVENT_TRIGGERS = f"""
    SELECT '', v.evtname, concat_ws(' ', 'ON', v.evtevent, 'EXECUTE FUNCTION', v.evtfoid::regproc, v.evtenabled::text,
        array_to_string(v.evttags, ', '))
    FROM pg_event_trigger v JOIN pg_proc p ON p.oid = v.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {_OURS.format(catalogue="pg_event_trigger", oid="v.oid")}
"""
_POLICIES = """
    SELECT schemaname, tablename, policyname, concat_ws(' ', permissive, 'FOR', cmd, 'TO',
        array_to_string(roles, ', '), 'USING (' || qual || ')', 'WITH CHECK (' || with_check || ')')
    FROM pg_policies
"""
_RULES = f"""
    SELECT n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN' AND {_OURS.format(catalogue="pg_class", oid="c.oid")}
"""
_STATISTICS = f"""
    SELECT n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
    WHERE {_OURS.format(catalogue="pg_statistic_ext", oid="s.oid")}
"""
_IDENTITY = {"a": "GENERATED ALWAYS AS IDENTITY", "d": "GENERATED BY DEFAULT AS IDENTITY"}

_BY_NAME = (
    ("extension", _EXTENSIONS), ("enum", _ENUMS), ("composite type", _COMPOSITES), ("range type", _RANGES),
    ("domain", _DOMAINS), ("sequence", _SEQUENCES), ("position", _POSITIONS), ("event trigger", _EVENT_TRIGGERS),
    ("statistics", _STATISTICS),
)  # fmt: skip


def fill(found: Inventory, connection: Any) -> None:
    """Note all that is in the database, in every schema."""
    things = found.things
    server = connection.dialect.server_version_info or (0,)
    things.update({("schema", schema): "is there" for (schema,) in rows(connection, _SCHEMAS) if schema != "public"})
    for kind, question in _BY_NAME:
        things.update({(kind, _name(schema, name)): told for schema, name, told in rows(connection, question)})
    if server >= (_FUNCTION_KINDS,):
        for schema, name, told in rows(connection, _FUNCTIONS):
            things["function", _name(schema, f'"{name}"' if "." in name else name)] = told.strip()
    for kind, question in (("policy", _POLICIES), ("rule", _RULES)):
        things.update(
            {(kind, _name(schema, table, name)): told for schema, table, name, told in rows(connection, question)}
        )
    keys = _constraints(found, connection)
    _tables(found, connection, keys, has_generated=server >= (_GENERATED,))
    for schema, table, name, told, is_valid, comment in rows(connection, _INDEXES):
        things["index", _name(schema, table, name)] = told + ("" if is_valid else " INVALID")
        _comment(found, comment, schema, table, name)
    for schema, table, name, told, enabled in rows(connection, _TRIGGERS):
        things["trigger", _name(schema, table, name)] = told + ("" if enabled == "O" else f" (enabled: {enabled})")
    for schema, name, kind, told, comment in rows(connection, _VIEWS):
        things["view", _name(schema, name)] = ("MATERIALIZED: " if kind == "m" else "") + told.strip()
        _comment(found, comment, schema, name)


def _tables(
    found: Inventory, connection: Any, keys: dict[tuple[str, str], tuple[str, ...]], *, has_generated: bool
) -> None:
    columns: dict[tuple[str, str], list[str]] = {}
    generated = "a.attgenerated::text" if has_generated else "''"
    for schema, table, name, kind, not_null, default, identity, computed, collation, comment in rows(
        connection, _COLUMNS.format(generated=generated)
    ):
        columns.setdefault((schema, table), []).append(name)
        more = [kind]
        if collation:
            more.append(f"COLLATE {collation}")
        if identity:
            more.append(_IDENTITY.get(identity, identity))
        if computed:
            more.append(f"GENERATED ALWAYS AS ({default}) STORED")
        found.column(
            _name(schema, table, name), " ".join(more),
            nullable=not not_null, default=None if computed else default, comment=comment,
        )  # fmt: skip
    for schema, name, kind, told, comment in rows(connection, _TABLES):
        found.things["table", _name(schema, name)] = told or ""
        _comment(found, comment, schema, name)
        mine = columns.get((schema, name), [])
        found.things["order", _name(schema, name)] = ", ".join(mine)
        if kind == "r":  # a partitioned table's rows are those of its partitions
            found.tables.append(Shape(schema, name, tuple(mine), keys.get((schema, name), ())))


def _constraints(found: Inventory, connection: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    """Note the constraints; gives the primary key of each table."""
    import json  # noqa: PLC0415 - some drivers give arrays as lists, others as text: JSON is the same with all

    keys = {}
    for schema, table, name, told, kind, columns, comment in rows(connection, _CONSTRAINTS):
        found.things["constraint", _name(schema, table, name)] = told
        _comment(found, comment, schema, table, name)
        if kind == "p":
            keys[schema, table] = tuple(json.loads(columns))
    return keys


def _comment(found: Inventory, comment: str | None, *name: str) -> None:
    if comment:
        found.things["comment", _name(*name)] = comment


def _name(schema: str, *parts: str) -> str:
    return dotted("" if schema == "public" else schema, *parts)

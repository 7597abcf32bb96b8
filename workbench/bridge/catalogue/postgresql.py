"""The catalogue of a PostgreSQL database: a few questions for all of it, answered in the server's own words."""

# ruff: noqa: S608 - the questions are put together of constants

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from workbench.bridge.catalogue import postgresql_others as others
from workbench.bridge.catalogue.asking import default_schema, rows_if_told
from workbench.bridge.catalogue.postgresql_others import Comments, ours
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

_INCLUDING = 11  # the first server with INCLUDE, and with constraints that partitions inherit
_GENERATED = 12  # the first server with generated columns
# Of indexes what the server has counted last: to look at each of their files lasts as long as a third of all else.
_SIZE = """CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid)
    + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)
    + coalesce(w.pages, 0) * current_setting('block_size')::int END"""
_UNKNOWN_ROWS = 14  # the first server that tells "never counted" from "empty"

_RELATIONS = f"""
    SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text,
        CASE WHEN c.relkind IN ('v', 'm') THEN btrim(pg_get_viewdef(c.oid, true)) || coalesce(
            ' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
        ELSE concat_ws(' ',
            CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
            'OF ' || nullif(c.reloftype, 0)::regtype,
            'PARTITION BY ' || pg_get_partkeydef(c.oid),
            CASE WHEN c.relhassubclass OR c.relispartition OR h.parents IS NOT NULL THEN
                CASE WHEN c.relispartition THEN 'PARTITION OF ' || h.parents ELSE 'INHERITS (' || h.parents || ')' END
            END,
            pg_get_expr(c.relpartbound, c.oid),
            (SELECT concat_ws(' ', 'SERVER', quote_ident(s.srvname),
                              'OPTIONS (' || array_to_string(f.ftoptions, ', ') || ')')
             FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
            'WITH (' || array_to_string(c.reloptions, ', ') || ')',
            (SELECT 'TABLESPACE ' || quote_ident(t.spcname) FROM pg_tablespace t WHERE t.oid = c.reltablespace),
            CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END,
            CASE WHEN c.relforcerowsecurity THEN 'FORCED' END,
            CASE c.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' WHEN 'n' THEN 'REPLICA IDENTITY NOTHING' END)
        END,
        CASE WHEN c.reltuples < 0 OR ({{zero}} AND c.relpages = 0) THEN NULL ELSE c.reltuples::bigint END,
        {{size}},
        EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN (SELECT i.inhrelid, string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS parents
                   FROM pg_inherits i GROUP BY i.inhrelid) h ON h.inhrelid = c.oid
        LEFT JOIN (SELECT x.indrelid, sum(i.relpages)::bigint AS pages
                   FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid GROUP BY x.indrelid) w ON w.indrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {ours("pg_class", "c.oid")}
"""
# Joined, since the server thinks a question with a subquery for each column so dear that it compiles it first.
_COLUMNS = f"""
    SELECT c.oid::bigint, a.attnum::int, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, {{generated}},
        concat(CASE WHEN NOT pg_collation_is_visible(l.oid) THEN l.collnamespace::regnamespace || '.' END,
               quote_ident(l.collname))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND {ours("pg_class", "c.oid")}
    ORDER BY a.attrelid, a.attnum
"""
# Only what is not as it is by itself.
_IDENTITIES = """
    SELECT d.refobjid::bigint, d.refobjsubid::int, concat_ws(' ',
        CASE WHEN s.seqstart <> CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END
             THEN 'START WITH ' || s.seqstart END,
        CASE WHEN s.seqincrement <> 1 THEN 'INCREMENT BY ' || s.seqincrement END,
        CASE WHEN s.seqmin <> CASE WHEN s.seqincrement > 0 THEN 1 ELSE m.low END THEN 'MINVALUE ' || s.seqmin END,
        CASE WHEN s.seqmax <> CASE WHEN s.seqincrement > 0 THEN m.high ELSE -1 END THEN 'MAXVALUE ' || s.seqmax END,
        CASE WHEN s.seqcache <> 1 THEN 'CACHE ' || s.seqcache END,
        CASE WHEN s.seqcycle THEN 'CYCLE' END)
    FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
        JOIN (VALUES ('int2'::regtype::oid, -32768::bigint, 32767::bigint), ('int4'::regtype, -2147483648, 2147483647),
              ('int8'::regtype, -9223372036854775808, 9223372036854775807)) AS m (type, low, high)
            ON m.type = s.seqtypid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
"""
_CONSTRAINTS = f"""
    SELECT o.oid::bigint, o.conrelid::bigint, o.contype::text, o.conname, pg_get_constraintdef(o.oid),
        array_to_string(o.conkey, ' '), s.nspname, f.relname, o.confrelid::bigint, array_to_string(o.confkey, ' '),
        o.confdeltype::text, o.confupdtype::text
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class f ON f.oid = o.confrelid LEFT JOIN pg_namespace s ON s.oid = f.relnamespace
    WHERE o.contype IN ('p', 'u', 'f', 'c', 'x') AND {{own}} AND {ours("pg_class", "c.oid")}
"""
# Of tables that an extension has brought, and that are therefore not read.
_REFERRED = """
    SELECT attrelid::bigint, attnum::int, attname FROM pg_attribute WHERE attrelid IN ({tables}) AND attnum > 0
"""
# A foreign key to a partitioned table has a shadow for each of its partitions.
_NO_SHADOW = """NOT EXISTS (SELECT 1 FROM pg_constraint w WHERE w.oid = o.conparentid AND w.conrelid = o.conrelid)"""
_INDEXES = f"""
    SELECT i.oid::bigint, x.indrelid::bigint, i.relname, pg_get_indexdef(i.oid), x.indkey::text, {{keys}},
        CASE WHEN x.indexprs IS NOT NULL THEN (
            SELECT array_to_json(array_agg(pg_get_indexdef(i.oid, k, true) ORDER BY k))::text
            FROM generate_series(1, x.indnatts) k) END,
        pg_get_expr(x.indpred, x.indrelid, true), x.indisunique, m.amname, x.indisvalid
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x'))
        AND {ours("pg_class", "c.oid")}
"""
_COMMENTS = """
    SELECT c.relname, d.objoid::bigint, d.objsubid::int, d.description
    FROM pg_description d JOIN pg_class c ON c.oid = d.classoid WHERE d.objoid >= 16384 OR c.relname = 'pg_namespace'
"""
_KINDS = {"r": "table", "p": "partitioned table", "f": "foreign table", "v": "view", "m": "materialized view"}
_CONSTRAINT_KINDS = {"p": "primary key", "f": "foreign key", "u": "unique", "c": "check", "x": "exclude"}
_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}
_GENERATED_HOW = {"s": "STORED", "v": "VIRTUAL"}
_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def objects(connection: Any, notes: list[str], *, sizes: bool = True) -> Iterator[SchemaObject]:
    """All that is in the database, in every schema."""
    default = default_schema(connection)

    def home(schema: str | None) -> str | None:
        return None if schema == default else schema

    asked = rows_if_told(connection, "the comments", _COMMENTS, notes)
    comments: Comments = {(catalogue, oid, number): told for catalogue, oid, number, told in asked}
    yield from _Relations(connection, comments, notes).objects(home, _SIZE if sizes else "NULL")
    yield from others.objects(connection, comments, home, notes)


class _Relations:
    """Tables and views, with their parts by the oid of the one that they belong to."""

    def __init__(self, connection: Any, comments: Comments, notes: list[str]) -> None:
        self.connection, self.comments, self.notes = connection, comments, notes
        self.server: int = (connection.dialect.server_version_info or (0,))[0]
        self.names: dict[int, dict[int, str]] = defaultdict(dict)
        """The columns by their number."""
        self.keys: dict[int, frozenset[str]] = {}
        self.is_blind = False
        """The columns could not be read."""

    def objects(self, home: others.Home, size_of: str) -> Iterator[SchemaObject]:
        attributes = self._attributes()
        constraints = self._constraints(home)
        indexes = self._indexes()
        columns = self._columns(attributes)
        question = _RELATIONS.format(zero="true" if self.server < _UNKNOWN_ROWS else "false", size=size_of)
        for oid, schema, name, kind, told, count, size, has_columns in self._asked("the tables and views", question):
            if has_columns and oid not in columns and not self.is_blind:
                continue  # somebody has made it since the columns were asked for
            mine = (tuple(columns.get(oid, ())), tuple(sorted(indexes.get(oid, ()), key=lambda each: each.name)))
            shared = (_KINDS[kind], name, home(schema), "", told or "", self.comments.get(("pg_class", oid, 0)))
            if kind in "vm":
                yield View(*shared, columns=mine[0], indexes=mine[1])
            else:
                yield Table(
                    *shared, columns=mine[0], indexes=mine[1],
                    constraints=tuple(sorted(constraints.get(oid, ()), key=_constraint_place)),
                    rows=count, rows_estimated=count is not None, size=size,
                )  # fmt: skip

    def _attributes(self) -> list[tuple[Any, ...]]:
        generated = "a.attgenerated::text" if self.server >= _GENERATED else "''"
        before = len(self.notes)
        found = list(self._asked("the columns", _COLUMNS.format(generated=generated)))
        self.is_blind = len(self.notes) > before
        for oid, number, name, *_ in found:
            self.names[oid][number] = name
        return found

    def _columns(self, attributes: list[tuple[Any, ...]]) -> dict[int, list[Column]]:
        found: dict[int, list[Column]] = defaultdict(list)
        options = {each[:2]: each[2] for each in self._asked("the identity columns", _IDENTITIES) if each[2]}
        keys, comments = self.keys, self.comments
        for oid, number, name, kind, not_null, default, identity, computed, collation in attributes:
            extra = options.get((oid, number)) if identity else None
            found[oid].append(
                Column(
                    name, kind, not not_null, None if computed else default, name in keys.get(oid, ()),
                    comments.get(("pg_class", oid, number)), collation or None,
                    f"({default}) {_GENERATED_HOW.get(computed, computed)}" if computed else None,
                    _IDENTITY.get(identity), f"({extra})" if extra else "",
                )
            )  # fmt: skip
        return found

    def _constraints(self, home: others.Home) -> dict[int, list[Constraint]]:
        found: dict[int, list[Constraint]] = defaultdict(list)
        question = _CONSTRAINTS.format(own=_NO_SHADOW if self.server >= _INCLUDING else "true")
        lines = list(self._asked("the constraints", question))
        self._learn({line[8] for line in lines if line[8]})
        for oid, table, kind, name, told, numbers, schema, referred, other, theirs, on_delete, on_update in lines:
            columns = self._named(table, numbers)
            if kind == "p":
                self.keys[table] = frozenset(columns)
            if told is not None:  # else somebody has dropped it meanwhile
                found[table].append(
                    Constraint(
                        _CONSTRAINT_KINDS[kind], name, columns, told, self.comments.get(("pg_constraint", oid, 0)),
                        home(schema), referred or "", self._named(other, theirs),
                        _ACTIONS.get(on_delete, ""), _ACTIONS.get(on_update, ""),
                    )
                )  # fmt: skip
        return found

    def _learn(self, tables: set[int]) -> None:
        """The names of the columns of those tables that were not read."""
        unknown = sorted(tables - self.names.keys())
        question = _REFERRED.format(tables=", ".join(map(str, unknown)))
        for oid, number, name in self._asked("what foreign keys lead to", question) if unknown else ():
            self.names[oid][number] = name

    def _indexes(self) -> dict[int, list[Index]]:
        found: dict[int, list[Index]] = defaultdict(list)
        question = _INDEXES.format(keys=f"x.{'indnkeyatts' if self.server >= _INCLUDING else 'indnatts'}::int")
        for line in self._asked("the indexes", question):
            oid, table, name, told, numbers, count, written, where, unique, method, is_valid = line
            if told is None:
                continue
            columns = self.names.get(table, {})
            expressions = json.loads(written) if written else [""] * len(numbers.split())
            parts = tuple(
                columns.get(int(number), expression)
                for number, expression in zip(numbers.split(), expressions)  # noqa: B905 - as many of each
            )
            found[table].append(
                Index(
                    name, parts[:count], told, unique, "" if method == "btree" else method, where, parts[count:],
                    is_valid, self.comments.get(("pg_class", oid, 0)),
                )
            )  # fmt: skip
        return found

    def _named(self, table: int, numbers: str | None) -> tuple[str, ...]:
        columns = self.names.get(table, {})
        return tuple(columns[int(each)] for each in (numbers or "").split() if int(each) in columns)

    def _asked(self, what: str, question: str) -> Any:
        return rows_if_told(self.connection, what, question, self.notes)


def _constraint_place(each: Constraint) -> tuple[bool, str, str]:
    return each.kind != "primary key", each.kind, each.name

"""Finds what a migration that died has left behind, and version tables that say what cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from workbench.bridge.environments import Part
from workbench.bridge.halves import made_by_next
from workbench.bridge.live import Live, harmless
from workbench.bridge.quoting import quote_of
from workbench.bridge.values import Node
from workbench.results.findings import Evidence, Finding
from workbench.text import one_line, plural

_COPY = "_alembic_tmp_"
_COPIES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '#_alembic#_tmp#_%' ESCAPE '#'",
    "mysql": "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name LIKE '#_alembic#_tmp#_%' ESCAPE '#'",
}
_INVALID = """
    SELECT n.nspname, t.relname, c.relname, i.indisprimary OR k.oid IS NOT NULL, pg_catalog.pg_get_indexdef(c.oid)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid AND t.relkind <> 'p'
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid
    LEFT JOIN pg_catalog.pg_locks l ON l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
    WHERE NOT i.indisvalid AND l.pid IS NULL
    ORDER BY 1, 2, 3
"""


def findings(part: Part) -> list[Finding]:
    """Tables that a failed batch has left, and indexes that a failed CREATE INDEX CONCURRENTLY has."""
    connection: Any = part.context.connection
    dialect = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    try:
        with harmless(connection):
            if dialect == "postgresql":
                return [_invalid(part, *row) for row in connection.execute(sa.text(_INVALID))]
            if dialect in _COPIES:
                return [_copy(part, str(row[0])) for row in connection.execute(sa.text(_COPIES[dialect]))]
    except sa.exc.SQLAlchemyError:
        pass  # an account that may not look there; nothing is known then
    return []


def of_version_table(part: Part, nodes: Mapping[str, Node]) -> list[Finding]:
    """What cannot be in the version table, and what ought to be."""
    table = part.context.version_table
    heads = list(part.heads)
    unknown = sorted({each for each in heads if each not in nodes})
    found = [_unknown(part, each) for each in unknown]
    twice = sorted(each for each, count in Counter(heads).items() if count > 1)
    below = {head: _below(head, nodes) for head in heads}
    inside = sorted({low for low in heads for high in heads if low != high and low in below[high]})
    if twice or inside:
        kept = [each for each in dict.fromkeys(heads) if each not in inside and each in nodes]
        what = (
            f"{plural(heads.count(twice[0]), 'row')} with {twice[0]}"
            if twice
            else f"{inside[0]} beside {next(high for high in heads if inside[0] in below[high])}, which follows it"
        )
        found.append(
            Finding(
                rule="version-table",
                severity="error",
                outcome="fails",
                message=f"The version table {table} has {what}: two migrations at once, or rows written by hand.",
                remedy="Make sure which revisions are in, then write only these: "
                f'wb.stamp("{",".join(sorted(kept)) or "base"}", purge=True).apply().',
                object=table,
                evidence=Evidence(", ".join(heads), len(heads), sql=f"SELECT version_num FROM {table}"),  # noqa: S608 - to be read
                database=part.name,
            )
        )
    if not heads and nodes:
        found += _unversioned(part, nodes)
    return found


def _unversioned(part: Part, nodes: Mapping[str, Node]) -> list[Finding]:
    metadata = part.context.opts.get("target_metadata")
    models = {str(each.name) for one in _listed(metadata) for each in one.tables.values() if not each.schema}
    if not models:
        return []
    live = Live(part.context.connection)
    there = sorted(each for each in models if live.has_table("", each))
    first = made_by_next(part, nodes) if there else frozenset()
    rest = [each for each in there if each.casefold() not in first]
    if not rest or len(rest) == len(there):
        return []  # the first revision may be half done; or the history begins at a schema that is there already
    some = ", ".join(one_line(each) for each in there[:3]) + (", …" if len(there) > 3 else "")  # noqa: PLR2004 - enough
    return [
        Finding(
            rule="unversioned",
            severity="error",
            outcome="fails",
            message=f"The database is at base, but {plural(len(there), 'table')} of the models "
            f"{'is' if len(there) == 1 else 'are'} there already ({some}): made by create_all(), or restored without "
            "the version table.",
            remedy="Find out which revision the schema equals (wb.diff() shows what it lacks of the models), and write "
            "that into the version table: wb.stamp(…).apply().",
            object=part.context.version_table,
            evidence=Evidence("no row in the version table", len(there), sample=tuple((each,) for each in there)),
            database=part.name,
        )
    ]


def _unknown(part: Part, revision: str) -> Finding:
    return Finding(
        rule="unknown-revision",
        severity="error",
        outcome="fails",
        message=f"{part.name} stands at {one_line(revision)}, which no revision file has.",
        remedy="The file is on another branch or another machine, as a rule: bring it here. If it is gone for good, "
        "make sure what the schema equals, and write that into the version table: wb.stamp(…, purge=True).",
        revision=revision,
        object=part.context.version_table,
        database=part.name,
    )


def _copy(part: Part, name: str) -> Finding:
    original = name[len(_COPY) :]
    quote = quote_of(part.context.dialect)
    whole = Live(part.context.connection).has_table("", original)
    drop = f"DROP TABLE {quote(name)}"
    return Finding(
        rule="batch-leftover",
        severity="error",
        outcome="fails",
        message=f"Table {name} is left of a batch operation that did not come to its end. The next one on "
        f"{original} fails, because that table is there already.",
        remedy=f"See that {original} is whole, then: {drop}"
        if whole
        else f"{original} itself is gone: the batch died between dropping it and renaming its copy. The rows are in "
        f"the copy: ALTER TABLE {quote(name)} RENAME TO {quote(original)}",
        object=name,
        evidence=Evidence(f"{original} is {'there' if whole else 'gone'}", sql=drop if whole else ""),
        database=part.name,
    )


def _invalid(part: Part, schema: str, table: str, name: str, constraint: bool, definition: str) -> Finding:
    quote = quote_of(part.context.dialect)
    default = getattr(part.context.dialect, "default_schema_name", None)
    full = quote(name) if schema == default else f"{quote(schema)}.{quote(name)}"
    rebuild = f"REINDEX INDEX CONCURRENTLY {full}"
    drop = f"DROP INDEX CONCURRENTLY {full}"
    return Finding(
        rule="invalid-index",
        severity="error",
        outcome="fails",
        message=f"Index {name} on {table} is INVALID: CREATE INDEX CONCURRENTLY, or REINDEX, did not come to its end. "
        "No query uses it, every write pays for it, and the revision that makes it fails because it is there already.",
        remedy=f"Build it anew: {rebuild}"
        if constraint
        else f"Drop it and run the revision again: {drop}. Or build it anew and stamp the revision: {rebuild}",
        object=name if schema == default else f"{schema}.{name}",
        evidence=Evidence("pg_index.indisvalid is false", sql=definition),
        database=part.name,
    )


def _below(head: str, nodes: Mapping[str, Node]) -> set[str]:
    """What `head` follows. What it merely depends on may stand beside it."""
    seen: set[str] = set()
    todo = list(nodes[head].follows) if head in nodes else []
    while todo:
        each = todo.pop()
        if each not in seen:
            seen.add(each)
            todo += nodes[each].follows if each in nodes else ()
    return seen


def _listed(metadata: Any) -> list[Any]:
    if metadata is None:
        return []
    return list(metadata) if isinstance(metadata, (list, tuple, set)) else [metadata]

"""Remembers what was reflected of a live schema, for as long as the database's own catalogue is the same."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from collections.abc import Iterator
from typing import Any

from alembic.util import sqla_compat
from sqlalchemy import text
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

Memory = dict[str, "tuple[str, dict[Any, bytes]]"]
"""For each database: the fingerprint of its catalogue, and the pickled entries of Alembic's own reflection cache."""

_REMEMBERED = "alembic_"  # what compare/util.py of Alembic ≥ 1.18 reads in bulk; older ones have no such entries

# Every row of a catalogue carries the transaction that wrote it; any DDL writes rows.
_POSTGRESQL = " UNION ALL ".join(
    f"SELECT '{table}' AS t, {key} || ':' || xmin::text AS r FROM pg_catalog.{table}"  # noqa: S608 - constants
    for table, key in {
        "pg_namespace": "oid::text", "pg_class": "oid::text", "pg_attribute": "attrelid::text || '.' || attnum",
        "pg_attrdef": "oid::text", "pg_constraint": "oid::text", "pg_index": "indexrelid::text", "pg_type": "oid::text",
        "pg_enum": "oid::text", "pg_description": "objoid::text || '.' || objsubid", "pg_sequence": "seqrelid::text",
        "pg_inherits": "inhrelid::text || '.' || inhparent",
    }.items()
)  # fmt: skip
_FINGERPRINTS = {
    # All of a SQLite schema is the text in sqlite_master; an attached database has one of its own.
    "sqlite": ("SELECT name, file FROM pragma_database_list", "SELECT type, name, tbl_name, sql FROM sqlite_master"),
    "postgresql": (
        "SELECT version(), current_user, current_schemas(true)::text",
        f"SELECT md5(string_agg(t || r, ',' ORDER BY t, r)) FROM ({_POSTGRESQL}) AS rows",  # noqa: S608 - constants
    ),
}


def fingerprint(connection: Any) -> str | None:
    """A digest that differs when the schema does; None where the database has no cheap and exact one."""
    queries = _FINGERPRINTS.get(connection.dialect.name)
    if queries is None:
        return None
    digest = hashlib.sha256()
    for query in queries:
        rows = [tuple(str(value) for value in row) for row in connection.execute(text(query))]
        if len(rows) > 1 and query == _FINGERPRINTS["sqlite"][0]:
            return None  # attached databases: their schemas are not in this sqlite_master
        digest.update(repr(sorted(rows)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


class Recalled(dict[Any, Any]):
    """An Inspector's `info_cache` that begins with what is remembered and notes what is added.

    Entries are pickled as they come: building Tables calls the project's `column_reflect` events, which may
    change them.
    """

    def __init__(self, entries: dict[Any, bytes]) -> None:
        super().__init__({key: pickle.loads(value) for key, value in entries.items()})  # noqa: S301 - our own bytes
        self.entries = dict(entries)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        if isinstance(key, str) and key.startswith(_REMEMBERED):
            try:
                self.entries[key] = pickle.dumps(value, protocol=4)
            except Exception:  # noqa: BLE001 - a type of the project's that cannot travel is reflected each time
                self.entries.pop(key, None)


def recall(memory: Memory, name: str, connection: Any, inspector: Any) -> tuple[str | None, Recalled]:
    """Give `inspector` what is remembered of this very schema."""
    mark = fingerprint(connection)
    known = memory.get(name)
    recalled = Recalled(known[1] if known is not None and mark is not None and known[0] == mark else {})
    inspector.info_cache = recalled
    return mark, recalled


@contextlib.contextmanager
def queries_recalled(recalled: Recalled) -> Iterator[None]:
    """Remember also what Alembic itself asks while it reflects: on PostgreSQL, who owns each sequence.

    With a thousand SERIAL columns these queries, one a column, take as long as all the rest of a comparison.
    """
    original = getattr(sqla_compat, "_exec_on_inspector", None)
    if original is None:
        yield
        return

    def execute(inspector: Any, statement: Any, **parameters: Any) -> Any:
        key = f"{_REMEMBERED}query: {statement} {sorted(parameters.items())}"
        if key not in recalled:
            result = original(inspector, statement, **parameters)
            recalled[key] = list(result.keys()), [tuple(row) for row in result]
        names, rows = recalled[key]
        return IteratorResult(SimpleResultMetaData(names), iter(rows))

    sqla_compat._exec_on_inspector = execute
    try:
        yield
    finally:
        sqla_compat._exec_on_inspector = original


def keep(memory: Memory, name: str, mark: str | None, recalled: Recalled) -> None:
    """Remember what `inspector` has learnt, for the next comparison."""
    if mark is not None:
        memory[name] = (mark, recalled.entries)

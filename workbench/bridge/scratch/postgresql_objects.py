"""Reads a PostgreSQL database's tables by its catalogue, and copies their rows as JSON, whatever their types are."""

# ruff: noqa: S608 - names from the catalogue, quoted

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from workbench.bridge.scratch import databases
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.bridge.scratch.row_samples import GENERATIONS, ForeignKey, Table, parents_first

_BATCH = 1000
OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'workbench_scratch')"
"""The schemas that are no part of the server itself."""
OWN = "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.objid = {0}.oid AND x.deptype = 'e')"
"""It does not belong to an extension."""


@dataclass
class Relation(Table):
    """A table of PostgreSQL's."""

    oid: int = 0
    only: str = ""
    """`ONLY `, but for a partitioned table, whose rows are in its partitions."""
    keys: dict[tuple[str, ...], set[tuple[Any, ...]]] = field(default_factory=dict)
    """Of a sample: the values that were taken of the columns that others refer to."""


def literal(text: Any) -> str:
    """`text` as a string of SQL."""
    words = str(text).replace("'", "''")
    return "E'" + words.replace("\\", "\\\\") + "'" if "\\" in words else f"'{words}'"


def name_of(name: Any) -> str:
    """`name` as an identifier, always in quotes."""
    return '"' + str(name).replace('"', '""') + '"'


def tables(source: Admin) -> list[Relation]:
    """Every table that holds rows of its own: no partitions, for these are read through what they are partitions of."""
    rows = source.run(
        "SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, "
        "(SELECT json_agg(a.attname ORDER BY a.attnum)::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid "
        "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {OURS} AND {OWN.format('c')} ORDER BY 2, 3"
    )
    found = {
        int(oid): Relation(
            f"{name_of(schema)}.{name_of(name)}",
            tuple(name_of(each) for each in _list(columns)),
            oid=int(oid),
            only="" if relkind == "p" else "ONLY ",
        )
        for oid, schema, name, relkind, columns in rows
    }
    keys = source.run(
        "SELECT k.conrelid::bigint, k.confrelid::bigint, "
        "(SELECT json_agg(a.attname ORDER BY u.n)::text FROM unnest(k.conkey) WITH ORDINALITY u(c, n) "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.c), "
        "(SELECT json_agg(a.attname ORDER BY u.n)::text FROM unnest(k.confkey) WITH ORDINALITY u(c, n) "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.c) "
        "FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY k.oid"
    )
    for child, parent, columns, parent_columns in keys:
        if int(child) in found and int(parent) in found:
            named = (tuple(name_of(each) for each in _list(some)) for some in (columns, parent_columns))
            one, other = named
            found[int(child)].foreign_keys.append(ForeignKey(one, found[int(parent)].name, other))
            found[int(parent)].keys[other] = set()
    return list(found.values())


def _list(told: Any) -> list[str]:
    return [str(each) for each in (json.loads(told) if isinstance(told, str) else told or [])]


def copy_version_rows(order: Order, source: Admin, target: Admin) -> None:
    """Copy the version table's rows; of tenants' version tables every one, for they share the database."""
    _, name = order.version_table
    for each in tables(source):
        if each.name.endswith(f".{name_of(name)}"):
            copy(each, source, target)


def copy_all(made: ScratchDatabase, order: Order, source: Admin, target: Admin) -> None:
    """Copy every row of every table, and where the sequences stand."""
    every = tables(source)
    for number, each in enumerate(every):
        order.progress(f"copying {each.name}", number, len(every))
        try:
            made.rows += copy(each, source, target)
        except Exception as error:  # noqa: BLE001 - one thing that cannot be made must not keep the others away
            made.notes += (f"the rows of {each.name} were not copied: {_words(error)}",)
    _set_sequences(source, target)
    order.progress("copied", len(every), len(every))


def copy_sample(made: ScratchDatabase, order: Order, source: Admin, target: Admin) -> None:
    """Copy some rows of each table, with all that they refer to, and where the sequences stand."""
    _, version = order.version_table
    ordered = [each for each in parents_first(tables(source)) if isinstance(each, Relation)]
    done: dict[str, Relation] = {}
    for number, each in enumerate(ordered):
        order.progress(f"copying {each.name}", number, len(ordered))
        if each.name.endswith(f".{name_of(version)}"):
            continue
        try:
            made.rows += _sample(each, done, source, target)
        except Exception as error:  # noqa: BLE001 - one thing that cannot be made must not keep the others away
            made.notes += (f"the rows of {each.name} were not copied: {_words(error)}",)
        done[each.name] = each
    _set_sequences(source, target)
    order.progress("copied", len(ordered), len(ordered))


def copy(table: Relation, source: Admin, target: Admin, where: str = "", limit: int = -1) -> int:
    """Copy the rows that fulfil `where`; returns how many.

    The source is in a transaction that reads only, so that a cursor can be had with any driver.
    """
    columns = ", ".join(table.columns)
    query = f"SELECT {columns} FROM {table.only}{table.name} t"
    query += f" WHERE {where}" if where else ""
    query += f" LIMIT {limit}" if limit >= 0 else ""
    if not table.columns:
        return 0
    source.run("SAVEPOINT workbench")
    try:
        source.run(f"DECLARE workbench NO SCROLL CURSOR FOR SELECT pg_catalog.row_to_json(r)::text FROM ({query}) r")
        total = 0
        while rows := source.run(f"FETCH {_BATCH} FROM workbench"):
            _insert(table, [str(row[0]) for row in rows], target)
            total += len(rows)
        source.run("CLOSE workbench")
    except BaseException:
        source.run("ROLLBACK TO SAVEPOINT workbench")
        raise
    return total


def _insert(table: Relation, rows: list[str], target: Admin) -> None:
    columns = ", ".join(table.columns)
    target.run(
        f"INSERT INTO {table.name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} "
        f"FROM pg_catalog.json_populate_recordset(NULL::{table.name}, {literal('[' + ','.join(rows) + ']')})"
    )


def _sample(table: Relation, done: dict[str, Relation], source: Admin, target: Admin) -> int:
    conditions = []
    itself = None
    for key in table.foreign_keys:
        none = " OR ".join(f"t.{column} IS NULL" for column in key.columns)
        if key.parent == table.name:
            itself = key
            same = " AND ".join(f"t.{one} = t.{two}" for one, two in zip(key.columns, key.parent_columns))  # noqa: B905 - as many, by the catalogue
            conditions.append(f"({none} OR ({same}))")
        elif key.parent in done and done[key.parent].keys.get(key.parent_columns):
            conditions.append(f"({none} OR {_among(key.columns, done[key.parent].keys[key.parent_columns])})")
        else:
            conditions.append(f"({none})")
    left = databases.SAMPLE
    copied = copy(table, source, target, " AND ".join(conditions), left)
    _note_keys(table, target)
    written, generation = copied, 1
    while itself is not None and written and copied < left and generation < GENERATIONS:
        known = table.keys[itself.parent_columns]
        more = [each for each in conditions if "= t." not in each]
        more += [_among(itself.columns, known), f"NOT {_among(itself.parent_columns, known)}"]
        written = copy(table, source, target, " AND ".join(more), left - copied)
        copied, generation = copied + written, generation + 1
        _note_keys(table, target)
    return copied


def _among(columns: tuple[str, ...], values: set[tuple[Any, ...]]) -> str:
    names = ", ".join(f"t.{each}" for each in columns)
    told = ", ".join(f"({', '.join(literal(one) for one in each)})" for each in sorted(values))
    return f"({names}) IN ({told})"


def _note_keys(table: Relation, target: Admin) -> None:
    for columns in table.keys:
        as_text = ", ".join(f"{each}::text" for each in columns)
        known = " AND ".join(f"{each} IS NOT NULL" for each in columns)
        rows = target.run(f"SELECT {as_text} FROM {table.name} WHERE {known}")
        table.keys[columns] = {tuple(row) for row in rows}


def _set_sequences(source: Admin, target: Admin) -> None:
    rows = source.run(
        "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        f"ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND {OURS} AND {OWN.format('c')} ORDER BY 1, 2"
    )
    for schema, name in rows:
        sequence = f"{name_of(schema)}.{name_of(name)}"
        with contextlib.suppress(Exception):  # an identity column's, under another name
            last, called = source.run(f"SELECT last_value, is_called FROM {sequence}")[0]
            target.run(f"SELECT pg_catalog.setval({literal(sequence)}, {int(last)}, {'true' if called else 'false'})")


def _words(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]

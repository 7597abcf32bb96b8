"""Where the sequences of a PostgreSQL database stand, which belongs to its data and not to its schema."""

# ruff: noqa: S608 - the question is put together of constants

from __future__ import annotations

from typing import Any

from workbench.bridge.catalogue.asking import rows
from workbench.bridge.catalogue.postgresql_others import ours
from workbench.results.definitions import dotted

HOME = "public"
"""The schema that a rehearsal does not name."""

# What counts downwards or begins again has no "further".
_POSITIONS = f"""
    SELECT s.schemaname, s.sequencename, coalesce(s.last_value, s.start_value - 1)::bigint
    FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
        JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
    WHERE s.increment_by > 0 AND NOT s.cycle AND {ours("pg_class", "c.oid")}
"""


def read(connection: Any) -> dict[str, int]:
    """The last value that each sequence gave, by its name; nothing where there are no such sequences."""
    if connection.dialect.name != "postgresql":
        return {}
    return {
        dotted("" if schema == HOME else schema, name): position
        for schema, name, position in rows(connection, _POSITIONS)
    }


def set_back(before: dict[str, int], after: dict[str, int]) -> list[tuple[str, int, int]]:
    """(name, position before, position after) of those that give again what they have given."""
    return [(name, was, after[name]) for name, was in sorted(before.items()) if after.get(name, was) < was]

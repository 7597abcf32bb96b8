"""Asks env.py's own connection what decides about hazards: version, settings, how large the tables are."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from workbench.bridge.catalogue import measuring
from workbench.bridge.catalogue.dependents import dependents
from workbench.bridge.environments import Part
from workbench.results import Table
from workbench.results.facts import Facts, Measure

_SETTINGS = {
    "postgresql": "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ("
    "'TimeZone', 'lock_timeout', 'statement_timeout', 'standard_conforming_strings')",
    "mysql": "SHOW SESSION VARIABLES WHERE variable_name IN ("
    "'sql_mode', 'lock_wait_timeout', 'foreign_key_checks', 'innodb_strict_mode', 'explicit_defaults_for_timestamp')",
}
_PRAGMAS = ("foreign_keys", "legacy_alter_table")
# The cheapest that there is of the name: of several with one name each may be the one that is called.
_FUNCTIONS = sa.text(
    "SELECT p.proname, bool_or(p.provolatile = 'v' AND l.lanname <> 'sql') FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.proname IN :names GROUP BY p.proname"
).bindparams(sa.bindparam("names", expanding=True))


def facts(part: Part, tables: Iterable[Table], functions: Iterable[str], known: Facts | None = None) -> Facts:
    """What is so on the database of `part`.

    Args:
        part: One database of env.py's.
        tables: Live ones, to be measured.
        functions: Names of functions, to know which are volatile (PostgreSQL).
        known: What was told of the same functions when the catalogue was the same; only what may be another without
            a change of the catalogue is asked again.

    """
    connection: Any = part.context.connection
    context = part.context
    dialect = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    if known is None:
        told = _functions(connection, sorted(set(functions)))
        known = Facts(
            part.name,
            dialect,
            volatile=tuple(name for name, is_volatile in told if is_volatile),
            functions=tuple(name for name, _ in told),
            dependents=dependents(connection),
        )
    target = context.opts.get("target_metadata")
    conventions = [getattr(each, "naming_convention", None) or {} for each in _each(target)]
    return replace(
        known,
        version=_version(part.database.server),
        settings=_settings(connection),
        transactional_ddl=bool(context.impl.transactional_ddl),
        transaction_per_migration=bool(context._transaction_per_migration),
        named_constraints=any(set(each) - {"ix"} for each in conventions),
        measures=tuple(_measure(connection, each) for each in tables),
    )


def _measure(connection: Any, table: Table) -> Measure:
    told = measuring.glance(connection, table)
    return Measure(table.schema or "", table.name, *told, last_key=measuring.last_key(connection, table))


def _version(server: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", server)
    return tuple(int(each) for each in found.group().split(".")) if found else ()


def _settings(connection: Any) -> tuple[tuple[str, str], ...]:
    dialect = connection.dialect.name
    told: list[tuple[str, str]] = []
    with contextlib.suppress(sa.exc.DBAPIError):
        if dialect == "sqlite":
            for name in _PRAGMAS:
                row = connection.exec_driver_sql(f"PRAGMA {name}").first()
                told += [] if row is None else [(name, str(row[0]))]
        else:
            question = _SETTINGS.get("mysql" if dialect == "mariadb" else dialect)
            rows = connection.exec_driver_sql(question).all() if question else ()
            told = [(str(name), str(value)) for name, value in rows]
    return tuple(sorted(told))


def _functions(connection: Any, names: list[str]) -> list[tuple[str, bool]]:
    if not names or connection.dialect.name != "postgresql":
        return []
    return [(str(name), bool(is_volatile)) for name, is_volatile in connection.execute(_FUNCTIONS, {"names": names})]


def _each(target: Any) -> Iterable[Any]:
    return target if isinstance(target, (list, tuple)) else () if target is None else (target,)

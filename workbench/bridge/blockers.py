"""Who uses tables right now: which locks other sessions hold or wait for, and how long their transactions are open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from workbench.bridge.waiting import shown
from workbench.results.locks import Activity, Blocker

_POSTGRESQL = """
SELECT c.relname AS name, n.nspname AS schema, n.nspname = current_schema() AS is_default, l.mode, l.granted,
    coalesce(a.pid, 0) AS pid, coalesce(a.usename::text, '') AS usename, a.application_name, a.backend_type, a.state,
    CAST(extract(epoch FROM clock_timestamp() - a.xact_start) AS float8) AS seconds, a.query
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid() AND c.relkind IN ('r', 'p', 'm')
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND (c.relname IN :names OR n.nspname || '.' || c.relname IN :names)
ORDER BY a.xact_start NULLS LAST, a.pid
"""
_OPEN = """
SELECT a.pid, coalesce(a.usename::text, '') AS usename, a.application_name, a.backend_type, a.state,
    CAST(extract(epoch FROM clock_timestamp() - a.xact_start) AS float8) AS seconds, a.query
FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    AND a.backend_type = 'client backend'
ORDER BY a.xact_start, a.pid
"""
_SEES = "SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"
_HIDDEN = "<insufficient privilege>"
_FEW_RIGHTS = {
    "postgresql": "This account does not see what sessions of other users do; GRANT pg_read_all_stats lets it.",
    "mysql": "This account does not see sessions of other users; GRANT PROCESS lets it.",
}
_MYSQL_OPEN = """
SELECT p.id AS pid, p.user AS usename, p.command AS state, p.info AS query,
    TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds
FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
WHERE p.id <> CONNECTION_ID() AND (p.db = DATABASE() OR p.db IS NULL)
ORDER BY t.trx_started, p.id
"""
_MYSQL_HELD = (
    # MariaDB's plugin, and what MySQL has of its own.
    (
        "SELECT m.table_schema AS `schema`, m.table_name AS name, m.lock_mode AS mode, m.thread_id AS pid, "
        "1 AS granted FROM information_schema.metadata_lock_info m WHERE m.lock_type = 'Table metadata lock'"
    ),
    (
        "SELECT m.object_schema AS `schema`, m.object_name AS name, m.lock_type AS mode, t.processlist_id AS pid, "
        "m.lock_status = 'GRANTED' AS granted FROM performance_schema.metadata_locks m "
        "JOIN performance_schema.threads t ON t.thread_id = m.owner_thread_id WHERE m.object_type = 'TABLE'"
    ),
)
_MYSQL_SESSIONS = """
SELECT p.id AS pid, p.user AS usename, p.command AS state, p.info AS query,
    TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds
FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
WHERE p.id <> CONNECTION_ID()
"""


def activity(connection: Any, database: str, tables: Iterable[str]) -> Activity | None:
    """Who uses these tables of `database` right now; None for SQLite, which does not tell.

    Args:
        connection: To the live database.
        database: Its name.
        tables: `schema.table`, or `table` in the default schema.

    """
    dialect = connection.dialect.name
    names = sorted(set(tables))
    if dialect == "postgresql":
        return _of_postgresql(connection, database, names)
    return _of_mysql(connection, database, names) if dialect in {"mysql", "mariadb"} else None


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _of_postgresql(connection: Any, database: str, names: list[str]) -> Activity:
    asked = sa.text(_POSTGRESQL).bindparams(sa.bindparam("names", expanding=True))
    rows = [dict(row._mapping) for row in connection.execute(asked, {"names": names or [""]})]
    found = [
        _session(row, table, _level(str(row["mode"])), waits=not row["granted"])
        for row in rows
        if (table := _name(row, names))
    ]
    opened = [_session(dict(row._mapping), "") for row in connection.exec_driver_sql(_OPEN)]
    hidden = any(row["query"] == _HIDDEN for row in rows) or any(each.query == _HIDDEN for each in opened)
    note = _FEW_RIGHTS["postgresql"] if hidden or not connection.exec_driver_sql(_SEES).scalar() else ""
    return Activity(database, tuple(_seen(each) for each in found), tuple(_seen(each) for each in opened), True, note)


def _name(row: dict[str, Any], names: list[str]) -> str:
    """What the table is called among `names`; empty for one of another schema."""
    qualified = f"{row['schema']}.{row['name']}"
    return qualified if qualified in names else str(row["name"]) if row["is_default"] and row["name"] in names else ""


def _level(mode: str) -> str:
    """`ACCESS EXCLUSIVE` for `AccessExclusiveLock`."""
    return " ".join(re.findall("[A-Z][a-z]+", mode.removesuffix("Lock"))).upper()


def _seen(session: Blocker) -> Blocker:
    """The session, with nothing in place of what may not be seen."""
    return Blocker(**{**session.__dict__, "query": ""}) if session.query == _HIDDEN else session


# -- MariaDB and MySQL ------------------------------------------------------------------------------------------------


def _of_mysql(connection: Any, database: str, names: list[str]) -> Activity:
    try:
        opened = tuple(_session(row, "") for row in _rows(connection, _MYSQL_OPEN))
    except sa.exc.DBAPIError:  # innodb_trx asks for PROCESS
        return Activity(database, (), (), False, _FEW_RIGHTS["mysql"])
    held = _held(connection)
    if held is None:
        return Activity(database, (), opened, False)
    here = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
    by_number = {row["pid"]: row for row in _rows(connection, _MYSQL_SESSIONS)}
    found = []
    for row in held:
        name = str(row["name"]) if row["schema"] == here else f"{row['schema']}.{row['name']}"
        if row["pid"] in by_number and name in names:
            level = str(row["mode"]).removeprefix("MDL_").replace("_", " ")
            found.append(_session(by_number[row["pid"]], name, level, waits=not row["granted"]))
    return Activity(database, tuple(found), opened, True)


def _held(connection: Any) -> list[dict[str, Any]] | None:
    """The metadata locks of all sessions; None where the server does not tell of them."""
    for question in _MYSQL_HELD:
        try:
            rows = list(_rows(connection, question))
        except sa.exc.DBAPIError:
            continue
        # MariaDB has MySQL's table, and nothing in it as long as its instrument is off.
        if rows or "performance_schema" not in question:
            return rows
    return None


def _rows(connection: Any, question: str) -> Iterator[dict[str, Any]]:
    for row in connection.exec_driver_sql(question).all():
        yield {str(name).lower(): value for name, value in row._mapping.items()}


def _session(row: dict[str, Any], table: str, level: str = "", *, waits: bool = False) -> Blocker:
    seconds = row["seconds"]
    kind = str(row.get("backend_type") or "")
    return Blocker(
        number=int(row["pid"] or 0),
        user=str(row["usename"] or ""),
        program=kind if kind not in {"", "client backend"} else str(row.get("application_name") or ""),
        state=str(row["state"] or "").lower(),
        seconds=None if seconds is None else max(0.0, float(seconds)),
        table=table,
        level=level,
        waits=waits,
        query=_HIDDEN if row["query"] == _HIDDEN else shown(row["query"]),
    )

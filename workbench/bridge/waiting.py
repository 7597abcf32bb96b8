"""What a statement that runs long waits for, who holds that, or how far it is: asked of the server."""

# ruff: noqa: S608 - only numbers are put into these queries, and they come from the server

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

from workbench.text import shorten

Ask = Callable[[str], "list[dict[str, Any]]"]
"""Executes a query on another connection; gives its rows by the names of the columns, in lower case."""

_PASSWORD = re.compile(
    r"(\b(?:PASSWORD|IDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS))\b\W*?)'(?:[^'\\]|''|\\.)*'?", re.IGNORECASE
)
_QUERY = 120  # characters of somebody's query that are shown
_MINUTE = 60
_HOUR = 3600
_VIEWS = (
    ("create_index", "building index", ("blocks_total", "blocks_done"), ("tuples_total", "tuples_done")),
    ("create_index", "building index", ("lockers_total", "lockers_done"), ("partitions_total", "partitions_done")),
    ("cluster", "rewriting table", ("heap_blks_total", "heap_blks_scanned")),
    ("vacuum", "vacuum", ("heap_blks_total", "heap_blks_scanned")),
    ("analyze", "analyze", ("sample_blks_total", "sample_blks_scanned")),
    ("copy", "copy", ("bytes_total", "bytes_processed")),
)
"""PostgreSQL's views of progress: what to call it, and pairs of (how much there is, how much is done)."""
_IDLE = frozenset({"", "init", "executing", "query", "sleep", "starting", "query end", "user sleep", "updating"})


def session_query(dialect: str) -> str:
    """What asks a connection for the number that its server knows it by; empty for a database without one."""
    return {
        "postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()", "mariadb": "SELECT CONNECTION_ID()",
    }.get(dialect, "")  # fmt: skip


def words(dialect: str, ask: Ask, session: int) -> tuple[str, str]:
    """What session number `session` is doing.

    Returns:
        A sentence, and the same without what changes by itself as time goes by; both are empty where the server has
        nothing to tell but that it works.

    """
    return _postgresql(ask, session) if dialect == "postgresql" else _mysql(ask, session)


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _postgresql(ask: Ask, session: int) -> tuple[str, str]:
    rows = ask(
        "SELECT wait_event_type, wait_event, to_json(pg_blocking_pids(pid))::text AS blockers "
        f"FROM pg_stat_activity WHERE pid = {session}"
    )
    if not rows:
        return "", ""
    pids = str(rows[0]["blockers"]).strip("[] ")
    if rows[0]["wait_event_type"] == "Lock" or pids:
        holders = ask(
            "SELECT pid, usename, application_name, state, query, "
            "CAST(extract(epoch FROM clock_timestamp() - xact_start) AS float8) AS open, "
            "CAST(extract(epoch FROM clock_timestamp() - query_start) AS float8) AS since "
            f"FROM pg_stat_activity WHERE pid IN ({pids or 0}) ORDER BY pid"
        )
        return _waits("a lock", [_postgresql_holder(each) for each in holders])
    for view, what, *pairs in _VIEWS:
        with contextlib.suppress(Exception):  # a server that is too old for this view
            found = ask(f"SELECT * FROM pg_stat_progress_{view} WHERE pid = {session}")
            told = _progress(found[0], what, pairs) if found else ""
            if told:
                return told, told
    if rows[0]["wait_event"] == "PgSleep":
        return "sleeps", "sleeps"
    return "", ""


def _postgresql_holder(row: dict[str, Any]) -> tuple[str, str]:
    who = _who(row["usename"], "process", row["pid"], row["application_name"])
    query = shown(row["query"])
    if str(row["state"]).startswith("idle in transaction"):
        did = f", which has its transaction open and does nothing; its last statement was {query}" if query else ""
        return f"{who}{did}", f", its transaction open for {_duration(row['open'])}"
    return f"{who} running {query}" if query else who, f" for {_duration(row['since'])}"


def _progress(row: dict[str, Any], what: str, pairs: list[tuple[str, str]]) -> str:
    phase = str(row.get("phase") or "").removeprefix(f"{what}: ").removeprefix("building index: ")
    for total, done in pairs:
        if row.get(total):
            percent = f"{min(100 * int(row[done] or 0) // int(row[total]), 100)} %"
            return f"{what}: {phase}, {percent}" if phase else f"{what}: {percent}"
    return f"{what}: {phase}" if phase and phase != "initializing" else ""


# -- MariaDB and MySQL ------------------------------------------------------------------------------------------------


def _mysql(ask: Ask, session: int) -> tuple[str, str]:
    rows = ask(f"SELECT * FROM information_schema.processlist WHERE id = {session}")
    if not rows:
        return "", ""
    state = str(rows[0].get("state") or "")
    waiting = state.lower().startswith("waiting for") and "lock" in state.lower()
    if waiting or _in_row_lock(ask, session):
        what = f"a {state[len('Waiting for ') :]}" if waiting else "a row lock"
        # Which of them it is, MariaDB tells of row locks only: whoever has a transaction open may hold one of a table.
        exact = "" if waiting else _row_lock_holders(session)
        return _waits(what, [_mysql_holder(each) for each in _mysql_holders(ask, session, exact)])
    percent = float(rows[0].get("progress") or 0)
    if percent:
        stages = int(rows[0].get("max_stage") or 0)
        stage = f" (stage {rows[0].get('stage')} of {stages})" if stages > 1 else ""
        told = f"{state.lower()}: {percent:.0f} %{stage}"
        return told, told
    return ("", "") if state.lower() in _IDLE else (state, state)


def _in_row_lock(ask: Ask, session: int) -> bool:
    query = (
        "SELECT 1 AS one FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = "
    )
    return bool(ask(f"{query}{session}"))


def _row_lock_holders(session: int) -> str:
    return (
        "AND t.trx_id IN (SELECT w.blocking_trx_id FROM information_schema.innodb_lock_waits w "
        "JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id "
        f"WHERE r.trx_mysql_thread_id = {session})"
    )


def _mysql_holders(ask: Ask, session: int, exact: str) -> list[dict[str, Any]]:
    query = (
        "SELECT p.id AS pid, p.user AS usename, p.host AS host, p.info AS query, "
        "TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS open "
        "FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
        f"WHERE p.id <> {session} AND (p.db = DATABASE() OR p.db IS NULL) {{}} ORDER BY t.trx_started LIMIT 5"
    )
    if exact:
        with contextlib.suppress(Exception):  # MySQL 8 has no innodb_lock_waits there
            return ask(query.format(exact))
    return ask(query.format(""))


def _mysql_holder(row: dict[str, Any]) -> tuple[str, str]:
    who = _who(row["usename"], "connection", row["pid"], "")
    query = shown(row["query"])
    doing = f"{who} running {query}" if query else f"{who}, which does nothing at the moment"
    return doing, f", its transaction open for {_duration(row['open'])}"


# -- words ------------------------------------------------------------------------------------------------------------


def _waits(what: str, holders: list[tuple[str, str]]) -> tuple[str, str]:
    bare = f"waits for {what}"
    if not holders:
        return bare, bare
    told = "; ".join(who + since for who, since in holders)
    return f"{bare}: held by {told}", f"{bare}: held by {'; '.join(who for who, _ in holders)}"


def _who(user: Any, kind: str, number: Any, program: Any) -> str:
    within = ", ".join(str(each) for each in (f"{kind} {number}", program) if each)
    return f"{user or 'somebody'} ({within})"


def shown(query: Any) -> str:
    """Somebody's query, shortened, and without a password that it sets."""
    return shorten(_PASSWORD.sub(r"\g<1>'***'", str(query or "")), _QUERY)


def _duration(seconds: Any) -> str:
    whole = max(0, int(float(seconds or 0)))
    if whole < _MINUTE:
        return f"{whole} s"
    return f"{whole // _MINUTE} min" if whole < _HOUR else f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"

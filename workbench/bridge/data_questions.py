"""Puts questions to the rows of a database: read-only, each with a time limit, the cheapest way first."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from workbench.bridge import querying, timeouts
from workbench.bridge.values import Asked
from workbench.errors import QueryFailed, WorkbenchError
from workbench.results.findings import Evidence

SAMPLE = 5
"""Rows that are shown of those in the way."""
CAP = 10_000
"""Rows are counted up to here."""
SHOWN = 200
"""Characters of a value that are shown."""


def ask(connection: Any, asked: Asked, seconds: float, *, within: bool = False) -> Evidence:
    """The answer, with its verdict, count and a sample; `not proven` where it took too long or cannot be had.

    First what the server knows without reading the table, then a few rows in the way, which the first bad row ends,
    then how many there are. The connection is in no transaction afterwards.

    Args:
        connection: To the database.
        asked: The question.
        seconds: That one query may take.
        within: The database is a scratch one in the middle of a migration, whose transaction is left as it is.

    """
    began = time.monotonic()
    told = Evidence("not proven", sql=asked.bad, columns=asked.columns)
    try:
        told = _asked(connection, asked, seconds, told, within=within)
    except WorkbenchError as error:
        if asked.probe and isinstance(error, QueryFailed) and not _is_too_slow(error):
            words = dict(error.evidence).get("the database says", error.message)
            told = replace(told, verdict=asked.if_bad, sample=((words,),), columns=("the database says",))
        else:
            why = f"no answer within {seconds:g} s" if _is_too_slow(error) else _words(error)
            told = replace(told, why=why)
    return replace(told, seconds=time.monotonic() - began)


def _asked(connection: Any, asked: Asked, seconds: float, told: Evidence, *, within: bool) -> Evidence:
    known = 0
    if asked.statistics:
        _, rows = querying.ask(connection, querying.Query(asked.statistics, {}, 1, seconds, within=within))
        known = int(rows[0][0] or 0) if rows else 0
    try:
        _, rows = querying.ask(connection, querying.Query(asked.bad, {}, SAMPLE, seconds, within=within))
    except QueryFailed as error:
        if known and _is_too_slow(error):  # statistics may prove that there are some, never that there are none
            return replace(told, verdict=asked.if_bad, why=f"the server's statistics; no rows within {seconds:g} s")
        raise
    sample = tuple(tuple(_short(value) for value in row) for row in rows[:SAMPLE])
    if asked.probe or not rows:
        return replace(told, verdict="clean")
    told = replace(told, verdict=asked.if_bad, sample=sample, count=len(rows))
    if len(rows) <= SAMPLE:
        return told
    counting = f"SELECT count(*) FROM (SELECT 1 AS one FROM ({asked.bad}) AS bad LIMIT {CAP + 1}) AS counted"  # noqa: S608 - our own text
    try:
        _, counted = querying.ask(connection, querying.Query(counting, {}, 1, seconds, within=within))
    except QueryFailed:
        return replace(told, at_least=True)
    count = int(counted[0][0])
    return replace(told, count=min(count, CAP), at_least=count > CAP)


def _short(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[:SHOWN]
    if isinstance(value, (list, dict)):  # an array, JSON: a Finding can be a key, so all of it has to
        value = str(value)
    return value[:SHOWN] + "…" if isinstance(value, str) and len(value) > SHOWN else value


def _is_too_slow(error: WorkbenchError) -> bool:
    return isinstance(error, QueryFailed) and (
        (error.__cause__ is not None and timeouts.is_too_slow(error.__cause__)) or "no answer within" in error.message
    )


def _words(error: WorkbenchError) -> str:
    return str(dict(error.evidence).get("the database says", error.message))

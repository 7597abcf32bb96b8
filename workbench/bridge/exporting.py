"""Reads the data that a Plan destroys, as plain values in chunks; of SQLite, copies the whole file."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from workbench.bridge import losses, plain_values
from workbench.bridge.live import Live
from workbench.errors import BackupFailed
from workbench.results.effects import Destroyed

CHUNK = 5_000
"""Rows in one message."""


def chunks(connection: Any, lost: Destroyed) -> Iterator[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Pairs of (column names, rows) until all rows are read; one without rows where there are none.

    A column comes with the primary key beside it, without one with the whole of its table.
    """
    live = Live(connection)
    found = sa.inspect(connection).get_columns(lost.table, live.schema(lost.schema))
    known = [str(each["name"]) for each in found]
    names = known
    if lost.column:
        key = live.primary_key(lost.schema, lost.table)
        column = next((each for each in known if each.casefold() == lost.column.casefold()), lost.column)
        names = list(dict.fromkeys([*key, column])) if key else known
    dates = [str(each["name"]) for each in found if isinstance(each["type"], (sa.Date, sa.DateTime))]
    texts = _beyond_python(connection, live, lost, [each for each in dates if each in names])
    query = losses.select(live, lost.schema, lost.table, names, as_text=texts)
    result = connection.execute(query.execution_options(stream_results=True))
    told = False
    while rows := result.fetchmany(CHUNK):
        told = True
        yield tuple(names), [tuple(_flat(value) for value in row) for row in rows]
    if not told:
        yield tuple(names), []


def _beyond_python(connection: Any, live: Live, lost: Destroyed, dates: list[str]) -> frozenset[str]:
    """Those of the dates' columns that hold some which Python does not have: infinity, BC, after the year 9999."""
    if connection.dialect.name != "postgresql" or not dates:
        return frozenset()
    columns: list[Any] = [sa.column(each) for each in dates]
    held = [
        sa.func.coalesce(
            sa.func.bool_or(
                sa.not_(each.between(sa.literal_column("'0001-01-02'"), sa.literal_column("'9999-12-30'")))
            ),
            sa.false(),
        )
        for each in columns
    ]
    table = sa.table(lost.table, *columns, schema=live.schema(lost.schema))
    row = connection.execute(sa.select(*held).select_from(table)).one()
    return frozenset(name for name, is_held in zip(dates, row) if is_held)  # noqa: B905 - as many


def copy_sqlite(connection: Any, folder: str, called: str) -> str:
    """Copy the whole database file into `folder` through SQLite's backup API; returns the name of the copy.

    Of two files of one name, the second's copy has what its database is `called` in front.

    Raises:
        BackupFailed: It has no file, or not all of it could be copied.

    """
    rows = connection.execute(sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'"))
    path = str(rows.scalar() or "")
    if not os.path.isfile(path):
        raise BackupFailed("The SQLite database has no file that could be copied.")
    name = os.path.basename(path)
    target = os.path.join(folder, name)
    if os.path.exists(target):
        front = re.sub(r"[^\w-]", "_", called)
        number, stem = 1, f"{front}.{name}"
        while os.path.exists(target):
            target = os.path.join(folder, stem if number == 1 else f"{number}.{stem}")
            number += 1
    uri = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite could not copy {name}: {error}") from error
    if problem != "ok":
        raise BackupFailed(
            f"The copy of {name} is not whole: {problem}", "Run `PRAGMA integrity_check` on the original."
        )
    return os.path.basename(target)


def _flat(value: Any) -> Any:
    """`value` as something that one field of a file holds."""
    made = plain_values.plain(value)
    if isinstance(made, (dict, list)):
        return json.dumps(made, default=str, ensure_ascii=False)
    return str(made) if isinstance(made, uuid.UUID) else made

"""Copies a SQLite file before it is migrated, where a step that fails could not be rolled back."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import Any

from workbench.bridge import sqlite_transactions
from workbench.errors import BackupFailed


def copy_first(connection: Any, mark: str) -> str:
    """Copy the file of this connection beside itself; returns the copy's path, empty where none is needed.

    The backup API takes a whole copy also while others read and write.

    Raises:
        BackupFailed: It could not be written.

    """
    if connection.dialect.name != "sqlite" or sqlite_transactions.can_roll_back(connection):
        return ""
    rows = connection.exec_driver_sql("PRAGMA database_list").fetchall()
    file = next((str(row[2]) for row in rows if row[1] == "main"), "")
    if not file or not os.path.exists(file) or not os.path.getsize(file):
        return ""
    path, number = f"{file}.before-{mark}", 1
    while os.path.exists(path):  # of an earlier try: it may be the one that somebody needs
        number += 1
        path = f"{file}.before-{mark}-{number}"
    try:
        with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            os.remove(path)
        raise BackupFailed(
            f"{os.path.basename(file)} could not be copied before it is migrated, so nothing was run: {error}.",
            "env.py has the driver commit each statement by itself, so a step that fails could not be rolled back. "
            "Leave its isolation_level and autocommit alone, or make room for the copy.",
        ) from error
    return path

"""Fills an empty scratch database with what a history begins at: an SQL file, or a callable."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from workbench.bridge.environments import Part
from workbench.bridge.sql_tokens import statements
from workbench.bridge.values import Baseline
from workbench.errors import MigrationFailed, UnsupportedRequest, WorkbenchError


def fill(part: Part, baseline: Baseline) -> None:
    """Execute the baseline on the database of this part, and commit it.

    Raises:
        UnsupportedRequest: There is no such file or callable.
        MigrationFailed: It failed.

    """
    connection: Any = part.context.connection
    try:
        with part.context.begin_transaction(_per_migration=True):
            if baseline.path:
                for statement in statements(_read(baseline.path)):
                    connection.exec_driver_sql(statement)
            else:
                _callable(baseline)(connection)
    except WorkbenchError:
        raise
    except Exception as error:
        raise MigrationFailed(
            f"The baseline {baseline.name} failed on the empty scratch database: {type(error).__name__}: {error}",
            "A baseline makes what the first revision expects to find; plain SQL statements with a semicolon after "
            "each, or a callable that is given a SQLAlchemy connection.",
        ) from error


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = f"baseline= names a file that cannot be read: {error}."
        raise UnsupportedRequest(words, "Name an SQL file.") from error


def _callable(baseline: Baseline) -> Any:
    if baseline.pickled is not None:
        return pickle.loads(baseline.pickled)  # noqa: S301 - from our own kernel
    module, _, name = baseline.spec.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module)
        for each in name.split("."):
            found = getattr(found, each)
    except (ImportError, AttributeError) as error:
        raise UnsupportedRequest(
            f"baseline={baseline.spec!r} leads nowhere: {error}.",
            'Name an SQL file, or a callable as "module:callable"; the module is looked for beside the configuration.',
        ) from error
    return found

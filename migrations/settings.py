"""Which database the bookshop lives in.

A module of its own, so that env.py and the data loader cannot disagree.
"""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import load_dotenv
from sqlalchemy.engine import URL, make_url

HERE = Path(__file__).resolve().parent.parent
"""The folder of alembic.ini."""

DEFAULT_URL = "sqlite:///bookshop.db"
"""Where the bookshop lives when nobody says otherwise."""


def database_url(explicit: str | None = None) -> URL:
    """Say which database to connect to.

    The first of these that is there: `explicit`, DATABASE_URL in the
    environment, DATABASE_URL in the file .env beside alembic.ini, SQLite's
    bookshop.db beside alembic.ini.

    Args:
        explicit: A URL that somebody asked for by name, as with ``--url``.
    """
    # A variable that is already set wins over the file, so that one command
    # can be sent elsewhere without editing anything.
    load_dotenv(HERE / ".env")
    return _anchored(make_url(explicit or os.environ.get("DATABASE_URL") or DEFAULT_URL))


def _anchored(url: URL) -> URL:
    """Let a relative SQLite path mean the same file from every folder."""
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    if not is_file or str(url.database).startswith("file:"):
        return url
    # Joining an absolute path leaves it as it is.
    return url.set(database=str(HERE / str(url.database)))

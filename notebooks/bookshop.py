"""A scratch copy of the sample for one notebook: yours to upgrade, break and throw away."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))  # the notebooks run in their own folder, and the sample lies beside it

from migrations.data import TUTORIAL, create


def scratch(revision: str = TUTORIAL, rows: int = 400) -> Path:
    """Copy the sample's alembic.ini and migrations/ to a new folder, with a bookshop.db at `revision`.

    Returns:
        The folder. It goes away with the kernel.

    """
    folder = Path(tempfile.mkdtemp(prefix="bookshop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copy(_ROOT / "alembic.ini", folder)
    shutil.copytree(_ROOT / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    create(f"sqlite:///{folder / 'bookshop.db'}", revision, rows)
    return folder


@contextlib.contextmanager
def postgresql(revision: str = TUTORIAL, rows: int = 400) -> Iterator[str | None]:
    """Make a bookshop on a PostgreSQL, if there is one: WORKBENCH_TEST_POSTGRESQL, or 127.0.0.1 as `postgres`.

    Returns:
        Its URL, None where no server answers. The database goes away with the block.

    """
    named = os.environ.get("WORKBENCH_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    url = make_url(named).set(drivername="postgresql+psycopg")
    name = f"wbtest_bookshop_{secrets.token_hex(4)}"
    try:
        server = create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args={"connect_timeout": 2}
        )
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    except (ImportError, SQLAlchemyError):
        yield None
        return
    try:
        mine = url.set(database=name).render_as_string(hide_password=False)
        create(mine, revision, rows)
        yield mine
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

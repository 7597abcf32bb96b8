"""Queries through asyncpg, in an environment that keeps its connection."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.real.conftest import Interpreter, interpreter
from tests.safety.projects import project
from workbench.errors import QueryFailed

__all__ = ["interpreter"]

pytestmark = pytest.mark.postgresql

ENV = """
    from alembic import context
    from kept_engine import engine, loop

    def migrate(connection):
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()

    async def main():
        async with engine.connect() as connection:
            await connection.run_sync(migrate)

    loop.run_until_complete(main())
"""
KEPT = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine
loop = asyncio.new_event_loop()
engine = create_async_engine({url!r})
"""


def test_a_pooled_connection(tmp_path: Path, postgresql_url: str, interpreter: Interpreter) -> None:
    """Each query has its own columns and types, whatever the driver remembers of the one before."""
    made = project(tmp_path, postgresql_url)
    url = make_url(made.url).set(drivername="postgresql+asyncpg", query={}).render_as_string(hide_password=False)
    (made.folder / "kept_engine.py").write_text(KEPT.format(url=url))
    with made.raw_env(ENV).workbench(python=interpreter("sqlalchemy20")) as workbench:
        told = [
            workbench.query(sql).to_dict("list")
            for sql in ("SELECT 1 AS a", "SELECT 'x' AS b, 2 AS c", "SELECT 3 AS d", "SELECT DATE '2020-02-29' AS e")
        ]
        with pytest.raises(QueryFailed) as refused:
            workbench.query("SELECT 1/0")

    assert [{"a": [1]}, {"b": ["x"], "c": [2]}, {"d": [3]}, {"e": [dt.date(2020, 2, 29)]}] == told
    assert "division by zero" == dict(refused.value.evidence)["the database says"]

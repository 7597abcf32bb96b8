"""An apply where a lock is hard to have: one connection is all there is, or the server refuses to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from workbench.bridge.locks import holding
from workbench.errors import AccessDenied, DatabaseUnreachable

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


@pytest.fixture
def single(postgresql_url: str, tmp_path: Path) -> Iterator[Project]:
    """An environment of two parts whose role may have one connection."""
    url = make_url(postgresql_url)
    role = f"{url.database}_one"
    owner = Project(tmp_path, postgresql_url)
    owner.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD 'not-to-be-seen' CONNECTION LIMIT 1",
        f"GRANT CREATE ON SCHEMA public TO {role}",
    )
    made = project(
        tmp_path / "project", url.set(username=role, password="not-to-be-seen").render_as_string(hide_password=False)
    )
    made.raw_env(
        f"""
        from alembic import context
        from sqlalchemy import create_engine, pool

        import time

        from sqlalchemy.exc import OperationalError

        def connected():
            for _ in range(200):  # a busy server takes its time until the connection before is no more
                try:
                    return create_engine({made.url!r}, poolclass=pool.NullPool).connect()
                except OperationalError:
                    time.sleep(0.05)
            return create_engine({made.url!r}, poolclass=pool.NullPool).connect()

        for table in ("one", "two"):
            with connected() as connection:
                context.configure(connection=connection, version_table=table)
                with context.begin_transaction():
                    context.run_migrations()
        """
    )
    made.revision("r1", None, f"op.execute({f'CREATE TABLE IF NOT EXISTS held AS {HELD}'!r})")
    yield made
    owner.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_one_connection(single: Project) -> None:
    """The lock is held by env.py's own connection, and while each database is migrated, not only beforehand."""
    with single.workbench() as wb:
        run = wb.upgrade().apply()

    assert run.ok, (run.error, run.standing)
    assert single.execute("SELECT count FROM held") == [(1,)]


def test_no_connection_is_left(single: Project) -> None:
    """It is not the password that is wrong."""
    env = single.env_py.read_text("utf-8")
    single.env_py.write_text(env.replace("range(200)", "range(2)"), "utf-8")
    with (
        create_engine(single.url, poolclass=NullPool).connect(),
        single.workbench() as wb,
        pytest.raises(DatabaseUnreachable, match=r"^The server takes no more connections") as caught,
    ):
        wb.upgrade().apply()

    assert not isinstance(caught.value, AccessDenied)


@pytest.mark.parametrize(
    "words, is_known",
    [("SELECT pg_no_such_lock(1)", True), ("SELECT 1 / 0", False), ("SELECT * FROM no_such_table", False)],
)
def test_what_a_server_without_locks_says(postgresql_url: str, words: str, is_known: bool) -> None:
    """Only a server that has no such function is migrated without a lock."""
    engine = create_engine(postgresql_url, poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.exec_driver_sql(words)

    assert holding._knows_no_locks(caught.value) is is_known

"""A server that cannot be asked for the lock: nobody can tell whether somebody holds it, so nothing is run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import Project, project
from workbench.errors import DatabaseLocked

ENV = """
    import os

    from alembic import context
    from sqlalchemy import create_engine, event, pool

    KILL = {{"postgresql": "SELECT pg_terminate_backend({{}})", "mysql": "KILL {{}}"}}
    MINE = {{"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}}

    for name, url in {urls!r}.items():
        engine = create_engine(url, poolclass=pool.NullPool)
        opened = []

        def cut(connection, record, opened=opened, kind=engine.dialect.name, url=url):
            # Not env.py's own connection, but that beside it which holds the lock.
            opened.append(connection)
            if kind == "sqlite" or len(opened) == 1 or not os.path.exists({cut!r}):
                return
            with connection.cursor() as cursor:
                cursor.execute(MINE[kind])
                number = cursor.fetchone()[0]
            with create_engine(url, poolclass=pool.NullPool).connect() as other:
                other.exec_driver_sql(KILL[kind].format(number))

        event.listen(engine, "connect", cut)
        with engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
"""
WHY = (
    r"The lock of <database>, which keeps two migrations from running at once, could not be asked for: "
    r"[^\n]*(?:terminating connection|closed the connection|killed|Lost connection|gone away)[^\n]*\. "
    r"Nothing was run\."
)


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """While this file is there, the server ends the connection that asks for the lock."""
    return tmp_path / "cut"


def environment(folder: Path, cut: Path, *urls: str) -> Project:
    """An environment on these databases, with one revision."""
    made = project(folder, urls[-1]).tables(1)
    return made.raw_env(textwrap.dedent(ENV).format(urls=dict(enumerate(urls)), cut=str(cut)))


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ],
)
@pytest.mark.parametrize("several", [False, True], ids=["one database", "the second of two"])
def test_nothing_is_run(
    tmp_path: Path, request: pytest.FixtureRequest, cut: Path, server: str, *, several: bool
) -> None:
    """The refusal names the server's reason; no database is touched, no lock is left, and the next apply runs."""
    first = f"sqlite:///{tmp_path / 'first.db'}"
    url = request.getfixturevalue(f"{server}_url")
    made = environment(tmp_path / "project", cut, *([first] if several else []), url)
    notices = []
    with made.workbench() as wb:
        plan = wb.upgrade()
        cut.touch()
        with pytest.raises(DatabaseLocked) as caught:
            plan.apply(on_event=lambda each: notices.append(each.sql))
        left = made.database(), sorted(each.name for each in tmp_path.iterdir())
        entry = wb.journal().iloc[0]["result"]
        cut.unlink()
        run = plan.apply()

    words = caught.value.message.replace(str(make_url(url).database), "<database>")
    assert re.fullmatch(WHY, words), words
    assert "Mend that, or try again; a lock needs no more than one connection beside that of env.py." == (
        caught.value.remedy
    )
    assert [] == notices
    assert {""} == {table for _, table in left[0]}
    assert ["cut", "project"] == left[1]
    assert "refused" == entry
    assert (True, ["done"] * (1 + several)) == (run.ok, [each.outcome for each in run.steps])


@pytest.mark.postgresql
def test_a_listener_that_begins_a_transaction(tmp_path: Path, postgresql_url: str) -> None:
    """What env.py does with each new connection, and leaves open, keeps nobody from the lock."""
    made = project(tmp_path / "project", postgresql_url).tables(1)
    made.execute("CREATE SCHEMA north")
    begins = """
        from sqlalchemy import event

        @event.listens_for(engine, "connect")
        def connected(connection, record):
            connection.cursor().execute("SET search_path TO north")

        with engine"""
    made.raw_env(made.env_py.read_text().replace("\nwith engine", textwrap.dedent(begins)))
    notices = []
    with made.workbench() as wb:
        run = wb.upgrade().apply(on_event=lambda each: notices.append(each.sql) if each.kind == "notice" else None)

    assert (True, ("r1",), []) == (run.ok, run.heads, notices), run
    assert [("north", "alembic_version"), ("north", "t1")] == made.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('t1', 'alembic_version') ORDER BY 2"
    )

"""Whatever way env.py comes to its connections, a rehearsal never touches the live database."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests import servers
from tests.rehearsal.test_there_and_back import live, scratch_left
from tests.safety.projects import ASYNC_ENV, Project, project
from workbench.errors import Cancelled, ScratchRefused
from workbench.results import Event

CREATOR = """
    import sqlite3
    from alembic import context
    from sqlalchemy import create_engine, pool

    engine = create_engine("sqlite:///mine.db", creator=lambda: sqlite3.connect({path!r}), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
SEVERAL = """
    from alembic import context
    from sqlalchemy import create_engine, pool

    for url in {urls!r}:
        with create_engine(url, poolclass=pool.NullPool).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
"""
TENANTS = """
    from alembic import context
    from sqlalchemy import create_engine, pool, text

    with create_engine({url!r}, poolclass=pool.NullPool).connect() as connection:
        for tenant in ("north", "south"):
            connection.execute(text(f"SET search_path = {{tenant}}"))
            connection.commit()
            connection.dialect.default_schema_name = tenant
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
"""


def with_env(made: Project, code: str, **values: Any) -> Project:
    """Write env.py."""
    return made.raw_env(textwrap.dedent(code).format(**values))


def test_creator(tmp_path: Path, sqlite_url: str, cache: Path) -> None:
    """An env.py that opens its connection by itself is refused, before anything is made or run."""
    made = project(tmp_path, sqlite_url).tables(2)
    made.execute("CREATE TABLE mine (id INTEGER)", "INSERT INTO mine VALUES (1)")
    with_env(made, CREATOR, path=sqlite_url.removeprefix("sqlite:///"))
    before = made.database()
    with made.workbench() as workbench:
        plan = workbench.upgrade()
        with pytest.raises(ScratchRefused) as refused:
            workbench.rehearse(plan)

        assert "by itself (creator=)" in refused.value.message
        assert before == made.database()
        assert [] == sorted(cache.glob("workbench_scratch_*"))
        assert plan.apply().ok


def test_async(tmp_path: Path, postgresql_url: str) -> None:
    """An async driver is led as any other."""
    made = with_env(project(tmp_path, postgresql_url).tables(2), ASYNC_ENV, url=postgresql_url)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        before = live(made)
        events: list[Event] = []
        told = workbench.rehearse(workbench.upgrade(), on_event=events.append)

    assert (True, 3, ()) == (told.ok, len(told.passes), told.lost)
    assert live(made) == before
    assert [] == scratch_left(made, events)


def test_several_databases(tmp_path: Path, sqlite_url: str, postgresql_url: str, mariadb_url: str) -> None:
    """Of three kinds, and each has a scratch database of its own kind; one loses something, and it is said which."""
    urls = {str(make_url(url).database).rpartition("/")[2].removesuffix(".db"): url
            for url in (sqlite_url, postgresql_url, mariadb_url)}  # fmt: skip
    made = with_env(project(tmp_path, sqlite_url), SEVERAL, urls=list(urls.values()))
    made.revision(
        "r1",
        None,
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('a', sa.Integer))\n"
        "op.execute('INSERT INTO t VALUES (1, 1)')",
        "op.drop_table('t')",
    )
    made.revision(
        "r2",
        "r1",
        "op.drop_column('t', 'a')",
        "op.add_column('t', sa.Column('a', sa.Integer, server_default='1' if op.get_context().dialect.name == 'sqlite' "
        "else None))",
    )
    made_of = {name: Project(tmp_path, url) for name, url in urls.items()}
    with made.workbench() as workbench:
        run = workbench.upgrade("r1").apply()
        assert run.ok, str(run)
        before = {name: live(each) for name, each in made_of.items()}
        told = workbench.rehearse(workbench.upgrade())
        replayed = workbench.rehearse(workbench.upgrade(), filled="replay")

    assert (None, True) == (told.error, told.ok)
    assert list(urls) == [each.database for each in told.scratch]
    assert (None, True, [(each, "replay") for each in urls]) == (
        replayed.error, replayed.ok, [(each.database, each.way) for each in replayed.scratch]
    )  # fmt: skip
    assert (told.lost, told.rows_changed) == (replayed.lost, replayed.rows_changed)
    assert [("wbtest", "default", "t.a", "", "'1'")] == [
        (each.database, each.kind, each.name, each.before, each.after) for each in told.lost
    ]
    assert [*urls][1:] == [each.database for each in told.rows_changed]
    assert before == {name: live(each) for name, each in made_of.items()}


def test_tenants(tmp_path: Path, postgresql_url: str) -> None:
    """Several parts of one database share a scratch database, and what is lost is told once."""
    made = project(tmp_path, postgresql_url).tables(1)
    made.revision("r2", "r1", "op.drop_column('t1', 'told')", "pass")
    made.revision("r1", None, "op.create_table('t1', sa.Column('id', sa.Integer), sa.Column('told', sa.Integer))")
    made.execute("CREATE SCHEMA north", "CREATE SCHEMA south")
    with_env(made, TENANTS, url=postgresql_url)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        plan = workbench.upgrade()
        events: list[Event] = []
        told = workbench.rehearse(plan, on_event=events.append)

    assert 2 == len(plan.databases)
    assert 1 == len(told.scratch)
    assert ["north.t1.told", "south.t1.told"] == [each.name for each in told.lost]
    assert "There again, after the way back: The upgrade of r2 failed" in str(told.error)
    assert [] == scratch_left(made, events)


def test_env_py_that_cannot_run_twice(tmp_path: Path, sqlite_url: str) -> None:
    """One that makes tables itself: the project's modules are loaded anew each time."""
    made = project(tmp_path, sqlite_url).tables(2)
    (tmp_path / "things.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    made.env(
        "import sqlalchemy as sa\nfrom things import metadata\n"
        "sa.Table('t1', metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
        "sa.Table('t2', metadata, sa.Column('id', sa.Integer, primary_key=True))",
        metadata="metadata",
    )
    with made.workbench() as workbench:
        told = workbench.rehearse(workbench.upgrade())

    assert (True, 3) == (told.ok, len(told.passes))
    assert told.remaining is not None
    assert told.remaining.is_empty


def test_cancel(tmp_path: Path, postgresql_url: str) -> None:
    """Cancelled inside a long statement it stops, leaves no scratch database, and the next one runs."""
    made = project(tmp_path, postgresql_url).tables(1)
    path = made.revision("r2", "r1", "op.execute('SELECT pg_sleep(60)')")
    with made.workbench() as workbench:
        plan = workbench.upgrade()

        events: list[Event] = []

        def cancel(event: Event) -> None:
            events.append(event)
            if event.kind == "statement" and "pg_sleep" in event.sql:
                threading.Timer(0.1, workbench.cancel).start()

        with pytest.raises(Cancelled) as stopped:
            workbench.rehearse(plan, on_event=cancel)

        assert "The rehearsal was cancelled. The live database was not touched." == stopped.value.message
        assert [] == scratch_left(made, events)
        path.write_text(path.read_text().replace("pg_sleep(60)", "1"))
        assert workbench.rehearse(workbench.upgrade()).ok
        assert () == workbench.current().heads


def test_kernel_that_is_killed(tmp_path: Path, postgresql_url: str) -> None:
    """Its worker stops the migration and drops the scratch database, though nobody asks it to."""
    made = project(tmp_path, postgresql_url).tables(1)
    made.revision("r2", "r1", "op.execute('SELECT pg_sleep(60)')")
    code = (
        "import sys\nfrom workbench import Workbench\nwb = Workbench()\n"
        "wb.rehearse(wb.upgrade(), on_event=lambda event: print(event.kind, event.sql, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as kernel:
        name = ""
        for line in kernel.stdout or ():
            if line.startswith("notice made "):
                name = line.split()[2]
            if line.startswith("statement SELECT pg_sleep"):
                break
        kernel.kill()
    asked = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"

    assert [(1,)] == made.execute(asked)

    deadline = time.monotonic() + 30
    while made.execute(asked) != [(0,)] and time.monotonic() < deadline:
        time.sleep(0.2)

    assert [(0,)] == made.execute(asked)


def test_scratch_url(tmp_path: Path, postgresql_url: str, postgresql_server: servers.Server) -> None:
    """The database that it names is used, and empty again afterwards; the live one is refused."""
    made = project(tmp_path, postgresql_url).tables(2)
    with postgresql_server.database() as url:
        other = Project(tmp_path, url)
        with made.workbench(scratch_url=url) as workbench:
            events: list[Event] = []
            told = workbench.rehearse(workbench.upgrade(), on_event=events.append)

        assert (True, 3) == (told.ok, len(told.passes))
        assert f"made {make_url(url).database} " in " ".join(each.sql for each in events)
        assert {} == live(other)
    with made.workbench(scratch_url=make_url(postgresql_url)) as workbench, pytest.raises(ScratchRefused):
        workbench.rehearse(workbench.upgrade())
    away = make_url(postgresql_url).set(password="Planted-9f3", port=1)
    with made.workbench(scratch_url=away) as workbench:
        with pytest.raises(ScratchRefused) as refused:
            workbench.rehearse(workbench.upgrade())

        assert "Planted-9f3" not in f"{refused.value}{refused.value.evidence}{workbench!r}{vars(workbench)}"

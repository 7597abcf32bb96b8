"""One migration at a time: of any number of appliers one runs, and the others are told who it is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.safety.projects import ASYNC_ENV, Project, project
from tests.worker.test_worker import WITH_US, lives, wait_until
from workbench.bridge.locks import files
from workbench.errors import DatabaseLocked, PlanOutdated
from workbench.results import Event, Run

ROUNDS = 50
HEADS = text("SELECT version_num FROM alembic_version")
GATE = """
import os, time
while not op.get_context().as_sql and not os.path.exists({gate!r}):
    time.sleep(0.02)
"""
HOLDER = """
    from workbench import Workbench
    wb = Workbench({ini!r})
    plan = wb.upgrade("r1")
    print(wb._client.process._child.pid, flush=True)
    plan.apply(on_event=lambda event: print(event.kind, flush=True))
"""


def gated(made: Project, gate: Path) -> Project:
    """The first revision makes its table, and waits until a file is there."""
    made.revision("r1", None, f"op.create_table('t1', sa.Column('id', sa.Integer))\n{GATE.format(gate=str(gate))}")
    return made


@contextmanager
def holder(made: Project) -> Iterator[int]:
    """Another process that is in the middle of an apply; gives the number of its worker."""
    code = textwrap.dedent(HOLDER).format(ini=str(made.folder / "alembic.ini"))
    kernel = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=WITH_US, text=True)
    assert kernel.stdout is not None
    worker = int(kernel.stdout.readline())
    try:
        for line in kernel.stdout:
            if line == "executed\n":
                break
        yield worker
    finally:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        kernel.kill()
        kernel.wait()
        kernel.stdout.close()
        assert wait_until(lambda: not lives(worker), 20.0)


def beside(made: Project) -> list[str]:
    """The files beside an SQLite database; nothing of a server's."""
    path = Path(str(make_url(made.url).database))
    return sorted(each.name for each in path.parent.iterdir()) if path.is_absolute() else []


@pytest.mark.slow
def test_two_at_the_same_moment(tmp_path: Path, database_url: str) -> None:
    """Fifty times two apply the same Plan at once: one runs, the other is refused, and the table is made once."""
    made = project(tmp_path / "project", database_url).tables(1)
    together = threading.Barrier(2)

    def apply(plan: Any, ended: list[Run | Exception]) -> None:
        together.wait()
        try:
            ended.append(plan.apply(retries=0))
        except Exception as error:  # noqa: BLE001 - which one it is, is the question
            ended.append(error)

    found = []
    engine = create_engine(made.url, isolation_level="AUTOCOMMIT")
    with made.workbench() as one, made.workbench() as two, engine.connect() as look:
        plans = [one.upgrade(), two.upgrade()]
        for _ in range(ROUNDS):
            ended: list[Run | Exception] = []
            threads = [threading.Thread(target=apply, args=(plan, ended)) for plan in plans]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            ok = [each for each in ended if isinstance(each, Run) and each.ok]
            refused = [each for each in ended if isinstance(each, (DatabaseLocked, PlanOutdated))]
            found.append((len(ok), len(refused), look.execute(HEADS).all(), ended))
            look.execute(text("DROP TABLE t1"))
            look.execute(text("DELETE FROM alembic_version"))
    engine.dispose()

    assert [] == [each for each in found if each[:3] != (1, 1, [("r1",)])]
    assert [] == [each for each in beside(made) if "lock" in each]


def test_who_holds_it_and_what_becomes_of_it(tmp_path: Path, database_url: str) -> None:
    """The refused one is told who, since when and from where; when the holder is killed, the lock is free."""
    gate = tmp_path / "gate"
    made = gated(project(tmp_path / "project", database_url), gate)
    with made.workbench() as wb, holder(made) as worker:
        plan = wb.upgrade("r1")
        with pytest.raises(DatabaseLocked) as caught:
            plan.apply()
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda: not lives(worker), 20.0)
        gate.touch()
        if not made.url.startswith("postgresql"):  # there it was rolled back
            made.execute("DROP TABLE IF EXISTS t1")
        run = plan.apply()

    words = re.sub(r"wbtest_\w+|wbtest", "<shop>", str(caught.value).partition("\n")[0])
    at = r", since \d\d:\d\d:\d\d UTC"
    expected = {
        "postgresql": rf"<shop> on \S+ is being migrated by \S+@\S+, process {worker}{at}(, from \S+)?",
        "mysql": rf"<shop> on \S+ is being migrated by \w+, connection \d+{at}, from \S+",
        "sqlite": rf"<shop> is being migrated by \S+@\S+, process {worker}{at}",
    }[make_url(made.url).get_backend_name()]
    assert re.fullmatch(rf"{expected}\. Nothing was run\.", words), words
    assert caught.value.remedy.startswith("Wait until it has ended, then make the plan again.")
    assert isinstance(caught.value, BlockingIOError)
    assert (True, ("r1",)) == (run.ok, run.heads)
    assert beside(made) in ([], ["wbtest.db"])


def test_another_version_table_is_another_lock(tmp_path: Path, sqlite_url: str) -> None:
    """Two histories in one database do not wait for each other."""
    path = Path(str(make_url(sqlite_url).database))
    other = project(tmp_path / "other", sqlite_url).tables(1).env(options={"version_table": "other"})
    lock = files.acquire(f"{path}.workbench-lock", {"who": "anna@laptop", "process": 1, "since": "19:38:11"})
    assert lock is not None
    made = project(tmp_path / "made", sqlite_url).tables(1)
    with made.workbench() as wb, pytest.raises(DatabaseLocked) as caught:
        wb.upgrade().apply()
    with other.workbench() as wb:
        run = wb.upgrade().apply()
    lock.release()

    assert "wbtest is being migrated by anna@laptop, process 1, since 19:38:11 UTC. Nothing was run." == str(
        caught.value.message
    )
    assert run.ok


def test_all_locks_before_the_first_statement(tmp_path: Path) -> None:
    """Of two databases the second is being migrated by somebody else: the first is left alone."""
    made = (
        project(tmp_path / "project", "sqlite:///unused.db")
        .tables(1)
        .raw_env("""
        from alembic import context
        from sqlalchemy import create_engine, pool

        for name in ("one", "two"):
            with create_engine(f"sqlite:///{name}.db", poolclass=pool.NullPool).connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations()
    """)
    )
    for name in ("one", "two"):
        (made.folder / f"{name}.db").touch()
    lock = files.acquire(f"{made.folder / 'two.db'}.workbench-lock", {})
    assert lock is not None
    with made.workbench() as wb:
        plan = wb.upgrade()
        with pytest.raises(DatabaseLocked, match=r"^two is being migrated by somebody else\."):
            plan.apply()
        before = (made.folder / "one.db").stat().st_size
        lock.release()
        run = plan.apply()

    assert 0 == before
    assert run.ok, run
    assert (True, ("r1", "r1")) == (run.ok, tuple(head for each in run.databases for head in each.heads))
    assert [] == list(made.folder.glob("*lock"))


def test_tenants_of_one_database(tmp_path: Path, postgresql_url: str) -> None:
    """Two schemas, told apart by the search path alone: each has a lock of its own."""
    gate = tmp_path / "gate"
    tenants = []
    for name in ("north", "south"):
        made = project(tmp_path / name, postgresql_url)
        made.execute(f"CREATE SCHEMA {name}")
        tenants.append(
            made.env(
                "from sqlalchemy import text",
                f"connection.execute(text('SET search_path TO {name}')); connection.commit()",
            )
        )
    gated(tenants[0], gate)
    tenants[1].tables(1)
    with tenants[1].workbench() as wb, holder(tenants[0]):
        run = wb.upgrade().apply()
        with tenants[0].workbench() as again, pytest.raises(DatabaseLocked):
            again.upgrade().apply()

    assert run.ok


def test_many_tenants_need_one_connection_more(tmp_path: Path, database_url: str) -> None:
    """A server has few connections, so all locks on it are held by one; each is given back."""
    lines = (
        "from alembic import context", "from sqlalchemy import create_engine, pool",
        f"engine = create_engine({database_url!r}, poolclass=pool.NullPool)",
        "for tenant in ('a', 'b', 'c'):",
        "    with engine.connect() as connection:",
        "        context.configure(connection=connection, version_table=f'version_{tenant}')",
        "        with context.begin_transaction():",
        "            context.run_migrations(tenant=tenant)",
    )  # fmt: skip
    made = project(tmp_path / "project", database_url).raw_env("\n".join(lines))
    made.tables(1)
    path = made.versions / "r1.py"
    path.write_text(path.read_text().replace("grade():", "grade(tenant):").replace("'t1'", "f't_{tenant}'"))
    count = {
        "postgresql": "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()",
        "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
    }.get(make_url(database_url).get_backend_name().replace("mariadb", "mysql"))
    seen = []

    def look(event: Event) -> None:
        if event.kind == "step_done" and count:
            seen.append(made.execute(count)[0][0])

    with made.workbench() as wb:
        run = wb.upgrade().apply(on_event=look)
        back = wb.downgrade("base").apply()

    assert (True, True, 3) == (run.ok, back.ok, len(run.steps)), run
    assert max(seen, default=0) <= 3  # env.py's own, that of the locks, that of whoever watches
    assert count is None or [(0,)] == made.execute(count)


HELD = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
ENVIRONMENTS = {
    "async": ASYNC_ENV,
    "one connection, and no more": """
        from alembic import context
        from sqlalchemy import create_engine, make_url

        made = create_engine({url!r}).raw_connection().driver_connection
        with create_engine("postgresql+psycopg://", creator=lambda: made).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
    """,
}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_env_py_of_other_shapes(tmp_path: Path, postgresql_url: str, env: str) -> None:
    """The lock is there while a revision runs and gone afterwards, also where its connection is an event loop's."""
    made = project(tmp_path / "project", postgresql_url)
    made.raw_env(textwrap.dedent(ENVIRONMENTS[env]).format(url=postgresql_url))
    for name, down in (("r1", None), ("r2", "r1")):
        made.revision(name, down, f"op.execute({f'CREATE TABLE {name} AS {HELD}'!r})")
    with made.workbench() as wb:
        runs = [wb.upgrade("r1").apply()]
        left = made.execute(HELD)
        runs.append(wb.upgrade("r2").apply())

    assert [True, True] == [each.ok for each in runs], runs
    assert [(0,)] == left
    assert [(1, 1)] == made.execute("SELECT r1.count, r2.count FROM r1, r2")


def test_heads_are_read_anew_under_the_lock(tmp_path: Path, mariadb_url: str) -> None:
    """env.py's connection still sees the heads of its snapshot; what counts is where the database is by then."""
    made = project(tmp_path / "project", mariadb_url).tables(3)
    count = tmp_path / "count"
    made.env(
        f"""
        from sqlalchemy import text
        with open({str(count)!r}, "a+") as file:
            file.write("x")
            times = file.tell()
        """,
        """
        connection.execute(text("SELECT * FROM alembic_version")).all()
        if times == 3:  # the plan was the first, and comparing it the second
            with engine.begin() as other:
                other.execute(text("UPDATE alembic_version SET version_num = 'r2'"))
        """,
    )
    made.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    made.execute("INSERT INTO alembic_version VALUES ('r1')")
    with made.workbench() as wb, pytest.raises(PlanOutdated) as caught:
        wb.upgrade().apply(preflight=False)

    assert "xxx" == count.read_text()
    assert "stood at r1 when the Plan was made, and is at r2 now." in caught.value.message
    assert {"alembic_version"} == {table for _, table in made.database() if table}


def test_a_version_callback_hears_of_applies_only(tmp_path: Path, sqlite_url: str) -> None:
    """env.py's own on_version_apply is for what has happened: a preview does not call it, an apply does."""
    made = project(tmp_path / "project", sqlite_url).tables(2)
    heard = tmp_path / "heard"
    made.env(f"def callback(*, step, **_):\n        open({str(heard)!r}, 'a').write(step.up_revision_id + ' ')")
    made.raw_env(made.env_py.read_text().replace("**{}", "on_version_apply=callback"))
    with made.workbench() as wb:
        plan = wb.upgrade()
        assert not heard.exists()
        assert plan.apply().ok

    assert "r1 r2 " == heard.read_text()

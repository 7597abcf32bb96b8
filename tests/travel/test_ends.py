"""How a travel ends when it cannot go on: cancelled, without the right to make a database, several at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.safety.projects import ASYNC_ENV, project
from workbench.capabilities.travel_cache import TravelCache
from workbench.errors import Cancelled, ScratchRefused
from workbench.results import Event, Table
from workbench.worker import process
from workbench.worker.answers import Visit


def test_cancelled_on_the_way(tmp_path: Path, postgresql_url: str) -> None:
    """Nothing is left behind; what is asked after it comes."""
    made = project(tmp_path, postgresql_url).tables(4)
    made.revision("r5", "r4", "op.execute('SELECT pg_sleep(60)')")
    live = made.database()
    with made.workbench() as workbench:
        names = []

        def heard(event: Event) -> None:
            if event.sql.startswith("made workbench_scratch_"):
                names.append(event.sql.split()[1])
            if event.kind == "step" and event.revision == "r5":
                threading.Thread(target=workbench.cancel).start()

        with pytest.raises(Cancelled):
            workbench.stops(on_event=heard)
        found = workbench.schema("r4")

    assert ["t1", "t2", "t3", "t4"] == [each.name for each in found.all_tables]
    assert live == made.database()
    assert 1 == len(names)
    assert [] == made.execute(f"SELECT 1 FROM pg_database WHERE datname = '{names[0]}'")


SLOW_DROP = """
import time
from workbench.bridge.scratch.databases import ScratchDatabase

drop = ScratchDatabase.drop
ScratchDatabase.drop = lambda self: (time.sleep(4), drop(self))
"""


def test_cancelled_on_a_slow_server(tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that drops what it has made is not ended for taking longer than a cancelled statement may."""
    monkeypatch.setattr(process, "_GRACE", 3.0)
    made = project(tmp_path, postgresql_url).env(before=f"exec({SLOW_DROP!r})")
    made.revision("r1", None, "op.execute('SELECT pg_sleep(60)')")
    with made.workbench() as workbench:
        names = []

        def heard(event: Event) -> None:
            if event.sql.startswith("made workbench_scratch_"):
                names.append(event.sql.split()[1])
            if event.kind == "step":
                threading.Thread(target=workbench.cancel).start()

        with pytest.raises(Cancelled):
            workbench.stops(on_event=heard)

    assert 1 == len(names)
    assert [] == made.execute(f"SELECT 1 FROM pg_database WHERE datname = '{names[0]}'")


def test_account_that_may_create_no_database(tmp_path: Path, postgresql_url: str) -> None:
    """It is told what to do; and with a database made by hand it goes."""
    url = make_url(postgresql_url)
    role, other = f"{url.database}_poor", f"{url.database}_by_hand"
    served(url, f"CREATE ROLE {role} LOGIN PASSWORD 'poor'", f"CREATE DATABASE {other} OWNER {role}")
    poor = url.set(username=role, password="poor")
    try:
        mine = project(tmp_path / "poor", poor.render_as_string(hide_password=False)).tables(2)
        with mine.workbench() as workbench, pytest.raises(ScratchRefused) as caught:
            workbench.schema("r1")
        by_hand = poor.set(database=other).render_as_string(hide_password=False)
        with mine.workbench(scratch_url=by_hand) as workbench:
            stops = workbench.stops()
    finally:
        served(url, f"DROP DATABASE {other}", f"DROP ROLE {role}")

    assert "permission denied to create database" in str(caught.value)
    assert "scratch_url=" in caught.value.remedy
    assert [["t1_id_seq", "t1"], ["t2_id_seq", "t2"]] == [[delta.shown for delta in each.deltas] for each in stops]


def served(url: URL, *statements: str) -> None:
    """Execute what no transaction may hold."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


def test_asynchronous_environment(tmp_path: Path, postgresql_url: str) -> None:
    """Each stop is as with any other env.py; and so is the diff between two revisions."""
    made = project(tmp_path, postgresql_url)
    made.raw_env(ASYNC_ENV.format(url=made.url)).tables(2)
    with made.workbench() as workbench:
        stops = workbench.stops()
        diff = workbench.diff("r1", "r2")

    assert [["t1_id_seq", "t1"], ["t2_id_seq", "t2"]] == [[delta.shown for delta in each.deltas] for each in stops]
    assert "t2" in {each.name for each in diff.changes if each.kind == "add_table"}


TENANTS = """
    from alembic import context
    from sqlalchemy import create_engine, pool, text

    engine = create_engine({url!r}, poolclass=pool.NullPool)
    for tenant in ("ann", "bob"):
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {{tenant}}"))
            connection.execute(text(f"SET search_path TO {{tenant}}"))
            connection.commit()
            connection.dialect.default_schema_name = tenant
            context.configure(connection=connection, version_table_schema=tenant)
            with context.begin_transaction():
                context.run_migrations()
"""


def test_tenants(tmp_path: Path, postgresql_url: str) -> None:
    """Of several in one database each stop has what all of them got; the version tables are no part of it.

    The schema of the first is the default one of the connection that is looked through.
    """
    made = project(tmp_path, postgresql_url)
    made.raw_env(TENANTS.format(url=made.url)).tables(2)
    with made.workbench() as workbench:
        stops = workbench.stops()
        head = workbench.schema("head")

    found = [sorted(delta.shown for delta in each.deltas if delta.kind == "table") for each in stops]
    assert [["bob.t1", "t1"], ["bob.t2", "t2"]] == found
    assert {"t1", "t2"} == {each.name for each in head.all_tables}


def test_diff_of_tenants(tmp_path: Path, postgresql_url: str) -> None:
    """Between two revisions, and live against one, each tenant's schema has its own changes, and each once."""
    made = project(tmp_path, postgresql_url)
    made.raw_env(TENANTS.format(url=made.url)).tables(2)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        between = workbench.diff("r1", "r2")
        ahead = workbench.diff("live", "head")

    expected = [("add_table", None, "t2"), ("add_table", "bob", "t2")]
    for each in (between, ahead):
        assert expected == [
            (change.kind, change.schema, change.table) for change in each.changes if change.kind == "add_table"
        ]
        assert 2 == len(each.databases)


def test_several_writers(tmp_path: Path) -> None:
    """Caches that write into one file at the same time lose nothing of each other's."""
    file = tmp_path / "travel.db"
    wanted = {
        f"{writer}-{at}": {"0": Visit((Table("table", f"t{at}"), Table("table", f"own{writer}")))}
        for writer in range(4)
        for at in range(10)
    }

    def write(writer: int) -> None:
        cache = TravelCache(file)
        for key, visits in wanted.items():
            if key.startswith(f"{writer}-"):
                cache.put({key: visits})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    assert wanted == TravelCache(file).get(wanted)

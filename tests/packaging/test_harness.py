"""The fixtures that all other tests stand on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests import conftest, servers


def test_database_is_real_and_empty(database_url: str) -> None:
    """Each kind of database can be written to, and begins with no tables."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        before = inspect(connection).get_table_names()
        connection.execute(text("CREATE TABLE book (title VARCHAR(20))"))
        connection.execute(text("INSERT INTO book VALUES ('Emma')"))
        rows = connection.execute(text("SELECT title FROM book")).all()
    engine.dispose()

    assert before == []
    assert [("Emma",)] == [tuple(row) for row in rows]


@pytest.mark.parametrize("what", ["postgresql", "mariadb"])
def test_database_is_dropped_though_a_connection_is_open(what: str, request: pytest.FixtureRequest) -> None:
    """A test that fails with its connection open still leaves no database."""
    server = request.getfixturevalue(f"{what}_server")
    if isinstance(server, servers.Unavailable):
        conftest.missing(what, str(server))
    before = server.names()
    with server.database() as url:
        engine = create_engine(url)
        connection = engine.connect()
        connection.execute(text("CREATE TABLE book (title VARCHAR(20))"))
        inside = server.names()
    connection.invalidate()
    engine.dispose()

    assert [*before, make_url(url).database] == inside
    assert before == server.names()


@pytest.mark.parametrize("what", ["postgresql", "mariadb"])
def test_own_server(what: str) -> None:
    """Where no server answers, one is started from its programs, and is gone afterwards with its files."""
    try:
        context = (
            servers._own_postgresql(servers._postgresql_programs()) if what == "postgresql" else servers._own_mariadb()
        )
        with context as server, server.database() as url:
            engine = create_engine(url)
            with engine.connect() as connection:
                answer = connection.execute(text("SELECT 1")).scalar()
            engine.dispose()
    except servers.Unavailable as reason:
        conftest.missing(what, str(reason))

    assert answer == 1
    with pytest.raises(servers.Unavailable, match="does not let us in"):
        servers.Server(server.url)


def test_missing_is_skipped_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is skipped with its reason, and is a failure where it is required."""
    monkeypatch.delenv("WORKBENCH_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^mariadb: none is installed$"):
        conftest.missing("mariadb", "none is installed")

    monkeypatch.setenv("WORKBENCH_REQUIRE", "postgresql,mariadb")
    with pytest.raises(pytest.fail.Exception, match=r"^WORKBENCH_REQUIRE names mariadb, but none is installed$"):
        conftest.missing("mariadb", "none is installed")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system shows no processes in /proc")
def test_forgotten_worker_is_seen() -> None:
    """A worker that outlives its test is found by the look at the end of the run."""
    token = os.environ[conftest.SESSION]
    command = [sys.executable, "-c", "input()", "workbench", "worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        found = conftest.workers(token)
        process.communicate(b"\n")

    assert found.keys() >= {process.pid}
    assert process.pid not in conftest.workers(token)


def test_sample_is_a_copy(sample: Path) -> None:
    """The sample fixture has the repository's environment and neither its database nor its .env."""
    assert (sample / "alembic.ini").read_text() == (conftest.REPOSITORY / "alembic.ini").read_text()
    assert (sample / "migrations" / "env.py").exists()
    assert list(sample.glob("*.db")) == []
    assert not (sample / ".env").exists()

"""P1: nothing is written, anywhere, before `apply()` and `write()`; whatever env.py and the revisions try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.authoring.test_draft import MAKO
from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import DatabaseReadOnly

MODELS = """
    from sqlalchemy import Column, Integer, MetaData, Table

    metadata = MetaData()
    Table("t1", metadata, Column("id", Integer, primary_key=True))
    Table("of_the_models", metadata, Column("id", Integer, primary_key=True))
"""

QUESTIONS: dict[str, Callable[[Workbench], Any]] = {
    "history": lambda wb: wb.history(),
    "history of a range": lambda wb: wb.history("base:head"),
    "current": lambda wb: wb.current(),
    "check": lambda wb: wb.check(),
    "diff": lambda wb: wb.diff(),
    "diff, the other way": lambda wb: wb.diff("models", "live"),
    "upgrade": lambda wb: wb.upgrade(),
    "upgrade of a range": lambda wb: wb.upgrade("base:head"),
    "downgrade": lambda wb: wb.downgrade("base"),
    "stamp": lambda wb: wb.stamp("head"),
    "stamp with purge": lambda wb: wb.stamp("head", purge=True),
    "revision": lambda wb: (wb.revision("one more"), wb.revision("one more", autogenerate=False)),
    "draft": lambda wb: [str(each) + each._repr_html_() for each in (wb.preflight(wb.revision("one more").tick("*")),)],
    "rehearsed draft": lambda wb: wb.rehearse(wb.revision("one more").tick("*")),
    "split draft": lambda wb: str(wb.revision("one more").tick("*").split()),
    "recorded": lambda wb: wb.record("one more").op.execute("CREATE TABLE t9 (id INTEGER)"),
    "source": lambda wb: wb.source("r1"),
    "schema": lambda wb: (wb.schema(), wb.schema("models"), wb.schema("r1"), wb.stops()),
    "diff of revisions": lambda wb: wb.diff("r1", "live"),
    "a table": lambda wb: [
        each.name for each in wb.schema().all_tables for _ in (wb.schema().table(each.name).first_rows(),)
    ],
    "drift": lambda wb: [wb.accept(each, "known") for each in wb.drift().differences],
    "blame, find, identify": lambda wb: (wb.blame("t1"), wb.find("t"), wb.identify()),
    "query": lambda wb: wb.query("SELECT 1 AS a"),
    "text": lambda wb: f"{wb.history()}{wb.upgrade()}{wb!r}{wb.title}",
    "html": lambda wb: wb.history()._repr_html_() + wb.upgrade()._repr_html_(),
    "frames": lambda wb: (wb.history().df, wb.upgrade().df, wb.current().df),
}


@pytest.fixture(autouse=True)
def bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python write its __pycache__, also where whoever runs the tests has switched that off."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Project:
    """An environment with models and two revisions on an empty database."""
    made = project(tmp_path / "project", database_url).tables(2)
    (made.folder / "migrations" / "script.py.mako").write_text(MAKO)
    (made.folder / "models.py").write_text("\n".join(line[4:] for line in MODELS.splitlines()))
    return made.env("from models import metadata", metadata="metadata")


@pytest.mark.parametrize("start", ["empty", "r1"])
def test_a_question_writes_nothing(made: Project, start: str) -> None:
    """No call changes a file, a folder, a table, a row, a byte or a time; a missing SQLite file stays missing."""
    if start != "empty":
        with made.workbench() as wb:
            assert wb.upgrade(start).apply().ok
    before = made.files(), made.database()
    with made.workbench() as wb:
        for name, ask in QUESTIONS.items():
            ask(wb)

            assert (name, *before) == (name, made.files(), made.database())


@ON_POSTGRESQL
def test_an_env_py_that_makes_a_schema(bare: Project, wb: Workbench) -> None:
    """Its CREATE SCHEMA is found by itself afterwards, as the version table in it has to be, and is never committed."""
    made = bare.tables(2)
    connected = "connection.exec_driver_sql('CREATE SCHEMA IF NOT EXISTS shop'); connection.commit()"
    made.env(connected=connected, options={"version_table_schema": "shop"})
    before = made.files(), made.database()
    for ask in (
        wb.current,
        wb.history,
        wb.upgrade,
        lambda: wb.stamp("head"),
        lambda: wb.revision("x", autogenerate=False),
    ):
        ask()

        assert before == (made.files(), made.database())

    run = wb.upgrade().apply()

    assert (True, ("r2",)) == (run.ok, run.heads)
    assert [("r2",)] == made.execute("SELECT version_num FROM shop.alembic_version")


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "commit",
    [
        "connection.commit()",
        "connection.exec_driver_sql('COMMIT')",
        "connection.exec_driver_sql('/* now */ commit -- really')",
        "connection.exec_driver_sql('COMMIT AND CHAIN')",
        "connection.execute(text('commit;'))",
        "connection.connection.commit()",
        "connection.execution_options(isolation_level='AUTOCOMMIT').exec_driver_sql('CREATE TABLE sly (id INTEGER)')",
    ],
)
def test_every_way_to_commit_is_held_back(bare: Project, wb: Workbench, commit: str) -> None:
    """On PostgreSQL env.py may do what it likes in its transaction, and none of it outlives the question."""
    made = bare.tables(1)
    made.env(
        "from sqlalchemy import text",
        f"connection.exec_driver_sql('CREATE TABLE made_by_env_py (id INTEGER)')\n{commit}\nconnection.rollback()"
        if "AUTOCOMMIT" not in commit
        else commit,
    )
    before = made.database()
    wb.current()
    wb.upgrade()

    assert before == made.database()


@ON_POSTGRESQL
def test_search_path_set_and_committed_holds(bare: Project, wb: Workbench) -> None:
    """The cookbook's tenants set a search_path and commit: a question reads that tenant, not the public schema."""
    made = bare.tables(2)
    made.execute(
        "CREATE SCHEMA tenant",
        "CREATE TABLE tenant.alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO tenant.alembic_version VALUES ('r1')",
    )
    made.env(
        connected="connection.exec_driver_sql('SET search_path TO tenant'); connection.commit()\n"
        "connection.dialect.default_schema_name = 'tenant'"
    )
    heads = wb.current().heads
    run = wb.upgrade().apply()

    assert (("r1",), True, ("r2",)) == (heads, run.ok, run.heads)
    assert [(1,)] == made.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'tenant' AND tablename = 't2'")


def test_a_revision_with_an_engine_of_its_own(made: Project) -> None:
    """Writing the SQL of a Plan runs `upgrade()`, and what that writes through its own engine is held back, too."""
    made.revision(
        "r3",
        "r2",
        f"""
        engine = sa.create_engine({made.url!r}, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE sly (id INTEGER)")
        """,
    )
    before = made.files(), made.database()
    with made.workbench() as wb:
        plan = wb.upgrade()

        assert before == (made.files(), made.database())

    refused = make_url(made.url).get_backend_name() != "postgresql"  # there it ran, and was rolled back
    assert refused == bool(plan.steps[-1].why_not)


def test_an_env_py_that_writes_where_nothing_can_be_rolled_back(made: Project) -> None:
    """SQLite and MariaDB refuse the statement, and the error says that env.py is what writes; PostgreSQL forgets it."""
    made.execute("CREATE TABLE something (id INTEGER)")
    made.env(connected="connection.exec_driver_sql('CREATE TABLE sly (id INTEGER)')")
    before = made.files(), made.database()
    with made.workbench() as wb:
        if make_url(made.url).get_backend_name() == "postgresql":
            assert () == wb.current().heads
            assert before == (made.files(), made.database())
            return

        with pytest.raises(DatabaseReadOnly) as caught:
            wb.current()

    assert before == (made.files(), made.database())
    assert (
        "env.py itself writes to the database before any migration, and a question must not write.",
        "Move that statement into a revision; or, if the database is read-only anyway, take it out of env.py.",
    ) == (caught.value.message, caught.value.remedy)


def test_journal_mode_is_left_alone(tmp_path: Path, sqlite_url: str) -> None:
    """An application's own `PRAGMA journal_mode=WAL` at each connect changes the file for good; not by a question."""
    made = project(tmp_path / "project", sqlite_url).tables(1)
    made.execute("CREATE TABLE something (id INTEGER)")
    made.env(
        "from sqlalchemy import event\n"
        "@event.listens_for(__import__('sqlalchemy').Engine, 'connect')\n"
        "def connect(connection, record):\n"
        "    connection.execute('PRAGMA journal_mode=WAL')\n"
        "    connection.execute('PRAGMA foreign_keys=ON')\n"
    )
    before = made.files(), made.database()
    with made.workbench() as wb:
        wb.current()
        plan = wb.upgrade()

        assert before == (made.files(), made.database())
        assert plan.apply().ok

    assert [("wal",)] == made.execute("PRAGMA journal_mode")


@pytest.mark.parametrize("name", ["sqlite:///{}", "sqlite:///file:{}?uri=true", "sqlite:///file:{}?mode=rwc&uri=true"])
def test_a_missing_sqlite_file_is_an_empty_database(tmp_path: Path, name: str) -> None:
    """However it is named, a question does not make it, and the apply does."""
    path = tmp_path / "data" / "shop.db"
    path.parent.mkdir()
    made = project(tmp_path / "project", name.format(path)).tables(2)
    with made.workbench() as wb:
        plan = wb.upgrade()

        assert [] == list(path.parent.iterdir())

        run = plan.apply()

        assert (True, ("r2",), ("r2",)) == (run.ok, run.heads, wb.current().heads)

    assert path.exists()


def test_a_pool_that_outlives_the_question(made: Project) -> None:
    """An engine in a module keeps its connections: those of a question are not used for an apply, nor the reverse."""
    (made.folder / "engines.py").write_text(f"import sqlalchemy\nengine = sqlalchemy.create_engine({made.url!r})\n")
    made.raw_env("""
        from alembic import context
        from engines import engine

        with engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
    """)
    with made.workbench() as wb:
        wb.current()
        first = wb.upgrade("r1").apply()
        made.revision("r3", "r2", "op.execute('INSERT INTO t1 (id) VALUES (7)')")
        plan = wb.upgrade()
        second = plan.apply()

    assert (True, ("r1",), True, ("r3",)) == (first.ok, first.heads, second.ok, second.heads)
    assert [(7,)] == made.execute("SELECT id FROM t1")

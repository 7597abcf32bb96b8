"""Environments of every shape that Alembic's own templates and cookbook make, unedited but for what they ask for."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.real import outside, small
from workbench import History, Workbench

PYTHON = Path(sys.executable)
EXPECTED_DIFF = [("add_column", None, "author", "born")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the project is made."""
    return tmp_path / "project"


@contextlib.contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """A connection to look at what was done."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def states(history: History) -> list[tuple[str, str]]:
    """Each revision and its state, newest first."""
    return [(each.revision, each.state) for each in history.revisions]


def goes_up_and_down(workbench: Workbench) -> None:
    """What must hold of each of these: previewed, applied, compared and taken back as by the `alembic` command."""
    plan = workbench.upgrade()

    assert outside.history(PYTHON, workbench.folder, workbench.folder / "alembic.ini") == outside.as_alembic_tells_it(
        workbench.history(), plan.revisions
    )
    assert {} == outside.applied_as_shown(workbench)
    assert EXPECTED_DIFF == outside.as_check_tells_it(workbench.diff())
    assert "2c (head)" in outside.alembic(PYTHON, workbench.folder, "current")
    assert (True, ()) == ((run := workbench.downgrade("base").apply()).ok, run.heads)
    assert "2c" not in outside.alembic(PYTHON, workbench.folder, "current")


def test_async(folder: Path, postgresql_url: str) -> None:
    """The async template; each question begins a loop of its own in the worker."""
    with Workbench(small.make(PYTHON, folder, "async", postgresql_url)) as workbench:
        goes_up_and_down(workbench)


@pytest.mark.parametrize("template", ["pyproject", "pyproject_async"])
def test_pyproject(folder: Path, sqlite_url: str, postgresql_url: str, template: str) -> None:
    """script_location in pyproject.toml, the URL and logging in alembic.ini: Alembic reads both."""
    url = postgresql_url if template == "pyproject_async" else sqlite_url
    small.make(PYTHON, folder, template, url)
    with Workbench(folder) as workbench:
        history = workbench.history()
        run = workbench.upgrade().apply()

        assert (None, ["2c", "1b", "0a"]) == (history.problem, [each.revision for each in history.revisions])
        assert (True, ("2c",)) == (run.ok, run.heads)
        assert EXPECTED_DIFF == outside.as_check_tells_it(workbench.diff())


def test_pyproject_without_an_ini(folder: Path, sqlite_url: str) -> None:
    """A [tool.alembic] table alone, with an env.py that knows its URL."""
    small.make(PYTHON, folder, "pyproject", sqlite_url)
    (folder / "alembic.ini").unlink()
    env = folder / "migrations" / "env.py"
    small.fill_in(env, "config.get_section(config.config_ini_section, {})", f'{{"sqlalchemy.url": {sqlite_url!r}}}')
    with Workbench(folder) as workbench:
        run = workbench.upgrade().apply()

        assert (folder / "pyproject.toml", True, ("2c",)) == (workbench.config_file, run.ok, run.heads)


MULTI = '''"""both databases

Revision ID: a1
"""
from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name: str) -> None:
    globals()["downgrade_%s" % engine_name]()


def upgrade_engine1() -> None:
    op.create_table("author", sa.Column("id", sa.Integer, primary_key=True))


def downgrade_engine1() -> None:
    op.drop_table("author")


def upgrade_engine2() -> None:
    op.create_table("event", sa.Column("id", sa.Integer, primary_key=True))


def downgrade_engine2() -> None:
    op.drop_table("event")
'''

MULTI_MODELS = """
import sqlalchemy as sa
one, two = sa.MetaData(), sa.MetaData()
sa.Table("author", one, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
sa.Table("event", two, sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def multidb(folder: Path, sqlite_url: str, postgresql_url: str) -> Path:
    """The multidb template on an SQLite file and a PostgreSQL database."""
    small.init(PYTHON, folder, "multidb")
    ini = folder / "alembic.ini"
    small.fill_in(ini, "sqlalchemy.url = driver://user:pass@localhost/dbname2", f"sqlalchemy.url = {postgresql_url}")
    small.fill_in(ini, "sqlalchemy.url = driver://user:pass@localhost/dbname\n", f"sqlalchemy.url = {sqlite_url}\n")
    env = folder / "migrations" / "env.py"
    models = 'import models\ntarget_metadata = {"engine1": models.one, "engine2": models.two}'
    small.fill_in(env, "target_metadata = {}", models)
    (folder / "models.py").write_text(MULTI_MODELS, "utf-8")
    (folder / "migrations" / "versions" / "a1_both.py").write_text(MULTI, "utf-8")

    return folder


def test_multidb_names_each_part(multidb: Path, sqlite_url: str, postgresql_url: str) -> None:
    """Each database has its own steps, its own SQL, its own changes; both are applied."""
    with Workbench(multidb) as workbench:
        plan = workbench.upgrade()
        run = plan.apply()
        diff = workbench.diff()
        status = workbench.current()

    assert [("engine1", "a1"), ("engine2", "a1")] == [(step.database, step.revision) for step in plan.steps]
    assert ["author", "event"] == [
        next(
            line.split()[2]
            for line in step.statements or ()
            if line.startswith("CREATE TABLE") and "version" not in line
        )
        for step in plan.steps
    ]
    assert (True, {"engine1": ("a1",), "engine2": ("a1",)}) == (run.ok, {db.name: db.heads for db in run.databases})
    assert [("engine1", "add_column", "name")] == [(each.database, each.kind, each.name) for each in diff.changes]
    assert (True, ["sqlite", "postgresql"]) == (status.is_current, [each.dialect for each in status.databases])
    for url, table in ((sqlite_url, "author"), (postgresql_url, "event")):
        with reading(url) as connection:
            assert {table, "alembic_version"} == set(sa.inspect(connection).get_table_names())


def test_multidb_where_the_two_stand_apart(multidb: Path, postgresql_url: str) -> None:
    """One is at head, the other at base: nothing is shown for one as if it were both, and only one is moved."""
    with reading(postgresql_url) as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('a1')"))
        connection.commit()
    with Workbench(multidb) as workbench:
        (revision,) = workbench.history().revisions
        status = workbench.current()
        plan = workbench.upgrade()
        run = plan.apply()

    assert ("pending", ("engine1",)) == (revision.state, revision.missing_in)
    assert (False, ("a1",)) == (status.is_current, status.pending)
    assert [("engine1", "a1")] == [(step.database, step.revision) for step in plan.steps]
    assert (True, {"engine1": ("a1",), "engine2": ("a1",)}) == (run.ok, {db.name: db.heads for db in run.databases})
    with reading(postgresql_url) as connection:
        assert ["alembic_version"] == sa.inspect(connection).get_table_names()


TENANTS = """
from alembic import context
from sqlalchemy import create_engine, pool, text
from models import Base

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    for schema in ("north", "south"):
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS " + schema))
        connection.execute(text("SET search_path TO " + schema))
        connection.commit()
        connection.dialect.default_schema_name = schema
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
"""


@pytest.mark.parametrize("by", ["search_path", "version_table_schema"])
def test_tenants(folder: Path, postgresql_url: str, by: str) -> None:
    """An env.py that goes through the schemas of one database: each is a part of its own, with a name of its own."""
    small.make(PYTHON, folder, "generic", postgresql_url)
    env = (
        TENANTS
        if by == "search_path"
        else TENANTS.replace("Base.metadata)", "Base.metadata, version_table_schema=schema)")
    )
    (folder / "migrations" / "env.py").write_text(env, "utf-8")
    with reading(postgresql_url) as connection:
        for schema in ("north", "south"):
            connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        connection.commit()
    with Workbench(folder) as workbench:
        plan = workbench.upgrade("1b")
        run = plan.apply()
        names = [each.name for each in plan.databases]

    database = sa.make_url(postgresql_url).database

    assert [f"{database}.north", f"{database}.south"] == names
    assert ["0a", "1b", "0a", "1b"] == [step.revision for step in plan.steps]
    assert [*[names[0]] * 2, *[names[1]] * 2] == [step.database for step in plan.steps]
    assert (True, dict.fromkeys(names, ("1b",))) == (run.ok, {each.name: each.heads for each in run.databases})
    for schema in ("north", "south"):
        with reading(postgresql_url) as connection:
            assert {"alembic_version", "author", "book"} == set(sa.inspect(connection).get_table_names(schema=schema))


def test_several_version_locations_and_recursive(folder: Path, sqlite_url: str) -> None:
    """Revisions in two folders and in one below them; each is found where Alembic finds it."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    versions = folder / "migrations" / "versions"
    (folder / "more" / "2026").mkdir(parents=True)
    next(versions.glob("2c*")).rename(folder / "more" / "2026" / "2c.py")
    next(versions.glob("1b*")).rename(folder / "more" / "1b.py")
    ini = folder / "alembic.ini"
    places = "\nversion_locations = %(here)s/migrations/versions:%(here)s/more\nrecursive_version_locations = true\n"
    text = ini.read_text("utf-8")
    ini.write_text(text.replace("\nprepend_sys_path = .\n", "\nprepend_sys_path = .\n" + places), "utf-8")
    with Workbench(folder) as workbench:
        goes_up_and_down(workbench)

        assert ["more/2026/2c.py", "more/1b.py", "migrations/versions/0a_create_author.py"] == [
            each.path for each in workbench.history().revisions
        ]


def test_branches_labels_and_depends_on(folder: Path, sqlite_url: str) -> None:
    """A second base with a label, which depends on the first line: order, states and `label@head` are Alembic's."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    versions = folder / "migrations" / "versions"
    labelled = small.file("9x", "shop", None, "op.create_table('shop', sa.Column('id', sa.Integer, primary_key=True))")
    labelled = labelled.replace("branch_labels = None", "branch_labels = ('shops',)")
    (versions / "9x.py").write_text(labelled.replace("depends_on = None", "depends_on = ('1b',)"), "utf-8")
    with Workbench(folder) as workbench:
        plan = workbench.upgrade("shops@head")

        assert outside.history(PYTHON, folder, folder / "alembic.ini") == outside.as_alembic_tells_it(
            workbench.history(), workbench.upgrade("heads").revisions
        )
        assert ["0a", "1b", "9x"] == list(plan.revisions)
        assert ("9x",) == plan.apply().heads
        assert {"0a": "applied", "1b": "applied", "2c": "pending", "9x": "applied"} == {
            each.revision: each.state for each in workbench.history().revisions
        }
        assert ("2c",) == workbench.current().pending
        assert ("2c", "9x") == workbench.upgrade("heads").apply().heads


def test_include_object_decides_what_is_compared(folder: Path, sqlite_url: str) -> None:
    """A table that env.py leaves out stays out; without that it would be a proposed drop."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    env = folder / "migrations" / "env.py"
    left_out = "lambda item, name, kind, reflected, other: name not in {'left_out', 'born'}"
    small.fill_in(
        env, "connection=connection, target_metadata=target_metadata",
        f"connection=connection, target_metadata=target_metadata, include_object={left_out}",
    )  # fmt: skip
    with Workbench(folder) as workbench:
        workbench.upgrade().apply()
        with reading(sqlite_url) as connection:
            connection.execute(sa.text("CREATE TABLE left_out (id INTEGER)"))
            connection.execute(sa.text("CREATE TABLE by_hand (id INTEGER)"))
            connection.commit()

        assert [("remove_table", None, "by_hand", "by_hand")] == outside.as_check_tells_it(workbench.diff())
        assert outside.check(PYTHON, folder, folder / "alembic.ini") == outside.as_check_tells_it(workbench.diff())


def test_version_table_in_a_schema_of_its_own(folder: Path, postgresql_url: str) -> None:
    """The heads are read from where env.py says, and written there."""
    small.make(PYTHON, folder, "generic", postgresql_url)
    small.fill_in(
        folder / "migrations" / "env.py", "connection=connection, target_metadata=target_metadata",
        "connection=connection, target_metadata=target_metadata, version_table='state', version_table_schema='ops'",
    )  # fmt: skip
    with reading(postgresql_url) as connection:
        connection.execute(sa.text("CREATE SCHEMA ops"))
        connection.commit()
    with Workbench(folder) as workbench:
        run = workbench.upgrade().apply()
        status = workbench.current()

    assert (True, True, "ops.state") == (run.ok, status.is_current, status.databases[0].version_table)
    with reading(postgresql_url) as connection:
        assert ["2c"] == list(connection.execute(sa.text("SELECT version_num FROM ops.state")).scalars())


def test_x_arguments_reach_env_py(folder: Path, sqlite_url: str, tmp_path: Path) -> None:
    """`-x` decides which database env.py connects to."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    small.fill_in(
        folder / "migrations" / "env.py", "target_metadata = Base.metadata",
        "target_metadata = Base.metadata\n"
        "config.set_main_option('sqlalchemy.url', context.get_x_argument(as_dictionary=True)['to'])",
    )  # fmt: skip
    other = tmp_path / "other.db"
    with Workbench(folder, x={"to": f"sqlite:///{other}"}) as workbench:
        assert (True, ("2c",)) == ((run := workbench.upgrade().apply()).ok, run.heads)

    with Workbench(folder) as workbench:
        assert "KeyError: 'to'" in str(workbench.history().problem)
    with reading(f"sqlite:///{other}") as connection:
        assert "book" in sa.inspect(connection).get_table_names()
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_from_another_folder_than_the_projects(
    folder: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative script_location is meant from the configuration's folder, wherever the notebook lies."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    small.fill_in(folder / "alembic.ini", "script_location = %(here)s/migrations", "script_location = migrations")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    with Workbench("../project/alembic.ini") as workbench:
        assert (None, 3) == ((history := workbench.history()).problem, len(history.revisions))
        assert ("2c",) == workbench.upgrade().apply().heads


def test_tree_is_whole_when_the_project_cannot_be_imported(folder: Path, sqlite_url: str) -> None:
    """Neither env.py nor a revision can be imported: the tree stands, and says why the rest is missing."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    for path in (folder / "models.py", *(folder / "migrations" / "versions").glob("*.py")):
        path.write_text("import not_there\n" + path.read_text("utf-8"), "utf-8")
    (folder / "models.py").write_text("import not_there\n", "utf-8")
    with Workbench(folder) as workbench:
        history = workbench.history()

    assert [("2c", "unknown"), ("1b", "unknown"), ("0a", "unknown")] == states(history)
    assert "env.py, or what it imports, raised ModuleNotFoundError: No module named 'not_there'" == history.problem
    assert "Workbench(python=" in history.remedy


def test_tree_is_whole_when_the_database_is_away(folder: Path) -> None:
    """Nobody listens there: the tree stands, and says so."""
    away = "postgresql+psycopg://nobody:secret-word@127.0.0.1:1/away"
    with Workbench(small.make(PYTHON, folder, "generic", away)) as workbench:
        history = workbench.history()

    assert [("2c", "unknown"), ("1b", "unknown"), ("0a", "unknown")] == states(history)
    assert "The database cannot be reached." == history.problem
    assert "secret-word" not in str(history)


def test_a_revision_that_alembic_refuses_stands_in_the_tree(folder: Path, sqlite_url: str) -> None:
    """A syntax error in one file: `alembic` shows nothing at all; here its node says what is wrong, in its place."""
    small.make(PYTHON, folder, "generic", sqlite_url)
    path = next((folder / "migrations" / "versions").glob("1b*"))
    path.write_text(path.read_text("utf-8").replace("def upgrade():", "def upgrade(:"), "utf-8")
    with Workbench(folder) as workbench:
        history = workbench.history()

    assert [("2c", False), ("1b", True), ("0a", False)] == [(e.revision, bool(e.fault)) for e in history.revisions]
    assert "SyntaxError in line 17" in str(history["1b"].fault)

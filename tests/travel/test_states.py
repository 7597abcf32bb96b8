"""The schema at a revision is what really running it and its ancestors on an empty database makes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.real.conftest import interpreter  # noqa: F401 - a fixture
from tests.real.test_optuna import folder, python  # noqa: F401 - fixtures
from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.bridge.catalogue import reading
from workbench.errors import DatabaseProtected, MigrationFailed, UnsupportedRequest
from workbench.results import Event, SchemaObject
from workbench.results.definitions import Definitions, definitions, without

ORDINARY = {
    "ba5e0f1b00c5": [("table", "author"), ("table", "book"), ("table", "book_author"), ("table", "publisher")],
    "4e04de4f10a2": [("column", "stock.reorder_level")],
    "a11ade0b3e6f": [],
    "fade9a3b0c12": [("column", "customer.phone"), ("column", "customer.phone_no")],
    "da117ca5b0c4": [("view", "daily_sales")],
    "91f7ca4d5e10": [("table", "voucher")],
}


def told(objects: tuple[SchemaObject, ...]) -> Definitions:
    """One definition for each thing but Alembic's own table, without the name of a database."""
    return without(definitions(objects, fine=True), None, "alembic_version")


def as_alembic_makes_it(at: Path, url: str, revision: str) -> Definitions:
    """What plain `alembic upgrade` makes of an empty database, in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", "alembic", "upgrade", revision]
    subprocess.run(command, cwd=at, env=environment, check=True, capture_output=True)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return told(reading.read(connection))


def leftovers(cache: Path) -> list[str]:
    """The scratch files that are still there."""
    scratch = cache / "scratch"
    return sorted(each.name for each in scratch.iterdir()) if scratch.exists() else []


def tables(objects: tuple[SchemaObject, ...]) -> dict[str, list[str]]:
    """The columns of each table."""
    return {each.name: [column.name for column in each.columns] for each in objects}  # type: ignore[attr-defined]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def test_stops_of_the_bookshop(sample: Path, url: str, tmp_path: Path, cache: Path) -> None:
    """Along the whole history, oldest first, what each did; the live database is not touched.

    A revision has what it and its own ancestors make, and nothing else: also on a branch with a dependency, above a
    merge, and at the head.
    """
    events: list[Event] = []
    database_url = url
    with Workbench(sample, url=database_url) as workbench:
        history = workbench.history()
        stops = workbench.stops(on_event=events.append)
        branch, merged = workbench.schema("4e9047"), workbench.schema("fade9a")
        head = workbench.schema("head")
        live = workbench.schema()
        assert workbench.upgrade().apply().ok
        applied = workbench.schema()

    by_revision = {each.revision: each for each in stops}
    seen = {
        revision: [(each.kind, each.shown) for each in by_revision[revision].deltas if each.kind != "sequence"]
        for revision in ORDINARY
    }

    assert [each.revision for each in reversed(history.revisions)] == [each.revision for each in stops]
    assert ORDINARY == seen
    assert (("column", "customer", "phone_no", "phone"),) == by_revision["fade9a3b0c12"].renames
    assert not live.objects
    assert told(applied.objects) == told(head.objects)
    assert not any("alembic_version" in sql for each in stops for sql in each.statements)
    assert [] == leftovers(cache)
    scratch = [each.sql.split()[1] for each in events if each.sql.startswith("made workbench_scratch_")]
    assert 1 == len(set(scratch))  # it is put back at a fork, and not made anew
    if database_url.startswith("postgresql"):
        assert not set(scratch) & {
            name for (name,) in Project(tmp_path, url).execute("SELECT datname FROM pg_database")
        }
    else:
        for at, revision in ((branch, "4e9047ed5a1e"), (merged, "fade9a3b0c12")):
            other = f"sqlite:///{tmp_path / revision}.db"
            assert (revision, ()) == (at.at, at.notes)
            assert as_alembic_makes_it(sample, other, revision) == told(at.objects)
        assert ("ALTER TABLE customer RENAME COLUMN phone_no TO phone",) == by_revision["fade9a3b0c12"].statements


@pytest.fixture
def optuna(python: Path, folder: Path, sqlite_url: str) -> Iterator[Workbench]:  # noqa: F811 - fixtures
    """The environment of optuna, with the project's own interpreter."""
    with Workbench(folder / "alembic.ini", url=sqlite_url, python=python) as opened:
        yield opened


def test_real_history(optuna: Workbench) -> None:
    """Somebody else's: at its head the schema is what its own upgrade makes of the live database."""
    stops = optuna.stops()
    head = optuna.schema("head")
    assert optuna.upgrade().apply().ok

    assert told(optuna.schema().objects) == told(head.objects)
    assert 10 == len(stops)


def history_with_a_failure(made: Project) -> Project:
    """Two revisions that are well, and one on each that is not."""
    made.tables(2)
    made.revision("bad", "r1", "op.execute('CREATE NONSENSE')")
    made.revision("worse", "bad", "op.create_table('never', sa.Column('id', sa.Integer))")
    return made


def test_a_revision_that_fails(tmp_path: Path, mariadb_url: str, cache: Path) -> None:
    """It is named, with the ways out; what does not follow it is there all the same."""
    made = history_with_a_failure(project(tmp_path, mariadb_url))
    with made.workbench() as workbench:
        with pytest.raises(MigrationFailed) as caught:
            workbench.schema("worse")
        stops = workbench.stops()
        found = workbench.schema("r2")

    assert caught.value.message == (
        "The schema cannot be made by running the revisions on an empty database. "
        "The upgrade of bad failed: the database refused a statement."
    )
    assert 'baseline="schema.sql"' in caught.value.remedy
    assert 'baseline="live"' in caught.value.remedy
    assert ("statement", "CREATE NONSENSE") in caught.value.evidence
    assert {"t1": ["id"], "t2": ["id"]} == tables(found.objects)
    assert {"r1", "r2", "bad"} == {each.revision for each in stops}
    (failed,) = (each for each in stops if each.failure)
    assert ("bad", ()) == (failed.revision, failed.deltas)
    assert failed.failure.startswith("The upgrade of bad failed: the database refused a statement: ")
    assert "NONSENSE" in failed.failure
    assert [] == leftovers(cache)


def grown(made: Project) -> Project:
    """A history that begins at a table that was there before it, with one revision that cannot go back."""
    made.revision("r1", None, "op.add_column('customer', sa.Column('a', sa.Integer))", "raise NotImplementedError")
    made.revision(
        "r2", "r1", "op.add_column('customer', sa.Column('b', sa.Integer))", "op.drop_column('customer', 'b')"
    )
    made.revision("r3", "r2", "op.create_table('t', sa.Column('id', sa.Integer))", "op.drop_table('t')")
    made.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY)")
    return made


def test_baseline_and_backwards(tmp_path: Path, sqlite_url: str) -> None:
    """Where a history begins at tables of its own: from a baseline; or back from the live schema, and it says so."""
    made = grown(project(tmp_path, sqlite_url))
    (tmp_path / "begin.sql").write_text("CREATE TABLE customer (id INTEGER PRIMARY KEY);")
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        before = made.database()
        with pytest.raises(MigrationFailed, match=r"The upgrade of r1 failed"):
            workbench.schema("r1")
        base, first = (workbench.schema(each, baseline="begin.sql") for each in ("base", "r1"))
        back = workbench.schema("r2", baseline="live")
        furthest = workbench.schema("r1", baseline="live")
        with pytest.raises(UnsupportedRequest) as caught:
            workbench.schema("base", baseline="live")
        stops = workbench.stops(baseline="live")

        assert before == made.database()

    assert {"customer": ["id"]} == tables(base.objects)
    assert {"customer": ["id", "a"]} == tables(first.objects)
    assert {"customer": ["id", "a", "b"]} == tables(back.objects)
    assert {"customer": ["id", "a"]} == tables(furthest.objects)
    assert (
        "Made backwards, from a copy of the live schema by its downgrades: what these leave behind is in it.",
        "The downgrades lead back no further than r1: it has none.",
    ) == furthest.notes
    assert caught.value.message == "There is no schema of base: " + " ".join(furthest.notes)
    assert [("r2", ["customer.b"]), ("r3", ["t"])] == [
        (each.revision, [delta.shown for delta in each.deltas]) for each in stops
    ]


def test_several_databases(tmp_path: Path) -> None:
    """An env.py of two databases has two schemas at each revision, each with its name."""
    made = project(tmp_path, "").raw_env(
        """
        from alembic import context
        from sqlalchemy import create_engine, pool

        for name in ("north", "south"):
            engine = create_engine(f"sqlite:///{name}.db", poolclass=pool.NullPool)
            with engine.connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations(engine_name=name)
        """
    )
    path = made.revision("r1", None, "op.create_table(f'only_{engine_name}', sa.Column('id', sa.Integer))")
    path.write_text(path.read_text().replace("grade():", "grade(engine_name=''):"))
    with made.workbench() as workbench:
        found, again = workbench.schema("r1"), workbench.schema("r1")
        (stop,) = workbench.stops()
        (first, second) = workbench.diff("base", "head").changes

    assert [("north", "only_north"), ("south", "only_south")] == [(each.database, each.name) for each in found.objects]
    assert found == again
    assert [("north", "only_north"), ("south", "only_south")] == [(each.database, each.table) for each in stop.deltas]
    assert [("north", "add_table"), ("south", "add_table")] == [(each.database, each.kind) for each in (first, second)]


def test_protected_database(tmp_path: Path, mariadb_url: str) -> None:
    """Beside a database that is named protected no scratch database is made."""
    made = project(tmp_path, mariadb_url).tables(1)
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nprotected = ["wbtest_*"]\n')
    with made.workbench() as workbench, pytest.raises(DatabaseProtected, match="named protected by the pattern"):
        workbench.schema("r1")

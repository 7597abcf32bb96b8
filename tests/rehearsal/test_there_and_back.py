"""A rehearsal runs the steps for real, there and back and there again, and says what it did not get back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from workbench.errors import DatabaseProtected, MigrationFailed, PlanOutdated, UnsupportedRequest
from workbench.results import Event, RowsChanged

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
person = sa.Table(
    "person", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40), nullable=False),
    sa.Column("upper", sa.String(40)), sa.Column("city", sa.String(40)),
)
town = sa.Table("town", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def shop(folder: Path, url: str) -> Project:
    """Two revisions; the second reads rows, and its downgrade forgets an index, an extra table, and what it changed."""
    folder.mkdir()
    made = project(folder, url)
    (folder / "models.py").write_text(MODELS)
    made.env("from models import metadata", metadata="metadata")
    made.revision(
        "r1",
        None,
        """
        op.create_table("person", sa.Column("id", sa.Integer, primary_key=True),
                        sa.Column("name", sa.String(40), nullable=False), sa.Column("nick", sa.String(40)))
        op.create_index("ix_name", "person", ["name"])
        op.bulk_insert(sa.table("person", sa.column("name"), sa.column("nick")),
                       [{"name": "Ada", "nick": "a"}, {"name": "Bob", "nick": None}, {"name": "Cy", "nick": "c"}])
        """,
        "op.drop_table('person')",
    )
    made.revision(
        "r2",
        "r1",
        """
        op.add_column("person", sa.Column("upper", sa.String(40)))
        for row in op.get_bind().execute(sa.text("SELECT id, name FROM person ORDER BY id")).fetchall():
            op.get_bind().execute(sa.text("UPDATE person SET upper = :name WHERE id = :id"),
                                  {"name": row[1].upper(), "id": row[0]})
        op.execute("DELETE FROM person WHERE name = 'Cy'")
        bind = op.get_bind()
        if any(each["name"] == "ix_name" for each in sa.inspect(bind).get_indexes("person")):
            op.drop_index("ix_name", table_name="person")
        op.drop_column("person", "nick")
        if not sa.inspect(bind).has_table("town"):
            op.create_table("town", sa.Column("id", sa.Integer, primary_key=True))
        """,
        """
        op.add_column("person", sa.Column("nick", sa.String(40)))
        op.drop_column("person", "upper")
        """,
    )
    return made


def stood_at(made: Project, revision: str) -> None:
    """Bring the live database there."""
    with made.workbench() as workbench:
        assert workbench.upgrade(revision).apply().ok


def live(made: Project) -> Any:
    """All of the live database: of SQLite every byte, of others every table's definition and rows."""
    url = make_url(made.url)
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").read_bytes()
    engine = create_engine(made.url, poolclass=NullPool)
    with engine.connect() as connection:
        look = inspect(connection)
        return {
            table: (
                [repr(sorted(each.items(), key=str)) for each in look.get_columns(table)],
                sorted(look.get_indexes(table), key=str),
                sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}")).all())),
            )
            for table in look.get_table_names()
        }


def scratch_left(made: Project, events: list[Event]) -> list[str]:
    """Of the scratch databases of one rehearsal, whose events these are, those that are still on the server."""
    names = {each.sql.split()[1] for each in events if each.sql.startswith("made workbench_scratch_")}

    assert names

    if make_url(made.url).get_backend_name() == "sqlite":
        return []
    asked = {
        "postgresql": "SELECT datname FROM pg_database WHERE datname LIKE 'workbench#_scratch#_%' ESCAPE '#'",
        "mysql": "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'workbench#_scratch#_%' "
        "ESCAPE '#'",
    }
    return sorted(names & {str(row[0]) for row in made.execute(asked[make_url(made.url).get_backend_name()])})


LOST = {
    "sqlite": ("CREATE INDEX ix_name ON person(name)", "(id INTEGER NOT NULL)"),
    "postgresql": ("CREATE INDEX ix_name ON public.person USING btree (name)",
                   "(id integer NOT NULL DEFAULT nextval('town_id_seq'::regclass))"),
    "mysql": ("(name)", "(id int(11) AUTO_INCREMENT NOT NULL) ENGINE=InnoDB COLLATE=utf8mb4_general_ci"),
}  # fmt: skip


def test_upgrade(tmp_path: Path, database_url: str, cache: Path) -> None:
    """All that a rehearsal tells of an upgrade, on each database; the live one is as it was, and nothing is left."""
    made = shop(tmp_path / "shop", database_url)
    events: list[Event] = []
    backend = make_url(database_url).get_backend_name()
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        before = live(made)
        plan = workbench.upgrade()
        told = workbench.rehearse(plan, on_event=events.append)
        after = live(made)
        left = scratch_left(made, events)
        assert told.plan.apply().ok
    index, table = LOST[backend]
    name = plan.databases[0].name
    expected_lost = {("index", "person.ix_name", index, ""), ("table", "town", "", table)}
    if backend == "postgresql":
        sequence = "AS integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1 OWNED BY town.id"
        expected_lost |= {("sequence", "town_id_seq", "", sequence)}

    assert told.error is None
    assert (True, ["up", "down", "up"]) == (
        told.ok, [{"upgrade": "up", "downgrade": "down"}[each.direction] for each in told.passes if each.ok]
    )  # fmt: skip
    assert expected_lost == {(each.kind, each.name, each.before, each.after) for each in told.lost}
    assert (RowsChanged(name, "person", 3, 2, 1, 1, 0, ("nick",)),) == told.rows_changed
    assert told.remaining is not None
    assert [("add_column", "person", "city")] == [(each.kind, each.table, each.name) for each in told.remaining.changes]
    assert [name] == [each.database for each in told.scratch]
    assert after == before
    assert [] == left
    assert [] == sorted(path.name for path in cache.glob("*") if not path.name.endswith(".lock"))
    # The Plan shows now what was really executed, and is the same Plan.
    statements = told.plan.steps[0].statements
    assert plan.steps[0].statements is None
    assert statements is not None
    assert [each.sql for each in told.passes[0].executed] == list(statements)
    assert 3 == sum("SET upper" in each for each in statements)
    assert told.plan.id == plan.id
    assert "cannot be had offline" in plan.sql
    assert "cannot be had offline" not in told.plan.sql
    assert all(f"{each};" in told.plan.sql for each in statements)
    deleted = told.statements[told.statements["sql"].str.startswith("DELETE")]
    assert [(1, 1), (3, 0)] == list(zip(deleted["pass"], deleted["rows"], strict=True))
    # It was told what is copied before it was, and how far it is.
    notices = [each.sql for each in events if each.kind == "notice"]
    assert notices[0].startswith(f"copying {name}: ")
    assert notices[0].endswith("rows")
    assert [each for each in notices if each.startswith("pass")] == [
        "pass 1 of 3: up", "pass 2 of 3: down", "pass 3 of 3: up"
    ]  # fmt: skip


def test_downgrade(tmp_path: Path, sqlite_url: str) -> None:
    """Of a downgrade: down, up, down. A Workbench that applies nothing may rehearse."""
    made = shop(tmp_path / "shop", sqlite_url)
    stood_at(made, "head")
    before = live(made)
    with made.workbench(read_only=True) as workbench:
        told = workbench.rehearse(workbench.downgrade("base"))

    assert (True, ["downgrade", "upgrade", "downgrade"]) == (told.ok, [each.direction for each in told.passes])
    # Made again they have the same names and ids: `Cy` is deleted on the way up as he was before.
    assert ((), (), None) == (told.lost, told.rows_changed, told.remaining)
    assert ["r2", "r1"] == [each.revision for each in told.plan.steps]
    assert live(made) == before


def test_fewer_rows(tmp_path: Path, sqlite_url: str) -> None:
    """Without rows there are none to lose; a sample of few is all of them."""
    made = shop(tmp_path / "shop", sqlite_url)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        plan = workbench.upgrade()
        none, sample = workbench.rehearse(plan, data="none"), workbench.rehearse(plan, data="sample")

    assert (True, "none", ()) == (none.ok, none.data, none.rows_changed)
    assert (True, "sample", ["person"]) == (sample.ok, sample.data, [each.table for each in sample.rows_changed])
    assert {"index", "table"} == {each.kind for each in none.lost} == {each.kind for each in sample.lost}
    assert (0, 3) == (none.scratch[0].rows, sample.scratch[0].rows)


def test_no_way_back(tmp_path: Path, sqlite_url: str) -> None:
    """A downgrade that raises ends it, and the first pass has its say all the same."""
    made = project(tmp_path, sqlite_url).tables(1)
    made.revision("r2", "r1", "op.execute('INSERT INTO t1 (id) VALUES (7)')", "raise NotImplementedError()")
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        plan = workbench.upgrade()
        told = workbench.rehearse(plan)
        expected = MigrationFailed(
            "On the way back: r2 has no downgrade: it raises NotImplementedError.",
            "Write one, or know that there is no way back from here but a backup.",
            (("file", "migrations/versions/r2.py, line 17"), ("line", "raise NotImplementedError()")),
        )

        assert (False, expected) == (told.ok, told.error)
        assert [(True, None), (False, expected)] == [(each.ok, each.error) for each in told.passes]
        assert ((), ()) == (told.lost, told.rows_changed)
        assert "r1" == workbench.current().heads[0]
        assert told.plan.apply().ok


def test_what_the_dialect_cannot_do(tmp_path: Path) -> None:
    """Alembic's own NotImplementedError is no downgrade that is missing."""
    made = project(tmp_path, f"sqlite:///{tmp_path}/there.db").tables(1)
    made.revision("r2", "r1", "pass", "op.create_check_constraint('ck', 't1', 'id > 0')")
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        told = workbench.rehearse(workbench.upgrade())

    assert told.error is not None
    assert told.error.message.startswith("On the way back: The downgrade of r2 failed: "), told.error
    assert "No support for ALTER of constraints in SQLite dialect" in told.error.message
    assert not told.error.message.endswith("..")


def test_step_that_fails(tmp_path: Path, postgresql_url: str) -> None:
    """The first pass ends with its error, and the live database never hears of it."""
    made = project(tmp_path, postgresql_url).tables(2)
    made.revision("r3", "r2", "op.execute('INSERT INTO t1 (id) VALUES (1)')\nop.execute('SELECT nothing FROM nowhere')")
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        before = live(made)
        events: list[Event] = []
        told = workbench.rehearse(workbench.upgrade(), on_event=events.append)

    assert not told.ok
    assert isinstance(told.error, MigrationFailed)
    assert told.error.message.startswith("The upgrade of r3 failed: ")
    assert ("statement", "SELECT nothing FROM nowhere") in told.error.evidence
    assert [("upgrade", False)] == [(each.direction, each.ok) for each in told.passes]
    assert {"r2", "r3"} == {each.revision for each in told.passes[0].executed}
    assert live(made) == before
    assert [] == scratch_left(made, events)


def test_env_py_that_never_commits(tmp_path: Path, sqlite_url: str) -> None:
    """Every step runs, and the database is not where they lead: that is no good rehearsal."""
    made = project(tmp_path, sqlite_url).tables(1)
    made.env(connected="connection.begin()")
    with made.workbench() as workbench:
        told = workbench.rehearse(workbench.upgrade())

    assert (False, [False]) == (told.ok, [each.ok for each in told.passes])
    assert "does not stand where they lead" in str(told.error)


def test_what_cannot_be_rehearsed(tmp_path: Path, sqlite_url: str) -> None:
    """Each of these is refused with the way out, and an empty Plan is no failure."""
    made = project(tmp_path, sqlite_url).tables(2)
    with made.workbench() as workbench:
        plan = workbench.upgrade("r1")

        refusals: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: workbench.rehearse("head"), "A str cannot be rehearsed"),  # type: ignore[arg-type]
            (lambda: workbench.rehearse(workbench.stamp("r1")), "A stamp runs no revision"),
            (lambda: workbench.rehearse(workbench.upgrade("r1:r2")), "This Plan is the SQL of the range"),
            (lambda: workbench.rehearse(plan, data="some"), "rehearse() has no data='some'."),  # type: ignore[arg-type]
            (lambda: workbench.rehearse(plan, filled="x"), "rehearse() has no filled='x'."),  # type: ignore[arg-type]
            (lambda: workbench.rehearse(plan, baseline="a.sql"), "A baseline is for a scratch database that begins"),
            (lambda: workbench.rehearse(plan, filled="replay", baseline="a.sql"), "baseline='a.sql' is no file"),
        )
        for asked, words in refusals:
            with pytest.raises(UnsupportedRequest) as refused:
                asked()

            assert words in refused.value.message
            assert refused.value.remedy
        assert plan.apply().ok
        told = workbench.rehearse(workbench.upgrade("r1"))

        assert (True, ()) == (told.ok, told.passes)
        assert "✔ Nothing to rehearse: wbtest is already at r1." == str(told)
        with pytest.raises(PlanOutdated):
            workbench.rehearse(plan)


def test_protected(tmp_path: Path, postgresql_url: str) -> None:
    """No neighbour is made for a protected database."""
    made = project(tmp_path, postgresql_url).tables(1)
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nprotected = ["wbtest_*"]\n')
    events: list[Event] = []
    with made.workbench() as workbench, pytest.raises(DatabaseProtected) as refused:
        workbench.rehearse(workbench.upgrade(), on_event=events.append)

    assert "Name an empty database elsewhere: Workbench(scratch_url='…')." == refused.value.remedy
    assert [] == events

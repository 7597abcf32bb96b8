"""Drift on real databases: nothing is told that is not so, and everything that is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import (
    EnvironmentInvalid,
    PlanOutdated,
    ScratchRefused,
    UnknownDatabaseRevision,
    UnsupportedRequest,
)
from workbench.render import drift_text
from workbench.results import Drift

MODELS = """
    import sqlalchemy as sa
    metadata = sa.MetaData()
    person = sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("age", sa.Integer, sa.CheckConstraint("age > 0")),
        sa.Column("born", sa.DateTime, server_default=sa.func.now()))
    letter = sa.Table("letter", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False),
        sa.Column("text", sa.String(80)))
"""
FIRST = """
    op.create_table("human", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("born", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
        sa.Column("name", sa.String(40), nullable=False), sa.Column("age", sa.Integer),
        sa.UniqueConstraint("name"), sa.CheckConstraint("age > 0", name="old_enough"))
    op.rename_table("human", "person")
"""
SECOND = """
    op.create_table("letter", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id", name="its_person"), nullable=False))
"""


def told(drift: Drift) -> list[tuple[str, str, str]]:
    """What differs, with its verdict and what will do it."""
    return [(each.object, each.verdict, each.revision) for each in drift.differences]


def test_bookshop(sample: Path, database_url: str) -> None:
    """Straight after `upgrade head`: only what its models are meant to be ahead of."""
    with Workbench(sample, url=database_url) as workbench:
        assert workbench.upgrade().apply().ok
        drift = workbench.drift()

    assert [
        ("index book.ix_book_title", "no revision for it", ""),
        ("column customer.display_name", "no revision for it", ""),
        ("column customer.email", "no revision for it", ""),
        ("column customer.nickname", "no revision for it", ""),
        ("table legacy_export", "no revision for it", ""),
        ("table wishlist", "no revision for it", ""),
    ] == told(drift)


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Project:
    """Two revisions, and models that have a column more; names and spellings differ where they mean nothing."""
    found = project(tmp_path, database_url)
    left_out = "{'include_name': lambda name, kind, _: name != 'elsewhere'}"
    found.env(MODELS.replace("\n    ", "\n"), metadata="metadata")
    found.raw_env(found.env_py.read_text().replace("**{}", f"**{left_out}"))
    found.revision("r1", None, FIRST, 'op.drop_table("person")')
    found.revision("r2", "r1", SECOND, 'op.drop_table("letter")')
    return found


def test_verdicts(made: Project, tmp_path: Path) -> None:
    """By hand, pending, and no revision for it; accepted ones stay away until they change."""
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        before = workbench.drift()
        assert [
            ("column letter.text", "no revision for it", ""), ("table letter", "pending", "r2")
        ] == told(before)  # fmt: skip
        assert workbench.upgrade().apply().ok
        made.execute(
            "CREATE INDEX by_hand ON person (age)", "CREATE VIEW names AS SELECT name FROM person",
            "CREATE TABLE elsewhere (id INTEGER)",
        )  # fmt: skip
        drift = workbench.drift()
        assert [
            ("index person.by_hand", "changed by hand", ""), ("view names", "changed by hand", ""),
            ("column letter.text", "no revision for it", ""),
        ] == sorted(told(drift), key=lambda each: (each[1], each[0]))  # fmt: skip
        assert ("left out of the live database, as env.py has it: table elsewhere.",) == drift.notes

        by_hand = next(each for each in drift.differences if each.name == "by_hand")
        file = tmp_path / "workbench-accepted.toml"
        with pytest.raises(UnsupportedRequest, match="with a reason"):
            workbench.accept(by_hand, " ")
        acceptance = workbench.accept(by_hand, 'the "dashboard"\nneeds it')
        assert not file.exists()
        assert file == acceptance.write()
        assert acceptance.text == file.read_text()
        with pytest.raises(PlanOutdated):
            acceptance.write()
        again = workbench.drift()
        assert ['the "dashboard"\nneeds it'] == [each.reason for each in again.accepted]
        assert len(drift.differences) - 1 == len(again.differences)

        made.execute("DROP INDEX by_hand" + (" ON person" if "maria" in made.url or "mysql" in made.url else ""))
        gone = workbench.drift()
        assert not gone.accepted
        assert "index person.by_hand is accepted, and no longer there." in gone.notes
        made.execute("CREATE INDEX by_hand ON person (age, id)")
        changed = workbench.drift()
        assert "index person.by_hand has changed since it was accepted." in changed.notes
        assert len(drift.differences) == len(changed.differences)

        file.write_text("[[difference]]\nkind = 'index'\nverdict='pending'\nwhy = 'x'\n")
        with pytest.raises(EnvironmentInvalid, match="has a key that means nothing: why"):
            workbench.drift()
        file.unlink()
        made.execute("UPDATE alembic_version SET version_num = 'gone'")
        with pytest.raises(UnknownDatabaseRevision):
            workbench.drift()
    assert json.dumps(drift.to_dict())


HALF = """
    op.create_table("voucher", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("t1", sa.Column("voucher_id", sa.Integer))
    op.execute("INSERT INTO t1 (id, voucher_id) VALUES (1, 1)")
    op.add_column("t1", sa.Column("worth", sa.Integer))
"""


@pytest.mark.mariadb
def test_half_applied(tmp_path: Path, mariadb_url: str) -> None:
    """What a failed revision has done is not called changed by hand; what somebody else did still is."""
    made = project(tmp_path, mariadb_url).tables(1)
    made.revision("r2", "r1", HALF)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        made.execute("INSERT INTO t1 (id) VALUES (1)", "CREATE TABLE by_hand (id INTEGER)")
        assert not workbench.upgrade().apply().ok
        drift = workbench.drift()

    assert [
        ("table by_hand", "changed by hand", ""),
        ("column t1.voucher_id", "half applied", "r2"),
        ("table voucher", "half applied", "r2"),
        ("column t1.worth", "pending", "r2"),
    ] == told(drift)


@pytest.mark.postgresql
def test_no_right_to_make_the_models(tmp_path: Path, postgresql_url: str) -> None:
    """Also where the revisions are known already: it says what to do, and nothing is left."""
    url = make_url(postgresql_url)
    role = f"{url.database}_role"
    owner = Project(tmp_path, postgresql_url)
    owner.execute(
        f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'not-to-be-seen'", f"GRANT ALL ON SCHEMA public TO {role}"
    )
    try:
        theirs = url.set(username=role, password="not-to-be-seen").render_as_string(hide_password=False)
        made = project(tmp_path / "project", theirs).tables(1)
        made.env("import sqlalchemy as sa\nmetadata = sa.MetaData()", metadata="metadata")
        with made.workbench() as workbench:
            assert workbench.upgrade().apply().ok
            assert 1 == len(workbench.drift().differences)
            owner.execute(f"ALTER ROLE {role} NOCREATEDB")
            with pytest.raises(ScratchRefused) as refused:
                workbench.drift()
    finally:
        owner.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    assert refused.value.message == (
        "A scratch database cannot be made: the server refused it (permission denied to create database)."
    )


CANNOT = """
    import sqlalchemy as sa
    metadata = sa.MetaData()

    class Nonsense(sa.types.UserDefinedType):
        cache_ok = True

        def get_col_spec(self):
            return "INTEGER CHECK ("

    broken = sa.Table("a_broken", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("odd", Nonsense))
    sa.Table("b_child", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent", sa.ForeignKey("c_parent.id", name="up")))
    sa.Table("c_parent", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("favourite", sa.ForeignKey("b_child.id", name="down")), sa.Column("more", sa.Integer))
"""


def test_a_table_that_cannot_be_made(tmp_path: Path, database_url: str) -> None:
    """Of the models the rest is compared all the same, a circle of tables too; what is left out is named."""
    made = project(tmp_path, database_url)
    made.env(CANNOT.replace("\n    ", "\n"), metadata="metadata")
    made.revision("r1", None, """
        op.create_table("a_broken", sa.Column("id", sa.Integer, primary_key=True))
        op.create_table("c_parent", sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("favourite", sa.Integer))
        op.create_table("b_child", sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent", sa.Integer, sa.ForeignKey("c_parent.id", name="up")))
        with op.batch_alter_table("c_parent") as batch:
            batch.create_foreign_key("down", "b_child", ["favourite"], ["id"])
    """)  # fmt: skip
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        drift = workbench.drift()

    assert [("column c_parent.more", "no revision for it", "")] == told(drift)
    (note,) = drift.notes
    start = "Of the models these tables could not be made in an empty database, and are not compared: a_broken ("
    assert start in note
    assert note.endswith(").")
    assert "(1064," not in note


def test_several_databases(tmp_path: Path) -> None:
    """Each difference has the name of its database, and each is compared with its own schema only."""
    made = project(tmp_path / "project", "").raw_env(
        """
        import sqlalchemy as sa
        from alembic import context

        for name in ("north", "south"):
            metadata = sa.MetaData()
            sa.Table(f"only_{name}", metadata, sa.Column("id", sa.Integer), sa.Column("more", sa.Integer))
            with sa.create_engine(f"sqlite:///{name}.db", poolclass=sa.pool.NullPool).connect() as connection:
                context.configure(connection=connection, target_metadata=metadata)
                with context.begin_transaction():
                    context.run_migrations(engine_name=name)
        """
    )
    path = made.revision("r1", None, "op.create_table(f'only_{engine_name}', sa.Column('id', sa.Integer))")
    path.write_text(path.read_text().replace("grade():", "grade(engine_name=''):"))
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        files = {each.name: f"sqlite:///{made.folder / each.name}.db" for each in workbench.current().databases}
        Project(tmp_path, files["south"]).execute("CREATE TABLE by_hand (id INTEGER)")
        drift = workbench.drift()
        accepted = workbench.accept(drift.differences[-1], "two of them").text

    assert [
        ("north", "column only_north.more", "no revision for it"),
        ("south", "table by_hand", "changed by hand"),
        ("south", "column only_south.more", "no revision for it"),
    ] == [(each.database, each.object, each.verdict) for each in drift.differences]
    assert 'database = "south"' in accepted


def test_left_out_parts_and_other_schemas(tmp_path: Path, postgresql_url: str) -> None:
    """What `include_object` leaves out of a table, and schemas that env.py looks at, or does not."""
    made = project(tmp_path, postgresql_url)
    left = "lambda thing, name, kind, *_: (kind, name) not in hidden"
    made.revision("r1", None, """
        op.execute("CREATE SCHEMA other")
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
        op.create_table("u", sa.Column("id", sa.Integer, primary_key=True), schema="other")
    """)  # fmt: skip
    models = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="other")
"""
    hidden = 'hidden = {("index", "ix_theirs"), ("unique_constraint", "uq_theirs"), ("check_constraint", "ck_theirs")}'
    made.env(models + hidden, metadata="metadata")
    own = made.env_py.read_text()
    by_hand = (
        "ALTER TABLE t ADD CONSTRAINT ck_theirs CHECK (a > 0)",
        "CREATE INDEX ix_theirs ON t (a)", "ALTER TABLE t ADD CONSTRAINT uq_theirs UNIQUE (a)",
        "CREATE INDEX ix_ours ON other.u (id)", "CREATE SCHEMA third", "CREATE TABLE third.v (id integer)",
    )  # fmt: skip
    with made.workbench() as workbench:
        made.raw_env(own.replace("**{}", f"**{{'include_object': {left}}}"))
        assert workbench.upgrade().apply().ok
        assert () == workbench.drift().differences
        made.execute(*by_hand)
        narrow = workbench.drift()
        made.raw_env(own.replace("**{}", f"**{{'include_object': {left}, 'include_schemas': True}}"))
        wide = workbench.drift()

    assert [("index other.u.ix_ours", "changed by hand", "")] == told(narrow)
    assert [
        ("schema third", "changed by hand", ""), ("index other.u.ix_ours", "changed by hand", ""),
        ("table third.v", "changed by hand", ""),
    ] == sorted(told(wide), key=lambda each: each[0] != "schema third")  # fmt: skip
    for name in ("ck_theirs", "ix_theirs", "uq_theirs"):
        assert all(name in " ".join(each.notes) for each in (narrow, wide))


def test_what_comparators_do_not_see(tmp_path: Path, postgresql_url: str) -> None:
    """The order of an enum's values, a trigger, a function's body, each changed by hand and nothing else told."""
    made = project(tmp_path, postgresql_url)
    made.revision("r1", None, """
        op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        op.execute("CREATE TABLE t (id integer PRIMARY KEY, m mood)")
        op.execute("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        op.execute("CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()")
    """)  # fmt: skip
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        assert () == workbench.drift().differences
        made.execute("CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
                     "DROP TRIGGER touched ON t",
                     "CREATE TRIGGER touched AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()")  # fmt: skip
        made.execute("ALTER TYPE mood ADD VALUE 'glad' BEFORE 'sad'")
        drift = workbench.drift()

    things = ("enum mood", "function touch()", "trigger t.touched")
    assert [(each, "changed by hand", "") for each in things] == sorted(told(drift))


def test_baseline(tmp_path: Path, sqlite_url: str) -> None:
    """Where a history begins at tables that were there before it, drift begins there too."""
    made = project(tmp_path, sqlite_url)
    made.revision("r1", None, 'op.add_column("t", sa.Column("b", sa.Integer))')
    (tmp_path / "before.sql").write_text("CREATE TABLE t (id INTEGER PRIMARY KEY);\n")
    made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        assert () == workbench.drift(baseline=str(tmp_path / "before.sql")).differences
        made.execute("CREATE INDEX by_hand ON t (b)")
        drift = workbench.drift(baseline=str(tmp_path / "before.sql"))

    assert [("index t.by_hand", "changed by hand", "")] == told(drift)


def test_without_models_nobody_says_that_they_agree(tmp_path: Path, sqlite_url: str) -> None:
    """What could not be compared is not called the same, and the title is not green."""
    made = project(tmp_path, sqlite_url).tables(1).env(metadata="None")
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        drift = workbench.drift()
        place = drift.databases[0].place

    assert drift.is_empty
    words = "revisions and live agree in all that was compared; there were no models to compare them with."
    assert f"No drift on {place}: {words}" == str(drift).splitlines()[0]
    assert ("wbtest: env.py gives no target_metadata, so there are no models.",) == drift.notes
    assert (None, "good") == (drift_text.kind(drift), drift_text.kind(replace(drift, without_models=())))

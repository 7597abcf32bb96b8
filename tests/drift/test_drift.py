"""Drift on real databases: nothing is told that is not so, and everything that is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import EnvironmentInvalid, PlanOutdated, UnknownDatabaseRevision, UnsupportedRequest
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

"""A scratch database that is not copied, but made by the revisions themselves, or from a baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.test_there_and_back import live
from tests.safety.projects import Project, project
from workbench.errors import MigrationFailed, UnsupportedRequest

BASELINE = """
-- what create_all once made
CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(20) DEFAULT 'a;b');
INSERT INTO customer (id, name) VALUES (1, 'Ada; the first');
"""
MODULE = """
def fill(connection):
    connection.exec_driver_sql("CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.exec_driver_sql("ALTER TABLE customer ADD COLUMN age INTEGER")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('r1')")
"""


def grown(folder: Path, url: str) -> Project:
    """A history that begins at a table that was there before it."""
    made = project(folder, url)
    made.revision(
        "r1",
        None,
        "op.add_column('customer', sa.Column('age', sa.Integer))",
        "op.drop_column('customer', 'age')",
    )
    made.revision(
        "r2", "r1", "op.execute('UPDATE customer SET age = 7')", "op.execute('UPDATE customer SET age = NULL')"
    )
    made.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    return made


def test_replay(tmp_path: Path, mariadb_url: str) -> None:
    """From base to where the live database stands, which is no part of what is shown; then there and back."""
    made = project(tmp_path, mariadb_url).tables(3)
    with made.workbench() as workbench:
        assert workbench.upgrade("r2").apply().ok
        made.execute("INSERT INTO t1 (id) VALUES (7)")
        before = live(made)
        told = workbench.rehearse(workbench.upgrade(), filled="replay")

    assert (None, True, "replay") == (told.error, told.ok, told.filled)
    assert [{"r3"}] * 3 == [{each.revision for each in done.executed} for done in told.passes]
    assert ((), (), ["replay"]) == (told.lost, told.rows_changed, [each.way for each in told.scratch])
    assert before == live(made)
    assert f"✔ Rehearsed on a database made by the revisions of {told.databases[0].name}" in str(told)


def test_history_that_does_not_begin_at_an_empty_database(tmp_path: Path, sqlite_url: str) -> None:
    """It cannot be replayed, which is said with the ways out: a copy, or a baseline of any kind."""
    made = grown(tmp_path, sqlite_url)
    (tmp_path / "schema.sql").write_text(BASELINE)
    (tmp_path / "bad.sql").write_text("CREATE TABLE customer (id INTEGER); CREATE NONSENSE")
    (tmp_path / "baseline_module.py").write_text(MODULE)
    with made.workbench() as workbench:
        assert workbench.upgrade("r1").apply().ok
        before = live(made)
        plan = workbench.upgrade()
        refused = workbench.rehearse(plan, filled="replay")
        copied = workbench.rehearse(plan)
        from_file = workbench.rehearse(plan, filled="replay", baseline="schema.sql")
        called = workbench.rehearse(plan, filled="replay", baseline="baseline_module:fill")
        with pytest.raises(UnsupportedRequest, match="leads nowhere"):
            workbench.rehearse(plan, filled="replay", baseline="baseline_module:nothing")
        with pytest.raises(MigrationFailed, match=r"The baseline bad\.sql failed"):
            workbench.rehearse(plan, filled="replay", baseline=tmp_path / "bad.sql")

        assert before == live(made)

    assert (False, (), plan) == (refused.ok, refused.passes, refused.plan)
    assert refused.error is not None
    assert refused.error.message.startswith(
        "The history cannot be replayed from an empty database, so nothing was rehearsed. The upgrade of r1 failed"
    )
    assert 'filled="copy"' in refused.error.remedy
    assert "baseline=" in refused.error.remedy
    assert "did not come to the first step" in str(refused)
    for told, rows in ((copied, 0), (from_file, 1), (called, 0)):
        assert (None, True, 3) == (told.error, told.ok, len(told.passes))
        assert rows == next(each.rows for each in told.passes[0].executed if "customer" in each.sql)

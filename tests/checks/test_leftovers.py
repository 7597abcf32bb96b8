"""What a migration that died leaves behind, and version tables that say what cannot be."""

from __future__ import annotations

from pathlib import Path

from tests.checks.test_halves import alembic, only
from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project, project
from workbench import Workbench


@ON_SQLITE
def test_a_failed_batch(bare: Project, wb: Workbench) -> None:
    """SQLite: the copy of the table is left; the revision goes through when the cause and the copy are gone."""
    made = bare.tables(1)
    made.revision("r2", "r1", "op.add_column('t1', sa.Column('name', sa.String(20)))")
    made.revision(
        "r3", "r2", "with op.batch_alter_table('t1') as batch:\n    batch.alter_column('name', nullable=False)"
    )
    assert 0 == alembic(made, "upgrade", "r2")
    made.execute("INSERT INTO t1 (id) VALUES (1)")
    assert 0 != alembic(made, "upgrade", "head")
    finding = only(wb.current().findings)

    assert ("batch-leftover", "error", "fails", "_alembic_tmp_t1", "DROP TABLE _alembic_tmp_t1") == (
        finding.rule,
        finding.severity,
        finding.outcome,
        finding.object,
        finding.evidence.sql,
    )
    assert (
        "Table _alembic_tmp_t1 is left of a batch operation that did not come to its end. The next one on t1 "
        "fails, because that table is there already."
    ) == finding.message
    assert "See that t1 is whole, then: DROP TABLE _alembic_tmp_t1" == finding.remedy

    made.execute(finding.evidence.sql, "UPDATE t1 SET name = 'x'")
    assert () == wb.current().findings
    assert wb.upgrade().apply().ok

    made.execute("ALTER TABLE t1 RENAME TO _alembic_tmp_t1")
    assert "ALTER TABLE _alembic_tmp_t1 RENAME TO t1" in wb.current().findings[-1].remedy


@ON_POSTGRESQL
def test_a_failed_concurrent_index(bare: Project, wb: Workbench) -> None:
    """PostgreSQL: the INVALID index is told, and what came before the autocommit block, which stays, too."""
    made = bare.tables(1)
    made.revision(
        "r2",
        "r1",
        """
        op.add_column("t1", sa.Column("name", sa.String(20), server_default="x"))
        with op.get_context().autocommit_block():
            op.create_index("ux", "t1", ["name"], unique=True, postgresql_concurrently=True)
        """,
    )
    assert 0 == alembic(made, "upgrade", "r1")
    made.execute("INSERT INTO t1 VALUES (1), (2)")
    run = wb.upgrade().apply()
    half, index = wb.current().findings

    assert (half, index) == run.findings
    assert "r2 'Do r2.' is half applied: 1 of 2 statements took (ALTER TABLE t1 ADD COLUMN name" in run.standing
    assert ("half-applied", "invalid-index", "ux") == (half.rule, index.rule, index.object)
    assert half.message.endswith("Running it again fails at statement 1, because column t1.name is there already.")
    assert index.message.startswith("Index ux on t1 is INVALID: CREATE INDEX CONCURRENTLY, or REINDEX, did not come to")
    assert (
        "Drop it and run the revision again: DROP INDEX CONCURRENTLY ux. Or build it anew and stamp the revision: "
        "REINDEX INDEX CONCURRENTLY ux"
    ) == index.remedy


def test_rows_that_cannot_be(bare: Project, wb: Workbench) -> None:
    """A revision beside the one that it follows, an id that no file has, a row twice."""
    made = bare.tables(3)
    assert wb.upgrade("r2").apply().ok
    made.execute("INSERT INTO alembic_version VALUES ('r1')")
    both = only(wb.current().findings)
    made.execute("UPDATE alembic_version SET version_num = 'lost' WHERE version_num = 'r1'")
    lost = only(wb.current().findings)
    made.execute(
        "DROP TABLE alembic_version",
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('r2'), ('r2')",
    )
    twice = only(wb.current().findings)
    assert wb.stamp("r2", purge=True).apply().ok
    assert () == wb.current().findings

    remedy = 'Make sure which revisions are in, then write only these: wb.stamp("r2", purge=True).apply().'
    assert (
        (
            "The version table alembic_version has r1 beside r2, which follows it: two migrations at once, or rows "
            "written by hand."
        ),
        remedy,
    ) == (both.message, both.remedy)
    assert ("unknown-revision", "lost") == (lost.rule, lost.revision)
    assert "has 2 rows with r2:" in twice.message
    assert remedy == twice.remedy


def test_a_schema_that_no_revision_made(tmp_path: Path, database_url: str) -> None:
    """create_all() without a stamp: told as that, and never as revisions that are half applied."""
    made = project(tmp_path / "project", database_url).tables(3)
    (made.folder / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "for name in ('t1', 't2', 't3'):\n    sa.Table(name, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    made.env("from models import metadata", metadata="metadata")
    made.execute(*(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY)" for number in (1, 2, 3)))
    with made.workbench() as wb:
        finding = only(wb.current().findings)
        made.execute("DROP TABLE t2", "DROP TABLE t3")
        rest = wb.current().findings

    assert "unversioned" == finding.rule
    assert finding.message.startswith(
        "The database is at base, but 3 tables of the models are there already (t1, t2, t3)"
    )
    # One that the first revision makes may be its own, and the row in the version table lost.
    assert [("not-recorded", "r1")] == [(it.rule, it.revision) for it in rest]

"""The diff between any two of live, models and revisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench.errors import UnsupportedRequest

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
         sa.Column("b", sa.Integer, nullable=False, server_default="1"))
"""
UP = """
op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(5) DEFAULT 'x', b INTEGER)")
op.execute("CREATE TABLE other (id INTEGER PRIMARY KEY)")
op.execute("CREATE VIEW v AS SELECT id FROM t")
"""
CHANGE = """
op.execute("DROP VIEW v")
op.execute("CREATE VIEW w AS SELECT id FROM t")
op.execute("ALTER TABLE t DROP COLUMN a")
op.execute("ALTER TABLE t ALTER COLUMN b SET NOT NULL")
op.execute("ALTER TABLE t ALTER COLUMN b SET DEFAULT 1")
op.execute("ALTER TABLE t ADD COLUMN c INTEGER REFERENCES other (id)")
op.execute("ALTER TABLE t ADD CONSTRAINT positive CHECK (b > 0)")
op.execute("CREATE INDEX ix_b ON t (b)")
op.execute("COMMENT ON COLUMN t.b IS 'how many'")
op.execute("COMMENT ON TABLE t IS 'a table'")
op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
op.execute("DROP TABLE other CASCADE")
op.execute("ALTER TABLE t ADD CONSTRAINT fk_t FOREIGN KEY (c) REFERENCES t (id)")
"""
DIFFERENCES = [
    ("add_enum", "mood"), ("remove_table", "other"),
    ("remove_column", "a"), ("add_column", "c"), ("modify_nullable", "b"), ("modify_default", "b"),
    ("add_table_comment", "t"), ("modify_comment", "b"), ("add_fk", "fk_t"), ("add_constraint", "positive"),
    ("add_index", "ix_b"), ("remove_view", "v"), ("add_view", "w"),
]  # fmt: skip


def made_of(folder: Path, url: str) -> Project:
    """Two revisions on PostgreSQL, and models."""
    made = project(folder, url)
    (folder / "models.py").write_text(MODELS)
    made.env("from models import metadata", metadata="metadata")
    made.revision("r1", None, UP)
    made.revision("r2", "r1", CHANGE)
    return made


def test_between_revisions(tmp_path: Path, postgresql_url: str) -> None:
    """Alembic's kinds, and more; and the SQL, where there is one, makes of the one what the other is."""
    made = made_of(tmp_path, postgresql_url)
    with made.workbench() as workbench:
        found = workbench.diff("r1", "head")
        assert workbench.upgrade("r1").apply().ok
        for change in found.changes:
            if change.sql is not None:
                made.execute(*change.sql.split(";\n"))
        left = workbench.diff("live", "r2")
        to_models = workbench.diff("r2", "models")
        with pytest.raises(UnsupportedRequest, match="compares two schemas, and 'r1' is one"):
            workbench.diff("r1", "r1")

    assert ("r1", "r2") == (found.source, found.target)
    assert sorted(DIFFERENCES) == sorted((each.kind, each.name) for each in found.changes)
    assert ["add_enum", "add_table_comment", "modify_comment"] == sorted(each.kind for each in left.changes)
    assert all((each.sql is None) == (each.why_not is not None) for each in found.changes)
    assert "remove_column" in {each.kind for each in to_models.changes}
    assert {"b"} & {each.name for each in to_models.changes if each.kind == "modify_default"} == set()

"""One environment and one worker for all tests of a file, with a journal of each test's own."""

from pathlib import Path

import pytest

from tests.kept import bare, kept, wb
from tests.safety.projects import Project

__all__ = ["bare", "forked", "kept", "own_journal", "wb"]

MAKO = (
    '"""${message}\n\nRevision ID: ${up_revision}\nRevises: ${down_revision | comma,n}\n"""\n\n'
    "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"
    "branch_labels = ${repr(branch_labels)}\ndepends_on = ${repr(depends_on)}\n\n\n"
    'def upgrade():\n    ${upgrades if upgrades else "pass"}\n\n\n'
    'def downgrade():\n    ${downgrades if downgrades else "pass"}\n'
)


@pytest.fixture(autouse=True)
def own_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What other tests have applied to this very folder is nothing that this machine knows."""
    monkeypatch.setenv("WORKBENCH_JOURNAL", str(tmp_path / "journal.jsonl"))


@pytest.fixture
def forked(bare: Project) -> Project:
    """A table with two rows, from which two branches begin: `a1` adds a phone, `b1` an address and makes a table."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    bare.revision(
        "r1",
        None,
        """
        op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("name", sa.String(40)))
        op.execute("INSERT INTO customer (id, name) VALUES (1, 'Ann'), (2, 'Bob')")
        """,
        'op.drop_table("customer")',
    )
    bare.revision("a1", "r1", 'op.add_column("customer", sa.Column("phone", sa.String(20)))')
    bare.revision(
        "b1",
        "r1",
        """
        op.add_column("customer", sa.Column("address", sa.String(80)))
        op.create_table("parcel", sa.Column("id", sa.Integer, primary_key=True))
        """,
    )
    return bare

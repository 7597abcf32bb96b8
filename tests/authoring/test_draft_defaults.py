"""Server defaults in a Draft: one that comes, changes, goes, or is an expression; there and back, on each database."""

from __future__ import annotations

import pytest

from tests.authoring.test_draft import MAKO, applied, keys, rows
from tests.authoring.test_draft_checks import undone
from tests.safety.projects import Project
from workbench import Workbench

ORDERS = """
sa.Table("orders", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("note", sa.String(20){note}),
    sa.Column("pieces", sa.Integer{pieces}),
    sa.Column("at", sa.DateTime{at}),
)
"""
NONE = ORDERS.format(note="", pieces="", at="")


@pytest.fixture
def project(bare: Project) -> Project:
    """An environment without revisions, whose template writes code, and whose env.py compares server defaults."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    return bare


def models(project: Project, table: str) -> None:
    """Let env.py have this table for its models, and look at server defaults, which Alembic does not by itself."""
    text = "import sqlalchemy as sa\nmetadata = sa.MetaData()\n" + table
    project.env(text, metadata="metadata", options={"compare_server_default": True})


CHANGES = {
    "come": (NONE, ORDERS.format(note=', server_default="new"', pieces=', server_default="7"', at="")),
    "an expression": (
        NONE,
        ORDERS.format(
            note="", pieces=', server_default=sa.text("3")', at=", server_default=sa.text('CURRENT_TIMESTAMP')"
        ),
    ),
    "change": (
        ORDERS.format(note=', server_default="the old one"', pieces=', server_default="1"', at=""),
        ORDERS.format(note=', server_default="a:b"', pieces=', server_default="-2"', at=""),
    ),
    "go": (
        ORDERS.format(
            note=', server_default="new"',
            pieces=', server_default="7"',
            at=", server_default=sa.text('CURRENT_TIMESTAMP')",
        ),
        NONE,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_defaults(project: Project, wb: Workbench, what: str) -> None:
    """The rows that are there stay as they are; a new one gets what the models say, and the old default after it."""
    before, after = CHANGES[what]
    models(project, before)
    applied(wb, wb.revision("begin"))
    rows(project, "INSERT INTO orders (id, note, pieces) VALUES (1, 'mine', 5)")
    rows(project, "INSERT INTO orders (id) VALUES (2)")
    models(project, after)
    draft = wb.revision("other defaults")
    changed = [
        name
        for name in ("note", "pieces", "at")
        if (f'"{name}"' in after) and _column(before, name) != _column(after, name)
    ]

    assert sorted(keys(draft)) == sorted(f"alter_column orders.{name}" for name in changed)
    old = rows(project, "SELECT note, pieces FROM orders ORDER BY id")
    applied(wb, draft)
    assert wb.diff().is_empty
    assert rows(project, "SELECT note, pieces FROM orders ORDER BY id") == old
    rows(project, "INSERT INTO orders (id) VALUES (3)")
    undone(wb, draft)
    models(project, before)
    assert wb.diff().is_empty
    rows(project, "INSERT INTO orders (id) VALUES (4)")
    second, fourth = rows(project, "SELECT note, pieces, at IS NULL FROM orders WHERE id IN (2, 4) ORDER BY id")
    assert second == fourth
    new = rows(project, "SELECT note, pieces FROM orders WHERE id = 3")
    assert new == [tuple(_value(after, name) for name in ("note", "pieces"))]


def _column(table: str, name: str) -> str:
    return next(line for line in table.split("\n") if f'"{name}"' in line)


def _value(table: str, name: str) -> object:
    told = _column(table, name)
    if "server_default" not in told:
        return None
    text = told.split("server_default=")[1].split("),")[0].removeprefix("sa.text(").strip('"()')
    return int(text) if name == "pieces" else text

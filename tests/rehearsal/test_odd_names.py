"""Names with a percent sign in them, which drivers and SQLAlchemy double on their ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import project
from workbench.results import RowsChanged


@pytest.mark.parametrize(
    "server",
    [pytest.param("postgresql", marks=pytest.mark.postgresql), pytest.param("mariadb", marks=pytest.mark.mariadb)],
)
def test_rows_and_the_way_on(tmp_path: Path, request: pytest.FixtureRequest, server: str) -> None:
    """The rows of such a table are compared, and the statements that undo half of a revision can be executed."""
    made = project(tmp_path / "project", request.getfixturevalue(f"{server}_url"))
    made.env(options={"version_table": "ver%sion"})
    quote = '"' if server == "postgresql" else "`"
    made.revision(
        "r1",
        None,
        "op.create_table('or%der', sa.Column('i%d', sa.Integer, primary_key=True), sa.Column('x:y', sa.Integer))",
    )
    made.revision(
        "r2",
        "r1",
        "with op.get_context().autocommit_block():\n    op.add_column('or%der', sa.Column('new%s', sa.Integer))\n"
        "op.execute('INSERT INTO nowhere VALUES (1)')",
    )
    with made.workbench() as wb:
        assert wb.upgrade("r1").apply().ok
        table = f"{quote}or%der{quote}"
        made.execute(f"INSERT INTO {table} VALUES (1, 2), (2, NULL)".replace(":", "\\:"))
        away = f"DELETE FROM {table} WHERE {quote}i%d{quote} = 1".replace("%", "%%")
        made.revision("r3", "r1", f"op.get_bind().exec_driver_sql({away!r})")
        rehearsal = wb.rehearse(wb.upgrade("r3"))
        run = wb.upgrade("r2").apply()
        remedy = run.findings[0].remedy

    undo = f"ALTER TABLE {table} DROP COLUMN {quote}new%s{quote}"
    assert (True, (RowsChanged(rehearsal.databases[0].name, "or%der", 2, 1, 1, 0, 0),)) == (
        rehearsal.ok,
        rehearsal.rows_changed,
    ), (rehearsal.error, rehearsal.notes)
    assert f"Undo what was done ({undo}) and run the upgrade again" in remedy
    made.execute(undo)

"""Dates that Python does not have are saved as the database writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import project


@pytest.mark.postgresql
def test_infinity_and_before_christ(tmp_path: Path, postgresql_url: str) -> None:
    """A table, and a column by itself, with infinity and a date BC; columns without them are as ever."""
    made = project(tmp_path / "project", postgresql_url)
    made.execute(
        "CREATE TABLE gone (id INTEGER PRIMARY KEY, d DATE, at TIMESTAMP, plain DATE)",
        "INSERT INTO gone VALUES (1, 'infinity', '0044-03-15 12:00:00 BC', '2026-01-02')",
        "INSERT INTO gone VALUES (2, NULL, '99999-01-01', NULL)",
        "CREATE TABLE kept (id INTEGER PRIMARY KEY, until TIMESTAMPTZ)",
        "INSERT INTO kept VALUES (1, '-infinity'), (2, NULL)",
    )
    made.revision("r1", None, "op.drop_table('gone')\nop.drop_column('kept', 'until')")
    with made.workbench() as wb:
        run = wb.upgrade().apply(backup=str(tmp_path / "saved"))
    name = make_url(made.url).database

    assert run.ok, run
    assert {
        f"{name}.gone.csv": (
            "id,d,at,plain\n1,infinity,0044-03-15 12:00:00 BC,2026-01-02\n2,\\N,99999-01-01 00:00:00,\\N\n"
        ),
        f"{name}.kept.until.csv": "id,until\n1,-infinity\n2,\\N\n",
    } == {each.name: each.read_text() for each in Path(run.backup).iterdir()}

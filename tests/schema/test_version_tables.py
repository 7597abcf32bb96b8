"""Alembic's own tables are no part of a schema; a table that only has the name is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import project


@pytest.mark.parametrize("schema", [None, "public", "shop"])
def test_left_out(tmp_path: Path, postgresql_url: str, schema: str | None) -> None:
    """Wherever it is, a tenant's too; not where somebody else keeps something under that name."""
    made = project(tmp_path, postgresql_url).tables(1)
    made.execute(
        "CREATE SCHEMA shop",
        "CREATE SCHEMA tenant",
        "CREATE SCHEMA other",
        "CREATE TABLE tenant.alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
        "CREATE TABLE other.alembic_version (id INTEGER, told TEXT)",
    )
    if schema is not None:
        made.env(options={"version_table_schema": schema})
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        found = [each.qualified for each in workbench.schema().all_tables]

    assert ["t1", "other.alembic_version"] == found

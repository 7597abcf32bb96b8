"""Tenants, each in a schema of its own: env.py leads the same revisions there."""

from __future__ import annotations

import pytest

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project
from workbench import Workbench

MAP = "connection = connection.execution_options(schema_translate_map={None: 'tenant'})"
COOKBOOK = """
    connection.exec_driver_sql('SET search_path TO "tenant"')
    connection.commit()
    connection.dialect.default_schema_name = "tenant"
"""
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'tenant') ORDER BY 1, 2"


@ON_POSTGRESQL
@pytest.mark.parametrize("connected", [MAP, COOKBOOK], ids=["schema_translate_map", "the cookbook's search_path"])
def test_there_and_back_in_the_schema_of_a_tenant(bare: Project, wb: Workbench, connected: str) -> None:
    """Everything is read and written in the tenant's schema, and the database stands where its version table says.

    Plain Alembic makes its table there, too; with the map it does not find it again, and runs `r1` for a second time.
    """
    made = bare.env("", connected).tables(2)
    made.execute("CREATE SCHEMA tenant")
    where = "tenant." if connected is MAP else ""
    seen, sql = [], ""
    for propose, target in ((wb.upgrade, "r1"), (wb.upgrade, "r2"), (wb.downgrade, "r1")):
        plan = propose(target)
        run = plan.apply()
        told = wb.history().current, [each.version_table for each in wb.current().databases]
        sql = plan.sql
        seen.append((run.ok, [each.revision for each in run.steps], run.heads, *told))

    assert [
        (True, ["r1"], ("r1",), ("r1",), [f"{where}alembic_version"]),
        (True, ["r2"], ("r2",), ("r2",), [f"{where}alembic_version"]),
        (True, ["r2"], ("r1",), ("r1",), [f"{where}alembic_version"]),
    ] == seen
    assert f"DROP TABLE {where}t2;" in sql.splitlines()
    assert [("tenant", "alembic_version"), ("tenant", "t1")] == made.execute(TABLES)
    assert [("r1",)] == made.execute("SELECT version_num FROM tenant.alembic_version")

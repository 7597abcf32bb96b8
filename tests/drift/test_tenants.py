"""Drift of several tenants that share one database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import project

pytestmark = pytest.mark.postgresql

TENANTS = """
    from alembic import context
    from sqlalchemy import Column, Integer, MetaData, Table, create_engine, pool, text
    from sqlalchemy.types import UserDefinedType

    class Nowhere(UserDefinedType):
        cache_ok = True

        def get_col_spec(self):
            return "no_such_type"

    metadata = MetaData()
    Table("t1", metadata, Column("id", Integer, primary_key=True), Column("late", Integer))
    Table("t2", metadata, Column("id", Nowhere, primary_key=True))
    engine = create_engine({url!r}, poolclass=pool.NullPool)
    for tenant in ("ann", "bob"):
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {{tenant}}"))
            connection.execute(text(f"SET search_path TO {{tenant}}"))
            connection.commit()
            connection.dialect.default_schema_name = tenant
            context.configure(connection=connection, version_table_schema=tenant, target_metadata=metadata)
            with context.begin_transaction():
                context.run_migrations()
"""


def test_tenants(tmp_path: Path, postgresql_url: str) -> None:
    """Each has the models' tables in its own schema: one difference of all is told of each, one of one only of it."""
    made = project(tmp_path, postgresql_url)
    made.raw_env(TENANTS.format(url=made.url)).tables(2)
    with made.workbench() as workbench:
        assert workbench.upgrade().apply().ok
        made.execute("ALTER TABLE bob.t1 ADD extra INTEGER")
        drift = workbench.drift()

    assert [
        ("column bob.t1.extra", "changed by hand"),
        ("column t1.late", "no revision for it"),
        ("column bob.t1.late", "no revision for it"),
    ] == [(each.object, each.verdict) for each in drift.differences]
    assert [
        f"{drift.databases[number].name}: Of the models these tables could not be made in an empty database, and are "
        'not compared: t2 (type "no_such_type" does not exist).'
        for number in (0, 1)
    ] == list(drift.notes)

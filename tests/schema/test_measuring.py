"""How many rows a table has, on PostgreSQL; on SQLite and MariaDB see their own tests."""

from __future__ import annotations

import sqlalchemy as sa

from workbench.bridge.catalogue import measuring
from workbench.results.objects import Table


def test_on_postgresql(postgresql_url: str) -> None:
    """Exact where it is small; a table that is locked is estimated, and the transaction is as it was."""
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    table, lacking = Table("table", "a :b", "S x"), Table("table", "lacking")
    with engine.begin() as connection:
        connection.exec_driver_sql('CREATE SCHEMA "S x"')
        connection.exec_driver_sql('CREATE TABLE "S x"."a :b" AS SELECT generate_series(1, 7) AS i')
    with engine.connect() as connection, engine.connect() as other:
        told = measuring.measure(connection, table)

        assert (7, False, True) == (told.rows, told.rows_estimated, (told.size or 0) > 0)

        told = measuring.measure(connection, lacking)

        assert (None, False, None) == (told.rows, told.rows_estimated, told.size)

        connection.rollback()
        other.exec_driver_sql('ANALYZE "S x"."a :b"')
        other.commit()
        other.exec_driver_sql('LOCK TABLE "S x"."a :b" IN ACCESS EXCLUSIVE MODE')
        told = measuring.measure(connection, table)

        assert (7, True, None) == (told.rows, told.rows_estimated, told.size)
        assert "0" == connection.exec_driver_sql("SELECT current_setting('lock_timeout')").scalar()

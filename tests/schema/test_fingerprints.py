"""The fingerprint of a catalogue differs as soon as the schema does, and not before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from workbench.bridge.catalogue.fingerprints import fingerprint
from workbench.bridge.sql_tokens import statements

POSTGRESQL = """
CREATE TABLE t (a int NOT NULL, c int);
CREATE VIEW v AS SELECT 1 AS a;
CREATE TYPE m AS ENUM ('a');
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE TABLE parts (d int) PARTITION BY RANGE (d);
CREATE TABLE part (d int);
"""
POSTGRESQL_CHANGES = [
    "CREATE SCHEMA x", "ALTER TABLE t ADD b int", "ALTER TABLE t ALTER a SET DEFAULT 1", "COMMENT ON TABLE t IS 'x'",
    "ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ADD CHECK (a > 0)", "CREATE INDEX ON t (a)",
    "CREATE OR REPLACE VIEW v AS SELECT 2 AS a", "ALTER TYPE m ADD VALUE 'b'", "ALTER SEQUENCE s INCREMENT 2",
    "ALTER SEQUENCE s OWNED BY t.a", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON t", "CREATE STATISTICS st ON a, c FROM t",
    "CREATE EXTENSION pgcrypto", "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING", "DROP TABLE t",
    "CREATE DOMAIN d AS int", "CREATE TRIGGER tr BEFORE TRUNCATE ON t EXECUTE FUNCTION nothing()",
    "CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION e()", "COMMENT ON FUNCTION f() IS 'one'",
    "ALTER TABLE parts ATTACH PARTITION part DEFAULT", "SET search_path TO pg_catalog",
]  # fmt: skip
MARIADB = """
CREATE TABLE t (a INT PRIMARY KEY, c INT, KEY k (c));
CREATE TABLE child (id INT PRIMARY KEY, a INT);
CREATE VIEW v AS SELECT 1 AS a;
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS INT RETURN 1;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.c = 1;
"""
MARIADB_CHANGES = [
    "ALTER TABLE t ADD b INT", "ALTER TABLE t ALTER c SET DEFAULT 1", "ALTER TABLE t COMMENT 'x'",
    "ALTER TABLE t MODIFY c INT COMMENT 'x'", "ALTER TABLE t ADD CHECK (a > 0)", "CREATE INDEX i ON t (c)",
    "CREATE OR REPLACE VIEW v AS SELECT 2 AS a", "ALTER SEQUENCE s INCREMENT BY 2", "DROP FUNCTION f",
    "CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN 2", "CREATE PROCEDURE p(x INT) SELECT 1",
    "CREATE OR REPLACE PROCEDURE p(x BIGINT) SELECT 1", "DROP TRIGGER tr",
    "ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES t (a)", "ALTER TABLE t DROP KEY k, ADD KEY k (c DESC)",
    "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO SELECT 1", "ALTER EVENT ev DISABLE", "RENAME TABLE t TO u",
    "DROP TABLE child", "ALTER TABLE u PARTITION BY HASH (a) PARTITIONS 2",
    "ALTER TABLE u PARTITION BY HASH (a + 1) PARTITIONS 2",
]  # fmt: skip
SQLITE = "CREATE TABLE t (a INT); CREATE VIEW v AS SELECT 1 AS a; ATTACH ':memory:' AS \"the other\""
SQLITE_CHANGES = [
    "ALTER TABLE t ADD b INT", "CREATE INDEX i ON t (a)", "ALTER TABLE t RENAME TO u", "DROP VIEW v",
    'CREATE TABLE "the other".t (a INT)', 'DROP TABLE "the other".t', 'DETACH "the other"',
]  # fmt: skip


@pytest.mark.postgresql
def test_postgresql(postgresql_url: str) -> None:
    """Each change tells, also before it is committed; rows, and where a sequence stands, do not."""
    with prepared(postgresql_url, POSTGRESQL) as connection:
        before = fingerprint(connection)
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 2)")
        connection.exec_driver_sql("SELECT nextval('s')")
        connection.exec_driver_sql("ANALYZE t")

        assert before is not None
        assert before == fingerprint(connection)
        for change in POSTGRESQL_CHANGES:
            with connection.begin_nested() as savepoint:
                connection.exec_driver_sql(change)
                after = fingerprint(connection)
                savepoint.rollback()

            assert (change, True) == (change, before != after)
            assert before == fingerprint(connection)


@pytest.mark.mariadb
def test_mariadb(mariadb_url: str) -> None:
    """Each change tells, one after the other, in the same second too; rows, and where a sequence stands, do not."""
    with prepared(mariadb_url, MARIADB) as connection:
        before = fingerprint(connection)
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 2)")
        connection.exec_driver_sql("SELECT nextval(s)")
        connection.exec_driver_sql("ANALYZE TABLE t")

        assert before is not None
        assert before == fingerprint(connection)
        for change in MARIADB_CHANGES:
            connection.exec_driver_sql(change)
            after = fingerprint(connection)

            assert (change, True) == (change, before != after)
            before = after


def test_sqlite(tmp_path: Path) -> None:
    """Each change tells, in an attached database too; rows do not."""
    with prepared(f"sqlite:///{tmp_path}/one.db", SQLITE) as connection:
        before = fingerprint(connection)
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

        assert before is not None
        assert before == fingerprint(connection)
        connection.commit()
        for change in SQLITE_CHANGES:
            connection.exec_driver_sql(change)
            after = fingerprint(connection)
            connection.commit()

            assert (change, True) == (change, before != after)
            before = after


def test_what_has_none() -> None:
    """Of another database nothing is trusted."""

    class Dialect:
        name = "oracle"

    class Connection:
        dialect = Dialect()

    assert fingerprint(Connection()) is None


@contextlib.contextmanager
def prepared(url: str, script: str) -> Iterator[sa.Connection]:
    """A connection to a database that a script was run on."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements(script):
            connection.exec_driver_sql(statement)
        connection.commit()
        yield connection

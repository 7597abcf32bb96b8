"""Raw SQL is read as operations; what is not understood is never nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.hazards.reading import read
from workbench.results.operations import ColumnSpec, Operation

_TOLD = (
    "kind", "schema", "table", "name", "new_name", "on", "expression", "referred_table", "on_delete", "not_valid",
    "concurrently", "cascade", "conditional", "unique", "sets", "labels", "constraint_type", "where", "options",
)  # fmt: skip


def told(text: str, dialect: str) -> list[dict[str, Any]]:
    """Of each operation the fields that say something."""
    found = read(Operation("sql", sql=(text,), line=7), dialect)
    return [{name: value for name in _TOLD if (value := getattr(each, name))} for each in found]


@pytest.mark.parametrize(
    "dialect, text, expected",
    [
        (
            "postgresql",
            'ALTER TABLE s.T ADD COLUMN a INTEGER NOT NULL, DROP COLUMN "B" CASCADE, ALTER c SET NOT NULL',
            [
                {"kind": "add_column", "schema": "s", "table": "t", "name": "a"},
                {"kind": "drop_column", "schema": "s", "table": "t", "name": "B", "cascade": True},
                {"kind": "alter_column", "schema": "s", "table": "t", "name": "c", "sets": ("nullable",)},
            ],
        ),
        (
            "postgresql",
            "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET NULL NOT VALID",
            [
                {"kind": "create_foreign_key", "table": "t", "name": "fk", "on": ("a",), "referred_table": "p",
                 "on_delete": "SET NULL", "not_valid": True},
            ],
        ),
        (
            "postgresql",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
            [
                {"kind": "create_check_constraint", "table": "t", "name": "c", "expression": "a > 1",
                 "not_valid": True},
                {"kind": "validate_constraint", "table": "t", "name": "c"},
            ],
        ),
        ("postgresql", "ALTER TABLE t ADD CHECK (a > 1)",
         [{"kind": "create_check_constraint", "table": "t", "expression": "a > 1"}]),
        ("postgresql", "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX ix",
         [{"kind": "create_unique_constraint", "table": "t", "name": "u", "unique": True,
           "options": (("using_index", "ix"),)}]),
        ("postgresql", "CREATE UNIQUE INDEX ix ON ONLY s.t (a) NULLS NOT DISTINCT WHERE b <> 'ON ONLY'",
         [{"kind": "create_index", "schema": "s", "table": "t", "name": "ix", "on": ("a",), "unique": True,
           "where": "b <> 'ON ONLY'",
           "options": (("postgresql_nulls_not_distinct", "True"), ("postgresql_only", "True"))}]),
        ("postgresql", "COMMENT ON COLUMN s.T.a IS 'x'",
         [{"kind": "comment", "schema": "s", "table": "t", "name": "a"}]),
        ("postgresql", "COMMENT ON COLUMN t.a IS 'x'", [{"kind": "comment", "table": "t", "name": "a"}]),
        ("postgresql", "COMMENT ON TABLE s.t IS 'x'", [{"kind": "comment", "schema": "s", "table": "t"}]),
        ("mariadb", "SET @@global.sql_mode = 'A', @@session.sql_mode = 'B', sql_mode = 'C'",
         [{"kind": "set", "name": "sql_mode", "expression": "A", "where": "GLOBAL"},
          {"kind": "set", "name": "sql_mode", "expression": "B", "where": "SESSION"},
          {"kind": "set", "name": "sql_mode", "expression": "C"}]),
        ("postgresql", "ALTER TABLE t RENAME COLUMN a TO b",
         [{"kind": "alter_column", "table": "t", "name": "a", "new_name": "b", "sets": ("name",)}]),
        ("postgresql", "ALTER TABLE t RENAME TO u", [{"kind": "rename_table", "table": "t", "new_name": "u"}]),
        (
            "postgresql",
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON s.t (a, lower(b)) WHERE a > 1",
            [
                {"kind": "create_index", "schema": "s", "table": "t", "name": "ix", "on": ("a", "LOWER(b)"),
                 "concurrently": True, "conditional": True, "unique": True, "where": "a > 1"},
            ],
        ),
        ("postgresql", "DROP INDEX CONCURRENTLY IF EXISTS s.ix",
         [{"kind": "drop_index", "schema": "s", "name": "ix", "concurrently": True, "conditional": True}]),
        ("postgresql", "DROP TABLE IF EXISTS a, b CASCADE",
         [{"kind": "drop_table", "table": name, "cascade": True, "conditional": True} for name in "ab"]),
        ("postgresql", "TRUNCATE t, u CASCADE",
         [{"kind": "truncate", "table": name, "cascade": True} for name in "tu"]),
        ("postgresql", "UPDATE t SET a = 1 WHERE b IS NULL",
         [{"kind": "update", "table": "t", "on": ("a",), "expression": "b IS NULL"}]),
        ("postgresql", "UPDATE t SET a = 1 WHERE true", [{"kind": "update", "table": "t", "on": ("a",)}]),
        ("postgresql", "DELETE FROM t WHERE 1 = 1", [{"kind": "delete", "table": "t"}]),
        ("postgresql", "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", [{"kind": "delete", "table": "t"}]),
        ("postgresql", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' AFTER 'b'",
         [{"kind": "add_enum_value", "name": "mood", "labels": ("c",), "conditional": True}]),
        ("postgresql", "ALTER TYPE mood RENAME VALUE 'a' TO 'z'",
         [{"kind": "rename_enum_value", "name": "mood", "labels": ("a",), "new_name": "z"}]),
        ("postgresql", "SET LOCAL lock_timeout = '2s'",
         [{"kind": "set", "name": "lock_timeout", "expression": "2s", "where": "LOCAL"}]),
        ("postgresql", "LOCK TABLE t", [{"kind": "lock_table", "table": "t"}]),
        ("postgresql", "VACUUM FULL t", [{"kind": "vacuum", "table": "t", "expression": "FULL"}]),
        ("postgresql", "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
         [{"kind": "refresh_view", "name": "v", "concurrently": True}]),
        ("postgresql", "CREATE TABLE y PARTITION OF t FOR VALUES IN (1)",
         [{"kind": "create_partition", "table": "t", "name": "y", "new_name": "y"}]),
        ("postgresql", "ALTER TABLE t DETACH PARTITION y CONCURRENTLY",
         [{"kind": "detach_partition", "table": "t", "name": "y", "concurrently": True}]),
        ("postgresql", "DO $$ BEGIN DROP TABLE t; END $$", [{"kind": "sql"}]),
        ("postgresql", "CREATE FUNCTION f() RETURNS int AS $$ DELETE FROM t; SELECT 1 $$ LANGUAGE sql",
         [{"kind": "create_function", "name": "f"}]),
        ("postgresql", "-- DROP TABLE t\nSELECT 'DELETE FROM t; DROP TABLE t'",
         [{"kind": "select", "expression": "/* DROP TABLE t */ SELECT 'DELETE FROM t; DROP TABLE t'"}]),
        ("mariadb", "ALTER TABLE t CHANGE COLUMN a b INT NULL",
         [{"kind": "alter_column", "table": "t", "name": "a", "new_name": "b",
           "sets": ("type", "nullable", "server_default", "comment", "name")}]),
        ("mariadb", "ALTER TABLE t ADD INDEX ix (a), DROP FOREIGN KEY fk",
         [{"kind": "create_index", "table": "t", "name": "ix", "on": ("a",)},
          {"kind": "drop_constraint", "table": "t", "name": "fk", "constraint_type": "foreignkey"}]),
        ("mariadb", "RENAME TABLE a TO B", [{"kind": "rename_table", "table": "a", "new_name": "B"}]),
        ("mariadb", "SET SESSION sql_mode = ''", [{"kind": "set", "name": "sql_mode", "where": "SESSION"}]),
        ("mariadb", "DELETE t FROM t JOIN u ON t.a = u.a", [{"kind": "delete", "table": "t", "expression": "joined"}]),
        ("mariadb", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4",
         [{"kind": "alter_table", "table": "t", "expression": "CONVERT TO CHARACTER SET utf8mb4"}]),
        ("sqlite", "PRAGMA foreign_keys=OFF", [{"kind": "pragma", "name": "foreign_keys", "expression": "OFF"}]),
        ("sqlite", "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = 1; DELETE FROM u; END",
         [{"kind": "create_trigger", "table": "t", "name": "x"}]),
        ("sqlite", "INSERT OR REPLACE INTO t VALUES (1)", [{"kind": "insert", "table": "t"}]),
        ("sqlite", "this is no SQL", [{"kind": "sql"}]),
    ],
)  # fmt: skip
def test_read(dialect: str, text: str, expected: list[dict[str, Any]]) -> None:
    """Each statement is the operation that it does."""
    assert told(text, dialect) == expected


def test_a_column_of_raw_sql() -> None:
    """All that its definition says."""
    text = (
        "ALTER TABLE t ADD COLUMN a varchar(3) NOT NULL DEFAULT 'x' UNIQUE REFERENCES s.p (id) ON DELETE CASCADE "
        "CHECK (a <> '')"
    )
    (op,) = read(Operation("sql", sql=(text,), line=7, first=2, autocommit=True), "postgresql")
    assert (op.source, op.line, op.first, op.autocommit, op.sql) == ("sql", 7, 2, True, (text,))
    assert op.column is not None
    (reference,) = op.column.references
    assert (reference.schema, reference.table, reference.columns, reference.on_delete) == ("s", "p", ("id",), "CASCADE")
    assert op.column == ColumnSpec(
        "a", "VARCHAR(3)", False, "'x'", unique=True, checks=("a <> ''",), references=(reference,)
    )


_WORDS = """
    ALTER TABLE t ADD COLUMN DROP a INTEGER ( ) , ; ' \" ` $$ CREATE INDEX ON UPDATE SET = 1 WHERE DELETE FROM
    CHECK CONSTRAINT TYPE 'x' NOT NULL INSERT INTO VALUES PRAGMA DO BEGIN END TRIGGER -- /* */ é 😀 SELECT
"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n"])


@given(st.lists(_PIECES, max_size=15), st.sampled_from(["postgresql", "mariadb", "sqlite"]))
def test_anything_is_read(pieces: list[str], dialect: str) -> None:
    """Whatever the text, it raises nothing; and it says something unless there is nothing in it."""
    text = " ".join(pieces)
    found = list(read(Operation("sql", sql=(text,)), dialect))
    if any(each.isalpha() for each in pieces) and not set("-/'\"`;$\n") & set(text):
        assert found
    assert all(each.kind for each in found)

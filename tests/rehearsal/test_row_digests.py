"""Rows that vanish, change or appear are told, table by table."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from workbench.bridge import contents, row_digests
from workbench.bridge.row_digests import Digests
from workbench.bridge.sql_tokens import statements
from workbench.results import RowsChanged

MADE = """
CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER, "a:b" VARCHAR(5));
INSERT INTO person VALUES (1, 'Ada', 36, 'x'), (2, 'Bob', 20, NULL), (3, 'Cy', NULL, 'y'), (4, 'Di', 1, '');
CREATE TABLE log (line VARCHAR(20), number INTEGER);
INSERT INTO log VALUES ('a', 1), ('a', 1), ('b', 2), ('c', 3);
CREATE TABLE pair (a INTEGER, b INTEGER, told VARCHAR(9), PRIMARY KEY (a, b));
INSERT INTO pair VALUES (1, 2, 'x'), (2, 1, 'y');
CREATE TABLE gone (id INTEGER PRIMARY KEY);
INSERT INTO gone VALUES (1), (2);
CREATE TABLE same (id INTEGER PRIMARY KEY, name VARCHAR(20));
INSERT INTO same VALUES (1, 'x');
"""
CHANGED = """
DELETE FROM person WHERE id = 2;
UPDATE person SET name = 'ADA', age = 37 WHERE id = 1;
UPDATE person SET age = 0 WHERE id = 3;
INSERT INTO person VALUES (5, 'Ed', 1, 'z'), (6, 'Flo', 1, 'z');
UPDATE person SET "a:b" = NULL WHERE id = 4;
DELETE FROM log WHERE line = 'b';
INSERT INTO log VALUES ('a', 1);
UPDATE pair SET told = 'z' WHERE a = 2;
DROP TABLE gone;
CREATE TABLE fresh (id INTEGER PRIMARY KEY);
INSERT INTO fresh VALUES (1);
"""
EXPECTED = (
    RowsChanged("shop", "gone", 2, 0, 2, 0, 0),
    RowsChanged("shop", "log", 4, 4, 1, 0, 1),
    RowsChanged("shop", "pair", 2, 2, 0, 1, 0, ("told",)),
    RowsChanged("shop", "person", 4, 5, 1, 3, 2, ("name", "age", "a:b")),
)


def read(url: str, script: str) -> tuple[dict[str, Digests], tuple[str, ...]]:
    """The digests after a script."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name in {"mysql", "mariadb"}:
            connection.exec_driver_sql("SET SESSION sql_mode = 'ANSI_QUOTES'")
        for statement in statements(script):
            connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        return row_digests.read(connection, contents.read(connection).tables, lambda: None)


def test_what_became_of_rows(database_url: str) -> None:
    """With a primary key, of two columns, too, without one, of a table that is gone; one that is new is no matter."""
    before, notes = read(database_url, MADE)
    after, _ = read(database_url, CHANGED)

    assert EXPECTED == row_digests.compare(before, after, "shop")
    assert () == notes


def test_columns_that_came_or_went(sqlite_url: str) -> None:
    """Only what is on both sides can be compared; where they stand does not matter."""
    before, _ = read(sqlite_url, MADE)
    after, _ = read(sqlite_url, "ALTER TABLE person DROP COLUMN name; ALTER TABLE person ADD COLUMN name TEXT;"
                    "ALTER TABLE person DROP COLUMN age; ALTER TABLE log ADD COLUMN more INTEGER")  # fmt: skip

    assert (RowsChanged("shop", "person", 4, 4, 0, 4, 0, ("name",)),) == row_digests.compare(before, after, "shop")


def test_values_that_drivers_refuse(postgresql_url: str) -> None:
    """A date of infinity, which psycopg cannot make a date of, is compared all the same."""
    before, _ = read(
        postgresql_url, "CREATE TABLE t (id int PRIMARY KEY, d date); INSERT INTO t VALUES (1, 'infinity')"
    )
    after, _ = read(postgresql_url, "UPDATE t SET d = '-infinity'")

    assert (RowsChanged("shop", "t", 1, 1, 0, 1, 0, ("d",)),) == row_digests.compare(before, after, "shop")


def test_tables_beyond_the_limit_are_only_counted(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smaller tables are compared, the larger ones counted, and it is said of which."""
    monkeypatch.setattr(row_digests, "LIMIT", 9)
    before, notes = read(sqlite_url, MADE)
    after, _ = read(sqlite_url, CHANGED)
    told = {each.table: each for each in row_digests.compare(before, after, "shop")}

    assert ("Too large to compare row by row, and only counted: person (4 rows).",) == notes
    assert RowsChanged("shop", "person", 4, 5, 0, 0, 1) == told["person"]
    assert EXPECTED[1] == told["log"]


def test_rows_that_cannot_be_read(sqlite_url: str) -> None:
    """Text that is no UTF-8 ends nothing: that table is counted, and the others are compared."""
    _, notes = read(sqlite_url, MADE + "INSERT INTO log VALUES (CAST(x'ff' AS TEXT), 1)")

    assert ("Rows that the driver cannot read, and only counted: log (OperationalError).",) == notes

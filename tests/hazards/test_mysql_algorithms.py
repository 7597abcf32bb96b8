"""What is said of an ALTER TABLE is what the real MariaDB accepts; of MySQL what its manual says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from workbench.bridge.catalogue import mysql as catalogue
from workbench.hazards.mysql_algorithm import INSTANT
from workbench.hazards.mysql_algorithms import algorithm
from workbench.hazards.reading import read
from workbench.hazards.situation import Situation
from workbench.results import Schema, Table
from workbench.results.facts import Facts
from workbench.results.objects import Column, Constraint, Index
from workbench.results.operations import ColumnSpec, Operation

_TABLES = {
    "p": "CREATE TABLE p (id INT PRIMARY KEY)",
    "t": "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10), c VARCHAR(10) NOT NULL DEFAULT 'q' COMMENT 'keep',"
    " i INT, u INT UNIQUE, x TEXT, d DECIMAL(8,2), s VARCHAR(100), dt DATETIME, ts TIMESTAMP NULL, f FLOAT,"
    " l VARCHAR(200), l31 VARCHAR(31), l32 VARCHAR(32), vl VARBINARY(200),"
    " e ENUM('a','b'), m SET('a','b'), j JSON, vb VARBINARY(10), ch CHAR(10), bo BOOL, au INT,"
    " pid INT, ux INT, uy INT, UNIQUE KEY uxy (ux, uy), KEY ix_i (i), KEY ix_l (l), KEY ix_au (au), KEY ix_pid (pid),"
    " CONSTRAINT ck CHECK (a > -5), CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id)) DEFAULT CHARSET utf8mb4",
    "nopk": "CREATE TABLE nopk (a INT NOT NULL, b INT)",
    "virt": "CREATE TABLE virt (id INT PRIMARY KEY, a INT, u INT UNIQUE, v INT AS (id+1) VIRTUAL)",
    "virti": "CREATE TABLE virti (id INT PRIMARY KEY, a INT, v INT AS (id+1) VIRTUAL, KEY ix_v (v))",
    "stor": "CREATE TABLE stor (id INT PRIMARY KEY, a INT, v INT AS (id+1) STORED)",
    "txt": "CREATE TABLE txt (id INT PRIMARY KEY, a INT, u INT UNIQUE, x TEXT, FULLTEXT KEY ft (x))",
}
_TRIES = (
    ("INSTANT", False, "ALGORITHM=INSTANT"),
    ("NOCOPY", False, "ALGORITHM=NOCOPY, LOCK=NONE"),
    ("INPLACE", False, "ALGORITHM=INPLACE, LOCK=NONE"),
    ("INPLACE", True, "ALGORITHM=INPLACE"),
    ("COPY", True, "ALGORITHM=COPY"),
)
_ACTIONS = (
    "t ADD COLUMN z INT", "t ADD COLUMN z INT NOT NULL", "t ADD COLUMN z INT NOT NULL DEFAULT 3",
    "t ADD COLUMN z DATETIME DEFAULT now()", "t ADD COLUMN z VARCHAR(36) DEFAULT (uuid())",
    "t ADD COLUMN z INT UNIQUE", "t ADD COLUMN z INT REFERENCES p (id)", "t ADD COLUMN z INT CHECK (z > 0)",
    "t ADD COLUMN z INT AS (a + 1) VIRTUAL", "t ADD COLUMN z INT AS (a + 1) STORED",
    "nopk ADD COLUMN z INT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    "t DROP COLUMN b", "t DROP COLUMN i", "t DROP COLUMN u", "t DROP COLUMN id",
    "t CHANGE b bb VARCHAR(10) NULL", "t RENAME COLUMN b TO bb", "t RENAME TO t2",
    "t ALTER COLUMN b SET DEFAULT 'z'", "t ALTER COLUMN c DROP DEFAULT",
    "t MODIFY b VARCHAR(20) NULL", "t MODIFY b VARCHAR(100) NULL", "t MODIFY s VARCHAR(50) NULL",
    "t MODIFY l31 VARCHAR(100) NULL", "t MODIFY l32 VARCHAR(63) NULL", "t MODIFY l32 VARCHAR(64) NULL",
    "t MODIFY vl VARBINARY(300) NULL",
    "t MODIFY b TEXT NULL", "t MODIFY x MEDIUMTEXT NULL", "t MODIFY b CHAR(10) NULL", "t MODIFY ch CHAR(20) NULL",
    "t MODIFY vb VARBINARY(20) NULL", "t MODIFY a BIGINT NULL", "t MODIFY a SMALLINT NULL",
    "t MODIFY a INT UNSIGNED NULL", "t MODIFY bo TINYINT NULL", "t MODIFY a INT(5) NULL",
    "t MODIFY a INT NOT NULL", "t MODIFY a INT NULL DEFAULT 4", "t MODIFY a INT NULL COMMENT 'x'",
    "t MODIFY c VARCHAR(10) NULL", "t MODIFY c VARCHAR(10) NOT NULL", "t MODIFY b VARCHAR(20) NOT NULL",
    "t MODIFY d DECIMAL(10,2) NULL", "t MODIFY d DECIMAL(8,2) NULL", "t MODIFY f DOUBLE NULL",
    "t MODIFY e ENUM('a','b','c') NULL", "t MODIFY e ENUM('a','c','b') NULL", "t MODIFY e ENUM('a') NULL",
    "t MODIFY m SET('a','b','c') NULL", "t MODIFY m SET('a','b','c','d','e','f','g','h','i') NULL",
    "t MODIFY e VARCHAR(5) NULL", "t MODIFY dt DATE NULL", "t MODIFY dt DATETIME(3) NULL",
    "t MODIFY dt TIMESTAMP NULL", "t MODIFY j LONGTEXT NULL", "t MODIFY j JSON NULL",
    "t MODIFY b VARCHAR(10) COLLATE utf8mb4_bin NULL", "t MODIFY l VARCHAR(200) COLLATE utf8mb4_bin NULL",
    "t MODIFY b VARCHAR(10) COLLATE latin1_bin NULL", "t MODIFY au INT NOT NULL AUTO_INCREMENT",
    "t MODIFY au BIGINT NULL", "t MODIFY pid INT NOT NULL",
    "t ADD INDEX ix (a)", "t ADD UNIQUE uq (a)", "t ADD UNIQUE uq (x)", "t ADD FULLTEXT KEY ft (x)",
    "t DROP INDEX ix_i", "t DROP INDEX uxy", "t RENAME INDEX ix_i TO ixx",
    "t ADD CONSTRAINT fk2 FOREIGN KEY (a) REFERENCES p (id)", "t ADD CONSTRAINT ck2 CHECK (a > -100)",
    "t DROP FOREIGN KEY fk", "t DROP CONSTRAINT fk", "t DROP CONSTRAINT ck", "t DROP CONSTRAINT uxy",
    "t DROP PRIMARY KEY", "nopk ADD PRIMARY KEY (a)",
    "t COMMENT 'x'", "t CONVERT TO CHARACTER SET latin1", "t ROW_FORMAT=COMPRESSED", "t ENGINE=InnoDB", "t FORCE",
    "virt ADD COLUMN z INT", "virt DROP COLUMN u", "virt MODIFY a INT NOT NULL",
    "virti ADD COLUMN z INT", "virti MODIFY a INT NOT NULL", "virti MODIFY a BIGINT NULL",
    "stor ADD COLUMN z INT", "stor MODIFY a INT NOT NULL",
    "txt ADD COLUMN z INT", "txt DROP COLUMN u", "txt MODIFY a INT NOT NULL", "txt ADD INDEX ix (a)",
)  # fmt: skip


@pytest.fixture(scope="module")
def mariadb(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """One connection to a database of its own."""
    from tests import servers  # noqa: PLC0415 - beside its one use
    from tests.conftest import missing  # noqa: PLC0415 - as above

    server = request.getfixturevalue("mariadb_server")
    if isinstance(server, servers.Unavailable):
        missing("mariadb", str(server))
    with server.database() as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection


def _fresh(connection: sa.Connection, table: str) -> None:
    connection.exec_driver_sql("SET foreign_key_checks = 0")
    for each in (table, "t2", "p"):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {each}")
    connection.exec_driver_sql("SET foreign_key_checks = 1")
    for each in dict.fromkeys(("p", table)):
        connection.exec_driver_sql(_TABLES[each])


def _accepted(connection: sa.Connection, action: str) -> tuple[str, bool]:
    """The best algorithm that the server takes, and whether it needs a lock for it."""
    errors = []
    for name, blocks, words in _TRIES:
        try:
            connection.exec_driver_sql(f"ALTER TABLE {action}, {words}")
        except sa.exc.DBAPIError as error:
            errors.append(error.orig)
        else:
            return name, blocks
    raise AssertionError(errors)


def _said(op_or_sql: str | Operation, facts: Facts, tables: tuple[Table, ...]) -> tuple[str, bool] | None:
    now = Situation(facts, Schema("live", tables))
    ops = (
        [op_or_sql]
        if isinstance(op_or_sql, Operation)
        else list(read(Operation("sql", sql=(op_or_sql,)), facts.dialect))
    )
    assert len(ops) == 1
    told = algorithm(ops[0], now)
    return None if told is None else (told.name, told.blocks_writes)


@pytest.mark.mariadb
@pytest.mark.parametrize("action", _ACTIONS)
def test_mariadb_takes_what_is_said(action: str, mariadb: sa.Connection) -> None:
    """The server itself refuses every better algorithm, and takes this one."""
    _fresh(mariadb, action.split(maxsplit=1)[0])
    tables = tuple(each for each in catalogue.objects(mariadb, []) if isinstance(each, Table))
    version = tuple(
        int(each) for each in str(mariadb.exec_driver_sql("SELECT version()").scalar()).split("-")[0].split(".")
    )
    said = _said(f"ALTER TABLE {action}", Facts("x", "mariadb", version), tables)
    assert said == _accepted(mariadb, action)


@pytest.mark.mariadb
def test_mariadb_builds_no_copy_for_an_unchecked_foreign_key(mariadb: sa.Connection) -> None:
    """With `foreign_key_checks = 0` only an index is built."""
    _fresh(mariadb, "t")
    tables = tuple(each for each in catalogue.objects(mariadb, []) if isinstance(each, Table))
    action = "t ADD CONSTRAINT fk2 FOREIGN KEY (a) REFERENCES p (id)"
    facts = Facts("x", "mariadb", (10, 11, 19), settings=(("foreign_key_checks", "OFF"),))
    mariadb.exec_driver_sql("SET foreign_key_checks = 0")
    assert _said(f"ALTER TABLE {action}", facts, tables) == _accepted(mariadb, action) == ("NOCOPY", False)
    mariadb.exec_driver_sql("SET foreign_key_checks = 1")


_MYSQL_TABLE = Table(
    "table", "t", definition="ENGINE=InnoDB COLLATE=utf8mb4_0900_ai_ci",
    columns=(
        Column("id", "int", nullable=False, primary_key=True), Column("a", "int"), Column("b", "varchar(10)"),
        Column("w", "varchar(80)"), Column("n", "varchar(40)", collation="latin1_swedish_ci"), Column("i", "int"),
        Column("e", "enum('a','b')"),
    ),
    constraints=(Constraint("primary key", "PRIMARY", ("id",), "PRIMARY KEY (`id`)"),),
    indexes=(Index("ix_i", ("i",), "(`i`)"),),
)  # fmt: skip


@pytest.mark.parametrize(
    "version, action, expected",
    [
        ((8, 0, 11), "ADD COLUMN z INT", ("INPLACE", False)),
        ((8, 0, 12), "ADD COLUMN z INT", ("INSTANT", False)),
        ((8, 0, 28), "DROP COLUMN a", ("INPLACE", False)),
        ((8, 0, 29), "DROP COLUMN a", ("INSTANT", False)),
        ((8, 4, 0), "DROP COLUMN i", ("INPLACE", False)),
        ((8, 4, 0), "ADD COLUMN z VARCHAR(36) DEFAULT (uuid())", ("COPY", True)),
        ((8, 4, 0), "ADD COLUMN z DATETIME DEFAULT CURRENT_TIMESTAMP", ("INSTANT", False)),
        ((8, 4, 0), "MODIFY b VARCHAR(63) NULL", ("INPLACE", False)),
        ((8, 4, 0), "MODIFY b VARCHAR(64) NULL", ("COPY", True)),
        ((8, 4, 0), "MODIFY w VARCHAR(200) NULL", ("INPLACE", False)),
        ((8, 4, 0), "MODIFY n VARCHAR(255) NULL", ("INPLACE", False)),
        ((8, 4, 0), "MODIFY n VARCHAR(256) NULL", ("COPY", True)),
        ((8, 4, 0), "MODIFY b VARCHAR(9) NULL", ("COPY", True)),
        ((8, 4, 0), "MODIFY a BIGINT NULL", ("COPY", True)),
        ((8, 4, 0), "MODIFY a INT NOT NULL", ("INPLACE", False)),
        ((8, 4, 0), "MODIFY e ENUM('a','b','c') NULL", ("INSTANT", False)),
        ((8, 4, 0), "ADD INDEX ix (a)", ("INPLACE", False)),
        ((8, 4, 0), "ADD FULLTEXT KEY ix (b)", ("INPLACE", True)),
        ((8, 4, 0), "ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id)", ("COPY", True)),
        ((8, 0, 15), "ADD CONSTRAINT ck CHECK (a > 0)", ("INSTANT", False)),
        ((8, 0, 16), "ADD CONSTRAINT ck CHECK (a > 0)", ("COPY", True)),
        ((8, 4, 0), "DROP PRIMARY KEY", ("COPY", True)),
    ],
)
def test_mysql_as_its_manual_says(version: tuple[int, ...], action: str, expected: tuple[str, bool]) -> None:
    """There is no MySQL here; these are lines of the manual's tables."""
    assert _said(f"ALTER TABLE t {action}", Facts("x", "mysql", version), (_MYSQL_TABLE,)) == expected


def test_mysql_without_strict_mode_copies_for_not_null() -> None:
    """In place it would have to refuse what the mode lets pass."""
    facts = Facts("x", "mysql", (8, 4, 0), settings=(("sql_mode", ""),))
    assert _said("ALTER TABLE t MODIFY a INT NOT NULL", facts, (_MYSQL_TABLE,)) == ("COPY", True)


def test_without_a_database_the_operation_itself_tells() -> None:
    """`existing_type` is what it was, as far as anybody knows."""
    now = Situation(Facts("x", "mariadb", (10, 11)), None)
    told = Operation(
        "alter_column", table="t", name="b", sets=("type",), existing_given=("type", "nullable"),
        column=ColumnSpec("b", "VARCHAR(100)"), existing=ColumnSpec("b", "VARCHAR(20)", nullable=True),
    )  # fmt: skip
    assert algorithm(told, now) == INSTANT
    assert algorithm(Operation("select"), now) is None

"""Everything in a MariaDB database is read; nothing is invented."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests import servers
from tests.schema.inspected import by_catalogue, by_inspector
from workbench.bridge.catalogue import measuring, reading
from workbench.bridge.sql_tokens import statements
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

ZOO = """
CREATE TABLE parent (
    id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'x' COMMENT 'their name', m ENUM('a', 'b'),
    j JSON, c VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL, n INT DEFAULT 5 CHECK (n > 1),
    t TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, hidden INT INVISIBLE,
    g GEOMETRY NOT NULL, words TEXT, SPATIAL INDEX sp (g), FULLTEXT INDEX ft (words),
    CONSTRAINT ck CHECK (length(name) > 0)
) COMMENT 'the parents' ROW_FORMAT=COMPRESSED;
CREATE TABLE child (
    id INT, p INT, a VARCHAR(300), b INT AS (p * 2) STORED, d INT AS (p + 1) VIRTUAL, PRIMARY KEY (id, p),
    CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE, UNIQUE KEY uq (a, b),
    KEY ix (a(20), b DESC) COMMENT 'for those who search'
);
CREATE TABLE one (id INT PRIMARY KEY, other INT, self INT, CONSTRAINT fk_self FOREIGN KEY (self) REFERENCES one (id));
CREATE TABLE two (id INT PRIMARY KEY, other INT, CONSTRAINT fk_one FOREIGN KEY (other) REFERENCES one (id));
ALTER TABLE one ADD CONSTRAINT fk_two FOREIGN KEY (other) REFERENCES two (id) ON UPDATE SET NULL;
CREATE TABLE parts (d DATE) PARTITION BY RANGE (year(d)) (
    PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE
);
CREATE TABLE versioned (a INT) WITH SYSTEM VERSIONING;
CREATE VIEW v AS SELECT id FROM parent;
CREATE TRIGGER tr BEFORE INSERT ON parent FOR EACH ROW SET NEW.name = 'y';
CREATE SEQUENCE s START WITH 5;
CREATE FUNCTION f (a INT, b VARCHAR(9)) RETURNS INT DETERMINISTIC RETURN a;
CREATE PROCEDURE f (OUT a INT) READS SQL DATA COMMENT 'a procedure' SELECT 1 INTO a;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM parent;
"""
ENGINE = "ENGINE=InnoDB COLLATE=utf8mb4_general_ci"
_ID = Column("id", "int(11)", nullable=False, primary_key=True)
_KEY = Constraint("primary key", "PRIMARY", ("id",), "PRIMARY KEY (id)")


def _foreign_key(name: str, column: str, table: str, **more: str) -> Constraint:
    words = "".join(f" ON {word[3:].upper()} {told}" for word, told in more.items())
    told = f"FOREIGN KEY ({column}) REFERENCES {table} (id){words}"
    return Constraint(
        "foreign key", name, (column,), told, referred_table=table, referred_columns=("id",), **more
    )  # fmt: skip


EXPECTED = (
    Table(
        "table", "child", definition=ENGINE,
        columns=(
            _ID, Column("p", "int(11)", nullable=False, primary_key=True), Column("a", "varchar(300)"),
            Column("b", "int(11)", generated="(`p` * 2) STORED"), Column("d", "int(11)", generated="(`p` + 1) VIRTUAL"),
        ),
        constraints=(
            Constraint("primary key", "PRIMARY", ("id", "p"), "PRIMARY KEY (id, p)"),
            _foreign_key("fk", "p", "parent", on_delete="CASCADE"),
            Constraint("unique", "uq", ("a", "b"), "UNIQUE (a, b)"),
        ),
        indexes=(
            Index("fk", ("p",), "(p)"),
            Index("ix", ("a", "b"), "(a(20), b DESC)", comment="for those who search"),
        ),
    ),
    Table(
        "table", "one", definition=ENGINE, columns=(_ID, Column("other", "int(11)"), Column("self", "int(11)")),
        constraints=(
            _KEY, _foreign_key("fk_self", "self", "one"), _foreign_key("fk_two", "other", "two", on_update="SET NULL"),
        ),
        indexes=(Index("fk_self", ("self",), "(self)"), Index("fk_two", ("other",), "(other)")),
    ),
    Table(
        "table", "parent", definition=f"{ENGINE} row_format=COMPRESSED", comment="the parents",
        columns=(
            Column("id", "int(11)", nullable=False, primary_key=True, identity="AUTO_INCREMENT"),
            Column("name", "varchar(40)", nullable=False, default="'x'", comment="their name"),
            Column("m", "enum('a','b')"),
            Column("j", "longtext", collation="utf8mb4_bin", extra="CHECK (json_valid(`j`))"),
            Column("c", "varchar(9)", collation="latin1_bin"),
            Column("n", "int(11)", default="5"),
            Column("t", "timestamp", nullable=False, default="current_timestamp()",
                   extra="on update current_timestamp()"),
            Column("hidden", "int(11)", extra="INVISIBLE"),
            Column("g", "geometry", nullable=False),
            Column("words", "text"),
        ),
        constraints=(
            _KEY,
            Constraint("check", "", ("n",), "CHECK (`n` > 1)"),
            Constraint("check", "ck", (), "CHECK (octet_length(`name`) > 0)"),
        ),
        indexes=(
            Index("ft", ("words",), "FULLTEXT (words)", method="FULLTEXT"),
            Index("sp", ("g",), "SPATIAL (g)", method="SPATIAL"),
        ),
    ),
    Table(
        "table", "parts", columns=(Column("d", "date"),),
        definition=f"{ENGINE} PARTITION BY RANGE (year(`d`)) "
        "(p0 VALUES LESS THAN (2000), p1 VALUES LESS THAN (MAXVALUE))",
    ),
    Table(
        "table", "two", definition=ENGINE, columns=(_ID, Column("other", "int(11)")),
        constraints=(_KEY, _foreign_key("fk_one", "other", "one")), indexes=(Index("fk_one", ("other",), "(other)"),),
    ),
    Table("table", "versioned", definition=f"{ENGINE} WITH SYSTEM VERSIONING", columns=(Column("a", "int(11)"),)),
    View("view", "v", definition="select `parent`.`id` AS `id` from `parent` (SQL SECURITY DEFINER)",
         columns=(Column("id", "int(11)", nullable=False, default="0"),)),
    SchemaObject("sequence", "s", definition="CREATE SEQUENCE `s` start with 5 minvalue 1 maxvalue 9223372036854775806 "
                 "increment by 1 cache 1000 nocycle ENGINE=InnoDB"),
    SchemaObject("function", "f",
                 definition="FUNCTION (a int(11), b varchar(9)) RETURNS int(11) DETERMINISTIC RETURN a"),
    SchemaObject("procedure", "f", definition="PROCEDURE (OUT a int(11)) READS SQL DATA SELECT 1 INTO a",
                 comment="a procedure"),
    SchemaObject("trigger", "tr", table="parent", definition="BEFORE INSERT: SET NEW.name = 'y'"),
    SchemaObject("event", "ev", definition="EVERY 1 DAY DO DELETE FROM parent"),
)  # fmt: skip
HOSTILE = ("a b", 'say "so"', "dot.ted", "UPPER", "a :colon", "it's", "select", "<b>", "back`tick", "x" * 63, "é")


@pytest.fixture
def connection(mariadb_url: str) -> Iterator[sa.Connection]:
    """An empty database."""
    engine = sa.create_engine(mariadb_url, poolclass=sa.NullPool)
    with engine.connect() as opened:
        yield opened


def run(connection: sa.Connection, script: str) -> None:
    """Run a script."""
    for statement in statements(script):
        connection.exec_driver_sql(statement)


def read(connection: sa.Connection, notes: list[str] | None = None) -> tuple[SchemaObject, ...]:
    """What is read, without the server's estimates."""
    return tuple(
        dataclasses.replace(each, rows=None, rows_estimated=False, size=None) if isinstance(each, Table) else each
        for each in reading.read(connection, notes)
    )


def test_everything_is_read(connection: sa.Connection) -> None:
    """Also what SQLAlchemy knows nothing of; with estimates of the rows. The Inspector tells the same."""
    run(connection, ZOO)
    notes: list[str] = []
    told = reading.read(connection, notes)

    assert EXPECTED == read(connection)
    assert [] == notes
    assert {(True, True)} == {  # InnoDB tells up to a row for each partition of an empty table
        (each.rows in {0, 1, 2} and each.rows_estimated, (each.size or 0) > 0)
        for each in told
        if isinstance(each, Table)
    }

    expected = by_inspector(connection)
    # The Inspector knows neither GEOMETRY nor tables that are versioned by the system, and of MariaDB no sequences.
    expected["column", "", "parent", "g"] = ("GEOMETRY", *expected["column", "", "parent", "g"][1:])

    assert expected == by_catalogue(connection, told)


@pytest.mark.parametrize("schema", ["here", "elsewhere"])
def test_foreign_keys_to_other_databases(
    connection: sa.Connection, mariadb_server: servers.Server, schema: str
) -> None:
    """One to another database names it; one to a database's own table does not, however it is written."""
    with mariadb_server.database() as other:
        name = sa.make_url(other).database if schema == "elsewhere" else connection.engine.url.database
        connection.exec_driver_sql(f"CREATE TABLE {name}.parent (id INT PRIMARY KEY)")
        connection.exec_driver_sql(
            f"CREATE TABLE child (p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES {name}.parent (id))"
        )
        child = read(connection)[0]
        connection.exec_driver_sql("DROP TABLE child")
        (key,) = child.foreign_keys if isinstance(child, Table) else ()
        shown = f"{name}.parent" if schema == "elsewhere" else "parent"

        assert (name if schema == "elsewhere" else None, "parent") == (key.referred_schema, key.referred_table)
        assert f"FOREIGN KEY (p) REFERENCES {shown} (id)" == key.definition


def test_hostile_names(connection: sa.Connection) -> None:
    """Tables, columns, constraints, indexes, views, sequences and triggers of any name."""
    for number, name in enumerate(HOSTILE):
        quoted = "`" + name.replace("`", "``").replace("%", "%%") + "`"
        create = (
            f"CREATE TABLE {quoted} ({quoted} INT PRIMARY KEY, b INT, CONSTRAINT {quoted} CHECK ({quoted} > 0), "
            f"KEY {quoted} (b, {quoted}), CONSTRAINT `f{number}` FOREIGN KEY (b) REFERENCES {quoted} ({quoted}))"
        )
        for statement in (
            create,
            f"CREATE VIEW `v{number}` AS SELECT {quoted} FROM {quoted}",
            f"CREATE SEQUENCE `{quoted[1:40].rstrip('`')} s`",
        ):
            connection.exec_driver_sql(statement)
    notes: list[str] = []
    found = read(connection, notes)
    tables = {each.name: each for each in found if isinstance(each, Table)}

    assert (set(HOSTILE), []) == (set(tables), notes)
    for name, table in tables.items():
        assert (name, (name,), [(name, ("b", name))]) == (
            table.columns[0].name, table.primary_key, [(each.name, each.expressions) for each in table.indexes]
        )  # fmt: skip
        assert [(name, (name,))] == [(each.referred_table, each.referred_columns) for each in table.foreign_keys]
        assert [name] == [each.name for each in table.constraints if each.kind == "check"]
        assert 0 == measuring.measure(connection, table).rows
    assert [(name,) for name in HOSTILE] == [
        tuple(column.name for column in each.columns)
        for each in sorted((each for each in found if isinstance(each, View)), key=lambda each: int(each.name[1:]))
    ]
    assert len(HOSTILE) == sum(each.kind == "sequence" and bool(each.definition) for each in found)


def test_an_empty_database_and_an_invalid_view(connection: sa.Connection) -> None:
    """There is nothing in it; then a view of a table that is gone is said to be invalid, and harms nothing else."""
    assert () == reading.read(connection)

    run(connection, "CREATE TABLE t (a INT); CREATE VIEW bad AS SELECT a FROM t; DROP TABLE t; CREATE TABLE u (a INT)")
    notes: list[str] = []

    assert ["u", "bad"] == [each.name for each in reading.read(connection, notes)]
    assert ["View 'bad' references invalid table(s)"] == [each.partition(" or ")[0] for each in notes]


def test_a_table_that_is_locked_is_estimated(connection: sa.Connection, mariadb_url: str) -> None:
    """Counting it would wait for the lock; what the server estimates is at hand."""
    run(connection, "CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3); ANALYZE TABLE t")
    connection.commit()
    (table,) = (each for each in reading.read(connection) if isinstance(each, Table))
    connection.commit()
    told = measuring.measure(connection, table)

    assert (3, False) == (told.rows, told.rows_estimated)

    connection.commit()
    with sa.create_engine(mariadb_url, poolclass=sa.NullPool).connect() as other:
        other.exec_driver_sql("LOCK TABLES t WRITE")
        told = measuring.measure(connection, table)

    assert (3, True) == (told.rows, told.rows_estimated)
    assert 1 != connection.exec_driver_sql("SELECT @@SESSION.lock_wait_timeout").scalar()

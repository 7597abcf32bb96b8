"""Everything in a SQLite file, and in those that are attached to it, is read; nothing is invented."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.schema.inspected import by_catalogue, by_inspector
from workbench.bridge.catalogue import measuring, reading
from workbench.bridge.sql_tokens import statements
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

ZOO = """
CREATE TABLE parent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "Name" varchar(40) NOT NULL ON CONFLICT IGNORE DEFAULT 'x, y' COLLATE nocase,
    code TEXT UNIQUE, CONSTRAINT ck_name CHECK (length("Name") > 0), CHECK (id > -1 and code <> ')')
);
CREATE TABLE child (
    a INTEGER NOT NULL, b INTEGER, p INTEGER CONSTRAINT fk_p REFERENCES Parent ON DELETE CASCADE DEFERRABLE
    INITIALLY DEFERRED, total INTEGER AS (a + b) STORED, half REAL GENERATED ALWAYS AS (b / 2),
    CONSTRAINT uq UNIQUE (b, p) ON CONFLICT REPLACE, CONSTRAINT pk PRIMARY KEY (a DESC),
    FOREIGN KEY (b) REFERENCES gone (id) ON UPDATE SET NULL
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX ix ON child (b DESC, lower(p || ',')) WHERE b > 1;
CREATE INDEX ix_total ON child (total COLLATE RTRIM);
CREATE TABLE one (id INTEGER PRIMARY KEY, other INTEGER REFERENCES two (id), self INTEGER REFERENCES one (id));
CREATE TABLE two (id TEXT PRIMARY KEY, other INTEGER REFERENCES one (id), loose);
CREATE VIEW v AS SELECT a, b AS "c d" FROM child;
CREATE TRIGGER tr AFTER INSERT ON child BEGIN UPDATE child SET b = CASE WHEN 1 THEN 2 END; DELETE FROM parent; END;
CREATE TRIGGER tr_v INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5 (words);
CREATE TABLE search_log (a);
"""
EXPECTED = (
    Table(
        "table", "child", definition="WITHOUT ROWID, STRICT",
        columns=(
            Column("a", "INTEGER", nullable=False, primary_key=True),
            Column("b", "INTEGER"),
            Column("p", "INTEGER"),
            Column("total", "INTEGER", generated="(a + b) STORED"),
            Column("half", "REAL", generated="(b / 2) VIRTUAL"),
        ),
        constraints=(
            Constraint("primary key", "pk", ("a",), "PRIMARY KEY (a DESC)"),
            Constraint(
                "foreign key", "", ("b",), "FOREIGN KEY (b) REFERENCES gone (id) ON UPDATE SET NULL",
                referred_table="gone", referred_columns=("id",), on_update="SET NULL",
            ),
            Constraint(
                "foreign key", "fk_p", ("p",),
                "FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
                referred_table="parent", referred_columns=("id",), on_delete="CASCADE",
            ),
            Constraint("unique", "uq", ("b", "p"), "UNIQUE (b, p) ON CONFLICT REPLACE"),
        ),
        indexes=(
            Index("ix", ("b", "lower(p || ',')"),
                  "CREATE UNIQUE INDEX ix ON child(b DESC, lower(p || ',')) WHERE b > 1", unique=True, where="b > 1"),
            Index("ix_total", ("total",), "CREATE INDEX ix_total ON child(total COLLATE RTRIM)"),
        ),
    ),
    Table(
        "table", "one",
        columns=(
            Column("id", "INTEGER", nullable=False, primary_key=True), Column("other", "INTEGER"),
            Column("self", "INTEGER"),
        ),
        constraints=(
            Constraint("primary key", "", ("id",), "PRIMARY KEY (id)"),
            Constraint("foreign key", "", ("other",), "FOREIGN KEY (other) REFERENCES two (id)", referred_table="two",
                       referred_columns=("id",)),
            Constraint("foreign key", "", ("self",), "FOREIGN KEY (self) REFERENCES one (id)", referred_table="one",
                       referred_columns=("id",)),
        ),
    ),
    Table(
        "table", "parent",
        columns=(
            Column("id", "INTEGER", nullable=False, primary_key=True),
            Column("Name", "VARCHAR(40)", nullable=False, default="'x, y'", collation="NOCASE",
                   extra="ON CONFLICT IGNORE"),
            Column("code", "TEXT"),
        ),
        constraints=(
            Constraint("primary key", "", ("id",), "PRIMARY KEY (id) AUTOINCREMENT"),
            Constraint("check", "", (), "CHECK (id > - 1 AND code <> ')')"),
            Constraint("check", "ck_name", (), "CHECK (length(Name) > 0)"),
            Constraint("unique", "", ("code",), "UNIQUE (code)"),
        ),
    ),
    Table("virtual table", "search", definition="CREATE VIRTUAL TABLE search USING fts5(words)",
          columns=(Column("words", "(no type)"),)),
    Table("table", "search_log", columns=(Column("a", "(no type)"),)),
    Table(
        "table", "two",
        columns=(Column("id", "TEXT", primary_key=True), Column("other", "INTEGER"), Column("loose", "(no type)")),
        constraints=(
            Constraint("primary key", "", ("id",), "PRIMARY KEY (id)"),
            Constraint("foreign key", "", ("other",), "FOREIGN KEY (other) REFERENCES one (id)", referred_table="one",
                       referred_columns=("id",)),
        ),
    ),
    View("view", "v", definition='CREATE VIEW v AS SELECT a, b AS "c d" FROM child',
         columns=(Column("a", "INTEGER"), Column("c d", "INTEGER"))),
    SchemaObject("trigger", "tr", table="child", definition="CREATE TRIGGER tr AFTER INSERT ON child BEGIN UPDATE child"
                 " SET b = CASE WHEN 1 THEN 2 END; DELETE FROM parent; END"),
    SchemaObject("trigger", "tr_v", table="v",
                 definition="CREATE TRIGGER tr_v INSTEAD OF INSERT ON v BEGIN SELECT 1; END"),
)  # fmt: skip
HOSTILE = (
    "a b",
    'say "so"',
    "dot.ted",
    "UPPER",
    "🙂",
    "a :colon",
    "it's",
    "select",
    "<b>",
    "back`tick",
    "x" * 63,
    "[x",
)
SHADOWS = {"search_config", "search_content", "search_data", "search_docsize", "search_idx"}


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """An empty database in memory."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as opened:
        yield opened


def run(connection: sa.Connection, script: str) -> None:
    """Run a script."""
    for statement in statements(script):
        connection.exec_driver_sql(statement)


def test_everything_is_read(connection: sa.Connection) -> None:
    """Also what only the text of a table tells; a virtual table without those that it keeps for itself."""
    run(connection, ZOO)
    notes: list[str] = []

    assert EXPECTED == reading.read(connection, notes)
    assert [] == notes


def test_the_inspector_tells_the_same(connection: sa.Connection) -> None:
    """But for what it cannot tell: that a rowid is never NULL, an index on an expression, a key without its columns."""
    run(connection, ZOO)
    told = by_inspector(connection)
    expected = {key: value for key, value in told.items() if key[2] not in SHADOWS}
    for table in ("parent", "one"):
        type_, _, *more = expected["column", "", table, "id"]
        expected["column", "", table, "id"] = (type_, False, *more)
    expected["indexes", "", "child"].insert(0, ("ix", ("b", None), True))
    expected["foreign keys", "", "child"][1] = ("fk_p", ("p",), "", "parent", ("id",), "CASCADE", "")
    for table, column in (("two", "loose"), ("search", "words"), ("search_log", "a")):
        expected["column", "", table, column] = ("(NOTYPE)", *expected["column", "", table, column][1:])

    assert expected == by_catalogue(connection, reading.read(connection))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(connection: sa.Connection, name: str) -> None:
    """A database, a table, a column, a constraint and an index of any name."""
    quoted = '"' + name.replace('"', '""') + '"'
    connection.exec_driver_sql(f"ATTACH ':memory:' AS {quoted}")
    connection.exec_driver_sql(
        f"CREATE TABLE {quoted}.{quoted} ({quoted} INTEGER CONSTRAINT {quoted} REFERENCES {quoted} COLLATE NOCASE, b, "
        f"CONSTRAINT {quoted} CHECK ({quoted} > 0), PRIMARY KEY ({quoted}, b), UNIQUE (b, {quoted}))"
    )
    connection.exec_driver_sql(f'CREATE INDEX {quoted}."i{quoted[1:]} ON {quoted} ({quoted})')
    (table,) = reading.read(connection)

    assert isinstance(table, Table)
    assert (name, name, (name, "NOCASE")) == (
        table.schema, table.name, (table.columns[0].name, table.columns[0].collation)
    )  # fmt: skip
    assert [
        ("primary key", "", (name, "b")), ("check", name, ()), ("foreign key", name, (name,)),
        ("unique", "", ("b", name)),
    ] == [(each.kind, each.name, each.columns) for each in table.constraints]  # fmt: skip
    assert [(f"i{name}", (name,))] == [(each.name, each.expressions) for each in table.indexes]
    assert [(name, name, (name, "b"))] == [
        (each.referred_schema, each.referred_table, each.referred_columns) for each in table.foreign_keys
    ]
    assert 0 == measuring.measure(connection, table).rows


def test_an_empty_database(connection: sa.Connection) -> None:
    """There is nothing in it."""
    assert () == reading.read(connection)


def test_attached_databases(connection: sa.Connection) -> None:
    """Each is a schema of its own name; what is temporary is not part of any."""
    connection.exec_driver_sql("ATTACH ':memory:' AS shop")
    run(
        connection,
        """
        CREATE TABLE t (a INTEGER PRIMARY KEY);
        CREATE TABLE shop.t (b INTEGER REFERENCES u, c TEXT UNIQUE);
        CREATE TABLE shop.u (id INTEGER PRIMARY KEY);
        CREATE INDEX shop.ix ON t (b);
        CREATE VIEW shop.v AS SELECT b FROM t;
        CREATE TEMP TABLE passing (a);
        """,
    )
    objects = reading.read(connection)

    assert [(None, "t"), ("shop", "t"), ("shop", "u"), ("shop", "v")] == [(each.schema, each.name) for each in objects]
    key = {"referred_schema": "shop", "referred_table": "u", "referred_columns": ("id",)}
    expected = Table(
        "table", "t", "shop", columns=(Column("b", "INTEGER"), Column("c", "TEXT")),
        constraints=(
            Constraint("foreign key", "", ("b",), "FOREIGN KEY (b) REFERENCES shop.u (id)", **key),  # type: ignore[arg-type]
            Constraint("unique", "", ("c",), "UNIQUE (c)"),
        ),
        indexes=(Index("ix", ("b",), "CREATE INDEX ix ON t(b)"),),
    )  # fmt: skip

    assert expected == objects[1]
    assert by_inspector(connection, ("shop",)).keys() == {
        key for key in by_catalogue(connection, objects) if key[1] == "shop"
    }


def test_what_cannot_be_read_is_said_and_harms_nothing_else(connection: sa.Connection) -> None:
    """A view of a table that is gone has no columns to tell; everything else is there."""
    run(
        connection,
        "CREATE TABLE t (a INTEGER); CREATE VIEW bad AS SELECT a FROM lacking; CREATE VIEW good AS SELECT a FROM t;",
    )
    notes: list[str] = []

    assert ["t", "bad", "good"] == [each.name for each in reading.read(connection, notes)]
    assert ["The columns of bad could not be read: no such table: main.lacking."] == notes


def test_the_same_definition_written_otherwise_is_the_same(connection: sa.Connection) -> None:
    """Alembic's batch mode writes a table anew, in SQLAlchemy's own way: capitals, quotes and blanks differ."""
    run(
        connection,
        "create table t (id integer primary key, a varchar(9) references t, b, check(a<>'x'), unique(a,b));"
        'create index "i" on t(`a`)',
    )
    one = reading.read(connection)
    run(
        connection,
        'DROP TABLE t; CREATE TABLE "t" (\n id INTEGER NOT NULL, -- the key\n [a] VARCHAR( 9 ), b, PRIMARY KEY (id), '
        "FOREIGN KEY(a) REFERENCES t (id), UNIQUE (a, b), CHECK (a <> 'x'));CREATE INDEX i ON t (a)",
    )

    assert one == reading.read(connection)


def test_rows_are_counted_up_to_a_million(connection: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond that it is what ANALYZE has noted, else the largest rowid, and said to be estimated."""
    run(connection, "CREATE TABLE t (a TEXT); CREATE INDEX ix ON t (a)")
    connection.exec_driver_sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i FROM n"
    )
    connection.exec_driver_sql("DELETE FROM t WHERE rowid = 50")
    (table,) = (each for each in reading.read(connection) if isinstance(each, Table))
    told = measuring.measure(connection, table)

    assert (99, False, 8192) == (told.rows, told.rows_estimated, told.size)

    monkeypatch.setattr(measuring, "_LIMIT", 10)
    told = measuring.measure(connection, table)

    assert (100, True, None) == (told.rows, told.rows_estimated, told.size)

    connection.exec_driver_sql("ANALYZE")
    told = measuring.measure(connection, table)

    assert (99, True, None) == (told.rows, told.rows_estimated, told.size)

"""Whatever a database loses is seen, and nothing else is."""

# ruff: noqa: ISC004 - definitions are long

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from workbench.bridge import contents
from workbench.bridge.sql_tokens import statements

SQLITE = """
CREATE TABLE parent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "Name" VARCHAR(40) NOT NULL DEFAULT 'x, y' COLLATE NOCASE,
    CONSTRAINT ck_name CHECK (length("Name") > 0)
);
CREATE TABLE child (
    a INTEGER NOT NULL, b INTEGER, p INTEGER CONSTRAINT fk_p REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE
    INITIALLY DEFERRED, total AS (a + b) STORED, UNIQUE (a, b), CONSTRAINT pk PRIMARY KEY (a)
) WITHOUT ROWID;
CREATE TABLE gone (a INTEGER, b TEXT DEFAULT 'b');
CREATE UNIQUE INDEX ix ON child (b, lower(p)) WHERE b > 1;
CREATE VIEW v AS SELECT a FROM child;
CREATE TRIGGER tr AFTER INSERT ON child BEGIN UPDATE child SET b = CASE WHEN 1 THEN 2 END; DELETE FROM parent; END;
CREATE VIRTUAL TABLE search USING fts5 (words);
"""
SQLITE_AFTER = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, "Name" VARCHAR(30) DEFAULT 'x', more TEXT);
CREATE TABLE child (a INTEGER NOT NULL PRIMARY KEY, total AS (a) STORED, b INTEGER, p INTEGER REFERENCES parent);
CREATE INDEX ix ON child (b);
"""
SQLITE_LOST = [
    ("table", "child", "(a INTEGER NOT NULL, b INTEGER, p INTEGER, total (no type) GENERATED ALWAYS AS (a + b) STORED) "
     "WITHOUT ROWID",
     "(a INTEGER NOT NULL, total (no type) GENERATED ALWAYS AS (a) STORED, b INTEGER, p INTEGER)"),
    ("table", "gone", "(a INTEGER, b TEXT DEFAULT 'b')", ""),
    ("table", "search", "(words (no type)) VIRTUAL TABLE: CREATE VIRTUAL TABLE search USING fts5(words)", ""),
    ("column", "parent.more", "", "TEXT"),
    ("type", "child.total", "(no type) GENERATED ALWAYS AS (a + b) STORED", "(no type) GENERATED ALWAYS AS (a) STORED"),
    ("type", "parent.Name", "VARCHAR(40) COLLATE NOCASE", "VARCHAR(30)"),
    ("nullable", "parent.Name", "NOT NULL", "NULL"),
    ("default", "parent.Name", "'x, y'", "'x'"),
    ("constraint", "child.FOREIGN KEY (p) REFERENCES parent (id)", "", "FOREIGN KEY (p) REFERENCES parent (id)"),
    ("constraint", "child.PRIMARY KEY", "", "PRIMARY KEY (a)"),
    ("constraint", "child.UNIQUE (a, b)", "UNIQUE (a, b)", ""),
    ("constraint", "child.fk_p",
     "FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED", ""),
    ("constraint", "child.pk", "PRIMARY KEY (a)", ""),
    ("constraint", "parent.PRIMARY KEY", "PRIMARY KEY (id) AUTOINCREMENT", "PRIMARY KEY (id)"),
    ("constraint", "parent.ck_name", "CHECK (length(Name) > 0)", ""),
    ("index", "child.ix", "CREATE UNIQUE INDEX ix ON child(b, lower(p)) WHERE b > 1", "CREATE INDEX ix ON child(b)"),
    ("trigger", "child.tr", "CREATE TRIGGER tr AFTER INSERT ON child BEGIN UPDATE child SET b = CASE WHEN 1 THEN 2 END;"
     " DELETE FROM parent; END", ""),
    ("view", "v", "CREATE VIEW v AS SELECT a FROM child", ""),
]  # fmt: skip

POSTGRESQL = """
CREATE SCHEMA sales;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE shade AS ENUM ('light');
CREATE DOMAIN age AS integer NOT NULL CHECK (VALUE > 0);
CREATE SEQUENCE s START 5 INCREMENT 2;
CREATE TABLE parent (
    id serial PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', m mood, t timestamptz DEFAULT now(),
    c text COLLATE "C"
);
COMMENT ON TABLE parent IS 'the parents';
COMMENT ON COLUMN parent.name IS 'their name';
CREATE TABLE sales.child (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p int CONSTRAINT fk_p REFERENCES parent ON DELETE CASCADE, a int,
    b int GENERATED ALWAYS AS (a * 2) STORED, CONSTRAINT uq UNIQUE (a, p), CONSTRAINT ck CHECK (a > 0)
);
CREATE INDEX ix ON sales.child (lower(a::text), p DESC) WHERE a > 3;
COMMENT ON INDEX sales.ix IS 'for those who search';
CREATE VIEW v AS SELECT id FROM parent;
CREATE MATERIALIZED VIEW mv AS SELECT id FROM parent;
CREATE INDEX imv ON mv (id);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION f();
CREATE EXTENSION pgcrypto;
CREATE TYPE pair AS (x int, y text);
CREATE TYPE span AS RANGE (subtype = date);
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION e();
CREATE POLICY pol ON parent USING (id > 0);
CREATE RULE ru AS ON DELETE TO parent DO INSTEAD NOTHING;
CREATE STATISTICS st ON id, name FROM parent;
CREATE SEQUENCE back;
SELECT setval('back', 9);
CREATE TABLE parts (d date) PARTITION BY RANGE (d);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
"""
POSTGRESQL_AFTER = """
DROP VIEW v;
DROP MATERIALIZED VIEW mv;
DROP TRIGGER tr ON parent;
DROP FUNCTION f();
ALTER TYPE mood ADD VALUE 'glad' BEFORE 'ok';
DROP TYPE shade;
DROP DOMAIN age;
DROP SEQUENCE s;
CREATE TYPE left_behind AS ENUM ('a');
DROP INDEX sales.ix;
ALTER TABLE sales.child DROP CONSTRAINT uq, DROP CONSTRAINT ck, DROP CONSTRAINT fk_p, ALTER b DROP EXPRESSION,
    ALTER id DROP IDENTITY;
ALTER TABLE parent DROP COLUMN t, ALTER name TYPE text, ALTER name DROP NOT NULL, ALTER name DROP DEFAULT;
ALTER TABLE parent ADD COLUMN more int, ALTER c TYPE text COLLATE "default";
COMMENT ON TABLE parent IS NULL;
COMMENT ON COLUMN parent.name IS 'a name';
DROP TABLE parts_1;
DROP EVENT TRIGGER ev;
DROP EXTENSION pgcrypto;
DROP TYPE pair;
DROP TYPE span CASCADE;
DROP POLICY pol ON parent;
DROP RULE ru ON parent;
DROP STATISTICS st;
SELECT setval('back', 3);
SELECT nextval('parent_id_seq');
"""
POSTGRESQL_LOST = [
    ("extension", "pgcrypto", "in schema public", ""),
    ("enum", "left_behind", "", "'a'"),
    ("enum", "mood", "'sad', 'ok', 'happy'", "'sad', 'glad', 'ok', 'happy'"),
    ("enum", "shade", "'light'", ""),
    ("composite type", "pair", "x integer, y text", ""),
    ("range type", "span", "of date", ""),
    ("domain", "age", "integer NOT NULL CONSTRAINT age_check CHECK ((VALUE > 0))", ""),
    ("sequence", "s", "AS bigint START 5 INCREMENT 2 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1", ""),
    ("sequence", "back", "at 9", "at 3"),
    ("function", "f()", "CREATE OR REPLACE FUNCTION public.f()\n RETURNS trigger\n LANGUAGE plpgsql\n"
     "AS $function$ BEGIN RETURN NEW; END $function$", ""),
    ("event trigger", "ev", "ON ddl_command_end EXECUTE FUNCTION e O", ""),
    ("table", "parts_1", "(d date) PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')", ""),
    ("column", "parent.more", "", "integer"),
    ("column", "parent.t", "timestamp with time zone DEFAULT now()", ""),
    ("type", "parent.c", 'text COLLATE "C"', "text"),
    ("type", "parent.name", "character varying(40)", "text"),
    ("type", "sales.child.b", "integer GENERATED ALWAYS AS ((a * 2)) STORED", "integer"),
    ("type", "sales.child.id", "integer GENERATED ALWAYS AS IDENTITY", "integer"),
    ("nullable", "parent.name", "NOT NULL", "NULL"),
    ("default", "parent.name", "'x'::character varying", ""),
    ("comment", "parent", "the parents", ""),
    ("comment", "parent.name", "their name", "a name"),
    ("comment", "sales.child.ix", "for those who search", ""),
    ("constraint", "sales.child.ck", "CHECK ((a > 0))", ""),
    ("constraint", "sales.child.fk_p", "FOREIGN KEY (p) REFERENCES parent(id) ON DELETE CASCADE", ""),
    ("constraint", "sales.child.uq", "UNIQUE (a, p)", ""),
    ("index", "mv.imv", "CREATE INDEX imv ON public.mv USING btree (id)", ""),
    ("index", "sales.child.ix",
     "CREATE INDEX ix ON sales.child USING btree (lower((a)::text), p DESC) WHERE (a > 3)", ""),
    ("statistics", "st", "CREATE STATISTICS public.st ON id, name FROM parent", ""),
    ("policy", "parent.pol", "PERMISSIVE FOR ALL TO public USING ((id > 0))", ""),
    ("rule", "parent.ru", "CREATE RULE ru AS\n    ON DELETE TO public.parent DO INSTEAD NOTHING;", ""),
    ("trigger", "parent.tr", "CREATE TRIGGER tr BEFORE INSERT ON public.parent FOR EACH ROW EXECUTE FUNCTION f()", ""),
    ("view", "mv", "MATERIALIZED VIEW: SELECT parent.id\n   FROM parent;", ""),
    ("view", "v", "SELECT parent.id\n   FROM parent;", ""),
]  # fmt: skip

MARIADB = """
CREATE TABLE parent (
    id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'x' COMMENT 'their name', m ENUM('a', 'b'),
    CONSTRAINT ck CHECK (length(name) > 0)
) COMMENT 'the parents';
CREATE TABLE child (
    id INT PRIMARY KEY, p INT, a VARCHAR(300), b INT AS (p * 2) STORED,
    CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE, UNIQUE KEY uq (a, b), KEY ix (a(20))
);
CREATE VIEW v AS SELECT id FROM parent;
CREATE TRIGGER tr BEFORE INSERT ON parent FOR EACH ROW SET NEW.name = 'y';
CREATE SEQUENCE s START WITH 5;
"""
MARIADB_AFTER = """
DROP VIEW v;
DROP TRIGGER tr;
DROP SEQUENCE s;
ALTER TABLE child DROP FOREIGN KEY fk;
ALTER TABLE child DROP KEY uq, DROP KEY ix, DROP KEY fk, MODIFY b INT;
ALTER TABLE parent DROP CONSTRAINT ck, MODIFY name VARCHAR(30), MODIFY m ENUM('b', 'a'), MODIFY id INT, COMMENT '';
ALTER TABLE parent ADD more INT, ENGINE=Aria;
"""
MARIADB_LOST = [
    ("sequence", "s", "CREATE SEQUENCE `s` start with 5 minvalue 1 maxvalue 9223372036854775806 increment by 1 "
     "cache 1000 nocycle ENGINE=InnoDB", ""),
    ("table", "parent", "(id int(11) AUTO_INCREMENT NOT NULL, name varchar(40) NOT NULL DEFAULT 'x', m enum('a','b')) "
     "ENGINE=InnoDB COLLATE=utf8mb4_general_ci",
     "(id int(11) NOT NULL, name varchar(30), m enum('b','a'), more int(11)) "
     "ENGINE=Aria COLLATE=utf8mb4_general_ci transactional=1"),
    ("column", "parent.more", "", "int(11)"),
    ("type", "child.b", "int(11) GENERATED ALWAYS AS (`p` * 2) STORED", "int(11)"),
    ("type", "parent.id", "int(11) AUTO_INCREMENT", "int(11)"),
    ("type", "parent.m", "enum('a','b')", "enum('b','a')"),
    ("type", "parent.name", "varchar(40)", "varchar(30)"),
    ("nullable", "parent.name", "NOT NULL", "NULL"),
    ("default", "parent.name", "'x'", ""),
    ("comment", "parent", "the parents", ""),
    ("comment", "parent.name", "their name", ""),
    ("constraint", "child.fk", "FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE", ""),
    ("constraint", "child.uq", "UNIQUE (a, b)", ""),
    ("constraint", "parent.ck", "CHECK (octet_length(`name`) > 0)", ""),
    ("index", "child.fk", "(p)", ""),
    ("index", "child.ix", "(a(20))", ""),
    ("trigger", "parent.tr", "BEFORE INSERT: SET NEW.name = 'y'", ""),
    ("view", "v", "select `parent`.`id` AS `id` from `parent` (SQL SECURITY DEFINER)", ""),
]  # fmt: skip


def taken(url: str, *scripts: str, without: tuple[tuple[str, str], ...] = ()) -> contents.Contents:
    """What is there after some scripts."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (each for script in scripts for each in statements(script)):
            connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        return contents.read(connection, without)


def lost(before: contents.Contents, after: contents.Contents) -> list[tuple[str, str, str, str]]:
    """What a comparison tells, in its order."""
    return [(each.kind, each.name, each.before, each.after) for each in contents.compare(before, after, "shop")[0]]


def test_sqlite(sqlite_url: str) -> None:
    """Each thing that a SQLite file can lose, also what only the text of a table tells."""
    before = taken(sqlite_url, SQLITE)

    assert SQLITE_LOST == lost(before, taken(f"{sqlite_url}2", SQLITE_AFTER))
    assert [] == lost(before, taken(sqlite_url))


def test_the_same_definition_written_otherwise_is_the_same(tmp_path: str) -> None:
    """Alembic's batch mode writes a table anew, in SQLAlchemy's own way: capitals, quotes and blanks differ."""
    one = taken(
        f"sqlite:///{tmp_path}/one.db",
        "create table t (id integer primary key, a varchar(9) references t(id), b, check(a<>'x'), unique(a,b));"
        'create index "i" on t(`a`)',
    )
    other = taken(
        f"sqlite:///{tmp_path}/other.db",
        'CREATE TABLE "t" (\n id INTEGER NOT NULL, -- the key\n [a] VARCHAR( 9 ), b, PRIMARY KEY (id), '
        "FOREIGN KEY(a) REFERENCES t (id), UNIQUE (a, b), CHECK (a <> 'x'));CREATE INDEX i ON t (a)",
    )

    assert [] == lost(one, other)


@pytest.mark.parametrize(
    "what",
    [("postgresql", POSTGRESQL, POSTGRESQL_AFTER, POSTGRESQL_LOST), ("mariadb", MARIADB, MARIADB_AFTER, MARIADB_LOST)],
    ids=["postgresql", "mariadb"],
)
def test_servers(request: pytest.FixtureRequest, what: tuple[str, str, str, Sequence[object]]) -> None:
    """Each thing that a PostgreSQL or MariaDB database can lose."""
    name, made, changed, expected = what
    url = request.getfixturevalue(f"{name}_url")
    before = taken(url, made)

    assert [] == lost(before, taken(url))
    assert expected == lost(before, taken(url, changed))


def test_other_order_is_told_apart(sqlite_url: str) -> None:
    """A column that is dropped and made again stands at the end: nothing is lost, and it is said."""
    before = taken(sqlite_url, "CREATE TABLE t (a INTEGER, b INTEGER)")
    after = taken(sqlite_url, "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a INTEGER")
    expected = ((), ("t: the same columns stand in another order now: b, a.",))

    assert expected == contents.compare(before, after, "shop")


def test_version_table_is_left_out(sqlite_url: str) -> None:
    """It is Alembic's own, and a downgrade to base leaves it."""
    found = taken(
        sqlite_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"
        "CREATE TABLE alembic_version_of_mine (a INTEGER)",
        without=(("", "alembic_version"),),
    )

    assert ["alembic_version_of_mine"] == [each.name for each in found.tables]
    assert {"alembic_version_of_mine"} == {key.table for key in found.definitions}

"""A scratch database is the live one again: all of it, some rows of each table, the schema only, or empty."""

# ruff: noqa: ISC004 - long statements in tuples of statements

from __future__ import annotations

import pickle
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from tests.scratch.inside import start

COMMON = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))",
    "INSERT INTO alembic_version VALUES ('r2')",
)
SCHEMAS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        *COMMON,
        "PRAGMA user_version = 7",
        "CREATE TABLE region (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES region, name TEXT COLLATE NOCASE)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, region_id INTEGER NOT NULL REFERENCES Region (id), "
        "net NUMERIC, gross NUMERIC GENERATED ALWAYS AS (net * 2) STORED, CHECK (net > 0))",
        "CREATE TABLE log (note TEXT)",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id))",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
        "CREATE UNIQUE INDEX by_name ON region (name) WHERE parent IS NOT NULL",
        "CREATE VIEW rich AS SELECT * FROM child WHERE net > 10",
        "CREATE TRIGGER noted AFTER INSERT ON child BEGIN INSERT INTO log VALUES ('new'); END",
    ),
    "postgresql": (
        *COMMON,
        "CREATE SCHEMA side",
        "CREATE TYPE side.mood AS ENUM ('sad', 'it''s ok')",
        "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
        "CREATE SEQUENCE side.numbers START 100 INCREMENT 5",
        "SELECT nextval('side.numbers')",
        "CREATE TABLE region (id serial PRIMARY KEY, parent integer REFERENCES region, name varchar(40) DEFAULT 'x%s')",
        "COMMENT ON TABLE region IS 'where it''s sold'",
        "COMMENT ON COLUMN region.name IS 'its name'",
        "CREATE TABLE child (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region_id integer NOT NULL "
        "REFERENCES region ON DELETE CASCADE, mood side.mood, tags text[], data jsonb, raw bytea, net positive, "
        "gross integer GENERATED ALWAYS AS (net * 2) STORED, at timestamptz DEFAULT now(), "
        "CONSTRAINT ck CHECK (net < 100000))",
        "CREATE TABLE side.log (note text)",
        "CREATE TABLE a (id integer PRIMARY KEY, b_id integer)",
        "CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a)",
        "ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b_id) REFERENCES b DEFERRABLE",
        "CREATE TABLE parted (day date NOT NULL, n integer) PARTITION BY RANGE (day)",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "INSERT INTO parted VALUES ('2026-05-05', 1)",
        "CREATE INDEX by_name ON region (lower(name) DESC) WHERE parent IS NOT NULL",
        "CREATE VIEW rich AS SELECT child.*, region.name FROM child JOIN region ON region.id = region_id WHERE net > 9",
        "CREATE VIEW a_richer AS SELECT id FROM rich WHERE net > 10",
        "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM child",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN INSERT INTO side.log VALUES ('new'); RETURN NEW; END$$",
        "CREATE TRIGGER noted AFTER INSERT ON child FOR EACH ROW EXECUTE FUNCTION note()",
    ),
    "mariadb": (
        *COMMON,
        "CREATE TABLE region (id integer AUTO_INCREMENT PRIMARY KEY, parent integer, name varchar(40) COMMENT 'its '' "
        "name' DEFAULT 'x%s', FOREIGN KEY (parent) REFERENCES region (id)) COMMENT 'where'",
        "CREATE TABLE child (id integer AUTO_INCREMENT PRIMARY KEY, region_id integer NOT NULL, "
        "mood enum('sad','ok') DEFAULT 'ok', raw blob, net integer, gross integer GENERATED ALWAYS AS (net * 2) STORED,"
        " CONSTRAINT ck CHECK (net < 100000), CONSTRAINT fk FOREIGN KEY (region_id) REFERENCES region (id) "
        "ON DELETE CASCADE)",
        "CREATE TABLE log (note text)",
        "CREATE TABLE a (id integer PRIMARY KEY, b_id integer)",
        "CREATE TABLE b (id integer PRIMARY KEY, a_id integer, FOREIGN KEY (a_id) REFERENCES a (id))",
        "ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b_id) REFERENCES b (id)",
        "CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5",
        "CREATE INDEX by_name ON region (name)",
        "CREATE VIEW rich AS SELECT child.*, region.name FROM child JOIN region ON region.id = region_id WHERE net > 9",
        "CREATE VIEW a_richer AS SELECT id FROM rich WHERE net > 10",
        "CREATE TRIGGER noted AFTER INSERT ON child FOR EACH ROW INSERT INTO log VALUES ('new')",
    ),
}  # fmt: skip
ROWS = (
    # A tree of regions, the later ones below the earlier ones, and children of the last regions first.
    "INSERT INTO region SELECT n, CASE WHEN n = 1 THEN NULL ELSE floor(n / 2) END, {name} FROM {numbers}",
    "INSERT INTO child (region_id, net) SELECT 1501 - n, n FROM {numbers}",
    "INSERT INTO a VALUES (1, NULL), (2, NULL)",
    "INSERT INTO b VALUES (1, 1), (2, NULL)",
    "UPDATE a SET b_id = 1 WHERE id = 2",
)
VALUES = {
    "postgresql": "UPDATE child SET mood = 'it''s ok', "
    "tags = '{a,\"b\\\\\",NULL}', data = '{\"a\": \"\\u00e9 \\\\ ''\"}', "
    "raw = '\\x00ff', at = '2026-01-01 12:00:00.123456+02' WHERE id = 2",
    "mariadb": "UPDATE child SET mood = 'sad', raw = x'00ff27' WHERE id = 2",
    "sqlite": "UPDATE child SET net = 'text' WHERE id = 2",
}
NUMBERS = {
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1500) SELECT n FROM s) x",
    "postgresql": "generate_series(1, 1500) n",
    "mariadb": "(SELECT seq AS n FROM seq_1_to_1500) x",
}
MAKE = """
def work(part):
    answers = []
    for data, filled in [("full", "copy"), ("sample", "copy"), ("none", "copy"), ("full", "replay")]:
        told.clear()
        one = made(part, data, filled)
        url = part.context.connection.engine.url.set(database=one.name).render_as_string(hide_password=False)
        answers.append((url, one.way, one.rows, one.size > 0, one.notes, bool(told), one.dialect))
        print(url, flush=True)
        sys.stdin.readline()
        one.drop()
        one.drop()
    return answers, size_of(part)

[answer] = ask(work)
"""


@pytest.mark.parametrize("programs", ["with its programs", "from the catalogue"])
def test_copy(database_url: str, tmp_path: Path, programs: str) -> None:
    """Full, sampled and without rows, a scratch database has the live one's schema; replayed, it has nothing."""
    kind = make_url(database_url).get_backend_name().replace("mysql", "mariadb")
    if programs == "from the catalogue" and kind != "postgresql":
        pytest.skip("only PostgreSQL has two ways")
    live = project(tmp_path, database_url)
    live.execute(*(each.replace("%s", "") if kind == "mariadb" else each for each in SCHEMAS[kind]))
    name = "concat('region ', n)" if kind == "mariadb" else "'region ' || n"
    live.execute(*(each.format(name=name, numbers=NUMBERS[kind]) for each in ROWS))
    live.execute(VALUES[kind])
    before = schema(live)
    looked: list[Any] = []

    answers, size = watched(live, MAKE, programs, looked)

    way = {"sqlite": "backup API", "mariadb": "SHOW CREATE and INSERT … SELECT"}.get(
        kind, "pg_dump" if programs == "with its programs" else "catalogue"
    )
    assert [each[1] for each in answers][0::3] == [way, "replay"]
    assert [each[4] for each in answers] == [(), (), (), ()], "nothing is left out"
    full, sample, none, empty = looked
    assert full == (before, counts(live), values(live))
    assert none[:2] == (before, {**dict.fromkeys(counts(live), 0), "alembic_version": 1})
    assert empty[1] == {}
    assert sample[0] == before
    taken = {"region": 1000, "child": 1000, "log": 1000, "a": 1, "b": 2}
    assert sample[1] == {each: taken.get(each, rows) for each, rows in counts(live).items()}
    assert answers[0][2] >= sum(counts(live).values()) - 1
    assert size[0] > 0
    assert database_names(live) == [], "nothing is left"
    assert schema(live) == before


def watched(live: Project, code: str, programs: str, looked: list[Any]) -> Any:
    """Run the code; each time it prints a URL, look at that database."""
    without = "postgresql_dump.programs = lambda version: None\n" if programs == "from the catalogue" else ""
    with start(live, without + code) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        for line in process.stdout:
            if line.startswith((b"sqlite", b"postgresql", b"mysql")):
                scratch = Project(live.folder, line.decode().strip())
                looked.append((schema(scratch), counts(scratch), values(scratch)))
                process.stdin.write(b"\n")
                process.stdin.flush()
            elif b"\0answer" in line:
                rest = line + process.stdout.read()
                return pickle.loads(rest.rpartition(b"\0answer")[2])  # noqa: S301 - our own process
    return None


def values(of: Project) -> list[Any]:
    """Some rows, and where a sequence stands."""
    kind = make_url(of.url).get_backend_name()
    if "child" not in counts(of):
        return []
    rows: list[Any] = of.execute("SELECT * FROM child WHERE id < 4 ORDER BY id")
    return rows + (of.execute("SELECT last_value FROM side.numbers") if kind == "postgresql" else [])


def schema(of: Project) -> Any:
    """The whole schema as the database itself writes it."""
    url = make_url(of.url)
    kind = url.get_backend_name()
    if kind == "sqlite":
        return of.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
    if kind == "postgresql":
        dumped: str = subprocess.run(
            [shutil.which("pg_dump") or "pg_dump", "--schema-only", of.url.replace("+psycopg", "")],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return sorted(re.sub(r"\\(un)?restrict \w+", "", dumped).split("\n"))
    names = of.execute("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database()")
    written = [
        of.execute(f"SHOW CREATE {'VIEW' if kind == 'VIEW' else 'TABLE'} `{name}`")[0][1]
        for name, kind in sorted(names)
    ]
    written += [row[2] for (name,) in of.execute(
        "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = database()"
    ) for row in of.execute(f"SHOW CREATE TRIGGER {name}")]  # fmt: skip
    return [re.sub(r" AUTO_INCREMENT=\d+", "", each).replace(f"`{url.database}`.", "") for each in written]


def counts(of: Project) -> dict[str, int]:
    """How many rows each table has."""
    url = make_url(of.url)
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
        "AND table_type = 'BASE TABLE'",
    }[url.get_backend_name()]
    with create_engine(of.url, poolclass=NullPool).connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0
            for (name,) in connection.execute(text(names)).fetchall()
        }


def database_names(of: Project) -> list[str]:
    """The scratch databases that are there, on the server or in the cache folder."""
    cache = of.folder / "cache" / "alembic-workbench" / "scratch"
    if make_url(of.url).get_backend_name() == "sqlite":
        return sorted(each.name for each in cache.iterdir())
    return []

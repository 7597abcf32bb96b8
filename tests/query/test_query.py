"""`wb.query()` gives rows, and the database refuses whatever would write."""

from __future__ import annotations

import datetime as dt
import math
import threading
import uuid
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import (
    Cancelled,
    DatabaseReadOnly,
    QueryFailed,
    RowsCut,
    UnsupportedRequest,
    WorkbenchError,
)

HOSTILE_NAME = 'odd "name`s%(x)s :id.t'
ROWS = [(1, "a"), (2, None), (3, "it's \\ :id")]
EVERYWHERE = [
    "DELETE FROM t", "delete from t returning id", "INSERT INTO t VALUES (9, 'x')", "UPDATE t SET name = 'x'",
    "DROP TABLE t", "CREATE TABLE u (id INTEGER)", "CREATE TEMPORARY TABLE u (id INTEGER)",
    "ALTER TABLE t ADD c INTEGER",
    "CREATE INDEX i ON t (name)", "COMMIT", "ROLLBACK", "SELECT 1; DELETE FROM t", "COMMIT; DELETE FROM t",
    "SELECT 1) ; DELETE FROM t; SELECT (1", "WITH d AS (DELETE FROM t RETURNING id) SELECT id FROM d",
    "/* SELECT */ DELETE FROM t", "TRUNCATE TABLE t", "WITH x AS (SELECT 1) DELETE FROM t",
]  # fmt: skip
HOSTILE = {
    "sqlite": [
        *EVERYWHERE, "PRAGMA user_version = 7", "PRAGMA query_only = OFF", "PRAGMA journal_mode = WAL",
        "PRAGMA writable_schema = ON", "PRAGMA foreign_keys = ON", "PRAGMA wal_checkpoint", "PRAGMA optimize",
        "ATTACH 'attached.db' AS other", "VACUUM", "VACUUM INTO 'copied.db'", "REINDEX", "ANALYZE", "BEGIN IMMEDIATE",
        "SAVEPOINT s", "CREATE VIRTUAL TABLE v USING fts5(a)", "SELECT load_extension('x')",
        "REPLACE INTO t VALUES (1, 'x')",
    ],
    "postgresql": [
        *EVERYWHERE, "COMMIT; SET default_transaction_read_only = off; DELETE FROM t",
        "ROLLBACK; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM t", "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', false)", "SELECT nextval('s')", "SELECT setval('s', 50)",
        "SELECT * FROM t FOR UPDATE", "SELECT writes()", "SELECT commits()", "SELECT 1 INTO u",
        "COPY t TO '/tmp/copied'", "COPY t FROM PROGRAM 'echo 9,x'", "DO $$ BEGIN DELETE FROM t; END $$",
        "LOCK TABLE t", "CALL commits_too()",
        "EXPLAIN ANALYZE DELETE FROM t", "PREPARE p AS DELETE FROM t", "SELECT $workbench$; COMMIT; DELETE FROM t",
        "VACUUM t", "ALTER SYSTEM SET work_mem = '5MB'", "NOTIFY n",
        "DECLARE c CURSOR FOR SELECT 1",
    ],
    "mariadb": [
        *EVERYWHERE, "SELECT 1 INTO OUTFILE '/tmp/copied'", "SELECT 1 INTO DUMPFILE '/tmp/copied'", "SELECT 1 INTO @x",
        "SET GLOBAL max_connections = 99", "SET SESSION TRANSACTION READ WRITE", "LOCK TABLES t WRITE", "FLUSH TABLES",
        "SELECT nextval(s)", "SELECT setval(s, 50)", "SELECT writes()", "CALL commits()",
        "START TRANSACTION READ WRITE",
        "EXECUTE IMMEDIATE 'DELETE FROM t'", "ANALYZE TABLE t", "OPTIMIZE TABLE t", "ANALYZE DELETE FROM t",
        "HANDLER t OPEN",
        "SELECT 1 /*!50000 INTO OUTFILE '/tmp/copied' */", "SELECT 1) INTO OUTFILE '/tmp/copied' -- ", "RESET MASTER",
        "REPLACE INTO t VALUES (1, 'x')", "INSERT INTO plain VALUES (1)", "CREATE USER workbench_mallory",
        "XA START 'x'",
    ],
}  # fmt: skip
SETUP = {
    "sqlite": [],
    "postgresql": [
        "CREATE SEQUENCE s",
        "CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS 'DELETE FROM t RETURNING id'",
        "CREATE FUNCTION commits() RETURNS int LANGUAGE plpgsql AS 'BEGIN COMMIT; DELETE FROM t; RETURN 1; END'",
        "CREATE PROCEDURE commits_too() LANGUAGE plpgsql AS 'BEGIN COMMIT; DELETE FROM t; END'",
    ],
    "mariadb": [
        "CREATE SEQUENCE s",
        "CREATE TABLE plain (id INT) ENGINE=MyISAM",
        "CREATE FUNCTION writes() RETURNS INT BEGIN DELETE FROM t; DELETE FROM plain; RETURN 1; END",
        "CREATE PROCEDURE commits() BEGIN COMMIT; START TRANSACTION READ WRITE; DELETE FROM t; COMMIT; END",
    ],
}
SLOW = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c",
    "postgresql": "SELECT pg_sleep(60)",
    "mariadb": "SELECT sleep(60) FROM t",
}


@pytest.fixture
def kind(database_url: str) -> str:
    """The kind of the database."""
    return database_url.partition(":")[0].partition("+")[0].replace("mysql", "mariadb")


@pytest.fixture
def made(tmp_path: Path, database_url: str, kind: str) -> Project:
    """An environment with a table of three rows."""
    made = project(tmp_path / "project", database_url)
    made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    for statement in SETUP[kind]:
        made.execute(statement.replace(":", r"\:"))
    backslash = "\\\\" if kind == "mariadb" else "\\"
    made.execute(f"INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'it''s {backslash} \\:id')")
    return made


@pytest.fixture
def wb(made: Project) -> Iterator[Workbench]:
    """A Workbench on it."""
    with made.workbench() as wb:
        yield wb


def rows(wb: Workbench, sql: str, **options: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, with None for what is missing."""
    frame = wb.query(sql, **options)
    return [tuple(None if each is None or each != each else each for each in row)  # noqa: PLR0124 - NaN
            for row in frame.astype(object).itertuples(index=False, name=None)]  # fmt: skip


def outcome(wb: Workbench, sql: str) -> str:
    """What becomes of a hostile query: the kind of its error, or `answered`."""
    try:
        wb.query(sql)
    except (DatabaseReadOnly, QueryFailed, UnsupportedRequest) as error:
        return type(error).__name__
    return "answered"


def test_nothing_is_written(made: Project, wb: Workbench, kind: str) -> None:
    """Whatever is asked, in the end the database and the folder hold what they held before, byte by byte."""
    wb.query("SELECT 1")
    before = made.database(), made.files(), made.execute("SELECT * FROM t ORDER BY id")
    users = made.execute("SELECT count(*) FROM mysql.user") if kind == "mariadb" else None

    answered = [sql for sql in HOSTILE[kind] if outcome(wb, sql) == "answered"]

    assert answered == []
    assert (made.database(), made.files(), made.execute("SELECT * FROM t ORDER BY id")) == before
    assert users == (made.execute("SELECT count(*) FROM mysql.user") if kind == "mariadb" else None)
    assert not Path("/tmp/copied").exists()  # noqa: S108 - where the statements above would write
    if kind != "sqlite":
        made.execute("INSERT INTO t VALUES (4, 'now')")

        assert rows(wb, "SELECT id FROM t ORDER BY id") == [(1,), (2,), (3,), (4,)]


def test_rows_and_parameters(wb: Workbench, kind: str) -> None:
    """Values take the places of their names, outside of strings; other colons stay; a limit tells that it has cut."""
    assert rows(wb, "SELECT * FROM t ORDER BY id;") == ROWS
    assert rows(wb, "SELECT id FROM t WHERE name = :name", name=ROWS[2][1]) == [(3,)]
    assert rows(wb, "SELECT id FROM t WHERE id IN :ids AND id > :least ORDER BY 1", ids=[1, 3], least=-5) == [
        (1,),
        (3,),
    ]
    assert rows(wb, "SELECT '12:30', ':id', ':id ''' -- :id\nFROM t WHERE id = :id", id=1) == [
        ("12:30", ":id", ":id '")
    ]
    assert rows(wb, "SELECT id FROM t WHERE name = :n", n="' OR 1 = 1 -- ") == []
    assert rows(wb, "SELECT id FROM t WHERE 1 = 0") == []
    assert rows(wb, "WITH a AS (SELECT id FROM t) SELECT count(*) AS b, 1 AS b FROM a") == [(3, 1)]

    values: dict[str, Any] = {
        "day": dt.date(2026, 2, 28), "when": dt.datetime(2026, 2, 28, 12, 30, 1), "price": Decimal("1.50"),  # noqa: DTZ001 - naive
        "half": 0.5, "yes": True, "nothing": None, "raw": b"\0\xff'", "emoji": "😀%s", "id": uuid.UUID(int=7),
    }  # fmt: skip
    told = rows(
        wb, "SELECT " + ", ".join(f":{name} AS {name[0]}{index}" for index, name in enumerate(values)), **values
    )

    last = ["None", str(values["raw"]), "😀%s", str(values["id"])]
    expected = {
        "postgresql": [*map(str, values.values())],
        "sqlite": ["2026-02-28", "2026-02-28 12:30:01", "1.5", "0.5", "1", *last],
        "mariadb": ["2026-02-28", "2026-02-28 12:30:01", "1.50", "0.5", "1", *last],
    }[kind]
    assert [str(each).replace("T", " ").rstrip() for each in told[0]] == [each.replace("T", " ") for each in expected]

    with pytest.warns(RowsCut, match=r"^There are more rows: these are the first 2\. All of them: wb\.query") as warned:
        frame = wb.query("SELECT id, id FROM t ORDER BY id", limit=2)

    assert (frame.shape, [*frame.columns], frame.attrs) == ((2, 2), ["id", "id"], {"cut": True})
    assert [(each.filename, each.lineno) for each in warned] == [("wb.query", 1)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wb.query("SELECT id FROM t", limit=3).attrs == {"cut": False}
        assert wb.query("SELECT id FROM t", limit=None).shape == (3, 1)


def test_what_cannot_be_answered(wb: Workbench) -> None:
    """The database's own words, what was asked, and what to do; the Workbench answers the next question as before."""
    error = refused(wb, "SELECT * FROM t WHERE id = :wanted")

    assert (type(error), error.message) == (QueryFailed, "The database cannot answer this query.")
    assert error.remedy == "There is no value for :wanted: wb.query(…, wanted=…)."
    assert [title for title, _ in error.evidence] == ["query", "the database says"]
    assert refused(wb, "SELECT * FROM t WHERE id IN :ids", ids=[]).message == ":ids is an empty list."
    assert refused(wb, "SELECT :x", x=object()).message == "A query takes no object as a value."
    assert refused(wb, " ").message == "There is no query."
    assert refused(wb, "SELECT 1", limit=-1).message == "limit=-1 is no number of rows."
    assert refused(wb, "SELECT 1", timeout=0).message == "timeout=0 is no time."
    assert refused(wb, "SELECT 1", database="other").message.startswith("There is no database 'other'; env.py has ")
    assert rows(wb, "SELECT count(*) FROM t") == [(3,)]


def refused(wb: Workbench, sql: str, **options: Any) -> WorkbenchError:
    """The error of a query."""
    with pytest.raises(WorkbenchError) as caught:
        wb.query(sql, **options)
    return caught.value


def test_time_and_cancel(wb: Workbench, kind: str) -> None:
    """A query ends when its time is over, or when it is cancelled."""
    assert refused(wb, SLOW[kind], timeout=0.2).message == (
        "The query had no answer within 0.2 seconds, and was stopped."
    )
    timer = threading.Timer(0.5, wb.cancel)
    timer.start()

    assert type(refused(wb, SLOW[kind], timeout=20)) is Cancelled

    timer.join()
    assert rows(wb, "SELECT count(*) FROM t") == [(3,)]


def test_first_rows(made: Project, wb: Workbench, kind: str) -> None:
    """A table's first rows, whatever its name."""
    name = HOSTILE_NAME.replace("`", "") if kind == "mariadb" else HOSTILE_NAME
    quoted = f"`{name}`" if kind == "mariadb" else '"' + name.replace('"', '""') + '"'
    made.execute(f"CREATE TABLE {quoted.replace(':', chr(92) + ':')} (id INTEGER)")
    made.execute(f"INSERT INTO {quoted.replace(':', chr(92) + ':')} VALUES (1), (2), (3)")

    table = wb.schema().table(name)

    assert table.first_rows(2)["id"].to_list() == [1, 2]
    assert table.first_rows(0).shape == (0, 1)
    assert wb.schema().table("t").first_rows().shape == (3, 2)


@pytest.mark.postgresql
def test_dtypes(tmp_path: Path, postgresql_url: str) -> None:
    """Numbers, truth values and dates have dtypes of their own also beside NULL; all else is as the driver gives it."""
    made = project(tmp_path / "project", postgresql_url)
    with made.workbench() as wb:
        frame = wb.query(
            "SELECT * FROM (VALUES (1, true, 0.5::float8, 1.5::numeric, DATE '2026-01-01',"
            " TIMESTAMP '2026-01-01 12:00', TIMESTAMPTZ '2026-01-01 12:00+02', '\\x00'::bytea,"
            " '{1,2}'::int[], '{\"a\": [1]}'::jsonb,"
            " int4range(1, 3)), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))"
            " AS v (i, b, f, n, d, t, z, y, l, j, r)"
        )
        big = wb.query(
            "SELECT 170141183460469231731687303715884105727::numeric::text AS big, 9223372036854775807 AS most"
        )

    assert {name: str(dtype).replace("[ns", "[us") for name, dtype in frame.dtypes.items()} == {
        "i": "Int64", "b": "boolean", "f": "float64", "n": "object", "d": "object", "t": "datetime64[us]",
        "z": "datetime64[us, UTC]", "y": "object", "l": "object", "j": "object", "r": "object",
    }  # fmt: skip
    assert [frame[name][0] for name in "ndylj"] == [Decimal("1.5"), dt.date(2026, 1, 1), b"\0", [1, 2], {"a": [1]}]
    assert (str(frame["z"][0]), math.isnan(frame["f"][1])) == ("2026-01-01 10:00:00+00:00", True)
    assert big["most"][0] == 9223372036854775807


def test_several_databases(tmp_path: Path) -> None:
    """With several databases one has to be named; each is asked by its name."""
    made = project(tmp_path / "project", "sqlite://")
    paths = {name: f"sqlite:///{tmp_path / name}.db" for name in ("orders", "users")}
    made.raw_env(
        "from alembic import context\nfrom sqlalchemy import create_engine\n"
        f"for name, url in {paths!r}.items():\n"
        "    with create_engine(url).connect() as connection:\n"
        "        context.configure(connection=connection, upgrade_token=name, downgrade_token=name)\n"
        "        with context.begin_transaction():\n"
        "            context.run_migrations(engine_name=name)\n"
    )
    for name, url in paths.items():
        Project(tmp_path, url).execute(f"CREATE TABLE {name} (id INTEGER)")
    with made.workbench() as wb:
        error = refused(wb, "SELECT * FROM users")

        assert error.message == "It is not said which database is asked; env.py has orders, users."
        assert error.remedy == "Name one: wb.query(…, database='orders')."
        assert rows(wb, "SELECT count(*) FROM users", database="users") == [(0,)]

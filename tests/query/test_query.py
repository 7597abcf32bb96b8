"""`wb.query()` gives rows, and the database refuses whatever would write."""

from __future__ import annotations

import datetime as dt
import enum
import math
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from psycopg.types import datetime

from tests.kept import ON_MARIADB, ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.bridge import querying
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
def kind(kept_database_url: str) -> str:
    """The kind of the database."""
    return kept_database_url.partition(":")[0].partition("+")[0].replace("mysql", "mariadb")


@pytest.fixture
def made(bare: Project, kind: str) -> Project:
    """An environment with a table of three rows."""
    made = bare
    made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    for statement in SETUP[kind]:
        made.execute(statement.replace(":", r"\:"))
    backslash = "\\\\" if kind == "mariadb" else "\\"
    made.execute(f"INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'it''s {backslash} \\:id')")
    return made


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


@pytest.mark.usefixtures("made")
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


@pytest.mark.usefixtures("made")
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


@pytest.mark.usefixtures("made")
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


@pytest.mark.usefixtures("made")
def test_refused_alike(wb: Workbench, kind: str) -> None:
    """What would write, and what is no query, is refused in the same words by each database."""
    for sql in (
        "DELETE FROM t",
        "INSERT INTO t VALUES (9, 'x')",
        "COMMIT",
        "DROP TABLE t",
        "CREATE TABLE x (id INTEGER)",
    ):
        error = refused(wb, sql)

        assert (sql, type(error)) == (sql, DatabaseReadOnly)
        assert error.message == "wb.query() only looks, and the database refused this: it would write, or is no query."
        kinds = "SELECT, WITH or VALUES" if kind == "mariadb" else "SELECT, WITH, VALUES or EXPLAIN"
        assert error.remedy == f"Ask a {kinds}; changes belong into a revision."
    for sql in ("SELECT 1; SELECT 2", "SELECT FROM FROM"):
        assert (sql, type(refused(wb, sql))) == (sql, QueryFailed)


@pytest.mark.usefixtures("made")
def test_values_of_pandas(wb: Workbench) -> None:
    """What comes out of a frame can be asked with: numpy's numbers, pandas' dates and missing values, series."""
    frame = wb.query("SELECT id FROM t ORDER BY id", limit=None)
    day = pd.Timestamp("2026-02-28 12:00")

    assert rows(wb, "SELECT name FROM t WHERE id = :id", id=frame["id"].to_numpy(int)[0]) == [("a",)]
    assert rows(wb, "SELECT count(*) FROM t WHERE id IN :ids", ids=frame["id"]) == [(3,)]
    assert rows(wb, "SELECT count(*) FROM t WHERE id IN :ids", ids=range(3)) == [(2,)]
    assert rows(wb, "SELECT 1 WHERE :a IS NULL AND :b IS NULL", a=pd.NaT, b=pd.NA) == [(1,)]
    assert str(rows(wb, "SELECT :day AS day", day=day)[0][0])[:10] == "2026-02-28"
    assert rows(wb, "SELECT id FROM t WHERE name = :it", it=Kind.SOME) == [(1,)]


class Kind(enum.Enum):
    """Something of the caller's own, which the worker does not know."""

    SOME = "a"


@pytest.mark.usefixtures("made")
def test_what_is_no_question(wb: Workbench) -> None:
    """Arguments of the wrong kind, and values that the driver cannot send, are told as what they are."""
    for sql in (None, b"SELECT 1"):
        assert refused(wb, sql).message == f"A query is a text, and no {type(sql).__name__}."  # type: ignore[arg-type]
    for limit in (1.5, "5"):
        assert refused(wb, "SELECT 1", limit=limit).message == f"limit={limit!r} is no number of rows."
    for timeout in (None, "x", math.nan, math.inf):
        assert refused(wb, "SELECT 1", timeout=timeout).message == f"timeout={timeout!r} is no time."
    for number in (2**70 if "sqlite" in str(wb.current()) else "\ud800", "\ud800"):
        error = refused(wb, "SELECT :x AS x", x=number)
        assert (type(error), error.message) == (QueryFailed, "The database cannot answer this query.")
    assert refused(wb, "SELECT :limit AS x", limit=5).remedy == (
        ":limit cannot be given: wb.query() has an argument of this name. Call it something else."
    )
    shown = dict(refused(wb, f"SELECT {'1 + ' * 3000} nowhere").evidence)["query"]
    assert (len(shown) <= 2000, shown[-1]) == (True, "…")


@ON_SQLITE
def test_virtual_tables(made: Project, wb: Workbench) -> None:
    """SQLite's table-valued functions, full-text and R-tree tables can be read, and not written by what lets them."""
    made.execute(
        "CREATE VIRTUAL TABLE words USING fts5(word)", "INSERT INTO words VALUES ('a b')",
        "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)", "INSERT INTO boxes VALUES (1, 2, 3)",
    )  # fmt: skip
    before = made.database()

    assert rows(wb, "SELECT name FROM pragma_table_info('t')") == [("id",), ("name",)]
    assert rows(wb, "SELECT * FROM pragma_user_version") == [(0,)]
    assert rows(wb, "SELECT value FROM json_each('[1, 2]')") == [(1,), (2,)]
    assert rows(wb, "SELECT * FROM words WHERE words MATCH 'b'") == [("a b",)]
    assert rows(wb, "SELECT id FROM boxes WHERE low < 3") == [(1,)]
    for sql in (
        "INSERT INTO boxes VALUES (2, 2, 3)", "DELETE FROM boxes_node", "UPDATE boxes_rowid SET nodeno = 7",
        "INSERT INTO words VALUES ('c')", "UPDATE sqlite_master SET sql = ''", "CREATE TABLE x (id)",
        "INSERT INTO words (words) VALUES ('optimize')", "PRAGMA query_only = OFF", "PRAGMA cache_size = 5",
    ):  # fmt: skip
        assert (sql, type(refused(wb, sql))) == (sql, DatabaseReadOnly)
    assert made.database() == before


@ON_POSTGRESQL
@pytest.mark.usefixtures("made")
def test_dates_that_python_has_not(wb: Workbench) -> None:
    """A column with such a date is text; the others are what they were, and names may come twice."""
    frame = wb.query(
        "SELECT * FROM (VALUES (DATE 'infinity', 1, TIMESTAMP '2026-01-01', TIME '24:00', DATERANGE '[-infinity,)'),"
        " ('0044-03-15 BC', 2, '20000-01-01', '10:00', 'empty')) AS v (d, i, d, t, r) ORDER BY i; "
    )

    assert [*frame.columns] == ["d", "i", "d", "t", "r"]
    assert frame.astype(object).to_numpy().tolist() == [
        ["infinity", 1, "2026-01-01 00:00:00", "24:00:00", "[-infinity,)"],
        ["0044-03-15 BC", 2, "20000-01-01 00:00:00", "10:00:00", "empty"],
    ]
    assert rows(wb, "SELECT DATE '-infinity' AS d WHERE 1 = :one", one=1) == [("-infinity",)]
    assert rows(wb, "SELECT DATE '9999-12-31' AS d, 'infinity' AS s") == [(dt.date(9999, 12, 31), "infinity")]


@ON_POSTGRESQL
@pytest.mark.parametrize("given, told", [("infinity", "infinity"), ("9999-12-31", dt.date(9999, 12, 31))])
def test_a_driver_that_knows_no_infinity(given: str, told: Any, made: Project) -> None:
    """Some give the last date that Python knows, and say nothing: the database is asked again."""

    class Loader(datetime.DateLoader):
        def load(self, data: Any) -> dt.date:
            return dt.date.max if bytes(data) == b"infinity" else super().load(data)

    sql = f"SELECT DATE '{given}' AS d, 'to infinity' AS s, 1 AS n"
    engine = sa.create_engine(made.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.adapters.register_loader("date", Loader)
        answer = querying.ask(connection, querying.Query(sql, {}, 10, 5))

    assert answer == (("d", "s", "n"), [(told, "to infinity", 1)])


@ON_MARIADB
def test_dates_of_zeros(made: Project, wb: Workbench) -> None:
    """MariaDB's dates that are none are texts beside the others."""
    made.execute(
        "SET SESSION sql_mode = ''", "CREATE TABLE z (d DATE)", "INSERT INTO z VALUES ('0000-00-00'), ('2026-01-02')"
    )

    assert rows(wb, "SELECT d FROM z ORDER BY d") == [("0000-00-00",), (dt.date(2026, 1, 2),)]


@ON_POSTGRESQL
@pytest.mark.usefixtures("made")
def test_lost_connection(wb: Workbench) -> None:
    """A connection that is lost is told as that, and not as an error of env.py."""
    error = refused(wb, "SELECT pg_terminate_backend(pg_backend_pid())")

    assert (type(error), error.message, error.remedy) == (
        QueryFailed, "The connection to the database was lost before it had answered.",
        "Look whether the server runs, and who ended the session; then ask again.",
    )  # fmt: skip
    assert rows(wb, "SELECT 1") == [(1,)]


@ON_POSTGRESQL
def test_the_kernel_is_killed(made: Project) -> None:
    """The server does not go on with the query of a kernel that is gone."""
    ini = str(made.folder / "alembic.ini")
    code = f"import workbench; workbench.Workbench({ini!r}).query('SELECT pg_sleep(120)', timeout=300)"
    running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
    running += " AND pid <> pg_backend_pid()"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as kernel:
        wait_until(lambda: made.execute(running) == [(1,)])
        kernel.kill()
    wait_until(lambda: made.execute(running) == [(0,)])


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again, and give up after half a minute."""
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


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


@ON_POSTGRESQL
def test_first_rows_that_nobody_may_read(made: Project, tmp_path: Path) -> None:
    """The database has refused it, and says so, also where it does not know how many rows there are."""
    made.execute(
        "CREATE TABLE closed (id INTEGER)", "CREATE ROLE wbtest_no_reader LOGIN",
        "GRANT USAGE ON SCHEMA public TO wbtest_no_reader",
    )  # fmt: skip
    url = sa.make_url(made.url).set(username="wbtest_no_reader").render_as_string(hide_password=False)
    try:
        with project(tmp_path, url).workbench() as workbench:
            table = workbench.schema().table("closed")
            with pytest.raises(QueryFailed) as error:
                table.first_rows()
    finally:
        made.execute("DROP OWNED BY wbtest_no_reader", "DROP ROLE wbtest_no_reader")

    assert table.rows is None
    assert str(error.value).splitlines()[-2:] == [
        "the database says: permission denied for table closed",
        "What to do: The account that env.py connects with may not read it. Let it SELECT there, or use another one.",
    ]


@ON_POSTGRESQL
@pytest.mark.usefixtures("bare")
def test_dtypes(wb: Workbench) -> None:
    """Numbers, truth values and dates have dtypes of their own also beside NULL; all else is as the driver gives it."""
    frame = wb.query(
        "SELECT * FROM (VALUES (1, true, 0.5::float8, 1.5::numeric, DATE '2026-01-01',"
        " TIMESTAMP '2026-01-01 12:00', TIMESTAMPTZ '2026-01-01 12:00+02', '\\x00'::bytea,"
        " '{1,2}'::int[], '{\"a\": [1]}'::jsonb,"
        " int4range(1, 3)), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))"
        " AS v (i, b, f, n, d, t, z, y, l, j, r)"
    )
    big = wb.query("SELECT 170141183460469231731687303715884105727::numeric::text AS big, 9223372036854775807 AS most")

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

"""What is told while a Plan runs: what a statement waits for, how far it is, and all of it as text."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.apply.test_apply import SLOW, kind
from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project, project
from tests.worker.test_worker import PATIENCE
from workbench import Workbench
from workbench.bridge import waiting
from workbench.results import Event


@contextlib.contextmanager
def blocking(url: str, *statements: str) -> Iterator[Any]:
    """A transaction that somebody has left open after these statements."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        for each in statements:
            connection.execute(text(each))
        yield connection
        connection.rollback()


LOCK = "LOCK TABLE t1 IN ACCESS EXCLUSIVE MODE"
ALTER = "ALTER TABLE t1 ADD COLUMN name VARCHAR(10)"
UPDATE = "UPDATE t1 SET id = id + 1"
OPEN = r"its transaction open for \d+ s"
IDLE = r"\(connection \d+\), which does nothing at the moment"
HELD = {
    LOCK: r"waits for a lock: held by \S+ \(process \d+, psql of anna\), which has its transaction open and does "
    rf"nothing; its last statement was {LOCK}, {OPEN}",
    "SELECT * FROM t1": rf"waits for a table metadata lock: held by \S+ {IDLE}, {OPEN}",
    UPDATE: rf"waits for a row lock: held by \S+ {IDLE}, {OPEN}",
}


@pytest.mark.parametrize(
    "which,blocked_by,blocked",
    [("postgresql", LOCK, ALTER), ("mariadb", "SELECT * FROM t1", ALTER), ("mariadb", UPDATE, UPDATE)],
)
def test_who_blocks_it(
    tmp_path: Path, request: pytest.FixtureRequest, which: str, blocked_by: str, blocked: str
) -> None:
    """A statement that waits for a lock tells who holds it; when that one lets go, it comes to its end."""
    url = request.getfixturevalue(f"{which}_url")
    made = project(tmp_path / "project", url).tables(1)
    made.revision("r2", "r1", f"op.execute({blocked!r})")
    heard: list[Event] = []
    with made.workbench() as wb:
        assert wb.upgrade("r1").apply().ok
        plan = wb.upgrade()
        made.execute("INSERT INTO t1 VALUES (1)")
        named = make_url(url)
        if which == "postgresql":
            named = named.update_query_dict({"application_name": "psql of anna"})
        with blocking(named.render_as_string(hide_password=False), blocked_by) as other:

            def on_event(event: Event) -> None:
                if event.kind == "waiting":
                    heard.append(event)
                    other.rollback()

            run = plan.apply(on_event=on_event, lock_timeout=PATIENCE)

    assert run.ok, run
    assert heard, run
    first = heard[0]
    assert ("waiting", 0, "r2") == (first.kind, first.step, first.revision)
    assert re.fullmatch(HELD[blocked_by], first.sql), first.sql
    assert first.seconds is not None
    assert first.seconds >= 1


@ON_POSTGRESQL
def test_how_far_an_index_is(bare: Project, wb: Workbench) -> None:
    """PostgreSQL tells of an index that is being built in percent."""
    made = bare
    made.revision("r1", None, "op.execute('CREATE INDEX slow ON large (slowly(id))')")
    made.execute(
        "CREATE TABLE large AS SELECT id FROM generate_series(1, 400000) AS id",
        "CREATE FUNCTION slowly(n INTEGER) RETURNS INTEGER IMMUTABLE LANGUAGE plpgsql AS $$ "
        "BEGIN IF n % 400 = 0 THEN PERFORM pg_sleep(0.005); END IF; RETURN n; END $$",
    )
    told: list[str] = []

    def on_event(event: Event) -> None:
        if event.kind == "waiting":
            told.append(event.sql)
            if re.search(r", [1-9]\d* %$", event.sql):
                wb.cancel()

    run = wb.upgrade().apply(on_event=on_event)

    assert run.cancelled, told
    assert re.fullmatch(r"building index: scanning table, \d+ %", told[-1])


@ON_SQLITE
def test_an_apply_that_is_printed(bare: Project, wb: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    """`on_event=print`: each step with its number and message, each statement when it begins, and what came of it."""
    made = bare.tables(1)
    made.revision("0123456789ab", "r1", "op.execute('INSERT INTO t1 VALUES (1), (2)')")
    made.revision("r3", "0123456789ab", "op.execute('SELECT * FROM nowhere')")
    wb.upgrade().apply(on_event=print)
    told = re.sub(r"\d+ ms|\d+\.\d s", "<time>", capsys.readouterr().out)

    assert (
        """\
step 1 of 3: r1 Do r1.
  CREATE TABLE t1 ( id INTEGER NOT NULL, PRIMARY KEY (id) )
    <time>
  INSERT INTO alembic_version (version_num) VALUES ('r1') RETURNING version_num
    <time>
  done in <time>
step 2 of 3: 01234567 Do 0123456789ab.
  INSERT INTO t1 VALUES (1), (2)
    2 rows, <time>
  UPDATE alembic_version SET version_num='0123456789ab' WHERE alembic_version.version_num = 'r1'
    1 row, <time>
  done in <time>
step 3 of 3: r3 Do r3.
  SELECT * FROM nowhere
  failed
"""
        == told
    )


def test_others_are_answered_while_an_apply_runs(tmp_path: Path, sqlite_url: str) -> None:
    """Another Workbench, on the same database, answers in the middle of a statement; the kernel is not blocked."""
    made = project(tmp_path / "project", sqlite_url).tables(1)
    made.revision("r2", "r1", f"op.execute({SLOW['sqlite']!r})")
    began = threading.Event()
    runs: list[Any] = []
    with made.workbench() as wb, made.workbench() as other:
        assert wb.upgrade("r1").apply().ok
        plan = wb.upgrade()

        def on_event(event: Event) -> None:
            if event.kind == "statement" and event.sql == SLOW[kind(made)]:
                began.set()

        thread = threading.Thread(target=lambda: runs.append(plan.apply(on_event=on_event)))
        thread.start()
        assert began.wait(PATIENCE)
        answers = other.history().current, other.journal().result.tolist()[0], str(plan)
        wb.cancel()
        thread.join(PATIENCE)

    assert (("r1",), "running", str(plan)) == answers
    assert [(True, ("r1",))] == [(run.cancelled, run.heads) for run in runs]


@pytest.mark.parametrize(
    "query",
    ["ALTER ROLE anna PASSWORD 'hunter2!'", "CREATE USER anna IDENTIFIED BY 'hunter2!'",
     "ALTER USER anna WITH ENCRYPTED PASSWORD 'hunter2!' VALID UNTIL '2027-01-01'",
     "ALTER USER anna IDENTIFIED WITH caching_sha2_password BY 'hunter2!"],
)  # fmt: skip
def test_a_password_in_somebody_elses_query(query: str) -> None:
    """The query of whoever holds a lock is shown without the password that it sets."""
    row = {
        "pid": 7,
        "usename": "root",
        "application_name": "",
        "state": "active",
        "query": query,
        "since": 1,
        "open": 1,
    }

    told, _ = waiting.words(
        "postgresql", lambda sql: [row] if "IN (" in sql else [{"wait_event_type": "Lock", "blockers": "[7]"}], 9
    )

    assert "hunter2" not in told
    assert "held by root (process 7) running " in told

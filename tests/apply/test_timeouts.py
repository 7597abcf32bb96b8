"""How long a statement waits for a lock, how long it may run, and when a step is tried again."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project, project, told
from workbench import Workbench
from workbench.errors import LockNotHad, MigrationFailed
from workbench.results import Event

QUICK = {"lock_timeout": 0.3, "backoff": 0.2}
SETTINGS = {
    "postgresql": "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')",
    "mysql": "SELECT concat(@@lock_wait_timeout, ' ', @@innodb_lock_wait_timeout, ' ', @@max_statement_time)",
    "sqlite": "PRAGMA busy_timeout",
}
OURS = {"postgresql": "7s 90s", "mysql": "7 7 90.000000", "sqlite": "7000"}
ITS_OWN = {"postgresql": "SET lock_timeout = '11s'", "mysql": "SET SESSION lock_wait_timeout = 11",
           "sqlite": "PRAGMA busy_timeout = 11000"}  # fmt: skip
AFTER = {"postgresql": "11s 90s", "mysql": "11 7 90.000000", "sqlite": "11000"}


def kind(made: Project) -> str:
    """Which of the three it is."""
    return make_url(made.url).get_backend_name()


@pytest.fixture
def made(bare: Project) -> Project:
    """An environment on a database that holds a table of its own, with one row."""
    bare.execute("CREATE TABLE held (id INTEGER PRIMARY KEY)", "INSERT INTO held VALUES (1)")
    return bare


@contextmanager
def blocker(made: Project) -> Iterator[Callable[[], None]]:
    """Somebody who has changed the row and does not commit; call what it gives to end that."""
    engine = create_engine(made.url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("UPDATE held SET id = 1"))
        yield connection.rollback


def test_they_are_set_for_the_session(made: Project, wb: Workbench) -> None:
    """Lock and statement timeouts are as asked for, and what a revision sets itself wins; None leaves the server's."""
    told = made.folder / "told"
    ask = (
        f"open({str(told)!r}, 'a').write(str(op.get_bind().execute(sa.text({SETTINGS[kind(made)]!r})).scalar()) + '|')"
    )
    not_offline = "if not op.get_context().as_sql:\n    "
    made.revision("r1", None, not_offline + ask)
    made.revision("r2", "r1", f"op.execute({ITS_OWN[kind(made)]!r})\n{not_offline}{ask}")
    made.revision("r3", None)
    made.revision("r3", "r2", not_offline + ask)
    theirs = str(made.execute(SETTINGS[kind(made)])[0][0])
    assert wb.upgrade("r2").apply(lock_timeout=7, statement_timeout=90).ok
    assert wb.upgrade("r3").apply(lock_timeout=None, statement_timeout=None).ok

    assert [OURS[kind(made)], AFTER[kind(made)], theirs] == told.read_text().split("|")[:-1]


def test_a_lock_that_never_comes(made: Project, wb: Workbench) -> None:
    """It ends in time, says what it waited for and, where that can be told, who holds it; nothing of it is left."""
    made.revision("r1", None)
    made.revision("r2", "r1", "op.execute('ALTER TABLE held ADD COLUMN name VARCHAR(9)')")
    notices: list[str] = []
    assert wb.upgrade("r1").apply().ok
    plan = wb.upgrade()
    with blocker(made):
        run = plan.apply(
            retries=2, on_event=lambda each: notices.append(each.sql) if each.kind == "notice" else None, **QUICK
        )
    again = wb.upgrade().apply()

    assert isinstance(run.error, LockNotHad)
    assert isinstance(run.error, MigrationFailed)
    assert "The upgrade of r2 failed: it waited for a lock that somebody else holds, until its time was over." == (
        run.error.message
    )
    assert [
        f"r2 could not have a lock; trying again in {wait} s ({n} of 2)" for wait, n in (("0.2", 1), ("0.4", 2))
    ] == notices
    evidence = dict(run.error.evidence)
    assert "ALTER TABLE held ADD COLUMN name VARCHAR(9)" == evidence["statement"]
    holder = re.sub(r"\d\d:\d\d:\d\d|\d{4}-\S+ <t>|\d+", "<n>", evidence.get("who may hold it", ""))
    expected = {
        "postgresql": r"postgres \(process <n> of the server, idle in transaction\) has held locked since <n> UTC: "
        "UPDATE held SET id = <n>",
        "mysql": r"root from \S+ \(connection <n>\) has a transaction open since \S+ <n>",
        "sqlite": "",
    }[kind(made)]
    assert re.fullmatch(expected, holder), holder
    assert again.ok
    assert ("r2",) == again.heads


def test_tried_again_until_it_is_free(made: Project) -> None:
    """While it waits, the other ends: the step is run again, earlier ones are not, and the Run has all tries."""
    made.env(options={"transaction_per_migration": True})
    made.revision("r1", None, "op.create_table('t1', sa.Column('id', sa.Integer))")
    made.revision("r2", "r1", "op.execute('ALTER TABLE held ADD COLUMN name VARCHAR(9)')")
    made.revision("r3", "r2", "op.create_table('t3', sa.Column('id', sa.Integer))")
    events: list[Event] = []
    with made.workbench() as wb, blocker(made) as end:
        if kind(made) == "sqlite":  # one who writes keeps all others from it
            end()
            assert wb.upgrade("r1").apply().ok
            made.execute("PRAGMA journal_mode = DELETE")
    with made.workbench() as wb, blocker(made) as end:

        def on_event(event: Event) -> None:
            events.append(event)
            if event.kind == "notice":
                end()

        run = wb.upgrade().apply(on_event=on_event, **QUICK)

    assert (True, ("r3",)) == (run.ok, run.heads), run
    assert {"done"} == {each.outcome for each in run.steps}
    steps = [each.revision for each in events if each.kind in {"step", "notice", "step_failed"}]
    first = [] if kind(made) == "sqlite" else ["r1"]
    assert [*first, "r2", "r2", "r2", "r3"] == steps  # the first try, the notice, the second try
    assert 1 == sum(each.sql.startswith("ALTER TABLE held") for each in run.executed)
    assert len(first) == sum(each.sql.strip().startswith("CREATE TABLE t1") for each in run.executed)


@ON_POSTGRESQL
def test_one_transaction_is_tried_again_as_a_whole(bare: Project, wb: Workbench) -> None:
    """PostgreSQL has taken the first step back with the second: both are run again, and the Run says what ran."""
    made = bare.tables(1)
    made.execute("CREATE TABLE held (id INTEGER PRIMARY KEY)")
    made.execute("INSERT INTO held VALUES (1)")
    made.revision("r2", "r1", "op.execute('ALTER TABLE held ADD COLUMN name VARCHAR(9)')")
    with blocker(made) as end:
        run = wb.upgrade().apply(on_event=lambda each: end() if each.kind == "notice" else None, **QUICK)

    assert (True, ("r2",), ["done", "done"]) == (run.ok, run.heads, [each.outcome for each in run.steps])
    assert 2 == sum(each.sql.strip().startswith("CREATE TABLE t1") for each in run.executed)


@pytest.mark.parametrize("how", ["autocommit_block", "ddl"])
def test_what_has_left_something_is_not_tried_again(tmp_path: Path, request: pytest.FixtureRequest, how: str) -> None:
    """After an autocommit_block, or DDL that is not rolled back, a second try would meet the first one's work."""
    url: str = request.getfixturevalue("postgresql_url" if how == "autocommit_block" else "mariadb_url")
    made = project(tmp_path / "project", url)
    made.execute("CREATE TABLE held (id INTEGER PRIMARY KEY)")
    made.execute("INSERT INTO held VALUES (1)")
    left = "op.execute('CREATE TABLE left_over (id INTEGER)')"
    block = f"with op.get_context().autocommit_block():\n    {left}\n" if how == "autocommit_block" else f"{left}\n"
    made.revision("r1", None, f"{block}op.execute('ALTER TABLE held ADD COLUMN name VARCHAR(9)')")
    kinds: list[str] = []
    with made.workbench() as wb, blocker(made):
        run = wb.upgrade().apply(on_event=lambda each: kinds.append(each.kind), **QUICK)

    assert isinstance(run.error, LockNotHad)
    assert ["step", "step_failed"] == [each for each in kinds if each in {"step", "notice", "step_failed"}]
    assert "left_over" in {table for _, table in made.database()}


def test_a_statement_that_takes_too_long(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """PostgreSQL and MariaDB stop it, and the error names the option."""
    errors: list[Any] = []
    for fixture, statement in (
        ("postgresql_url", "SELECT pg_sleep(60)"),
        ("mariadb_url", "SELECT SLEEP(60) FROM dual"),
    ):
        made = project(tmp_path / fixture, request.getfixturevalue(fixture))
        made.revision("r1", None, f"op.execute({statement!r})")
        with made.workbench() as wb:
            run = wb.upgrade().apply(statement_timeout=0.3)
        errors.append(run.error and told(run.error, made).splitlines()[0])

    assert ["The upgrade of r1 failed: a statement took longer than it may."] * 2 == errors


def test_cancel_while_it_waits(made: Project, wb: Workbench) -> None:
    """Between two tries a cancel is heard at once."""
    made.revision("r1", None, "op.execute('ALTER TABLE held ADD COLUMN name VARCHAR(9)')")

    def on_event(event: Event) -> None:
        if event.kind == "notice":
            threading.Thread(target=wb.cancel).start()

    plan = wb.upgrade()
    with blocker(made):
        run = plan.apply(on_event=on_event, lock_timeout=0.3, backoff=600)

    assert (False, True, ()) == (run.ok, run.cancelled, run.heads)

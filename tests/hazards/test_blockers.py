"""Who would hold up what a Plan locks, at the moment when its rows are asked; nobody is asked before that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.kept import ON_MARIADB, ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.hazards import locks
from workbench.render import hazard_words
from workbench.results import Activity, Blocker, Lock, Plan

_INDEX = 'op.create_index("ix_a", "t", ["a"])'
_COLUMN = 'op.add_column("t", sa.Column("c", sa.Integer()))'
_CONCURRENTLY = f"with op.get_context().autocommit_block():\n    {_INDEX[:-1]}, postgresql_concurrently=True)"


@ON_POSTGRESQL
def test_who_writes_holds_up_an_index(bare: Project, wb: Workbench) -> None:
    """One that has written does, one that has only read does not, and each is told by its number."""
    plan = _plan(bare, wb, _INDEX)
    with _session(bare) as writer, _session(bare) as reader:
        writer.exec_driver_sql("SET application_name = 'till'")
        writer.exec_driver_sql("INSERT INTO t VALUES (7, 7) -- PASSWORD 's3cret'")
        reader.exec_driver_sql("SELECT * FROM t").all()
        pid, other = _number(writer), _number(reader)
        assert (None,) == tuple(each.blockers for each in plan.locks)
        asked = wb.preflight(plan)
        (lock,) = asked.locks
        (found,) = lock.blockers or ()
        assert Blocker(
            pid, "postgres", "till", "idle in transaction", found.seconds, "t", "ROW EXCLUSIVE",
            query="SELECT pg_backend_pid()",
        ) == found  # fmt: skip
        assert found.seconds is not None
        assert (None, ()) == (None if lock.oldest == found.seconds else lock.oldest, lock.blocked)
        assert [1, 0, found.seconds] == list(asked.locks_df[["blockers", "blocked", "oldest"]].iloc[0])
        lines = [each.strip() for each in str(asked).split("\n") if "transaction" in each]
        assert ["⚠ 1 transaction (till, idle in transaction) would hold up what locks t."] == lines
        seen = f"A transaction open for N s (pid {pid}, till, idle in transaction) would hold up what locks t."
        assert [seen] == _plainly(hazard_words.held_up(asked, live=True))
        told = wb.preflight(_plan_again(bare, wb, _COLUMN)).locks[0].blockers or ()
        assert {pid: "ROW EXCLUSIVE", other: "ACCESS SHARE"} == {each.number: each.level for each in told}


@ON_POSTGRESQL
def test_who_waits_and_who_is_only_open(bare: Project, wb: Workbench) -> None:
    """CONCURRENTLY waits for each open transaction, whatever it has done; not for one of another database."""
    plan = _plan(bare, wb, _CONCURRENTLY)
    with _session(bare) as opened:
        opened.exec_driver_sql("SELECT 1")
        (lock,) = wb.preflight(plan).locks
        (found,) = lock.blockers or ()
        assert (_number(opened), "", "") == (found.number, found.table, found.level)


@ON_POSTGRESQL
def test_a_password_is_not_told(bare: Project, wb: Workbench) -> None:
    """What a statement sets is blotted out of it."""
    plan = _plan(bare, wb, _INDEX)
    with _session(bare) as writer:
        writer.exec_driver_sql("INSERT INTO t VALUES (7, 7)")
        writer.exec_driver_sql("SELECT 1 -- ALTER ROLE x PASSWORD 's3cret'")
        (lock,) = wb.preflight(plan).locks
        (found,) = lock.blockers or ()
        assert found.query == "SELECT 1 -- ALTER ROLE x PASSWORD '***'"


@ON_POSTGRESQL
def test_without_the_right_to_see(bare: Project, wb: Workbench) -> None:
    """Who blocks is known by its lock; what it does is not, and that is said."""
    role = sa.make_url(bare.url).database
    bare.execute(f"CREATE ROLE {role} LOGIN", f"GRANT ALL ON SCHEMA public TO {role}")
    try:
        _plan(bare, wb, _INDEX)
        bare.execute(f"ALTER TABLE t OWNER TO {role}")
        url = sa.make_url(bare.url).set(username=role).render_as_string()
        with bare.workbench(url=url) as few, _session(bare) as writer:
            writer.exec_driver_sql("INSERT INTO t VALUES (7, 7)")
            asked = few.preflight(few.upgrade())
            (lock,) = asked.locks
            assert (Blocker(_number(writer), "postgres", "", "", None, "t", "ROW EXCLUSIVE"),) == lock.blockers
            note = "This account does not see what sessions of other users do; GRANT pg_read_all_stats lets it."
            assert lock.unseen == note
            assert f"⚠ {note}" in str(asked).split("\n")
    finally:
        bare.execute(f"REASSIGN OWNED BY {role} TO postgres", f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@ON_MARIADB
def test_an_open_transaction_may_hold_it_up(bare: Project, wb: Workbench) -> None:
    """MariaDB without its plugin does not tell who has which lock: whose transaction is open may."""
    plan = _plan(bare, wb, _COLUMN)
    with _session(bare) as opened:
        opened.exec_driver_sql("INSERT INTO t VALUES (7, 7)")
        number = opened.exec_driver_sql("SELECT CONNECTION_ID()").scalar()
        asked = wb.preflight(plan)
        (lock,) = asked.locks
        (found,) = lock.blockers or ()
        assert Blocker(number, "root", "", "sleep", found.seconds) == found
        lines = [each.strip() for each in str(asked).split("\n") if "1 transaction" in each]
        assert ["⚠ 1 transaction (root, sleep) may hold it up."] == lines
        seen = f"A transaction open for N s (pid {number}, root, sleep) may hold it up."
        assert [seen] == _plainly(hazard_words.held_up(asked, live=True))
    (lock,) = wb.preflight(plan).locks
    assert ((), 0) == (lock.blockers, asked.locks_df["blocked"].iloc[0])


@ON_SQLITE
def test_sqlite_tells_nobody(bare: Project, wb: Workbench) -> None:
    """It has no locks of tables, so there is nobody to ask for."""
    assert wb.preflight(_plan(bare, wb, _COLUMN)).locks == ()


def test_the_sentences() -> None:
    """A session is told of once, the oldest first, with all tables that it uses; then what could not be seen.

    A static form tells of those that are alike at once, and without what a clock or a server makes another each time.
    """
    lock = Lock("shop", "ab12", 0, "orders", "ACCESS EXCLUSIVE", "reads and writes")
    share = replace(lock, table="customer", level="SHARE", blocks="writes")
    old = Blocker(4711, "ann", "psql", "idle in transaction", 754.2, "orders", "ACCESS SHARE", query="SELECT 1")
    sessions = (
        old,
        replace(old, table="customer", level="ROW EXCLUSIVE"),
        Blocker(4712, "web", "", "active", 1.5, "orders", "ROW SHARE", waits=True),
        Blocker(4713, "web", "", "active", 8000.0, "customer", "ACCESS SHARE"),
        Blocker(0, "", "", "", None, "customer", "ROW EXCLUSIVE"),
    )
    found = locks.with_blockers((lock, share), (Activity("shop", sessions, (), True, "Not all is seen."),))
    assert [[4711, 4712], [4711, 0]] == [[each.number for each in one.blockers or ()] for one in found]
    assert [[4712], []] == [[each.number for each in one.blocked] for one in found]
    both = "orders and customer"
    assert (
        f"A transaction open for 12 min (pid 4711, psql, idle in transaction) would hold up what locks {both}.",
        "A transaction open for 1 s (pid 4712, web, waiting) would hold up what locks orders.",
        "A transaction (prepared) would hold up what locks customer.",
        "Not all is seen.",
    ) == locks.held_up(found, live=True)  # fmt: skip
    alike = (*sessions, replace(sessions[2], number=4714, seconds=3.0))
    found = locks.with_blockers((lock, share), (Activity("shop", alike, (), True, "Not all is seen."),))
    assert (
        "1 transaction (prepared) would hold up what locks customer.",
        "1 transaction (psql, idle in transaction) would hold up what locks customer and orders.",
        "2 transactions (web, waiting) would hold up what locks orders.",
        "Not all is seen.",
    ) == locks.held_up(found)  # fmt: skip


def _plan(bare: Project, wb: Workbench, code: str) -> Plan:
    bare.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)", "INSERT INTO t VALUES (1, 1)")
    return _plan_again(bare, wb, code)


def _plan_again(bare: Project, wb: Workbench, code: str) -> Plan:
    bare.revision("r1", None, code)
    return wb.upgrade()


@contextmanager
def _session(bare: Project) -> Iterator[Any]:
    """A connection in a transaction."""
    with sa.create_engine(bare.url, poolclass=NullPool).connect() as connection:
        yield connection


def _number(connection: Any) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())


def _plainly(lines: Iterable[str]) -> list[str]:
    """The lines, whatever the time is."""
    return [re.sub(r"open for \d+ s", "open for N s", each.strip()) for each in lines]

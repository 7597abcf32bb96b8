"""The faults: each done to a place for real, and judged."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import make_url

from tests import servers
from tests.conftest import REPOSITORY, SESSION, workers
from tests.faults.judging import Cell, judge
from tests.faults.places import MARKS, Place, wait_for
from workbench.errors import DatabaseReadOnly, LockNotHad, WorkbenchError
from workbench.results import Event, Plan, Run

MOMENTS = ("before", "inside", "after")

TWICE = "INSERT INTO customer VALUES (4, 'ada@example.org')"
ONCE = "DELETE FROM customer WHERE id = 4"

LOCKS = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": ("BEGIN", "SELECT * FROM customer"),
    "mariadb": ("BEGIN", "SELECT * FROM customer"),
}
"""What the other one does who is in the way."""


def applied(plan: Plan, **options: Any) -> Run | WorkbenchError:
    """Apply it; gives what it gave, or raised."""
    try:
        # The rows are not asked first: what becomes of a failure is what is looked for here.
        return plan.apply(**{"preflight": False, **options})
    except WorkbenchError as error:
        return error


@contextlib.contextmanager
def meanwhile(do: Callable[[], None]) -> Iterator[None]:
    """Do something in another thread; what goes wrong there goes wrong here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - passed on below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


def worker_killed(place: Place, moment: str, number: int) -> Cell:
    """The worker gets SIGKILL before, inside or after one of the five statements."""
    plan = place.plan()
    mark = MARKS[number - 1]
    if moment == "inside" and place.kind != "sqlite":
        with place.gate(mark):

            def kill() -> None:
                wait_for(place.at_the_gate, "the statement at the gate")
                os.kill(place.worker, signal.SIGKILL)

            with meanwhile(kill):
                ended = applied(plan)
    else:
        place.arm(mark, moment)
        ended = applied(plan)
    return judge(place, f"worker killed {moment} statement {number}", ended)


def third_statement_fails(place: Place) -> Cell:
    """A unique index over what is there twice."""
    plan = place.plan()
    place.execute(TWICE)
    return judge(
        place, "a revision fails at its third statement", applied(plan), repair=(ONCE,), way="the second `ada` removed"
    )


def connection_cut(place: Place) -> Cell:
    """An administrator ends the session while its third statement runs."""
    plan = place.plan()
    cut = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}[place.kind]

    def strike() -> None:
        place.execute(cut.format(wait_for(place.at_the_gate, "the statement at the gate")[0]))

    with place.gate(MARKS[2]), meanwhile(strike):
        ended = applied(plan)
    return judge(place, "the connection cut by an administrator", ended)


def kernel_killed(place: Place) -> Cell:
    """The process that called `apply()` gets SIGKILL; then its worker has to go, too."""
    place.plan()
    token = secrets.token_hex(8)
    code = "import sys; from workbench import Workbench; Workbench(sys.argv[1]).upgrade('five').apply()"
    command = [sys.executable, "-W", "ignore", "-c", code, str(place.made.folder / "alembic.ini")]
    problems = []
    with (
        place.gate(MARKS[2]),
        subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, SESSION: token}) as kernel,
    ):
        wait_for(place.at_the_gate, "the statement at the gate")
        kernel.kill()
        kernel.wait()
        wait_for(lambda: not workers(token), "the end of the worker")
    entry = place.wb.journal(1).iloc[0]
    if entry["result"] != "unfinished":
        problems.append(f"the journal calls it {entry['result']}")
    cell = judge(place, "the kernel killed", None, said=f"the journal calls it {entry['result']}")
    return replace(cell, problems=(*cell.problems, *problems))


def server_stopped(place: Place, program: servers.Program, how: signal.Signals | None = None) -> Cell:
    """The server ends while it executes the third statement, and is started again."""
    plan = place.plan()

    def strike() -> None:
        wait_for(place.at_the_gate, "the statement at the gate")
        program.stop(how)

    with meanwhile(strike), place.gate(MARKS[2]):
        ended = applied(plan)
    program.start()
    return judge(place, f"the server {'killed' if how else 'stopped'} and started", ended)


def lock_that_never_comes(place: Place) -> Cell:
    """Somebody has read the table that is altered, and never ends the transaction."""
    plan = place.plan()
    with place.session() as other:
        for each in LOCKS[place.kind]:
            other.exec_driver_sql(each)
        ended = applied(plan, lock_timeout=0.5, retries=1)
        other.exec_driver_sql("ROLLBACK")
    return judge(place, "a lock that never comes", ended, way="the other transaction ended", expected=LockNotHad)


def deadlock(place: Place) -> Cell:
    """Two transactions, each of which wants what the other has."""
    plan = place.plan("deadlock")
    told: list[str] = []

    def heard(event: Event) -> None:
        if event.kind == "notice":
            told.append(event.sql)

    with place.session() as other:
        if place.kind == "sqlite":  # a reader that wants to write while another writes: none can go on
            other.exec_driver_sql("BEGIN IMMEDIATE")
            ended = applied(plan, retries=0)
            other.exec_driver_sql("ROLLBACK")
        else:
            if place.kind == "postgresql":
                other.exec_driver_sql("SET deadlock_timeout = '60s'")  # so that it is not this one that gives way
            other.exec_driver_sql("BEGIN")
            other.exec_driver_sql("UPDATE product SET price = 12 WHERE id = 1")
            for number in range(100, 120):  # InnoDB ends the one that has changed less
                other.exec_driver_sql(f"INSERT INTO product VALUES ({number}, 1)")

            def strike() -> None:
                wait_for(place.waiting, "the wait for the other transaction", every=0.2)
                other.exec_driver_sql("UPDATE customer SET email = 'ADA' WHERE id = 1")
                other.exec_driver_sql("ROLLBACK")

            with meanwhile(strike):
                ended = applied(plan, lock_timeout=30.0, backoff=0.1, on_event=heard)
    took = place.execute("SELECT count(*) FROM customer WHERE email = 'ADA'")[0][0]
    took += place.execute("SELECT count(*) FROM product WHERE price = 11")[0][0]
    return judge(place, "a deadlock", ended, target="deadlock", statements=2, took=took, said="; ".join(told))


def disk_full(place: Place, room: Callable[[int], None]) -> Cell:
    """A statement writes more than there is room for; `room` makes the disk so many megabytes large."""
    room(64)
    plan = place.plan("full")
    room(2)
    if place.kind == "sqlite":
        place.connected("PRAGMA max_page_count = 60")
    ended = applied(plan)
    (place.made.folder / "connected.sql").unlink(missing_ok=True)
    room(64)
    took = int("big" in place.look().schema)
    return judge(place, "the disk full", ended, target="full", statements=2, took=took, way="more room made")


def read_only(place: Place) -> Cell:
    """The transaction takes no writes."""
    plan = place.plan()
    name = make_url(place.url).database
    if place.kind == "postgresql":
        place.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    else:
        place.connected(
            {"sqlite": "PRAGMA query_only = ON", "mariadb": "SET SESSION TRANSACTION READ ONLY"}[place.kind]
        )
    ended = applied(plan)
    (place.made.folder / "connected.sql").unlink(missing_ok=True)
    if place.kind == "postgresql":
        with place.session() as other:
            other.exec_driver_sql("SET default_transaction_read_only = off")
            other.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    return judge(place, "a read-only transaction", ended, expected=DatabaseReadOnly, way="writes allowed again")


def autocommit_block(place: Place) -> Cell:
    """What an `autocommit_block` has done stays, and what came before it."""
    plan = place.plan("autocommit")
    place.execute(TWICE)
    ended = applied(plan)
    took = sum(name in place.look().schema for name in ("a1", "a2"))
    return judge(
        place, "a failing `autocommit_block`", ended, target="autocommit", statements=3, took=took,
        repair=(ONCE,), way="the second `ada` removed",
    )  # fmt: skip


def batch(place: Place, *, plainly: bool) -> Cell:
    """SQLite: a table is rebuilt, and the rows do not fit into the new one."""
    plan = place.plan("batch")
    place.execute(TWICE)
    if plainly:
        command = [sys.executable, "-W", "ignore", "-m", "alembic", "upgrade", "batch"]
        subprocess.run(command, cwd=place.made.folder, capture_output=True, check=False)
    ended = None if plainly else applied(plan)
    fault = f"a failed batch, by {'plain `alembic`' if plainly else 'the workbench'}"
    left = "_alembic_tmp_customer" in place.look().schema
    return judge(
        place, fault, ended, target="batch", statements=1, took=0,
        rules=("batch-leftover",) if left else (), repair=(ONCE,), way="the second `ada` removed",
    )  # fmt: skip


def concurrent_index(place: Place) -> Cell:
    """PostgreSQL leaves an index behind that is not valid."""
    plan = place.plan("concurrent")
    place.execute(TWICE)
    ended = applied(plan)
    return judge(
        place, "a failed concurrent index", ended, target="concurrent", statements=1, took=0,
        rules=("invalid-index",), repair=(ONCE,), way="the second `ada` removed",
    )  # fmt: skip


def version_table(place: Place, what: str) -> Cell:
    """The version table says something that cannot be."""
    plan = place.plan()
    rule = {"two rows": "version-table", "no row": "not-recorded", "an unknown one": "unknown-revision"}[what]
    if what == "two rows":
        assert plan.apply().ok
    place.execute(
        {
            "two rows": "INSERT INTO alembic_version VALUES ('r1')",
            "no row": "DELETE FROM alembic_version",
            "an unknown one": "UPDATE alembic_version SET version_num = 'beef'",
        }[what]
    )
    try:
        ended: Any = place.wb.upgrade("five").apply()
    except WorkbenchError as error:
        ended = error
    return judge(place, f"a version table with {what}", ended, took=0, rules=(rule,))


def two_appliers(place: Place, rounds: int = 50) -> Cell:
    """Two Workbenches apply the same Plan at the same moment, again and again."""
    plan = place.plan("tiny")
    together = threading.Barrier(2)
    outcomes: Counter[str] = Counter()
    problems = []
    with place.made.workbench() as other:
        plans = [plan, other.upgrade("tiny")]

        def apply(mine: Plan, ended: list[Run | WorkbenchError]) -> None:
            together.wait()
            ended.append(applied(mine, retries=0))

        for number in range(rounds):
            ended: list[Run | WorkbenchError] = []
            with meanwhile(lambda ended=ended: apply(plans[1], ended)):  # type: ignore[misc]
                apply(plans[0], ended)
            names = sorted("ran" if isinstance(each, Run) and each.ok else type(each).__name__ for each in ended)
            outcomes.update(names)
            if names not in (["DatabaseLocked", "ran"], ["PlanOutdated", "ran"]) or place.look().heads != ("tiny",):
                problems.append(f"round {number}: {names}, {place.look().heads}")
            if number < rounds - 1:
                place.execute("DROP TABLE tiny", "UPDATE alembic_version SET version_num = 'r1'")
    told = ", ".join(f"{name} {count} times" for name, count in sorted(outcomes.items()))
    cell = judge(place, f"two appliers at the same moment, {rounds} times", None, target="tiny", said=told)
    return replace(cell, problems=(*cell.problems, *problems))

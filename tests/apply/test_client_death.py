"""A kernel and its worker that die at the same moment: PostgreSQL itself has to notice, since nobody else is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project, project
from tests.worker.test_worker import WITH_US, lives, wait_until
from workbench import Workbench
from workbench.bridge import timeouts
from workbench.bridge.timeouts import Timeouts

KERNEL = """
    from workbench import Workbench
    wb = Workbench({ini!r})
    plan = wb.upgrade()
    print(wb._client.process._child.pid, flush=True)
    plan.apply(on_event=lambda event: print(event.kind, event.sql, flush=True))
"""
LONG = "SELECT pg_sleep(600)"
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%'"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
OPTION = "-c client_connection_check_interval=7s"
SETTING = "current_setting('client_connection_check_interval', true)"


def supports(url: str, folder: Path) -> bool:
    """Whether this server can look for its client: from 14, and not on every platform."""
    try:
        project(folder, url).execute("SET client_connection_check_interval = '2s'")
    except Exception:  # noqa: BLE001 - whatever it says, it cannot
        return False
    return True


@pytest.mark.postgresql
def test_the_server_ends_the_statement_by_itself(tmp_path: Path, postgresql_url: str) -> None:
    """Nobody is left to end the session: it ends all the same, ten minutes early, and nothing of the step is left."""
    if not supports(postgresql_url, tmp_path / "asked"):
        pytest.skip("this PostgreSQL cannot look for its client")
    made = project(tmp_path / "project", postgresql_url)
    made.revision("r1", None, f"op.execute('CREATE TABLE left_over (id INTEGER)')\nop.execute({LONG!r})")
    code = textwrap.dedent(KERNEL).format(ini=str(made.folder / "alembic.ini"))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=WITH_US, text=True
    ) as kernel:  # fmt: skip
        assert kernel.stdout is not None
        worker = int(kernel.stdout.readline())
        for line in kernel.stdout:
            if LONG in line:
                break
        began = wait_until(lambda: made.execute(AT_WORK)[0][0] > 1)  # the asking one is a second
        os.kill(kernel.pid, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        kernel.wait()
    gone = wait_until(lambda: not lives(worker))
    ended = wait_until(lambda: made.execute(OURS) == [(0,)])

    assert (True, True, True) == (began, gone, ended)
    assert {""} == {table for _, table in made.database()}


@ON_POSTGRESQL
def test_what_the_server_or_the_project_says_stays(bare: Project, wb: Workbench) -> None:
    """Two seconds where nothing was said; the project's own interval where there is one; the others are set too."""
    if not supports(bare.url, bare.folder / "asked"):
        pytest.skip("this PostgreSQL cannot look for its client")
    ask = f"SELECT {SETTING} || ' ' || current_setting('lock_timeout') AS told"
    bare.revision("r1", None, f"op.execute({f'CREATE TABLE one AS {ask}'!r})")
    bare.revision("r2", "r1", f"op.execute({f'CREATE TABLE two AS {ask}'!r})")
    assert wb.upgrade("r1").apply(lock_timeout=7).ok
    own = f"engine = create_engine(url, poolclass=pool.NullPool, connect_args={{'options': {OPTION!r}}})"
    bare.raw_env(bare.env_py.read_text().replace("engine = create_engine(url, poolclass=pool.NullPool)", own))
    assert wb.upgrade("r2").apply(lock_timeout=7).ok

    assert [("2s 7s", "7s 7s")] == bare.execute("SELECT one.told, two.told FROM one, two")


@pytest.mark.postgresql
def test_a_server_that_cannot(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose platform refuses the setting keeps the timeouts that were set before, and no transaction is open."""
    monkeypatch.setattr(timeouts, "_LOOK_FOR_CLIENT", "SELECT 1 / 0")
    engine = create_engine(postgresql_url)
    raw = engine.raw_connection()
    Timeouts(lock=7.0).set_on(raw.driver_connection, engine.dialect)
    told = raw.cursor().execute("SELECT current_setting('lock_timeout'), txid_current_if_assigned()").fetchall()
    raw.rollback()
    raw.cursor().execute("SELECT 1")
    raw.close()
    engine.dispose()

    assert [("7s", None)] == told

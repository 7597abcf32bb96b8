"""The journal: what it keeps of an apply, for whom, and what it does when it cannot be written."""

from __future__ import annotations

import getpass
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import make_url

import workbench
from tests.apply.test_apply import SLOW
from tests.safety.projects import Project, project
from tests.worker.test_worker import WITH_US, wait_until
from workbench.bridge.settings import Settings
from workbench.capabilities import journal, journal_reading
from workbench.environment import syntax
from workbench.errors import PlanOutdated, UnsupportedRequest
from workbench.results import Event


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own; its folder is not there yet."""
    path = tmp_path / "data" / "journal.jsonl"
    monkeypatch.setenv(journal.PLACE, str(path))
    return path


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with two revisions."""
    return project(tmp_path / "project", sqlite_url).tables(2)


def lines(path: Path) -> list[dict[str, Any]]:
    """What is in the file, without what changes from run to run."""
    told = [json.loads(line) for line in path.read_text().splitlines()]
    for each in told:
        for name in ("began", "seconds", "process"):
            assert each.pop(name, "") is not None
    return told


def plain(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of some columns."""
    return [tuple(row) for row in frame[list(columns)].itertuples(index=False)]


def test_every_apply_is_written_down(made: Project, path: Path) -> None:
    """Line by line: who ran what where, each statement, how it ended; one that fails and one that is refused, too."""
    with made.workbench() as wb:
        assert wb.journal().empty
        plan = wb.upgrade("r1")
        assert plan.apply().ok
        mode = stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)
        written = lines(path)
        entry = written[0]["id"]
        with pytest.raises(PlanOutdated):
            plan.apply()
        made.revision("r2", "r1", "op.execute('CREATE TABLE t2 (id INTEGER)')\nop.execute('nonsense')")
        failed = wb.upgrade().apply()
        frame = wb.journal()
        statements = wb.journal(statements=frame.id[0])
        name, url = plan.databases[0].name, plan.databases[0].url
        with pytest.raises(UnsupportedRequest, match="The journal has no apply 'nowhere'"):
            wb.journal(statements="nowhere")
        newest = wb.journal(1)

    assert (0o600, 0o700) == mode
    about = {"step": 0, "revision": "r1", "database": name}
    digest = syntax.digest((made.versions / "r1.py").read_bytes())
    assert [
        {
            "record": "begin",
            "id": entry,
            "plan": plan.id,
            "who": getpass.getuser(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "workbench": workbench.__version__,
            "configuration": str(made.folder / "alembic.ini"),
            "databases": [{"name": name, "url": url, "dialect": "sqlite"}],
            "direction": "upgrade",
            "source": "base",
            "target": "r1",
            "steps": [{"database": name, "revision": "r1", "message": "Do r1.", "syntax": digest}],
        },
        {"record": "step", "id": entry, **about},
        *(
            {"record": "statement", "id": entry, **about, "sql": each["sql"], "rows": each["rows"]}
            for each in written
            if each["record"] == "statement"
        ),
        {"record": "step_done", "id": entry, **about},
        {"record": "end", "id": entry, "result": "done", "heads": ["r1"], "error": "", "statements": 2},
    ] == written
    assert "CREATE TABLE t1" in written[2]["sql"]
    moved = "The Plan is out of date, and nothing was run: {} stood at base when the Plan was made, and is at r1 now."
    assert [
        ("failed", "r1", "head", 1, 1, str(failed.error).split("\n")[0]),
        ("refused", "base", "r1", 1, 0, moved.format(name)),
        ("done", "base", "r1", 1, 2, ""),
    ] == plain(frame, "result", "source", "target", "steps", "statements", "error")  # fmt: skip
    assert [1] == [len(newest)]
    assert str(frame.dtypes["began"]) == "datetime64[ns, UTC]"
    assert frame.began.is_monotonic_decreasing
    assert (frame.seconds >= 0).all()
    assert [("r2", "CREATE TABLE t2 (id INTEGER)"), ("r2", "nonsense")] == plain(statements, "revision", "sql")
    assert [False, True] == statements.seconds.isna().tolist()  # the one that failed never came to its end


KERNEL = """
    import os, signal
    from workbench import Workbench
    plan = Workbench({ini!r}).upgrade()
    plan.apply(on_event=lambda event: print(event.kind, event.sql[:20], flush=True))
"""


def test_a_killed_kernel_leaves_an_entry_without_an_end(made: Project, path: Path) -> None:
    """It is `running` while the kernel lives and `unfinished` afterwards, with the statement that it died in."""
    slow = SLOW["sqlite"]
    made.revision("r2", "r1", f"op.execute({slow!r})")
    code = textwrap.dedent(KERNEL).format(ini=str(made.folder / "alembic.ini"))
    kernel = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=WITH_US | dict(os.environ))
    assert kernel.stdout is not None
    for line in kernel.stdout:
        if line.decode().startswith("statement WITH REC"):
            break
    assert wait_until(lambda: '"running"' in path.read_text())
    with made.workbench() as wb:
        alive = wb.journal()
        kernel.send_signal(signal.SIGKILL)
        kernel.wait()
        kernel.stdout.close()
        dead = wb.journal()
        statements = wb.journal(statements=dead.id[0])

    assert [("running", "")] == plain(alive, "result", "error")
    assert [("unfinished", 2)] == plain(dead, "result", "statements")
    assert dead.seconds.isna().all()
    assert slow == statements.sql.iloc[-1]
    assert pd.isna(statements.seconds.iloc[-1])


def test_what_cannot_be_read_is_passed_over(made: Project, path: Path) -> None:
    """Half a line of a full disk, foreign lines and other environments' entries disturb nobody, nor what comes next."""
    path.parent.mkdir()
    begin = {"record": "begin", "id": "other", "configuration": "/elsewhere/alembic.ini"}
    path.write_text(f'[]\n\n{{"record": 1}}\nnonsense}}\n{json.dumps(begin)}\n{{"record": "begin", "id": "ha')
    with made.workbench() as wb:
        assert wb.upgrade().apply().ok
        frame = wb.journal()

    assert [("done", 2, 4)] == plain(frame, "result", "steps", "statements")


@pytest.mark.parametrize("listens", [True, False])
def test_a_journal_that_cannot_be_written_stops_nothing(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    """The migration runs; that there is no record of it is said once."""
    monkeypatch.setenv(journal.PLACE, str(tmp_path))
    words = "The journal cannot be written (Is a directory); this apply goes on without a record of it."
    events: list[Event] = []
    with made.workbench() as wb:
        if listens:
            assert wb.upgrade().apply(on_event=events.append).ok
        else:
            with pytest.warns(RuntimeWarning) as warned:
                assert wb.upgrade().apply().ok
            events = [Event("notice", -1, sql=str(each.message)) for each in warned]

    assert [words] == [event.sql for event in events if event.kind == "notice"]


def test_warnings_that_are_errors_stop_nothing(made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the journal's nor those of a callback: nobody would wait for a migration that runs."""
    monkeypatch.setenv(journal.PLACE, str(tmp_path))
    with made.workbench() as wb, warnings.catch_warnings():
        warnings.simplefilter("error")
        run = wb.upgrade("r1").apply()
        again = wb.upgrade().apply(on_event=lambda _: [].pop())

        assert (True, True) == (run.ok, again.ok)


def test_a_disk_that_becomes_full(made: Project, path: Path) -> None:
    """What could be written stays readable, and the entry of the next apply begins on a line of its own."""
    with made.workbench() as wb:
        plan = wb.upgrade("r1")
        notices: list[Event] = []
        entry = journal.Entry(plan, wb._settings, notices.append)
        with entry:
            assert entry._file is not None
            assert ["begin"] == [each["record"] for each in lines(path)]  # before anything runs
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, entry._file)
            os.close(full)
            for number in range(3):
                entry.heard(Event("step", number))
        assert plan.apply().ok

        assert ["done", "running"] == wb.journal().result.tolist()

    assert ["The journal cannot be written (No space left on device); this apply goes on without a record of it."] == [
        each.sql for each in notices
    ]
    assert path.read_text().count("\n") == len(lines(path))


def test_several_kernels_write_at_once(tmp_path: Path, path: Path) -> None:
    """Each line is whole: of 4 writers with 500 statements each, every one is there."""
    code = """
        import sys
        from workbench.bridge.settings import Settings
        from workbench.capabilities import journal
        from workbench.results import Event, Plan
        plan = Plan("upgrade", "base", "head", (), "", ())
        with journal.Entry(plan, Settings(sys.argv[1], None, "/"), None) as entry:
            for number in range(500):
                entry.heard(Event("executed", 0, "r1", f"SELECT {number} -- " + "x" * 300, 1, 0.001, "shop"))
                number % 50 or entry.heard(Event("step", 0, "r1"))
    """
    ini = str(tmp_path / "alembic.ini")
    command = [sys.executable, "-c", textwrap.dedent(code), ini]
    for each in [subprocess.Popen(command, env=WITH_US | dict(os.environ)) for _ in range(4)]:
        assert each.wait() == 0

    frame = journal_reading.applies(path, journal.configuration(Settings(ini, None, "/")))

    assert [("unfinished", 500)] * 4 == plain(frame, "result", "statements")
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_password_stays_out_of_it(made: Project, path: Path) -> None:
    """Not in a URL, not in a statement that was given one, not in an error."""
    secret = "s3cr3t-w0rd-of-mine"
    made.revision("r2", "r1", f"op.execute(\"SELECT '{secret}'\")\nop.execute('SELECT {secret} FROM nowhere')")
    url = make_url(made.url).render_as_string(hide_password=False)
    with made.workbench(env={"SHOP_PASSWORD": secret}, url=url) as wb:
        run = wb.upgrade().apply()

    assert not run.ok
    assert "SELECT '***'" in path.read_text()
    assert secret not in path.read_text()

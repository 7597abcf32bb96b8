"""The child process: warm and fresh, noise, cancel, interrupts, threads, and its own end."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench, errors
from workbench.errors import Cancelled, UnsupportedRequest, WorkbenchError, WorkerDied

PATIENCE = 30.0


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with two revisions, whose env.py says in which process it runs."""
    return project(tmp_path / "project", sqlite_url).tables(2)


def pid(wb: Workbench) -> int:
    """The worker's process id."""
    assert wb._client.process is not None
    return wb._client.process._child.pid


def lives(number: int) -> bool:
    """There is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Wait for it; False if it does not come."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_stays_warm_while_nothing_changes(made: Project) -> None:
    """The same process answers every question."""
    with made.workbench() as wb:
        wb.current()
        first = pid(wb)
        wb.history()
        wb.upgrade()

        assert first == pid(wb)


@pytest.mark.parametrize("file", ["models.py", "alembic.ini", ".env"])
def test_a_changed_file_makes_it_start_afresh(made: Project, file: str) -> None:
    """What was loaded once is not what answers the next question."""
    (made.folder / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "sa.Table('t1', metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    made.env("from models import metadata", metadata="metadata")
    with made.workbench() as wb:
        assert wb.upgrade("r1").apply().ok
        assert wb.diff().is_empty
        first = pid(wb)
        with (made.folder / file).open("a") as changed:
            changed.write("sa.Table('t9', metadata, sa.Column('id', sa.Integer))\n" if file == "models.py" else "# x\n")
        tables = wb.diff().tables

        assert first != pid(wb)
        assert (("t9",) if file == "models.py" else ()) == tables


def test_an_edited_env_py_is_run_as_it_is_now(made: Project) -> None:
    """env.py is run for each question, so an edit counts at once."""
    with made.workbench() as wb:
        wb.current()
        made.env("raise RuntimeError('edited')")
        with pytest.raises(errors.EnvPyFailed, match="edited"):
            wb.current()
        made.env()

        assert () == wb.current().heads


def test_an_env_py_with_tables_of_its_own(made: Project) -> None:
    """It cannot run twice in one process; so each question gets a fresh one, and an apply, too."""
    (made.folder / "models.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    made.env(
        "from models import metadata\nimport sqlalchemy as sa\n"
        "sa.Table('t1', metadata, sa.Column('id', sa.Integer, primary_key=True))",
        metadata="metadata",
    )
    with made.workbench() as wb:
        heads = [wb.current().heads, wb.upgrade("r1").apply().heads, wb.current().heads]

        assert [(), ("r1",), ("r1",)] == heads
        assert wb.diff().is_empty


def test_noise_never_garbles_the_pipe(made: Project) -> None:
    """Prints, bytes on the file descriptors, and programs that print: all of it goes elsewhere."""
    made.env(
        "import subprocess, sys\nprint('x' * 100000)\nsys.stdout.flush()\nos.write(1, b'\\x00\\xff' * 5000)\n"
        "os.write(2, b'\\x00\\xff' * 5000)\nsubprocess.run(['echo', 'from a program'], check=True)\n"
        "sys.__stdout__.write('more')"
    )
    with made.workbench() as wb:
        assert [(), ()] == [wb.current().heads, wb.current().heads]


def test_noise_before_our_own_code_runs(made: Project) -> None:
    """A sitecustomize that prints comes before the first message, and is not taken for one."""
    (made.folder / "sitecustomize.py").write_text("print('hello from sitecustomize', flush=True)\n")
    with made.workbench(env={"PYTHONPATH": str(made.folder)}) as wb:
        assert () == wb.current().heads


def test_its_death_is_an_error_and_the_next_call_works(made: Project) -> None:
    """A worker that is killed between two questions is replaced; in the middle of one, it is an error."""
    made.env("import time; time.sleep(1000 if os.path.exists('slow') else 0)")
    with made.workbench() as wb:
        wb.current()
        first = pid(wb)
        os.kill(first, signal.SIGKILL)

        assert wait_until(lambda: not wb._client.process or not wb._client.process.alive)
        assert () == wb.current().heads

        (made.folder / "slow").touch()
        threading.Timer(1.0, lambda: os.kill(pid(wb), signal.SIGKILL)).start()
        with pytest.raises(WorkerDied) as caught:
            wb.current()
        (made.folder / "slow").unlink()

        assert () == wb.current().heads

    message = "The process that runs the project's code was ended by the signal SIGKILL in the middle of its work."
    assert message == caught.value.message


def test_a_question_can_be_cancelled(made: Project) -> None:
    """From another thread, at once, and the workbench can be asked again."""
    made.env("import time; time.sleep(1000 if os.path.exists('slow') else 0)")
    with made.workbench() as wb:
        wb.current()
        (made.folder / "slow").touch()
        threading.Timer(0.5, wb.cancel).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            wb.current()
        (made.folder / "slow").unlink()

        assert time.monotonic() - began < PATIENCE
        assert () == wb.current().heads


def test_an_interrupted_question_leaves_a_usable_workbench(made: Project) -> None:
    """The kernel's interrupt reaches the caller as KeyboardInterrupt; the next question is answered."""
    made.env("import time; time.sleep(1000 if os.path.exists('slow') else 0)")
    with made.workbench() as wb:
        wb.current()
        (made.folder / "slow").touch()
        threading.Timer(0.5, lambda: signal.raise_signal(signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            wb.current()
        (made.folder / "slow").unlink()

        assert () == wb.current().heads


def test_several_threads_may_ask_at_once(made: Project) -> None:
    """Each gets its own answer."""
    answers: list[str] = []
    with made.workbench() as wb:
        threads = [
            threading.Thread(target=lambda ask=ask: answers.append(repr(ask())))
            for ask in (wb.current, wb.upgrade, wb.history, wb.current, wb.upgrade)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert sorted(answers) == [
        "History(2 revisions, heads r2)", "Plan(upgrade base -> head, 2 steps)", "Plan(upgrade base -> head, 2 steps)",
        "Status(at base, 2 pending)", "Status(at base, 2 pending)",
    ]  # fmt: skip


def test_close_and_ask_again(made: Project) -> None:
    """`close()` ends the process; the next question starts another."""
    wb = made.workbench()
    wb.current()
    first = pid(wb)
    wb.close()

    assert not lives(first)
    assert () == wb.current().heads

    wb.close()
    wb.close()


def test_a_collected_workbench_ends_its_worker(made: Project) -> None:
    """Nobody has to call `close()`."""
    wb = made.workbench()
    wb.current()
    number = pid(wb)
    del wb
    gc.collect()

    assert wait_until(lambda: not lives(number))


@pytest.mark.parametrize(
    "ask",
    [
        Workbench.history,
        Workbench.current,
        Workbench.diff,
        Workbench.upgrade,
        lambda wb: wb.downgrade("base"),
        lambda wb: wb.stamp("head"),
        lambda wb: wb.revision("more"),
    ],
    ids=["history", "current", "diff", "upgrade", "downgrade", "stamp", "revision"],
)
def test_asking_from_within_on_event_is_refused(made: Project, ask: Callable[[Workbench], object]) -> None:
    """It would wait for itself for ever; whatever is asked, it is refused at once, and the migration goes on."""
    refusals: list[WorkbenchError] = []
    with made.workbench() as wb:

        def on_event(_: object) -> None:
            try:
                ask(wb)
            except UnsupportedRequest as error:
                refusals.append(error)

        run = wb.upgrade("r1").apply(on_event=on_event)

    assert run.ok
    assert (
        "The workbench is asked from within on_event, while it still waits for the migration to end.\n"
        "What to do: Take note of the event there, and ask when apply() has returned. cancel() may be called."
    ) == str(refusals[0])


def test_applying_from_within_on_event_is_refused(made: Project) -> None:
    """The one that runs is not disturbed, and the other one is not run."""
    refusals: list[WorkbenchError] = []
    with made.workbench() as wb:
        plan = wb.upgrade("r1")

        def on_event(_: object) -> None:
            try:
                plan.apply()
            except UnsupportedRequest as error:
                refusals.append(error)

        run = plan.apply(on_event=on_event)

    assert (True, ("r1",)) == (run.ok, run.heads)
    assert refusals[0].message.startswith("The workbench is asked from within on_event")


def test_a_callback_that_raises_does_not_stop_a_migration(made: Project) -> None:
    """It is told of once, by a warning, and not called again."""
    calls: list[object] = []

    def on_event(event: object) -> None:
        calls.append(event)
        raise ValueError("no such widget")

    with made.workbench() as wb, pytest.warns(RuntimeWarning, match="on_event raised ValueError: no such widget"):
        run = wb.upgrade().apply(on_event=on_event)

    assert (True, ("r2",), 1) == (run.ok, run.heads, len(calls))


WITH_US = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
PARENT = """
    import os, subprocess, sys, threading, time
    from workbench import Workbench
    wb = Workbench({ini!r})
    wb.current()
    print(wb._client.process._child.pid, flush=True)
    {then}
    time.sleep(1000)
"""


@pytest.mark.parametrize(
    "then",
    [
        "pass",
        "open('slow', 'w').close(); wb.current()",
        "os.fork()",  # multiprocessing: the child keeps the pipe open
    ],
    ids=["idle", "asking", "forked"],
)
def test_no_worker_outlives_its_kernel(made: Project, then: str) -> None:
    """The kernel is killed, idle, while asking, or with a forked child that holds the pipe: the worker ends."""
    made.env("import time; time.sleep(1000 if os.path.exists('slow') else 0)")
    code = textwrap.dedent(PARENT).format(ini=str(made.folder / "alembic.ini"), then=then)
    kernel = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=made.folder, env=WITH_US,
        start_new_session=True,
    )  # fmt: skip
    assert kernel.stdout is not None
    worker = int(kernel.stdout.readline())
    time.sleep(1.0)
    forked = [int(each) for each in Path(f"/proc/{kernel.pid}/task/{kernel.pid}/children").read_text().split()]
    kernel.kill()
    kernel.wait()
    kernel.stdout.close()
    try:
        assert wait_until(lambda: not lives(worker), 15.0)
    finally:
        for each in forked:
            if each != worker and lives(each):
                os.kill(each, signal.SIGKILL)


def test_no_worker_outlives_a_kernel_that_stops(made: Project) -> None:
    """Neither when it ends in order."""
    code = textwrap.dedent(PARENT).format(ini=str(made.folder / "alembic.ini"), then="sys.exit()")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, env=WITH_US, check=False)

    assert b"" == told.stderr
    assert wait_until(lambda: not lives(int(told.stdout)))

"""Applying a Plan: what runs, what stops it, and what is true afterwards."""

from __future__ import annotations

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
from sqlalchemy import create_engine, inspect, make_url

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project, told
from tests.worker.test_worker import WITH_US, lives, wait_until
from workbench import Workbench, errors
from workbench.errors import PlanOutdated
from workbench.results import Event

AGAIN = "What to do: Make the plan again and look at it; then apply that one."
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
    "SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
}


def kind(made: Project) -> str:
    """Which of the three it is."""
    return make_url(made.url).get_backend_name()


@pytest.fixture
def made(bare: Project) -> Project:
    """An environment with three revisions on an empty database."""
    return bare.tables(3)


def name_of(made: Project) -> str:
    """What the workbench calls the database."""
    return Path(str(make_url(made.url).database)).stem


def test_events_and_outcome(made: Project, wb: Workbench) -> None:
    """Each step and statement is told of as it happens; afterwards the Run has all of it, and the state as it is."""
    events: list[Event] = []
    run = wb.upgrade("r2").apply(on_event=events.append)

    step = ["step", "statement", "executed", "statement", "executed", "step_done"]
    assert [(0, each) for each in step] + [(1, each) for each in step] == [(each.step, each.kind) for each in events]
    assert (True, ("r2",), ["done", "done"]) == (run.ok, run.heads, [each.outcome for each in run.steps])
    assert all(each.seconds is not None and each.seconds > 0 for each in run.steps)
    assert ["r1", "r1", "r2", "r2"] == run.statements.revision.tolist()
    assert f"{name_of(made)} is at r2." == run.standing
    assert [("r2",)] == made.execute("SELECT version_num FROM alembic_version")


def another_upgrade(made: Project) -> str:
    """Somebody else upgrades meanwhile."""
    with made.workbench() as other:
        other.upgrade("r2").apply()
    return f"{name_of(made)} stood at r1 when the Plan was made, and is at r2 now"


def an_edit(made: Project) -> str:
    """A revision's file is edited."""
    path = made.versions / "r3.py"
    path.write_text(path.read_text() + "# edited\n")
    return "migrations/versions/r3.py has been edited since the Plan was made"


def a_new_head(made: Project) -> str:
    """A revision is added on top."""
    made.revision("r4", "r3")
    return "the target 'head' now means other revisions: r2, r3, r4"


def a_second_head(made: Project) -> str:
    """A revision is added beside."""
    made.revision("b3", "r2")
    return (
        "the revision files have changed: Multiple head revisions are present for given argument 'head'; please "
        "specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads"
    )


def a_lost_file(made: Project) -> str:
    """The file at which the database stands is gone, and so is what follows."""
    for each in ("r1", "r2"):
        (made.versions / f"{each}.py").unlink()
    made.revision("r3", None)
    return f"the revision files have changed: {name_of(made)} stands at r1, which no revision file has."


def another_env_py(made: Project) -> str:
    """env.py is edited."""
    made.env_py.write_text(made.env_py.read_text() + "# edited\n")
    return "migrations/env.py has changed since the Plan was made"


@pytest.mark.parametrize(
    "move",
    [another_upgrade, an_edit, a_new_head, a_second_head, a_lost_file, another_env_py],
    ids=lambda it: it.__name__,
)
def test_what_has_moved_is_not_applied(made: Project, wb: Workbench, move: Callable[[Project], str]) -> None:
    """P2: exactly what the Plan showed, or nothing."""
    assert wb.upgrade("r1").apply().ok
    plan = wb.upgrade()
    why = move(made)
    before = made.database()
    with pytest.raises(PlanOutdated) as caught:
        plan.apply()

    end = "" if why.endswith(".") else "."
    assert f"The Plan is out of date, and nothing was run: {why}{end}\n{AGAIN}" == str(caught.value).replace("..", ".")
    assert isinstance(caught.value, RuntimeError)
    assert before == made.database()


def test_another_database_is_not_applied_to(made: Project, tmp_path: Path) -> None:
    """P2: a Plan for one database does not run on another that env.py leads to now."""
    made.env("url_of_the_day = os.environ['SHOP']")
    made.raw_env(made.env_py.read_text().replace(repr(made.url), "url_of_the_day"))
    other = tmp_path / "other.db"
    with made.workbench(env={"SHOP": made.url}) as wb:
        plan = wb.upgrade()
        wb._client.env["SHOP"] = f"sqlite:///{other}"
        wb.close()
        with pytest.raises(PlanOutdated) as caught:
            plan.apply()

    assert "nothing was run: env.py now connects to other (sqlite:///" in str(caught.value)
    assert not other.exists()


def test_a_failing_migration(made: Project, wb: Workbench) -> None:
    """The statement, the database's words, the file and line, what ran, and what is left in the database."""
    upgrade = "op.execute('CREATE TABLE t3 (id INTEGER)')\nop.execute('INSERT INTO nowhere VALUES (1)')"
    made.revision("r3", "r2", upgrade)
    events: list[Event] = []
    run = wb.upgrade().apply(on_event=events.append)
    after = wb.current().heads

    whole = kind(made) == "postgresql"  # one transaction for all steps, and not for each
    head = () if whole else ("r2",)
    done = "rolled back" if whole else "done"
    assert (False, False, head, head) == (run.ok, run.cancelled, run.heads, after)
    assert [done, done, "failed"] == [each.outcome for each in run.steps]
    assert "step_failed" == events[-1].kind
    says = {
        "sqlite": "the database says: no such table: nowhere",
        "mysql": "the database says: (1146, \"Table '<database>.nowhere' doesn't exist\")",
        "postgresql": """the database says:
    relation "nowhere" does not exist
    LINE 1: INSERT INTO nowhere VALUES (1)
                        ^""",
    }[kind(made)]
    assert run.error is not None
    assert f"""The upgrade of r3 failed: the database refused a statement.
statement: INSERT INTO nowhere VALUES (1)
{says}
file: migrations/versions/r3.py, line 14
line: op.execute('INSERT INTO nowhere VALUES (1)')
What to do: Correct the revision or the data, then make the plan again.""" == told(run.error, made)
    name = name_of(made)
    at = f"{name} is still at base." if whole else f"{name} is at r2: the steps up to there are in it."
    left = {
        "mysql": "MariaDB does not roll back DDL here: 1 statement of the step that failed had been executed before, "
        "and what it changed may still be there."
    }.get(kind(made), "What the step that failed had changed was rolled back (1 statement).")
    assert run.standing.startswith(f"{at} {left}")
    engine = create_engine(made.url)
    assert (kind(made) == "mysql") == inspect(engine).has_table("t3")
    engine.dispose()


def test_a_revision_whose_code_raises(made: Project, wb: Workbench) -> None:
    """Not only the database may refuse: an exception, and `sys.exit`, end as a failed step with file and line."""
    made.revision("r3", "r2", "raise SystemExit('not today')")
    run = wb.upgrade().apply()

    assert run.error is not None
    assert """The upgrade of r3 failed: its code raised SystemExit: not today.
file: migrations/versions/r3.py, line 13
line: raise SystemExit('not today')
What to do: Correct the revision or the data, then make the plan again.""" == told(run.error, made)


@ON_POSTGRESQL
def test_an_autocommit_block_is_not_said_to_be_rolled_back(bare: Project, wb: Workbench) -> None:
    """PostgreSQL keeps what such a block did, and the Run says so."""
    made = bare
    made.revision(
        "r1",
        None,
        """
        with op.get_context().autocommit_block():
            op.execute("CREATE TABLE kept (id INTEGER)")
        op.execute("INSERT INTO nowhere VALUES (1)")
        """,
    )
    run = wb.upgrade().apply()

    assert (
        f"{name_of(made)} is still at base. 1 statement of the step that failed had been executed before, some of them "
        "outside a transaction: these are still there. r1 'Do r1.' is half applied: 1 of 2 statements took "
        "(CREATE TABLE kept (id INTEGER)), 1 cannot be told. Running it again fails at statement 1, because table kept "
        "is there already."
    ) == run.standing
    assert ("public", "kept") in made.database()


def test_cancel_inside_a_statement(made: Project, wb: Workbench) -> None:
    """A statement that would take a minute is stopped; the Run says where the database is, and all can go on."""
    made.revision("r2", "r1", f"op.execute({SLOW[kind(made)]!r})")

    def on_event(event: Event) -> None:
        if event.kind == "statement" and event.sql == SLOW[kind(made)]:
            threading.Timer(0.3, wb.cancel).start()

    plan = wb.upgrade("r2")
    began = time.monotonic()
    run = plan.apply(on_event=on_event)
    seconds = time.monotonic() - began
    heads = () if kind(made) == "postgresql" else ("r1",)

    assert (False, True, heads, heads) == (run.ok, run.cancelled, run.heads, wb.current().heads)
    assert isinstance(run.error, errors.Cancelled)
    assert [("statement", SLOW[kind(made)])] == list(run.error.evidence[:1])
    assert seconds < 30

    made.revision("r2", "r1")

    assert wb.upgrade().apply().ok


def test_cancel_between_steps(made: Project, wb: Workbench) -> None:
    """The step that runs comes to its end, the next one is not begun; what ran is in the database."""
    made.revision("r1", None, "import time; op.get_context().as_sql or time.sleep(1)")
    plan = wb.upgrade()
    run = plan.apply(on_event=lambda event: wb.cancel() if event.kind == "step" else None)

    assert (False, True, ("r1",)) == (run.ok, run.cancelled, run.heads)
    assert ["done", "not run", "not run"] == [each.outcome for each in run.steps]
    assert f"{name_of(made)} is at r1: the steps up to there are in it." == run.standing

    rest = wb.upgrade().apply()

    assert (True, ("r3",), ["r2", "r3"]) == (rest.ok, rest.heads, [each.revision for each in rest.steps])


def test_an_interrupt_is_a_cancel(made: Project, wb: Workbench) -> None:
    """The kernel's interrupt in the middle of an apply ends as a cancelled Run, not as a lost migration."""
    made.revision("r2", "r1", f"op.execute({SLOW[kind(made)]!r})")

    def on_event(event: Event) -> None:
        if event.kind == "statement" and event.sql == SLOW[kind(made)]:
            threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    run = wb.upgrade("r2").apply(on_event=on_event)

    assert (False, True) == (run.ok, run.cancelled)
    assert run.heads == wb.current().heads


def test_a_worker_that_dies_in_the_middle(made: Project, wb: Workbench) -> None:
    """The Run says what was heard of it, and where the database is, read by another worker."""
    upgrade = "import os; op.execute('CREATE TABLE half (id INTEGER)'); op.get_context().as_sql or os._exit(9)"
    made.revision("r2", "r1", upgrade)
    run = wb.upgrade().apply()

    transactional = kind(made) == "postgresql"
    done = "rolled back" if transactional else "done"
    assert (False, () if transactional else ("r1",)) == (run.ok, run.heads)
    assert [done, "failed", "not run"] == [each.outcome for each in run.steps]
    assert isinstance(run.error, errors.WorkerDied)
    assert "CREATE TABLE half (id INTEGER)" == run.statements.sql.iloc[-1]


KERNEL = """
    import threading, time
    from workbench import Workbench
    wb = Workbench({ini!r})
    plan = wb.upgrade()
    print(wb._client.process._child.pid, flush=True)
    plan.apply(on_event=lambda event: print(event.kind, event.sql.replace("\\n", " "), flush=True))
"""


@pytest.mark.parametrize("where", ["in a statement", "between statements"])
def test_a_kernel_killed_in_the_middle_of_an_apply(made: Project, where: str) -> None:
    """The worker ends within seconds, and each revision is in the database wholly or not at all."""
    slow = SLOW[kind(made)] if where == "in a statement" else "SELECT 1"
    rest = "" if where == "in a statement" else "\nimport time; op.get_context().as_sql or time.sleep(2)"
    made.revision("r2", "r1", f"op.execute({slow!r}){rest}\nop.execute('CREATE TABLE t2 (id INTEGER)')")
    code = textwrap.dedent(KERNEL).format(ini=str(made.folder / "alembic.ini"))
    kernel = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=WITH_US, text=True)
    assert kernel.stdout is not None
    worker = int(kernel.stdout.readline())
    for line in kernel.stdout:
        if line.strip() == f"statement {slow}":
            break
    kernel.kill()
    kernel.wait()
    kernel.stdout.close()

    assert wait_until(lambda: not lives(worker), 20.0)

    finished = where == "between statements"  # it is given the time to come to the end of its step
    head = ("r2",) if finished else () if kind(made) == "postgresql" else ("r1",)
    with made.workbench() as wb:
        status = wb.current()
        (made.versions / "r2.py").unlink()
        made.revision("r2", "r1", "op.execute('CREATE TABLE t2 (id INTEGER)')")
        run = wb.upgrade().apply()

    assert head == status.heads
    assert (True, ("r3",)) == (run.ok, run.heads)


def test_stdout_of_a_revision_goes_elsewhere(made: Project, wb: Workbench, capfd: pytest.CaptureFixture[str]) -> None:
    """A revision that prints disturbs neither the pipe nor the notebook."""
    made.revision("r2", "r1", "import os; print('hello'); os.write(1, b'bytes'); os.write(2, b'bytes')")
    run = wb.upgrade().apply()

    assert (True, ("", "")) == (run.ok, tuple(capfd.readouterr()))


def test_an_empty_plan_is_outdated_like_any_other(made: Project, wb: Workbench) -> None:
    """There was nothing to run; once the database has moved, that is no longer what the Plan says."""
    assert wb.upgrade().apply().ok
    plan = wb.upgrade()
    run = plan.apply()
    made.execute("UPDATE alembic_version SET version_num = 'r2'")
    with pytest.raises(PlanOutdated, match="stood at r3 when the Plan was made, and is at r2 now"):
        plan.apply()

    assert (True, ("r3",), "There was nothing to run.") == (run.ok, run.heads, run.standing)


@pytest.mark.usefixtures("made")
def test_a_range_cannot_be_applied(wb: Workbench) -> None:
    """It is SQL to read; it need not start where the database stands."""
    with pytest.raises(errors.UnsupportedRequest) as caught:
        wb.upgrade("r1:r2").apply()

    assert """This Plan is the SQL of the range 'r1:r2'; it does not start where the database stands.
What to do: Make one to a target, as in wb.upgrade("head"), and apply that.""" == str(caught.value)


@pytest.mark.usefixtures("made")
def test_downgrade_and_stamp(wb: Workbench) -> None:
    """Both directions and the version table alone end where they say."""
    runs = [wb.upgrade().apply()]
    runs.append(wb.downgrade("-2").apply())
    runs.append(wb.stamp("r3").apply())
    runs.append(wb.stamp("base").apply())

    assert [(True, ("r3",)), (True, ("r1",)), (True, ("r3",)), (True, ())] == [(run.ok, run.heads) for run in runs]

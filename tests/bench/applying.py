"""What an apply and a rehearsal cost, how soon a Cancel stops, and whether other cells wait meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.bench import generate
from tests.bench.cases import Sizes, databases
from tests.bench.measure import Case, Spread, environment, kernel, seconds_of

_OPENED = "from workbench import Workbench\nwb = Workbench(); plan = wb.upgrade('head'); heard = []"


@contextlib.contextmanager
def rehearsals(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """A rehearsal of an upgrade of an empty database (up, down and up on a copy), against the upgrade itself."""
    project = generate.history(folder / "rehearse", sizes.rehearsed)
    with databases(project) as made:
        yield [
            Case(
                f"rehearse base to head and back and there again, {sizes.rehearsed:,} revisions, {name}",
                lambda make=make: _upgraded(project, environment(folder, make())),  # type: ignore[misc]
                lambda make=make: _timed(  # type: ignore[misc]
                    project,
                    environment(folder, make()),
                    "done = wb.rehearse(plan)",
                    "assert done.ok, done",
                ),
            )
            for name, make in made
        ]


@contextlib.contextmanager
def small_statements(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """An apply of many small statements, each of which is told, counted and written into the journal."""
    project = generate.statements(folder / "small", sizes.statements)
    with databases(project) as made:
        yield [
            Case(
                f"apply {sizes.statements:,} small statements, with progress and journal, {name}{more}",
                lambda make=make, plain=plain: plain(project, environment(folder, make())),  # type: ignore[misc]
                lambda make=make: _timed(  # type: ignore[misc]
                    project,
                    environment(folder, make()),
                    "run = plan.apply(on_event=heard.append)",
                    f"assert run.ok, run.error; assert len(heard) > {sizes.statements}",
                ),
                limit,
            )
            for name, make in made
            for more, plain, limit in (
                ("", _upgraded, 1.15),
                (", Alembic in a process that is up", _upgraded_inside, None),
            )
        ]


GROUPS = {"rehearse": rehearsals, "apply-small": small_statements}


def _upgraded(project: Path, variables: dict[str, str]) -> float:
    return seconds_of(["-m", "alembic", "upgrade", "head"], project, variables)


def _upgraded_inside(project: Path, variables: dict[str, str]) -> float:
    """Without the start of a process and the imports, which a workbench had before."""
    first = "from alembic import command, config\nimport sqlalchemy"
    with kernel(project, variables, first) as opened:
        return opened.run("command.upgrade(config.Config('alembic.ini'), 'head')")


def _timed(project: Path, variables: dict[str, str], code: str, after: str) -> float:
    with kernel(project, variables, _OPENED) as opened:
        took = opened.run(code)
        opened.run(f"{after}; wb.close()")
        return took


_LONG = {
    "SQLite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0",
    "PostgreSQL": "SELECT pg_sleep(600)",
    "MariaDB": "SELECT SLEEP(600)",
}
_CANCEL = """
import threading, time
begun = threading.Event()

def hear(event):
    if event.kind == "statement" and ("pg_sleep" in event.sql or "SLEEP" in event.sql or "RECURSIVE" in event.sql):
        begun.set()

def apply():
    global run
    run = plan.apply(on_event=hear)

thread = threading.Thread(target=apply)
thread.start()
assert begun.wait(60), "it never came to the statement"
time.sleep(0.5)  # until the database is in the middle of it
"""


def cancel(folder: Path, repeat: int) -> list[tuple[str, str]]:
    """From Cancel in the middle of a statement to the Run that says where the database stands."""
    told = []
    with contextlib.ExitStack() as stack:
        for name, url in _each(stack, folder):
            project = generate.long(folder / f"long{name}", _LONG[name])
            took = []
            for _ in range(repeat):
                with kernel(project, environment(folder, url), _OPENED) as opened:
                    opened.run(_CANCEL)
                    took.append(opened.run("wb.cancel(); thread.join()"))
                    opened.run("assert run.cancelled and not run.heads, run; wb.close()")
            told.append((f"from Cancel inside a long statement to the end of the run, {name}", _seconds(took)))
    return told


_ANSWERS = """
import statistics, threading, time
other = Workbench(); other.current()
thread = threading.Thread(target=lambda: heard.append(plan.apply(on_event=heard.append)))
cells, questions = [], []
thread.start()
while thread.is_alive():
    began = time.perf_counter()
    sum(range(1000))
    cells.append(time.perf_counter() - began)
    began = time.perf_counter()
    other.source({revision!r})
    questions.append(time.perf_counter() - began)
    time.sleep(0.005)
assert heard[-1].ok, heard[-1]
told = [[statistics.median(each) * 1000, max(each) * 1000] for each in (cells, questions)]
other.close(); wb.close()
"""


def answers(folder: Path, sizes: Sizes) -> list[tuple[str, str]]:
    """How long other cells take while an apply of many statements runs in a thread, as a view does it."""
    project = generate.statements(folder / "answers", sizes.statements)
    told = []
    with contextlib.ExitStack() as stack:
        for name, url in _each(stack, folder, "SQLite", "PostgreSQL"):
            with kernel(project, environment(folder, url), _OPENED) as opened:
                opened.run(_ANSWERS.replace("{revision!r}", repr(generate.identifier(0))))
                of_cell, of_question = opened.value("told")
            what = f"while {sizes.statements:,} statements are applied, {name}:"
            told.append((f"{what} a cell of plain Python, median and longest", _milliseconds(*of_cell)))
            told.append((f"{what} `source()` of another Workbench, median and longest", _milliseconds(*of_question)))
    return told


def _each(stack: contextlib.ExitStack, folder: Path, *names: str) -> Iterator[tuple[str, str]]:
    """A database of each kind that is there."""
    yield "SQLite", f"sqlite:///{folder / 'facts.db'}"
    for name, kind in (("PostgreSQL", servers.postgresql), ("MariaDB", servers.mariadb)):
        if not names or name in names:
            try:
                yield name, stack.enter_context(stack.enter_context(kind()).database())
            except servers.Unavailable as reason:
                print(f"Without {name}: {reason}")  # noqa: T201 - a program of its own


def _seconds(took: list[float]) -> str:
    return f"{Spread(tuple(took)).words()} s"


def _milliseconds(median: float, longest: float) -> str:
    return f"{median:.2f} ms, {longest:.1f} ms"

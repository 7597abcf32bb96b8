"""What is compared with which command of Alembic's, and how."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.bench import generate
from tests.bench.measure import Case, children, environment, kernel, resident, seconds_of

_IMPORT = "from workbench import Workbench"

# A history is ready to show when its text and what the tree's script draws are there.
_SHOW = (
    "history = wb.history(); str(history); from workbench.widgets.history import packed; "
    "packed(history, title=wb.title, live=True)"
)


@dataclass(frozen=True)
class Sizes:
    """How many revisions and tables; `make bench` takes these, `--quick` a fiftieth or so."""

    histories: tuple[int, ...] = (100, 1000, 5000)
    steps: int = 1000
    schemas: tuple[int, ...] = (10, 100, 1000)
    tree: int = 10_000
    rehearsed: int = 200
    statements: int = 10_000
    rows: int = 2_000_000


QUICK = Sizes((20, 100), 50, (10, 30), 1000, 20, 500, 20_000)


@contextlib.contextmanager
def imports(folder: Path, _: Sizes) -> Iterator[list[Case]]:
    """What `import workbench` costs, also when its names are used."""
    variables = environment(folder, "")

    def plain() -> float:
        return seconds_of(["-c", "import alembic, sqlalchemy"], folder, variables)

    yield [
        Case(f"`{code}` / `import alembic, sqlalchemy`", plain, _process(code, folder, variables), 1.5)
        for code in ("import workbench", "from workbench import Workbench")
    ]


@contextlib.contextmanager
def histories(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """The history until it is ready to show, against `alembic history`, which asks no database."""
    cases = []
    with contextlib.ExitStack() as stack:
        for count in sizes.histories:
            project = generate.history(folder / f"history{count}", count)
            variables = environment(folder, f"sqlite:///{project / 'bench.db'}")
            biggest = count == 5000  # the size that the limits are for
            plain = _alembic(project, variables, "history")
            what = f"history, {count:,} revisions"
            cases += _cold(stack, f"{what}, cold", plain, _SHOW, project, variables, 0.35 if biggest else None)
            opened = stack.enter_context(kernel(project, variables, f"{_IMPORT}\nwb = Workbench(); {_SHOW}"))
            cases.append(Case(f"{what}, again", plain, _in_kernel(opened.run, _SHOW), 0.05 if biggest else None))
        yield cases


@contextlib.contextmanager
def previews(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """The SQL from base to head, against `alembic upgrade head --sql`."""
    project = generate.history(folder / "preview", sizes.steps)
    with contextlib.ExitStack() as stack:
        cases = []
        for name, make in stack.enter_context(databases(project)):
            variables = environment(folder, make())
            plain = _alembic(project, variables, "upgrade", "head", "--sql")
            what = f"preview base to head, {sizes.steps:,} revisions, {name}"
            cases += _cold(stack, what, plain, "plan = wb.upgrade('head'); assert plan.sql", project, variables, 1.2)
        yield cases


def _cold(
    stack: contextlib.ExitStack,
    what: str,
    plain: Callable[[], float],
    code: str,
    project: Path,
    variables: dict[str, str],
    limit: float | None,
) -> list[Case]:
    """The same twice: from the start of a Python to its end, and with a new Workbench in a kernel that is up."""
    whole = f"{_IMPORT}\nwb = Workbench(); {code}"
    opened = stack.enter_context(kernel(project, variables, _IMPORT))
    return [
        Case(f"{what}, a process of its own", plain, _process(whole, project, variables), limit),
        Case(f"{what}, in a kernel", plain, _in_kernel(opened.run, f"wb = Workbench(); {code}", "wb.close()"), limit),
    ]


@contextlib.contextmanager
def applies(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """An upgrade of an empty database: `plan.apply()` of a Plan that was made before, as there is no other way."""
    project = generate.history(folder / "apply", sizes.steps)
    with databases(project) as made:
        yield [
            Case(
                f"apply base to head, {sizes.steps:,} revisions, {name}",
                lambda make=make: seconds_of(
                    ["-m", "alembic", "upgrade", "head"], project, environment(folder, make())
                ),  # type: ignore[misc]
                lambda make=make: _applied(project, environment(folder, make())),  # type: ignore[misc]
                1.15,
            )
            for name, make in made
        ]


def _applied(project: Path, variables: dict[str, str]) -> float:
    first = f"{_IMPORT}\nwb = Workbench(); plan = wb.upgrade('head')"
    with kernel(project, variables, first) as opened:
        took = opened.run("run = plan.apply()")
        opened.run("assert run.ok, run.error; wb.close()")
        return took


@contextlib.contextmanager
def diffs(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """Models against a database that has them all, against `alembic check`; then after an edit of one model."""
    with contextlib.ExitStack() as stack:
        cases = []
        for count, style in itertools.product(sizes.schemas, generate.STYLES):
            project = generate.schema(folder / f"schema{count}{style[:5]}", count, style)
            for name, make in stack.enter_context(databases(project)):
                variables = environment(folder, make())
                seconds_of(["-c", _CREATE], project, variables)
                what = f"diff, {count:,} tables, {style}, {name}"
                biggest = count == 1000
                plain = _alembic(project, variables, "check", codes=(0, 255))
                limit = 1.1 if biggest else None
                cases += _cold(stack, f"{what}, cold", plain, "str(wb.diff())", project, variables, limit)
                cases.append(_edited(stack, what, project, style, variables, biggest=biggest))
        yield cases


_CREATE = "import os, shop, sqlalchemy; shop.metadata.create_all(sqlalchemy.create_engine(os.environ['BENCH_URL']))"


def _edited(
    stack: contextlib.ExitStack,
    what: str,
    project: Path,
    style: generate.Style,
    variables: dict[str, str],
    *,
    biggest: bool,
) -> Case:
    turns = itertools.count()
    check = _alembic(project, variables, "check", codes=(255,))
    first = f"{_IMPORT}\nwb = Workbench(); wb.diff()"
    opened: list[Callable[[str], float]] = []

    def edited(then: Callable[[], float]) -> float:
        generate.change_a_model(project, next(turns), style)
        return then()

    def ours() -> float:
        if not opened:  # only now, since a worker of a thousand tables takes 200 MiB
            opened.append(stack.enter_context(kernel(project, variables, first)).run)
        return opened[0]("diff = wb.diff(); str(diff); assert len(diff.changes) == 1, diff")

    limit = 0.5 if biggest else None
    return Case(f"{what}, one model edited", lambda: edited(check), lambda: edited(ours), limit)


def memory(folder: Path, sizes: Sizes) -> list[tuple[str, str]]:
    """The resident memory of a kernel with a workbench, and of its worker, after a question."""
    revisions, tables = sizes.histories[-1], sizes.schemas[-1]
    told = []
    for what, project, code in (
        (f"{revisions:,} revisions", generate.history(folder / "history", revisions), "history()"),
        (f"{tables:,} tables, declarative", generate.schema(folder / "schema", tables, "declarative"), "diff()"),
    ):
        variables = environment(folder, f"sqlite:///{project / 'bench.db'}")
        if code == "diff()":
            seconds_of(["-c", _CREATE], project, variables)
        with kernel(project, variables, _IMPORT) as opened:
            opened.run(f"wb = Workbench(); answer = wb.{code}; import time; time.sleep(2)")  # until the spare is up
            workers = [f"{resident(each):.0f} MiB" for each in children(opened.process.pid)]
            words = [f"{name} {size}" for name, size in zip(("worker", "its spare"), workers, strict=False)]
            kernels = f"kernel {resident(opened.process.pid):.0f} MiB"
            told.append((f"memory after `{code}`, {what}", ", ".join((kernels, *words))))
    return told


def _process(code: str, folder: Path, variables: dict[str, str]) -> Callable[[], float]:
    return lambda: seconds_of(["-c", code], folder, variables)


def _alembic(
    folder: Path, variables: dict[str, str], *arguments: str, codes: tuple[int, ...] = (0,)
) -> Callable[[], float]:
    return lambda: seconds_of(["-m", "alembic", *arguments], folder, variables, codes=codes)


def _in_kernel(run: Callable[[str], float], code: str, after: str = "pass") -> Callable[[], float]:
    def timed() -> float:
        took = run(code)
        run(after)
        return took

    return timed


@contextlib.contextmanager
def databases(project: Path) -> Iterator[list[tuple[str, Callable[[], str]]]]:
    """SQLite, and PostgreSQL where there is one; each makes an empty database and gives its URL."""
    numbers = itertools.count()
    made: list[tuple[str, Callable[[], str]]] = [
        ("SQLite", lambda: f"sqlite:///{project / f'bench{next(numbers)}.db'}")
    ]
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.postgresql())
        except servers.Unavailable as reason:
            print(f"Without PostgreSQL: {reason}")  # noqa: T201 - a program of its own
        else:
            made.append(("PostgreSQL", lambda: stack.enter_context(server.database())))
        yield made


GROUPS = {"import": imports, "history": histories, "preview": previews, "apply": applies, "diff": diffs}

"""Time travel over a whole history, against the upgrade to its heads."""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import cases, generate
from tests.bench.cases import Sizes
from tests.bench.measure import Case, Kernel, environment, kernel, seconds_of

_OPEN = "from workbench import Workbench\nwb = Workbench(); wb.current()"


@contextlib.contextmanager
def travels(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """What each revision did: really run and looked at; and from what was kept of that, in another Workbench."""
    count = sizes.rehearsed
    project = generate.history(folder / "travel", count)
    found = []
    with contextlib.ExitStack() as stack:
        for name, make in stack.enter_context(cases.databases(project)):
            kept = folder / f"cache-{name}"
            variables = environment(folder, make()) | {"XDG_CACHE_HOME": str(kept)}
            first, again = (stack.enter_context(kernel(project, variables, _OPEN)) for _ in range(2))
            again.run("wb.stops()")
            plain = functools.partial(_upgraded, project, variables, make)
            what = f"the schema at each of {count:,} revisions, {name}"
            found.append(Case(f"{what}, cold", plain, functools.partial(_stops, first, count, kept), None))
            found.append(Case(f"{what}, kept", plain, functools.partial(_stops, again, count), None))
        yield found


def _upgraded(project: Path, variables: dict[str, str], make: Callable[[], str]) -> float:
    return seconds_of(["-m", "alembic", "upgrade", "heads"], project, variables | {"BENCH_URL": make()})


def _stops(opened: Kernel, count: int, kept: Path | None = None) -> float:
    """In a Workbench that has been asked nothing but where the database stands."""
    if kept is not None:
        shutil.rmtree(kept / "alembic-workbench" / "travel", ignore_errors=True)
    opened.run("wb.close(); wb = Workbench(); wb.current()")
    return opened.run(f"stops = wb.stops(); assert len(stops) == {count}")


GROUPS = {"travel": travels}

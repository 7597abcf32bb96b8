"""Time travel over a whole history, beside the upgrade to its heads. It takes minutes, so it is not run in pairs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.bench import cases, generate
from tests.bench.cases import Sizes
from tests.bench.measure import Spread, environment, kernel, seconds_of

_OPEN = "from workbench import Workbench\nwb = Workbench(); wb.current()"
_AGAIN = 3


def travels(folder: Path, sizes: Sizes) -> Iterator[tuple[str, str]]:
    """What each revision did: really run and looked at; and from what was kept of that, in another Workbench."""
    count = sizes.rehearsed
    project = generate.history(folder / "travel", count)
    asked = f"stops = wb.stops(); assert len(stops) == {count}"
    with contextlib.ExitStack() as stack:
        for name, make in stack.enter_context(cases.databases(project)):
            variables = environment(folder, make()) | {"XDG_CACHE_HOME": str(folder / f"cache-{name}")}
            opened = stack.enter_context(kernel(project, variables, _OPEN))
            cold = opened.run(asked)
            kept = []
            for _ in range(_AGAIN):
                opened.run("wb.close(); wb = Workbench(); wb.current()")
                kept.append(opened.run(asked))
            plain = seconds_of(["-m", "alembic", "upgrade", "heads"], project, variables)
            what = f"the schema at each of {count:,} revisions, {name}"
            yield f"{what}: once", f"{cold:.1f} s; `alembic upgrade heads` takes {plain:.1f} s"
            yield f"{what}: again, in another Workbench", f"{Spread(tuple(kept)).words()} s"

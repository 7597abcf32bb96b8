"""The faults of the table, each tried for real on each database: what is said is so, and the way on works."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.conftest import missing
from tests.faults import cases, table
from tests.faults.places import Place

OF_SERVERS: dict[str, Any] = {"postgresql": pytest.mark.postgresql, "mariadb": pytest.mark.mariadb, "sqlite": ()}


def on(*kinds: str) -> list[object]:
    """The databases as parameters, each with its mark."""
    return [pytest.param(kind, marks=OF_SERVERS[kind]) for kind in kinds]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Any], Place]]:
    """Make a project on an empty database once for each kind: a fault puts both into order before it strikes."""
    made: dict[str, Place] = {}
    with contextlib.ExitStack() as stack:

        def place(kind: str, server: Any) -> Place:
            if kind not in made:
                folder = tmp_path_factory.mktemp(kind)
                url = f"sqlite:///{folder / 'wbtest.db'}" if server is None else stack.enter_context(server.database())
                made[kind] = stack.enter_context(table.place_on(kind, url, folder))
            return made[kind]

        yield place


@pytest.fixture
def place(kind: str, places: Callable[[str, Any], Place], request: pytest.FixtureRequest) -> Place:
    """The project on the database of this kind."""
    server = None if kind == "sqlite" else request.getfixturevalue(f"{kind}_server")
    if isinstance(server, servers.Unavailable):
        missing(kind, str(server))
    return places(kind, server)


@pytest.mark.parametrize("kind", on(*table.KINDS))
def test_worker_killed(place: Place) -> None:
    """At the beginning, in the midst and at the end of five statements; `python -m tests.faults` does all moments."""
    moments = [("before", 1), ("inside", 3), ("after", 5)]
    cells = [cases.worker_killed(place, moment, number) for moment, number in moments]

    assert [] == [(each.fault, each.problems) for each in cells if each.problems]


@pytest.mark.parametrize(
    "fault, kind",
    [pytest.param(fault, kind, marks=OF_SERVERS[kind], id=f"{fault.name}-{kind}")
     for fault in table.FAULTS for kind in fault.kinds],
)  # fmt: skip
def test_fault(fault: table.Fault, place: Place) -> None:
    """It ends in a known state, with the right diagnosis, and the way on leads where an undisturbed upgrade does."""
    cell = fault.run(place)

    assert () == cell.problems, cell


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_file_that_may_not_grow(place: Place) -> None:
    """SQLite says that the disk is full then, too."""
    cell = cases.disk_full(place, table.nothing)

    assert () == cell.problems, cell


@pytest.mark.parametrize("kind", on(*table.SERVERS))
def test_server_killed_and_its_disk_full(kind: str, tmp_path: Path) -> None:
    """A server of one's own: killed in a statement and started again; then a disk that is too small."""
    try:
        with table.own_place(kind, tmp_path) as (place, program, room):
            how = signal.SIGQUIT if kind == "postgresql" else signal.SIGKILL
            cells = [cases.server_stopped(place, program, how)]
            if room is not table.nothing:
                cells.append(cases.disk_full(place, room))
    except servers.Unavailable as reason:
        missing(kind, str(reason))

    assert [] == [(each.fault, each.problems) for each in cells if each.problems]

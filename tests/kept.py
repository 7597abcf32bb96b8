"""One environment, database and worker for all tests of a file: one of its own costs each test half a second.

A folder's conftest.py imports these fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.safety.projects import Project, project
from workbench import Workbench

ON_SQLITE, ON_POSTGRESQL, ON_MARIADB = (
    pytest.mark.parametrize("kept_database_url", [pytest.param(name, marks=marks)], indirect=True)
    for name, marks in (("sqlite", ()), ("postgresql", pytest.mark.postgresql), ("mariadb", pytest.mark.mariadb))
)
"""For a test with `bare` that needs but one kind of server."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, kept_database_url: str) -> Iterator[tuple[Project, Workbench]]:
    """The environment, and a Workbench on it whose worker stays warm."""
    made = project(tmp_path_factory.mktemp("kept") / "project", kept_database_url)
    with made.workbench() as wb:
        yield made, wb


@pytest.fixture
def bare(kept: tuple[Project, Workbench]) -> Project:
    """An environment without revisions on an empty database, once on each kind of server; as new for each test."""
    return kept[0].renew()


@pytest.fixture
def wb(kept: tuple[Project, Workbench]) -> Workbench:
    """A Workbench on it, with a warm worker; where a test needs one of its own, `bare.workbench()` makes it."""
    return kept[1]

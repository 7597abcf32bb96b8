"""optuna's own environment, as its wheel ships it: ten revisions in a row, from an empty database on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import outside
from tests.real.conftest import Interpreter
from workbench import Workbench


@pytest.fixture(scope="session")
def python(interpreter: Interpreter) -> Path:
    """The interpreter that has optuna."""
    return interpreter("optuna")


@pytest.fixture(scope="session")
def folder(python: Path) -> Path:
    """Where optuna keeps its alembic.ini, whose script_location is relative."""
    (found,) = python.parents[1].glob("lib/python3*/site-packages/optuna/storages/_rdb")

    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def workbench(python: Path, folder: Path, url: str) -> Iterator[Workbench]:
    """A Workbench on it, with the project's own interpreter."""
    with Workbench(folder / "alembic.ini", url=url, python=python) as opened:
        yield opened


@pytest.fixture
def ini(tmp_path: Path, folder: Path, url: str) -> Path:
    """The same ini for the `alembic` command, which cannot be told another URL without editing it."""
    text = (folder / "alembic.ini").read_text("utf-8")
    path = tmp_path / "alembic.ini"
    path.write_text(text.replace("sqlite:///alembic.db", url.replace("%", "%%")), "utf-8")

    return path


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the same on every database
def test_history_equals_alembics(workbench: Workbench, python: Path, folder: Path, ini: Path) -> None:
    """The graph, and the order in which it would run, are Alembic's own."""
    ours = outside.as_alembic_tells_it(workbench.history(), workbench.upgrade().revisions)

    assert outside.history(python, folder, ini) == ours
    assert len(ours["revisions"]) == 10


def test_upgrade_from_base_runs_what_it_showed(workbench: Workbench, python: Path, folder: Path, ini: Path) -> None:
    """From base to head: the statements that the Plan knew are those that ran, and the diff is that of `alembic check`.

    optuna's newest models and revisions differ a little; both say so.
    """
    assert {} == outside.applied_as_shown(workbench)
    assert workbench.current().is_current
    found = outside.check(python, folder, ini)

    assert found == outside.as_check_tells_it(workbench.diff())
    assert ("add_table", None, "trial_heartbeats", "trial_heartbeats") in found

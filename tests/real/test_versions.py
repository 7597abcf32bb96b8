"""Projects on old versions of Alembic and SQLAlchemy, asked from a kernel that has the newest of both."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import alembic
import pytest
import sqlalchemy

from tests.real import outside, small
from tests.real.conftest import Interpreter
from workbench import Plan, Run, SchemaDiff, Workbench

VERSIONS = {"sqlalchemy14": ("1.13.3", "1.4.54"), "sqlalchemy20": ("1.13.3", "2.0.58"), "kernel": ("", "")}
EXPECTED_DIFF = [("add_column", None, "author", "born")]


@pytest.fixture(params=VERSIONS)
def name(request: pytest.FixtureRequest) -> str:
    """Each environment that the project may live in, the kernel's own among them."""
    return str(request.param)


@pytest.fixture
def python(name: str, interpreter: Interpreter) -> Path:
    """The interpreter of it."""
    return Path(sys.executable) if name == "kernel" else interpreter(name)


@pytest.fixture
def url(name: str, database_url: str) -> str:
    """A database of each kind, by the driver that the environment has."""
    return database_url.replace("+psycopg:", "+psycopg2:") if name == "sqlalchemy14" else database_url


@pytest.fixture
def workbench(python: Path, tmp_path: Path, url: str) -> Iterator[Workbench]:
    """A Workbench on the generic template, made by the project's own Alembic."""
    with Workbench(small.make(python, tmp_path / "project", "generic", url), python=python) as opened:
        yield opened


def test_the_projects_own_versions_answer(name: str, python: Path, tmp_path: Path, sqlite_url: str) -> None:
    """It is the project's Alembic on the project's SQLAlchemy that runs env.py, not the kernel's."""
    folder = small.make(python, tmp_path / "project", "generic", sqlite_url)
    seen = tmp_path / "seen"
    with (folder / "models.py").open("a", encoding="utf-8") as file:
        file.write("\nimport alembic, sqlalchemy\n")
        file.write(f"open({str(seen)!r}, 'w').write(alembic.__version__ + ' ' + sqlalchemy.__version__)\n")
    with Workbench(folder, python=python) as workbench:
        assert ((), True) == (workbench.current().heads, workbench.diff().changes != ())

    kernels = f"{alembic.__version__} {sqlalchemy.__version__}"

    assert (" ".join(VERSIONS[name]) if name != "kernel" else kernels) == seen.read_text("utf-8")


def test_everything_works_as_with_the_newest(workbench: Workbench, python: Path, url: str) -> None:
    """On each database: history, SQL, diff equal what the project's Alembic says; apply, downgrade and stamp work."""
    ini = workbench.config_file
    plan = workbench.upgrade()

    if url.startswith("sqlite"):  # the same on every database
        assert outside.history(python, workbench.folder, ini) == outside.as_alembic_tells_it(
            workbench.history(), plan.revisions
        )
    assert [None, None, "it reads from the database (line 18), and offline there is none to read"] == [
        step.why_not for step in plan.steps
    ]
    written = outside.alembic(python, workbench.folder, "upgrade", "base:1b", "--sql")
    shown = workbench.upgrade("base:1b").sql

    assert written == (outside.as_offline(shown) if url.startswith("mysql") else shown)
    assert {} == outside.applied_as_shown(workbench)
    assert EXPECTED_DIFF == outside.check(python, workbench.folder, ini) == outside.as_check_tells_it(workbench.diff())

    down = workbench.downgrade("base").apply()

    assert (True, (), ["2c", "1b", "0a"]) == (down.ok, down.heads, [step.revision for step in down.steps])
    assert (True, ("1b",)) == ((stamped := workbench.stamp("1b").apply()).ok, stamped.heads)


def test_works_while_the_notebooks_loop_is_running(
    name: str, python: Path, tmp_path: Path, sqlite_url: str, postgresql_url: str
) -> None:
    """A cell runs inside a loop, where Alembic's async template refuses: its `asyncio.run` cannot be called there.

    The old versions run it with aiosqlite; the kernel, which has not got that, with psycopg.
    """
    url = postgresql_url if name == "kernel" else sqlite_url.replace("sqlite:", "sqlite+aiosqlite:")
    folder = small.make(python, tmp_path / "project", "async", url)

    async def cell() -> tuple[Plan, Run, SchemaDiff]:
        with Workbench(folder, python=python) as workbench:
            plan = workbench.upgrade()

            return plan, plan.apply(), workbench.diff()

    plan, run, diff = asyncio.run(cell())

    assert (("0a", "1b", "2c"), ("2c",)) == (plan.revisions, run.heads)
    assert EXPECTED_DIFF == outside.as_check_tells_it(diff)

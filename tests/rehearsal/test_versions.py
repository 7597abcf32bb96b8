"""Rehearsals of projects on old versions of Alembic and SQLAlchemy, and with drivers that the kernel has not got."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real import small
from tests.real.conftest import Interpreter, interpreter
from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import ScratchRefused

__all__ = ["interpreter"]


@pytest.mark.parametrize(
    "environment,template,database,driver",
    [
        ("sqlalchemy14", "generic", "postgresql", "postgresql+psycopg2"),
        ("sqlalchemy14", "async", "sqlite", "sqlite+aiosqlite"),
        ("sqlalchemy20", "async", "postgresql", "postgresql+asyncpg"),
    ],
)
def test_old_versions(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    interpreter: Interpreter,
    environment: str,
    template: str,
    database: str,
    driver: str,
) -> None:
    """There and back and there again, on a copy."""
    _, _, rest = request.getfixturevalue(f"{database}_url").partition(":")
    python = interpreter(environment)
    folder = small.make(python, tmp_path / "project", template, f"{driver}:{rest}")
    with Workbench(folder, python=python) as workbench:
        assert workbench.upgrade("1b").apply().ok
        told = workbench.rehearse(workbench.upgrade())

        assert ("1b",) == workbench.current().heads

    assert (None, [True, True, True]) == (told.error, [each.ok for each in told.passes])
    assert ((), ()) == (told.lost, told.rows_changed)
    assert told.remaining is not None
    assert ["born"] == [each.name for each in told.remaining.changes]
    assert 1 == sum("INSERT INTO book" in each for each in told.plan.steps[0].statements or ())


def test_connection_that_the_project_holds(
    tmp_path: Path,
    postgresql_url: str,
    interpreter: Interpreter,
) -> None:
    """One that a module of the project's opened before the rehearsal leads to the live database, and is refused.

    With psycopg2, which commits by itself where nothing else can hold it back.
    """
    behind = Project(tmp_path, postgresql_url)
    behind.execute("CREATE TABLE audit (id INTEGER)")
    url = postgresql_url.replace("+psycopg:", "+psycopg2:")
    made = project(tmp_path, url).tables(1)
    (tmp_path / "held.py").write_text(
        f"from sqlalchemy import create_engine\nconnection = create_engine({url!r}, future=True).connect()\n"
    )
    made.env("import held")
    made.revision(
        "r2",
        "r1",
        "from held import connection\nconnection.exec_driver_sql('INSERT INTO audit VALUES (1)')\nconnection.commit()",
    )
    with made.workbench(python=interpreter("sqlalchemy14")) as workbench:
        plan = workbench.upgrade()
        with pytest.raises(ScratchRefused, match="keeps a connection open"):
            workbench.rehearse(plan)

    assert [(0,)] == behind.execute("SELECT count(*) FROM audit")

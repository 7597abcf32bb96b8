"""A step that fails on SQLite is rolled back whole on old versions and with an asynchronous driver, too."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from tests.real import small
from tests.real.conftest import Interpreter
from workbench import Workbench


@pytest.mark.parametrize(
    "name,template,driver",
    [("sqlalchemy14", "generic", "sqlite"), ("sqlalchemy14", "async", "sqlite+aiosqlite"),
     ("sqlalchemy20", "async", "sqlite+aiosqlite")],
)  # fmt: skip
def test_a_step_that_fails(
    tmp_path: Path, sqlite_url: str, interpreter: Interpreter, name: str, template: str, driver: str
) -> None:
    """What it had made is gone, and what a pragma in its middle has committed is said to be still there."""
    python = interpreter(name)
    folder = small.make(python, tmp_path / "project", template, sqlite_url.replace("sqlite:", f"{driver}:"))
    versions = folder / "migrations" / "versions"
    made = "op.execute('CREATE TABLE made (id INTEGER)')\nop.drop_index('ix_book_title', 'book')"
    fails = f"{made}\nop.execute('nonsense')"
    with Workbench(folder, python=python) as workbench:
        (versions / "3d_fail.py").write_text(small.file("3d", "fail", "2c", fails), "utf-8")
        run = workbench.upgrade().apply()
        engine = create_engine(sqlite_url)
        left = inspect(engine).get_table_names(), len(inspect(engine).get_indexes("book"))
        halfway = f"{made}\nop.execute('PRAGMA foreign_keys=OFF')\nop.execute('nonsense')"
        (versions / "3d_fail.py").write_text(small.file("3d", "fail", "2c", halfway), "utf-8")
        again = workbench.upgrade().apply()
        kept = inspect(engine).has_table("made")
        engine.dispose()

    at = "wbtest is at 2c: the steps up to there are in it. What the step that failed had changed was rolled back"
    assert f"{at} (2 statements)." == run.standing
    assert (["alembic_version", "author", "book"], 1) == left
    assert again.standing.startswith(
        "wbtest is still at 2c. 3 statements of the step that failed had been executed before, some of them outside a "
        "transaction: these are still there."
    )
    assert kept

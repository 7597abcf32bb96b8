"""The SQL of a Plan equals what `alembic upgrade FROM:TO --sql` prints, wherever that works."""

import sys
from pathlib import Path

import pytest

from tests.real import outside
from tests.real.conftest import Interpreter
from workbench import Plan, Workbench

RANGES = ("base:1e9acee4b087", "1e9acee4b087:570c4ab1e5d0", "a11ade0b3e6f:fade9a3b0c12", "ace0fba5e509:cab1e5ea4c48")
"""Of the sample, the parts that plain Alembic can write without a database, as long as they can be."""


def written(python: Path | str, folder: Path, plan: Plan, url: str, ini: Path) -> str:
    """What the command prints for the same range."""
    command = (plan.direction, plan.target, "--sql")

    return outside.alembic(python, folder, "-c", str(ini), *command, env={"DATABASE_URL": url})


def test_of_the_sample(sample: Path, database_url: str) -> None:
    """The same text to the last blank. On MariaDB the command does not know the server's `INSERT … RETURNING`."""
    with Workbench(sample, env={"DATABASE_URL": database_url}) as workbench:
        plans = [*(workbench.upgrade(each) for each in RANGES), workbench.downgrade("1e9acee4b087:ba5e0f1b00c5")]
    for plan in plans:
        shown = outside.as_offline(plan.sql) if database_url.startswith("mysql") else plan.sql

        assert written(sys.executable, sample, plan, database_url, sample / "alembic.ini") == shown
        assert [None] * len(plan.steps) == [step.why_not for step in plan.steps]


def test_of_optuna(interpreter: Interpreter, tmp_path: Path, database_url: str) -> None:
    """The parts of optuna's history that work offline; on SQLite one of them needs a table to copy, and says so."""
    python = interpreter("optuna")
    (folder,) = python.parents[1].glob("lib/python3*/site-packages/optuna/storages/_rdb")
    ini = tmp_path / "alembic.ini"
    text = (folder / "alembic.ini").read_text("utf-8")
    ini.write_text(text.replace("sqlite:///alembic.db", database_url.replace("%", "%%")), "utf-8")
    with Workbench(folder / "alembic.ini", url=database_url, python=python) as workbench:
        plans = [workbench.upgrade(each) for each in ("base:v0.9.0.a", "v2.4.0.a:v2.6.0.a", "v3.0.0.d:v3.2.0.a")]
    batch = "batch mode with dialect sqlite requires a live database connection"
    for plan in plans:
        if plan.steps[0].why_not is not None:
            with pytest.raises(AssertionError, match=batch):
                written(python, folder, plan, database_url, ini)

            assert ("sqlite", "v2.6.0.a", True) == (
                plan.databases[0].dialect, plan.steps[0].revision, "its batch (line " in plan.steps[0].why_not
            )  # fmt: skip
            continue
        shown = outside.as_offline(plan.sql) if database_url.startswith("mysql") else plan.sql

        assert written(python, folder, plan, database_url, ini) == shown


def test_a_step_that_cannot_be_had_offline_harms_no_other(sample: Path, sqlite_url: str) -> None:
    """The command stops at the first revision that reads rows; the Plan has the SQL of all the others."""
    with Workbench(sample, env={"DATABASE_URL": sqlite_url}) as workbench:
        plan = workbench.upgrade("base:heads")
    with pytest.raises(AssertionError, match="'NoneType' object is not iterable"):
        written(sys.executable, sample, plan, sqlite_url, sample / "alembic.ini")

    assert {"5711b0a7d93e": "it reads from the database (line 40), and offline there is none to read"} == {
        step.revision: step.why_not for step in plan.steps if step.why_not
    }
    assert all(step.statements for step in plan.steps if not step.why_not)

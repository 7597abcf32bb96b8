"""ihatemoney's own environment: Flask-Migrate, which runs inside an application context only.

Its application factory migrates the database whenever it starts. A question must not write, and only the steps of a
Plan may run, so the workbench skips what the project itself would migrate.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.real import outside, small
from tests.real.conftest import Interpreter
from workbench import Workbench

FACTORY = "ihatemoney.run:create_app"


@pytest.fixture(scope="session")
def python(interpreter: Interpreter) -> Path:
    """The interpreter that has ihatemoney."""
    return interpreter("ihatemoney")


@pytest.fixture(scope="session")
def folder(python: Path) -> Path:
    """Where ihatemoney keeps its migrations; `script_location = .`, so this is where `alembic` has to be run."""
    (found,) = python.parents[1].glob("lib/python3*/site-packages/ihatemoney/migrations")

    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind; this project has psycopg2 where we have psycopg."""
    return str(request.getfixturevalue(f"{request.param}_url")).replace("+psycopg:", "+psycopg2:")


@pytest.fixture
def env(url: str, tmp_path: Path) -> dict[str, str]:
    """The settings that ihatemoney reads from a file."""
    path = tmp_path / "ihatemoney.cfg"
    path.write_text(f"SQLALCHEMY_DATABASE_URI = {url!r}\nSECRET_KEY = 'not a secret'\n", "utf-8")

    return {"IHATEMONEY_SETTINGS_FILE_PATH": str(path)}


@pytest.fixture
def workbench(python: Path, folder: Path, env: dict[str, str]) -> Iterator[Workbench]:
    """A Workbench on it, with the project's own interpreter and application."""
    with Workbench(folder / "alembic.ini", python=python, context=FACTORY, env=env) as opened:
        yield opened


def tables(url: str) -> list[str]:
    """What is in the database."""
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    engine = sa.create_engine(url.replace("+psycopg2:", "+psycopg:"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return sa.inspect(connection).get_table_names()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the same on every database
def test_history_equals_alembics(workbench: Workbench, python: Path, folder: Path, url: str) -> None:
    """The graph and its order are Alembic's own; and the factory, which migrates, has not migrated anything."""
    ours = outside.as_alembic_tells_it(workbench.history(), workbench.upgrade().revisions)

    assert outside.history(python, folder, folder / "alembic.ini") == ours
    assert len(ours["revisions"]) == 13
    assert tables(url) == []


def test_upgrade_from_base_runs_what_it_showed(
    workbench: Workbench, python: Path, folder: Path, env: dict[str, str]
) -> None:
    """From base to head: the statements that the Plan knew are those that ran, and the diff is that of `check`."""
    assert {} == outside.applied_as_shown(workbench)

    found = outside.check(python, folder, folder / "alembic.ini", FACTORY, env)

    assert found == outside.as_check_tells_it(workbench.diff())
    assert ("modify_nullable", None, "billowers", "bill_id") in found


def test_without_its_application_the_tree_is_whole_and_says_why(python: Path, folder: Path, sqlite_url: str) -> None:
    """The revisions need no application; where they stand does, and the message names the option for it."""
    with Workbench(folder / "alembic.ini", url=sqlite_url, python=python) as workbench:
        history = workbench.history()

    assert (13, ("c941aaca38c2",), {"unknown"}) == (
        len(history.revisions),
        history.heads,
        {each.state for each in history.revisions},
    )
    assert history.problem == "env.py works only inside an application context, and none was given."
    assert 'Workbench(context="shop:create_app")' in history.remedy


SHOP = """
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
    born = db.Column(db.Integer)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = URL
    db.init_app(app)
    Migrate(app, db)
    return app
"""


@pytest.mark.parametrize("by", ["context", "FLASK_APP", ".flaskenv"])
def test_environment_that_flask_migrate_makes(python: Path, tmp_path: Path, sqlite_url: str, by: str) -> None:
    """`flask db init` of today, whose ini names no script folder: found from the project's folder, run in its app."""
    (tmp_path / "shop.py").write_text(SHOP.replace("URL", repr(sqlite_url)), "utf-8")
    command = [str(python), "-m", "flask", "--app", "shop", "db", "init"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, timeout=60)
    small.write(tmp_path / "migrations" / "versions", "0a")
    options: dict[str, Any] = {"context": "shop:create_app"} if by == "context" else {}
    if by == "FLASK_APP":
        options["env"] = {"FLASK_APP": "shop"}
    if by == ".flaskenv":
        (tmp_path / ".flaskenv").write_text("FLASK_APP=shop\n", "utf-8")
    with Workbench(tmp_path, python=python, **options) as workbench:
        plan = workbench.upgrade()
        run = plan.apply()

        assert (("0a",), True, ("0a",)) == (plan.revisions, run.ok, run.heads)
        assert [("add_column", None, "author", "born")] == outside.as_check_tells_it(workbench.diff())
        assert None is workbench.history().problem

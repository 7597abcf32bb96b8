"""What was edited while it was being read is read again."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.safety.projects import Project, project
from tests.worker.test_worker import pid, wait_until
from workbench.worker.freshness import Freshness

SECOND = 1_000_000_000
MODELS = """
import os, sqlalchemy as sa, time
metadata = sa.MetaData()
sa.Table('t1', metadata, sa.Column('id', sa.Integer, primary_key=True))
"""
T9 = "sa.Table('t9', metadata, sa.Column('id', sa.Integer))\n"


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with a module of models, which the database's one table matches."""
    made = project(tmp_path / "project", sqlite_url).tables(1)
    (made.folder / "models.py").write_text(MODELS)
    with made.workbench() as wb:
        assert wb.upgrade().apply().ok
    return made.env("import models", metadata="models.metadata")


def test_a_model_edited_while_it_is_imported(made: Project) -> None:
    """The first diff may not see the edit; the next one does, and then the worker stays warm."""
    models = made.folder / "models.py"
    models.write_text(f"{MODELS}if not os.path.exists('begun'):\n    open('begun', 'w').close()\n    time.sleep(1.0)\n")

    def edit() -> None:
        if wait_until((made.folder / "begun").exists):
            with models.open("a") as file:
                file.write(T9)

    editor = threading.Thread(target=edit)
    editor.start()
    with made.workbench() as wb:
        first = wb.diff().tables
        editor.join()
        second = wb.diff().tables
        warm = pid(wb)
        third = wb.diff().tables

        assert [(), ("t9",), ("t9",)] == [first, second, third]
        assert warm == pid(wb)


def test_a_model_that_env_py_rewrites(made: Project) -> None:
    """At once after it was imported: its time differs by less than a clock may tell."""
    made.env(
        "import models\nif not os.path.exists('done'):\n    open('done', 'w').close()\n"
        f"    with open(models.__file__, 'a') as file:\n        file.write({T9!r})",
        metadata="models.metadata",
    )
    with made.workbench() as wb:
        assert [(), ("t9",)] == [wb.diff().tables, wb.diff().tables]


@pytest.mark.parametrize(
    "written, is_stale",
    [(-60 * SECOND, False), (0, True), (SECOND // 100, True), (3600 * SECOND, False)],
    ids=["before", "at the same time", "after", "in the future"],
)
def test_written_since_the_request_began(
    tmp_path: Path, written: int, is_stale: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a file never matches; one that was there before does, and so does one from a clock that is ahead."""
    path = tmp_path / "models.py"
    path.write_text(MODELS)
    made = path.stat().st_ctime_ns
    since = made + 10 * SECOND + 1  # the file's change time, which cannot be set, is long before it
    monkeypatch.setattr(time, "time_ns", lambda: since + SECOND)
    os.utime(path, ns=(since, since + written))
    module = ModuleType("models_of_this_test")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    freshness = Freshness()
    freshness.remember(SimpleNamespace(ini=None, toml=None, folder=str(tmp_path)), since)

    assert (str(path) if is_stale else "") == freshness.stale()


@pytest.mark.parametrize("name", ["alembic.ini", ".env"])
def test_a_configuration_written_since(tmp_path: Path, name: str) -> None:
    """The configuration and the .env are files like the modules are."""
    path = tmp_path / name
    path.touch()
    settings = SimpleNamespace(ini=str(tmp_path / "alembic.ini"), toml=None, folder=str(tmp_path))
    freshness, later = Freshness(), Freshness()
    freshness.remember(settings, time.time_ns())
    later.remember(settings, time.time_ns() + 10 * SECOND)

    assert [str(path), ""] == [freshness.stale(), later.stale()]


def test_what_is_installed_is_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that changes is noticed, if not within the second; a file of the project's own always is."""
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    paths = [tmp_path / "site-packages" / "library.py", tmp_path / "models.py"]
    freshness = Freshness()
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
        module = ModuleType(f"{path.stem}_of_this_test")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    freshness.remember_modules()
    installed, own = map(str, paths)
    told = [freshness.stale()]
    paths[0].write_text("changed = True")
    told += [freshness.stale()]
    clock += 1
    told += [freshness.stale()]
    paths[1].write_text("changed = True")
    told += [freshness.stale()]

    assert ["", "", installed, own] == told

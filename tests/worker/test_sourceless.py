"""Environments whose revisions are compiled files without a source."""

from __future__ import annotations

import py_compile
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.safety.projects import Project, project

UNTOLD = "is a compiled file, and the project's Python did not tell what it holds"


def compiled(made: Project) -> Project:
    """The same environment, with nothing but bytecode for its first two revisions."""
    made.ini("path_separator = os", "sourceless = true")
    (made.versions / "__pycache__").mkdir()
    for name, target in (("r1", "r1.pyc"), ("r2", "__pycache__/r2.cpython-311.pyc")):
        source = made.versions / f"{name}.py"
        py_compile.compile(str(source), str(made.versions / target), doraise=True)
        source.unlink()
    return made


def of_alembic(made: Project) -> dict[str, Any]:
    """What ScriptDirectory knows of each revision."""
    script = ScriptDirectory.from_config(Config(str(made.folder / "alembic.ini")))
    return {
        each.revision: (each._versioned_down_revisions, each.doc, Path(each.path).name, each.is_head)
        for each in script.walk_revisions()
    }


def test_history_holds_compiled_revisions(tmp_path: Path, sqlite_url: str) -> None:
    """The worker tells what they hold: the tree is Alembic's own, an upgrade runs them; a spoilt one has a fault."""
    made = compiled(project(tmp_path / "project", sqlite_url).tables(3))
    expected = of_alembic(made)
    with made.workbench() as wb:
        history = wb.history()
        run = wb.upgrade().apply()
        after = wb.history()
        (made.versions / "r2.pyc").write_bytes(b"of another Python")
        spoilt = wb.history()

    told = {
        each.revision: (each.down_revisions, each.message, Path(each.path).name, each.is_head)
        for each in history.revisions
    }
    assert expected == told
    assert ["r3", "r2", "r1"] == list(told)
    assert (True, ("r3",), {"applied"}) == (run.ok, run.heads, {each.state for each in after.revisions})
    assert {"r1": None, "r2": UNTOLD, "r3": None} == {each.revision: each.fault for each in spoilt.revisions}


def test_without_its_worker_a_compiled_revision_says_so(tmp_path: Path, sqlite_url: str) -> None:
    """Where env.py cannot run nobody can tell what a compiled file is: its node says that, the others are whole."""
    made = compiled(project(tmp_path / "project", sqlite_url).tables(3)).raw_env("raise RuntimeError('no')")
    with made.workbench() as wb:
        history = wb.history()

    assert history.problem is not None
    assert {"r1": UNTOLD, "r2": UNTOLD, "r3": None} == {each.revision: each.fault for each in history.revisions}

"""Whose bytecode the worker keeps."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from tests.safety.projects import project
from workbench.worker.bytecode import is_installed


@pytest.mark.parametrize(
    "name,path,expected",
    [
        ("driver", "site/driver.py", True),
        ("driver", "site/driver/__init__.py", True),
        ("driver.types.json", "site/driver/types/json.py", True),
        ("driver", "project/driver.py", False),
        ("env_py", "site/app/migrations/env.py", False),
        ("ab12_first_py", "site/app/migrations/versions/ab12_first.py", False),
    ],
)
def test_what_is_installed(tmp_path: Path, name: str, path: str, expected: bool) -> None:
    """What is imported by its name; not env.py and revisions, also where a package among the installed brings them."""
    assert expected is is_installed(name, str(tmp_path / path), {str(tmp_path / "site")})


def test_only_installed_packages_leave_bytecode(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of the standard library that env.py imports is kept for the next worker; the project's own are not."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "cache"))
    made = project(tmp_path / "project", sqlite_url).tables(1)
    (made.folder / "models.py").write_text("import colorsys, sys\nassert sys.pycache_prefix\n")
    made.env("import models")
    with made.workbench() as wb:
        wb.upgrade()
    cache = tmp_path / "cache"
    library = cache / Path(sysconfig.get_path("stdlib")).relative_to("/")

    assert (1, []) == (
        len(list(library.glob("colorsys.*.pyc"))),
        list((cache / made.folder.relative_to("/")).rglob("*.pyc")),
    )

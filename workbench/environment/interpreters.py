"""Finds the interpreter that has the project, where it is not the notebook's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PLACES = ("bin/python", "Scripts/python.exe")


def of_project(folder: Path) -> str:
    """The `.venv` (or `venv`) beside the configuration or one folder above, if it has Alembic; else this interpreter.

    Nobody wants JupyterLab in the environment of their service, so the project's own comes first where there is one.
    """
    for base in (folder, folder.parent):
        for name in (".venv", "venv"):
            for place in _PLACES:
                python = base / name / place
                if python.exists() and _has_alembic(base / name) and not _is_this(base / name):
                    return str(python)
    return sys.executable


def _has_alembic(environment: Path) -> bool:
    return (
        any(environment.glob("lib/python3*/site-packages/alembic"))
        or (environment / "Lib" / "site-packages" / "alembic").is_dir()
    )


def _is_this(environment: Path) -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(environment)

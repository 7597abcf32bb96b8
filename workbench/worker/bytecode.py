"""Keeps the bytecode of installed packages, and writes none beside the project's own files."""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib.machinery import SourceFileLoader
from typing import Any


def keep_of_installed() -> None:
    """From now on only we and what is imported by its name from among the installed packages leave bytecode behind.

    Drivers are imported by env.py, that is, after everything of ours. Without their bytecode each worker compiles them
    anew, which takes a fifth of a second for psycopg, where an installer has not done so (uv) and no `alembic` has run.

    It stands in for `sys.dont_write_bytecode`, which knows no such difference; where that was set before, it stays.
    """
    # For what the project starts, and for code that asks before it writes something like it.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    if sys.dont_write_bytecode:
        return
    roots = {os.path.abspath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    write = SourceFileLoader.set_data

    def set_data(loader: Any, path: str, data: Any, **options: Any) -> None:
        if loader.name.startswith("workbench.") or is_installed(loader.name, loader.path, roots):
            write(loader, path, data, **options)

    SourceFileLoader.set_data = set_data  # type: ignore[method-assign,assignment]


def is_installed(name: str, path: str, roots: set[str]) -> bool:
    """Whether the module `name` has its place at `path` below one of the roots.

    env.py and revisions have none even where a package brings them: Alembic loads them by their path, under a name of
    its own.
    """
    base = os.path.join(*name.split("."))
    places = (f"{base}.py", os.path.join(base, "__init__.py"))
    return any(os.path.join(root, place) == os.path.abspath(path) for root in roots for place in places)

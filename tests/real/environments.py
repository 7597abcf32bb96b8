"""Virtual environments for the tests: projects that other people wrote, and old versions of Alembic and SQLAlchemy.

Each is built once on a machine and kept in the user's cache folder, under a name that holds the hash of its pins and
of this file.
The pins in `requirements/` were made from WANTED, each line of it by

    uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WANTED = {
    "optuna": ("optuna==5.0.0", "psycopg[binary]==3.3.9", "pymysql==1.2.4"),
    "jupyterhub": ("jupyterhub==6.1.1", "psycopg[binary]==3.3.9"),
    "ihatemoney": ("ihatemoney==7.2.1", "psycopg2-binary==2.9.13", "python-dotenv==1.2.4"),
    "sqlalchemy14": (
        "alembic==1.13.3", "sqlalchemy[asyncio]==1.4.54", "psycopg2-binary==2.9.13", "pymysql==1.2.4",
        "aiosqlite==0.22.1",
    ),
    "sqlalchemy20": (
        "alembic==1.13.3", "sqlalchemy[asyncio]==2.0.58", "psycopg[binary]==3.3.9", "pymysql==1.2.4",
        "aiosqlite==0.22.1", "asyncpg==0.32.0",
    ),
}  # fmt: skip
"""What each environment is made for; `requirements/NAME.txt` pins that and everything below it."""

REQUIREMENTS = Path(__file__).parent / "requirements"
PATIENCE = 600
"""Seconds that one installation may take."""


class Unavailable(Exception):
    """There is no such environment here; the text says why."""


@functools.cache
def built(name: str) -> Path | Unavailable:
    """Return the interpreter of the environment `name`, built if need be; or why it cannot be had."""
    pins = REQUIREMENTS / f"{name}.txt"
    told = f"{sys.version_info[:2]} {sys.platform}\n{Path(__file__).read_text('utf-8')}\n{pins.read_text('utf-8')}"
    folder = _cache() / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    finished = folder / "finished"
    with _alone(folder.with_suffix(".lock")):
        if finished.exists():
            return python
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _install(folder, pins)
        except subprocess.SubprocessError as error:
            words = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            return Unavailable(f"the packages for {name} could not be installed: {words[-1] if words else error}")
        finished.touch()

    return python


def _install(folder: Path, pins: Path) -> None:
    """Make the virtual environment: with uv where that works, else with venv and pip alone."""
    python = str(folder / "bin" / "python")
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    pinned = ["install", "--quiet", "--require-hashes", "--requirement", str(pins)]
    # Compiled, as pip does it: each test starts several processes, and with PYTHONDONTWRITEBYTECODE none would keep it.
    uv = [sys.executable, "-m", "uv", "pip", *pinned, "--compile-bytecode", "--python", python]
    if importlib.util.find_spec("uv") is not None:
        with contextlib.suppress(subprocess.SubprocessError):
            _run(*uv)
            return
    _run(python, "-m", "ensurepip")
    _run(python, "-m", "pip", *pinned, "--disable-pip-version-check")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "alembic-workbench-tests"
    folder.mkdir(parents=True, exist_ok=True)

    return folder


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other test processes out while this one builds."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

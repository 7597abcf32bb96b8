"""A scratch copy of the sample for one notebook: yours to upgrade, break and throw away."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))  # the notebooks run in their own folder, and the sample lies beside it

from migrations.data import TUTORIAL, create


def scratch(revision: str = TUTORIAL, rows: int = 400) -> Path:
    """Copy the sample's alembic.ini and migrations/ to a new folder, with a bookshop.db at `revision`.

    Returns:
        The folder. It goes away with the kernel.

    """
    folder = Path(tempfile.mkdtemp(prefix="bookshop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copy(_ROOT / "alembic.ini", folder)
    shutil.copytree(_ROOT / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    create(f"sqlite:///{folder / 'bookshop.db'}", revision, rows)
    return folder

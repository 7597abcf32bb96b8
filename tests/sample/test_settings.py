import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a module of this Python in `folder`, and return what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr

    return done.stdout


@pytest.mark.parametrize("folder", ["sample", "elsewhere"])
def test_database_is_beside_the_ini(sample: Path, tmp_path: Path, folder: str) -> None:
    """Whatever folder alembic is run from, bookshop.db lies beside alembic.ini, and nowhere else."""
    (tmp_path / "elsewhere").mkdir()
    run(tmp_path / folder, "alembic", "-c", str(sample / "alembic.ini"), "upgrade", "ba5e")

    assert [sample / "bookshop.db"] == list(tmp_path.rglob("*.db"))


def test_relative_file_in_database_url_is_beside_the_ini(sample: Path, tmp_path: Path) -> None:
    """A relative SQLite file in DATABASE_URL means the same from every folder."""
    run(tmp_path, "alembic", "-c", str(sample / "alembic.ini"), "upgrade", "ba5e", DATABASE_URL="sqlite:///other.db")

    assert [sample / "other.db"] == list(tmp_path.rglob("*.db"))


def test_dotenv_is_read_and_the_environment_wins(sample: Path) -> None:
    """DATABASE_URL comes from .env, unless the environment has one."""
    (sample / ".env").write_text("DATABASE_URL=sqlite:///from_file.db\n")
    run(sample, "alembic", "upgrade", "ba5e")
    run(sample, "alembic", "upgrade", "ba5e", DATABASE_URL="sqlite:///from_environment.db")

    assert sorted(path.name for path in sample.glob("*.db")) == ["from_environment.db", "from_file.db"]


def test_password_may_have_any_characters(sample: Path) -> None:
    """A % in a URL goes through as it is: offline SQL needs no server, but the whole URL."""
    url = "postgresql+psycopg://somebody:p%40ss%25word@localhost/shop"
    written = run(sample, "alembic", "upgrade", "ba5e", "--sql", DATABASE_URL=url)

    assert "CREATE TABLE book" in written


def test_other_loggers_keep_talking(sample: Path) -> None:
    """Running a command in a process of one's own silences no logger that was there before."""
    program = (
        "import logging; from alembic import command; from alembic.config import Config\n"
        "mine = logging.getLogger('mine')\n"
        "command.current(Config('alembic.ini'))\n"
        "print(mine.disabled)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=sample, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"

"""`%alembic` beside the `alembic` command, on one and the same environment."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from IPython.core.interactiveshell import InteractiveShell

import workbench
from workbench.magics.options import parse


@pytest.fixture
def alembic(bare_shell: InteractiveShell, tmp_path: Path) -> Iterator[Config]:
    """An environment of two branches, one depending on the other, in the shell's folder; the magic is loaded."""
    config = Config(tmp_path / "alembic.ini", stdout=io.StringIO(), cmd_opts=None)
    command.init(config, str(tmp_path / "migrations"))
    ini = tmp_path / "alembic.ini"
    ini.write_text(re.sub("(?m)^sqlalchemy.url = .*", "sqlalchemy.url = sqlite:///shop.db", ini.read_text()))
    env = tmp_path / "migrations" / "env.py"
    env.write_text(
        env.read_text().replace(
            "target_metadata = None", "import sqlalchemy\n\ntarget_metadata = sqlalchemy.MetaData()"
        )
    )
    config = Config(ini, stdout=io.StringIO())
    command.revision(config, "create customers", rev_id="aaaa1")
    command.revision(config, "index orders", rev_id="aaaa2")
    command.revision(config, "daily sales", rev_id="bbbb1", head="aaaa1", splice=True, branch_label="reporting")
    command.revision(config, "vouchers", rev_id="aaaa3", head="aaaa2", depends_on="bbbb1")
    workbench.load_ipython_extension(bare_shell)
    yield config

    workbench.unload_ipython_extension(bare_shell)


def ask(config: Config, line: str) -> str:
    """Return what Alembic itself prints, run as its own command line runs it."""
    config.stdout = said = io.StringIO()
    asked = parse(line)
    assert asked is not None
    function, positional, keywords = asked.cmd
    function(
        config, *(getattr(asked, each) for each in positional), **{each: getattr(asked, each) for each in keywords}
    )

    return said.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    """Read every file below the folder, but for what Python compiles."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }


def test_the_revisions_are_those_that_alembic_names(bare_shell: InteractiveShell, alembic: Config) -> None:
    """The same line names the same revisions, whoever is asked."""
    for line in (
        *("history", "history -r aaaa1:aaaa2 -v", "history -r reporting@base:reporting@head"),
        *("heads", "heads --resolve-dependencies -v", "branches"),
        *("show aaaa2", "show heads", "show reporting@head", "show base"),
    ):
        told = ask(alembic, line)
        short = r"^(?:<base>|[\w, ]+(?: \(\w+\))?) -> (\w+)" if line.startswith("history") else r"^(\w+)"
        expected = re.findall(r"^Rev: (\w+)" if re.search("-v|show", line) else short, told, re.MULTILINE)
        answer = bare_shell.run_line_magic("alembic", line)

        assert sorted(expected) == sorted(each.revision for each in answer.revisions), told


@pytest.mark.usefixtures("alembic")
def test_sql_is_alembics_own(bare_shell: InteractiveShell) -> None:
    """`upgrade --sql` begins at base in both, wherever the database stands; and it stays a thing to read."""
    bare_shell.run_line_magic("alembic", "upgrade aaaa2").apply()
    expected = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "heads", "--sql"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    plan = bare_shell.run_line_magic("alembic", "upgrade heads --sql")

    assert expected.strip() == plan.sql.strip()
    assert plan.offline


@pytest.mark.usefixtures("alembic")
def test_nothing_is_written_before_apply_or_write(bare_shell: InteractiveShell, tmp_path: Path) -> None:
    """Not the database, not a revision; then exactly what was shown."""
    before = files(tmp_path)
    for line in (
        *("history", "current", "heads", "branches", "show aaaa1", "check", "upgrade heads", "upgrade heads --sql"),
        *("downgrade heads:base --sql", "stamp --purge heads", "stamp aaaa1 bbbb1"),
    ):
        bare_shell.run_line_magic("alembic", line)
    draft = bare_shell.run_line_magic("alembic", "revision -m 'add points' --rev-id cccc1 --head aaaa3")

    assert before == files(tmp_path)

    draft.write()
    run = bare_shell.run_line_magic("alembic", "upgrade heads").apply()

    assert run.ok
    assert {"shop.db", "migrations/versions/cccc1_add_points.py"} == files(tmp_path).keys() - before.keys()
    assert ("cccc1",) == bare_shell.run_line_magic("alembic", "current --check-heads").heads

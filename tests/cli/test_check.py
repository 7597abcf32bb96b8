"""`workbench check` as a person and as CI would run it."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.cli import main

_ENV = """
from alembic import context
from sqlalchemy import engine_from_config, pool

if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = engine_from_config(context.config.get_section("alembic"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
_REVISION = '''"""require a"""
revision = "ab12"
down_revision = None
import sqlalchemy as sa
from alembic import op


def upgrade():
    with op.batch_alter_table("t") as batch:
        batch.alter_column("a", nullable=False, existing_type=sa.Integer())


def downgrade():
    with op.batch_alter_table("t") as batch:
        batch.alter_column("a", nullable=True, existing_type=sa.Integer())
'''
_SAID = "t.a becomes NOT NULL, and 2 rows have NULL there."
_REMEDY = "Fill the rows that have NULL in a first, in a revision before this one."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in a folder below the current one, whose one pending revision fails on two of three rows."""
    folder = tmp_path / "service"
    (folder / "scripts" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = scripts\nsqlalchemy.url = sqlite:///shop.db\n")
    (folder / "scripts" / "env.py").write_text(_ENV)
    (folder / "scripts" / "versions" / "ab12.py").write_text(_REVISION)
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, mail TEXT);"
            "INSERT INTO t VALUES (1, 1, 'ann@x.org'), (2, NULL, 'ben@x.org'), (3, NULL, 'cy@x.org')"
        )
    connection.close()
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def check(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run it; gives its code and what it has printed."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["check", "--config", str(project / "alembic.ini"), *arguments])
        return code, capsys.readouterr().out

    return run


def test_every_format(check: Callable[..., tuple[int, str]]) -> None:
    """The same finding for people, programs, GitHub and code scanners; no row of the database is in any of them."""
    code, text = check()
    assert code == 1
    assert f"✖ set-not-null: service/scripts/versions/ab12.py:10: {_SAID}\n  will fail\n  What to do: {_REMEDY}" in text
    assert text.endswith("1 error, 1 info\n")

    code, told = check("--format", "json")
    finding, other = json.loads(told)["findings"]
    assert code == 1
    assert other["rule"] == "non-transactional-ddl"
    assert (finding["rule"], finding["severity"], finding["outcome"]) == ("set-not-null", "error", "fails")
    assert (finding["path"], finding["line"]) == ("service/scripts/versions/ab12.py", 10)
    assert (finding["evidence"]["count"], finding["evidence"]["sample"]) == (2, [])

    code, told = check("--format", "github")
    error, notice = told.splitlines()
    assert code == 1
    assert error == f"::error file=service/scripts/versions/ab12.py,line=10,title=set-not-null::{_SAID} {_REMEDY}"
    assert notice.startswith("::notice file=service/scripts/versions/ab12.py,line=10,title=non-transactional-ddl::")

    code, told = check("--format", "sarif")
    (run,) = json.loads(told)["runs"]
    result, _ = run["results"]
    assert (result["ruleId"], result["level"], result["message"]["text"]) == (
        "set-not-null",
        "error",
        f"{_SAID} {_REMEDY}",
    )
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "service/scripts/versions/ab12.py"},
        "region": {"startLine": 10},
    }
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["non-transactional-ddl", "set-not-null"]


def test_what_ends_with_which_code(check: Callable[..., tuple[int, str]], project: Path) -> None:
    """`--fail-on` decides; without rows, and without a database, it is not known whether it fails."""
    assert check("--fail-on", "never")[0] == 0
    code, text = check("--no-rows")
    assert (code, "not proven: it was not asked" in text) == (0, True)
    assert check("--no-rows", "--fail-on", "warning")[0] == 1
    (project / "shop.db").unlink()
    code, text = check("--no-database")
    assert (code, "not proven: no database was asked" in text) == (1, True)
    assert not (project / "shop.db").exists()


def test_rows_only_when_asked_for(check: Callable[..., tuple[int, str]]) -> None:
    """They are data."""
    assert "    id  a\n    2   NULL\n    3   NULL" in check("--samples")[1]


def test_a_suppressed_finding(check: Callable[..., tuple[int, str]], project: Path) -> None:
    """It is gone, with a reason; without one, or without anything to suppress, that is a finding itself."""
    file = project / "scripts" / "versions" / "ab12.py"
    line = "        batch.alter_column("
    both = "# workbench: ignore[set-not-null, non-transactional-ddl] the rows go first"
    file.write_text(_REVISION.replace(line, f"        {both}\n{line}", 1))
    assert check() == (0, check()[1])
    assert check()[1].endswith("Nothing was found.\n")
    file.write_text(_REVISION.replace(line, f"        # workbench: ignore[set-not-null]\n{line}", 1))
    code, text = check()
    assert (code, "ignore[set-not-null] gives no reason, so it suppresses nothing." in text) == (1, True)
    file.write_text(_REVISION.replace(line, f"        # workbench: ignore[drop-table] it was never used\n{line}", 1))
    assert "ignore[drop-table] suppresses nothing: there is no such finding." in check()[1]
    file.write_text(_REVISION)
    (project / "pyproject.toml").write_text(
        '[tool.workbench]\nignore = [{rule = "set-not-null", object = "t.a", reason = "the rows go first"}]\n'
    )
    assert check()[0] == 0


def test_no_environment_and_a_broken_one(
    check: Callable[..., tuple[int, str]], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could not be looked: 2, and why."""
    (project / "scripts" / "env.py").write_text("raise RuntimeError('no such luck')")
    assert check() == (2, "")
    (project / "alembic.ini").unlink()
    assert main(["check", "--config", str(project / "alembic.ini")]) == 2
    assert "alembic.ini" in capsys.readouterr().err

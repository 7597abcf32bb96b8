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
_NO_MODELS = "env.py gives no target_metadata, so there are no models."
_NOT_ASKED = [
    f"Not asked: models-differ, model-not-imported, models-in-migration. {_NO_MODELS}",
    "Not asked: changed-after-commit. This folder is in no git repository.",
]
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
    assert text.endswith("\n\n" + "\n".join([*_NOT_ASKED, "", "1 error", ""]))

    code, told = check("--format", "json")
    (finding,) = json.loads(told)["findings"]
    assert code == 1
    assert json.loads(told)["not_asked"][-1] == {
        "rule": "changed-after-commit",
        "why": "This folder is in no git repository.",
    }
    assert (finding["rule"], finding["severity"], finding["outcome"]) == ("set-not-null", "error", "fails")
    assert (finding["path"], finding["line"]) == ("service/scripts/versions/ab12.py", 10)
    assert (finding["evidence"]["count"], finding["evidence"]["sample"]) == (2, [])

    code, told = check("--format", "github")
    error, no_models, no_git = told.splitlines()
    assert code == 1
    assert error == f"::error file=service/scripts/versions/ab12.py,line=10,title=set-not-null::{_SAID} {_REMEDY}"
    assert [no_models, no_git] == _NOT_ASKED

    code, told = check("--format", "sarif")
    (run,) = json.loads(told)["runs"]
    (result,) = run["results"]
    (invocation,) = run["invocations"]
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == _NOT_ASKED
    assert (result["ruleId"], result["level"], result["message"]["text"]) == (
        "set-not-null",
        "error",
        f"{_SAID} {_REMEDY}",
    )
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "service/scripts/versions/ab12.py"},
        "region": {"startLine": 10},
    }
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["set-not-null"]


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


def test_good_practice(check: Callable[..., tuple[int, str]], project: Path) -> None:
    """What only the files tell comes after what the Plan does, once, in every format, also without a database."""
    file = project / "scripts" / "versions" / "ab12.py"
    body, _, _ = _REVISION.replace('"""require a"""', '"""update"""').partition("    with op.batch_alter_table")
    file.write_text(f"{body}    op.drop_table('t')\n\n\ndef downgrade():\n    pass\n")
    code, text = check()
    heading, message, *_ = text[text.index("Correct the revision") :].splitlines()[::2]

    assert code == 1
    assert heading == "Correct the revision, as long as nobody else has it:"
    assert message.startswith(
        "● irreversible-downgrade: service/scripts/versions/ab12.py:9: The downgrade of ab12 does nothing"
    )
    assert "The message of ab12 says nothing of what it does. 'update' would fit any revision." in text
    assert text.count("The downgrade of ab12") == 1

    for options in ((), ("--no-database",)):
        told = json.loads(check("--format", "json", *options)[1])
        rules = [each["rule"] for each in told["findings"]]
        assert rules.count("undescriptive-message") == rules.count("irreversible-downgrade") == 1
        assert "database-behind" not in rules
    told = json.loads(check("--format", "json", "--no-database")[1])
    assert {"rule": "models-differ", "why": "No database could be asked."} in told["not_asked"]
    (run,) = json.loads(check("--format", "sarif")[1])["runs"]
    pages = {each["id"]: each["shortDescription"]["text"] for each in run["tool"]["driver"]["rules"]}
    assert pages["undescriptive-message"] == "The message says nothing of what the revision does."
    assert check("--format", "github")[1].count("title=undescriptive-message::The message of ab12") == 1
    assert check("--fail-on", "never", "--rehearse", "--everything")[0] == 0

"""Databases that are named protected: their name has to be typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.safety.projects import Project, project
from workbench.capabilities import protection
from workbench.errors import DatabaseProtected, DatabaseReadOnly, EnvironmentInvalid, UnsupportedRequest
from workbench.results import Database


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with one revision."""
    return project(tmp_path / "project", sqlite_url).tables(1)


def table(folder: Path, text: str) -> None:
    """Write a pyproject.toml."""
    (folder / "pyproject.toml").write_text(f"[tool.workbench]\n{text}\n")


def database(name: str, host: str = "", own: str | None = None) -> Database:
    """A database as env.py configured it."""
    url = (
        f"postgresql://anna:***@{host}:5432/{own or name}?sslmode=require" if host else f"sqlite:////data/{own or name}"
    )
    return Database(name, url, "postgresql" if host else "sqlite", "15", (), host=host)


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("prod-*", [("prod-shop", "db1.internal")]),
        ("PROD-*", [("prod-shop", "db1.internal")]),
        ("*.internal", [("prod-shop", "db1.internal"), ("test", "db1.internal"), ("one", "db2.internal")]),
        ("*.internal/shop*", [("one", "db2.internal")]),
        ("shop.db", [("shop", "")]),
        ("shop", [("one", "db2.internal"), ("shop", "")]),
        ("nothing*", []),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, found: list[tuple[str, str]]) -> None:
    """Over the host, the database's name or its own, and both with a slash between; case does not count."""
    table(tmp_path, f"protected = ['{pattern}']")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text("[project]\nname = 'another table'\n")
    all_of_them = [
        database("prod-shop", "db1.internal"),
        database("test", "db1.internal"),
        database("one", "db2.internal", own="shop"),  # what a multidb env.py calls it
        database("shop", own="shop.db"),
    ]

    told = [(each.name, each.host) for each in all_of_them if protection.pattern_for(each, below) is not None]

    assert found == told


def test_the_name_has_to_be_typed(made: Project) -> None:
    """Without it, or with another, nothing is run; with it the Plan is applied; `read_only` refuses all the same."""
    table(made.folder, "protected = ['*prod*', 'wb*']")
    with made.workbench() as wb:
        plan = wb.upgrade()
        refused = []
        for confirm in (None, "another"):
            with pytest.raises(DatabaseProtected) as caught:
                plan.apply(confirm=confirm)
            refused.append(str(caught.value))
        before = made.database()
        shown = wb.protected(plan.databases[0])
        run = plan.apply(confirm="wbtest")
        nothing = wb.upgrade().apply()
    with made.workbench(read_only=True) as wb, pytest.raises(DatabaseReadOnly):
        wb.downgrade("base").apply(confirm="wbtest")

    place = plan.databases[0].place
    assert [
        f"{place} is protected, so nothing is run without the name being typed.{given}\n"
        "named protected by: wb*\n"
        "in: [tool.workbench] of pyproject.toml\n"
        'What to do: If it is meant: plan.apply(confirm="wbtest").'
        for given in ("", " confirm='another' is another name.")
    ] == refused
    assert ([], None, None) == before
    assert ("wb*", True, True) == (shown, run.ok, nothing.ok)


BAD_TABLES = {
    "protected = 'prod'": "[tool.workbench] protected in <file> is no list of patterns.",
    "protected = [1]": "[tool.workbench] protected in <file> is no list of patterns.",
    "protect = ['prod']": "[tool.workbench] in <file> has a key that means nothing: protect.",
    "protected = [": "<file> cannot be read, so nobody can tell which databases are protected: ",
}


def test_what_cannot_be_read_protects(made: Project) -> None:
    """A mistake in the table stops an apply, and names file and key; questions go on."""
    told = {}
    with made.workbench() as wb:
        plan = wb.upgrade()
        for text in BAD_TABLES:
            table(made.folder, text)
            with pytest.raises(EnvironmentInvalid) as caught:
                plan.apply()
            words = caught.value.message.replace(str(made.folder / "pyproject.toml"), "<file>")
            told[text] = words[: len(BAD_TABLES[text])]
        heads = wb.current().heads

    assert BAD_TABLES == told
    assert () == heads


def test_options_that_are_none(made: Project) -> None:
    """An option that does not exist, or a value that it cannot have, is refused before anything is asked."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"timeout": 3}, "apply() has no option 'timeout'."),
        ({"lock_timeout": 0}, "lock_timeout=0 is no number of seconds above zero."),
        ({"statement_timeout": "5"}, "statement_timeout='5' is no number of seconds above zero."),
        ({"backoff": None}, "backoff=None is no number of seconds above zero."),
        ({"retries": -1}, "retries=-1 is no number of tries."),
        ({"backup": 5}, "backup=5 is no folder."),
        ({"backup_format": "xml"}, "There is no backup_format='xml'."),
        ({"backup_format": []}, "There is no backup_format=[]."),
    ]
    told = []
    with made.workbench() as wb:
        plan = wb.upgrade()
        for options, _ in cases:
            with pytest.raises(UnsupportedRequest) as caught:
                plan.apply(**options)
            told.append((options, caught.value.message))

    assert cases == told
    assert ([], None, None) == made.database()

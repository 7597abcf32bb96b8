"""Find tells every place of the live schema and of the revision files that has a text in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import project
from workbench.capabilities import find_patterns
from workbench.errors import UnsupportedRequest
from workbench.results import Found

HOSTILE = "<img src=x>"


def seen(found: Found) -> list[tuple[str, str, str]]:
    """Kind, name and place of each hit."""
    return [(each.kind, each.name, each.where) for each in found.hits]


def test_everywhere(tmp_path: Path, postgresql_url: str) -> None:
    """Names come first, then definitions and comments, then revisions; upper and lower case do not count."""
    made = project(tmp_path, postgresql_url)
    made.revision("r1", None, "op.execute('SELECT 1')  # about E-MAIL, password='hunter22'")
    made.revision("r2", "r1")
    made.execute(
        "CREATE TYPE how AS ENUM ('post', 'e-mail')",
        'CREATE TABLE person (id int PRIMARY KEY, "E-Mail" text, spare text)',
        'CREATE INDEX person_mail ON person (lower("E-Mail"))',
        f"COMMENT ON COLUMN person.spare IS 'second e-mail {HOSTILE}'",
        'CREATE VIEW reachable AS SELECT id FROM person WHERE "E-Mail" IS NOT NULL',
    )
    with made.workbench() as workbench:
        found, ids = workbench.find("e-mail"), workbench.find("R2")
        words = workbench.find(r"^e.mail$", regex=True)
        refused = []
        for text, regex in (("", False), ("(", True)):
            with pytest.raises(UnsupportedRequest) as error:
                workbench.find(text, regex=regex)
            refused.append(str(error.value))
        page = found._repr_html_()
        nothing = str(workbench.find("<nowhere>"))

    assert seen(found) == [
        ("column", "person.E-Mail", ""),
        ("comment", "person.spare", ""),
        ("index", "person.person_mail", ""),
        ("view", "reachable", ""),
        ("enum", "how", ""),
        ("code", "r1", "migrations/versions/r1.py:13"),
    ]
    assert ["op.execute('SELECT 1')  # about E-MAIL, password=***"] == [
        each.text for each in found.hits if each.kind == "code"
    ]
    assert seen(ids) == [("revision", "r2", "migrations/versions/r2.py")]
    assert seen(words) == [("column", "person.E-Mail", "")]
    assert HOSTILE not in page
    assert "&lt;img src=x&gt;" in page
    assert "'<nowhere>' is found nowhere." == nothing
    told = "'(' is no regular expression: missing ), unterminated subpattern at position 0."
    assert refused == [
        'There is nothing to look for.\nWhat to do: Give a text, as in wb.find("email").',
        f"{told}\nWhat to do: Correct it, or leave regex=True out.",
    ]


def test_a_pattern_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A regular expression that never comes to an end is stopped, and the next one is answered."""
    monkeypatch.setattr(find_patterns, "SECONDS", 1.0)
    made = project(tmp_path / "project", f"sqlite:///{tmp_path}/a.db")
    made.revision("r1", None, f"op.execute('SELECT 1')  # {'a' * 40}!")
    with made.workbench() as workbench:
        with pytest.raises(UnsupportedRequest) as error:
            workbench.find(r"(a+)+$", regex=True)
        found = workbench.find(r"\ba+!", regex=True)

    assert str(error.value) == (
        "Looking for '(a+)+$' took longer than 1 s, and was stopped.\n"
        "What to do: Repetitions within repetitions, as in (a+)+, take for ever: make it simpler, or leave regex=True "
        "out."
    )
    assert seen(found) == [("code", "r1", "migrations/versions/r1.py:13")]


def test_a_pattern_finds_the_same(tmp_path: Path, postgresql_url: str) -> None:
    """A regular expression that is a plain text finds what the text finds: names, lines of definitions, code."""
    made = project(tmp_path, postgresql_url)
    made.revision("mail", None, "op.execute('SELECT 1')  # mail, password='mail42'")
    made.execute(
        "CREATE TABLE person (id int PRIMARY KEY, mail text)", "COMMENT ON TABLE person IS 'has a mail\nor two mails'",
        "CREATE VIEW reachable AS SELECT id FROM person WHERE mail IS NOT NULL",
    )  # fmt: skip
    with made.workbench() as workbench:
        assert [workbench.find(each, regex=True).hits for each in ("mail", "r1", "where")] == [
            workbench.find(each).hits for each in ("mail", "r1", "where")
        ]


def test_without_the_database(tmp_path: Path) -> None:
    """If the database is down the revisions are searched all the same, and a note says so."""
    made = project(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing").tables(2)
    with made.workbench() as workbench:
        found = workbench.find("T2")

    assert seen(found) == [
        ("code", "r2", "migrations/versions/r2.py:13"),
        ("code", "r2", "migrations/versions/r2.py:17"),
    ]
    (note,) = found.notes
    assert note.startswith("Only the revisions were searched. The live schema could not be had: ")

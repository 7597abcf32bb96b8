"""Which pyproject.toml files have to be readable before anything is applied, and what is said of one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench.capabilities import drift_accepted, protection
from workbench.environment import tool_table
from workbench.errors import EnvironmentInvalid

BROKEN = "[project]\nname = 'shop'\nversion = 1.2.3\n"
OURS = "[tool.workbench]\nprotected = ['prod-*']\n"
WHICH = "which databases are protected"


def tree(folder: Path, **files: str) -> Path:
    """`home/repository/app` with a pyproject.toml in those that are named; gives the folder of the configuration."""
    app = folder / "home" / "repository" / "app"
    app.mkdir(parents=True)
    for name, text in files.items():
        (next(each for each in (app, *app.parents) if each.name == name) / "pyproject.toml").write_text(text)
    return app


def asked(app: Path) -> tuple[str, ...]:
    """The patterns and what was passed over, or the refusal; without the path of these tests."""
    home = str(app.parents[2])
    try:
        told = protection.read(app)
    except EnvironmentInvalid as error:
        return "refused", error.message.replace(home, ""), error.remedy
    return "patterns", *told.patterns, *(each.replace(home, "") for each in told.passed_over)


WHY = f"pyproject.toml cannot be read, so nobody can tell {WHICH}: "
AT_3 = "Expected newline or end of document after a statement (at line 3, column 14)."
PASSED = f"/home/pyproject.toml lies above the project and was passed over: {AT_3}"
CASES = {
    "beside the configuration": ({"app": BROKEN, "home": OURS}, False, "refused", f"/home/repository/app/{WHY}{AT_3}"),
    "in the repository": ({"repository": BROKEN, "home": OURS}, True, "refused", f"/home/repository/{WHY}{AT_3}"),
    "above one that has the table": ({"app": OURS, "repository": BROKEN}, True, "patterns", "prod-*"),
    "above the repository": ({"home": BROKEN}, True, "patterns", PASSED),
    "above the configuration, without a repository": ({"home": BROKEN}, False, "patterns", PASSED),
    "above, between us and the table": ({"home": BROKEN, "app": "[project]\n"}, True, "patterns", PASSED),
    "above, and may be ours": ({"home": OURS + BROKEN}, True, "refused", f"/home/{WHY}{AT_3.replace('3,', '5,')}"),
    "above, and ours": ({"home": OURS, "repository": "[project]\nname = 'shop'\n"}, True, "patterns", "prod-*"),
    "with a byte order mark": ({"app": "\ufeff" + OURS}, False, "patterns", "prod-*"),
}


@pytest.mark.parametrize("case", CASES)
def test_which_files_have_to_be_readable(tmp_path: Path, case: str) -> None:
    """Those of the project, and any that names us; another one above it is passed over, and said to be."""
    files, repository, *expected = CASES[case]
    app = tree(tmp_path, **files)
    if repository:
        (app.parent / ".git").mkdir()
    told = asked(app)

    assert expected == list(told[: len(expected)])
    assert len(told) == len(expected) + (told[0] == "refused")


LINES = {
    b"a = 1\nb = = 2\n": "Correct line 2 of the file.",
    b"a = 1\nb = [\n": "Correct the file: something in it is not closed before its last line, 2.",
    b"a = 1\n# \xe9\n": "Correct line 2 of the file.",
    b"password = s3cret-and-not-quoted": "Correct line 1 of the file.",
}


@pytest.mark.parametrize("content", LINES)
def test_the_error_names_file_and_line(tmp_path: Path, content: bytes) -> None:
    """And shows nothing of what stands there: it may be a password."""
    file = tmp_path / "pyproject.toml"
    file.write_bytes(content)
    with pytest.raises(EnvironmentInvalid) as caught:
        tool_table.read(tmp_path, WHICH)

    assert LINES[content] == caught.value.remedy
    assert caught.value.message.startswith(f"{file} cannot be read, so nobody can tell {WHICH}: ")
    assert "s3cret" not in str(caught.value)


def test_one_reader_for_all(tmp_path: Path) -> None:
    """Accepted differences are looked for in the same file, which is refused for the same reasons."""
    app = tree(tmp_path, home="[tool.workbench]\naccepted = 'known.toml'\n", repository="[project]\n")
    found = [drift_accepted.file_of(app)]
    (app / "pyproject.toml").write_text(OURS)
    found.append(drift_accepted.file_of(app))
    (app / "pyproject.toml").write_text("[tool.workbench]\nprotect = ['prod-*']\n")
    with pytest.raises(EnvironmentInvalid) as caught:
        drift_accepted.file_of(app)

    assert [tmp_path / "home" / "known.toml", app / drift_accepted.NAME] == found
    assert f"[tool.workbench] in {app / 'pyproject.toml'} has a key that means nothing: protect." == (
        caught.value.message
    )


def test_an_apply_says_what_it_passed_over(tmp_path: Path, sqlite_url: str) -> None:
    """A broken file above the project stops nothing, and is told of; the same file in the project stops it."""
    made: Project = project(tree(tmp_path, home=BROKEN) / "project", sqlite_url).tables(1)
    notices = []
    with made.workbench() as wb:
        plan = wb.upgrade()
        run = plan.apply(on_event=lambda each: notices.append(each.sql) if each.kind == "notice" else None)
        (made.folder.parent / ".git").mkdir()
        (made.folder.parent / "pyproject.toml").write_text(BROKEN)
        back = wb.downgrade("base")
        with pytest.raises(EnvironmentInvalid):
            back.apply()
        heads = wb.current().heads

    assert [PASSED] == [each.replace(str(tmp_path), "") for each in notices]
    assert (True, ("r1",)) == (run.ok, heads)

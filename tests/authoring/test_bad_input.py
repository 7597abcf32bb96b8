"""A Draft of a project in which something is broken: a clear answer each time, and nothing half written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.authoring.test_draft import CUSTOMER, MAKO, NICKNAME, begin, models
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.errors import UnsupportedRequest, WorkbenchError, WriteFailed

pytestmark = ON_SQLITE


@pytest.fixture
def project(bare: Project, wb: Workbench) -> Project:
    """An environment at its head, with models that are one column ahead."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(bare, wb, CUSTOMER.format(columns=""))
    models(bare, CUSTOMER.format(columns=NICKNAME))
    return bare


def files(project: Project) -> dict[str, bytes]:
    """Everything in the folders of the environment, but for what Python keeps beside it."""
    found = (each for each in project.folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {str(each.relative_to(project.folder)): each.read_bytes() for each in found}


def mako(project: Project) -> Path:
    """The template of revisions."""
    return project.folder / "migrations" / "script.py.mako"


def version_locations(project: Project, places: str) -> None:
    """Let the configuration name these folders."""
    ini = project.folder / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]\n", f"[alembic]\nversion_locations = {places}\n", 1))


_AS_INIT = "Compare it with the one that `alembic init` makes."
BROKEN: dict[str, tuple[Callable[[Project], object], str, str]] = {
    "models that do not import": (
        lambda project: project.env("import no_such_module"),
        "env.py, or what it imports, raised ModuleNotFoundError: No module named 'no_such_module'",
        (
            "no_such_module is not importable in the Python that runs the project. If the project has a virtual "
            'environment of its own: Workbench(python="…/bin/python"). If it lies beside alembic.ini: add '
            "`prepend_sys_path = .` there."
        ),
    ),
    "a template with an open expression": (
        lambda project: mako(project).write_text("${message"),
        (
            "migrations/script.py.mako, the template, cannot be read: Expected: \\|,}; unterminated tag or expression "
            "beginning (line 1). Nothing was written."
        ),
        _AS_INIT,
    ),
    "a template that raises": (
        lambda project: mako(project).write_text("${1 / 0}"),
        "script.py.mako, the template, cannot be rendered: ZeroDivisionError: division by zero. Nothing was written.",
        _AS_INIT,
    ),
    "a template with an unknown name": (
        lambda project: mako(project).write_text(MAKO + "${poem.upper()}"),
        (
            "script.py.mako, the template, cannot be rendered: AttributeError: 'Undefined' object has no attribute "
            "'upper'. Nothing was written."
        ),
        _AS_INIT,
    ),
    "a template whose file is no Python": (
        lambda project: mako(project).write_text(MAKO + "def ("),
        "The code of this Draft cannot be loaded: invalid syntax (line 25).",
        "Correct it first.",
    ),
    "no template": (
        lambda project: mako(project).unlink(),
        "migrations/script.py.mako, the template, cannot be read: No such file or directory. Nothing was written.",
        "Take the one that `alembic init` makes.",
    ),
}


def hook(project: Project, words: str) -> None:
    """Let a program run over each file that is written."""
    ini = project.folder / "alembic.ini"
    ini.write_text(f"{ini.read_text()}\n[post_write_hooks]\nhooks = tidy\ntidy.{words}\n")


@pytest.mark.parametrize("what", BROKEN)
def test_it_says_what_is_broken(project: Project, wb: Workbench, what: str) -> None:
    """And nothing is written."""
    make, message, remedy = BROKEN[what]
    make(project)
    before = files(project)
    with pytest.raises(WorkbenchError) as caught:
        wb.revision("nicknames for customers").write()

    assert (caught.value.message, caught.value.remedy) == (message, remedy)
    assert "Traceback" not in str(caught.value)
    assert files(project) == before


def test_a_hook_that_is_not_there(project: Project, wb: Workbench) -> None:
    """The file is whole without it, and named."""
    hook(project, "type = exec\ntidy.executable = no_such_program")
    draft = wb.revision("nicknames for customers")
    with pytest.raises(WriteFailed, match=r"is written, but a post-write hook failed: .*no_such_program"):
        draft.write()

    assert (project.folder / draft.path).read_text("utf-8") == draft.code


def test_a_hook_that_fails(project: Project, wb: Workbench) -> None:
    """Alembic does not look at what a program ends with; the file is whole, with what the hook has made of it."""
    (project.folder / "tidy.py").write_text(
        "import sys\nwith open(sys.argv[1], 'a') as file:\n    file.write('# tidied\\n')\nsys.exit(1)\n"
    )
    hook(project, f"type = exec\ntidy.executable = {sys.executable}\n"
         "tidy.options = %(here)s/tidy.py REVISION_SCRIPT_FILENAME")  # fmt: skip
    draft = wb.revision("nicknames for customers")
    path = draft.write()

    assert path.read_text("utf-8") == draft.code + "# tidied\n"
    assert wb.upgrade().apply(preflight=False).ok


def test_a_folder_that_cannot_be_written(project: Project, wb: Workbench) -> None:
    """It is named; not even root writes below /proc."""
    version_locations(project, "%(here)s/migrations/versions /proc")
    before = files(project)
    with pytest.raises(WorkbenchError) as caught:
        wb.revision("nicknames for customers", version_path="/proc").write()

    assert "/proc" in str(caught.value)
    assert files(project) == before


SAID = {
    "say \"hello\" to 'them'": "say \"hello\" to 'them'",
    "a\nsecond line": "a\nsecond line",
    # The template puts it between three quotes, where Python reads `\\n` as the end of a line.
    "back\\slash \\n and 100 % of ${message} <script>": "back\\slash \n and 100 % of ${message} <script>",
    "🍒 السلام \u202e abc": "🍒 السلام \u202e abc",
}
"""By message what the history says."""
REFUSED = ("three \"\"\" of them, and ''' too", 'ends with a quote"', "ends with a backslash \\")


@pytest.mark.filterwarnings("error:.*invalid escape sequence")
@pytest.mark.parametrize("message", SAID)
def test_whatever_a_message_has_in_it(project: Project, wb: Workbench, message: str) -> None:
    """The file can be loaded, and the history has the message."""
    before = files(project)
    path = wb.revision(message).write()
    history = wb.history()

    assert set(files(project)) - set(before) == {str(path.relative_to(project.folder))}
    assert [each.message for each in history.revisions] == [SAID[message], "begin"]
    assert history.df["fault"].isna().all()
    assert wb.upgrade().apply(preflight=False).ok
    assert wb.diff().is_empty


@pytest.mark.parametrize("message", REFUSED)
def test_what_a_message_must_not_have_in_it(project: Project, wb: Workbench, message: str) -> None:
    """What no template can put between its quotes is refused, with the reason."""
    before = files(project)
    with pytest.raises(UnsupportedRequest, match="cannot be loaded: unterminated") as refused:
        wb.revision(message).write()

    assert refused.value.remedy == (
        "Its message stands between quotes there, as the template has it: take a message without backslashes, "
        'three quotes in a row, and a quote at its end. draft.decide(message="…")'
    )
    assert files(project) == before


def test_an_id_that_is_taken(project: Project, wb: Workbench) -> None:
    """By the revision that has it, and by a beginning that would no longer be one alone."""
    (taken,) = (each.revision for each in wb.history().revisions)
    before = files(project)
    with pytest.raises(UnsupportedRequest, match=taken):
        wb.revision("nicknames for customers", rev_id=taken).write()

    assert files(project) == before

"""A Draft of a project in which something is broken: a clear answer each time, and nothing half written."""

from __future__ import annotations

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


BROKEN: dict[str, tuple[Callable[[Project], object], str, str]] = {
    "models that do not import": (
        lambda project: project.env("import no_such_module"),
        "no_such_module",
        "What to do:",
    ),
    "a template with an open expression": (lambda project: mako(project).write_text("${message"), "script.py.mako", ""),
    "a template that raises": (lambda project: mako(project).write_text("${1 / 0}"), "ZeroDivisionError", ""),
    "a template with an unknown name": (
        lambda project: mako(project).write_text(MAKO + "${poem.upper()}"),
        "script.py.mako",
        "",
    ),
    "a template whose file is no Python": (
        lambda project: mako(project).write_text(MAKO + "def ("),
        "cannot be loaded",
        "",
    ),
    "no template": (lambda project: mako(project).unlink(), "script.py.mako", ""),
}


def hook(project: Project, words: str) -> None:
    """Let a program run over each file that is written."""
    ini = project.folder / "alembic.ini"
    ini.write_text(f"{ini.read_text()}\n[post_write_hooks]\nhooks = tidy\ntidy.{words}\n")


@pytest.mark.parametrize("what", BROKEN)
def test_it_says_what_is_broken(project: Project, wb: Workbench, what: str) -> None:
    """And nothing is written."""
    make, words, more = BROKEN[what]
    make(project)
    before = files(project)
    with pytest.raises(WorkbenchError) as caught:
        wb.revision("nicknames for customers").write()

    told = str(caught.value)
    assert words in told
    assert more in told
    assert "Traceback" not in told
    assert files(project) == before


def test_a_hook_that_is_not_there(project: Project, wb: Workbench) -> None:
    """The file is whole without it, and named."""
    hook(project, "type = exec\ntidy.executable = no_such_program")
    draft = wb.revision("nicknames for customers")
    with pytest.raises(WriteFailed, match=r"is written, but a post-write hook failed: .*no_such_program"):
        draft.write()

    assert (project.folder / draft.path).read_text("utf-8") == draft.code


def test_a_folder_that_cannot_be_written(project: Project, wb: Workbench) -> None:
    """It is named; not even root writes below /proc."""
    version_locations(project, "%(here)s/migrations/versions /proc")
    before = files(project)
    with pytest.raises(WorkbenchError) as caught:
        wb.revision("nicknames for customers", version_path="/proc").write()

    assert "/proc" in str(caught.value)
    assert files(project) == before


MESSAGES = (
    "say \"hello\" to 'them'",
    "three \"\"\" of them, and ''' too",
    "a\nsecond line",
    "back\\slash \\n and 100 % of ${message} <script>",
    'ends with a quote"',
    "ends with a backslash \\",
    "🍒 السلام \u202e abc",
)


@pytest.mark.parametrize("message", MESSAGES)
def test_whatever_a_message_has_in_it(project: Project, wb: Workbench, message: str) -> None:
    """The file can be loaded, and the history has the message; or it is refused, and nothing is written."""
    before = files(project)
    try:
        path = wb.revision(message).write()
    except UnsupportedRequest as refused:
        assert "message" in str(refused)  # noqa: PT017 - it need not be refused
        assert files(project) == before
        return
    history = wb.history()

    assert set(files(project)) - set(before) == {str(path.relative_to(project.folder))}
    assert history.df["fault"].isna().all() if "fault" in history.df else True
    assert wb.upgrade().apply(preflight=False).ok
    assert wb.diff().is_empty


def test_an_id_that_is_taken(project: Project, wb: Workbench) -> None:
    """By the revision that has it, and by a beginning that would no longer be one alone."""
    (taken,) = (each.revision for each in wb.history().revisions)
    before = files(project)
    with pytest.raises(UnsupportedRequest, match=taken):
        wb.revision("nicknames for customers", rev_id=taken).write()

    assert files(project) == before

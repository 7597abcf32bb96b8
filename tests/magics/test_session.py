from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import workbench
from tests.magics.fake import FakeWorkbench
from workbench.errors import EnvironmentNotFound, UnsupportedRequest


def test_the_notebooks_own_workbench_is_asked(
    shell: InteractiveShell, wb: FakeWorkbench, fakes: list[FakeWorkbench]
) -> None:
    """A variable `wb` may have a URL of its own, so nothing else is made beside it."""
    shell.run_line_magic("alembic", "current")

    assert ["current"] == wb.asked
    assert [] == fakes


def test_without_one_a_workbench_is_made_and_kept(shell: InteractiveShell, fakes: list[FakeWorkbench]) -> None:
    """The same options in the same folder ask the same Workbench again."""
    shell.user_ns["wb"] = "not a workbench"
    for line in ("current", "history", "-x tenant=a current", "-x tenant=a history", "-n other current"):
        shell.run_line_magic("alembic", line)

    assert [each.arguments for each in fakes] == [
        (None, "alembic", {}),
        (None, "alembic", {"tenant": "a"}),
        (None, "other", {}),
    ]
    assert [each.asked for each in fakes] == [
        ["current", ("history", None)],
        ["current", ("history", None)],
        ["current"],
    ]


def test_another_folder_is_another_workbench(
    shell: InteractiveShell, fakes: list[FakeWorkbench], tmp_path: Path
) -> None:
    """`%cd` leads to the environment of that folder."""
    (tmp_path / "shop").mkdir()
    shell.run_line_magic("alembic", "current")
    shell.run_line_magic("cd", "-q shop")
    shell.run_line_magic("alembic", "current")

    assert 2 == len(fakes)


def test_a_named_configuration_goes_before_wb(
    shell: InteractiveShell, wb: FakeWorkbench, fakes: list[FakeWorkbench]
) -> None:
    """-c, -n and -x make a Workbench of their own, whatever `wb` is."""
    shell.run_line_magic("alembic", "-c 'my shop/alembic.ini' -n shop -x tenant=a=b -x dry -x tenant=a=b current")

    assert [each.arguments for each in fakes] == [("my shop/alembic.ini", "shop", {"tenant": "a=b", "dry": ""})]
    assert [] == wb.asked


@pytest.mark.usefixtures("wb")
@pytest.mark.parametrize("option", ["-x tenant=a", "-n other"])
def test_options_that_wb_was_made_without_are_refused(shell: InteractiveShell, option: str) -> None:
    """To ask another database than the one in front of the reader would be the worst of answers."""
    with pytest.raises(UnsupportedRequest) as refusal:
        shell.run_line_magic("alembic", f"{option} upgrade head")

    assert (
        "%alembic asks `wb`, which keeps the section and the -x arguments that it was made with.\n"
        "What to do: Make another one, wb = Workbench(..., x={...}), or name the configuration too: "
        "%alembic -c alembic.ini -x ..."
    ) == str(refusal.value)


@pytest.mark.parametrize(
    "options, expected",
    [
        (
            "-c alembic.ini -c pyproject.toml",
            (
                "-c names one file here: a Workbench reads the ini file and the pyproject.toml beside it.\n"
                "What to do: Give -c once."
            ),
        ),
        (
            "-x tenant=a -x tenant=b",
            (
                "-x tenant is given twice with different values, and a Workbench keeps one value of each name.\n"
                "What to do: Give each name once."
            ),
        ),
    ],
)
def test_what_a_workbench_cannot_take_twice_is_refused(shell: InteractiveShell, options: str, expected: str) -> None:
    """Neither value is dropped in silence."""
    with pytest.raises(UnsupportedRequest) as refusal:
        shell.run_line_magic("alembic", f"{options} history")

    assert expected == str(refusal.value)


def test_an_error_of_the_library_reaches_the_cell_as_it_is(shell: InteractiveShell) -> None:
    """And a later, corrected line is not spoiled by it."""
    failed = shell.run_cell("%alembic -c missing.ini current")  # type: ignore[no-untyped-call]

    assert EnvironmentNotFound("There is no file missing.ini.", "Check the path.") == failed.error_in_exec
    assert shell.run_cell("%alembic -c alembic.ini current").success  # type: ignore[no-untyped-call]


def test_a_second_load_changes_nothing(shell: InteractiveShell, fakes: list[FakeWorkbench]) -> None:
    """The completer has one matcher more, not two, and the Workbenches stay."""
    shell.run_line_magic("alembic", "current")
    workbench.load_ipython_extension(shell)
    shell.run_line_magic("alembic", "current")

    assert 1 == len(shell.Completer.custom_matchers)
    assert 1 == len(fakes)


def test_unloading_takes_all_of_it_away(bare_shell: InteractiveShell, fakes: list[FakeWorkbench]) -> None:
    """Also the workers of the Workbenches that it made; never `wb`. A second time changes nothing."""
    workbench.load_ipython_extension(bare_shell)
    bare_shell.run_line_magic("alembic", "current")
    bare_shell.user_ns["wb"] = own = FakeWorkbench()
    bare_shell.run_line_magic("alembic", "current")

    workbench.unload_ipython_extension(bare_shell)
    workbench.unload_ipython_extension(bare_shell)

    assert "alembic" not in bare_shell.magics_manager.magics["line"]
    assert [] == bare_shell.Completer.custom_matchers
    assert [each.closed for each in fakes] == [True, False]
    assert ["current"] == own.asked

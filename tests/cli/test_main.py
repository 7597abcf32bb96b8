from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import workbench
from workbench.cli import main
from workbench.errors import EnvironmentNotFound, MigrationFailed

REPOSITORY = Path(__file__).parents[2]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the distribution."""
    assert 0 == main(["--version"])
    assert f"alembic-workbench {workbench.__version__}\n" == capsys.readouterr().out


def test_help_names_each_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who only knows the name of the program finds the rest."""
    monkeypatch.setenv("COLUMNS", "80")

    assert 0 == main(["--help"])
    assert (
        textwrap.dedent(
            """\
            usage: workbench [-h] [--version] COMMAND ...

            Alembic's commands in a notebook, as things that you can look at before they
            run.

            positional arguments:
              COMMAND
                lab       open JupyterLab on your Alembic environment
                check     say what is wrong with what is pending
                portable  make saved notebooks fit for git and GitHub

            options:
              -h, --help  show this help message and exit
              --version   show program's version number and exit
            """
        )
        == capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ([], "workbench: error: the following arguments are required: COMMAND\n"),
        (["portable"], "workbench portable: error: the following arguments are required: PATH\n"),
        (["lab", "--port", "many"], "workbench lab: error: argument --port: invalid int value: 'many'\n"),
    ],
)
def test_what_cannot_be_understood_ends_with_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says what is missing; `main` returns, it does not exit."""
    assert 2 == main(arguments)
    assert capsys.readouterr().err.endswith(complaint)


@pytest.mark.parametrize(
    "error, code",
    [
        (EnvironmentNotFound("There is no alembic.ini.", "Make one."), 2),
        (MigrationFailed("It failed.", "Try postgresql://me:s3cret@localhost/shop again."), 1),
    ],
)
def test_an_error_is_told_in_words_without_a_password(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback is shown, and no secret."""

    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr("workbench.cli.portable.run", fail)

    assert code == main(["portable", "x"])
    assert ("", str(error).replace("s3cret", "***") + "\n") == capsys.readouterr()


def test_the_module_is_the_command() -> None:
    """`python -m workbench` works where the script is not on the path, and ends with the command's code."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "portable", "nowhere.ipynb"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        timeout=60,
    )

    assert (
        1,
        "",
        "There is no file nowhere.ipynb.\nWhat to do: Name a notebook, or a folder that has some.\n",
    ) == (done.returncode, done.stdout, done.stderr)


def test_the_command_starts_without_jupyter() -> None:
    """Neither IPython nor JupyterLab nor pandas is imported for `workbench --help`."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys; from workbench.cli import main; main(['--version']); "
                "print(sorted({'IPython', 'alembic', 'jupyterlab', 'nbformat', 'pandas'} & sys.modules.keys()))"
            ),
        ],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
        timeout=60,
    )

    assert f"alembic-workbench {workbench.__version__}\n[]\n" == told.stdout

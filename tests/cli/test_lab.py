from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from workbench.cli import main
from workbench.cli.lab import first_notebook


class Started(Exception):
    """JupyterLab has taken over."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the least that is an Alembic environment, and the current one."""
    folder = tmp_path / "my shop"
    folder.mkdir()
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    monkeypatch.chdir(folder)

    return folder


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the process would have become."""
    became: list[list[str]] = []

    def become(program: str, command: list[str]) -> None:
        assert program == command[0]
        became.append(command)
        raise Started

    monkeypatch.setattr("os.execv", become)

    return became


def lab(*arguments: str) -> None:
    """Run `workbench lab` up to where JupyterLab takes over."""
    with pytest.raises(Started):
        main(["lab", *arguments])


def test_jupyterlab_takes_over_on_the_folder_of_the_environment(
    project: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when it is started further down, and it opens on the notebook that was written."""
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")

    lab()

    assert [
        [
            sys.executable,
            "-m",
            "jupyterlab",
            f"--ServerApp.root_dir={project}",
            "--LabApp.default_url=/lab/tree/workbench.ipynb",
        ]
    ] == commands
    assert ("Wrote workbench.ipynb for alembic.ini.\n", "") == capsys.readouterr()
    assert first_notebook("alembic.ini") == json.loads((project / "workbench.ipynb").read_text("utf-8"))


def test_options_and_what_follows_the_dashes_reach_jupyterlab(project: Path, commands: list[list[str]]) -> None:
    """A port that is taken is an error, not another port."""
    lab(
        *("--config", str(project), "--notebook", "erste Schritte.ipynb", "--port", "9123", "--no-browser"),
        *("--", "--IdentityProvider.token=abc", "--", "--allow-root"),
    )

    assert [
        "--LabApp.default_url=/lab/tree/erste%20Schritte.ipynb",
        "--ServerApp.port=9123",
        "--ServerApp.port_retries=0",
        "--no-browser",
        "--IdentityProvider.token=abc",
        "--",
        "--allow-root",
    ] == commands[0][4:]
    assert (project / "erste Schritte.ipynb").is_file()


def test_a_notebook_that_is_there_is_opened_and_never_touched(
    project: Path, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is in it, be it no notebook at all."""
    (project / "workbench.ipynb").write_text("my own")

    lab()

    assert "my own" == (project / "workbench.ipynb").read_text()
    assert 1 == len(commands)
    assert "Opening workbench.ipynb for alembic.ini.\n" == capsys.readouterr().out


def test_a_dangling_link_is_not_written_through(project: Path, commands: list[list[str]]) -> None:
    """A link is a file of that name, too."""
    (project / "workbench.ipynb").symlink_to(project / "elsewhere.ipynb")

    lab()

    assert not (project / "elsewhere.ipynb").exists()
    assert 1 == len(commands)


@pytest.mark.parametrize("name", ["deep/first.ipynb", "../first.ipynb", "first.txt"])
def test_a_notebook_elsewhere_is_refused(
    project: Path, commands: list[list[str]], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """JupyterLab would not find it, or not as a notebook."""
    assert 1 == main(["lab", "--notebook", name])
    assert (
        f"{name} is not the name of a notebook beside the configuration.\n"
        "What to do: Give a name such as workbench.ipynb, without a folder.\n"
    ) == capsys.readouterr().err
    assert [] == commands
    assert ["alembic.ini"] == [each.name for each in project.iterdir()]


def test_without_an_environment_it_says_so(
    tmp_path: Path, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started or written, and the code is 2."""
    assert 2 == main(["lab", "--config", str(tmp_path / "alembic.ini")])

    told = capsys.readouterr()

    assert told.err.startswith(f"There is no file {tmp_path / 'alembic.ini'}")
    assert "What to do: " in told.err
    assert "" == told.out
    assert [] == commands
    assert [] == list(tmp_path.iterdir())


def test_without_jupyterlab_it_says_how_to_get_it(
    project: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The library alone does not bring it."""
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert 1 == main(["lab"])
    assert (
        "JupyterLab is not installed beside the workbench.\n"
        'What to do: pip install "alembic-workbench[lab]" installs it.\n'
    ) == capsys.readouterr().err
    assert [] == commands
    assert ["alembic.ini"] == [each.name for each in project.iterdir()]


def test_a_folder_that_cannot_be_written_is_told_in_words(
    project: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container's project is often mounted read-only."""
    read = Path.open

    def refuse(path: Path, mode: str = "r", **options: str) -> IO[Any]:
        if mode == "x":
            raise PermissionError(13, "Permission denied")
        return read(path, mode, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(Path, "open", refuse)

    assert 1 == main(["lab"])
    assert (
        f"{project / 'workbench.ipynb'} cannot be written: Permission denied.\n"
        "What to do: Make the folder writable, or name a notebook that is already there by --notebook.\n"
    ) == capsys.readouterr().err
    assert [] == commands


def test_the_first_notebook_is_valid_and_the_same_each_time() -> None:
    """Its cells keep their ids, so that two people who make it have the same file."""
    import nbformat  # noqa: PLC0415 - a second and more, for each process of pytest

    notebook = first_notebook('my "own".ini')
    nbformat.validate(notebook)

    assert notebook == first_notebook('my "own".ini')
    assert [
        'from workbench import Workbench\n\nwb = Workbench("my \\"own\\".ini")',
        "wb.current()",
        "wb.history()",
        "wb.diff()",
        'plan = wb.upgrade("head")\nplan',
    ] == ["".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == "code"]
    assert [] == [each for each in notebook["cells"] if each.get("outputs")]


@pytest.mark.slow
def test_the_first_notebook_runs_on_the_sample(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell of it works, in a real kernel, and no database comes into being."""
    import nbformat  # noqa: PLC0415 - a second and more, for each process of pytest
    from nbclient import NotebookClient  # noqa: PLC0415 - a second and more, for each process of pytest

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # where this checkout is not installed
    notebook = nbformat.reads(json.dumps(first_notebook("alembic.ini")), as_version=4)  # type: ignore[no-untyped-call]
    before = sorted(sample.rglob("*.db"))

    NotebookClient(notebook, resources={"metadata": {"path": str(sample)}}, timeout=120).execute()

    assert [
        (each["id"], [output["output_type"] for output in each["outputs"]])
        for each in notebook["cells"]
        if each["cell_type"] == "code"
    ] == [("open", []), *((name, ["execute_result"]) for name in ("current", "history", "diff", "upgrade"))]
    assert before == sorted(sample.rglob("*.db"))

"""The wheel, in an empty virtual environment and somebody else's project."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that JupyterLab may take to start on a busy machine; it takes about three on an idle one."""

MODELS = """\
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcel"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(80))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what the sources need, with the build tools that are pinned."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    shutil.copytree(REPOSITORY / "workbench", source / "workbench", ignore=shutil.ignore_patterns("__pycache__"))
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source)
    (built,) = (source / "dist").glob("*.whl")

    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment that has the wheel with its `lab` extra, and nothing of this one."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    call(sys.executable, "-m", "venv", "--without-pip", home)
    requirement = f"alembic-workbench[lab] @ {wheel.as_uri()}"
    constraints = REPOSITORY / "requirements" / "lab.txt"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        home / "bin" / "python",
    ]
    command += ["--constraint", constraints, requirement]
    # Everything is in uv's cache, unless pip has made this environment.
    if subprocess.run([*command, "--offline"], capture_output=True, check=False).returncode:
        call(*command)

    return home / "bin"


@pytest.fixture
def foreign(tmp_path: Path, programs: Path) -> Path:
    """Somebody else's project: what `alembic init` makes, models, one revision, and a database at that revision."""
    folder = tmp_path / "parcels"
    folder.mkdir()
    (folder / "parcels.py").write_text(MODELS)
    call(programs / "alembic", "init", "migrations", cwd=folder)
    replace(folder / "alembic.ini", "driver://user:pass@localhost/dbname", "sqlite:///parcels.db")
    metadata = "from parcels import Base\n\ntarget_metadata = Base.metadata"
    replace(folder / "migrations" / "env.py", "target_metadata = None", metadata)
    call(programs / "alembic", "revision", "--autogenerate", "-m", "parcels", cwd=folder)
    call(programs / "alembic", "upgrade", "head", cwd=folder)

    return folder


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text that has to be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def call(*command: str | Path, cwd: Path | None = None, path: str | None = None) -> str:
    """Run a command to its end and return what it printed; fail with that if it fails."""
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    return done.stdout


def test_wheel_holds_what_the_widgets_need(wheel: Path) -> None:
    """Scripts, styles and the mark of a typed package travel with the Python files, and nothing else does."""
    expected = {
        f"workbench/{path.relative_to(REPOSITORY / 'workbench').as_posix()}"
        for path in (REPOSITORY / "workbench").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    names = set(zipfile.ZipFile(wheel).namelist())

    assert expected == {name for name in names if ".dist-info/" not in name}
    assert {".js", ".css", ".py", ".typed"} <= {Path(name).suffix or Path(name).name for name in expected}


def test_import_needs_neither_jupyter_nor_drivers(programs: Path, tmp_path: Path) -> None:
    """`import workbench` is cheap: it brings in neither pandas nor the widgets."""
    code = "import sys, workbench; print(sorted({'IPython', 'anywidget', 'ipywidgets', 'pandas'} & sys.modules.keys()))"

    assert call(programs / "python", "-c", code, cwd=tmp_path) == "[]\n"


def test_help(programs: Path, tmp_path: Path) -> None:
    """`workbench --help` works anywhere and names the commands."""
    text = call(programs / "workbench", "--help", cwd=tmp_path)

    assert [name for name in ("lab", "portable") if name not in text] == []


@pytest.mark.slow
def test_lab_in_a_foreign_project(foreign: Path, programs: Path, tmp_path: Path) -> None:
    """`workbench lab` starts JupyterLab in another project's folder, without Node, with a first notebook that runs."""
    path = os.pathsep.join([str(programs), *without_node(tmp_path / "bin")])
    token = secrets.token_hex(8)
    before = set(foreign.iterdir())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_TOKEN": token, "PATH": path}
    command: list[str | Path] = [programs / "workbench", "lab", "--no-browser", "--port", str(port)]
    if os.geteuid() == 0:
        command += ["--", "--allow-root"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=foreign, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as it,
    ):
        try:
            status = answer(f"http://127.0.0.1:{port}/api/status?token={token}", it, tmp_path / "log")
        finally:
            it.send_signal(signal.SIGTERM)
            it.wait(20)
    (notebook,) = (file for file in foreign.glob("*.ipynb") if file not in before)
    execute = ("nbconvert", "--to", "notebook", "--execute", "--inplace", notebook.name)
    call(programs / "jupyter", *execute, cwd=foreign, path=path)
    outputs = [cell.get("outputs", []) for cell in json.loads(notebook.read_text())["cells"]]
    with contextlib.closing(sqlite3.connect(foreign / "parcels.db")) as connection:
        stamped = connection.execute("SELECT count(*) FROM alembic_version").fetchall()

    assert {"connections", "kernels", "last_activity", "started"} == status.keys()
    assert any("parcels" in json.dumps(it) for it in outputs), "no output shows the project's revision"
    assert [(1,)] == stamped


def without_node(folder: Path) -> Iterator[str]:
    """Yield the entries of PATH, less Node: a folder that has it is stood in for by one with all its other programs."""
    for number, entry in enumerate(os.environ["PATH"].split(os.pathsep)):
        if not any((Path(entry) / name).exists() for name in ("node", "nodejs", "npm")):
            yield entry
            continue
        twin = folder / str(number)
        twin.mkdir(parents=True)
        for program in Path(entry).iterdir():
            if program.name not in {"node", "nodejs", "npm", "npx"}:
                (twin / program.name).symlink_to(program)
        yield str(twin)


def answer(url: str, process: subprocess.Popen[bytes], log: Path) -> dict[str, object]:
    """Return the server's answer, as soon as it gives one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own server
                status: dict[str, object] = json.load(response)

                return status
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)

"""`workbench lab`: JupyterLab on the user's own environment, with a first notebook."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import workbench
from workbench.cli.console import say
from workbench.errors import UnsupportedRequest, WorkbenchError


def run(options: argparse.Namespace) -> int:
    """Write the notebook unless there is one, and become JupyterLab.

    Raises:
        EnvironmentNotFound: There is no Alembic environment here.
        WorkbenchError: There is no JupyterLab, or the notebook cannot be written.

    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkbenchError(
            "JupyterLab is not installed beside the workbench.", 'pip install "alembic-workbench[lab]" installs it.'
        )
    with contextlib.closing(workbench.Workbench(options.config)) as wb:
        config = wb.config_file.absolute()
    notebook = _place(config.parent, options.notebook)
    written = _write(notebook, config.name)
    say(f"{'Wrote' if written else 'Opening'} {notebook.name} for {config.name}.")
    return _become(_command(config.parent, notebook, options))


def _place(folder: Path, name: str) -> Path:
    notebook = folder / name
    if notebook.parent != folder or notebook.suffix != ".ipynb":
        raise UnsupportedRequest(
            f"{name} is not the name of a notebook beside the configuration.",
            "Give a name such as workbench.ipynb, without a folder.",
        )
    return notebook


def _write(notebook: Path, config: str) -> bool:
    """Write the first notebook; False, and nothing is touched, if there is a file of that name."""
    text = json.dumps(first_notebook(config), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        with notebook.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise WorkbenchError(
            f"{notebook} cannot be written: {error.strerror}.",
            "Make the folder writable, or name a notebook that is already there by --notebook.",
        ) from error
    return True


def first_notebook(config: str) -> dict[str, Any]:
    """Make the notebook that shows what there is to see in the environment of `config`, the file beside it."""
    name = json.dumps(config, ensure_ascii=False)
    cells = [
        _prose(
            "welcome",
            "# Your migrations",
            "",
            f"This notebook looks at the Alembic environment of `{config}`.",
            "It only looks: nothing is written to a database before you call `.apply()` yourself.",
            "Run the cells one by one with Shift+Enter.",
        ),
        _code("open", "from workbench import Workbench", "", f"wb = Workbench({name})"),
        _prose("about-current", "Where the database stands, and what is still to come."),
        _code("current", "wb.current()"),
        _prose("about-history", "Every revision, newest first, and which of them the database has."),
        _code("history", "wb.history()"),
        _prose("about-diff", "What would have to change in the database for it to equal your models."),
        _code("diff", "wb.diff()"),
        _prose(
            "about-upgrade",
            "What an upgrade would run, revision by revision, with its SQL.",
            "`plan.apply()` would run exactly this.",
        ),
        _code("upgrade", 'plan = wb.upgrade("head")', "plan"),
    ]
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _prose(cell_id: str, *lines: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": _source(lines)}


def _code(cell_id: str, *lines: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "source": _source(lines),
    }


def _source(lines: Sequence[str]) -> list[str]:
    return "\n".join(lines).splitlines(keepends=True)


def _command(folder: Path, notebook: Path, options: argparse.Namespace) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        # The address that JupyterLab prints leads there too, where naming the file would only open a browser on it.
        f"--LabApp.default_url=/lab/tree/{quote(notebook.name)}",
    ]
    if options.port is not None:
        command += [f"--ServerApp.port={options.port}", "--ServerApp.port_retries=0"]
    if options.no_browser:
        command.append("--no-browser")
    return command + list(options.passed_on)


def _become(command: list[str]) -> int:
    if os.name != "nt":  # whose exec would leave the console behind
        # A child would have to share Ctrl+C with us, and could outlive us.
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.call(command)
    return 0

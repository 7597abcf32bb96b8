import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "migrations" / "README.md"
NOTEBOOK = """
import json, sqlite3, subprocess, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for line in sys.stdin:
    step = json.loads(line)
    if "console" in step:
        subprocess.run(["sh", "-c", step["console"]], check=True, stdout=subprocess.DEVNULL)
        continue
    shell.run_cell(step["python"]).raise_error()
    if step["at"]:
        # Asked of the database itself, not of what ran.
        rows = sqlite3.connect("bookshop.db").execute("SELECT version_num FROM alembic_version").fetchall()
        assert rows == [(step["at"],)], f"at {rows} and not at {step['at']} after:\\n{step['python']}"
"""
"""Runs steps, one in each line of its input, as one notebook would."""


@dataclass(frozen=True)
class Command:
    """A command that the guide shows."""

    line: str
    """What is typed after the prompt."""

    output: str
    """What the guide shows below it; nothing shown means nothing promised."""

    @property
    def fails(self) -> bool:
        """Whether the guide shows it failing."""
        return "FAILED" in self.output or "Traceback" in self.output


def blocks() -> Iterator[tuple[str, str]]:
    """Yield the language and text of each fenced block that can be run, in order."""
    text = GUIDE.read_text(encoding="utf-8")

    for found in re.finditer(r"^```(console|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield found[1], found[2]


def commands(block: str) -> list[Command]:
    """Take a console block apart."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]

    return [Command(line, output) for line, _, output in (part.partition("\n") for part in parts)]


def matches(shown: str, written: str) -> bool:
    """Say whether `written` is what the guide shows, in which `...` stands for anything."""
    pattern = ".*".join(re.escape(piece) for piece in shown.strip().split("..."))

    return re.fullmatch(pattern, written.strip(), re.DOTALL) is not None


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which `alembic` and `python` are this Python's, and a home of the test's own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    return os.environ | {"PATH": path, "IPYTHONDIR": str(home), "PYTHONIOENCODING": "utf-8"}


def has_workbench() -> bool:
    """Say whether the library is here, as far as the guide needs it."""
    try:
        return callable(importlib.import_module("workbench").Workbench)
    except (ImportError, AttributeError):
        return False


@pytest.mark.slow
def test_every_command_works(sample: Path, tmp_path: Path) -> None:
    """The guide's shell commands run in its order, fail where it shows them failing, and write what it shows."""
    for language, block in blocks():
        for command in commands(block) if language == "console" else []:
            words = shlex.split(command.line)
            done = subprocess.run(
                # The shell that a reader has; but for Alembic, of which most of the time would be its start.
                [sys.executable, "-m", *words] if words[0] == "alembic" else ["sh", "-c", command.line],
                cwd=sample,
                env=environment(tmp_path),
                capture_output=True,
                text=True,
                check=False,
            )

            assert command.fails == (done.returncode != 0), f"$ {command.line}\n{done.stdout}{done.stderr}"
            if command.output:
                written = (
                    done.stdout
                    if not command.fails
                    else re.sub(r"^(INFO|ERROR) .*\n", "", done.stdout + done.stderr, flags=re.MULTILINE)
                )

                assert matches(command.output, written), f"$ {command.line}\n{written}"


@pytest.mark.slow
def test_every_twin_works(sample: Path, tmp_path: Path) -> None:
    """The guide's notebook half runs in its order, as one notebook beside alembic.ini.

    Shell blocks without alembic, such as those that make the database, belong to both halves.
    """
    if not has_workbench():
        pytest.skip("there is no workbench.Workbench to run the guide's notebook half with")
    steps: list[dict[str, str]] = []
    place = ""
    for language, block in blocks():
        if language == "python":
            steps.append({"python": block, "at": place})
            place = ""
            continue
        if "$ alembic" not in block:
            steps.append({"console": "\n".join(command.line for command in commands(block))})
        # Where the shell's half says that it is, its twin has to arrive as well.
        last = commands(block)[-1]
        place = last.output.partition(" ")[0].strip() if last.line == "alembic current" else ""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        input="".join(json.dumps(step) + "\n" for step in steps),
        cwd=sample,
        env=environment(tmp_path) | {"PYTHONPATH": str(GUIDE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_every_step_has_its_twin() -> None:
    """Where the guide shows a command that the workbench has, the twin stands right below it."""
    known = ("current", "history", "heads", "upgrade", "downgrade", "stamp", "check", "revision -m")
    languages = [*blocks(), ("end", "")]
    alone = [
        block
        for (language, block), (following, _) in pairwise(languages)
        if language == "console"
        and following != "python"
        and any(command.line.startswith(f"alembic {word}") for command in commands(block) for word in known)
        and ".env" not in block
    ]

    assert alone == []


def test_contents_lead_to_headings() -> None:
    """Each line of the contents leads to a heading of the page, and each main heading is in the contents."""
    text = GUIDE.read_text(encoding="utf-8")
    headings = [found.lower().replace(" ", "-") for found in re.findall(r"^## (.*)$", text, re.MULTILINE)]

    assert headings == re.findall(r"^- \[.*\]\(#(.*)\)$", text, re.MULTILINE)

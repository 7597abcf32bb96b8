"""Reads `[tool.workbench]`: the one reader of what a project's pyproject.toml says to us."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import EnvironmentInvalid

KEYS = ("protected", "accepted", "ignore")
_ROOTS = (".git", ".hg")
"""What lies in the uppermost folder of a repository."""
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class ToolTable:
    """`[tool.workbench]`, and where it stands."""

    table: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None
    """The file that it stands in; None if there is none."""
    passed_over: tuple[str, ...] = ()
    """Files that could not be read and did not have to be, each with the reason, in a sentence."""


def read(folder: Path, so: str) -> ToolTable:
    """The `[tool.workbench]` of the nearest pyproject.toml that has one, in `folder` or above.

    A file that cannot be read may be the one, so it refuses; but not every folder above is the project's:

    - from `folder` up to the nearest root of a repository, or `folder` alone where there is none, each file has to be
      readable, until one has the table;
    - above that, a file that cannot be read refuses only if the word `workbench` stands in it. Any other is passed
      over, and said to be.

    Args:
        folder: The configuration's.
        so: What nobody can tell if it cannot be read, as in `which databases are protected`.

    Raises:
        EnvironmentInvalid: Such a file cannot be read, or the table is none, or has a key that means nothing.

    """
    start = folder.absolute()
    parents = (start, *start.parents)
    root = next((at for at, each in enumerate(parents) if any((each / name).exists() for name in _ROOTS)), 0)
    passed_over = []
    for at, parent in enumerate(parents):
        file = parent / "pyproject.toml"
        if not file.is_file():
            continue
        content = b""
        try:
            content = file.read_bytes()
            tool = tomllib.loads(content.decode("utf-8-sig")).get("tool", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            if at <= root or b"workbench" in content:
                raise EnvironmentInvalid(
                    f"{file} cannot be read, so nobody can tell {so}: {_reason(error)}.", _remedy(error, content)
                ) from error
            passed_over.append(f"{file} lies above the project and was passed over: {_reason(error)}.")
            continue
        if isinstance(tool, dict) and "workbench" in tool:
            return ToolTable(_checked(tool["workbench"], file), file, tuple(passed_over))
    return ToolTable(passed_over=tuple(passed_over))


def _checked(table: object, file: Path) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise EnvironmentInvalid(f"tool.workbench in {file} is no table.", "Write it as [tool.workbench].")
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        # A key that is misspelt would leave a database without the protection that somebody wanted for it.
        raise EnvironmentInvalid(
            f"[tool.workbench] in {file} has a key that means nothing: {', '.join(unknown)}.",
            "There are `protected`, `accepted` and `ignore`.",
        )
    return table


def _reason(error: OSError | ValueError) -> str:
    """Without the file's name, and nothing of what stands in it: a configuration may hold a password."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error).rstrip(".")


def _remedy(error: OSError | ValueError, content: bytes) -> str:
    if isinstance(error, OSError):
        return "See that the file can be read."
    told = _LINE.search(str(error))
    if told is not None:
        return f"Correct line {told.group(1)} of the file."
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        return f"Correct line {line} of the file."
    return f"Correct the file: something in it is not closed before its last line, {len(content.splitlines())}."

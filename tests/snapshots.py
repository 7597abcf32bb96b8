"""Whole outputs, kept in files that somebody has read.

A snapshot that is not there yet is written, and its test fails once, so that nobody keeps one unread.
To take over a change: delete the file, run the test twice, and read the diff in git.
"""

from __future__ import annotations

import pathlib

import pytest


def check(path: pathlib.Path, actual: str) -> None:
    """Compare `actual` with the file, whole; blanks in its name become dashes."""
    path = path.with_name(path.name.replace(",", "").replace(" ", "-"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual + "\n", encoding="utf-8")
        pytest.fail(f"Snapshot {path.name} written. Read it, then run the test again.")
    expected = path.read_text(encoding="utf-8").removesuffix("\n")

    assert expected == actual

"""`make screenshots`: the pictures in docs/, taken anew by the browser tests that they belong to.

A picture is only replaced if its test passes.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.browser.lab import ARTIFACTS

ROOT = Path(__file__).resolve().parent.parent
PICTURES = {
    "draft": "tests/browser/test_draft_view.py",
    "draft-dark": "tests/browser/test_draft_view.py",
    "drift": "tests/browser/test_explore.py",
    "drift-dark": "tests/browser/test_explore.py",
    "optuna-preview": "tests/browser/test_foreign_environment.py",
    "optuna-upgrade": "tests/browser/test_foreign_environment.py",
    "optuna-upgrade-dark": "tests/browser/test_foreign_environment.py",
    "rehearsal": "tests/browser/test_tour.py",
    "rehearsal-dark": "tests/browser/test_tour.py",
    "schema": "tests/browser/test_explore.py",
    "schema-dark": "tests/browser/test_explore.py",
    "tour": "tests/browser/test_tour.py",
    "tour-dark": "tests/browser/test_tour.py",
}
"""Each picture in docs/ and the test that takes it."""


def main() -> int:
    """Run the tests and copy their pictures; the exit code of pytest."""
    code = pytest.main(["-q", *dict.fromkeys(str(ROOT / test) for test in PICTURES.values())])
    if code == pytest.ExitCode.OK:
        for name in PICTURES:
            shutil.copy(ARTIFACTS / f"{name}.png", ROOT / "docs" / f"{name}.png")
            print(f"docs/{name}.png")  # noqa: T201 - a command of the Makefile
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

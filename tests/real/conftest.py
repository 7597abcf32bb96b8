"""The interpreters of the virtual environments that `environments` builds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real import environments

Interpreter = Callable[[str], Path]


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """A function that gives the Python of an environment; the test is skipped where it cannot be had."""

    def get(name: str) -> Path:
        found = environments.built(name)
        if isinstance(found, environments.Unavailable):
            if os.environ.get("WORKBENCH_REQUIRE"):
                pytest.fail(f"WORKBENCH_REQUIRE is set, but {found}", pytrace=False)
            pytest.skip(str(found))
        return found

    return get

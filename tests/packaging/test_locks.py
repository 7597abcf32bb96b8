import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).parents[2]
LOCKS = {
    "lab": ("lab", "mysql", "postgresql"),
    "test": ("lab", "mysql", "postgresql", "test"),
}


def pins(lock: str) -> dict[str, Version]:
    """Return the version that a lock file pins, by the package's canonical name."""
    text = (REPOSITORY / "requirements" / f"{lock}.txt").read_text()

    return {
        canonicalize_name(name): Version(version)
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text, flags=re.MULTILINE)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_pyproject(lock: str) -> None:
    """Every package that pyproject.toml names is pinned to a version that it allows; else `make lock` was forgotten."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for it in LOCKS[lock] for line in project["optional-dependencies"][it])]
    pinned = pins(lock)
    wrong = [
        line
        for line in lines
        if (version := pinned.get(canonicalize_name(Requirement(line).name))) is None
        or version not in Requirement(line).specifier
    ]

    assert wrong == []


def test_locks_agree() -> None:
    """A package has one version, whichever lock it comes from: `make lab` and `make test` share .venv."""
    lab, test, tools = pins("lab"), pins("test"), pins("tools")

    assert lab.items() <= test.items()
    assert {name: test[name] for name in tools.keys() & test.keys()} == {
        name: tools[name] for name in tools.keys() & test.keys()
    }


@pytest.mark.parametrize("lock", ["lab", "test", "tools"])
def test_lock_is_hashed_and_names_no_index(lock: str) -> None:
    """Each pin carries hashes, and no address of a package index is written down."""
    text = (REPOSITORY / "requirements" / f"{lock}.txt").read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]

    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text

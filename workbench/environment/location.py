"""Finds the configuration: alembic.ini or [tool.alembic], here or in the nearest parent folder."""

from __future__ import annotations

import configparser
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import EnvironmentInvalid, EnvironmentNotFound


@dataclass(frozen=True)
class Location:
    """Where an environment is configured, and the folder that its relative paths are meant from."""

    ini: Path | None
    """The ini file; None if only pyproject.toml configures it."""
    toml: Path | None
    """The pyproject.toml with a [tool.alembic] table beside it; None if there is none."""
    folder: Path
    """Where the `alembic` command would be run: the worker's working directory."""
    script_location: str | None = None
    """The script folder where the configuration does not name it: a Flask-Migrate environment's own folder."""

    @property
    def config_file(self) -> Path:
        """The file to show to people."""
        return self.ini or self.toml or self.folder


def find(config: str | os.PathLike[str] | None, section: str, start: Path) -> Location:
    """Find the configuration that `config` names, or the nearest one at or above `start`.

    Raises:
        EnvironmentNotFound: There is none.
        EnvironmentInvalid: There is one, but it is not readable or names no script_location.

    """
    location = _named(Path(config), start) if config is not None else _nearest(start, section)
    return _checked(location, section)


def _named(config: Path, start: Path) -> Location:
    path = (start / config).absolute()
    if path.is_dir():
        found = _in_folder(path)
        if found is None:
            raise EnvironmentNotFound(
                f"There is no alembic.ini and no pyproject.toml with [tool.alembic] in {config}.",
                "Name the file itself, or make an environment with `alembic init migrations`.",
            )
        return found
    if not path.exists():
        raise EnvironmentNotFound(
            f"There is no file {config} (looked for {path}).",
            "Check the path; it is meant from the folder of the notebook. "
            "Workbench() without a path looks in the parent folders too.",
        )
    if path.suffix == ".toml":
        return Location(None, path, path.parent)
    beside = path.parent / "pyproject.toml"
    return Location(path, beside if _has_table(beside) else None, path.parent)


def _nearest(start: Path, section: str) -> Location:
    from_environment = os.environ.get("ALEMBIC_CONFIG")  # the alembic command honours it too
    if from_environment:
        return _named(Path(from_environment), start)
    for folder in (start.absolute(), *start.absolute().parents):
        found = _in_folder(folder)
        if found is not None:
            return found
    raise EnvironmentNotFound(
        f"There is no alembic.ini and no pyproject.toml with [tool.alembic] in {start.absolute()} or any folder "
        "above it.",
        'Start from inside the project, or name the file: Workbench("path/to/alembic.ini"). '
        "A new environment is made by `alembic init migrations`.",
        (("section looked for", section),),
    )


def _in_folder(folder: Path) -> Location | None:
    ini, toml = folder / "alembic.ini", folder / "pyproject.toml"
    has_table = _has_table(toml)
    if ini.is_file():
        return Location(ini, toml if has_table else None, folder)
    if has_table:
        return Location(None, toml, folder)
    flask = folder / "migrations" / "alembic.ini"
    if flask.is_file() and (folder / "migrations" / "env.py").is_file():
        return Location(flask, None, folder)
    return None


def _has_table(toml: Path) -> bool:
    try:
        return "alembic" in tomllib.loads(toml.read_text("utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def _checked(location: Location, section: str) -> Location:
    if location.toml and "script_location" in _tool_alembic(location.toml):
        return location
    if location.ini is None:
        raise EnvironmentInvalid(
            f"{location.config_file} has no script_location in [tool.alembic].",
            'Add `script_location = "%(here)s/migrations"`, the folder that holds env.py.',
        )
    parser = configparser.ConfigParser({"here": location.ini.parent.as_posix()}, interpolation=None)
    try:
        with location.ini.open(encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise EnvironmentInvalid(
            f"{location.ini} cannot be read as an ini file: {' '.join(str(error).split())}",
            "Correct the file; the `alembic` command would stop there too.",
        ) from error
    if parser.has_option(section, "script_location"):
        return location
    if (location.ini.parent / "env.py").is_file():
        # Flask-Migrate's ini names no script_location: its command line passes the folder, and is itself run
        # from the project's folder (https://flask-migrate.readthedocs.io).
        above = location.ini.parent.parent if location.folder == location.ini.parent else location.folder
        return Location(location.ini, location.toml, above, str(location.ini.parent))
    sections = ", ".join(parser.sections()) or "none"
    raise EnvironmentInvalid(
        f"{location.ini} has no script_location in its section [{section}].",
        "Add `script_location = %(here)s/migrations`, the folder that holds env.py; "
        'or name the right section: Workbench(…, section="…").',
        (("sections in the file", sections),),
    )


def _tool_alembic(toml: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(toml.read_text("utf-8")).get("tool", {}).get("alembic", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EnvironmentInvalid(
            f"{toml} cannot be read as TOML: {error}",
            "Correct the file; the `alembic` command would stop there too.",
        ) from error
    return dict(table)

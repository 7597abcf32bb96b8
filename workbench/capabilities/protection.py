"""Which databases are named protected: `[tool.workbench] protected` in pyproject.toml, patterns over host and name."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workbench.environment import tool_table
from workbench.errors import DatabaseProtected, EnvironmentInvalid
from workbench.results import Database, Plan

_EXAMPLE = 'It is a list of patterns, as in: protected = ["prod-*", "*.internal/shop*"].'


@dataclass(frozen=True)
class Protection:
    """The patterns, and the file that they stand in."""

    patterns: tuple[str, ...] = ()
    file: Path | None = None
    table: Mapping[str, Any] = field(default_factory=dict)
    """All of `[tool.workbench]`."""
    passed_over: tuple[str, ...] = ()
    """Files above the project that could not be read, in sentences."""

    def pattern_for(self, database: Database) -> str | None:
        """The first pattern that fits the database, None if none does."""
        names = _names(database)
        return next((each for each in self.patterns if any(_fits(name, each) for name in names)), None)


def read(folder: Path) -> Protection:
    """What the nearest pyproject.toml with a `[tool.workbench]`, in `folder` or above, names protected.

    Raises:
        EnvironmentInvalid: Such a file cannot be read (see `tool_table.read`), or says something else than it can.
            Nobody knows then what is protected, so nothing may be applied.

    """
    found = tool_table.read(folder, "which databases are protected")
    return Protection(_patterns(found.table, found.file), found.file, found.table, found.passed_over)


def pattern_for(database: Database, folder: Path) -> str | None:
    """The pattern that names `database` protected, None if it is not.

    Raises:
        EnvironmentInvalid: As `read`.

    """
    return read(folder).pattern_for(database)


def check_scratch(databases: Iterable[Database], folder: Path, scratch_url: str | None) -> None:
    """Refuse scratch databases beside a protected one, except in our own cache folder.

    Raises:
        DatabaseProtected: There is no `scratch_url`.
        EnvironmentInvalid: As `read`.

    """
    for each in databases:
        pattern = pattern_for(each, folder)
        if pattern is not None and each.dialect != "sqlite" and scratch_url is None:
            raise DatabaseProtected(
                f"{each.place} is named protected by the pattern {pattern!r}, and no scratch database is made beside "
                "a protected one.",
                "Name an empty database elsewhere: Workbench(scratch_url='…').",
            )


def to_type(plan: Plan, folder: Path) -> str:
    """What a person has to type before the Plan is applied; empty if nothing.

    The names of its databases that are protected, or whose stamp is doubted, in their order, with commas between.

    Raises:
        EnvironmentInvalid: As `read`.

    """
    protection = read(folder)
    touched = {step.database for step in plan.steps}
    doubted = {each.database for each in plan.doubts}
    return ", ".join(
        each.name
        for each in plan.databases
        if each.name in doubted or (each.name in touched and protection.pattern_for(each) is not None)
    )


def check(plan: Plan, folder: Path, confirm: str | None) -> tuple[str, ...]:
    """Refuse a Plan for protected databases whose names have not been given.

    Returns:
        What there is to say all the same, in sentences: which files above the project were passed over.

    Raises:
        DatabaseProtected: `confirm` is not their name.
        EnvironmentInvalid: As `read`.

    """
    protection = read(folder)
    touched = {step.database for step in plan.steps}
    found = {each.name: protection.pattern_for(each) for each in plan.databases if each.name in touched}
    protected = {name: pattern for name, pattern in found.items() if pattern is not None}
    wanted = to_type(plan, folder)
    if not protected or confirm == wanted:
        return protection.passed_over
    named = " and ".join(each.place for each in plan.databases if each.name in protected)
    is_ = "is" if len(protected) == 1 else "are"
    given = f" confirm={confirm!r} is another name." if confirm is not None else ""
    raise DatabaseProtected(
        f"{named} {is_} protected, so nothing is run without the name being typed.{given}",
        f'If it is meant: plan.apply(confirm="{wanted}").',
        (
            ("named protected by", ", ".join(dict.fromkeys(protected.values()))),
            ("in", f"[tool.workbench] of {_shown(protection.file, folder)}"),
        ),
    )


def _patterns(table: Mapping[str, Any], file: Path | None) -> tuple[str, ...]:
    patterns = table.get("protected", [])
    if not isinstance(patterns, list) or not all(isinstance(each, str) and each.strip() for each in patterns):
        raise EnvironmentInvalid(f"[tool.workbench] protected in {file} is no list of patterns.", _EXAMPLE)
    return tuple(patterns)


def _names(database: Database) -> set[str]:
    """Every name that a pattern may mean: the database's, the host's, `host/name`."""
    path = unquote(urlsplit(database.url).path)
    own = path.rpartition("/")[2] if database.dialect == "sqlite" else path.strip("/")
    names = {database.name, own} - {""}
    if not database.host:
        return names
    return names | {database.host} | {f"{database.host}/{name}" for name in names}


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name.lower(), pattern.strip().lower())


def _shown(file: Path | None, folder: Path) -> str:
    if file is None:
        return ""
    return file.name if file.parent == folder.absolute() else str(file)

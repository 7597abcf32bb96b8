"""What the worker tells of the models, for the checks of good practice. Imports nothing of Alembic's."""

from __future__ import annotations

from dataclasses import dataclass

LIMITS = {"postgresql": (63, "bytes"), "mysql": (64, "characters"), "mariadb": (64, "characters")}
"""Of a name. PostgreSQL: NAMEDATALEN - 1. MySQL, MariaDB: "Identifier Length Limits" of both. SQLite has none."""


@dataclass(frozen=True)
class TooLong:
    """A name of the models that the database cannot keep."""

    kind: str
    """`table`, `column`, `index`, `constraint`."""
    table: str
    name: str


@dataclass(frozen=True)
class ModelModule:
    """A loaded module in which models, or what they are made with, have a name."""

    name: str
    file: str
    defines: bool
    """One of its models is its own, and not only imported."""
    models: tuple[str, ...]
    """The names of mapped classes and Tables of the target_metadata."""
    bases: tuple[str, ...]
    """The names of what such classes are derived from: `Base`, `db.Model`."""
    metadatas: tuple[str, ...]
    """The names of the MetaData itself."""


@dataclass(frozen=True)
class Modelled:
    """The models of one database."""

    database: str
    has_models: bool
    keys: tuple[tuple[str, str], ...]
    """Pairs of tables, with their schema, that a foreign key joins."""
    too_long: tuple[TooLong, ...]
    modules: tuple[ModelModule, ...]


@dataclass(frozen=True)
class ModelsTold:
    """The answer to `practices`."""

    parts: tuple[Modelled, ...]
    loaded: tuple[str, ...]
    """The files of all modules that env.py has loaded."""


def length(name: str, dialect: str) -> int:
    """Of a name, as the database counts it."""
    return len(name.encode("utf-8", "replace")) if dialect == "postgresql" else len(name)

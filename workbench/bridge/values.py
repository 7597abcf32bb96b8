"""What the bridge takes and gives. Imports nothing of Alembic's, so that the kernel need not wait for it."""

from __future__ import annotations

from dataclasses import dataclass

BLIND = "-- The SQL of this revision cannot be had offline: "
"""Begins the line that stands in a Plan's text in place of a step's SQL."""


@dataclass(frozen=True)
class Scripts:
    """Where the revision files are."""

    folder: str
    versions: tuple[str, ...]
    recursive: bool
    sourceless: bool = False
    """Whether compiled files without a source are revisions, too."""
    illegal: str = "@-+"
    """What that interpreter's Alembic allows in no revision id."""


@dataclass(frozen=True)
class Drafted:
    """The file that Alembic would have written."""

    revision: str
    down_revisions: tuple[str, ...]
    path: str
    code: str


@dataclass(frozen=True)
class Identifiers:
    """What a revision file says about its place."""

    revision: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """What an empty scratch database is filled with before the first revision: one of the three."""

    name: str
    """What it is called in a message."""
    path: str = ""
    """A file of SQL, with its whole path."""
    spec: str = ""
    """`module:callable`."""
    pickled: bytes | None = None
    """A callable that was defined in a notebook."""


@dataclass(frozen=True)
class Node:
    """A revision that Alembic can load, as far as its place and its file go."""

    path: str
    parents: tuple[str, ...]
    """What it follows and what it depends on."""
    follows: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Thing:
    """A table, or a column, an index or a constraint of one."""

    kind: str
    """`table`, `column`, `index`, `unique_constraint`, `foreign_key_constraint`: Alembic's words."""
    schema: str
    """Empty for the default schema."""
    table: str
    name: str
    """Its own name; empty for the table itself."""

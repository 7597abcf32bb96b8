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
    created: str = ""
    """When, as Alembic's own time stamp in ISO format: the file's name may say it."""
    spans: tuple[Span, ...] = ()


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
    """Alembic's word: `table`, `column`, `index`, `unique_constraint`, `foreign_key_constraint`, `check_constraint`."""
    schema: str
    """Empty for the default schema."""
    table: str
    name: str
    """Its own name; empty for the table itself."""


@dataclass(frozen=True)
class Rename:
    """That a thing of the live schema has another name in the models."""

    kind: str
    """`table`, `column`, `index`, `constraint`."""
    schema: str | None
    table: str
    """Its table, by the new name; empty for a table."""
    old: str
    new: str
    database: str = ""
    """The name of the database; empty where there is only one."""


@dataclass(frozen=True)
class Code:
    """Lines for a revision file that no operation of Alembic's own stands for."""

    key: str
    """Of the proposal that it belongs to, or replaces; or a name of its own."""
    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """Whole lines, as `from sqlalchemy.dialects import postgresql`."""
    database: str = ""
    """The name of the database; empty where there is only one."""


@dataclass(frozen=True)
class Decided:
    """What the author of a revision decided on."""

    renames: tuple[Rename, ...] = ()
    ticks: tuple[tuple[str, bool], ...] = ()
    """Pairs of (key, or a pattern of keys as of `fnmatch`; whether it is wanted). The last that fits counts."""
    replaced: tuple[Code, ...] = ()
    """In place of the proposals that have these keys."""
    fills: tuple[Code, ...] = ()
    """What gives rows their values before the proposals that have these keys."""
    last: tuple[Code, ...] = ()
    """What stands after all of them."""
    body: tuple[str, str] | None = None
    """The code of upgrade and downgrade as the author wrote it, in place of all of this."""


@dataclass(frozen=True)
class Span:
    """Where a proposal stands in the file that was made."""

    key: str
    database: str
    direction: str
    first: int
    """The line, from 1."""
    last: int


@dataclass(frozen=True)
class Asked:
    """A question to the rows, as `hazards.question.Question` writes it."""

    bad: str
    columns: tuple[str, ...]
    if_bad: str
    probe: bool = False
    statistics: str = ""

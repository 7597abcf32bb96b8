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
    """`table`, `column`, `index`, `constraint`, `value`."""
    schema: str | None
    table: str
    """Its table, by the new name; of an enum's value the enum; empty for a table."""
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
class Check:
    """A CHECK that the live table and the models do not both have, by the names that its columns will have."""

    schema: str | None
    table: str
    name: str
    """That it has in the models, or gets where they give it none; the live one's where the models have none."""
    before: str | None
    """The condition; None where the live table has none like it."""
    after: str | None
    """The condition; None where the models have none like it."""
    live_name: str = ""
    """Empty where the database keeps none (SQLite)."""
    columns: tuple[str, ...] = ()
    """Of the table that the live condition names."""
    is_proven: bool = True
    """Whether the two are known to differ: the database has worded both."""
    database: str = ""


@dataclass(frozen=True)
class Unnamed:
    """A UNIQUE of SQLite that the models do not have: Alembic compares only those that have a name."""

    table: str
    columns: tuple[str, ...]
    """By the names that they will have."""
    database: str = ""


@dataclass(frozen=True)
class User:
    """A live column whose type is an enum, by the names that it will have."""

    schema: str | None
    table: str
    column: str
    default: str | None
    is_array: bool = False


@dataclass(frozen=True)
class EnumType:
    """A native enum of PostgreSQL that the live database and the models do not both have with the same values."""

    schema: str | None
    name: str
    before: tuple[str, ...] | None
    """The live values in their order, renamed ones by their new names; None where there is no such type."""
    after: tuple[str, ...] | None
    """Those of the models; None where they do not use it."""
    users: tuple[User, ...] = ()
    instead: str = ""
    """An expression for the rows that have a value which goes."""
    database: str = ""


@dataclass(frozen=True)
class ViewText:
    """A view that the live database and the models do not both have with the same text."""

    schema: str | None
    name: str
    before: str | None
    """What stands behind `CREATE VIEW name`, with its AS; None where there is no such view."""
    after: str | None
    kind: str = "view"
    """Or `materialized view`."""
    is_proven: bool = True
    """As of a Check."""
    database: str = ""


@dataclass(frozen=True)
class Again:
    """Something that has to be made again after a batch of SQLite has copied its table."""

    name: str
    sql: tuple[str, ...]
    columns: tuple[str, ...]
    """Of that table which it names, by the names that they will have."""


@dataclass(frozen=True)
class Kept:
    """What a batch of SQLite would lose of a table, and what it would fail on."""

    table: str
    checks: tuple[str, ...] = ()
    """The conditions of its CHECKs without a name."""
    before: tuple[str, ...] = ()
    """The SQL that takes out of the way what names the table: views, and triggers of other tables."""
    after: tuple[Again, ...] = ()
    """In an order in which they can be made."""
    counts_on: bool = False
    """It has AUTOINCREMENT."""
    is_referred: bool = False
    """Other tables refer to it."""
    database: str = ""


@dataclass(frozen=True)
class Unseen:
    """What Alembic's comparison does not see."""

    checks: tuple[Check, ...] = ()
    uniques: tuple[Unnamed, ...] = ()
    enums: tuple[EnumType, ...] = ()
    views: tuple[ViewText, ...] = ()
    kept: tuple[Kept, ...] = ()


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
    unseen: Unseen = Unseen()
    """What differs besides what Alembic finds."""
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

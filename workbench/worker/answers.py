"""What the worker answers. Both sides know it, and the kernel needs no Alembic for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.bridge.values import Drafted, Scripts
from workbench.errors import WorkbenchError
from workbench.results import (
    Change,
    Database,
    Destroyed,
    Evidence,
    Executed,
    Finding,
    Loss,
    Pass,
    RowsChanged,
    SchemaObject,
    Scratch,
    Step,
)
from workbench.results.facts import Facts
from workbench.results.merges import OrderDifference


@dataclass(frozen=True)
class Versions:
    """What the project's interpreter has."""

    python: str
    alembic: str
    sqlalchemy: str


@dataclass(frozen=True)
class Standing:
    """The answer to `status` and to `check`."""

    databases: tuple[Database, ...]
    scripts: Scripts
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Compared:
    """The answer to `diff`."""

    databases: tuple[Database, ...]
    changes: tuple[Change, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Proposed:
    """One thing that a revision can do or not do."""

    key: str
    database: str
    wanted: bool
    changes: tuple[Change, ...]
    lost: Destroyed | None = None
    """The rows that would go with it."""


@dataclass(frozen=True)
class Authored:
    """The answer to `draft`."""

    drafted: Drafted | None
    """None where a database is behind."""
    proposed: tuple[Proposed, ...]
    databases: tuple[Database, ...]
    behind: tuple[str, ...] = ()
    """The live databases that do not stand at the heads."""


@dataclass(frozen=True)
class Planned:
    """The answer to `plan`."""

    databases: tuple[Database, ...]
    steps: tuple[Step, ...]
    sql: str
    after: tuple[tuple[str, tuple[str, ...]], ...]
    sealed: tuple[tuple[str, str], ...]
    destroys: tuple[Destroyed, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Some of the rows that `export` reads; an event."""

    index: int
    """Of what was asked for."""
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Session:
    """The server's number of the session that runs a migration; an event."""

    database: str
    number: int


@dataclass(frozen=True)
class Answer:
    """One of the questions to the rows has its answer; an event."""

    database: str
    index: int
    """Of the questions to that database."""


COPIED = "The file was copied first: "
"""How the notice begins that tells of a copy; it is kept where the migration fails."""


@dataclass(frozen=True)
class Ran:
    """What the worker knows of an apply. Where the databases stand now is asked of them afterwards."""

    finished: tuple[int, ...]
    """The steps that came to their end, by index; what became of them the version table tells."""
    failed: int
    """The step that did not; -1 if there is none."""
    seconds: tuple[tuple[int, float], ...]
    """Pairs of (step, how long it took)."""
    error: WorkbenchError | None
    executed: tuple[Executed, ...] = ()
    """The kernel's own record: it has heard of each already, and need not be told twice."""
    committed: bool = False
    """The failed step had committed something by itself (an autocommit_block)."""
    in_doubt: bool = False
    """The worker could not tell; this is what was heard of it."""
    since: int = 0
    """Where in `executed` the last try of the failed step begins."""


@dataclass(frozen=True)
class Rehearsed:
    """The answer to `rehearse`."""

    databases: tuple[Database, ...]
    scratch: tuple[Scratch, ...]
    passes: tuple[Pass, ...]
    lost: tuple[Loss, ...]
    rows_changed: tuple[RowsChanged, ...]
    remaining: tuple[tuple[Change, ...], tuple[str, ...]] | None
    """Changes and what was left out; None if it was not compared."""
    error: WorkbenchError | None
    notes: tuple[str, ...]
    answers: tuple[tuple[int, tuple[Evidence, ...]], ...] = ()
    """By the index of a step what was answered right before it, in the order of what was asked."""


@dataclass(frozen=True, repr=False)
class Halted:
    """An event of a rehearsal that waits for questions, as `Client.tell` gives them: a step comes next."""

    step: int
    """The index in `plan.steps`."""
    objects: tuple[SchemaObject, ...]
    """The scratch database's schema, as it is right before."""
    facts: Facts


@dataclass(frozen=True, repr=False)
class Looked:
    """The answer to `schema`."""

    databases: tuple[Database, ...]
    objects: tuple[tuple[str, tuple[SchemaObject, ...] | None], ...]
    """By database; None where nothing has changed since the kernel's own."""
    marks: dict[str, str]
    """The fingerprint of each catalogue that has one."""
    notes: tuple[str, ...] = ()
    """What could not be read."""


@dataclass(frozen=True)
class Answered:
    """The answer to `query`."""

    columns: tuple[str, ...]
    """Their names, which may come twice."""
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, repr=False)
class Visit:
    """What a travel has seen of one database at one place of the history."""

    objects: tuple[SchemaObject, ...]
    before: tuple[SchemaObject, ...] | None = None
    """Of a revision: what there was just before it, made by all that it follows and depends on."""
    statements: tuple[str, ...] = ()
    """The SQL that it ran, in order, without the version table's."""
    renames: tuple[tuple[str, str, str, str], ...] = ()
    """See `Stop.renames`."""
    read: tuple[tuple[str, str], ...] = ()
    """The data files of the project that were read on the way, with a digest of what was in them."""
    unmade: tuple[tuple[str, str], ...] = ()
    """Of the models: the tables that could not be made, as (schema, name)."""


@dataclass(frozen=True, repr=False)
class Travelled:
    """The answer to `travel`."""

    databases: tuple[Database, ...]
    visits: tuple[tuple[tuple[str, ...], tuple[tuple[str, Visit], ...]], ...]
    """By the heads that were asked for, what was seen of each database; what could not be reached is not among them."""
    error: WorkbenchError | None
    """Why it could not."""
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, WorkbenchError], ...] = ()
    """Each revision that failed, with its own error."""


@dataclass(frozen=True)
class Tried:
    """The answer to `try_orders`."""

    scratch: tuple[Scratch, ...]
    """Of one of the orders; the others began at the same."""
    failures: tuple[tuple[tuple[str, ...], WorkbenchError], ...]
    differences: tuple[OrderDifference, ...] = ()
    rows: tuple[RowsChanged, ...] = ()
    restless: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

"""What would run, and what did run."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from workbench.errors import WorkbenchError
from workbench.results.base import Result, frame, origin_of
from workbench.results.databases import Database
from workbench.results.effects import Destroyed, Effect
from workbench.results.findings import Finding, findings_frame, with_answers
from workbench.results.locks import Lock, locks_frame
from workbench.results.operations import Opening, Operation
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["upgrade", "downgrade", "stamp"]
Outcome = Literal["done", "failed", "rolled back", "not recorded", "not run"]


@dataclass(frozen=True, repr=False)
class Step(Result):
    """One revision, run in one direction, on one database."""

    revision: str
    """The revision that is run; for a stamp, the one that is written into the version table.

    Empty for base, and where the version table is only emptied.
    """
    direction: Direction
    message: str
    """The first line of the revision's docstring."""
    path: str
    """The revision's file, relative to the folder of the configuration where possible."""
    statements: tuple[str, ...] | None
    """What `alembic --sql` prints for this step, the version table's row included; None: not to be had offline.

    In the Plan of a Rehearsal: what was really executed, where it could not be had offline.
    """
    why_not: str | None = None
    """Why there are no statements, in a sentence; also where a rehearsal has found them out."""
    database: str = ""
    """The name of the database that it runs on."""
    heads: tuple[str, ...] = ()
    """Where the database stands after this step, sorted."""
    digest: str = ""
    """SHA-256 of the revision's file when the Plan was made."""
    effects: tuple[Effect, ...] = ()
    """What it makes and takes away, in order: its operations, raw SQL, and where that cannot be had, its code."""
    operations: tuple[Operation, ...] = cast("tuple[Operation, ...]", Opening())
    """Each operation with all that it says, in order; the end of it is unknown where `statements` is None."""

    def __repr__(self) -> str:
        return f"Step({self.direction} {self.revision}, {self.message!r})"


@dataclass(frozen=True, repr=False)
class Plan(Result):
    """Exactly what `apply()` would run, and nothing else.

    It is bound to the heads of each database, the content of the revision files and env.py,
    and to what its target stood for when it was made.
    """

    direction: Direction
    source: str
    """Where it starts: the ids the database stands at, joined by a comma, or `base`."""
    target: str
    """The target as it was asked for: `head`, `+2`, `ab12`, `label@head`."""
    steps: tuple[Step, ...]
    """In the order in which they run; with several databases, one database after the other."""
    sql: str
    """All of it as one text, as `alembic --sql` prints it; what cannot be had offline stands there as a comment."""
    databases: tuple[Database, ...]
    """Each database as it stood when the Plan was made."""
    after: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Pairs of (name of the database, the heads it will stand at)."""
    offline: bool = False
    """The target was a range `from:to`: SQL to read or carry away. It cannot be applied."""
    sealed: tuple[tuple[str, str], ...] = ()
    """Pairs of (file, SHA-256): what it was made from besides its steps' own files."""
    destroys: tuple[Destroyed, ...] = ()
    """Tables and columns with data in them that it drops, in the order of the steps, with how many rows they have."""
    purge: bool = False
    """A stamp that empties the version table first, as `alembic stamp --purge`: the first statement of each database,
    or a step of its own where nothing is written afterwards. There is none where the table is empty already.
    """
    doubts: tuple[Finding, ...] = ()
    """What speaks against a stamp: that the live schema is not that of its target, where that is known."""
    answered: tuple[Finding, ...] | None = None
    """Its findings after the rows of the live databases were asked, as `wb.preflight()` gives them; None before."""
    on_copy: tuple[Finding, ...] = ()
    """What a rehearsal has answered on its copy, of what earlier steps change first; `findings` has it in its place.
    One without a message is found no more."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it may do to the rows and to a running system, and what speaks against it: errors first.

        They are looked for when this is asked for the first time: with the rules of `workbench.hazards`, in the
        operations, the live schema and what the server says of itself. What only rows can decide has the outcome
        `unknown` until `wb.preflight(plan)` has asked them. Of a Plan that belongs to no Workbench, because it was
        unpickled, only the operations are looked at.
        """
        if self.answered is not None:
            return self.doubts + with_answers(self.answered, self.on_copy)
        told: tuple[Finding, ...] | None = self.__dict__.get("_suspected")
        if told is None:
            origin = self.__dict__.get("_origin")
            if origin is None:  # by name, because it lies above
                hazards: Any = importlib.import_module("workbench.capabilities.hazards")
                told = hazards.suspect(None, self, None).findings({})
                object.__setattr__(self, "_suspected", told)
            else:
                told = getattr(origin, "suspected", lambda _: ())(self)
        return self.doubts + with_answers(told or (), self.on_copy)

    @property
    def locks(self) -> tuple[Lock, ...]:
        """What its operations lock, on which tables and for how long: PostgreSQL, MariaDB and MySQL.

        Empty where the live database was not looked at: of an unpickled Plan, while another one is applied.
        """
        if "_locks" not in self.__dict__:
            _ = self.findings  # both come from one look
        told: tuple[Lock, ...] = self.__dict__.get("_locks", ())
        return told

    @property
    def locks_df(self) -> pd.DataFrame:
        """One row a lock; see `results.locks.locks_frame` for the columns."""
        return locks_frame(self.locks)

    @property
    def findings_df(self) -> pd.DataFrame:
        """One row a finding; see `results.findings.findings_frame` for the columns."""
        return findings_frame(self.findings)

    @property
    def id(self) -> str:
        """A short name for this very Plan: the same steps from the same files at the same heads have the same id."""
        told = repr(
            (
                self.direction,
                self.target,
                self.purge,
                [(each.name, each.url, each.heads) for each in self.databases],
                [
                    # With `why_not` they come from a rehearsal, and it is the same Plan all the same.
                    (step.database, step.revision, step.digest, None if step.why_not else step.statements)
                    for step in self.steps
                ],
                self.sealed,
            )
        )
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:12]

    @property
    def is_empty(self) -> bool:
        """There is nothing to run."""
        return not self.steps

    @property
    def revisions(self) -> tuple[str, ...]:
        """The ids of the steps in order, each once."""
        return tuple(dict.fromkeys(step.revision for step in self.steps))

    @property
    def df(self) -> pd.DataFrame:
        """One row a step.

        Columns: database, revision, direction, message, path (str), statements (Int64, NA where the SQL cannot
        be had offline), why_not (str or None).
        """
        rows = [
            {
                "database": step.database,
                "revision": step.revision,
                "direction": step.direction,
                "message": step.message,
                "path": step.path,
                "statements": None if step.statements is None else len(step.statements),
                "why_not": step.why_not,
            }
            for step in self.steps
        ]
        text = dict.fromkeys(("database", "revision", "direction", "message", "path"), "object")
        return frame(rows, {**text, "statements": "Int64", "why_not": "object"})

    def apply(self, *, on_event: Callable[[Event], None] | None = None, **options: Any) -> Run:
        """Run exactly these steps, under lock, and say afterwards where the database stands.

        Args:
            on_event: Called with each Event while it runs, in the thread that runs it; `print` will do.
            options: The fields of `ApplyOptions`: `lock_timeout`, `statement_timeout`, `retries`, `backup`,
                `preflight`, `confirm`.

        Returns:
            The Run. A migration that fails does not raise: `run.ok` is False and `run.error` says why.

        Raises:
            PlanOutdated: The database, the files or the target have moved. Nothing was run.
            DatabaseLocked: Somebody else applies a Plan to this database. Nothing was run.
            HazardFound: The rows say that it will fail or lose values, and the Plan has not shown it. Nothing was run.
            DatabaseProtected: The database is named protected, and `confirm` is not its name. Nothing was run.
            BackupFailed: What the Plan destroys could not be written to `backup`. Nothing was run.

        """
        run: Run = origin_of(self).apply(self, on_event=on_event, **options)
        return run

    def __repr__(self) -> str:
        return f"Plan({self.direction} {self.source} -> {self.target}, {plural(len(self.steps), 'step')})"


@dataclass(frozen=True)
class ApplyOptions:
    """How a Plan is applied."""

    lock_timeout: float | None = 5.0
    """Seconds that a statement may wait for a lock of the database's; None leaves the server's own setting."""
    statement_timeout: float | None = None
    """Seconds that one statement may take; None leaves the server's own setting. SQLite has none."""
    retries: int = 3
    """How often a step that could not have a lock is tried again, if nothing of it is left; each wait is longer."""
    backoff: float = 1.0
    """Seconds before the first new try; each further wait is twice as long."""
    backup: str | None = None
    """A folder: write the tables and columns that the Plan destroys there first, and do not begin if that fails."""
    backup_format: Literal["csv", "parquet"] = "csv"
    preflight: bool = True
    """Ask the rows once more before anything runs, and do not begin if they say what the Plan has not shown."""
    confirm: str | None = None
    """The name of the database, typed by a person, where it is named protected."""


@dataclass(frozen=True, repr=False)
class Event(Result):
    """Something that happened while a Plan ran."""

    kind: Literal["step", "statement", "executed", "step_done", "step_failed", "waiting", "notice"]
    """A step begins; a statement begins; a statement has ended; a step has ended, well or badly; what the running
    statement waits for or how far it is, in `sql`; words to show, in `sql`."""
    step: int
    """The index in `plan.steps`; -1 if it belongs to none."""
    revision: str = ""
    sql: str = ""
    rows: int | None = None
    """Rows the statement changed or gave, where the driver knows."""
    seconds: float | None = None
    database: str = ""
    of: int = 0
    """Of a step that begins: how many steps there are."""
    message: str = ""
    """Of a step that begins: the first line of the revision's docstring."""


@dataclass(frozen=True, repr=False)
class Executed(Result):
    """A statement that was really executed."""

    revision: str
    sql: str
    rows: int | None
    """Rows the statement changed, where the driver knows."""
    seconds: float
    database: str = ""


@dataclass(frozen=True, repr=False)
class StepRun(Result):
    """What became of one step."""

    revision: str
    direction: Direction
    message: str
    outcome: Outcome
    """`not recorded`: it ran, the version table does not say so, and DDL is not rolled back there.
    `done` and `rolled back` are told by the version table after the run, not by what was logged."""
    seconds: float | None
    """None for a step that was not run."""
    database: str = ""

    def __repr__(self) -> str:
        return f"StepRun({self.direction} {self.revision}, {self.outcome})"


@dataclass(frozen=True, repr=False)
class Run(Result):
    """What `plan.apply()` did."""

    ok: bool
    """Every step ran, and the database stands where the Plan said."""
    heads: tuple[str, ...]
    """The ids in the version table after it, read afresh, sorted. With several databases, of all of them."""
    steps: tuple[StepRun, ...]
    executed: tuple[Executed, ...]
    """Every statement that was executed, in order, also those of a transaction that was rolled back."""
    databases: tuple[Database, ...]
    """Each database, read afresh after the run."""
    plan: Plan
    """The Plan that was run."""
    error: WorkbenchError | None = None
    """What stopped it, None if nothing did."""
    cancelled: bool = False
    """The user stopped it."""
    standing: str = ""
    """In a sentence: what state the database is in now, and what of a failed step is left in it."""
    findings: tuple[Finding, ...] = ()
    """What a failed run has left that has to be looked after: a half-applied revision, a copy of a table."""
    backup: str = ""
    """The folder in which what it destroyed was written first; empty if nothing was."""

    @property
    def statements(self) -> pd.DataFrame:
        """One row an executed statement. Columns: revision, sql (str), rows (Int64, NA if unknown), seconds (float)."""
        rows = [
            {"revision": each.revision, "sql": each.sql, "rows": each.rows, "seconds": each.seconds}
            for each in self.executed
        ]
        return frame(rows, {"revision": "object", "sql": "object", "rows": "Int64", "seconds": "float64"})

    @property
    def df(self) -> pd.DataFrame:
        """One row a step. Columns: database, revision, direction, message, outcome (str), seconds (float, NaN)."""
        names = ("database", "revision", "direction", "message", "outcome", "seconds")
        rows = [{name: getattr(step, name) for name in names} for step in self.steps]
        return frame(rows, {**dict.fromkeys(names[:-1], "object"), "seconds": "float64"})

    def __repr__(self) -> str:
        done = sum(step.outcome == "done" for step in self.steps)
        how = "ok" if self.ok else "cancelled" if self.cancelled else "failed"
        return f"Run({how}, {done} of {len(self.steps)} steps)"

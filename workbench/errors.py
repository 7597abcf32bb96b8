"""The exceptions: each says what could not be done, why, and what to do.

Every class also is the built-in it refines, so `except FileNotFoundError` goes on working.
Alembic's, SQLAlchemy's and the drivers' own errors are translated into these once, in
`workbench.bridge.translate`, with `raise … from`.
"""

from __future__ import annotations

from typing import Any


class WorkbenchError(Exception):
    """Something that was asked for could not be done."""

    message: str
    """What could not be done and why, in sentences."""
    remedy: str
    """What to do about it; empty if nothing sensible can be said."""
    evidence: tuple[tuple[str, str], ...]
    """Pairs of (title, text): the statement, the driver's words, the file and line."""

    def __init__(self, message: str, remedy: str = "", evidence: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.evidence = tuple((str(title), str(text)) for title, text in evidence)

    def __str__(self) -> str:
        lines = [self.message]
        for title, text in self.evidence:
            body = text.strip("\n").split("\n")
            lines += [f"{title}: {body[0]}"] if len(body) == 1 else [f"{title}:", *(f"    {line}" for line in body)]
        if self.remedy:
            lines.append(f"What to do: {self.remedy}")
        return "\n".join(lines)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, WorkbenchError):
            return NotImplemented
        return (self.message, self.remedy, self.evidence) == (other.message, other.remedy, other.evidence)

    def __hash__(self) -> int:
        return hash((type(self), self.message, self.remedy, self.evidence))

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args`, which holds the message only.
        return type(self), (self.message, self.remedy, self.evidence)

    def _render_traceback_(self) -> list[str]:
        # IPython asks the exception for its own picture: in a notebook the reader wants the message,
        # not our stack. `%tb` still shows the whole of it.
        return [f"{type(self).__name__}: {self}"]


class EnvironmentNotFound(WorkbenchError, FileNotFoundError):
    """There is no Alembic configuration where one was looked for."""


class EnvironmentInvalid(WorkbenchError, ValueError):
    """The configuration cannot be used: no script_location, no such folder, not an ini file."""


class InterpreterUnusable(WorkbenchError, RuntimeError):
    """The Python that should run the project cannot: not there, too old, or without Alembic."""


class EnvPyFailed(WorkbenchError, RuntimeError):
    """The project's own env.py (or what it imports) raised, or called sys.exit."""


class AppContextMissing(EnvPyFailed):
    """env.py runs only inside an application context, and nobody gave one."""


class WorkerTimeout(WorkbenchError, TimeoutError):
    """env.py did not get as far as run_migrations() in the time allowed."""


class WorkerDied(WorkbenchError, RuntimeError):
    """The child process that runs the project's code has ended unexpectedly."""


class Cancelled(WorkbenchError, RuntimeError):
    """The user stopped it."""


class DriverMissing(WorkbenchError, ImportError):
    """The database's driver is not installed where the project's code runs."""


class DatabaseUnreachable(WorkbenchError, ConnectionError):
    """The database did not let us in: down, unknown host or name, or a timeout."""


class AccessDenied(DatabaseUnreachable):
    """The database refused the user or the password."""


class DatabaseReadOnly(WorkbenchError, PermissionError):
    """The database, its file, or the workbench itself does not take writes."""


class InMemoryDatabase(WorkbenchError, ValueError):
    """`sqlite://` without a file lives in one process only, and the worker is another."""


class HistoryBroken(WorkbenchError, ValueError):
    """The revision files do not make a graph: syntax error, missing parent, cycle, duplicate id."""


class RevisionNotFound(WorkbenchError, LookupError):
    """No revision file answers to the name that was given."""


class UnknownDatabaseRevision(RevisionNotFound):
    """The database stands at a revision that no file has."""


class MultipleHeads(WorkbenchError, ValueError):
    """One head was asked for where there are several."""


class PlanOutdated(WorkbenchError, RuntimeError):
    """What the Plan was made from has moved; nothing was run."""


class DatabaseLocked(WorkbenchError, BlockingIOError):
    """Somebody else applies a Plan to this database, or nobody can tell whether somebody does; nothing was run."""


class DatabaseProtected(WorkbenchError, PermissionError):
    """The database is named protected, and its name was not given; nothing was run."""


class HazardFound(WorkbenchError, RuntimeError):
    """The rows say that a Plan will fail or lose values, and nobody was told so before. Nothing was run."""


class BackupFailed(WorkbenchError, OSError):
    """What would be destroyed could not be written first; nothing was run."""


class WriteFailed(WorkbenchError, OSError):
    """A revision file could not be written, or not be finished."""


class ScratchRefused(WorkbenchError, RuntimeError):
    """No scratch database could be had, or env.py would not be led to it. The live database was not touched."""


class MigrationFailed(WorkbenchError, RuntimeError):
    """A statement or a revision's own code failed while it ran."""


class LockNotHad(MigrationFailed, TimeoutError):
    """A statement waited for a lock of the database's for as long as it was allowed, and was given up."""


class UnsupportedRequest(WorkbenchError, ValueError):
    """The arguments ask for something that does not exist or does not fit together."""


class QueryFailed(WorkbenchError, RuntimeError):
    """The database could not answer a query, or not in time."""


class RowsCut(UserWarning):
    """A query has more rows than its limit let through."""

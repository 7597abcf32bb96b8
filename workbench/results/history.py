"""The revisions and where the database stands among them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.errors import RevisionNotFound
from workbench.results.base import Result, frame
from workbench.results.databases import Database
from workbench.results.findings import Finding
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd

State = Literal["applied", "pending", "unknown"]


@dataclass(frozen=True, repr=False)
class Revision(Result):
    """One revision file, as far as it could be read."""

    revision: str
    """Its id; for a file whose id cannot be read, the file's name without `.py`."""
    down_revisions: tuple[str, ...]
    """The ids it follows, as written in `down_revision`; empty for a base."""
    depends_on: tuple[str, ...]
    """As written: ids or branch labels."""
    branch_labels: tuple[str, ...]
    """The labels written in this file, sorted."""
    message: str
    """The first line of the file's docstring."""
    path: str
    """The file, relative to the folder of the configuration where possible."""
    create_date: dt.datetime | None
    """From the docstring's `Create Date:`; None where it has none."""
    is_head: bool
    """No other revision follows it."""
    is_base: bool
    """It follows no other revision."""
    is_merge_point: bool
    """It follows more than one revision."""
    is_branch_point: bool
    """More than one revision follows it."""
    state: State
    """`applied`: the database has it; `pending`: it has not; `unknown`: the database could not be asked."""
    fault: str | None = None
    """Why Alembic refuses this file, in a sentence; None if it does not."""
    dependencies: tuple[str, ...] = ()
    """`depends_on` with labels and short ids resolved to revision ids."""
    labels: tuple[str, ...] = ()
    """Every branch label that `label@…` finds this revision by, sorted: its own and those of its branch."""
    doc: str = ""
    """The whole docstring without Alembic's `Revision ID:` lines."""
    missing_in: tuple[str, ...] = ()
    """With several databases: the names of those that have not got it, where others have."""

    def __repr__(self) -> str:
        return f"Revision({self.revision}, {self.message!r}, {(self.fault and 'broken') or self.state})"


@dataclass(frozen=True, repr=False)
class History(Result):
    """Every revision, newest first: no revision stands below one that it follows."""

    revisions: tuple[Revision, ...]
    heads: tuple[str, ...]
    """The ids that nothing follows, sorted."""
    bases: tuple[str, ...]
    """The ids that follow nothing, sorted."""
    current: tuple[str, ...]
    """The ids in the version table, sorted: also those that no file has. With several databases, of all."""
    databases: tuple[Database, ...] = ()
    """Each database env.py configured; empty if it could not be asked."""
    unknown: tuple[str, ...] = ()
    """Ids in a version table that no file has, sorted."""
    problem: str | None = None
    """Why the state of the revisions is not known; None if it is."""
    remedy: str = ""
    """What to do about `problem`."""
    rev_range: str | None = None
    """The range that was asked for; None for the whole history."""

    @property
    def df(self) -> pd.DataFrame:
        """One row a revision in the order of `revisions`.

        Columns: revision, down_revisions, depends_on, branch_labels, message, path, create_date
        (datetime64, NaT where the file has none), is_head, is_base, is_merge_point, is_branch_point (bool),
        state, fault (str or None). The id columns hold tuples of str.
        """
        names = list(_COLUMNS)
        return frame([{name: getattr(each, name) for name in names} for each in self.revisions], _COLUMNS)

    def __getitem__(self, revision: str) -> Revision:
        """The revision of that id, or of the only id that begins so.

        Raises:
            RevisionNotFound: There is none, or more than one.

        """
        exact = [each for each in self.revisions if each.revision == revision]
        found = exact or [each for each in self.revisions if revision and each.revision.startswith(revision)]
        if len(found) != 1:
            count = "No revision" if not found else f"{len(found)} revisions"
            raise RevisionNotFound(
                f"{count} in this history begin{'s' if not found else ''} with {revision!r}.",
                "The ids are in `history.df.revision`.",
            )
        return found[0]

    @property
    def pending(self) -> tuple[Revision, ...]:
        """The revisions that the database has not got, newest first."""
        return tuple(each for each in self.revisions if each.state == "pending")

    @property
    def faults(self) -> tuple[Revision, ...]:
        """The revisions that Alembic refuses, newest first."""
        return tuple(each for each in self.revisions if each.fault)

    def __repr__(self) -> str:
        return f"History({plural(len(self.revisions), 'revision')}, heads {', '.join(self.heads) or 'none'})"


_COLUMNS = {
    "revision": "object",
    "down_revisions": "object",
    "depends_on": "object",
    "branch_labels": "object",
    "message": "object",
    "path": "object",
    "create_date": "datetime64[us]",
    "is_head": "bool",
    "is_base": "bool",
    "is_merge_point": "bool",
    "is_branch_point": "bool",
    "state": "object",
    "fault": "object",
}


@dataclass(frozen=True, repr=False)
class Status(Result):
    """Where the database stands: Alembic's `current`, and what is still to come."""

    heads: tuple[str, ...]
    """The ids in the version table, sorted; empty is base. With several databases, of all of them."""
    pending: tuple[str, ...]
    """The ids that `upgrade heads` would run, in that order. With several databases, any that one of them lacks."""
    unknown: tuple[str, ...]
    """Ids in a version table that no file has, sorted."""
    is_current: bool
    """Every database stands at every head of the files, and at nothing else."""
    databases: tuple[Database, ...]
    """Each database that env.py configured, with its own heads."""
    messages: tuple[tuple[str, str], ...] = ()
    """Pairs of (revision, message) for the ids above, where a file has one."""
    findings: tuple[Finding, ...] = ()
    """What is wrong there: half-applied revisions, leftovers of one that failed, rows that cannot be."""

    @property
    def df(self) -> pd.DataFrame:
        """One row a database and head (one with an empty head for a database at base).

        Columns: database, dialect, head, message, known (bool: a file has this id).
        """
        messages = dict(self.messages)
        rows = [
            {
                "database": database.name,
                "dialect": database.dialect,
                "head": head,
                "message": messages.get(head, ""),
                "known": head not in self.unknown,
            }
            for database in self.databases
            for head in database.heads or ("",)
        ]
        return frame(
            rows, {"database": "object", "dialect": "object", "head": "object", "message": "object", "known": "bool"}
        )

    def __repr__(self) -> str:
        return f"Status(at {', '.join(self.heads) or 'base'}, {len(self.pending)} pending)"

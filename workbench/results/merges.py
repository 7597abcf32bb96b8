"""Several heads: what each branch does since they parted, where they meet, and whether their order matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results.base import Result, frame, origin_of
from workbench.results.drafts import Draft
from workbench.results.findings import Finding
from workbench.results.rehearsals import Data, Filled, RowsChanged
from workbench.text import plural, short_id

if TYPE_CHECKING:
    import pandas as pd

Heads = tuple[str, ...]
Verdict = Literal["same", "differs", "fails", "fixed", "not tried"]


@dataclass(frozen=True, repr=False)
class Deed(Result):
    """One thing that a revision of a branch does."""

    revision: str
    kind: str
    """As `Operation.kind`: `add_column`, `update`; `sql` for a text that nobody understands."""
    object: str
    """`customer.phone`; empty where it is not known."""
    table: str = ""
    """`schema.table`; empty for what stands by itself."""
    columns: tuple[str, ...] = ()
    """The columns of the table that it is about."""
    new_name: str = ""
    """Of a rename."""
    database: str = ""
    """The name of the database; empty where there is only one."""

    def __repr__(self) -> str:
        return f"Deed({short_id(self.revision)} {self.kind} {self.object})"


@dataclass(frozen=True, repr=False)
class Known(Result):
    """A database that has some of a branch."""

    name: str
    url: str
    """Without the password."""
    revisions: tuple[str, ...]
    """What it has of the branch's own, oldest first."""
    source: Literal["asked", "journal"]
    """Its version table says so; or the journal of this machine, of a database that is not the one of just now."""

    def __repr__(self) -> str:
        return f"Known({self.name}, {plural(len(self.revisions), 'revision')}, {self.source})"


@dataclass(frozen=True, repr=False)
class Branch(Result):
    """One of the heads, with what lies below it down to where the branches parted."""

    head: str
    label: str
    """A branch label that finds this head and none of the others; empty if there is none."""
    revisions: tuple[tuple[str, str], ...]
    """Pairs of (id, message) of what not all of the heads have, oldest first."""
    deeds: tuple[Deed, ...] = ()
    """In the order in which they run."""
    known: tuple[Known, ...] = ()
    """The databases that have something that only this branch has."""
    stays: str = ""
    """Why it cannot be given another parent, as a sentence; empty if it can."""

    @property
    def name(self) -> str:
        """Its label, else the short id of its head."""
        return self.label or short_id(self.head)

    def __repr__(self) -> str:
        return f"Branch({self.name}, {plural(len(self.revisions), 'revision')})"


@dataclass(frozen=True, repr=False)
class Meeting(Result):
    """A table, or something else with a name, that more than one branch touches."""

    object: str
    columns: tuple[str, ...]
    """The columns of it that more than one branch touches."""
    deeds: tuple[tuple[str, Deed], ...]
    """Pairs of (head, what its branch does there)."""
    database: str = ""

    def __repr__(self) -> str:
        return f"Meeting({self.object})"


@dataclass(frozen=True, repr=False)
class OrderDifference(Result):
    """Something in the schema that is not the same after both orders."""

    database: str
    kind: str
    """As `Loss.kind`."""
    name: str
    first: str
    """Its definition after the first order; empty if it is not there."""
    second: str

    def __repr__(self) -> str:
        return f"OrderDifference({self.kind} {self.name})"


@dataclass(frozen=True, repr=False)
class Order(Result):
    """Whether it matters which branch runs first, as it was found out on scratch databases."""

    verdict: Verdict
    """`same`: both orders give the same schema and rows. `differs`: they do not. `fails`: one of them, or both,
    cannot be run. `fixed`: there is only one. `not tried`: `why` says why."""
    why: str = ""
    orders: tuple[Heads, ...] = ()
    """The heads in the order in which they were upgraded to: one, and its reverse."""
    filled: Filled = "copy"
    """What both began at: a copy of the live database, or an empty one brought to where they part by the revisions."""
    data: Data = "full"
    rows_copied: int = 0
    differences: tuple[OrderDifference, ...] = ()
    rows: tuple[RowsChanged, ...] = ()
    """Tables whose rows differ: `before` is after the first order, `after` after the second."""
    failures: tuple[tuple[Heads, WorkbenchError], ...] = ()
    """Each order that failed, with its error."""
    restless: tuple[str, ...] = ()
    """What is not the same even after the same order twice, such as a date of now; it was left out."""
    notes: tuple[str, ...] = ()

    def failure_of(self, order: Heads) -> WorkbenchError | None:
        """Why this order of two branches failed; None if it did not."""
        return next((error for each, error in self.failures if each == order), None)

    def __repr__(self) -> str:
        return f"Order({self.verdict})"


@dataclass(frozen=True, repr=False)
class Merge(Draft):
    """The Draft of a revision that joins several heads, with all that has to be known before they are joined."""

    branches: tuple[Branch, ...] = ()
    """In the order of `down_revisions`."""
    parted: Heads = ()
    """The last revisions that all of them have; empty where they have nothing in common."""
    meetings: tuple[Meeting, ...] = ()
    clashes: tuple[Finding, ...] = ()
    """Where one branch takes away what another one needs: the check `branches-conflict`."""
    order: Order = field(default_factory=lambda: Order("not tried", "Nobody asked for it."))
    notes: tuple[str, ...] = ()
    """What could not be asked, in sentences."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What speaks against it; the merge itself does nothing that a rule could find."""
        return self.clashes

    @property
    def is_empty(self) -> bool:
        """A merge joins, also where it does nothing else."""
        return False

    @property
    def df(self) -> pd.DataFrame:
        """One row for each thing that a branch does.

        Columns: branch (the head), revision, kind, object, table, database (str), met (bool, another branch touches
        the same table).
        """
        met = {(head, deed) for each in self.meetings for head, deed in each.deeds}
        rows = [
            {
                "branch": branch.head, "revision": deed.revision, "kind": deed.kind, "object": deed.object,
                "table": deed.table, "database": deed.database, "met": (branch.head, deed) in met,
            }
            for branch in self.branches
            for deed in branch.deeds
        ]  # fmt: skip
        text = dict.fromkeys(("branch", "revision", "kind", "object", "table", "database"), "object")
        return frame(rows, {**text, "met": "bool"})

    @property
    def movable(self) -> tuple[tuple[str, str], ...]:
        """Pairs of heads (branch, onto) for which `reparent` has something to show."""
        return tuple(
            (branch.head, other.head)
            for branch in self.branches
            for other in self.branches
            if branch is not other and not branch.stays and self.order.failure_of((other.head, branch.head)) is None
        )

    def branch(self, name: str) -> Branch:
        """One of the branches, by its head, the beginning of that, or its label.

        Raises:
            UnsupportedRequest: It is none of them, or not one.

        """
        found = [each for each in self.branches if name in {each.head, each.label}]
        found = found or [each for each in self.branches if name and each.head.startswith(name)]
        if len(found) != 1:
            raise UnsupportedRequest(
                f"{name!r} is not one of the branches.", f"They are {', '.join(each.head for each in self.branches)}."
            )
        return found[0]

    def try_orders(self, *, data: Data = "full", **options: Any) -> Merge:
        """The same Merge, with both orders run on scratch databases; see `Workbench.merge` for the options."""
        merge: Merge = origin_of(self).try_orders(self, data=data, **options)
        return merge

    def reparent(self, branch: str, onto: str | None = None) -> Reparent:
        """Instead of a merge: let a branch that no known database has follow another one. Nothing is written yet.

        Args:
            branch: Its head, the beginning of that, or its label.
            onto: The head that its first revision shall follow; with two heads the other one.

        Raises:
            UnsupportedRequest: A database has it, its file cannot be edited, or that order failed.

        """
        told: Reparent = origin_of(self).reparent(self, branch, onto)
        return told

    def __repr__(self) -> str:
        return f"Merge({short_id(self.revision)}, joins {', '.join(each.name for each in self.branches)})"


@dataclass(frozen=True, repr=False)
class Reparent(Result):
    """A revision file with another `down_revision`, not written yet."""

    branch: str
    """The head of the branch that it begins."""
    revision: str
    message: str
    path: str
    """The file, relative to the folder of the configuration where possible."""
    follows: str
    """What it follows now."""
    onto: str
    """What it will follow."""
    text: str
    """The whole file, as it will be."""
    diff: str
    """What changes in it, as a unified diff."""
    heads: Heads = ()
    """All heads that were looked at when this was made."""
    sealed: str = ""
    """A digest of the file as it is now."""

    def write(self) -> Path:
        """Write the file, whole or not at all. No post-write hook runs: it is not a new one.

        Raises:
            PlanOutdated: The file has changed, or a database has the revision by now. Nothing was written.
            WriteFailed: It cannot be written.

        """
        path: Path = origin_of(self).write_reparent(self)
        return path

    def __repr__(self) -> str:
        return f"Reparent({short_id(self.revision)}, onto {short_id(self.onto)})"

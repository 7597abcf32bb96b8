"""What exploring a schema answers: drift, blame, what was found, and which revision a database is at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.results.base import Result, frame, origin_of
from workbench.results.databases import Database
from workbench.results.definitions import Delta, dotted
from workbench.text import plural, short_id

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

Verdict = Literal["pending", "no revision for it", "half applied", "changed by hand"]
VERDICTS: tuple[Verdict, ...] = ("changed by hand", "half applied", "no revision for it", "pending")
"""In the order in which they are told."""

SIDES = {"-": "not live", "+": "only live", "~": "otherwise live"}
"""What the sign of a Delta says that leads from a revision's schema to the live one."""


@dataclass(frozen=True, repr=False)
class Difference(Result):
    """One thing that is not the same in the models, in the revisions' own schema, and in the live database."""

    kind: str
    """`table`, `column`, `comment`, `constraint`, `index`, `enum`, `view`, …; see `definitions.ORDER`."""
    schema: str | None
    """None for the default schema."""
    table: str
    name: str
    """Its own name; empty for a table or a view itself."""
    verdict: Verdict
    models: str | None
    """Its definition in the models; None if they have no such thing (or cannot: see `in_models`)."""
    revisions: str | None
    """Its definition in the schema that the revisions make at the database's own heads."""
    live: str | None
    """Its definition in the live database."""
    in_models: bool = True
    """Models can declare such a thing at all. Where not, `models` says nothing."""
    head: str | None = None
    """Where it is pending: its definition once all revisions are applied."""
    revision: str = ""
    """Where it is pending: the first revision, not yet applied, after which it is otherwise. Where it is half
    applied: that revision."""
    database: str = ""

    @property
    def object(self) -> str:
        """`column orders.total`."""
        return f"{self.kind} {dotted(self.schema, self.table, self.name)}"

    def __repr__(self) -> str:
        return f"Difference({self.object}: {self.verdict})"


@dataclass(frozen=True, repr=False)
class Accepted(Result):
    """A difference that is known, with the reason why it may stay."""

    difference: Difference
    reason: str

    def __repr__(self) -> str:
        return f"Accepted({self.difference.object}: {self.reason})"


@dataclass(frozen=True, repr=False)
class Acceptance(Result):
    """A difference that is to be accepted: what the file of accepted ones would say. Nothing is written yet."""

    accepted: Accepted
    path: str
    """Of the file, from the configuration's folder on."""
    text: str
    """All that would stand in it."""
    before: str | None
    """What stands in it now; None if there is no such file."""

    def write(self) -> Path:
        """Write the file; returns its path.

        Raises:
            PlanOutdated: It has changed since.
            DatabaseReadOnly: The Workbench was opened with `read_only=True`.

        """
        path: Path = origin_of(self).write_accepted(self)
        return path

    def __repr__(self) -> str:
        return f"Acceptance({self.accepted.difference.object} in {self.path})"


@dataclass(frozen=True, repr=False)
class Drift(Result):
    """The models, the schema that the revisions make at the database's own heads, and the live database, compared."""

    differences: tuple[Difference, ...]
    """By database, verdict, schema, table and kind."""
    databases: tuple[Database, ...]
    accepted: tuple[Accepted, ...] = ()
    """Differences that the file of accepted ones names, as they stand there."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why; and which accepted differences are no longer there."""
    without_models: tuple[str, ...] = ()
    """The databases that have no models to compare with, by name; `notes` say why."""

    @property
    def is_empty(self) -> bool:
        """All three are the same, but for what is accepted, and for models where there are none."""
        return not self.differences

    @property
    def df(self) -> pd.DataFrame:
        """One row a difference, in order.

        Columns: database, verdict, kind, schema (or None), table, name (str), models, revisions, live (str or None),
        revision (str).
        """
        names = ("database", "verdict", "kind", "schema", "table", "name", "models", "revisions", "live", "revision")
        return frame(
            [{name: getattr(each, name) for name in names} for each in self.differences], dict.fromkeys(names, "object")
        )

    def __repr__(self) -> str:
        return f"Drift({plural(len(self.differences), 'difference')}, {len(self.accepted)} accepted)"


@dataclass(frozen=True, repr=False)
class Stop(Result):
    """One stop of a travel through time: a revision, and what it did to the schema."""

    revision: str
    message: str
    path: str
    """Of its file, from the configuration's folder on."""
    deltas: tuple[Delta, ...]
    """What differs from the schema of its own ancestors."""
    statements: tuple[str, ...] = ()
    """The SQL that ran, in order."""
    renames: tuple[tuple[str, str, str, str], ...] = ()
    """(kind, `schema.table` as it was, name before, name after) of what it renamed."""
    failure: str = ""
    """Why it could not be run on the scratch database; then nothing else is known of it."""

    def __repr__(self) -> str:
        if self.failure:
            return f"Stop({short_id(self.revision)}, failed)"
        return f"Stop({short_id(self.revision)}, {plural(len(self.deltas), 'change')})"


@dataclass(frozen=True, repr=False)
class Touch(Result):
    """One revision that made or changed something."""

    revision: str
    message: str
    path: str
    did: Literal["made", "changed", "renamed", "removed"]
    delta: Delta
    """What it changed."""
    state: str
    """`applied`, `pending` or `unknown`, as in the history."""

    def __repr__(self) -> str:
        return f"Touch({short_id(self.revision)} {self.did} {self.delta.shown})"


@dataclass(frozen=True, repr=False)
class Blame(Result):
    """Which revision made a table or a column, and which have changed it since."""

    table: str
    column: str | None
    touches: tuple[Touch, ...]
    """Oldest first."""
    notes: tuple[str, ...] = ()
    """What the revisions do not explain: made by hand, or before the history begins."""

    @property
    def df(self) -> pd.DataFrame:
        """One row a touch, oldest first. Columns, all str: revision, message, did, kind, name, before, after, state."""
        rows = [
            {"revision": each.revision, "message": each.message, "did": each.did, "kind": each.delta.kind,
             "name": each.delta.shown, "before": each.delta.before or "", "after": each.delta.after or "",
             "state": each.state}
            for each in self.touches
        ]  # fmt: skip
        names = ("revision", "message", "did", "kind", "name", "before", "after", "state")
        return frame(rows, dict.fromkeys(names, "object"))

    def __repr__(self) -> str:
        what = f"{self.table}.{dotted(self.column)}" if self.column else self.table
        return f"Blame({what}, {plural(len(self.touches), 'revision')})"


@dataclass(frozen=True, repr=False)
class Hit(Result):
    """One place where a text was found."""

    kind: str
    """`table`, `column`, `constraint`, `index`, `comment`, `view`, `enum`, …, `revision`, `code`."""
    name: str
    """`schema.table.thing`; of a revision its id."""
    text: str
    """The line or definition that has it."""
    where: str = ""
    """Of a revision: its file and line, `migrations/versions/ab12_x.py:14`."""
    database: str = ""

    def __repr__(self) -> str:
        return f"Hit({self.kind} {self.name})"


@dataclass(frozen=True, repr=False)
class Found(Result):
    """Everything in the live schema and in the revisions that has a text in it."""

    text: str
    hits: tuple[Hit, ...]
    """Names first, then definitions and comments, then revisions."""
    notes: tuple[str, ...] = ()

    @property
    def df(self) -> pd.DataFrame:
        """One row a hit, in order. Columns, all str: database, kind, name, text, where."""
        names = ("database", "kind", "name", "text", "where")
        return frame(
            [{name: getattr(each, name) for name in names} for each in self.hits], dict.fromkeys(names, "object")
        )

    def __repr__(self) -> str:
        return f"Found({self.text!r}, {plural(len(self.hits), 'hit')})"


@dataclass(frozen=True, repr=False)
class Candidate(Result):
    """A revision whose schema was compared with that of a live database."""

    revision: str
    """Its id; `base` for the empty schema."""
    message: str
    deltas: tuple[Delta, ...]
    """What has to change in the revision's schema to make it the live one; empty if they are the same."""

    @property
    def is_exact(self) -> bool:
        """The live schema is exactly that of this revision."""
        return not self.deltas

    def __repr__(self) -> str:
        return f"Candidate({short_id(self.revision)}, {plural(len(self.deltas), 'difference')})"


@dataclass(frozen=True, repr=False)
class Lost(Result):
    """An id in the version table that no file has."""

    revision: str
    places: tuple[tuple[str, str, str], ...]
    """Where git knows a file of it: (branch or tag, commit, path), the nearest first."""
    advice: str
    """What can be done, in a sentence or two."""

    def __repr__(self) -> str:
        return f"Lost({short_id(self.revision)}, {plural(len(self.places), 'place')} in git)"


@dataclass(frozen=True, repr=False)
class Identification(Result):
    """Which revision a database is at, told by its schema and not by its version table."""

    database: Database
    candidates: tuple[Candidate, ...]
    """The nearest first; of several that are equally near the newest."""
    lost: tuple[Lost, ...] = ()
    """The ids in the version table that no file has."""
    notes: tuple[str, ...] = ()

    @property
    def exact(self) -> tuple[str, ...]:
        """The revisions whose schema the live one is; several where revisions change data only."""
        return tuple(each.revision for each in self.candidates if each.is_exact)

    @property
    def df(self) -> pd.DataFrame:
        """One row a candidate, the nearest first. Columns: revision, message (str), differences (Int64)."""
        rows = [
            {"revision": each.revision, "message": each.message, "differences": len(each.deltas)}
            for each in self.candidates
        ]
        return frame(rows, {"revision": "object", "message": "object", "differences": "Int64"})

    def __repr__(self) -> str:
        told = "exactly " + self.exact[0] if self.exact else "nothing exactly"
        return f"Identification({self.database.name} is {told})"

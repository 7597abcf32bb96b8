"""A revision that is not written yet: what was found, what was decided, and the file that would come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result, frame, origin_of
from workbench.results.databases import Database
from workbench.results.effects import Destroyed
from workbench.results.findings import Finding
from workbench.results.plans import Plan
from workbench.results.renames import RenameCandidate
from workbench.results.schema_diff import Change
from workbench.text import short_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


@dataclass(frozen=True, repr=False)
class Choice(Result):
    """One thing that the revision can do or leave, with a tick box before it."""

    key: str
    """What it is called in `Draft.decisions`: `add_column customer.email`, `remove_table legacy_export`."""
    ticked: bool
    changes: tuple[Change, ...]
    database: str = ""
    """The name of the database; a multidb revision has a function for each."""
    lost: Destroyed | None = None
    """The rows that would go with it; None where there are none, or where nobody could count them."""
    why: str = ""
    """Why it is ticked or not, where that was decided on: `you said so`."""
    lines: tuple[tuple[str, int, int], ...] = ()
    """Where it stands in the file: (`upgrade` or `downgrade`, first line, last line)."""

    @property
    def kind(self) -> str:
        """Alembic's word for it: `add_column`, `remove_table`, `alter_column`; `rename_column` for a rename."""
        return self.key.partition(" ")[0]

    @property
    def object(self) -> str:
        """`customer.email`."""
        return self.key.partition(" ")[2]

    def __repr__(self) -> str:
        return f"Choice({'x' if self.ticked else ' '} {self.key})"


@dataclass(frozen=True, repr=False)
class Question(Result):
    """Something that only the author knows."""

    kind: Literal["rename", "fill", "message"]
    key: str
    """Where the answer belongs in `Draft.decisions`: `column customer.nickname`, `add_column customer.email`."""
    text: str
    """The question, in a sentence."""
    options: tuple[tuple[str, str], ...] = ()
    """Pairs of (answer, why): the candidates, the most likely first."""

    def __repr__(self) -> str:
        return f"Question({self.text!r})"


_WORTH_ASKING = 0.3
"""Of a rename how likely it has to be."""
_FILLED = {"set-not-null", "add-required-column", "pg-set-not-null-scan"}
"""The rules that find rows without a value."""


def _why(candidate: RenameCandidate) -> str:
    told = "; ".join(candidate.reasons)
    against = f"; but {'; '.join(candidate.against)}" if candidate.against else ""
    return f"{candidate.score:.0%}: {told}{against}"


@dataclass(frozen=True, repr=False)
class Draft(Result):
    """The file that `write()` would write, and nothing else."""

    revision: str
    """The id it will have."""
    message: str
    down_revisions: tuple[str, ...]
    """What it will follow; empty for a new base."""
    path: str
    """Where it will lie, relative to the folder of the configuration where possible."""
    code: str
    """The file's whole text; empty where a hook of env.py's makes no file of it, as some do of an empty diff."""
    choices: tuple[Choice, ...] = ()
    """What was found, in the order of the file, with what is left out at its place."""
    candidates: tuple[RenameCandidate, ...] = ()
    """What may be a rename of what is gone, the likeliest first; nothing is decided by it."""
    decisions: dict[str, Any] = field(default_factory=dict, compare=False)
    """Everything that was decided, as a plain dict: `wb.revision(message, decisions=…)` makes the same Draft again.

    `renames` ({"column customer.nickname": "display_name"}), `ticks` ({"remove_table legacy": True}; a key may be a
    pattern, "remove_*"), `fills` ({"add_column customer.email": "lower(name) || '@example.org'"}), `rewrites`
    ({"add_index ix_a": True}), `operations` ([{"upgrade": "op.…", "downgrade": "op.…"}]), `code` ({"upgrade": …,
    "downgrade": …}, in place of all the rest), and the options of `alembic revision`: `rev_id`, `head`, `splice`,
    `branch_label`, `depends_on`, `version_path`, `autogenerate`.
    """
    databases: tuple[Database, ...] = ()
    """The databases that the models were compared with."""
    compared: Literal["", "live", "head"] = ""
    """With what: the live databases; or the head, made on a scratch one, where these do not stand at it."""
    created: str = ""
    """When it was made, as Alembic writes it into the file, in ISO format."""
    problem: str = ""
    """Why this code cannot be loaded: a syntax error in what was written by hand."""
    undescriptive: str = ""
    """Why nobody will know from its message what it does; `decide(any_message=True)` overrules it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it does of what was found."""
        return tuple(change for each in self.choices if each.ticked for change in each.changes)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What only the author knows, and is not decided yet: the message, renames, values for rows that are there."""
        if "_questions" not in self.__dict__:
            object.__setattr__(self, "_questions", (*self._naming(), *self._renaming(), *self._filling()))
        told: tuple[Question, ...] = self.__dict__["_questions"]
        return told

    def _naming(self) -> Iterator[Question]:
        if self.undescriptive and not self.decisions.get("any_message"):
            yield Question("message", "message", f"What does it do? {self.undescriptive}")

    def _renaming(self) -> Iterator[Question]:
        decided = self.decisions.get("renames", {})
        known: dict[str, list[RenameCandidate]] = {}
        for each in self.candidates:
            if each.key not in decided and each.score >= _WORTH_ASKING:
                known.setdefault(each.key, []).append(each)
        taken = set(decided.values())
        for key, found in known.items():
            free = [each for each in found if each.come not in taken]
            if free:
                one = f" called {free[0].come} now" if len(free) == 1 else " called something else now"
                options = tuple((each.come, _why(each)) for each in free)
                yield Question("rename", key, f"Is {key}{one}, or is it gone?", options)

    def _filling(self) -> Iterator[Question]:
        for choice in self.choices:
            if not choice.ticked or choice.key in self.decisions.get("fills", {}):
                continue
            told = [each for each in self.findings_of(choice) if each.rule in _FILLED and each.outcome != "advice"]
            found = [each for each in told if each.evidence.verdict != "clean"]
            if found:
                yield Question("fill", choice.key, f"What shall {choice.object} be in the rows that have no value?")

    @property
    def is_empty(self) -> bool:
        """It would do nothing."""
        told = self.decisions
        by_hand = told.get("operations") or told.get("code")
        return not (by_hand or any(each.ticked for each in self.choices))

    @property
    def plan(self) -> Plan:
        """The Plan to upgrade to it from where the database stands, as if it were written: SQL, findings, locks.

        Raises:
            HistoryBroken: Its code cannot be loaded; see `problem`.
            UnsupportedRequest: It belongs to no Workbench, because it was unpickled.

        """
        if "_plan" not in self.__dict__:
            object.__setattr__(self, "_plan", origin_of(self).plan_of(self))
        told: Plan = self.__dict__["_plan"]
        return told

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules and, after `wb.preflight(draft)`, the rows say of it: those of `plan` that are its own."""
        if "_findings" not in self.__dict__:
            told = () if self.problem or not self.code else self.plan.findings
            object.__setattr__(self, "_findings", tuple(each for each in told if each.revision == self.revision))
        found: tuple[Finding, ...] = self.__dict__["_findings"]
        return found

    def findings_of(self, choice: Choice) -> tuple[Finding, ...]:
        """The findings at the lines of a choice."""
        return tuple(
            each
            for each in self.findings
            if each.line and any(first <= each.line <= last for _, first, last in choice.lines)
        )

    def rewrites_of(self, choice: Choice) -> tuple[Finding, ...]:
        """The findings at the lines of a choice that offer a safer way which can be taken into this revision.

        Those first whose code takes the place of the operation; then those that stand around it.
        """
        told = [each for each in self.findings_of(choice) if each.evidence.verdict != "clean"]
        replacing = [each for each in told if each.rewrite is not None and not each.rewrite.around]
        around = [each for each in told if each.rewrite is not None and each.rewrite.around]
        return tuple(each for each in (*replacing, *around) if each.rewrite is not None and not each.rewrite.in_batch)

    @property
    def df(self) -> pd.DataFrame:
        """One row a choice.

        Columns: ticked (bool), key, database (str), code (str), sql (str or None), lost (Int64, rows that would go).
        """
        rows = [
            {
                "ticked": each.ticked,
                "key": each.key,
                "database": each.database,
                "code": "\n".join(change.code for change in each.changes),
                "sql": "\n".join(change.sql for change in each.changes if change.sql) or None,
                "lost": None if each.lost is None else each.lost.rows,
            }
            for each in self.choices
        ]
        text = dict.fromkeys(("key", "database", "code", "sql"), "object")
        return frame(rows, {"ticked": "bool", **text, "lost": "Int64"})

    # -- decisions: each gives another Draft -----------------------------------------------------------------------

    def tick(self, *keys: str) -> Draft:
        """The Draft with these choices in it; a key may be a pattern, as `remove_*`."""
        return self.decide(ticks=dict.fromkeys(keys, True))

    def untick(self, *keys: str) -> Draft:
        """The Draft without these choices."""
        return self.decide(ticks=dict.fromkeys(keys, False))

    def rename(self, thing: str, name: str | None) -> Draft:
        """The Draft with a rename in place of a drop and an add; `None` takes it back.

        Args:
            thing: `column customer.nickname`, `table legacy`, `index ix_a`: by the name that it still has.
            name: The new one; `""` says that it is no rename, and is asked no more.

        """
        return self.decide(renames={thing: name})

    def fill(self, key: str, expression: str | None) -> Draft:
        """The Draft with values for the rows that are there, before a choice that needs them.

        Args:
            key: A choice: `add_column customer.email`.
            expression: SQL, in the words of the database; None takes it back.

        """
        return self.decide(fills={key: expression})

    def rewrite(self, key: str, *, safer: bool = True) -> Draft:
        """The Draft with the safer code that a finding offers in place of a choice; or with the choice again."""
        return self.decide(rewrites={key: safer or None})

    def decide(self, **decisions: Any) -> Draft:
        """The Draft with these decisions besides those that it has; see `decisions` for their names.

        A dict is added to the one that is there, and None in it takes a decision back.

        Raises:
            UnsupportedRequest: There is no such decision.

        """
        draft: Draft = origin_of(self).decide(self, decisions)
        return draft

    def write(self) -> Path:
        """Write the file, never over another one, and run the environment's post-write hooks.

        Raises:
            PlanOutdated: The revision files, the models or the database have moved since. Nothing was written.
            WriteFailed: The folder cannot be written, or a post-write hook failed.
            UnsupportedRequest: There is nothing to write, or its message says nothing.

        """
        path: Path = origin_of(self).write(self)
        return path

    def __repr__(self) -> str:
        follows = ", ".join(short_id(each) for each in self.down_revisions) or "base"
        return f"Draft({short_id(self.revision)}, {self.message!r}, follows {follows})"

"""A revision that is not written yet: what was found, what was decided, and the file that would come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result, frame, origin_of
from workbench.results.choices import Choice, Question
from workbench.results.databases import Database
from workbench.results.definitions import undotted
from workbench.results.findings import Finding
from workbench.results.plans import Plan
from workbench.results.questions import asked
from workbench.results.rehearsals import Rehearsal
from workbench.results.renames import RenameCandidate
from workbench.results.schema_diff import Change
from workbench.text import short_id

if TYPE_CHECKING:
    import pandas as pd

    from workbench.results.backfills import Backfill
    from workbench.results.splits import Split


_ON_ROWS = {"create_unique_constraint", "create_foreign_key", "create_primary_key"}
"""The operations that rows can be in the way of, and that name their columns; a unique index besides."""


def _fill(expression: str | None, *, python: bool, column: str) -> Any:
    if expression is None or not (python or column):
        return expression
    told = {"python" if python else "sql": expression}
    return {"column": column, **told} if column else told


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
    """The file's whole text; empty as long as it is not decided which head it follows, and where a hook of env.py's
    makes no file of it, as some do of an empty diff."""
    choices: tuple[Choice, ...] = ()
    """What was found, in the order of the file, with what is left out at its place."""
    candidates: tuple[RenameCandidate, ...] = ()
    """What may be a rename of what is gone, the likeliest first; nothing is decided by it."""
    decisions: dict[str, Any] = field(default_factory=dict, compare=False)
    """Everything that was decided, as a plain dict: `wb.revision(message, decisions=…)` makes the same Draft again.

    `renames` ({"column customer.nickname": "display_name"}), `ticks` ({"remove_table legacy": True}; a key may be a
    pattern, "remove_*"), `fills` ({"add_column customer.email": "lower(name)"}, or {"python": "name.lower()"} in place
    of the SQL, with the "column" where the key names none), `rewrites` ({"add_index ix_a": True}), `operations`
    ([{"upgrade": "op.…", "downgrade": "op.…"}], with the `imports` that they need), `code` ({"upgrade": …,
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
    """Why this code cannot be run: a syntax error in what was written by hand, or a template without `upgrade()`."""
    heads: tuple[tuple[str, str], ...] = ()
    """The heads that there are, the newest first: pairs of (id, its message and labels)."""
    locations: tuple[str, ...] = ()
    """The folders that revisions lie in, relative to the folder of the configuration where possible."""
    undescriptive: str = ""
    """Why nobody will know from its message what it does; `decide(any_message=True)` overrules it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it does of what was found."""
        return tuple(change for each in self.choices if each.ticked for change in each.changes)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What only the author knows, and is not decided yet: its head, the message, renames, values for rows."""
        if "_questions" not in self.__dict__:
            object.__setattr__(self, "_questions", tuple(asked(self)))
        told: tuple[Question, ...] = self.__dict__["_questions"]
        return told

    @property
    def is_headless(self) -> bool:
        """There are several heads, and it is not decided which it follows, so there is no file yet."""
        return len(self.heads) > 1 and not self.code and self.decisions.get("head") in (None, "head")

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

    @property
    def rehearsal(self) -> Rehearsal | None:
        """What `wb.rehearse(draft)` showed last; None as long as this very Draft was not rehearsed."""
        told: Rehearsal | None = self.__dict__.get("_rehearsal")
        return told

    @property
    def written(self) -> str:
        """The file that `write()` has written, as `path`; empty as long as it was not."""
        told: str = self.__dict__.get("_written", "")
        return told

    def findings_of(self, choice: Choice) -> tuple[Finding, ...]:
        """The findings at the lines of a choice."""
        return tuple(
            each
            for each in self.findings
            if each.line and any(first <= each.line <= last for _, first, last in choice.lines)
        )

    def columns_of(self, choice: Choice) -> tuple[str, ...]:
        """The columns of which rows may be in the way of a choice, so that these could get other values before it."""
        if choice.kind in {"add_column", "alter_column"}:
            return (undotted(choice.object)[-1],)
        found = [
            each.on
            for step in (self.plan.steps if choice.lines and not self.problem else ())
            if step.revision == self.revision
            for each in step.operations
            if (each.kind in _ON_ROWS or each.unique) and not each.on_expressions
            if any(first <= each.line <= last for _, first, last in choice.lines)
        ]
        return found[0] if found and choice.kind in {"add_constraint", "add_fk", "add_index"} else ()

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

    def fill(self, key: str, expression: str | None, *, python: bool = False, column: str = "") -> Draft:
        """The Draft with values for the rows in the way of a choice, before it; in batches where the table is large.

        Args:
            key: A choice: `add_column customer.email`, `alter_column customer.email`, `add_fk customer.fk_country`.
            expression: SQL in the words of the database, or Python in which the columns of the table stand for their
                values; None takes it back.
            python: It is Python: `name.lower()`.
            column: Which one gets the values; needed where the key names none, as of a constraint.

        """
        return self.decide(fills={key: _fill(expression, python=python, column=column)})

    def backfill(self, key: str, expression: str, *, python: bool = False, column: str = "") -> Backfill:
        """Try on the live rows what `fill` would take into the Draft; arguments as there. Nothing is written.

        Raises:
            UnsupportedRequest: There is no such column, no expression, or nothing that the rows have to fulfil.
            WorkbenchError: The database or the models could not be had; the subclass says why.

        """
        told = _fill(expression, python=python, column=column)
        tried: Backfill = origin_of(self).backfill_of(self, key, told)
        return tried

    def rewrite(self, key: str, *, safer: bool = True) -> Draft:
        """The Draft with the safer code that a finding offers in place of a choice; or with the choice again."""
        return self.decide(rewrites={key: safer or None})

    def decide(self, **decisions: Any) -> Draft:
        """The Draft with these decisions besides those that it has; see `decisions` for their names.

        A dict is added to the one that is there; None takes a decision back, or a part of such a dict.

        Raises:
            UnsupportedRequest: There is no such decision.

        """
        draft: Draft = origin_of(self).decide(self, decisions)
        return draft

    def add(self, operation: str, **values: Any) -> Draft:
        """The Draft with an operation at its end, with its way back and on SQLite in a batch where it needs one.

        Args:
            operation: `add_column`, `alter_column`, `rename_column`, `drop_column`, `create_index`, `drop_index`,
                `create_unique_constraint`, `create_check_constraint`, `create_foreign_key`, `drop_constraint`,
                `rename_table`, `drop_table`, `execute`.
            values: What it is about: `table`, `column`, `name`, `type` ("String(40)"), `columns` (a list), …; what is
                missing or unknown is told.

        Raises:
            UnsupportedRequest: There is no such operation, value, table or column; or the code is written by hand.
            WorkbenchError: The database could not be had; the subclass says why.

        """
        draft: Draft = origin_of(self).added(self, operation, values)
        return draft

    def split(self) -> Split:
        """The same in several revisions: unrelated tables apart, and what comes before what goes. Nothing is written.

        Raises:
            UnsupportedRequest: It is written by hand, does not follow one revision, or has several databases.
            WorkbenchError: The models or the database could not be had; the subclass says why.

        """
        told: Split = origin_of(self).split(self)
        return told

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

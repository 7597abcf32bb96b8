"""What is wrong, or may go wrong, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result, frame
from workbench.results.databases import Database
from workbench.results.rewrites import Rewrite

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "info"]
Outcome = Literal["fails", "loses-data", "blocks", "breaks-code", "advice", "unknown", ""]
Verdict = Literal["will fail", "will lose data", "will break code", "clean", "not proven", ""]

ONLY_REHEARSED = "only a rehearsal can tell"
"""Why it is not proven, where no question to the rows would decide it."""


@dataclass(frozen=True, repr=False)
class Evidence(Result):
    """What a Finding rests on."""

    verdict: str = ""
    """Of a question to the data: `will fail`, `will lose data`, `will break code` (it runs through, and what the
    rows hold is wrong for the code), `clean` or `not proven`; else in a few words what
    was seen."""
    count: int | None = None
    """Of how many things or rows it speaks."""
    at_least: bool = False
    """`count` stopped there; there may be more."""
    sample: tuple[tuple[Any, ...], ...] = ()
    """Some of them."""
    sql: str = ""
    """The statement or the question that it was seen with."""
    columns: tuple[str, ...] = ()
    """The names of what is in `sample`; empty where it is not rows of a table."""
    seconds: float | None = None
    """How long the question took; None where none was asked. No static form shows it."""
    why: str = ""
    """Why it is not proven: a time limit, another revision that changes the table first; or where it was asked, if not
    of the live rows."""
    depends_on: str = ""
    """Of what was not asked: the pending revision that changes first what it is about. A rehearsal may ask it."""

    @property
    def df(self) -> pd.DataFrame:
        """The sample as a frame: `columns`, each an object."""
        rows = [dict(zip(self.columns, row)) for row in self.sample]  # noqa: B905 - as long
        return frame(rows, dict.fromkeys(self.columns, "object"))


@dataclass(frozen=True, repr=False)
class Finding(Result):
    """One thing to look at."""

    rule: str
    """The rule's short name: `half-applied`, `invalid-index`."""
    severity: Severity
    outcome: Outcome
    """What it leads to: `fails`, `loses-data`, `blocks` (others wait), `breaks-code` (of the running application),
    `advice`, `unknown`; empty for the state of a database."""
    message: str
    """What was found, in a sentence."""
    remedy: str = ""
    """What to do about it."""
    revision: str = ""
    """The revision that it concerns, if it concerns one."""
    object: str = ""
    """The table, index or constraint, with its schema where it has one."""
    evidence: Evidence = Evidence()
    database: str = ""
    operation: str = ""
    """The operation it is found at, as Alembic names it: `alter_column`."""
    path: str = ""
    """The revision's file, as the Step names it."""
    line: int = 0
    """Of that file; 0 if not known."""
    statement: int = -1
    """The first of the step's statements that it is about, by index; -1 if none."""
    rewrite: Rewrite | None = None
    """A safer way, as code for this very revision and those after it; None where there is none."""

    @property
    def place(self) -> tuple[str, str, str, str, str, int]:
        """What it is about, whatever is known of it: two of one place are one before and after an answer.

        Not `statement`, which is known only after a rehearsal where the SQL could not be had before.
        """
        return self.database, self.revision, self.rule, self.object, self.operation, self.line

    def __repr__(self) -> str:
        return f"Finding({self.rule}, {self.severity}, {self.object or self.revision})"


def with_answers(findings: tuple[Finding, ...], answered: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with those in place of what was not proven that were answered elsewhere; errors first.

    Args:
        findings: Of a Plan.
        answered: At the same places; one without a message is found no more.

    """
    known = {each.place: each for each in answered}
    told = (known.get(each.place, each) if each.evidence.verdict == "not proven" else each for each in findings)
    order = ("error", "warning", "info")
    return tuple(sorted((each for each in told if each.message), key=lambda each: order.index(each.severity)))


def findings_frame(findings: tuple[Finding, ...]) -> pd.DataFrame:
    """One row a finding.

    Columns: database, revision, rule, severity, outcome, object, message, verdict (str), count (Int64, NA where
    nothing was counted), at_least (bool), remedy, path (str), line (Int64, NA if not known).
    """
    names = ("database", "revision", "rule", "severity", "outcome", "object", "message")
    rows = [
        {
            **{name: getattr(each, name) for name in names},
            "verdict": each.evidence.verdict,
            "count": each.evidence.count,
            "at_least": each.evidence.at_least,
            "remedy": each.remedy,
            "path": each.path,
            "line": each.line or None,
        }
        for each in findings
    ]
    text = dict.fromkeys((*names, "verdict"), "object")
    return frame(
        rows,
        {**text, "count": "Int64", "at_least": "bool", "remedy": "object", "path": "object", "line": "Int64"},
    )


@dataclass(frozen=True, repr=False)
class Check(Result):
    """What `wb.check()` found."""

    findings: tuple[Finding, ...]
    """Errors first, then warnings, then notes; among these in the order of the rules."""
    databases: tuple[Database, ...] = ()
    """The databases that were looked at."""
    not_asked: tuple[tuple[str, str], ...] = ()
    """Pairs of (rule, why): what was not looked for, which is neither found nor ruled out."""

    @property
    def ok(self) -> bool:
        """There is no error among the findings."""
        return not any(each.severity == "error" for each in self.findings)

    @property
    def df(self) -> pd.DataFrame:
        """One row a finding. Columns: database, rule, severity, outcome, revision, object, message, remedy (str)."""
        names = ("database", "rule", "severity", "outcome", "revision", "object", "message", "remedy")
        rows = [{name: getattr(each, name) for name in names} for each in self.findings]
        return frame(rows, dict.fromkeys(names, "object"))

    def __repr__(self) -> str:
        counts = Counter(each.severity for each in self.findings)
        return f"Check({', '.join(f'{count} {severity}' for severity, count in counts.items()) or 'nothing found'})"

"""What is wrong, or may go wrong, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result, frame
from workbench.results.databases import Database

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, repr=False)
class Evidence(Result):
    """What a Finding rests on."""

    verdict: str = ""
    """In a few words: what was seen."""
    count: int | None = None
    """Of how many things or rows it speaks."""
    at_least: bool = False
    """`count` stopped there; there may be more."""
    sample: tuple[tuple[Any, ...], ...] = ()
    """Some of them."""
    sql: str = ""
    """The statement or the question that it was seen with."""


@dataclass(frozen=True, repr=False)
class Finding(Result):
    """One thing to look at."""

    rule: str
    """The rule's short name: `half-applied`, `invalid-index`."""
    severity: Severity
    outcome: str
    """What it leads to: `will fail`, `data lost`, `blocks`, or empty."""
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

    def __repr__(self) -> str:
        return f"Finding({self.rule}, {self.severity}, {self.object or self.revision})"


@dataclass(frozen=True, repr=False)
class Check(Result):
    """What `wb.check()` found."""

    findings: tuple[Finding, ...]
    """Errors first, then warnings, then notes; among these in the order of the rules."""
    databases: tuple[Database, ...] = ()
    """The databases that were looked at."""

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

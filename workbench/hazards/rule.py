"""What a rule is, and the list of all of them: each is a function with its page as its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.hazards.question import Question
from workbench.hazards.situation import Situation
from workbench.results.findings import Evidence, Finding, Outcome, Severity
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite

ALL = ("postgresql", "mysql", "mariadb", "sqlite")
MYSQL = ("mysql", "mariadb")
PG = ("postgresql",)
SQLITE = ("sqlite",)


@dataclass(frozen=True)
class Suspicion:
    """A Finding, and the question whose answer decides it."""

    finding: Finding
    question: Question | None = None
    depends_on: str = ""
    """The pending revision that changes what the question reads first: it cannot be asked of the live database."""
    bad: str = ""
    """What the message becomes when there are such rows; `{count}` is how many, as `3 rows` or `at least 10,001`."""
    clean: str = ""
    """What it becomes when there are none; empty: nothing is found then."""
    clean_severity: Severity = "info"
    clean_outcome: Outcome = "advice"
    if_later_fails: str = ""
    """What the message becomes, and it an error, when a later statement of the same step is certain to fail."""
    is_caught: bool = False
    """The revision's own code catches what fails there, and the database lets it go on."""


@dataclass
class StepView:
    """All of one step, for rules that look at more than one operation."""

    revision: str
    direction: str
    operations: tuple[Operation, ...]
    """In order, raw SQL already read; `autocommit` and `autocommit_end` among them."""
    blind: str = ""
    """Why its SQL cannot be had, empty if it can."""
    downgrade: str = ""
    """Of an upgrade: the text of the file's `downgrade()`, for rules that look at it; empty if not known."""
    data: dict[str, Any] = field(default_factory=dict)


OperationRule = Callable[[Operation, Situation], Iterator[Suspicion]]
StepRule = Callable[[StepView, Situation], Iterator[Suspicion]]


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue."""

    name: str
    """Kebab-case: `set-not-null`."""
    number: str
    """Of the catalogue: `L10`."""
    dialects: tuple[str, ...]
    kinds: tuple[str, ...]
    """The kinds of Operation that it looks at; empty for one that looks at whole steps."""
    look: Any
    on_new_tables: bool = False
    """It looks also at tables that a pending revision makes."""
    on_downgrades: bool = False

    @property
    def page(self) -> str:
        """What, why with its source, an example, what to do: Markdown."""
        return inspect.getdoc(self.look) or ""

    @property
    def title(self) -> str:
        """The first line of the page."""
        return self.page.partition("\n")[0]


RULES: dict[str, Rule] = {}
"""By name, in the order of the catalogue once all modules of `workbench.hazards.rules` are imported."""


def rule(
    name: str,
    number: str,
    *,
    dialects: tuple[str, ...] = ALL,
    on: tuple[str, ...],
    on_new_tables: bool = False,
    on_downgrades: bool = False,
) -> Callable[[OperationRule], OperationRule]:
    """Make a function the rule of that name, asked for each operation of the kinds `on`."""

    def register(look: OperationRule) -> OperationRule:
        RULES[name] = Rule(name, number, dialects, on, look, on_new_tables, on_downgrades)
        return look

    return register


def step_rule(
    name: str, number: str, *, dialects: tuple[str, ...] = ALL, on_downgrades: bool = False
) -> Callable[[StepRule], StepRule]:
    """Make a function the rule of that name, asked once for each step."""

    def register(look: StepRule) -> StepRule:
        RULES[name] = Rule(name, number, dialects, (), look, on_downgrades=on_downgrades)
        return look

    return register


def found(
    rule: str,
    op: Operation,
    severity: Severity,
    outcome: Outcome,
    message: str,
    remedy: str = "",
    *,
    rewrite: Rewrite | None = None,
    object: str = "",  # noqa: A002 - the field's own name
    evidence: Evidence | None = None,
) -> Suspicion:
    """A Finding at one operation that no question decides. Where it is (revision, file, database) is added later."""
    return Suspicion(
        Finding(
            rule=rule,
            severity=severity,
            outcome=outcome,
            message=message,
            remedy=remedy,
            object=object or op.qualified,
            evidence=evidence or Evidence(),
            operation=op.kind,
            line=op.line,
            statement=op.first,
            rewrite=rewrite if rewrite is None or rewrite.operation >= 0 else replace(rewrite, operation=op.at),
        )
    )


def by_size(now: Situation, schema: str, table: str) -> Severity:
    """The severity of a lock or a rewrite: an error on a large table, nothing to worry about on a small one."""
    size = now.size(schema, table)
    return "error" if size == "large" else "info" if size in {"empty", "small"} else "warning"


def asking(
    suspicion: Suspicion,
    question: Question | None,
    now: Situation,
    *,
    bad: str,
    clean: str = "",
    clean_severity: Severity = "info",
    clean_outcome: Outcome = "advice",
    columns: tuple[str, ...] = (),
) -> Suspicion:
    """The same, decided by a question.

    Without a database, or where an earlier pending revision changes what is asked about, its verdict is
    `not proven`, and its outcome `unknown`.

    Args:
        suspicion: As `found` gives it, with the outcome that bad rows have.
        question: None where there is no live table to ask.
        now: The situation.
        bad: See `Suspicion`.
        clean: See `Suspicion`.
        clean_severity: What its severity becomes when it is clean: 'warning' where it is a hazard all the same.
        clean_outcome: What its outcome becomes then.
        columns: Those that the question is about.

    """
    depends = ""
    if question is not None:
        depends = next((by for each in question.tables if (by := now.changed_by(*each, columns))), "")
    return replace(
        suspicion,
        question=question,
        depends_on=depends,
        bad=bad,
        clean=clean,
        clean_severity=clean_severity,
        clean_outcome=clean_outcome,
    )

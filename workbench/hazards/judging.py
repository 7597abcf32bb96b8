"""Goes through the steps of a Plan with all rules, and makes of their suspicions, once answered, the Findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from workbench.hazards import rules as _rules  # noqa: F401 - importing it registers them
from workbench.hazards.question import Question
from workbench.hazards.reading import copies, places, read
from workbench.hazards.rule import RULES, Rule, StepView, Suspicion, found
from workbench.hazards.situation import Situation
from workbench.results import Step
from workbench.results.findings import Evidence, Finding
from workbench.results.operations import Operation
from workbench.results.rewrites import Rewrite
from workbench.text import plural

_SAID_ONCE = {"missing-lock-timeout"}
RULE_FAILED = "rule-failed"
"""The rule of a finding that says that a rule itself has failed."""
REHEARSE = "wb.rehearse(plan)"
_ORDER = ("error", "warning", "info")
_VERBS = {"have": "has", "are": "is", "do": "does", "lead": "leads", "lose": "loses", "go": "goes"}
_ONE = re.compile(rf"\b(1 (?:row|group)(?: of [^ ]+)?) ({'|'.join(_VERBS)})\b")
_OUTCOMES = {"will fail": "fails", "will lose data": "loses-data", "will break code": "breaks-code"}


def suspicions(
    steps: Iterable[Step],
    now: Situation,
    *,
    downgrades: Mapping[str, str] | None = None,
    caught: Mapping[str, frozenset[int]] | None = None,
) -> list[Suspicion]:
    """What the rules suspect in these steps of one database, in the order of the steps and of their operations.

    Args:
        steps: Of one database, in order.
        now: That database; it is moved through the steps.
        downgrades: By revision the text of its `downgrade()`.
        caught: By revision the lines of its file where an error is caught. On PostgreSQL that helps nothing: there
            the transaction is over.

    """
    by_kind = _by_kind(now.dialect)
    of_steps = [each for each in RULES.values() if not each.kinds and now.dialect in each.dialects]
    found: list[Suspicion] = []
    for step in steps:
        if step.direction == "stamp" or not step.path:
            continue
        now.begin(step.revision, step.direction, step.path)
        operations = now.operations = places.placed(_read(step.operations, now.dialect, now), now)
        whole = StepView(
            step.revision, step.direction, operations, step.why_not or "", (downgrades or {}).get(step.revision, "")
        )
        here: list[Suspicion] = []
        for each in of_steps:
            if step.direction != "downgrade" or each.on_downgrades:
                here += _looked(each, whole, now)
        for op in operations:
            for each in by_kind.get(op.kind, ()):
                if _applies(each, op, step, now):
                    here += _looked(each, op, now)
            now.after(op)
        lines = (caught or {}).get(step.revision, frozenset()) if now.dialect != "postgresql" else frozenset()
        found += [_placed(each, step, lines) for each in here]
    return _once(found)


def _once(found: list[Suspicion]) -> list[Suspicion]:
    """Without what need not be said at each step again."""
    said: set[str] = set()
    kept = []
    for each in found:
        if each.finding.rule not in _SAID_ONCE or each.finding.rule not in said:
            kept.append(each)
        said.add(each.finding.rule)
    return kept


def _looked(rule: Rule, at: Operation | StepView, now: Situation) -> list[Suspicion]:
    """What a rule suspects; where it fails itself, that, since a Plan is worth having without it."""
    try:
        return list(rule.look(at, now))
    except Exception as error:  # noqa: BLE001 - whatever a rule did not think of
        op = at if isinstance(at, Operation) else next(iter(at.operations), Operation("sql"))
        told = f"The rule {rule.name} could not look at {op.qualified or now.revision}: {type(error).__name__}: {error}"
        remedy = "It is a mistake of the workbench's own; everything else was looked at."
        return [found(RULE_FAILED, op, "warning", "unknown", told, remedy)]


def findings(suspected: Iterable[Suspicion], answers: Mapping[Question, Evidence]) -> tuple[Finding, ...]:
    """The Findings in their fixed order: errors first, then by step and operation.

    Args:
        suspected: As `suspicions` gives them.
        answers: What is known of their questions; one that is not among them was not asked.

    """
    told = [(each, finding) for each in suspected if (finding := _decided(each, answers)) is not None]
    refused = {_place(finding) for each, finding in told if each.is_caught and finding.outcome == "fails"}
    told = [(each, _caught(finding) if _place(finding) in refused else finding) for each, finding in told]
    failing = [each for _, each in told if each.outcome == "fails"]
    return _offered_once(in_order(_worse(each, finding, failing) for each, finding in told))


def _offered_once(told: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Without the rewrite of a finding where a worse one of the same operation offers it already."""
    offered: set[tuple[str, str, Rewrite]] = set()
    kept = []
    for each in told:
        key = None if each.rewrite is None else (each.database, each.revision, each.rewrite)
        kept.append(replace(each, rewrite=None) if key in offered else each)
        if key is not None:
            offered.add(key)
    return tuple(kept)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, errors first; among these as they come, which is in the order of databases, steps and operations."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: _ORDER.index(each.severity)))


def operations_of(step: Step, dialect: str) -> tuple[Operation, ...]:
    """The operations of a step, raw SQL read."""
    return _read(step.operations, dialect)


def functions_in(steps: Iterable[Step]) -> tuple[str, ...]:
    """The names of functions in defaults of added columns, sorted: whether they are volatile has to be asked."""
    found: set[str] = set()
    for step in steps:
        for op in step.operations:
            if op.kind == "add_column" and op.column is not None and op.column.default:
                found.update(each.lower() for each in re.findall(r"(\w+)\s*\(", op.column.default))
    return tuple(sorted(found))


def _decided(each: Suspicion, answers: Mapping[Question, Evidence]) -> Finding | None:
    finding, question = each.finding, each.question
    if question is None:
        if each.bad:  # there is a question, and nobody who could be asked
            return replace(finding, outcome="unknown", evidence=_not_asked(each))
        return finding
    answer = answers.get(question) or _not_asked(each)
    if answer.verdict == "clean":
        return clean(each, answer)
    outcome = _OUTCOMES.get(answer.verdict)
    if outcome is not None:
        message = each.bad.replace("{count}", _count(answer, question))
        if answer.count == 1:
            message = _ONE.sub(lambda told: f"{told[1]} {_VERBS[told[2]]}", message)
        return replace(finding, severity="error", outcome=outcome, message=message, evidence=answer)  # type: ignore[arg-type]
    return replace(finding, outcome="unknown", evidence=answer)


def clean(each: Suspicion, answer: Evidence) -> Finding | None:
    """The Finding where no row is in the way; None where nothing is found then.

    What was to be done about such rows need not be done. What is a hazard all the same keeps its remedy.
    """
    if not each.clean:
        return None
    told = replace(
        each.finding, severity=each.clean_severity, outcome=each.clean_outcome, message=each.clean, evidence=answer
    )
    return replace(told, remedy="", rewrite=None) if each.clean_outcome == "advice" else told


def _not_asked(each: Suspicion) -> Evidence:
    """Why there is no answer yet. What could be asked of the live rows has its question with it."""
    if not each.depends_on:
        if each.question is None:
            return Evidence("not proven", why="no database was asked")
        return Evidence("not proven", sql=each.question.bad, columns=each.question.columns, why="it was not asked")
    if each.depends_on == each.finding.revision:
        why = f"it is not so in the live database yet; {REHEARSE} runs it on a copy"
    else:
        why = f"revision {each.depends_on} changes it first; {REHEARSE} asks it on a copy"
    return Evidence("not proven", why=why, depends_on=each.depends_on)


def _place(finding: Finding) -> tuple[str, str, int]:
    return finding.database, finding.revision, finding.line


def _caught(finding: Finding) -> Finding:
    """The Finding, where the statement is refused, and the revision goes on without it."""
    if finding.outcome not in {"fails", "loses-data"}:
        return finding
    message = f"{finding.message} The database refuses it; the revision catches that, and goes on."
    return replace(finding, severity="warning", outcome="unknown", message=message)


def _worse(each: Suspicion, finding: Finding, failing: Iterable[Finding]) -> Finding:
    """The Finding, as it is when something after it in the same step fails."""
    at = finding.revision, finding.database
    if each.if_later_fails and any(
        (one.revision, one.database) == at and one.statement > finding.statement for one in failing
    ):
        return replace(finding, severity="error", message=each.if_later_fails)
    return finding


def _count(answer: Evidence, question: Question) -> str:
    thing = "group" if question.groups else "row"
    if answer.count is None:
        return f"some {thing}s"
    told = plural(answer.count, thing)
    return f"at least {told}" if answer.at_least else told


def _applies(rule: Rule, op: Operation, step: Step, now: Situation) -> bool:
    if step.direction == "downgrade" and not rule.on_downgrades:
        return False
    return rule.on_new_tables or not now.is_new(op.schema, op.table)


def _placed(each: Suspicion, step: Step, caught: frozenset[int]) -> Suspicion:
    finding = replace(each.finding, revision=step.revision, database=step.database, path=step.path)
    return replace(each, finding=finding, is_caught=finding.line in caught)


def _by_kind(dialect: str) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for each in RULES.values():
        if dialect in each.dialects:
            for kind in each.kinds:
                found.setdefault(kind, []).append(each)
    return found


def _read(operations: Iterable[Operation], dialect: str, now: Situation | None = None) -> tuple[Operation, ...]:
    return copies.folded(_each_read(operations, dialect), now)


def _each_read(operations: Iterable[Operation], dialect: str) -> Iterator[Operation]:
    for op in operations:
        if op.kind == "sql" and op.sql:
            yield from read(op, dialect)
        else:
            yield op

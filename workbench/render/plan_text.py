"""A Plan as text: what it does in a sentence, then each step with its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.render import check_text, hazard_words, words
from workbench.results.databases import Database
from workbench.results.findings import Finding
from workbench.results.history import Revision
from workbench.results.plans import Plan, Step
from workbench.text import one_line, plural, visible


def plan_text(plan: Plan) -> str:
    """The title, then the steps of each database; with several, each by its name."""
    parts = [words.plan_title(plan)]
    if plan.destroys:
        parts[0] += f"\n⚠ {words.destroys(plan)}"
    hazards = hazard_words.hazards(plan.findings)
    parts[0] += f"\n⚠ {hazards}" if hazards else ""
    parts[0] += "".join(f"\n● {each}" for each in hazard_words.locks(plan, long=True))
    parts[0] += "".join(f"\n⚠ {each}" for each in hazard_words.held_up(plan))
    parts[0] += f"\n● {hazard_words.unasked(plan)}" if hazard_words.unasked(plan) else ""
    at, elsewhere = hazard_words.by_step(plan)
    parts += check_text.findings_text(elsewhere, several=len(plan.databases) > 1)
    shown = words.allotted(len(step.statements or ()) for step in plan.steps)
    for database, steps in words.sections(plan):
        if len(plan.databases) > 1:
            parts.append("=== " + words.section_title(plan, database, [step for _, step in steps]))
        parts += [
            "\n".join(_step(place + 1, step, shown[index], at.get(index, ())))
            for place, (index, step) in enumerate(steps)
            if index < words.STEPS_SHOWN
        ]
    if len(plan.steps) > words.STEPS_SHOWN:
        parts.append(f"… {plural(len(plan.steps) - words.STEPS_SHOWN, 'more step')} not shown")
    if plan.offline and not plan.is_empty:
        parts.append("SQL of a range, to read or to carry away: it is not bound to a database and cannot be applied.")
    return "\n\n".join(parts)


def step_text(step: Step) -> str:
    """One step with its SQL."""
    return "\n".join(_step(1, step, words.STATEMENTS_SHOWN))


def statement_lines(statement: str, indent: str) -> Iterator[str]:
    """A statement, indented; what is cut from a very long one is counted."""
    told, rest = words.cut(statement.strip("\n"))
    for line in visible(told).split("\n"):
        yield f"{indent}{line}".rstrip()
    if rest:
        yield f"{indent}… {plural(rest, 'more character')} not shown"


def database_text(database: Database) -> str:
    """Which database, and where it stands."""
    return f"{one_line(database.place)} at {words.heads(database.heads)}, {one_line(database.url)}"


def revision_text(revision: Revision) -> str:
    """One revision on a line."""
    state = "broken" if revision.fault else revision.state
    told = f"{one_line(revision.revision)}  {one_line(revision.message)}  {state}  {one_line(revision.path)}"
    return told + (f"\n  {one_line(revision.fault)}" if revision.fault else "")


def _step(number: int, step: Step, shown: int, findings: Sequence[Finding] = ()) -> Iterator[str]:
    told = f"{number}  {words.step_id(step.revision)}  {words.step_name(step)}: {words.step_amount(step)}"
    yield told + (f"  ({one_line(step.path)})" if step.path else "")
    if step.statements is None:
        yield f"     {words.why_not(step)}"
    for each in check_text.findings_text([each for each in findings if each.severity != "info"]):
        yield from (f"     {line}".rstrip() for line in each.split("\n"))
    minor = list(dict.fromkeys(one_line(each.rule) for each in findings if each.severity == "info"))
    if minor:
        yield f"     ● for information: {', '.join(minor)}"
    statements = step.statements or ()
    for statement in statements[:shown]:
        yield from statement_lines(statement, "     ")
    if len(statements) > shown:
        yield f"     … {plural(len(statements) - shown, 'more statement')} not shown"

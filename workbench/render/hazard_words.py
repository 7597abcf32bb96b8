"""What the text and the HTML form both say of the findings and locks of a Plan."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable

from workbench.results.findings import Finding
from workbench.results.plans import Plan
from workbench.text import one_line, plural

ASK = "wb.preflight(plan)"
REHEARSE = "wb.rehearse(plan)"
_LOCKS_SHOWN = 5
_OUTCOMES = {
    "fails": ("will fail", "will fail"),
    "loses-data": ("loses data", "lose data"),
    "blocks": ("blocks others", "block others"),
    "breaks-code": ("breaks running code", "break running code"),
    "unknown": ("not known yet", "not known yet"),
}


def hazards(findings: Iterable[Finding]) -> str:
    """`1 will fail, 2 block others`: what a Plan's errors and warnings come to; empty if there are none."""
    counts = Counter[str](each.outcome for each in findings if each.severity != "info")
    return ", ".join(f"{counts[name]} {told[counts[name] != 1]}" for name, told in _OUTCOMES.items() if counts[name])


def locks(plan: Plan, *, long: bool = False) -> tuple[str, ...]:
    """What blocks others, a sentence each; empty where nothing does, or nobody looked.

    Args:
        plan: The Plan.
        long: Only what takes longer than a moment, or may.

    """
    found = [each for each in plan.locks if not long or each.duration != "small"]
    told: str = importlib.import_module("workbench.hazards.locks").summary(found) if found else ""
    lines = [one_line(each) for each in told.split("\n") if each]
    return (*lines[:_LOCKS_SHOWN], *([f"{len(lines) - _LOCKS_SHOWN} more."] if len(lines) > _LOCKS_SHOWN else []))


def held_up(plan: Plan, *, live: bool = False) -> tuple[str, ...]:
    """Who would hold up what the Plan locks, a sentence each, as `wb.preflight()` saw it.

    `live`: with the numbers of sessions and how long their transactions are open, which no static form may have.
    """
    if not any(each.blockers or each.unseen for each in plan.locks):
        return ()
    lines: tuple[str, ...] = importlib.import_module("workbench.hazards.locks").held_up(plan.locks, live=live)
    told = [one_line(each) for each in lines]
    more = [f"{plural(len(told) - _LOCKS_SHOWN, 'more')}."] if len(told) > _LOCKS_SHOWN else []
    return (*told[:_LOCKS_SHOWN], *more)


def by_step(plan: Plan) -> tuple[dict[int, tuple[Finding, ...]], tuple[Finding, ...]]:
    """The findings at each step, by its index in the Plan; and those that belong to none."""
    places = {(step.database, step.revision): index for index, step in enumerate(plan.steps)}
    at: dict[int, tuple[Finding, ...]] = {}
    elsewhere = []
    for each in plan.findings:
        index = places.get((each.database, each.revision)) if each.operation or each.path else None
        if index is None:
            elsewhere.append(each)
        else:
            at[index] = (*at.get(index, ()), each)
    return at, tuple(elsewhere)


def unasked(plan: Plan, *, live: bool = False) -> str:
    """How what is not known yet can be asked: of the live rows, and of a copy; empty if there is nothing to ask.

    `live`: there are buttons for that, so that only what they do not say is said.
    """
    if unlooked(plan):
        return "Only the operations were looked at, not the database." + ("" if live else f" {ASK} looks at it, too.")
    copies = for_copies(plan)
    if live:
        return copies and f"{copies}."
    waiting = [each for each in plan.findings if each.evidence.verdict == "not proven" and each.evidence.sql]
    told = [f"{ASK} asks the rows what only they can decide."] if waiting and plan.answered is None else []
    return " ".join([*told, *([f"{copies}: {REHEARSE}."] if copies else [])])


def for_copies(plan: Plan) -> str:
    """How many questions can only be put to a copy, without a full stop; empty if there are none."""
    count = sum(each.evidence.depends_on not in {"", each.revision} for each in plan.findings)
    if not count:
        return ""
    are = "is about what" if count == 1 else "are about what"
    return f"{plural(count, 'question')} {are} earlier steps change first, so only a rehearsal can ask"


def unlooked(plan: Plan) -> bool:
    """The live database was not looked at, for whatever reason: the Workbench is closed, or busy, or it is gone."""
    if plan.is_empty or plan.offline or plan.direction == "stamp" or plan.answered is not None:
        return False
    _ = plan.findings
    return hasattr(plan.__dict__.get("_origin"), "suspected") and "_suspected" not in plan.__dict__


def verdict(finding: Finding) -> str:
    """`not proven: no answer within 2 s`, `clean`; empty for a finding that no question decides."""
    told = one_line(finding.evidence.verdict) if finding.operation else ""
    return f"{told}: {one_line(finding.evidence.why)}" if told and finding.evidence.why else told

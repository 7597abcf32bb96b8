"""A Plan as HTML: the page of a saved notebook, and the same page with places for what a live view adds."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.render import check_html, hazard_words, page, words
from workbench.results.findings import Finding
from workbench.results.plans import Plan, Step
from workbench.text import plural

FEW = 6
"""With no more statements than this in the whole Plan, each step is open from the start."""


def plan_html(plan: Plan, *, live: bool = False) -> str:
    """The whole page. `live` adds empty elements with `data-live`, which a saved page does not need."""
    kind: page.Kind | None = "good" if plan.is_empty else None
    return page.page(words.plan_title(plan), plan_body(plan, live=live), kind=kind)


def plan_body(plan: Plan, *, live: bool = False) -> str:
    """Everything below the title."""
    few = sum(len(step.statements or ()) for step in plan.steps) <= FEW
    shown = words.allotted(len(step.statements or ()) for step in plan.steps)
    parts = [page.note("warn", words.destroys(plan))] if plan.destroys else []
    hazards, unasked = hazard_words.hazards(plan.findings), hazard_words.unasked(plan, live=live)
    if hazards:
        certain = any(each.outcome in {"fails", "loses-data"} and each.severity == "error" for each in plan.findings)
        parts.append(page.note("bad" if certain else "warn", hazards))
    locks = hazard_words.locks(plan)
    if locks:
        parts.append(page.details(page.muted("What it locks"), page.listed(locks), key="locks" if live else None))
    parts += [page.note("warn", each) for each in hazard_words.held_up(plan, live=live)]
    parts.append(page.note("info", unasked) if unasked else "")
    at, elsewhere = hazard_words.by_step(plan)
    parts.append(check_html.findings_html(elsewhere, several=len(plan.databases) > 1))
    for database, steps in words.sections(plan):
        if len(plan.databases) > 1:
            parts.append(page.section(words.section_title(plan, database, [step for _, step in steps])))
        parts += [
            _step(place + 1, step, shown[index], at.get(index, ()), key=str(index) if live else None, is_open=few)
            for place, (index, step) in enumerate(steps)
            if index < words.STEPS_SHOWN
        ]
    parts.append(page.hidden(len(plan.steps) - words.STEPS_SHOWN, "step"))
    if plan.offline and not plan.is_empty:
        told = "SQL of a range, to read or to carry away: it is not bound to a database and cannot be applied."
        parts.append(page.note("info", told))
    return "".join(parts)


def step_html(step: Step) -> str:
    """One step with its SQL."""
    return page.page(
        f"{words.DOES[step.direction]} {words.step_id(step.revision)}",
        _step(1, step, words.STATEMENTS_SHOWN, is_open=True),
    )


def statements_html(statements: Sequence[str], shown: int) -> str:
    """Statements one below the other, the first `shown` of them; the others are counted."""
    told = []
    for statement in statements[:shown]:
        text, more = words.cut(statement.strip("\n"))
        rest = page.muted(f"\n… {plural(more, 'more character')} not shown") if more else ""
        # The line's end inside the block adds no height, and keeps statements apart where styles are taken out.
        told.append(page.element("span", f"{page.sql_code(text)}{rest}\n", "display:block;margin-bottom:5px"))
    body = page.pre("".join(told), "white-space:pre-wrap;padding-bottom:1px") if told else ""
    return body + page.hidden(len(statements) - shown, "statement")


def _step(
    number: int,
    step: Step,
    shown: int,
    findings: Sequence[Finding] = (),
    *,
    key: str | None = None,
    is_open: bool = False,
) -> str:
    line = (
        page.muted(f"{number}.")
        + "&#160; "
        + page.revision(step.revision or "base")
        + f"&#160; <b>{page.escape(words.step_name(step))}</b>&#160; "
        + _amount(step)
    )
    if grave_words := hazard_words.hazards(findings):
        kind: page.Kind = "bad" if any(each.severity == "error" for each in findings) else "warn"
        line += "&#160; " + page.badge(kind, grave_words)
    if key is not None:
        line += page.element("span", "", "margin-left:10px", data_live=f"step-{key}")
    body = page.paragraph(page.muted(step.path)) if step.path else ""
    if step.statements is None:
        body += page.note("warn", words.why_not(step))
    grave = [each for each in findings if each.severity != "info"]
    body += check_html.findings_html(grave)
    minor = [each for each in findings if each.severity == "info"]
    if minor:
        told = page.muted(f"{len(minor)} for information")
        body += page.details(told, check_html.findings_html(minor), key=None if key is None else f"info {key}")
    body += statements_html(step.statements or (), shown)
    return page.details(
        line,
        page.element("div", body, "margin:0 0 8px 16px"),
        is_open=step.statements is None
        or (is_open and bool(step.statements))
        or any(each.severity == "error" for each in findings),
        key=None if key is None else f"step {key}",
    )


def _amount(step: Step) -> str:
    if step.statements is None:
        return page.badge("warn", words.step_amount(step))
    return page.muted(words.step_amount(step), "white-space:nowrap")

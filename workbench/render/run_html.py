"""A Run as HTML: the record. Seconds stand only in the live view, since a saved notebook must not differ each time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from workbench.errors import Cancelled
from workbench.render import page, run_words, words
from workbench.render.check_html import findings_html
from workbench.render.error_html import kind_in_words, told_html
from workbench.render.plan_html import statements_html
from workbench.render.run_text import rows_told, statements_of
from workbench.results.base import Result
from workbench.results.plans import Executed, Run, StepRun
from workbench.text import duration, plural

_BADGES: dict[str, page.Kind] = {
    "done": "good",
    "failed": "bad",
    "rolled back": "warn",
    "not recorded": "bad",
    "not run": "todo",
    "stopped": "warn",
}


def run_html(run: Run, *, seconds: bool = False) -> str:
    """The whole page; `seconds` adds how long things took."""
    standing = run_words.run_standing(run)
    body = page.paragraph(page.escape(standing)) if standing else ""
    body += _error(run)
    body += findings_html(run.findings, several=len(run.databases) > 1)
    body += _steps(run, seconds=seconds)
    return page.page(run_words.run_title(run), body, kind="good" if run.ok else "warn" if run.cancelled else "bad")


def fields_html(result: Result) -> str:
    """A small result as a table of its fields, without its times."""
    rows = [
        (page.muted(field.name.replace("_", " ")), page.code(_value(getattr(result, field.name))))
        for field in dataclasses.fields(result)
        if field.name != "seconds"
    ]
    return page.page(type(result).__name__, page.table((), rows, wrap=(1,)))


def _error(run: Run) -> str:
    if run.error is None or isinstance(run.error, Cancelled):
        return ""
    message = "<br>".join(page.escape(run.error.message).split("\n"))
    head = page.paragraph(page.badge("bad", kind_in_words(run.error)) + "&#160; " + message)
    style = f"border-left:3px solid {page.TOKENS['bad']};padding:2px 0 2px 10px;margin:6px 0"
    return page.element("div", head + told_html(run.error), style)


def _steps(run: Run, *, seconds: bool) -> str:
    ran = statements_of(run)
    shown = words.allotted(len(ran.get((step.database, step.revision), ())) for step in run.steps)
    parts = []
    for title, steps in run_words.run_sections(run):
        parts.append(page.section(title) if title else "")
        parts += [
            _step(run, i, step, ran.get((step.database, step.revision), ()), shown[i], seconds=seconds)
            for i, step in steps
            if i < words.STEPS_SHOWN
        ]
    parts.append(page.hidden(len(run.steps) - words.STEPS_SHOWN, "step"))
    return "".join(parts)


def _step(run: Run, index: int, step: StepRun, executed: Sequence[Executed], shown: int, *, seconds: bool) -> str:
    outcome = run_words.outcome(run, step)
    line = f"{page.badge(_BADGES[outcome], outcome)}&#160; {page.revision(step.revision or 'base')}&#160; "
    line += f"<b>{page.escape(step.message)}</b>&#160; "
    if not executed:
        told = page.muted("no statements") if step.outcome == "done" else ""
        return page.element("div", line + told, "padding:2px 0 2px 16px")
    told = plural(len(executed), "statement")
    if seconds and step.seconds is not None:
        told += f", {duration(step.seconds)}"
    body = statements_html([each.sql.rstrip() + _note(each, seconds=seconds) for each in executed], shown)
    return page.details(
        line + page.muted(told, "white-space:nowrap"),
        page.element("div", body, "margin:0 0 8px 16px"),
        is_open=step.outcome == "failed",
        key=f"step {index}",
    )


def _note(executed: Executed, *, seconds: bool) -> str:
    rows = rows_told(executed.rows).removeprefix("  -- ")
    told = ", ".join(part for part in (rows, duration(executed.seconds) if seconds else "") if part)
    return f"  -- {told}" if told else ""


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)

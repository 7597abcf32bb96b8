"""A tried backfill as HTML: how many rows are left in the way, the worst of them, and the lines for the revision."""

from __future__ import annotations

from workbench.render import page
from workbench.results.backfills import Backfill, Filled
from workbench.text import one_line, shorten

WIDTH = 60
"""Characters of a value that are shown."""


def backfill_html(told: Backfill) -> str:
    """The whole page."""
    return page.page(one_line(told.shown), backfill_rows(told) + backfill_code(told), kind=kind(told))


def kind(told: Backfill) -> page.Kind:
    """Whether it can be taken."""
    return "bad" if told.problem else "warn" if told.left else "good"


def backfill_rows(told: Backfill) -> str:
    """The worst rows: key, old value, new value, and what is wrong with it."""
    if not told.rows:
        return ""
    rows = [_row(each) for each in told.rows]
    at = len(told.keys)
    headers = (*map(one_line, told.keys), "now", "then", "")
    table = page.table(headers, rows, wrap=(at, at + 1, at + 2))
    return table + page.hidden(told.wrong - len(told.rows), "row")


def backfill_code(told: Backfill) -> str:
    """The lines, folded, and why they are as they are."""
    if not told.upgrade:
        return page.paragraph(page.muted(one_line(told.why))) if told.why else ""
    body = page.pre(page.python_code("\n".join(told.upgrade)))
    return page.details(page.muted(one_line(told.why or "its code")), body)


def _row(each: Filled) -> tuple[str, ...]:
    problem = page.badge("bad", one_line(each.problem)) if each.problem else ""
    return (*(page.escape(one_line(str(key))) for key in each.key), _value(each.old), _value(each.new), problem)


def _value(value: object) -> str:
    return page.muted("NULL") if value is None else page.code(shorten(repr(value), WIDTH))

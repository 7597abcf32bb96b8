"""A Rehearsal as static HTML: the sentence, what was lost side by side, and what was executed, pass by pass."""

from __future__ import annotations

from workbench.render import page, rehearsal_words, words
from workbench.render.diff_html import diff_body
from workbench.render.error_html import kind_in_words, told_html
from workbench.render.plan_html import statements_html
from workbench.results.plans import Executed
from workbench.results.rehearsals import Rehearsal


def rehearsal_html(rehearsal: Rehearsal) -> str:
    """The whole page."""
    body = rehearsal_body(rehearsal)
    return page.page(rehearsal_words.title(rehearsal), body, kind=rehearsal_words.kind(rehearsal))


def rehearsal_body(rehearsal: Rehearsal, *, beside: bool = False) -> str:
    """Everything below the title. `beside` the Plan, which shows the SQL itself, only what failed is open."""
    body = _error(rehearsal) + _lost(rehearsal) + _rows(rehearsal) + _remaining(rehearsal, beside=beside)
    if rehearsal.notes:
        body += _heading("To know:") + page.listed(rehearsal.notes)
    for number, done in enumerate(rehearsal.passes):
        body += _pass(rehearsal, number, is_open=not done.ok or (number == 0 and not beside))
    return body + _more(rehearsal_words.rest(rehearsal))


def rehearsal_note(rehearsal: Rehearsal) -> str:
    """The sentence, with a sign, and below it what it rests on: open from the start where something is amiss."""
    kind = rehearsal_words.kind(rehearsal)
    sign = page.element("span", f"{page.ICONS[kind]}&#160;", f"color:{page.TOKENS[kind]}")
    line = sign + page.element("b", page.escape(rehearsal_words.title(rehearsal)))
    body = page.element("div", rehearsal_body(rehearsal, beside=True), "margin:2px 0 8px 16px")
    told = page.details(line, body, is_open=kind != "good", key="rehearsal")
    return page.element(
        "div", told, f"margin:6px 0;padding:0 0 0 10px;border-left:3px solid {page.TOKENS[kind]}", class_="wb-rehearsal"
    )


def _heading(words_: str) -> str:
    return page.paragraph(page.element("b", page.escape(words_)))


def _error(rehearsal: Rehearsal) -> str:
    if rehearsal.error is None:
        return ""
    message = "<br>".join(page.escape(rehearsal.error.message).split("\n"))
    head = page.paragraph(page.badge("bad", kind_in_words(rehearsal.error)) + "&#160; " + message)
    style = f"border-left:3px solid {page.TOKENS['bad']};padding:2px 0 2px 10px;margin:6px 0"
    return page.element("div", head + told_html(rehearsal.error), style)


def _lost(rehearsal: Rehearsal) -> str:
    if not rehearsal.lost:
        return ""
    rows = []
    for each in rehearsal.lost[: rehearsal_words.LOST_SHOWN]:
        kind, name, before, after = rehearsal_words.loss(rehearsal, each)
        told = ((before, each.before), (after, each.after))
        sides = [page.code(side) if there else page.muted(side) for side, there in told]
        rows.append((page.escape(kind), page.code(name), *sides))
    more = _more(rehearsal_words.left_out(len(rehearsal.lost) - len(rows), "thing", ".df"))
    return _heading("Not brought back:") + page.table(("kind", "name", "before", "after"), rows, wrap=(2, 3)) + more


def _rows(rehearsal: Rehearsal) -> str:
    if not rehearsal.rows_changed:
        return ""
    rows = []
    for each in rehearsal.rows_changed[: rehearsal_words.ROWS_SHOWN]:
        name, told, amount = rehearsal_words.rows(rehearsal, each)
        rows.append((page.code(name), page.escape(told), page.escape(amount)))
    more = _more(rehearsal_words.left_out(len(rehearsal.rows_changed) - len(rows), "table", ".rows_changed"))
    return _heading("Rows that are not as they were:") + page.table((), rows, wrap=(1,)) + more


def _remaining(rehearsal: Rehearsal, *, beside: bool) -> str:
    if rehearsal.remaining is None or rehearsal.remaining.is_empty:
        return ""
    title = page.paragraph(page.escape(words.diff_title(rehearsal.remaining)))
    body = title + diff_body(rehearsal.remaining)
    if not beside:
        return _heading("What the models still differ in:") + body
    # Beside the Plan it is the least of what there is to see, and it can be long.
    line = page.element("b", page.escape("What the models still differ in"))
    return page.details(line, page.element("div", body, "margin:0 0 8px 16px"), is_open=False, key="remaining")


def _more(told: str) -> str:
    return page.paragraph(page.muted(told)) if told else ""


def _pass(rehearsal: Rehearsal, number: int, *, is_open: bool) -> str:
    shown = rehearsal_words.shown(rehearsal, number)
    kind: page.Kind = "good" if rehearsal.passes[number].ok else "bad"
    sign = page.badge(kind, rehearsal_words.pass_title(rehearsal, number))
    if shown is None:
        return page.paragraph(sign + "&#160; " + page.muted("the same statements as in the first pass"))
    parts = [page.hidden(shown.before, "step")]
    for step, executed, limit in shown.steps:
        name = page.revision(step.revision or "base") + f"&#160; <b>{page.escape(words.step_name(step))}</b>"
        told = "" if executed else "&#160; " + page.muted(": no statements")
        parts.append(page.element("div", name + told, "padding:2px 0"))
        parts.append(statements_html([_told(each) for each in executed], limit))
    parts.append(page.hidden(shown.after, "step"))
    body = page.element("div", "".join(parts), "margin:0 0 8px 16px")
    return page.details(sign, body, is_open=is_open)


def _told(executed: Executed) -> str:
    return executed.sql.rstrip() + rehearsal_words.rows_of(executed)

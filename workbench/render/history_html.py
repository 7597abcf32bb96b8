"""The history and the database's place as a static page: complete without scripts, the same words as the text."""

from __future__ import annotations

import base64

from workbench.render import page
from workbench.render.check_html import findings_html
from workbench.render.history_rows import HERE, Fold, Row, folded, sentence, tree
from workbench.render.history_text import status_sentence
from workbench.render.tree_svg import CAP, tree_svg
from workbench.results import History, Status
from workbench.text import one_line, plural, shorten

_KINDS: dict[str, page.Kind] = {
    "applied": "good",
    "pending": "todo",
    "broken": "bad",
    "no file": "bad",
    "not known": "warn",
}

_MESSAGE = 120  # characters: more, in one word, would make the table wider than any page


def history_html(history: History) -> str:
    """The sentence, the tree as a picture, and every shown revision as a row of a table."""
    parts = [problem_html(history)]
    shown = tree(history)
    if history.revisions or history.unknown:
        told = sentence(history)
        parts.append(picture(tree_svg(shown, told), told))
        rows = [
            ("", "", page.muted(entry.words), "") if isinstance(entry, Fold) else _cells(shown.rows[entry])
            for entry in folded(shown, CAP)
        ]
        table = page.table(("revision", "state", "message", "remarks"), rows, wrap=(2, 3))
        parts.append(page.details(page.escape(f"As a table: {plural(len(history.revisions), 'revision')}"), table))
    return page.page(sentence(history), "".join(parts), kind=_kind(history))


def problem_html(history: History) -> str:
    """Why the database's place is not known, and what to do about it; empty if it is."""
    if not history.problem:
        return ""
    remedy = page.paragraph(page.element("b", "What to do: ") + page.escape(history.remedy)) if history.remedy else ""
    return page.note("warn", history.problem) + remedy


def picture(svg: str, alt: str) -> str:
    """An SVG as `<img>`: inline SVG does not survive sanitizing."""
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img alt="{page.escape(alt)}" src="data:image/svg+xml;base64,{data}" '
        'style="max-width:100%;height:auto;display:block;margin:4px 0">'
    )


def status_html(status: Status) -> str:
    """The sentence, each database with its place, and what is still to come."""
    messages = dict(status.messages)
    rows = [
        (page.span(HERE, "accent"), page.escape(one_line(each.name)), *_standing(status, head, messages))
        for each in status.databases
        for head in each.heads or ("",)
    ]
    parts = [page.table((), rows, wrap=(3,))] if rows else []
    if status.pending:
        to_come = [
            (page.badge("todo", "pending"), page.revision(each), page.escape(shorten(messages.get(each, ""), _MESSAGE)))
            for each in status.pending
        ]
        parts.append(page.paragraph("Still to come, in this order:") + page.table((), to_come[:CAP], wrap=(2,)))
        parts.append(page.hidden(max(len(to_come) - CAP, 0), "revision"))
    parts.append(findings_html(status.findings, several=len(status.databases) > 1))
    wrong = status.unknown or any(each.severity == "error" for each in status.findings)
    kind: page.Kind = "bad" if wrong else "good" if status.is_current else "info"
    return page.page(status_sentence(status), "".join(parts), kind=kind)


def _standing(status: Status, head: str, messages: dict[str, str]) -> tuple[str, str]:
    if not head:
        return page.code("base"), page.muted("nothing is applied yet")
    if head in status.unknown:
        return page.revision(head), page.badge("bad", "no file has this revision")
    return page.revision(head), page.escape(shorten(messages.get(head, ""), _MESSAGE))


def _cells(row: Row) -> tuple[str, str, str, str]:
    tags = [*(["HEAD"] if row.is_head else []), *(f"({one_line(label)})" for label in row.labels)]
    bold = page.element("b", page.escape(" ".join(tags))) + " " if tags else ""
    here = [page.element("b", page.span(f"{HERE} {row.here}", "accent"))] if row.here else []
    notes = [page.muted(", ".join(row.notes))] if row.notes else []
    state = page.badge(_KINDS[row.word], row.word) if row.word else ""
    identifier = page.revision(row.id) if row.sort != "base" else page.code("base")
    return identifier, state, bold + page.escape(shorten(row.message, _MESSAGE)), ", ".join([*here, *notes])


def _kind(history: History) -> page.Kind:
    if history.faults or history.unknown:
        return "bad"
    if history.problem:
        return "warn"
    return "info" if history.pending or not history.revisions else "good"

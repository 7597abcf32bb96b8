"""A Drift as static HTML: object by source, and the definitions side by side to open."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from workbench.render import drift_text as words
from workbench.render import page
from workbench.results import Acceptance, Difference, Drift
from workbench.text import plural

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST = 4000
"""Words; two texts of more are not compared word by word."""
_OTHER = "text-decoration:underline;font-weight:700"
FEW = 8
"""With no more differences than this, each is open from the start."""


def drift_html(drift: Drift) -> str:
    """The whole page, as a saved notebook shows it."""
    body = matrix(drift.differences, several=len(drift.databases) > 1) + rest(drift)
    return page.page(words.title(drift), body, kind=words.kind(drift))


def difference_html(each: Difference) -> str:
    """What each source has."""
    return page.page(f"{each.object}: {words.told(each)}", definitions(each))


def acceptance_html(acceptance: Acceptance) -> str:
    """The whole of the file."""
    return page.page(words.acceptance_title(acceptance), file_html(acceptance))


def file_html(acceptance: Acceptance) -> str:
    """The text of the file."""
    return page.pre("\n".join(page.escape(line) for line in words.visible_lines(acceptance.text)))


def matrix(
    differences: tuple[Difference, ...], *, several: bool, more: Callable[[Difference], str] | None = None
) -> str:
    """One row for each difference, and its definitions below it; `more` is what follows these."""
    shown = differences[: words.SHOWN]
    if not shown:
        return ""
    headers = (*(("database",) if several else ()), *words.HEADERS)
    rows = []
    for each in shown:
        at = (page.escape(each.database),) if several else ()
        cells = (_cell(cell) for cell in words.cells(each))
        rows.append((*at, page.code(each.object), page.escape(words.told(each)), *cells))
    parts = [page.table(headers, rows, wrap=(int(several), int(several) + 1))]
    for each in shown:
        head = page.code(each.object, "font-weight:600") + "&#160; " + page.muted(words.told(each))
        if several:
            head += "&#160; " + page.muted(each.database)
        body = page.element("div", definitions(each) + (more(each) if more else ""), "margin:0 0 8px 16px")
        parts.append(page.details(head, body, is_open=len(shown) <= FEW, key=key(each)))
    return "".join(parts) + page.hidden(len(differences) - len(shown), "difference")


def rest(drift: Drift) -> str:
    """What is accepted, and the notes."""
    parts = []
    if drift.accepted:
        rows = [
            (page.code(each.difference.object), page.escape(each.difference.verdict), page.escape(each.reason))
            for each in drift.accepted
        ]
        told = page.table(("object", "verdict", "reason"), rows, wrap=(0, 2))
        parts.append(page.details(page.escape(f"{len(rows)} accepted"), told, key="accepted"))
    if drift.notes:
        parts.append(page.paragraph(page.element("b", "Notes:")) + page.listed(drift.notes))
    return "".join(parts)


def definitions(each: Difference) -> str:
    """Each source's definition beside the others; what is not as the revisions have it is underlined."""
    rows = [(page.muted(name), _definition(text, each.revisions)) for name, text in words.sides(each)]
    return page.table((), rows, wrap=(1,))


def key(each: Difference) -> str:
    """What a difference is called within one Drift."""
    return " ".join((each.database, each.kind, each.schema or "", each.table, each.name))


def _cell(told: str) -> str:
    sign, _, word = told.partition(" ")
    token = {"✔": "good", "✖": "bad", "≠": "warn", "+": "info", "·": "muted"}[sign]
    return page.element("span", f"{page.escape(sign)}&#160;{page.escape(word)}", f"color:{page.TOKENS[token]}")


def _definition(text: str | None, other: str | None) -> str:
    if text is None:
        return page.muted("(none)")
    mine, theirs = text.strip("\n"), None if other is None else other.strip("\n")
    body = _escaped(mine) if theirs in {None, mine} else _marked(mine, str(theirs))
    return page.element("code", body, f"{page.MONO};background:transparent;padding:0;white-space:pre-wrap")


def _marked(text: str, other: str) -> str:
    mine, theirs = _WORDS.findall(text), _WORDS.findall(other)
    if len(mine) + len(theirs) > _LONGEST:
        return _escaped(text)
    matcher = difflib.SequenceMatcher(None, theirs, mine, autojunk=False)
    parts = []
    for tag, _, _, start, end in matcher.get_opcodes():
        body = _escaped("".join(mine[start:end]))
        parts.append(body if tag == "equal" or not body else page.element("b", body, _OTHER))
    return "".join(parts)


def _escaped(text: str) -> str:
    """As HTML, with its lines."""
    return "\n".join(page.escape(line) for line in text.split("\n"))


def summary(count: int, of: int) -> str:
    """How many are shown where some are filtered away."""
    return page.paragraph(page.muted(f"{count} of {plural(of, 'difference')} shown"))

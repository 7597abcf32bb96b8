"""A Blame, what was Found, and an Identification as static HTML: the same words as the text."""

from __future__ import annotations

from workbench.render import exploring_text as words
from workbench.render import page
from workbench.results.exploring import SIDES, Blame, Candidate, Found, Hit, Identification, Lost

_SIGNS = {"+": "good", "-": "bad", "~": "info"}


def blame_html(blame: Blame) -> str:
    """The sentence, then a row for each change, oldest first."""
    rows = []
    for each in blame.touches[: words.TOUCHES_SHOWN]:
        pending = page.badge("todo", each.state) if each.state != "applied" else ""
        rows.append((
            page.revision(each.revision),
            page.span(words.did(each), _SIGNS[each.delta.sign]),
            page.code(words.sides(each.delta)),
            page.escape(each.message) + (f"&#160; {pending}" if pending else ""),
            page.muted(each.path),
        ))  # fmt: skip
    headers = ("revision", "did", "definition", "message", "file")
    body = page.table(headers, rows, wrap=(2, 3)) if rows else ""
    body += page.hidden(len(blame.touches) - words.TOUCHES_SHOWN, "change")
    return page.page(words.blame_title(blame), body + "".join(page.note("info", each) for each in blame.notes))


def found_html(found: Found) -> str:
    """The sentence, then a table of the places in the live schema and one of those in revisions."""
    parts = [page.note("warn", each) for each in found.notes]
    for title, hits in words.sections(found):
        rows = [(page.muted(each.kind), page.code(words.hit_name(each, found)), _told(each)) for each in hits]
        parts.append(page.section(title) + page.table((), rows, wrap=(2,)))
    parts.append(page.hidden(len(found.hits) - words.HITS_SHOWN, "hit"))
    return page.page(words.found_title(found), "".join(parts))


def identification_html(found: Identification) -> str:
    """The sentence, the differences of the nearest, the next ones, and what to do."""
    parts = [page.note("warn", each) for each in found.notes]
    parts += [_lost(each) for each in found.lost]
    if found.candidates and not found.exact:
        parts.append(_deltas(found.candidates[0]))
    if len(found.candidates) > 1:
        rows = [(page.code(name), page.escape(message), page.muted(told)) for name, message, told in words.ranks(found)]
        parts.append(page.table(("revision", "message", "differences"), rows, wrap=(1,)))
    parts.append(page.hidden(len(found.candidates) - words.CANDIDATES_SHOWN, "revision"))
    advice = words.identification_advice(found)
    if advice:
        parts.append(page.paragraph(page.element("b", "What to do: ") + page.escape(advice)))
    kind: page.Kind = "good" if found.exact else "warn"
    return page.page(words.identification_title(found), "".join(parts), kind=kind)


def candidate_html(candidate: Candidate) -> str:
    """One revision, and what differs from it."""
    title = f"{words.candidate_name(candidate)} {candidate.message}".strip()
    return page.page(f"{title}: {words.amount(candidate)}", _deltas(candidate))


def _told(hit: Hit) -> str:
    if hit.kind == "revision":
        return f"{page.escape(hit.text)}&#160; {page.muted(hit.where)}"
    return page.escape(hit.text) if hit.kind == "comment" else page.code(hit.text)


def _deltas(candidate: Candidate) -> str:
    rows = [
        (
            page.span(SIDES[each.sign], _SIGNS[each.sign]),
            page.muted(each.kind), page.code(each.shown), page.code(words.sides(each)),
        )
        for each in candidate.deltas[: words.DELTAS_SHOWN]
    ]  # fmt: skip
    body = page.table((), rows, wrap=(3,)) if rows else ""
    return body + page.hidden(len(candidate.deltas) - words.DELTAS_SHOWN, "difference")


def _lost(lost: Lost) -> str:
    rows = [(page.code(name), page.code(commit[:12]), page.code(path)) for name, commit, path in lost.places]
    body = page.note("bad", words.lost_title(lost))
    body += page.table(("where", "commit", "file"), rows, wrap=(2,)) if rows else ""
    return body + page.paragraph(page.escape(lost.advice))

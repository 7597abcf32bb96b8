"""A Merge as HTML: the same words as the text."""

from __future__ import annotations

from collections.abc import Callable

from workbench.render import check_html, error_html, merge_text, merge_words, page
from workbench.results.merges import Branch, Meeting, Merge, Order, Reparent


def merge_html(merge: Merge) -> str:
    """The whole page, as a saved notebook shows it."""
    return page.page(merge_words.title(merge), merge_body(merge))


def merge_body(
    merge: Merge, *, trying: str = "", moving: Callable[[str, str], str] | None = None, writing: str = ""
) -> str:
    """The page below its sentence.

    Args:
        merge: The Merge.
        trying: What stands below whether the order matters.
        moving: What stands beside a branch that can follow another one, given the heads of both; the call where None.
        writing: What stands below the file.

    """
    body = "".join(page.note("warn", note) for note in merge.notes)
    body += page.element(
        "div", "".join(_branch(each) for each in merge.branches), "display:flex;flex-wrap:wrap;gap:0 28px"
    )
    body += _met(merge)
    body += check_html.findings_html(merge.clashes) if merge.clashes else ""
    body += _order(merge) + trying
    body += page.section(merge_words.JOINED) + _file(merge) + writing
    return body + page.section(merge_words.FOLLOWS) + _ways(merge, moving)


def branch_html(branch: Branch) -> str:
    """One branch as a page of its own."""
    return page.page(merge_words.branch(branch), _branch(branch))


def meeting_html(meeting: Meeting) -> str:
    """One meeting as a page of its own."""
    return page.page(meeting.object, page.pre(page.escape(merge_text.meeting_text(meeting))))


def order_html(order: Order) -> str:
    """The verdict."""
    return page.page(merge_words.order_alone(order), "", kind=merge_words.KINDS[order.verdict])


def reparent_html(reparent: Reparent) -> str:
    """What would follow what, and the change of the file."""
    return page.page(merge_words.reparent(reparent), reparent_body(reparent))


def reparent_body(reparent: Reparent) -> str:
    """The file, and what changes in it."""
    lines = []
    for line in reparent.diff.split("\n"):
        token = {"+": "good", "-": "bad"}.get(line[:1], "")
        lines.append(page.span(line, token) if token and line[:3] not in {"+++", "---"} else page.escape(line))
    return page.paragraph(page.code(reparent.path)) + page.pre("\n".join(lines))


def _branch(branch: Branch) -> str:
    kind: page.Kind = "info" if branch.known else "todo"
    head = page.element("b", page.escape(merge_words.branch(branch)))
    head += f"&#160; {page.badge(kind, merge_words.who_has(branch))}"
    rows = [
        (page.code(revision), page.escape(message) + "".join(page.element("div", page.code(each)) for each in deeds))
        for revision, message, deeds in merge_words.deeds_of(branch)
    ]
    body = page.paragraph(head) + (page.table((), rows, wrap=(1,)) if rows else "")
    return page.element("div", body, "flex:1 1 260px;min-width:0")


def _met(merge: Merge) -> str:
    if not merge.meetings:
        told = merge_words.nothing_met(merge)
        return page.paragraph(page.badge("good", told)) if told else ""
    names = [merge_words.names(merge, (branch.head,)) for branch in merge.branches]
    rows = []
    for each in merge.meetings[: merge_words.MEETINGS_SHOWN]:
        what, pairs = merge_words.meeting(merge, each)
        does = dict(pairs)
        rows.append((page.code(what, "font-weight:600"), *(page.code(does.get(name, "")) for name in names)))
    head = page.paragraph(page.element("b", "More than one touches:"))
    table = page.table(("", *names), rows, wrap=range(1, len(names) + 1))
    return head + table + page.hidden(len(merge.meetings) - merge_words.MEETINGS_SHOWN, "meeting")


def _order(merge: Merge) -> str:
    kind = merge_words.KINDS[merge.order.verdict]
    sign = page.element("span", f"{page.ICONS[kind]}&#160;", f"color:{page.TOKENS[kind]}")
    body = page.paragraph(sign + page.element("b", page.escape(merge_words.order(merge))))
    rows = merge_words.differences(merge)
    if rows:
        cells = [tuple(page.code(cell) for cell in row) for row in rows[1:]]
        body += page.table(rows[0], cells, wrap=(1, 2, 3))
        hidden = len(merge.order.differences) + len(merge.order.rows) - merge_words.DIFFERENCES_SHOWN
        body += page.hidden(hidden, "difference")
    for each, error in merge.order.failures:
        line = f"{page.element('b', page.escape(merge_words.names(merge, each)))}: {page.escape(error.message)}"
        body += page.paragraph(line) + error_html.told_html(error)
    body += "".join(page.paragraph(page.muted(each)) for each in merge_words.consequences(merge))
    bar = f"margin:10px 0;padding:2px 0 2px 10px;border-left:3px solid {page.TOKENS[kind]}"
    return page.element("div", body, bar)


def _file(merge: Merge) -> str:
    problem = page.note("warn", f"This code cannot be run: {merge.problem}.") if merge.problem else ""
    if not merge.code:
        return problem
    code = page.pre(page.python_code(merge.code.strip("\n")))
    return problem + page.details(
        page.span(merge_words.joined(merge), style="overflow-wrap:anywhere"), code, is_open=True, key="file"
    )


def _ways(merge: Merge, moving: Callable[[str, str], str] | None) -> str:
    movable = iter(merge.movable)
    body = ""
    for sentence, call in merge_words.ways(merge):
        if not call:
            body += page.paragraph(page.muted(sentence))
            continue
        end = page.code(call) if moving is None else moving(*next(movable))
        body += page.paragraph(f"{page.escape(sentence)}:&#160; {end}")
    return body + page.paragraph(page.muted(merge_words.KNOWN))

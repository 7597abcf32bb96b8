"""A Split as HTML: how many revisions, and each with its message, its place, what it does, and its file."""

from __future__ import annotations

from workbench.render import page, split_text
from workbench.results.splits import Split, SplitPart
from workbench.text import one_line


def split_html(split: Split) -> str:
    """The whole page."""
    body = split_body(split)
    if not split.written:
        told = "split.write() writes all of them or none; wb.rehearse(split.last) tries them on a copy first."
        body += page.paragraph(page.muted(told))
    return page.page(split_text.title(split), body, kind="good" if split.written else None)


def split_body(split: Split) -> str:
    """Its parts, one after the other."""
    return "".join(
        page.paragraph(page.escape(split_text.heading(number, each))) + _body(each)
        for number, each in enumerate(split.parts, 1)
    )


def part_html(part: SplitPart) -> str:
    """One part."""
    return page.page(one_line(part.draft.message), _body(part))


def _body(part: SplitPart) -> str:
    keys = page.table((), [(page.code(one_line(key)),) for key in part.keys])
    file = page.details(page.muted(one_line(part.draft.path)), page.pre(page.python_code(part.draft.code)))
    return page.paragraph(page.muted(part.why)) + keys + file

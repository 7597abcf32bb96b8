"""A Draft as text and as HTML: where the file would lie, what it follows, and its whole text."""

from __future__ import annotations

from workbench.render import page
from workbench.results import Draft
from workbench.text import one_line, short_id, visible


def draft_text(draft: Draft) -> str:
    """The sentence, then the file's text."""
    return f"{_sentence(draft)}\n\n{visible(draft.code).rstrip()}"


def draft_html(draft: Draft) -> str:
    """The same, with the code coloured."""
    return page.page(_sentence(draft), page.pre(page.python_code(draft.code)))


def _sentence(draft: Draft) -> str:
    follows = ", ".join(short_id(each) for each in draft.down_revisions)
    where = f"on {follows}" if follows else "as a new base"
    return f"New revision “{one_line(draft.message)}” {where}, not written yet: {one_line(draft.path)}"

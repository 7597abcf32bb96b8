"""What a rehearsal showed, as it stands below the title of its Plan: a sentence, and the rest to open."""

from __future__ import annotations

from workbench.render import page, rehearsal_words
from workbench.render.rehearsal_html import rehearsal_body
from workbench.results.rehearsals import Rehearsal


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


def warning(rehearsal: Rehearsal | None) -> str:
    """What the question says first where the very steps that are about to run failed in rehearsal; else nothing."""
    if rehearsal is None or rehearsal.ok or (rehearsal.passes and rehearsal.passes[0].ok):
        return ""
    return "Its rehearsal failed."

"""The editor in the page of a Draft: the bodies of upgrade and downgrade as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.capabilities import bodies
from workbench.render import page
from workbench.results.drafts import Draft
from workbench.text import plural
from workbench.widgets import controls

_WAYS = ("upgrade", "downgrade")


@dataclass(frozen=True)
class Typed:
    """What was typed and could not be taken over."""

    upgrade: str
    downgrade: str
    problems: tuple[str, ...]
    """`upgrade, line 3: invalid syntax`."""


def typed(data: Mapping[str, Any]) -> Typed:
    """What stands in the fields, and what is wrong with it."""
    texts = {way: str(data.get(way, "")).replace("\r\n", "\n").strip("\n") for way in _WAYS}
    problems = tuple(f"{way}, {told}" for way, text in texts.items() if (told := bodies.problem(text)))
    return Typed(texts["upgrade"], texts["downgrade"], problems)


def section(draft: Draft, wrong: Typed | None) -> str:
    """The fields, with what is wrong with the last text that was to be taken over."""
    told = bodies.bodies(draft)
    if told is None or not draft.code:
        return ""
    is_own = draft.decisions.get("code") is not None
    texts = told if wrong is None else (wrong.upgrade, wrong.downgrade)
    areas = "".join(
        _area(way, text, f"{draft.revision} {before}") for way, text, before in zip(_WAYS, texts, told, strict=True)
    )
    buttons = controls.button("Take over", "edit", title="The list no longer changes the code then", fields="")
    if is_own:
        buttons += controls.button("Back to the list", "unedit", title="The code is made of the list again")
    notes = "" if wrong is None else "".join(page.note("bad", f"Not taken over: {each}") for each in wrong.problems)
    summary = page.element("b", "Edit the code") + page.muted(" (it is written by hand)" if is_own else "")
    return page.details(summary, notes + controls.bar(areas + buttons), is_open=bool(notes), key="editor")


def _area(way: str, text: str, keep: str) -> str:
    body = page.element(
        "textarea", page.escape(text), data_field=way, data_keep=keep, class_="wb-input wb-code",
        rows=str(min(max(text.count("\n") + 2, 4), 24)), spellcheck="false", aria_label=f"the body of {way}()",
    )  # fmt: skip
    told = f"{way}(), {plural(text.count(chr(10)) + 1, 'line')}"
    return page.element("label", page.escape(told) + body, class_="wb-field wb-area")

"""Where a Draft goes, as a folded part of its page: the head, branch label, depends_on, splice, version location."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.render import draft_words, page
from workbench.results.drafts import Draft
from workbench.text import one_line, short_id, shorten
from workbench.widgets import controls

_WIDTH = 48
_NAMES = ("head", "splice", "branch_label", "depends_on", "version_path")


def section(draft: Draft) -> str:
    """What is decided of it, and the fields to decide otherwise."""
    told = draft.decisions
    keep = " ".join(f"{name}={told.get(name)}" for name in _NAMES)
    summary = page.element("b", "Where it goes") + (f": {page.escape(where)}" if (where := _where(draft)) else "")
    splice = str(told.get("head", "")) if told.get("splice") else ""
    fields = [
        controls.select(
            "follows ", "head", _heads(draft), label="follows", title="The head that it comes after",
            chosen="" if splice else _head(draft), keep=keep,
        ),
        controls.field(
            "or branches off after ", "splice", enter="place", value=splice, keep=keep, size="14",
            title="splice: a revision that is no head; a branch begins there",
        ),
        controls.field(
            "branch label ", "branch_label", enter="place", value=_text(told.get("branch_label")), keep=keep, size="14",
            title="A name for the branch that begins with it; several with commas",
        ),
        controls.field(
            "depends on ", "depends_on", enter="place", value=_text(told.get("depends_on")), keep=keep, size="14",
            title="Revisions or branch labels of other branches that have to run first; several with commas",
        ),
    ]  # fmt: skip
    if len(draft.locations) > 1:
        places = {"": "where its head lies", **{each: each for each in draft.locations}}
        fields.append(
            controls.select(
                "lies in ", "version_path", places, label="lies in", title="The version location", keep=keep,
                chosen=str(told.get("version_path") or ""),
            )
        )  # fmt: skip
    body = controls.bar("".join(fields) + controls.button("Put it there", "place", fields=""), within=True)
    return page.details(summary, body, key="place")


def decisions(draft: Draft, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields say otherwise than the Draft: None takes a decision back."""
    splice, head = str(data.get("splice", "")).strip(), str(data.get("head", "")).strip()
    wanted: dict[str, Any] = {
        "head": splice or head or None,
        "splice": True if splice else None,
        "branch_label": _names(data.get("branch_label")),
        "depends_on": _names(data.get("depends_on")),
        "version_path": str(data.get("version_path", "")) or None,
    }
    if not splice and "head" not in draft.decisions and head == _head(draft):
        del wanted["head"]  # it follows that one by itself
    return {name: value for name, value in wanted.items() if value != (draft.decisions.get(name) or None)}


def _where(draft: Draft) -> str:
    if draft.is_headless:
        return ""
    follows = " and ".join(short_id(each) for each in draft.down_revisions)
    return draft_words.place(draft) or (f"follows {follows}" if follows else "a new base")


def _heads(draft: Draft) -> dict[str, str]:
    known = {id_: shorten(f"{short_id(id_)} {told}".strip(), _WIDTH) for id_, told in draft.heads}
    told = {"": "not decided yet"} if draft.is_headless else {}
    every = {"heads": "all of them, joined into one"} if len(known) > 1 else {}
    if draft.heads:
        every["base"] = "nothing: a new base"
    head = _head(draft)
    other = {head: one_line(head)} if head and head not in {*known, *every} else {}
    return {**told, **known, **every, **other} or {"": "nothing: it is the first"}


def _head(draft: Draft) -> str:
    """What it follows, as the select has it."""
    told = draft.decisions.get("head")
    if told not in (None, "head"):
        return _text(told)
    return draft.down_revisions[0] if len(draft.down_revisions) == 1 else ""


def _text(value: object) -> str:
    return "" if not value else ", ".join(draft_words.listed(value))


def _names(value: object) -> str | list[str] | None:
    names = [each.strip() for each in str(value or "").split(",") if each.strip()]
    return (names[0] if len(names) == 1 else names) or None

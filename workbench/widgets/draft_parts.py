"""The controls on the page of a Draft: boxes, answers, the message, and the row of buttons at its end."""

from __future__ import annotations

from workbench.render import draft_words, hazard_words, page
from workbench.results.choices import Choice, Question
from workbench.results.drafts import Draft
from workbench.results.schema_diff import qualified
from workbench.text import one_line, short_id, shorten
from workbench.widgets import controls

_WIDTH = 60


def message(draft: Draft) -> str:
    """The field for its message."""
    keep = f"{draft.revision} {draft.message}"
    field = controls.field("message ", "message", value=draft.message, keep=keep, size="56", enter="message")
    return controls.bar(field + controls.button("Rename the revision", "message", fields=""), within=True)


def box(index: int, choice: Choice) -> str:
    """The tick box of a choice."""
    return page.element(
        "button",
        draft_words.TICKED if choice.ticked else draft_words.UNTICKED,
        type="button",
        role="checkbox",
        class_="wb-box",
        aria_checked=str(choice.ticked).lower(),
        aria_label=f"{draft_words.verb(choice)} {choice.object}",
        data_action="tick",
        data_choice=str(index),
    )


def heads(index: int, question: Question) -> str:
    """A button for each head that it may follow."""
    number = str(index)
    told = [
        "Follow all of them" if answer == "heads" else shorten(f"Follow {short_id(answer)} {why}".strip(), _WIDTH)
        for answer, why in question.options
    ]
    return controls.bar(
        "".join(
            controls.button(label, "answer", title=f"{answer}: {why}", question=number, answer=answer)
            for label, (answer, why) in zip(told, question.options, strict=True)
        ),
        within=True,
    )


def renames(index: int, question: Question) -> str:
    """A button for each name that it may have now, and one for none; the reasons below."""
    number = str(index)
    buttons = [
        controls.button(f"It is {one_line(answer)} now", "answer", title=why, question=number, answer=answer)
        for answer, why in question.options
    ]
    buttons.append(controls.button("It is gone", "answer", title="A drop and an add", question=number, answer=""))
    return controls.bar("".join(buttons), within=True) + page.listed(
        f"{answer}: {why}" for answer, why in question.options
    )


def safer(draft: Draft, index: int, choice: Choice) -> str:
    """A button for the safer way that a finding offers, or back from it."""
    if choice.key in draft.decisions.get("rewrites", {}):
        return controls.button("As it was found", "safer", choice=str(index))
    found = draft.rewrites_of(choice)
    if not found:
        return ""
    title = found[0].rewrite.code  # type: ignore[union-attr] # rewrites_of has looked
    return controls.button("Take the safer way", "safer", title=title, choice=str(index))


def bar(draft: Draft, *, can_write: bool, can_make: bool, undo: bool, redo: bool) -> str:
    """The row of buttons as long as it is not written."""
    buttons = []
    if undo:
        buttons.append(controls.button("Undo", "undo", title="Take the last decision back"))
    if redo:
        buttons.append(controls.button("Redo", "redo"))
    if can_write:
        if any(each.evidence.verdict == "not proven" and each.evidence.sql for each in draft.findings):
            buttons.append(
                controls.button("Ask the rows", "preflight", title="Read-only, each query with a time limit")
            )
        if draft_words.can_be_rehearsed(draft):
            buttons.append(controls.button("Rehearse", "rehearse", title="Run it on a copy: up, down and up again"))
        bad = hazard_words.hazards([each for each in draft.findings if each.outcome in {"fails", "loses-data"}])
        label = f"Write {one_line(draft.path)}"
        if bad:
            asked = f"Write it all the same? It {bad}."
            buttons.append(controls.button(label, "write", primary=True, ask=asked, yes="Write it"))
        else:
            buttons.append(controls.button(label, "write", primary=True))
    if can_write and can_be_split(draft):
        told = "What has nothing to do with each other, and what code that runs cannot bear, in revisions of their own"
        buttons.append(controls.button("Split it", "split", title=told))
    if can_make:
        buttons.append(controls.button("Make the draft again", "again", title="After the models were edited"))
    if draft.code:
        buttons.append(controls.button("Copy the code", "copy"))
    return controls.bar("".join(buttons)) if buttons else ""


def can_be_split(draft: Draft) -> bool:
    """It changes more than one table, and nothing of it is written by hand: `Draft.split` says what comes of that."""
    tables = {qualified(change) for each in draft.choices if each.ticked for change in each.changes}
    by_hand = draft.decisions.get("code") is not None or draft.decisions.get("operations")
    return len(tables) > 1 and len(draft.down_revisions) == 1 and not by_hand


def whole_again() -> str:
    """The row of buttons above a Split that is looked at."""
    return controls.bar(controls.button("Back to one revision", "whole"))


def written(*, can_plan: bool) -> str:
    """The row of buttons once it is written."""
    told = controls.button("Plan the upgrade", "plan", primary=True, title="What it would run, before it runs")
    return controls.bar((told if can_plan else "") + controls.button("Copy the code", "copy"))

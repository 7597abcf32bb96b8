"""A Draft as text: its sentence, the questions, the choices, the findings, and the file."""

from __future__ import annotations

from workbench.render import check_text, draft_words, rehearsal_text
from workbench.results.choices import Choice, Question
from workbench.results.drafts import Draft
from workbench.text import aligned, one_line, visible


def draft_text(draft: Draft) -> str:
    """The whole."""
    parts = [draft_words.title(draft) + (f": {draft_words.path(draft)}" if draft.path and not draft.written else "")]
    parts += draft_words.sentences(draft)
    parts += [f"Where it goes: {told}" for told in (draft_words.place(draft),) if told]
    parts += [question_text(each) for each in draft.questions]
    if draft.choices:
        parts.append(aligned(_row(draft, each) for each in draft.choices))
    if draft_words.by_hand(draft):
        parts.append("\n".join(f"by hand: {draft_words.operation(each)}" for each in draft_words.by_hand(draft)))
    if draft.rehearsal is not None:
        parts += rehearsal_text.summary(draft.rehearsal)
    elif draft_words.can_be_rehearsed(draft) and not draft.written:
        parts.append("Not rehearsed.")
    findings = draft.findings
    if findings:
        parts.append("\n\n".join(check_text.findings_text(findings)))
    if draft.code:
        parts.append(visible(draft.code).rstrip())
    if draft.written:
        parts.append(draft_words.after(draft))
    return "\n\n".join(parts)


def choice_text(choice: Choice) -> str:
    """One choice on a line."""
    return "  ".join(part for part in _cells(choice) if part)


def question_text(question: Question) -> str:
    """The question, and the answers that there are."""
    lines = [f"? {draft_words.question(question)}"]
    lines += [f"    {one_line(answer)}: {one_line(why)}" for answer, why in question.options]
    return "\n".join(lines)


def _row(draft: Draft, choice: Choice) -> tuple[str, ...]:
    database = (one_line(choice.database),) if any(each.database for each in draft.choices) else ()
    mark, what, told, notes = _cells(choice)
    hazards = draft_words.hazards(draft, choice)
    return (*database, mark, what, told, ", ".join(part for part in (notes, hazards) if part))


def _cells(choice: Choice) -> tuple[str, str, str, str]:
    mark = draft_words.TICKED if choice.ticked else draft_words.UNTICKED
    what = f"{draft_words.verb(choice)} {one_line(choice.object)}"
    return mark, what, _short(draft_words.told(choice)), draft_words.notes(choice)


def _short(told: str, most: int = 72) -> str:
    return told if len(told) <= most else f"{told[: most - 1]}…"

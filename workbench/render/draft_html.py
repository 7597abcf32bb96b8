"""A Draft as HTML: the same words as the text, the choices with boxes, the code with its SQL beside it."""

from __future__ import annotations

from collections.abc import Callable

from workbench.render import check_html, draft_words, page, rehearsal_html
from workbench.results.choices import Choice, Question
from workbench.results.drafts import Draft
from workbench.text import one_line, plural


def draft_html(draft: Draft) -> str:
    """The whole page, as a saved notebook shows it."""
    where = draft_words.place(draft)
    parts = (
        notes(draft),
        page.paragraph(page.element("b", "Where it goes: ") + page.escape(where)) if where else "",
        questions(draft, options),
        choices(draft, box),
        by_hand(draft),
        tried(draft),
        findings(draft),
        file(draft),
        after(draft),
    )
    return page.page(draft_words.title(draft), "".join(parts), kind="good" if draft.written else None)


def after(draft: Draft) -> str:
    """What is next, once it is written."""
    return page.paragraph(page.escape(draft_words.after(draft))) if draft.written else ""


def notes(draft: Draft) -> str:
    """What has to be known before anything else."""
    return "".join(page.note("warn" if draft.problem else "info", each) for each in draft_words.sentences(draft))


def questions(draft: Draft, ask: Callable[[int, Question], str]) -> str:
    """What only the author knows; `ask` gives the possible answers to a question, given its index."""
    return "".join(_question(index, each, ask) for index, each in enumerate(draft.questions))


def findings(draft: Draft) -> str:
    """What the rules and the rows say of it, folded; open where something would fail."""
    found = draft.findings
    if not found:
        return ""
    summary = page.element("b", page.escape(plural(len(found), "finding")))
    worst = any(each.severity == "error" for each in found)
    return page.details(summary, check_html.findings_html(found), is_open=worst, key="findings")


def tried(draft: Draft) -> str:
    """What its rehearsal showed, or that there was none."""
    if draft.rehearsal is not None:
        return rehearsal_html.rehearsal_note(draft.rehearsal)
    if draft.written or not draft_words.can_be_rehearsed(draft):
        return ""
    return page.paragraph(page.muted("Not rehearsed."))


def choice_html(choice: Choice) -> str:
    """One choice as a page of its own."""
    body = "".join(page.pre(page.python_code(each.code)) for each in choice.changes)
    return page.page(f"{draft_words.verb(choice)} {choice.object}", _what(choice) + body)


def question_html(question: Question) -> str:
    """One question as a page of its own."""
    return page.page(one_line(question.text), options(0, question))


def choices(
    draft: Draft,
    box: Callable[[int, Choice], str],
    more: Callable[[int, Choice], str] = lambda _index, _choice: "",
) -> str:
    """What was found, each with its tick box; `more` stands at its end, given its index."""
    if not draft.choices:
        return ""
    rows = []
    several = any(each.database for each in draft.choices)
    for index, each in enumerate(draft.choices):
        hazards = draft_words.hazards(draft, each)
        worst = any(finding.severity == "error" for finding in draft.findings_of(each))
        badge = page.badge("bad" if worst else "warn", hazards) if hazards else ""
        database = (page.muted(each.database),) if several else ()
        rows.append(
            (
                *database,
                box(index, each),
                _what(each),
                "&#160; ".join(filter(None, (_notes(each), badge, more(index, each)))),
            )
        )
    places = (2, 3) if several else (1, 2)
    return page.table((), rows, wrap=places)


def by_hand(draft: Draft, more: Callable[[int], str] = lambda _index: "") -> str:
    """The operations that its author has added; `more` stands at the end of each, given its index."""
    rows = [
        (page.muted("by hand"), page.code(draft_words.operation(each)), more(index))
        for index, each in enumerate(draft_words.by_hand(draft))
    ]
    return page.table((), rows, wrap=(1,)) if rows else ""


def _what(choice: Choice) -> str:
    told = draft_words.told(choice)
    body = f"{page.escape(draft_words.verb(choice))} {page.code(one_line(choice.object), 'font-weight:600')}"
    return body + (f"&#160; {page.code(told)}" if told else "")


def _notes(choice: Choice) -> str:
    notes = draft_words.notes(choice)
    if not notes:
        return ""
    return page.badge("bad", notes) if choice.lost is not None and choice.ticked else page.muted(notes)


def _question(index: int, question: Question, ask: Callable[[int, Question], str]) -> str:
    head = page.element("b", "?&#160;", f"color:{page.TOKENS['accent']}")
    told = page.element("b", page.escape(draft_words.question(question)))
    bar = f"margin:6px 0;padding:2px 0 2px 10px;border-left:3px solid {page.TOKENS['accent']}"
    return page.element("div", head + told + ask(index, question), bar)


def options(_index: int, question: Question) -> str:
    """The answers that there are, to be read."""
    if not question.options:
        return ""
    return page.listed(f"{answer}: {why}" for answer, why in question.options)


def box(_index: int, choice: Choice) -> str:
    """The tick box, to be looked at."""
    mark = draft_words.TICKED if choice.ticked else draft_words.UNTICKED
    return page.element("span", mark, "font-size:16px", aria_label="ticked" if choice.ticked else "not ticked")


def file(draft: Draft) -> str:
    """The code with its SQL beside it."""
    if not draft.code:
        return ""
    lines = draft.code.strip("\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith(("def ", "async def "))), 0)
    head = "\n".join(lines[:start]).rstrip()
    body = "\n".join(lines[start:])
    above = page.details(page.muted("its head"), page.pre(page.python_code(head)), key="head") if head else ""
    code = page.element("div", page.pre(page.python_code(body)), "flex:3 1 420px;min-width:0")
    sql = _sql(draft)
    side = page.element("div", page.pre(page.sql_code(sql)), "flex:2 1 320px;min-width:0") if sql else ""
    columns = page.element("div", code + side, "display:flex;flex-wrap:wrap;gap:0 12px;align-items:flex-start")
    return page.paragraph(page.code(draft_words.path(draft))) + above + columns


def _sql(draft: Draft) -> str:
    """What the upgrade runs; the downgrade is in the code."""
    if draft.problem:
        return ""
    own = [step for step in draft.plan.steps if step.revision == draft.revision]
    return "\n\n".join(
        each.rstrip().removesuffix(";") + ";" for step in own for each in (step.statements or (f"-- {step.why_not}",))
    )

"""A Rehearsal as text: how it went in a sentence, what was lost, what was executed. No clock."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import rehearsal_words, words
from workbench.render.diff_text import diff_text
from workbench.render.plan_text import statement_lines
from workbench.results.rehearsals import Loss, Pass, Rehearsal, RowsChanged, Scratch
from workbench.text import aligned, one_line, plural, shorten, visible

_SIGNS = {"good": "✔", "warn": "⚠", "bad": "✖"}
_NARROW = 60


def rehearsal_text(rehearsal: Rehearsal) -> str:
    """The whole text."""
    parts = summary(rehearsal)
    parts += ["\n".join(_pass(rehearsal, number)) for number in range(len(rehearsal.passes))]
    parts.append(rehearsal_words.rest(rehearsal))
    return "\n\n".join(part for part in parts if part)


def summary(rehearsal: Rehearsal) -> list[str]:
    """All but what was executed, in paragraphs: how it went, what was lost, what the models still differ in."""
    parts = [f"{_SIGNS[rehearsal_words.kind(rehearsal)]} {rehearsal_words.title(rehearsal)}"]
    if rehearsal.error is not None:
        parts.append(visible(str(rehearsal.error)))
    if rehearsal.lost:
        cells = [rehearsal_words.loss(rehearsal, each) for each in rehearsal.lost[: rehearsal_words.LOST_SHOWN]]
        short = [tuple(shorten(cell, _NARROW) for cell in row) for row in cells]
        lines = aligned([("kind", "name", "before", "after"), *short])
        more = rehearsal_words.left_out(len(rehearsal.lost) - len(cells), "thing", ".df")
        parts.append(_listed("Not brought back:", lines.split("\n"), more))
    if rehearsal.rows_changed:
        shown = rehearsal.rows_changed[: rehearsal_words.ROWS_SHOWN]
        lines = aligned([rehearsal_words.rows(rehearsal, each) for each in shown])
        more = rehearsal_words.left_out(len(rehearsal.rows_changed) - len(shown), "table", ".rows_changed")
        parts.append(_listed("Rows that are not as they were:", lines.split("\n"), more))
    if rehearsal.remaining is not None and not rehearsal.remaining.is_empty:
        parts.append("What the models still differ in:\n" + _indented(diff_text(rehearsal.remaining)))
    if rehearsal.notes:
        parts.append(_listed("To know:", [one_line(each) for each in rehearsal.notes]))
    return parts


def scratch_text(scratch: Scratch) -> str:
    """What stood in for what, and how it was filled."""
    return f"scratch database for {one_line(scratch.database)}: {one_line(scratch.way)}, {plural(scratch.rows, 'row')}"


def pass_text(done: Pass) -> str:
    """One pass on a line."""
    way = rehearsal_words.WAYS[done.direction]
    return f"{'✔' if done.ok else '✖'} {way}: {plural(len(done.executed), 'statement')}"


def loss_text(loss: Loss) -> str:
    """One thing that was not brought back."""
    before, after = rehearsal_words.side(loss.before), rehearsal_words.side(loss.after)
    return f"{one_line(loss.kind)} {one_line(loss.name)}: {before} → {after}"


def rows_text(changed: RowsChanged) -> str:
    """What became of the rows of one table."""
    where = f" ({', '.join(map(one_line, changed.columns))})" if changed.columns else ""
    told = f"{changed.vanished:,} vanished, {changed.changed:,} changed{where}, {changed.appeared:,} appeared"
    return f"{one_line(changed.table)}: {told}"


def _pass(rehearsal: Rehearsal, number: int) -> Iterator[str]:
    shown = rehearsal_words.shown(rehearsal, number)
    yield rehearsal_words.pass_title(rehearsal, number)
    if shown is None:
        yield "  the same statements as in the first pass"
        return
    if shown.before:
        yield f"  … {plural(shown.before, 'more step')} not shown"
    for step, executed, limit in shown.steps:
        name = f"  {words.step_id(step.revision)}  {words.step_name(step)}"
        yield name + ("" if executed else ": no statements")
        for each in executed[:limit]:
            lines = list(statement_lines(each.sql, "     "))
            yield "\n".join(lines) + rehearsal_words.rows_of(each)
        if len(executed) > limit:
            yield f"     … {plural(len(executed) - limit, 'more statement')} not shown"
    if shown.after:
        yield f"  … {plural(shown.after, 'more step')} not shown"


def _listed(title: str, lines: list[str], more: str = "") -> str:
    return "\n".join([title, *(f"  {line}" for line in [*lines, more] if line)])


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))

"""The sentences that the text and the HTML form of a Rehearsal share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.render import words
from workbench.render.page import Kind
from workbench.render.run_text import rows_told
from workbench.results.plans import Executed, Step
from workbench.results.rehearsals import Loss, Pass, Rehearsal, RowsChanged
from workbench.text import one_line, plural, shorten

WAYS = {"upgrade": "up", "downgrade": "down", "stamp": "stamp"}
_OF_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "SELECT", "WITH"})
LOST_SHOWN = 40
ROWS_SHOWN = 30
SIDE_SHOWN = 300
"""Characters of a definition."""
STEPS_SHOWN = 40
"""Of one pass: it goes over each step up to three times, and the Plan shows them all."""
STATEMENTS_SHOWN = 60
"""Of one pass."""


@dataclass(frozen=True)
class Shown:
    """What a page shows of one pass; of a failed one the end, where it failed."""

    steps: tuple[tuple[Step, tuple[Executed, ...], int], ...]
    """Each with what it executed, and how many statements of that are shown."""
    before: int
    """How many steps before these are left out."""
    after: int


def title(rehearsal: Rehearsal) -> str:
    """How it went, in a sentence."""
    if not rehearsal.passes:
        if rehearsal.error is None:
            at = words.heads({head for each in rehearsal.databases for head in each.heads})
            return f"Nothing to rehearse: {_places(rehearsal)} is already at {at}."
        return f"The rehearsal {_where(rehearsal)} did not come to the first step."
    told = [" ".join(f"{WAYS[each.direction]} {'✔' if each.ok else '✖'}" for each in rehearsal.passes)]
    came_back = len(rehearsal.passes) > 1 and rehearsal.passes[1].ok
    if came_back and rehearsal.lost:
        was = "was" if len(rehearsal.lost) == 1 else "were"
        told.append(f"{plural(len(rehearsal.lost), 'thing')} {was} not brought back")
    elif came_back and not rehearsal.rows_changed:
        told.append("nothing was lost")
    if rehearsal.rows_changed:
        told.append(f"the rows of {plural(len(rehearsal.rows_changed), 'table')} are not as they were")
    if rehearsal.remaining is not None:
        count = len(rehearsal.remaining.changes)
        told.append(f"the models differ in {plural(count, 'thing')}" if count else "the models agree")
    return f"Rehearsed {_where(rehearsal)}: {'; '.join(told)}."


def kind(rehearsal: Rehearsal) -> Kind:
    """Whether one may be content with it."""
    if not rehearsal.ok:
        return "bad"
    differs = rehearsal.remaining is not None and not rehearsal.remaining.is_empty
    return "warn" if rehearsal.lost or rehearsal.rows_changed or differs else "good"


def loss(rehearsal: Rehearsal, each: Loss) -> tuple[str, str, str, str]:
    """The cells of one thing: kind, name, before, after."""
    several = len(rehearsal.databases) > 1
    name = f"{each.database}: {each.name}" if several else each.name
    return one_line(each.kind), one_line(name), side(each.before), side(each.after)


def side(definition: str) -> str:
    """A definition on one line, or that there is none."""
    return shorten(definition, SIDE_SHOWN) or "(not there)"


def rows(rehearsal: Rehearsal, each: RowsChanged) -> tuple[str, str, str]:
    """The cells of one table: its name, what became of its rows, how many there were and are."""
    name = f"{each.database}: {each.table}" if len(rehearsal.databases) > 1 else each.table
    told = [
        plural(count, f"row {what}", f"rows {what}")
        for count, what in ((each.vanished, "vanished"), (each.changed, "changed"), (each.appeared, "appeared"))
        if count
    ]
    where = f" ({', '.join(map(one_line, each.columns))})" if each.columns else ""
    return one_line(name), ", ".join(told) + where, f"{each.before:,} → {each.after:,}"


def pass_title(rehearsal: Rehearsal, number: int) -> str:
    """`Pass 2, down: 3 revisions, 9 statements`."""
    done = rehearsal.passes[number]
    steps = [step for step, _ in steps_of(rehearsal, done)]
    told = f"{plural(len(steps), 'revision')}, {plural(len(done.executed), 'statement')}"
    return f"Pass {number + 1}, {WAYS[done.direction]}: {told}" + ("" if done.ok else ", failed")


def steps_of(rehearsal: Rehearsal, done: Pass) -> Iterator[tuple[Step, tuple[Executed, ...]]]:
    """The steps that a pass came to, in its order, with what each executed."""
    steps = rehearsal.plan.steps if done.direction == rehearsal.plan.direction else rehearsal.plan.steps[::-1]
    ran: dict[tuple[str, str], list[Executed]] = {}
    for each in done.executed:
        ran.setdefault((each.database, each.revision), []).append(each)
    for step in steps:
        executed = ran.get((step.database, step.revision))
        if executed is not None or done.ok:
            yield step, tuple(executed or ())


def repeats(rehearsal: Rehearsal, number: int) -> bool:
    """This pass went as one before it, so that its statements need not be shown again."""
    done = rehearsal.passes[number]
    told = [(each.revision, each.sql, each.rows) for each in done.executed]
    return done.ok and any(
        told == [(each.revision, each.sql, each.rows) for each in earlier.executed]
        for earlier in rehearsal.passes[:number]
        if earlier.direction == done.direction
    )


def shown(rehearsal: Rehearsal, number: int) -> Shown | None:
    """What a page shows of one pass; None for one that went as one before it."""
    if repeats(rehearsal, number):
        return None
    done = rehearsal.passes[number]
    steps = list(steps_of(rehearsal, done))
    before = 0 if done.ok else max(len(steps) - STEPS_SHOWN, 0)
    part = steps[before : before + STEPS_SHOWN]
    # The last step of a failed pass is the one to look at, and must not find that the others have used up the page.
    order = part if done.ok else part[::-1]
    limits = words.allotted((len(executed) for _, executed in order), STATEMENTS_SHOWN)
    told = zip(part, limits if done.ok else limits[::-1], strict=True)
    return Shown(tuple((*each, limit) for each, limit in told), before, len(steps) - before - len(part))


def rest(rehearsal: Rehearsal) -> str:
    """Where all statements are, if a page does not show them all; else nothing."""
    parts = [part for part in (shown(rehearsal, number) for number in range(len(rehearsal.passes))) if part is not None]
    cut = any(limit < len(executed) for each in parts for _, executed, limit in each.steps)
    if not cut and not any(each.before or each.after for each in parts):
        return ""
    return f"All {sum(len(done.executed) for done in rehearsal.passes):,} statements that were executed: `.statements`."


def left_out(count: int, noun: str, where: str) -> str:
    """`… 12 more tables not shown; all: `.rows_changed``; nothing if nothing is left out."""
    return f"… {plural(count, 'more ' + noun)} not shown; all: `{where}`" if count > 0 else ""


def rows_of(executed: Executed) -> str:
    """`  -- 3 rows`; nothing where the driver does not know, or says 0 of a statement that has none."""
    is_data = executed.sql.lstrip("( \n").partition(" ")[0].upper() in _OF_ROWS
    return rows_told(executed.rows) if executed.rows or is_data else ""


def _where(rehearsal: Rehearsal) -> str:
    if rehearsal.filled == "replay":
        return f"on a database made by the revisions of {_places(rehearsal)}"
    copied = sum(each.rows for each in rehearsal.scratch)
    amount = plural(copied, "row")
    return {
        "full": f"on a copy of {_places(rehearsal)} ({amount})",
        "sample": f"on a sample of {_places(rehearsal)} ({amount})",
        "none": f"on a copy of {_places(rehearsal)} without its rows",
    }[rehearsal.data]


def _places(rehearsal: Rehearsal) -> str:
    return words.both([words.where(each) for each in rehearsal.databases]) or "the database"

"""What the text and the HTML form both say of a Plan and a SchemaDiff, and how much of them is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workbench.results.databases import Database
from workbench.results.effects import Destroyed
from workbench.results.findings import ONLY_REHEARSED, Finding
from workbench.results.plans import Plan, Step
from workbench.results.schema_diff import Change, SchemaDiff
from workbench.text import one_line, plural, short_id

STEPS_SHOWN = 300
"""Of one Plan or Run. As with all of these, the rest is counted; `.df` and `.sql` have all of it."""
STATEMENTS_SHOWN = 50
"""Of one step."""
STATEMENTS_ON_A_PAGE = 400
"""Of all steps: a saved notebook that nobody can open any more helps nobody."""
CHARACTERS_SHOWN = 4000
"""Of one statement."""
CHANGES_SHOWN = 100
"""Of one table."""
TABLES_SHOWN = 60
"""Of one SchemaDiff."""
LINES_SHOWN = 200
"""Of the code or the SQL of a whole SchemaDiff."""

DOES = {"upgrade": "Upgrade", "downgrade": "Downgrade", "stamp": "Stamp"}


def heads(ids: Iterable[str]) -> str:
    """`9f31c0aa, a8820f13`, or `base` for none."""
    return ", ".join(one_line(short_id(each)) for each in ids) or "base"


def where(database: Database) -> str:
    """`bookshop on localhost`: what a button has to name."""
    return one_line(f"{database.name} on {database.host}" if database.host else database.name)


def both(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


# --- a Plan ---


def sections(plan: Plan) -> Iterator[tuple[Database | None, tuple[tuple[int, Step], ...]]]:
    """Each database with its steps and their index in the Plan; None for steps that name no known database."""
    numbered = tuple(enumerate(plan.steps))
    if len(plan.databases) == 1:
        yield plan.databases[0], numbered
        return
    known = {database.name for database in plan.databases}
    for database in plan.databases:
        yield database, tuple((i, step) for i, step in numbered if step.database == database.name)
    rest = tuple((i, step) for i, step in numbered if step.database not in known)
    if rest:
        yield None, rest


def amount(steps: Sequence[Step]) -> str:
    """`3 revisions, 9 statements`, and how many of them show no SQL beforehand."""
    if steps and all(step.direction == "stamp" for step in steps):
        return "no revision runs, only the version table is written"
    told = f"{plural(len(steps), 'revision')}, {plural(sum(len(step.statements or ()) for step in steps), 'statement')}"
    blind = sum(step.statements is None for step in steps)
    return told + (f" (of {plural(blind, 'revision')} the SQL cannot be had beforehand)" if blind else "")


def journey(plan: Plan, database: Database | None) -> str:
    """`9f31c0aa → c41d77e0`."""
    if plan.offline or database is None:
        start = heads(part.strip() for part in plan.source.split(",")) if plan.source else "base"
    else:
        start = heads(database.heads)
    after = dict(plan.after).get(database.name) if database else None
    return f"{start} → {heads(after) if after is not None else one_line(plan.target)}"


def purged(plan: Plan, databases: Iterable[Database | None]) -> str:
    """That the version table is emptied first, where there is something in it."""
    purges = plan.purge and any(each is not None and each.heads for each in databases)
    return " (the version table is emptied first)" if purges else ""


def nothing(plan: Plan, database: Database | None) -> str:
    """That there is nothing to run, and why."""
    if database is None:
        return f"Nothing to run: {one_line(plan.source)} to {one_line(plan.target)} holds no revision."
    return f"Nothing to run: {one_line(database.place)} is already at {heads(database.heads)}."


def section_title(plan: Plan, database: Database | None, steps: Sequence[Step]) -> str:
    """What happens to one database."""
    if not steps:
        return nothing(plan, database)
    name = f" {one_line(database.place)}" if database else ""
    sql = "SQL to " + plan.direction if plan.offline else DOES[plan.direction]
    return f"{sql}{name}: {journey(plan, database)}, {amount(steps)}{purged(plan, [database])}"


def plan_title(plan: Plan) -> str:
    """What the Plan would do, in a sentence."""
    if len(plan.databases) <= 1:
        return section_title(plan, plan.databases[0] if plan.databases else None, plan.steps)
    if plan.is_empty:
        return f"Nothing to run on any of {len(plan.databases)} databases."
    places = plural(len(plan.databases), "database")
    told = f"{DOES[plan.direction]} {places} to {one_line(plan.target)}: {amount(plan.steps)}"
    return told + purged(plan, plan.databases)


def step_name(step: Step) -> str:
    """What a step is called where a message is missing: a stamp to base has not even an id."""
    return one_line(step.message) or ("write the version table" if step.direction == "stamp" else "(no message)")


def step_id(revision: str) -> str:
    """A revision's short id, or `base`."""
    return one_line(short_id(revision)) or "base"


def step_amount(step: Step) -> str:
    """`8 statements`, or that they are not known."""
    if step.statements is None:
        return "SQL not known beforehand"
    told = plural(len(step.statements), "statement") if step.statements else "no statements"
    return f"{told}, rehearsed" if step.why_not else told


def why_not(step: Step) -> str:
    """Why a step shows no SQL."""
    return one_line(step.why_not or "Its SQL cannot be had without running it.")


def allotted(counts: Iterable[int], left: int = STATEMENTS_ON_A_PAGE) -> list[int]:
    """How many of each step's statements a page shows, `left` of them in all."""
    told = []
    for count in counts:
        told.append(min(count, STATEMENTS_SHOWN, left))
        left -= told[-1]
    return told


def cut(statement: str) -> tuple[str, int]:
    """As much of a statement as a page shows, and how many characters it hides."""
    return statement[:CHARACTERS_SHOWN], max(len(statement) - CHARACTERS_SHOWN, 0)


DESTROYED_SHOWN = 12
"""Tables and columns named in the sentence about what a Plan destroys."""


def destroyed(each: Destroyed) -> str:
    """`table legacy_export (12,880 rows)`, `column customer.nickname (3,201 values)`."""
    kind, noun = ("column", "value") if each.column else ("table", "row")
    count = "rows not counted" if each.rows is None else plural(each.rows, noun)
    return f"{kind} {one_line(each.name)} ({'at least ' if each.at_least and each.rows is not None else ''}{count})"


def destroys(plan: Plan) -> str:
    """What data the Plan destroys, or may, in sentences; empty if it destroys none."""
    several = len(plan.databases) > 1
    sentences = []
    for does, things in losses(plan):
        told = [f"{f'{one_line(each.database)}: ' if several else ''}{destroyed(each)}" for each in things]
        more = [f"{len(told) - DESTROYED_SHOWN:,} more"] if len(told) > DESTROYED_SHOWN else []
        sentences.append(f"{does}: {', '.join(told[:DESTROYED_SHOWN] + more)}")
    return ". ".join(sentences)


def losses(plan: Plan) -> tuple[tuple[str, tuple[Destroyed, ...]], ...]:
    """What the Plan drops that has data, by how certain it is that this is lost: what to call it, and the things."""
    read = {
        (each.database, each.revision, each.object)
        for each in plan.findings
        if each.rule in {"drop-column", "drop-table"} and _is_read_first(each)
    }
    groups: dict[str, list[Destroyed]] = {"Destroys data": [], "May destroy data": [], READ_FIRST: []}
    for each in plan.destroys:
        if (each.database, each.revision, each.name) in read:
            groups[READ_FIRST].append(each)
        else:
            groups["Destroys data" if each.rows is not None else "May destroy data"].append(each)
    return tuple((does, tuple(things)) for does, things in groups.items() if things)


READ_FIRST = "Drops what these revisions have read first"


def _is_read_first(finding: Finding) -> bool:
    """The revisions read what they drop, and keep it elsewhere, or may: that is no question to the rows."""
    told = finding.evidence
    return told.why == ONLY_REHEARSED or (finding.outcome == "breaks-code" and not told.verdict)


# --- a SchemaDiff ---


def diff_title(diff: SchemaDiff) -> str:
    """How much differs, in a sentence."""
    if diff.is_empty:
        return f"{agreeing(diff)}: nothing to change."
    count = len({(each.database, each.schema, each.table) for each in diff.changes})
    several = f" of {plural(len(diff.databases), 'database')}" if len(diff.databases) > 1 else ""
    sides = f"{one_line(diff.source)} -> {one_line(diff.target)}"
    return f"{sides}: {plural(len(diff.changes), 'change')} in {plural(count, 'table')}{several}"


def agreeing(diff: SchemaDiff) -> str:
    """`live and models agree`."""
    return f"{one_line(diff.source)} and {one_line(diff.target)} agree"


def database_changes(diff: SchemaDiff) -> Iterator[tuple[Database | None, tuple[Change, ...]]]:
    """Each database with its changes; one of None for changes that name no known database."""
    if len(diff.databases) == 1:
        yield diff.databases[0], diff.changes
        return
    known = {database.name for database in diff.databases}
    for database in diff.databases:
        yield database, tuple(each for each in diff.changes if each.database == database.name)
    rest = tuple(each for each in diff.changes if each.database not in known)
    if rest:
        yield None, rest


def table_amount(changes: Sequence[Change]) -> str:
    """`new table`, `removed table` or `2 changes`."""
    kinds = {each.kind for each in changes}
    if "add_table" in kinds:
        return "new table" if len(changes) == 1 else f"new table, {plural(len(changes) - 1, 'more change')}"
    if "remove_table" in kinds:
        return "removed table" if len(changes) == 1 else f"removed table, {plural(len(changes) - 1, 'more change')}"
    return plural(len(changes), "change")


def named(change: Change) -> str:
    """The changed thing's name."""
    return one_line(change.name) or "(unnamed)"

"""What the text and the HTML form both say of a Run."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import words
from workbench.results.databases import Database
from workbench.results.plans import Run, StepRun
from workbench.text import one_line, plural

OUTCOMES = {"done": "✔", "failed": "✖", "rolled back": "↩", "not recorded": "⚠", "not run": "○", "stopped": "⚠"}


def outcome(run: Run, step: StepRun) -> str:
    """What became of a step: `done`, `failed`, `not run`, or `stopped` for the one during which the user cancelled."""
    return "stopped" if run.cancelled and step.outcome == "failed" else step.outcome


def run_title(run: Run) -> str:
    """How it ended and where the databases stand now."""
    done = sum(step.outcome == "done" for step in run.steps)
    noun = "step" if run.plan.direction == "stamp" else "revision"
    if run.ok and not run.steps:
        return f"Nothing was run. {_now(run)}"
    if run.ok:
        verb, to = {"upgrade": ("Applied", "to"), "downgrade": ("Undid", "on"), "stamp": ("Stamped", "")}[
            run.plan.direction
        ]
        told = f"{verb} {f'{plural(done, noun)} {to} ' if to else ''}{words.both(_places(run))}"
        if len(run.databases) == 1:
            return f"{told}, now at {words.heads(run.databases[0].heads)}."
        return f"{told}. {_now(run)}"
    total = len(run.steps)
    if run.cancelled:
        return f"Cancelled after {done} of {plural(total, noun)} on {words.both(_places(run))}. {_now(run)}"
    failed = next((i for i, step in enumerate(run.steps) if step.outcome == "failed"), None)
    if failed is None:
        at = f"after step {done} of {total}" if done else "before the first step"
        return f"Failed {at} on {words.both(_places(run))}. {_now(run)}"
    step = run.steps[failed]
    told = f"{words.step_id(step.revision)} {one_line(step.message)}".strip()
    place = next(
        (_place(run, each) for each in run.plan.databases if each.name == step.database), words.both(_places(run))
    )
    return f"Failed at step {failed + 1} of {total} on {place}: {told.removesuffix('.')}. {_now(run)}"


def run_standing(run: Run) -> str:
    """What state the databases were left in, without what the Findings say below, and where the backup lies."""
    standing = "" if run.ok else run.standing
    for each in run.findings:
        standing = standing.replace(each.message, "")
    saved = f"What it destroys was written to {run.backup} first." if run.backup else ""
    return one_line(f"{standing} {saved}")


def run_sections(run: Run) -> Iterator[tuple[str, tuple[tuple[int, StepRun], ...]]]:
    """A title and the steps of each database; without a title if there is only one."""
    numbered = tuple(enumerate(run.steps))
    known = {each.name: each for each in run.plan.databases} | {each.name: each for each in run.databases}
    if len(known) <= 1:
        yield "", numbered
        return
    read = {each.name for each in run.databases}
    for name, database in known.items():
        steps = tuple((i, step) for i, step in numbered if step.database == name)
        at = f"now at {words.heads(database.heads)}" if name in read else "where it stands could not be read"
        yield f"{one_line(database.place)}: {at}" + ("" if steps else ", nothing was to run"), steps
    rest = tuple((i, step) for i, step in numbered if step.database not in known)
    if rest:
        yield "another database", rest


def _now(run: Run) -> str:
    if not run.databases:
        return f"Where {words.both(_places(run))} stands could not be read."
    if len(run.databases) == 1:
        return f"Now at {words.heads(run.databases[0].heads)}."
    return f"Now {words.both([f'{words.where(each)} is at {words.heads(each.heads)}' for each in run.databases])}."


def _place(run: Run, database: Database) -> str:
    return words.where(database) if len(run.plan.databases) > 1 else one_line(database.place)


def _places(run: Run) -> list[str]:
    touched = {step.database for step in run.steps}
    databases = run.plan.databases or run.databases
    told = [each for each in databases if each.name in touched] or list(databases)
    return [_place(run, each) for each in told] or ["the database"]

"""Holds what the workbench says after a fault against what is in the database, and takes the way on that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.faults.places import Look, Place, wait_for
from workbench.errors import WorkbenchError
from workbench.results import Run

if TYPE_CHECKING:
    from workbench.results import Finding

STAMP = r'wb\.stamp\("(\w+)"(, purge=True)?\)'
UNDO = r"Undo what was done \((.*?)\) and|is whole, then: (.*)|Drop it and run the revision again: (.*?)\. "
"""What remedies tell to do."""
SURE = 'wb.stamp("r1", purge=True)'
"""What whoever restores the version table knows of the schema."""


@dataclass(frozen=True)
class Cell:
    """What became of one fault on one database."""

    fault: str
    kind: str
    said: str
    """What `apply()` ended with, in its own words."""
    left: str
    """What was in the database then, by a connection of one's own."""
    diagnosis: str
    """What the Run and the findings say about it."""
    way: str
    """The way on that was taken."""
    problems: tuple[str, ...] = ()
    """What was not as it has to be; empty if all was."""


def judge(
    place: Place,
    fault: str,
    ended: Run | WorkbenchError | None,
    *,
    target: str = "five",
    statements: int = 5,
    took: int | None = None,
    expected: type[WorkbenchError] = WorkbenchError,
    rules: tuple[str, ...] = (),
    repair: tuple[str, ...] = (),
    way: str = "",
    said: str = "",
) -> Cell:
    """Look, compare, and take the way on.

    Args:
        place: Where it happened.
        fault: What happened, in words.
        ended: What `apply()` gave or raised; None if there was nobody to give it to.
        target: The revision that was on its way.
        statements: How many statements it has.
        took: How many of its statements took, as a look past the workbench says; None to see that of `five`.
        expected: What kind of error it has to be.
        rules: What has to be found besides a half-applied revision.
        repair: What whoever is responsible does about the cause: statements, executed before the way on.
        way: What that is, in words.
        said: What else was told on the way.

    """
    problems: list[str] = []
    wait_for(lambda: not place.sessions(), "the end of the sessions")
    now = place.look()
    took = sum(now.took) if took is None else took
    at_target = now.heads == (target,)
    findings = errors_of(place)
    error = ended.error if isinstance(ended, Run) else ended
    if isinstance(ended, Run):
        problems += _run_problems(ended, now, target)
    if error is not None and not isinstance(error, expected):
        problems.append(f"the error is a {type(error).__name__}, not a {expected.__name__}")
    if error is not None and not error.remedy:
        problems.append("the error says nothing of what to do")
    if "Traceback" in str(ended):
        problems.append(f"a traceback: {ended}")
    problems += _status_problems(place, now)
    if isinstance(ended, Run) and "could not be read" not in ended.standing:
        # `_alembic_tmp_` and the like are no part of a Run's revision: the Run may tell of them or not.
        told_then, told_now = (
            {each.message for each in some if each.rule not in {"batch-leftover", "invalid-index"}}
            for some in (ended.findings, findings)
        )
        if told_then != told_now:
            problems.append(f"the Run found {sorted(told_then)}, and a look afterwards {sorted(told_now)}")
    problems += _finding_problems(findings, took, statements, rules, at_target=at_target)
    end = "" if ended is None else "done" if error is None else _sentence(error)
    said = "; ".join(filter(None, (said, end)))
    left = "all of it" if at_target else "nothing" if not took else f"{took} of {statements} statements"
    told = [ended.standing] if isinstance(ended, Run) and ended.standing else []
    told += [f"{each.rule}: {each.message}" for each in findings if each.message not in " ".join(told)]
    if repair:
        place.execute(*repair)
    ways = [way, _go_on(place, target, findings, problems)]
    return Cell(
        fault, place.kind, _clean(said), left, _clean(" ".join(told)), "; ".join(filter(None, ways)), tuple(problems)
    )


def errors_of(place: Place) -> tuple[Finding, ...]:
    """What `check()` finds wrong: the errors, not the warnings."""
    if not hasattr(place.wb, "check"):
        return ()
    return tuple(each for each in place.wb.check().findings if each.severity == "error")


def _run_problems(run: Run, now: Look, target: str) -> list[str]:
    problems = []
    if run.heads != (now.heads or ()):
        problems.append(f"the Run says {run.heads}, the version table {now.heads}")
    if run.ok != (now.heads == (target,)):
        problems.append(f"the Run says ok={run.ok}, and the version table {now.heads}")
    if not run.ok and run.error is None:
        problems.append("the Run failed without an error")
    return problems


def _status_problems(place: Place, now: Look) -> list[str]:
    heads = place.wb.current().heads
    return [] if heads == (now.heads or ()) else [f"current() says {heads}, the version table {now.heads}"]


def _finding_problems(
    findings: tuple[Finding, ...], took: int, statements: int, others: tuple[str, ...], *, at_target: bool
) -> list[str]:
    found = sorted(each.rule for each in findings)
    halves = [] if at_target or not took else ["not-recorded"] if took == statements else ["half-applied"]
    expected = sorted([*halves, *others])
    if found != expected:
        return [f"the findings are {found}, and have to be {expected}"]
    told = next((each.message for each in findings if each.rule == "half-applied"), None)
    if told is not None and f"{took} of {statements}" not in told:
        return [f"the finding does not say {took} of {statements}: {told}"]
    return []


def _go_on(place: Place, target: str, findings: tuple[Finding, ...], problems: list[str]) -> str:
    """Do what the findings say, and plan again; then all has to be as if nothing had happened."""
    ways = []
    for each in findings:
        stamp = re.search(STAMP, each.remedy) or (each.rule == "unknown-revision" and re.search(STAMP, SURE))
        undo = re.search(UNDO, each.remedy)
        if undo and each.rule != "not-recorded":
            statements = next(filter(None, undo.groups())).split("; ")
            place.execute(*statements)
            ways.append(f"undone: `{'; '.join(statements)}`")
        elif stamp:
            run = place.wb.stamp(stamp[1], purge=bool(stamp[2])).apply()
            problems += [] if run.ok else [f"the stamp failed: {run.error}"]
            ways.append(f"`{stamp[0]}`")
        else:
            problems.append(f"the remedy of {each.rule} names nothing that can be done: {each.remedy}")
    if place.look().heads == (target,):
        ways.append("nothing more to be done" if ways else "nothing to be done")
    else:
        run = place.wb.upgrade(target).apply()
        problems += [] if run.ok else [f"the way on failed: {run.error}"]
        ways.append("planned again, applied")
    after, reference = place.look(), place.references[target]
    if after.heads != (target,):
        problems.append(f"the way on led to {after.heads}")
    if after.schema != reference.schema:
        problems.append(f"another schema than undisturbed: {_differences(after, reference)}")
    if after.rows != reference.rows:
        problems.append(f"rows were lost or doubled: {after.rows}, undisturbed {reference.rows}")
    if left := [each.rule for each in errors_of(place)]:
        problems.append(f"afterwards check() still finds {left}")
    return "; ".join(ways)


def _differences(one: Look, other: Look) -> Any:
    names = sorted({*one.schema, *other.schema})
    return {
        name: (one.schema.get(name), other.schema.get(name))
        for name in names
        if one.schema.get(name) != other.schema.get(name)
    }


def _sentence(error: WorkbenchError) -> str:
    words = [f"{type(error).__name__}: {error.message}"]
    words += [f"({text.splitlines()[0]})" for title, text in error.evidence if title == "the database says"]
    return " ".join(words)


def _clean(words: str) -> str:
    """Without what changes from run to run."""
    words = re.sub(r"wbtest_\w+", "shop", words)
    words = re.sub(r"/\S*/(?=\S+\.db)", "", words)
    words = re.sub(r"pg_tblspc/\S+(?=\")", "pg_tblspc/…", words)
    words = re.sub(r"\b(process|connection|session|PID|id) \d+", r"\1 N", words)
    return re.sub(r"\s+", " ", words).strip()

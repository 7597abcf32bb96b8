"""P2: whether everything is as the Plan says, and which of its steps are still to be run."""

from __future__ import annotations

from workbench.bridge import offline, seals, stepping
from workbench.bridge.environments import Part
from workbench.bridge.stepping import Stepped
from workbench.errors import PlanOutdated, WorkbenchError
from workbench.results import Plan, Step
from workbench.text import redact
from workbench.worker.progress import NotAgain, Progress


def check_files(plan: Plan, folder: str) -> None:
    """Compare every file that the Plan was made from.

    Raises:
        PlanOutdated: One of them has changed.

    """
    path = seals.changed(plan.sealed, folder)
    if path is not None:
        raise PlanOutdated(*_moved(f"{path} has changed since the Plan was made"))


def steps_left(
    plan: Plan, part: Part, progress: Progress, secrets: set[str], heads: tuple[str, ...] | None = None
) -> list[tuple[int, Stepped]]:
    """The steps that are to be run, with their index in the Plan; `heads` are those that another has read.

    Raises:
        PlanOutdated: The database, its heads, or what the target means is not as the Plan says.
        NotAgain: What an earlier try has done and the version table does not tell of, may still be there.

    """
    then = next((each for each in plan.databases if each.name == part.name), None)
    now = part.database
    if then is None or (then.url, then.host) != (now.url, now.host):
        raise PlanOutdated(*_moved(f"env.py now connects to {now.name} ({now.url})"))
    expected = [(index, step) for index, step in enumerate(plan.steps) if step.database == part.name]
    done = _done_before(progress, expected, then.heads, now.heads)
    if done is None or heads not in {None, now.heads}:
        was, is_ = (", ".join(each) or "base" for each in (then.heads, now.heads if done is None else heads or ()))
        raise PlanOutdated(*_moved(f"{now.name} stood at {was} when the Plan was made, and is at {is_} now"))
    try:
        start = () if plan.purge else part.heads if done == 0 else then.heads
        found = stepping.steps_to(part, plan.direction, plan.target, start)
        found = found or ([offline.PURGE] if plan.purge and part.heads else [])
    except Exception as error:
        words = redact(error.message if isinstance(error, WorkbenchError) else str(error), secrets)
        raise PlanOutdated(*_moved(f"the revision files have changed: {words}")) from error
    for (_, step), now_step in zip(expected, found):  # noqa: B905 - the lengths are compared below
        if step.revision == now_step.revision and step.digest != now_step.digest:
            raise PlanOutdated(*_moved(f"{step.path} has been edited since the Plan was made"))
    if [step.revision for _, step in expected] != [each.revision for each in found]:
        new = ", ".join(each.revision or "base" for each in found) or "nothing"
        raise PlanOutdated(*_moved(f"the target {plan.target!r} now means other revisions: {new}"))
    return [(index, each) for (index, _), each in zip(expected, found)][done:]  # noqa: B905


def _done_before(
    progress: Progress, mine: list[tuple[int, Step]], start: tuple[str, ...], heads: tuple[str, ...]
) -> int | None:
    """How many of a database's steps an earlier try has brought into it; None if it stands at none of them.

    Raises:
        NotAgain: What an earlier try has done and the version table does not tell of, may still be there.

    """
    finished = progress.finished
    standing = [start, *(step.heads for _, step in mine)]
    ran = sum(index in finished for index, _ in mine)
    done = next((count for count in range(ran, -1, -1) if standing[count] == heads), None)
    if done is not None and done < ran:
        lost = {index for index, _ in mine[done:]}
        if lost & progress.kept:
            raise NotAgain
        finished[:] = [index for index in finished if index not in lost]
    return done


def _moved(what: str) -> tuple[str, str]:
    return (
        f"{seals.OUTDATED}{what}.",
        "Make the plan again and look at it; then apply that one.",
    )

"""The only two writers: runs a Plan, writes a Draft."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bridge.values import Drafted
from workbench.capabilities import runs
from workbench.errors import DatabaseReadOnly, PlanOutdated, UnsupportedRequest, WorkbenchError, WorkerDied
from workbench.results import Database, Draft, Event, Plan, Run
from workbench.worker.client import Client

if TYPE_CHECKING:
    from workbench.worker.answers import Standing

_OPEN_ANOTHER = "To write, open one without read_only=True."


def apply_plan(client: Client, plan: Plan, on_event: Callable[[Event], None] | None, *, read_only: bool) -> Run:
    """Run exactly the Plan's steps.

    Raises:
        PlanOutdated: Something has moved. Nothing was run.
        UnsupportedRequest: The Plan is a range, made to be read.
        DatabaseReadOnly: The Workbench was opened read-only.

    """
    if plan.offline:
        raise UnsupportedRequest(
            f"This Plan is the SQL of the range {plan.target!r}; it does not start where the database stands.",
            'Make one to a target, as in wb.upgrade("head"), and apply that.',
        )
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it applies nothing.", _OPEN_ANOTHER)
    if plan.is_empty:
        client.call("verify", told=plan)
        now = client.call("status").databases
        return Run(True, runs.heads(now), (), (), now, plan, standing="There was nothing to run.")
    watch = runs.Watch(on_event)
    try:
        with client.operation():  # a cancel between the two is a cancel of both
            client.call("verify", told=plan)
            ran = client.call("apply", on_event=watch, graceful=True, told=plan)
    except (PlanOutdated, UnsupportedRequest):
        raise
    except WorkbenchError as error:  # before the first step, or the worker's death
        ran = watch.ran(error)
    return runs.run(plan, ran, _databases_now(client))


def _databases_now(client: Client) -> tuple[Database, ...] | WorkbenchError:
    """Each database as it is now, read by another process if need be."""
    problem: WorkbenchError = WorkerDied("It was not asked.")
    for _ in range(2):  # a cancel meant for the migration may hit the first question after it
        try:
            standing: Standing = client.call("status")
        except WorkbenchError as error:
            problem = error
        else:
            return standing.databases
    return problem


def write_draft(client: Client, draft: Draft, folder: Path, options: dict[str, Any], *, read_only: bool) -> Path:
    """Write the Draft's file, never over another one.

    Raises:
        PlanOutdated: The revision files have moved. Nothing was written.
        DatabaseReadOnly: The Workbench was opened read-only.

    """
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it writes nothing.", _OPEN_ANOTHER)
    drafted = Drafted(draft.revision, draft.down_revisions, str(folder / draft.path), draft.code)
    return Path(client.call("write", drafted=drafted, options=options))

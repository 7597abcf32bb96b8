"""Plans: made of what the worker tells, and whether one still holds."""

from __future__ import annotations

from typing import Any

from workbench.bridge import seals
from workbench.errors import PlanOutdated, UnsupportedRequest, WorkbenchError
from workbench.results import Plan
from workbench.results.plans import Direction
from workbench.worker.answers import Planned
from workbench.worker.client import Client


def check_target(direction: Direction, target: Any) -> None:
    """Refuse what cannot be a target, before anybody is asked.

    Raises:
        UnsupportedRequest: It is no str, or names nothing.

    """
    if not isinstance(target, str):
        raise UnsupportedRequest(
            f"The {direction} has a {type(target).__name__} for its target.",
            "Name it as a str: 'head', 'ab12', '+1'.",
        )
    if not target.strip() or target.endswith(":"):
        raise UnsupportedRequest(
            f"The {direction} has no target.", "Name one: 'head', 'base', an id, '+1', '-1', 'label@head'."
        )


def plan(told: Planned, direction: Direction, target: str, *, purge: bool) -> Plan:
    """The Plan of what the worker told."""
    is_range = ":" in target
    heads = ", ".join(dict.fromkeys(head for each in told.databases for head in each.heads)) or "base"
    return Plan(
        direction=direction,
        source=(target.partition(":")[0] or "base") if is_range else heads,
        target=target,
        steps=told.steps,
        sql=told.sql,
        databases=told.databases,
        after=told.after,
        offline=is_range,
        sealed=told.sealed,
        destroys=told.destroys,
        purge=purge,
    )


def outdated(client: Client, plan: Plan, folder: str, *, ask: bool) -> str | None:
    """Why `plan` would not be applied any more; see `Workbench.outdated`."""
    steps = ((step.path, step.digest) for step in plan.steps if step.path)
    path = seals.changed((*plan.sealed, *steps), folder)
    if path is not None:
        return f"{path} has changed since the Plan was made"
    if not ask or plan.offline:
        return None
    try:
        client.call("verify", told=plan, leave_loaded=False)
    except PlanOutdated as error:
        return error.message.removeprefix(seals.OUTDATED).removesuffix(".")
    except WorkbenchError:
        return None
    return None

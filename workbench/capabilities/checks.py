"""Check: what is wrong on the databases, and what of the files the worker has to know for that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bridge.values import Node
from workbench.environment.graph import Graph
from workbench.errors import WorkbenchError
from workbench.results import Check, Database, Finding, Plan
from workbench.text import one_line
from workbench.worker.client import Client

if TYPE_CHECKING:
    from workbench.worker.answers import Standing

_ORDER = ("error", "warning", "info")


def nodes(graph: Graph) -> dict[str, Node]:
    """Every revision that Alembic can take, by its id, oldest first."""
    return {
        node.file.revision: Node(
            str(Path(node.file.path).absolute()),
            graph.parents[node.file.revision],
            node.parents,
            node.file.message,
        )
        for node in reversed(graph.nodes)
        if node.fault is None
    }


def check(
    findings: tuple[Finding, ...], databases: tuple[Database, ...], not_asked: tuple[tuple[str, str], ...] = ()
) -> Check:
    """The Check: errors first, then warnings, then notes."""
    return Check(tuple(sorted(findings, key=lambda each: _ORDER.index(each.severity))), databases, not_asked)


def unasked(problem: WorkbenchError) -> Finding:
    """That the databases could not be asked."""
    return Finding(
        "databases-not-asked",
        "error",
        "unknown",
        f"The databases could not be asked, so only the files were looked at: {one_line(problem.message)}",
        one_line(problem.remedy),
    )


def after(client: Client, plan: Plan) -> tuple[Finding, ...]:
    """What a failed run of `plan` has left; nothing if that cannot be asked.

    Of the files it looks only at those of the Plan, each above the one that lies below it there.
    """
    found: dict[str, Node] = {}
    ordered = [step for step in plan.steps if step.path]
    if plan.direction == "downgrade":
        ordered.reverse()
    for database in plan.databases:
        below: tuple[str, ...] = ()
        for step in ordered:
            if step.database == database.name:
                path = str(Path(client.settings.folder) / step.path)
                found.setdefault(step.revision, Node(path, below, below, step.message))
                below = (step.revision,)
    if plan.direction == "stamp":
        found = {}
    try:
        answer: Standing = client.call("check", nodes=found, part_of_them=True)
    except (WorkbenchError, KeyboardInterrupt):
        return ()
    return answer.findings

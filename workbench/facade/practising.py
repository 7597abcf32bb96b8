"""What the checks of good practice ask a Workbench: its own questions, each when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from workbench.capabilities import journal, practices
from workbench.capabilities.practice import Asks, Look, NotAsked, Once
from workbench.capabilities.practices import Practised
from workbench.errors import WorkbenchError
from workbench.results import Change, Database, Plan, Rehearsal, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.environment.graph import Graph
    from workbench.facade.workbench import Workbench


def practised(  # noqa: C901 - one function for each question
    workbench: Workbench,
    graph: Graph,
    databases: tuple[Database, ...],
    *,
    everything: bool = False,
    scratch: bool = False,
    rehearse: bool = False,
    plan: Plan | None = None,
    problem: WorkbenchError | None = None,
) -> Practised:
    """What the checks find.

    Args:
        workbench: Whom to ask.
        graph: The revision files.
        databases: Where they stand; empty where nobody asked them.
        everything: Judge the code of all revisions, not only of pending ones and heads.
        scratch: Make the head on a scratch database where no live one stands there.
        rehearse: Rehearse what is pending.
        plan: A Plan of what is pending, where there is one already.
        problem: Why the databases cannot be asked; then no question goes to env.py.

    """
    settings = workbench._settings  # noqa: SLF001 - a part of the Workbench, in a file of its own
    scripts = workbench._scripts or workbench._known_scripts()  # noqa: SLF001 - as above
    lacking = practices.pending(graph, databases)
    chosen = practices.chosen(graph, lacking.values(), everything=everything)
    offline = plan is not None and plan.offline
    if offline and plan is not None and not everything:
        chosen |= set(plan.revisions)

    def refuse() -> NoReturn:
        if problem is not None:
            raise NotAsked("The databases cannot be asked.")
        raise NotAsked("No database is asked.")

    def live(ask: Any) -> Any:
        return Once(refuse if problem is not None or offline else ask)

    def steps() -> tuple[Step, ...]:
        return _steps(workbench, graph, lacking, everything=everything)

    def from_head() -> tuple[Change, ...]:
        if not (scratch or rehearse):
            raise NotAsked(
                "No database stands at the heads; wb.check(scratch=True) makes them on a scratch database to compare."
            )
        draft = workbench.revision("compare", head="heads")
        return tuple(change for each in draft.choices for change in each.changes)

    def rehearsal() -> Rehearsal:
        if not rehearse:
            raise NotAsked("")  # it was not asked for, and nobody expects it
        if not any(lacking.values()):
            raise NotAsked("Nothing is pending, so there is nothing to rehearse.")
        return workbench.rehearse(workbench.upgrade("heads"))

    asks = Asks(
        steps=Once(lambda: plan.steps) if plan is not None and offline else live(steps),
        all_steps=live(lambda: workbench.upgrade("base:heads").steps),
        models=live(workbench._ask_models),  # noqa: SLF001 - as above
        diff=live(workbench.diff),
        head_changes=live(from_head),
        rehearsal=live(rehearsal),
    )
    return practices.look(
        Look(
            graph, databases, settings.folder, scripts.versions if scripts else (),
            bool(scripts and scripts.recursive), lacking, chosen, asks, journal.configuration(settings),
        )
    )  # fmt: skip


def _steps(
    workbench: Workbench, graph: Graph, lacking: Mapping[str, frozenset[str]], *, everything: bool
) -> tuple[Step, ...]:
    """The upgrades of what is pending and of the heads; they are written, not run."""
    if everything:
        return workbench.upgrade("base:heads").steps
    steps = workbench.upgrade("heads").steps if any(lacking.values()) else ()
    told = {each.revision for each in steps}
    for node in graph.nodes:
        id_ = node.file.revision
        # What a merge does is nothing, as a rule, and it has no range of its own.
        if id_ in graph.heads and id_ not in told and not node.fault and len(node.parents) <= 1:
            start = node.parents[0] if node.parents else "base"
            steps += tuple(it for it in workbench.upgrade(f"{start}:{id_}").steps if it.revision == id_)
    return steps

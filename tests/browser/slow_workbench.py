"""A Workbench for the browser tests: it plays a run at walking pace, fails or is outdated on demand, and can stop."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from tests.zoo_plans import PLANS, RUNS
from workbench.errors import PlanOutdated
from workbench.results import Event, Plan, Run
from workbench.results.base import ResultT, attach


class SlowWorkbench:
    """Plays the runs of the zoo."""

    def __init__(self, pause: float = 0.2, ending: str = "ok", outdated: bool = False) -> None:
        self.pause = pause
        self.ending = ending
        self.outdated = outdated
        self.calls: list[str] = []
        self.stopped = threading.Event()

    def show(self, result: ResultT) -> ResultT:
        """Give the result an origin, so that it shows as a live view."""
        return attach(dataclasses.replace(result), self)

    def apply(self, plan: Plan, on_event: Callable[[Event], None]) -> Run:
        """Tell of each step and statement, then end as it was told to."""
        self.calls.append("apply")
        if self.outdated:
            raise PlanOutdated(
                "The database was at 9f31c0aa, now it is at 77b1e2d4. Nothing was run.", "Make it again."
            )
        for i, step in enumerate(plan.steps):
            on_event(Event("step", i, step.revision))
            for sql in step.statements or ():
                on_event(Event("statement", i, step.revision, sql))
                if self.stopped.wait(self.pause):
                    return attach(RUNS["cancelled"], self)
                on_event(Event("executed", i, step.revision, sql, 1, self.pause))
            on_event(Event("step_done", i, step.revision, seconds=self.pause))
        return attach(RUNS[self.ending], self)

    def cancel(self) -> None:
        """Stop the run."""
        self.calls.append("cancel")
        self.stopped.set()

    def upgrade(self, target: str) -> Plan:
        """Plan again: there is less to do now."""
        self.calls.append(f"upgrade {target}")
        self.outdated = False
        return attach(PLANS["one revision"], self)

"""A Workbench for the browser tests: it plays a run at walking pace, fails or is outdated on demand, and can stop."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from tests.zoo_plans import PLANS, RUNS
from workbench.errors import PlanOutdated
from workbench.results import (
    Database,
    Destroyed,
    Event,
    Executed,
    Loss,
    Pass,
    Plan,
    Rehearsal,
    RowsChanged,
    Run,
    Scratch,
)
from workbench.results.base import ResultT, attach


class SlowWorkbench:
    """Plays the runs of the zoo."""

    def __init__(
        self,
        pause: float = 0.2,
        ending: str = "ok",
        outdated: bool = False,
        pattern: str | None = None,
        read_only: bool = False,
        waits: str = "",
        held: tuple[str, ...] = (),
    ) -> None:
        self.pause = pause
        self.ending = ending
        self.moved = outdated
        self.pattern = pattern
        self.read_only = read_only
        self.waits = waits
        """What each statement waits for until the test releases `go_on`."""
        self.held = held
        """The notices of a rehearsal that each stay until the test releases it, too."""
        self.go_on = threading.Semaphore(0)
        self.changed: str | None = None
        """What a look at the files finds."""
        self.looks = 0
        self.applies = 0
        self.calls: list[str] = []
        self.options: dict[str, object] = {}
        self.stopped = threading.Event()

    def show(self, result: ResultT) -> ResultT:
        """Give the result an origin, so that it shows as a live view."""
        return attach(dataclasses.replace(result), self)

    def protected(self, database: Database) -> str | None:
        """The pattern that it was given, for every database."""
        assert database.name
        return self.pattern

    def outdated(self, plan: Plan, *, ask: bool = False) -> str | None:
        """What it was given."""
        assert plan.steps
        self.looks += not ask
        return self.changed

    def apply(self, plan: Plan, on_event: Callable[[Event], None], **options: object) -> Run:
        """Tell of each step and statement, then end as it was told to."""
        self.calls.append("apply")
        self.options = options
        if self.moved:
            raise PlanOutdated(
                "The database was at 9f31c0aa, now it is at 77b1e2d4. Nothing was run.", "Make it again."
            )
        for i, step in enumerate(plan.steps):
            on_event(Event("step", i, step.revision))
            for sql in step.statements or ():
                on_event(Event("statement", i, step.revision, sql))
                if self.waits:
                    on_event(Event("waiting", i, step.revision, self.waits))
                    self.go_on.acquire(timeout=60)
                if self.stopped.wait(self.pause):
                    return attach(RUNS["cancelled"], self)
                on_event(Event("executed", i, step.revision, sql, 1, self.pause))
            on_event(Event("step_done", i, step.revision, seconds=self.pause))
        self.applies += 1
        return attach(RUNS[self.ending], self)

    def rehearse(self, plan: Plan, on_event: Callable[[Event], None], **options: object) -> Rehearsal:
        """Copy, and go up, down and up, at the same pace."""
        self.calls.append("rehearse")
        self.options = options
        for rows in (1000, 21000, 33015):
            self._notice(on_event, f"copying rows: {rows:,} of 33,015")
            self.stopped.wait(self.pause)
        for number, way in enumerate(("up", "down", "up"), 1):
            self._notice(on_event, f"pass {number} of 3: {way}")
            for i, step in enumerate(plan.steps):
                on_event(Event("step", i, step.revision))
                on_event(Event("statement", i, step.revision, f"-- {way}"))
                self.stopped.wait(self.pause)
                on_event(Event("step_done", i, step.revision))
        return attach(rehearsed(plan), self)

    def _notice(self, on_event: Callable[[Event], None], text: str) -> None:
        on_event(Event("notice", -1, sql=text))
        if text in self.held:
            self.go_on.acquire(timeout=60)

    def cancel(self) -> None:
        """Stop the run."""
        self.calls.append("cancel")
        self.stopped.set()

    def upgrade(self, target: str) -> Plan:
        """Plan again: there is less to do now."""
        self.calls.append(f"upgrade {target}")
        self.moved, self.changed = False, None
        return attach(PLANS["one revision"], self)


DESTROYING = dataclasses.replace(
    PLANS["three revisions"],
    destroys=(
        Destroyed("bookshop", "77b1e2d40c9a", "", "legacy_export", rows=12880),
        Destroyed("bookshop", "c41d77e0b512", "", "customer", "nickname", 3201),
    ),
)
"""A Plan that drops things with data in them."""


def rehearsed(plan: Plan) -> Rehearsal:
    """A rehearsal of it that came there and back, and lost something on the way; what had no SQL has some now."""
    sql = "UPDATE customer SET display_name = 'Anna' WHERE id = 1"
    steps = tuple(
        dataclasses.replace(step, statements=(sql,)) if step.statements is None else step for step in plan.steps
    )
    ran = tuple(Executed(step.revision, text, 1, 0.01) for step in steps for text in step.statements or ())
    return Rehearsal(
        ok=True,
        plan=dataclasses.replace(plan, steps=steps),
        data="full",
        filled="copy",
        passes=(Pass("upgrade", True, ran, 0.4), Pass("downgrade", True, (), 0.2), Pass("upgrade", True, ran, 0.4)),
        scratch=(Scratch("bookshop", "backup API", 33015, 3_200_000),),
        lost=(Loss("bookshop", "column", "customer.nickname", "VARCHAR(40)", "VARCHAR(80)"),),
        rows_changed=(RowsChanged("bookshop", "customer", 3214, 3214, 0, 3201, 0, ("nickname",)),),
        databases=plan.databases,
    )

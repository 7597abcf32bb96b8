"""A Plan to look at, apply and watch; afterwards the same place holds the record of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from workbench.errors import PlanOutdated, UnsupportedRequest
from workbench.render import words
from workbench.render.plan_html import plan_html
from workbench.render.run_html import run_html
from workbench.results.plans import Event, Plan, Run, Step
from workbench.text import plural
from workbench.widgets import controls
from workbench.widgets.progress import Progress
from workbench.widgets.view import View


class PlanView(View):
    """The live view of a Plan."""

    plan = traitlets.Instance(Plan)
    """The Plan that the page shows; another one after it was made again."""
    run = traitlets.Instance(Run, allow_none=True)
    """What became of it; None as long as it was not applied."""

    def __init__(self, plan: Plan, workbench: Any = None, **values: Any) -> None:
        self._outdated = False
        self._following: Progress | None = None
        super().__init__(plan, workbench, plan=plan, **values)

    @property
    def can_apply(self) -> bool:
        """There is something to run, and somebody to run it."""
        return (
            self.workbench is not None
            and self.run is None
            and not (self.plan.is_empty or self.plan.offline or self._outdated)
        )

    def draw(self) -> None:
        """Make the page anew: the Plan, the Plan while it runs, or the record of the run."""
        body = plan_html(self.plan, live=True) if self.run is None else run_html(self.run, seconds=True)
        with self.hold_sync():
            self._patches = {}
            self._html = body + self._bar()

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Copy the SQL, apply the Plan, cancel the run, or make the Plan again."""
        if action == "copy":
            return {"text": self.plan.sql}
        if action == "apply":
            self.apply(str(data.get("plan", "")))
        elif action == "cancel":
            self.cancel()
        elif action == "again":
            self.start(self._make_again, saying="Making the plan again.")
        else:
            return super().act(action, data)
        return {}

    def apply(self, plan_id: str) -> None:
        """Begin to run the Plan, if it still is the one that has this id.

        Raises:
            PlanOutdated: The page showed another Plan than this view holds.
            UnsupportedRequest: It cannot be applied here, or was already.

        """
        if plan_id != self.plan.id:
            raise PlanOutdated(
                "This page shows another plan than the one that would run now. Nothing was run.",
                "Display the view again, and read it before you apply it.",
            )
        if not self.can_apply:
            raise UnsupportedRequest(self._why_not(), "Make a new plan with `wb.upgrade()`.")
        self.start(self._apply, saying=f"Running {words.amount(self.plan.steps)}.")

    def cancel(self) -> None:
        """Ask the running migration to stop; the run's record says what became of it."""
        if self._following is None:
            raise UnsupportedRequest("Nothing is running here, so there is nothing to cancel.")
        self._following.cancelling()
        self.workbench.cancel()

    def _apply(self) -> None:
        following = Progress(self.plan, self._follow)
        self._following = following
        following.begin()
        try:
            run = self.workbench.apply(self.plan, on_event=self._on_event)
            self.result = run
            self.run = run
        except PlanOutdated:
            self._outdated = True
            raise
        finally:
            self._following = None
            following.stop()
            self.draw()
        self._progress = words.run_title(run)

    def _make_again(self) -> None:
        make = getattr(self.workbench, self.plan.direction)
        plan = make(self.plan.target, purge=True) if self.plan.purge else make(self.plan.target)
        self._outdated = False
        self.run = None
        self.result = self.plan = plan
        self.draw()
        self._progress = words.plan_title(plan)

    def _on_event(self, event: Event) -> None:
        if self._following is not None:
            self._following.heard(event)

    def _follow(self, patches: dict[str, str], saying: str) -> None:
        with self.hold_sync():
            self._patches = patches
            self._progress = saying

    def _bar(self) -> str:
        parts = []
        if self.can_apply:
            does = {"upgrade": "Run them", "downgrade": "Undo them", "stamp": "Stamp it"}[self.plan.direction]
            if len(self.plan.steps) == 1 and self.plan.direction != "stamp":
                does = does.replace("them", "it")
            parts.append(
                controls.button(
                    apply_label(self.plan),
                    "apply",
                    primary=True,
                    plan=self.plan.id,
                    ask=apply_question(self.plan),
                    yes=does,
                    no="Not now",
                )
            )
        if self.workbench is not None and (self._outdated or (self.run is not None and not self.run.ok)):
            parts.append(controls.button("Make the plan again", "again", primary=True))
        if self.plan.sql:
            parts.append(controls.button("Copy SQL", "copy"))
        return controls.bar("".join(parts), live="controls") if parts else ""

    def _why_not(self) -> str:
        if self.run is not None:
            return "This plan has been applied already."
        if self._outdated:
            return "This plan is outdated."
        if self.plan.offline:
            return "The SQL of a range is not bound to a database, so it cannot be applied."
        return "There is nothing to run." if self.plan.is_empty else "No database belongs to this plan."


def apply_label(plan: Plan) -> str:
    """What the button does, in full: `Apply 3 revisions to bookshop on localhost`."""
    return _each(plan, lambda steps: plural(len(steps), "revision"), {"upgrade": "Apply", "downgrade": "Undo"})


def apply_question(plan: Plan) -> str:
    """What is asked before it is done, naming each database and what will run there."""
    lost = "What it drops is lost." if len(plan.steps) == 1 else "What they drop is lost."
    only = "Only the version table is written"
    if words.purged(plan, plan.databases):
        only += ", after it is emptied"
    after = {"downgrade": f" {lost}", "stamp": f" {only}; no revision runs."}
    return f"{_each(plan, _size, {'upgrade': 'Run', 'downgrade': 'Undo'})}?{after.get(plan.direction, '')}"


def _each(plan: Plan, told: Callable[[list[Step]], str], verbs: dict[str, str]) -> str:
    """`Apply 3 revisions to shop on localhost and 1 revision to reporting on localhost`."""
    after = dict(plan.after)
    parts = []
    for database, numbered in words.sections(plan):
        name = words.where(database) if database else "the database"
        steps = [step for _, step in numbered]
        if steps and plan.direction == "stamp":
            parts.append(f"{name} as {words.heads(after.get(database.name if database else '', steps[-1].heads))}")
        elif steps:
            to = "to" if verbs[plan.direction] == "Apply" else "on"
            parts.append(f"{told(steps)} {to} {name}")
    return f"{verbs.get(plan.direction, 'Stamp')} {words.both(parts)}"


def _size(steps: list[Step]) -> str:
    blind = sum(step.statements is None for step in steps)
    told = plural(sum(len(step.statements or ()) for step in steps), "statement")
    if blind:
        told += f", and {plural(blind, 'revision')} whose SQL is not known beforehand"
    return f"{plural(len(steps), 'revision')} ({told})"

"""A Plan to look at, rehearse, apply and watch; afterwards the same place holds the record of the run."""

from __future__ import annotations

import contextlib
import pathlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import traitlets

from workbench.capabilities import hazards
from workbench.capabilities.backups import copied_by
from workbench.errors import Cancelled, HazardFound, PlanOutdated, UnsupportedRequest, WorkbenchError
from workbench.render import hazard_words, page, rehearsal_words, run_words, words
from workbench.render.plan_html import plan_body
from workbench.render.rehearsal_html import rehearsal_note
from workbench.render.run_html import run_html
from workbench.results.base import attach
from workbench.results.plans import Event, Plan, Run
from workbench.results.rehearsals import Rehearsal
from workbench.widgets import plan_bar
from workbench.widgets.asking import Asking
from workbench.widgets.outlook import Outlook
from workbench.widgets.progress import Progress
from workbench.widgets.rehearsal import warning
from workbench.widgets.view import View

_PATIENCE = 30.0
"""Seconds that one query may take, when the rows are asked once more."""
_T = TypeVar("_T")


class PlanView(View):
    """The live view of a Plan."""

    plan = traitlets.Instance(Plan)
    """The Plan that the page shows; another one after it was made again."""
    run = traitlets.Instance(Run, allow_none=True)
    """What became of it; None as long as it was not applied."""
    rehearsal = traitlets.Instance(Rehearsal, allow_none=True)
    """What its last rehearsal showed; None as long as it was not rehearsed."""

    def __init__(self, plan: Plan, workbench: Any = None, **values: Any) -> None:
        self._outlook = Outlook(self._look_again)
        self._following: Progress | Asking | None = None
        self._drawing = threading.RLock()  # a look in the background may want to draw while a job begins
        super().__init__(plan, workbench, plan=plan, **values)

    @property
    def can_apply(self) -> bool:
        """There is something to run, somebody to run it, and nothing is known against it."""
        return self._has_work and not (self._outlook.reason or getattr(self.workbench, "read_only", False))

    @property
    def can_rehearse(self) -> bool:
        """There are revisions to run on a copy."""
        return self._has_work and self.plan.direction != "stamp" and not self._outlook.reason

    @property
    def can_ask(self) -> bool:
        """There are findings that only rows can decide, and they were not asked, or not all of them in time."""
        waiting = any(each.evidence.verdict == "not proven" and each.evidence.sql for each in self.plan.findings)
        waiting = waiting or hazard_words.unlooked(self.plan)
        return self._has_work and waiting and not self._outlook.reason

    @property
    def _has_work(self) -> bool:
        return self.workbench is not None and self.run is None and not (self.plan.is_empty or self.plan.offline)

    @property
    def _shown(self) -> Plan:
        """The Plan, with the SQL that the rehearsal executed where none could be had beforehand."""
        return self.plan if self.rehearsal is None else self.rehearsal.plan

    def draw(self) -> None:
        """Make the page anew: the Plan, the Plan while it runs, or the record of the run."""
        body = self._plan_page() if self.run is None else run_html(self.run, seconds=True)
        bar = plan_bar.bar(self._shown, self._offer())
        with self._drawing, self.hold_sync():
            self._patches = {}
            self._html = body + bar

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Copy the SQL, rehearse or apply the Plan, cancel that, make the Plan again, or look whether it holds."""
        if action == "copy":
            return {"text": self._shown.sql}
        if action == "look":
            self.look()
        elif action == "rehearse":
            self.rehearse(plan_bar.scratch(data))
        elif action == "apply":
            folder = getattr(self.workbench, "folder", pathlib.Path())
            self.apply(str(data.get("plan", "")), **plan_bar.options(data, confirms=self._confirms, folder=folder))
        elif action == "preflight":
            self.preflight()
        elif action == "cancel":
            self.cancel()
        elif action == "again":
            self.start(self._make_again, saying="Making the plan again.")
        else:
            return super().act(action, data)
        return {}

    def start(self, job: Callable[[], object], saying: str = "") -> None:
        """As every view, but not while a look in the background draws."""
        with self._drawing:
            super().start(job, saying)

    def apply(self, plan_id: str, **options: Any) -> None:
        """Begin to run the Plan, if it still is the one that has this id.

        Args:
            plan_id: The id of the Plan that the page showed.
            options: The fields of `ApplyOptions`.

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
        self.start(lambda: self._apply(options), saying=f"Running {words.amount(self.plan.steps)}.")

    def rehearse(self, scratch: str = "full") -> None:
        """Begin to run the Plan on scratch databases.

        Args:
            scratch: What they hold: `full`, `sample` or `none` of the live rows, or a `replay` of the history.

        Raises:
            UnsupportedRequest: There is nothing to rehearse, or something else runs.

        """
        if not self.can_rehearse:
            raise UnsupportedRequest("There is nothing to rehearse." if self.plan.steps else self._why_not())
        told, options = plan_bar.SCRATCH[scratch]
        self.start(lambda: self._rehearse(options), saying=f"Rehearsing on {told}.")

    def preflight(self) -> None:
        """Begin to ask the rows what only they can decide.

        Raises:
            UnsupportedRequest: There is nothing to ask, or something else runs.

        """
        if not self.can_ask:
            raise UnsupportedRequest("There is nothing to ask the rows." if self.plan.steps else self._why_not())
        self.start(self._preflight, saying="Asking the rows.")

    def cancel(self) -> None:
        """Ask the running migration to stop, or what asks the rows; the page says what became of it."""
        if self._following is None:
            raise UnsupportedRequest("Nothing is running here, so there is nothing to cancel.")
        self._following.cancelling()
        self.workbench.cancel()

    def look(self) -> None:
        """See whether the Plan still holds, and grey out the button if it does not; never waits for the database."""
        if self._has_work and not self._busy:
            self._outlook.look(self.workbench, self.plan)

    def _look_again(self) -> None:
        with self._drawing:
            if self._busy or self.run is not None:
                return  # what runs draws the page when it ends
            self.draw()
            self._progress = self._outlook.reason

    def _apply(self, options: dict[str, Any]) -> None:
        def work() -> Run:
            run: Run = self.workbench.apply(self.plan, on_event=self._on_event, **options)
            self.result = self.run = run
            return run

        try:
            self._progress = run_words.run_title(self._followed(work, Progress(self._shown, self._follow)))
        except PlanOutdated as error:
            self._outlook.refused(error.message)
            self.draw()
            raise
        except HazardFound:
            self._preflight()  # with the rows in view, it is the user's own decision
            raise

    def _preflight(self) -> None:
        following = Asking(self._follow)
        again = self.plan.answered is not None  # what had no answer in time gets more of it
        seconds = _PATIENCE if again else hazards.SECONDS

        def work() -> None:
            plan = self.workbench.preflight(self.plan, seconds=seconds, on_answer=following.answered)
            self.result = self.plan = plan
            if self.rehearsal is not None:
                told = attach(replace(self.rehearsal.plan, answered=plan.answered), self.workbench)
                self.rehearsal = attach(replace(self.rehearsal, plan=told), self.workbench)

        with contextlib.suppress(Cancelled):
            self._followed(work, following)
        told = hazard_words.hazards(self._shown.findings) or "Nothing speaks against it, as far as the rows were asked."
        self._progress = following.end if following.is_cancelled else told

    def _rehearse(self, options: dict[str, Any]) -> None:
        def work() -> Rehearsal:
            self.rehearsal = None
            rehearsal: Rehearsal = self.workbench.rehearse(self.plan, on_event=self._on_event, **options)
            self.rehearsal = rehearsal
            return rehearsal

        try:
            rehearsal = self._followed(work, Progress(self.plan, self._follow, rehearsing=True))
            self._progress = rehearsal_words.title(rehearsal)
        except Cancelled:
            self._progress = "The rehearsal was cancelled."

    def _followed(self, work: Callable[[], _T], following: Progress | Asking) -> _T:
        """Do it while the page shows how far it is, and draw the page anew at the end, whatever that is."""
        self._following = following
        following.begin()
        try:
            return work()
        finally:
            self._following = None
            following.stop()
            self.draw()

    def _make_again(self) -> None:
        make = getattr(self.workbench, self.plan.direction)
        plan = make(self.plan.target, purge=True) if self.plan.purge else make(self.plan.target)
        self._outlook.renew()
        self.run = self.rehearsal = None
        self.result = self.plan = plan
        self.draw()
        self._progress = words.plan_title(plan)

    def _on_event(self, event: Event) -> None:
        if isinstance(self._following, Progress):
            self._following.heard(event)

    def _follow(self, patches: dict[str, str], saying: str) -> None:
        with self._drawing, self.hold_sync():
            self._patches = patches
            self._progress = saying

    def _plan_page(self) -> str:
        plan = self._shown
        told = "" if self.rehearsal is None else rehearsal_note(self.rehearsal)
        kind: page.Kind | None = "good" if plan.is_empty else None
        return page.page(words.plan_title(plan), told + plan_body(plan, live=True), kind=kind)

    def _offer(self) -> plan_bar.Offer:
        reason = self._outlook.reason if self._has_work else ""
        read_only = self._has_work and getattr(self.workbench, "read_only", False)
        return plan_bar.Offer(
            id=self.plan.id,
            apply=self.can_apply,
            rehearse=self.can_rehearse,
            ask=self.can_ask,
            copied=tuple(copied_by(self.plan)),
            again=bool(reason) or (self.workbench is not None and self.run is not None and not self.run.ok),
            outdated=reason,
            refused="This Workbench was opened with read_only=True, so it applies nothing." if read_only else "",
            protected=self._protected() if self.can_apply else (),
            doubted=tuple(dict.fromkeys(each.database for each in self.plan.doubts)) if self.can_apply else (),
            warning=warning(self.rehearsal),
        )

    @property
    def _confirms(self) -> bool:
        """A name has to be typed before it is applied."""
        return bool(self.plan.doubts or self._protected())

    def _protected(self) -> tuple[tuple[str, str], ...]:
        """The databases of the Plan that are named protected, with the pattern that names each."""
        touched = {step.database for step in self.plan.steps}
        found = []
        for each in self.plan.databases:
            try:
                pattern = self.workbench.protected(each) if each.name in touched else None
            except WorkbenchError:
                pattern = None  # nobody knows what is protected: apply() refuses, and says why
            if pattern is not None:
                found.append((each.name, pattern))
        return tuple(found)

    def _why_not(self) -> str:
        if self.run is not None:
            return "This plan has been applied already."
        if self._outlook.reason:
            return self._outlook.reason
        if getattr(self.workbench, "read_only", False):
            return "This Workbench was opened with read_only=True, so it applies nothing."
        if self.plan.offline:
            return "The SQL of a range is not bound to a database, so it cannot be applied."
        return "There is nothing to run." if self.plan.is_empty else "No database belongs to this plan."

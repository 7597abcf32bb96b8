"""What a running Plan looks like: the state of each step, the statement that runs, and how to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from workbench.render import page, words
from workbench.render.run_html import duration
from workbench.results.plans import Event, Plan
from workbench.text import plural, shorten
from workbench.widgets.controls import Throttle, button

_OFTEN = 0.1  # seconds between two updates: more often than that, nobody reads it
_MANY = 200  # steps, from which on an update is large enough to be sent less often


class Progress:
    """Follows a run by its events, and gives a view what to put where, at most ten times a second."""

    def __init__(self, plan: Plan, show: Callable[[dict[str, str], str], object]) -> None:
        self.plan = plan
        self.show = show
        self._states: dict[str, str] = {}
        self._count = 0
        self._step = -1
        self._sql = ""
        self._words = ""
        self._cancelling = False
        self._lock = threading.Lock()
        self._throttle = Throttle(self._flush, _OFTEN * max(1, len(plan.steps) / _MANY))

    def begin(self) -> None:
        """Show that it has begun."""
        self._throttle()

    def stop(self) -> None:
        """Show nothing more."""
        self._throttle.stop()

    def cancelling(self) -> None:
        """Show that it was asked to stop."""
        with self._lock:
            self._cancelling = True
        self._throttle()

    def heard(self, event: Event) -> None:
        """Take note of an event."""
        with self._lock:
            self._note(event)
        self._throttle()

    def _note(self, event: Event) -> None:
        key = f"step-{event.step}"
        if event.kind == "step":
            self._step, self._count, self._sql = event.step, 0, ""
            self._states[key] = page.element("span", page.badge("info", "running"), class_="wb-running")
        elif event.kind == "statement":
            self._count += 1
            self._sql = event.sql
        elif event.kind == "executed":
            self._sql = ""
        elif event.kind == "notice":
            self._words = event.sql
        else:
            kind, word = ("good", "done") if event.kind == "step_done" else ("bad", "failed")
            known = self.plan.steps[event.step].statements if 0 <= event.step < len(self.plan.steps) else None
            ran = "" if known is not None and len(known) == self._count else plural(self._count, "statement")
            told = ", ".join(part for part in (duration(event.seconds), ran) if part)
            self._states[key] = f"{page.badge(kind, word)} {page.muted(told)}"  # type: ignore[arg-type]
            self._sql = ""

    def _flush(self) -> None:
        with self._lock:
            patches = {**self._states, "controls": self._controls()}
            saying = self._saying()
        self.show(patches, saying)

    def _saying(self) -> str:
        if self._cancelling:
            return "Cancelling."
        if self._step < 0:
            return "Starting."
        step = self.plan.steps[self._step]
        return (
            f"Step {self._step + 1} of {len(self.plan.steps)}: {words.step_id(step.revision)} {words.step_name(step)}"
        )

    def _controls(self) -> str:
        line = page.element("b", page.escape(self._saying()))
        if self._sql:
            # The key changes with the statement, so that the browser starts to count anew.
            line += "&#160; " + page.element("span", "", "opacity:0.72", data_ticking=f"{self._step} {self._count}")
        now = page.code(shorten(self._sql, 300)) if self._sql else page.escape(shorten(self._words, 300))
        # One line, whatever runs: nothing may jump under the hand that wants to cancel.
        told = page.element("div", line) + page.element("div", now or "&#160;", class_="wb-line")
        stop = page.element("button", "Cancelling …", type="button", class_="wb-button", disabled="")
        return page.element("div", told, class_="wb-now") + (stop if self._cancelling else button("Cancel", "cancel"))

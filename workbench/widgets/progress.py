"""What a running Plan looks like: the state of each step, the statement that runs, and how to stop it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from workbench.render import page, words
from workbench.results.plans import Event, Plan
from workbench.text import duration, plural, shorten
from workbench.widgets.controls import Throttle, button

_OFTEN = 0.1  # seconds between two updates: more often than that, nobody reads it
_MANY = 200  # steps, from which on an update is large enough to be sent less often


class Progress:
    """Follows a run by its events, and gives a view what to put where, at most ten times a second."""

    def __init__(self, plan: Plan, show: Callable[[dict[str, str], str], object], *, rehearsing: bool = False) -> None:
        self.plan = plan
        self.show = show
        self.rehearsing = rehearsing
        self._states: dict[str, str] = {}
        self._count = 0
        self._step = -1
        self._sql = ""
        self._words = ""
        self._waits = ""
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
        if event.kind == "waiting":
            self._waits = event.sql
            return
        self._waits = ""
        if event.kind == "step":
            self._begun(event)
        elif event.kind == "statement":
            self._count += 1
            self._sql = event.sql
        elif event.kind == "executed":
            self._sql = ""
        elif event.kind == "notice":
            self._words, self._sql = event.sql, ""
        else:
            self._ended(event)

    def _begun(self, event: Event) -> None:
        self._step, self._count, self._sql = event.step, 0, ""
        if self.rehearsing:  # the way back runs through the same steps: only the present one is marked
            self._states = dict.fromkeys(self._states, "")
        else:
            self._words = ""
        if self._is_known(event):
            word = "rehearsing" if self.rehearsing else "running"
            self._states[f"step-{event.step}"] = page.element("span", page.badge("info", word), class_="wb-running")

    def _ended(self, event: Event) -> None:
        self._sql = ""
        key = f"step-{event.step}"
        if self.rehearsing:
            self._states = dict.fromkeys(self._states, "")
            return
        kind, word = ("good", "done") if event.kind == "step_done" else ("bad", "failed")
        known = self.plan.steps[event.step].statements if 0 <= event.step < len(self.plan.steps) else None
        ran = "" if known is not None and len(known) == self._count else plural(self._count, "statement")
        told = ", ".join(part for part in (duration(event.seconds), ran) if part)
        self._states[key] = f"{page.badge(kind, word)} {page.muted(told)}"  # type: ignore[arg-type]

    def _is_known(self, event: Event) -> bool:
        steps = self.plan.steps
        return 0 <= event.step < len(steps) and event.revision in {"", steps[event.step].revision}

    def _flush(self) -> None:
        with self._lock:
            patches = {**self._states, "controls": self._controls()}
            saying = self._saying()
        self.show(patches, saying)

    def _saying(self) -> str:
        if self._cancelling:
            return "Cancelling."
        known = 0 <= self._step < len(self.plan.steps)
        step = self.plan.steps[self._step] if known else None
        name = f"{words.step_id(step.revision)} {words.step_name(step)}" if step else ""
        if self.rehearsing:
            told = (self._words if self._words.startswith("pass ") else "", name if self._sql else "")
            return ", ".join(part for part in ("Rehearsing on a copy", *told) if part)
        return f"Step {self._step + 1} of {len(self.plan.steps)}: {name}" if step else "Starting."

    def _controls(self) -> str:
        line = page.element("b", page.escape(self._saying()))
        if self._sql:
            # The key changes with the statement, so that the browser starts to count anew.
            line += "&#160; " + page.element("span", "", "opacity:0.72", data_ticking=f"{self._step} {self._count}")
        now = _how_far(self._words) + page.escape(shorten(self._words, 300))
        if self._sql:
            now = page.code(shorten(self._sql, 300))
        # A statement takes one line, however long it is: nothing shall jump ten times a second.
        told = page.element("div", line) + page.element("div", now or "&#160;", class_="wb-line" if self._sql else None)
        told += _waiting(self._waits)
        stop = page.element("button", "Cancelling …", type="button", class_="wb-button", disabled="")
        return page.element("div", told, class_="wb-now") + (stop if self._cancelling else button("Cancel", "cancel"))


def _waiting(told: str) -> str:
    """What a statement waits for, or how far it is: below it, where it moves nothing when it comes and goes."""
    if not told:
        return ""
    return page.element("div", _how_far(told) + page.escape(shorten(told, 400)), class_="wb-waits")


def _how_far(told: str) -> str:
    """A bar for words that tell a share: `building index: 43 %`, `rows: 1,000 of 33,015`."""
    if share := _PERCENT.search(told):
        part, whole = share[1], "100"
    elif share := _OF.search(told):
        part, whole = share[1].replace(",", ""), share[2].replace(",", "")
    else:
        return ""
    return page.element("progress", "", max=whole, value=part, aria_hidden="true") + " "


_PERCENT = re.compile(r"\b(\d{1,3}(?:\.\d+)?) ?%")
_OF = re.compile(r"\b(\d[\d,]*) of (\d[\d,]*)$")

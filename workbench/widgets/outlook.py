"""Whether a Plan that is shown still holds: its files at each look, its database now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from workbench.bridge.seals import OUTDATED
from workbench.results.plans import Plan

_FOURTH = 4  # looks, between two at the database: the browser looks every three seconds


class Outlook:
    """Looks at what a Plan was made from, and says when the answer has changed.

    Files are compared in the kernel, at once. The database is asked by the worker, which may be busy with something
    else for an hour: in a thread of its own, one at a time, and only while the view itself runs nothing.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._files = ""
        self._database = ""
        self._looks = 0
        self._applies: int | None = None
        self._asking: threading.Thread | None = None

    @property
    def reason(self) -> str:
        """Why the Plan holds no more, in a sentence; empty as far as it is known to hold."""
        told = self._files or self._database
        return f"This plan is outdated: {told.removesuffix('.')}." if told else ""

    def refused(self, why: str) -> None:
        """The Plan was not applied because it is outdated; that holds until the database says otherwise."""
        self._database = why.removeprefix(OUTDATED)

    def renew(self) -> None:
        """There is another Plan: nothing is known against it."""
        self._files = self._database = ""
        self._applies = None

    def look(self, workbench: Any, plan: Plan) -> None:
        """Compare the files; ask the database at every fourth look, and after something else was applied."""
        before = self.reason
        self._files = _asked(workbench, plan, ask=False)
        self._looks += 1
        applies = getattr(workbench, "applies", 0)
        moved = self._applies is not None and applies != self._applies
        self._applies = applies
        if self.reason != before:
            self._changed()
        if (moved or self._looks % _FOURTH == 0) and not self._files:
            self._ask(workbench, plan)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the database has answered, if it is being asked."""
        asking = self._asking
        if asking is not None:
            asking.join(timeout)

    def _ask(self, workbench: Any, plan: Plan) -> None:
        if self._asking is not None and self._asking.is_alive():
            return

        def ask() -> None:
            told, before = _asked(workbench, plan, ask=True), self.reason
            self._database = told
            if self.reason != before:
                self._changed()

        self._asking = threading.Thread(target=ask, name="Plan outlook", daemon=True)
        self._asking.start()


def _asked(workbench: Any, plan: Plan, *, ask: bool) -> str:
    try:
        return workbench.outdated(plan, ask=ask) or ""
    except Exception:  # noqa: BLE001 - nobody has asked for this look, so nobody wants to read why it was in vain
        return ""

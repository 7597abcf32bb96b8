"""A Merge to look at: try both orders, write the merge revision, or let one branch follow the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import traitlets

from workbench.errors import UnsupportedRequest
from workbench.render import merge_html, merge_words, page
from workbench.render import text as text_of
from workbench.results.merges import Merge, Reparent
from workbench.results.plans import Event
from workbench.widgets import controls
from workbench.widgets.view import View

_LIVE = "trying"
_BAD = {"fails": "One order at least cannot be run.", "differs": "The order matters."}


class MergeView(View):
    """The live view of a Merge."""

    merge = traitlets.Instance(Merge)
    """What the page shows; another one after the orders were tried, and after another message."""
    reparent = traitlets.Instance(Reparent, allow_none=True)
    """The other parent that is looked at; None as long as nobody asked for one."""
    path = traitlets.Unicode("")
    """The file, once one is written."""

    def __init__(self, merge: Merge, workbench: Any = None, **values: Any) -> None:
        self._drawing = threading.RLock()
        self._said = controls.Throttle(self._tell)
        self._saying = ""
        super().__init__(merge, workbench, merge=merge, **values)

    @property
    def can_write(self) -> bool:
        """Nothing is written yet, and there is somebody to write it."""
        return self.workbench is not None and not self.workbench.read_only and not self.path

    def draw(self) -> None:
        """Make the page anew."""
        live = self.workbench is not None and not self.path
        with self._drawing, self.hold_sync():
            self._patches = {}
            body = merge_html.merge_body(
                self.merge,
                trying=controls.bar(self._trying(), live=_LIVE) if live else "",
                moving=self._moving if self.can_write else None,
                writing=self._writing() if live else "",
            )
            # Below, where the button is: a page that becomes short leaves its reader in front of nothing.
            body += self._asking(self.reparent) if self.reparent is not None else ""
            title = f"Written: {self.path}" if self.path else merge_words.title(self.merge)
            self._html = page.page(title, body, kind="good" if self.path else None)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Try both orders, rename the revision, write it; look at another parent, and write that."""
        if action == "copy":
            return {"text": self.merge.code or text_of(self.merge)}
        if action == "cancel":
            self.workbench.cancel()
            return {}
        if action == "back":
            self._look_at(None)
            return {}
        if action == "move":
            self._look_at(self.merge.reparent(str(data.get("branch", "")), str(data.get("onto", ""))))
            return {}
        jobs: dict[str, tuple[Callable[[], object], str]] = {
            "try": (self._try, "Trying both orders."),
            "message": (lambda: self._name(str(data.get("message", ""))), "Naming it."),
            "write": (lambda: self._write(self.merge), "Writing."),
            "reparent": (lambda: self._write(self.reparent), "Writing."),
        }
        if action not in jobs:
            return super().act(action, data)
        job, saying = jobs[action]
        self.start(job, saying)
        return {}

    # -- jobs -----------------------------------------------------------------------------------------------------

    def _look_at(self, reparent: Reparent | None) -> None:
        with self.hold_sync():
            self.reparent, self._error = reparent, ""
            self.draw()

    def _become(self, merge: Merge) -> None:
        with self._drawing, self.hold_sync():
            self.merge = self.result = merge
            self.draw()

    def _try(self) -> None:
        self._saying = "Trying both orders"
        self._tell()
        try:
            self._become(self.merge.try_orders(on_event=self._heard))
        finally:
            self._said.stop()
            self._said = controls.Throttle(self._tell)
            self.draw()

    def _heard(self, event: Event) -> None:
        told = event.sql if event.kind == "notice" else f"{event.revision} {event.message}".strip()
        if told:
            self._saying = told.split("\n")[0][:200]
            self._said()

    def _tell(self) -> None:
        told = page.element("div", page.element("b", page.escape(self._saying)), class_="wb-now")
        with self.hold_sync():
            self._patches = {_LIVE: told + controls.button("Cancel", "cancel")}
            self._progress = self._saying

    def _name(self, message: str) -> None:
        if message != self.merge.message:
            self._become(self.merge.decide(message=message))  # type: ignore[arg-type] # of a Merge it is one

    def _write(self, draft: Merge | Reparent | None) -> None:
        if draft is None:
            raise UnsupportedRequest("This page shows another draft than this view holds.", "Display the view again.")
        draft.write()
        self.path, self.reparent = draft.path, draft if isinstance(draft, Reparent) else None
        self._progress = f"Written: {draft.path}"
        self.draw()

    # -- the page -------------------------------------------------------------------------------------------------

    def _trying(self) -> str:
        again = self.merge.order.verdict != "not tried"
        title = "Each on a scratch database of its own; the live one is only read"
        return controls.button("Try both orders again" if again else "Try both orders", "try", title=title)

    def _moving(self, branch: str, onto: str) -> str:
        names = (merge_words.names(self.merge, (each,)) for each in (branch, onto))
        return controls.button("Let {} follow {}".format(*names), "move", branch=branch, onto=onto)

    def _writing(self) -> str:
        keep = f"{self.merge.revision} {self.merge.message}"
        told = controls.field("message ", "message", value=self.merge.message, keep=keep, size="36")
        bar = controls.bar(told + controls.button("Rename the revision", "message", fields=""))
        write = ""
        if self.can_write and self.merge.code and not self.merge.problem:
            label = f"Write {self.merge.path}"
            why = _BAD.get(self.merge.order.verdict)
            ask = {"ask": f"Write it all the same? {why}", "yes": "Write it"} if why else {}
            write = controls.button(label, "write", primary=True, **ask)  # type: ignore[arg-type] # texts only
        return bar + controls.bar(write + controls.button("Copy the code", "copy"))

    def _asking(self, reparent: Reparent) -> str:
        if self.path:
            return page.paragraph(page.badge("good", f"Written: {self.path}")) + merge_html.reparent_body(reparent)
        write = controls.button(f"Write {reparent.path}", "reparent", primary=True) if self.can_write else ""
        told = page.paragraph(page.element("b", page.escape(merge_words.reparent(reparent))))
        return told + merge_html.reparent_body(reparent) + controls.bar(write + controls.button("Not now", "back"))

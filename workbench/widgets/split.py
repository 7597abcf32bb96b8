"""A Split to look at: rehearse all its revisions, and write them all."""

from __future__ import annotations

from typing import Any

import traitlets

from workbench.render import page, split_html, split_text
from workbench.render import text as text_of
from workbench.render.rehearsal_html import rehearsal_note
from workbench.results.plans import Event
from workbench.results.rehearsals import Rehearsal
from workbench.results.splits import Split
from workbench.text import plural
from workbench.widgets import controls
from workbench.widgets.view import View


class SplitView(View):
    """The live view of a Split."""

    split = traitlets.Instance(Split)
    """What the page shows."""
    rehearsal = traitlets.Instance(Rehearsal, allow_none=True)
    """What the rehearsal of all its revisions showed; None as long as they were not rehearsed."""
    is_written = traitlets.Bool(default_value=False)
    """The files are there."""

    def __init__(self, split: Split, workbench: Any = None, **values: Any) -> None:
        super().__init__(split, workbench, split=split, **values)

    def draw(self) -> None:
        """Make the page anew."""
        told = "" if self.rehearsal is None else rehearsal_note(self.rehearsal)
        body = split_html.split_body(self.split) + told + self._bar()
        self._html = page.page(split_text.title(self.split), body, kind="good" if self.is_written else None)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Rehearse, write, copy all that it says."""
        if action == "copy":
            return {"text": text_of(self.split)}
        if action == "cancel":
            self.workbench.cancel()
            return {}
        if action == "rehearse":
            self.start(self._rehearse, "Rehearsing all of them.")
            return {}
        if action == "write":
            self.start(self._write, "Writing.")
            return {}
        return super().act(action, data)

    def _rehearse(self) -> None:
        self.rehearsal = self.workbench.rehearse(self.split.last, on_event=self._heard)
        self.draw()

    def _heard(self, event: Event) -> None:
        told = event.sql if event.kind in {"notice", "statement"} else event.message
        if told:
            self._progress = told.split("\n")[0][:200]

    def _write(self) -> None:
        paths = self.split.write()
        self.is_written = True
        self._progress = f"Written: {plural(len(paths), 'file')}"
        self.draw()

    def _bar(self) -> str:
        buttons = []
        if self.workbench is not None and not self.is_written:
            buttons.append(controls.button("Rehearse", "rehearse", title="Run all on a copy: up, down and up again"))
            if not self.workbench.read_only:
                label = f"Write {plural(len(self.split.parts), 'revision')}"
                buttons.append(controls.button(label, "write", primary=True, title="All of them or none"))
        buttons.append(controls.button("Copy as text", "copy"))
        return controls.bar("".join(buttons))

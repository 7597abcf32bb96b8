"""The record of a Run, with the seconds that a saved page leaves out."""

from __future__ import annotations

from typing import Any

from workbench.render import text as text_of
from workbench.render.run_html import run_html
from workbench.results.plans import Run
from workbench.widgets import controls
from workbench.widgets.view import View


class RunView(View):
    """The live view of a Run."""

    def __init__(self, run: Run, workbench: Any = None, **values: Any) -> None:
        super().__init__(run, workbench, **values)

    def draw(self) -> None:
        """Make the page anew."""
        self._html = run_html(self.result, seconds=True) + controls.bar(controls.button("Copy as text", "copy"))

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Give the text to copy."""
        if action == "copy":
            return {"text": text_of(self.result)}
        return super().act(action, data)

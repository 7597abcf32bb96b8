"""What the page of a Draft does for those who write it themselves: operations of the palette, and the code as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results.drafts import Draft
from workbench.widgets import draft_editor, draft_palette
from workbench.widgets.view import View

Job = tuple[Callable[[], object], str]
"""What is done, and what is said meanwhile."""


class ByHandView(View):
    """A view of a Draft that can be added to and edited."""

    draft = traitlets.Instance(Draft)
    """What the page shows; another one after each decision."""

    def __init__(self, draft: Draft, workbench: Any = None, **values: Any) -> None:
        self._chosen = draft_palette.Chosen()
        self._wrong: draft_editor.Typed | None = None
        super().__init__(draft, workbench, draft=draft, **values)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Note what was chosen in the palette, and show the fields that it needs."""
        if action != "palette":
            return super().act(action, data)
        self._choosing(data)
        return {}

    def by_hand(self, data: dict[str, Any]) -> dict[str, Callable[[], Job]]:
        """What a press does, by its action."""
        return {
            "add": lambda: self._adding(data),
            "without": lambda: self._without(str(data.get("index", ""))),
            "edit": lambda: self._editing(data),
            "unedit": lambda: (lambda: self._become(self.draft.decide(code=None)), "Back to the list."),
        }

    def _become(self, draft: Draft) -> None:
        raise NotImplementedError

    def _choosing(self, data: dict[str, Any]) -> None:
        self._chosen.take(data)
        if self._chosen.operation and self._chosen.schema is None:
            self.start(self._read_names, "Reading the names of the live schema.")
        else:
            self.draw()

    def _read_names(self) -> None:
        self._chosen.schema = self.workbench.schema()
        self.draw()

    def _adding(self, data: dict[str, Any]) -> Job:
        self._chosen.take(data)

        def add() -> None:
            try:
                draft = self.draft.add(self._chosen.operation, **self._chosen.given)
            except WorkbenchError as error:
                self._chosen.error, self._progress = error, f"Not added. {error.message}"
                self.draw()
                return
            self._chosen = draft_palette.Chosen()
            self._become(draft)

        return add, "Adding it."

    def _without(self, index: str) -> Job:
        told = list(self.draft.decisions.get("operations") or ())
        if not index.isdigit() or int(index) >= len(told):
            raise UnsupportedRequest("This page shows another draft than this view holds.", "Display the view again.")
        del told[int(index)]
        return lambda: self._become(self.draft.decide(operations=told or None)), "Taking it out."

    def _editing(self, data: dict[str, Any]) -> Job:
        typed = draft_editor.typed(data)
        if typed.problems:

            def show() -> None:
                self._wrong, self._progress = typed, f"Not taken over: {'; '.join(typed.problems)}"
                self.draw()

            return show, "Looking at the code."
        code = {"upgrade": typed.upgrade, "downgrade": typed.downgrade}
        return lambda: self._become(self.draft.decide(code=code)), "Taking the code over."

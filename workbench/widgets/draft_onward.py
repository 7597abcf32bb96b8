"""What the page of a Draft goes on with: the same in several revisions, or the Plan of its upgrade once written."""

from __future__ import annotations

from typing import Any

import traitlets

from workbench.results.drafts import Draft
from workbench.widgets.plan import PlanView
from workbench.widgets.split import SplitView
from workbench.widgets.view import View

_MIRRORED = ("_patches", "_busy", "_progress", "_error")


class OnwardView(View):
    """A view of a Draft beneath which another view may stand."""

    draft: Draft
    plan_view = traitlets.Instance(PlanView, allow_none=True)
    """The view of the Plan to upgrade to it, once it is written and was asked for."""
    split_view = traitlets.Instance(SplitView, allow_none=True)
    """The view of the same in several revisions, while that is looked at."""

    @property
    def beneath(self) -> View | None:
        """The view that stands beneath; what is pressed there is its own."""
        return self.plan_view or self.split_view

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Pass it on to the view beneath; one above a Split leads back from it."""
        if action == "whole":
            self.split_view = None
            self.draw()
            return {}
        if self.beneath is None:
            return super().act(action, data)
        self._error = ""
        return self.beneath.act(action, data)

    def _plan(self) -> None:
        self.plan_view = PlanView(self.workbench.upgrade(self.draft.revision), self.workbench)
        self._show_beneath(self.plan_view)

    def _split(self) -> None:
        self.split_view = SplitView(self.draft.split(), self.workbench)
        self._show_beneath(self.split_view)

    def _show_beneath(self, view: View) -> None:
        view.observe(lambda _change: self.draw(), names="_html")
        view.observe(lambda change: setattr(self, change.name, change.new), names=_MIRRORED)
        self.draw()

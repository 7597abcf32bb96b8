"""A Workbench for which a revision that is not written yet is one of the history: to plan, ask and rehearse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from workbench.capabilities.travel import Travel
from workbench.errors import UnsupportedRequest
from workbench.facade.workbench import Workbench

if TYPE_CHECKING:
    from workbench.facade.authoring import Authoring
    from workbench.results import Plan
    from workbench.worker.carrying import Carrying


class Trying(Workbench):
    """Another Workbench's own questions, with the Draft's file among the revisions."""

    def __init__(self, workbench: Authoring, client: Carrying) -> None:
        self.__dict__.update(workbench.__dict__)
        self._client = client  # type: ignore[assignment]
        self._travel = Travel(client, self.folder)  # type: ignore[arg-type]

    def apply(self, plan: Plan, on_event: Any = None, **options: Any) -> NoReturn:  # noqa: ARG002 - as every Workbench's
        """Refuse: what runs must be in a file that others have, too.

        Raises:
            UnsupportedRequest: Always.

        """
        raise UnsupportedRequest(
            "This Plan was made while its Draft was not written yet; nothing was run.",
            "Write it if it is not, and make the Plan of the file: draft.write(), then wb.upgrade().",
        )

"""The part of the Workbench that tells how models, revisions and live database differ, and what of that may stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import apply as writers
from workbench.capabilities import drift as drifting
from workbench.capabilities import drift_accepted
from workbench.facade.exploring import Exploring
from workbench.results import Acceptance, Difference, Drift, Event
from workbench.results.base import attach

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Drifting(Exploring):
    """Questions about what differs from what the revisions make."""

    def drift(self, *, baseline: Any = None, on_event: Callable[[Event], None] | None = None) -> Drift:
        """How the models, the schema that the revisions make at the database's own heads, and the live one differ.

        All three are read from real databases by the same reader: models and revisions are made on scratch databases,
        and what the revisions make is kept, as for `schema`. Views, triggers, functions and the like, which models do
        not declare, are compared between revisions and live. The order of columns is no difference, nor is the name of
        a constraint between models and revisions. What env.py leaves out (`include_object`, `include_name`) is left
        out here too, and a note names it.

        Args:
            baseline: As for `schema`, but not `live`.
            on_event: Called with each Event while revisions run.

        Returns:
            The Drift, without the differences that the file of accepted ones names; see `accept`.

        Raises:
            UnknownDatabaseRevision: The database stands at a revision that no file has; see `identify`.
            EnvironmentInvalid: The file of accepted differences cannot be read.
            WorkbenchError: As `schema` with a revision.

        """
        self._carry_metadata()
        live = self._schemas.live(self._client)
        found = drifting.drift(self._client, self._travel, self._scene(baseline), live, self.folder, on_event)
        return attach(found, self)

    def accept(self, difference: Difference, reason: str) -> Acceptance:
        """That a difference is known and may stay: what the file of accepted ones would say. Nothing is written yet.

        The file is `workbench-accepted.toml` beside the configuration, or what `[tool.workbench] accepted` in
        pyproject.toml names.

        Args:
            difference: One of `wb.drift().differences`.
            reason: Why it may stay.

        Returns:
            The Acceptance; `write()` writes the file.

        Raises:
            UnsupportedRequest: There is no reason.
            EnvironmentInvalid: The file cannot be read.

        """
        file = drift_accepted.file_of(self.folder)
        several = len(self._databases) > 1
        return attach(drift_accepted.proposal(file, self.folder, difference, reason, several=several), self)

    def write_accepted(self, acceptance: Acceptance) -> Path:
        """Write the file that `acceptance` shows; see `Acceptance.write`."""
        return writers.write_acceptance(drift_accepted.file_of(self.folder), acceptance, read_only=self.read_only)

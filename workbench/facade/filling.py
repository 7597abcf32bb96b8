"""The part of the Workbench that tries and makes values for rows that are in the way of a change."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from workbench.capabilities import authoring
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.facade.drifting import Drifting
from workbench.results.base import attach
from workbench.results.definitions import undotted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.capabilities.filling import Rows
    from workbench.results import Draft
    from workbench.results.backfills import Backfill


class Filling(Drifting):
    """Questions about values that rows do not have yet."""

    def backfill(self, column: str, expression: str | Callable[..., Any], *, python: bool = False) -> Backfill:
        """Try an expression on the live rows that a new definition of a column would refuse. Nothing is written.

        Args:
            column: By the names of the models: `customer.email`, `schema.customer.email`.
            expression: SQL in the words of the database, on the columns of the table. Or Python: a text in which the
                names of the columns stand for their values, or a callable that is given these.
            python: The text is Python.

        Returns:
            The Backfill: the worst of these rows with their old and new values, how many are left in the way, and the
            lines for the revision, in batches where the table is large. What cannot be computed is told row by row.

        Raises:
            UnsupportedRequest: There is no such column, no expression, or nothing that the rows have to fulfil.
            WorkbenchError: The database or the models could not be had; the subclass says why.

        """
        names = undotted(column)
        if not 2 <= len(names) <= 3:  # noqa: PLR2004 - table and column, with or without a schema
            raise UnsupportedRequest(f"{column!r} names no column.", 'Write table and column: "customer.email".')
        place = (names[0] if len(names) > 2 else None, names[-2], names[-1])  # noqa: PLR2004 - as above
        return self._backfill(self._rows({}), place, expression, python=python)

    def backfill_of(self, draft: Draft, key: str, value: Any) -> Backfill:
        """Try what would be a decision of `fills` on the live rows; see `Draft.backfill`."""
        from workbench.capabilities import filling  # noqa: PLC0415 - for those who fill

        told = filling.fill(key, value)
        place = (told.schema, told.table, told.column)
        return self._backfill(self._rows(draft.decisions), place, told.expression, python=told.python)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _backfill(self, rows: Rows, place: Any, expression: Any, *, python: bool) -> Backfill:
        from workbench.capabilities import backfills  # noqa: PLC0415 - sqlglot: for those who fill

        told = backfills.backfill(
            rows.before, rows.after, place, expression, rows.ask, python=python, renames=rows.renames
        )
        return attach(told, self)

    def _rows(self, decisions: Mapping[str, Any]) -> Rows:
        """Where the rows are, by the names that a Draft with these decisions gives them."""
        from workbench.capabilities import filling, renames_rows  # noqa: PLC0415 - sqlglot: for those who fill
        from workbench.capabilities.backfills_scope import CAP  # noqa: PLC0415 - as above

        self._carry_metadata()
        return filling.Rows(
            self._schemas.live(self._client),
            self._schemas.models(self._client),
            renames_rows.asking(self._client, seconds=30, limit=CAP),
            authoring.renames_of(decisions.get("renames", {})),
        )

    def _rows_at_hand(self, decisions: Mapping[str, Any]) -> Rows | None:
        """The same; None where the database or the models cannot be had."""
        with contextlib.suppress(WorkbenchError):
            return self._rows(decisions)
        return None

"""The part of the Workbench that writes revisions together with their author."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import apply as writers
from workbench.capabilities import authoring, filling, protection, rehearsals
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.facade.drifting import Drifting
from workbench.results import Draft, Event, Plan
from workbench.results.base import attach
from workbench.results.definitions import undotted
from workbench.worker.carrying import Carrying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.bridge.values import Baseline, Code
    from workbench.results.backfills import Backfill
    from workbench.results.renames import RenameCandidate
    from workbench.worker.answers import Authored


class Authoring(Drifting):
    """Questions about a revision that is not written yet."""

    _drafts: Path | None = None
    """A folder for the files of Drafts, which no other command looks at; removed with the Workbench."""

    def revision(
        self,
        message: str | None = None,
        *,
        autogenerate: bool = True,
        decisions: Mapping[str, Any] | None = None,
        baseline: Any = None,
        on_event: Callable[[Event], None] | None = None,
        **options: Any,
    ) -> Draft:
        """The next revision: what turns the live schema into the models, to be looked at, decided on, and written.

        Found by Alembic's own autogenerate through env.py. Where the live database does not stand at the head, the
        models are compared with the head instead, made on a scratch database.

        Args:
            message: What it does, as `alembic revision -m`.
            autogenerate: Compare; without it the revision is empty, but for what `decisions` write by hand.
            decisions: What was decided on a Draft like this, as `draft.decisions` tells it.
            baseline: As for `schema`: where the head has to be made, and the history does not begin at an empty
                database.
            on_event: Called with each Event while revisions run on a scratch database.
            options: As `alembic revision`: `head`, `splice`, `branch_label`, `depends_on`, `version_path`, `rev_id`.

        Returns:
            The Draft. Nothing is written before `draft.write()`.

        Raises:
            MultipleHeads: There are several heads, and `head` does not say which it follows.
            UnsupportedRequest: A decision or an option means nothing.
            ScratchRefused, DatabaseProtected: The head has to be made, and no scratch database can be had.
            WorkbenchError: The models or the database could not be had; the subclass says why.

        """
        self._carry_metadata()
        told = authoring.merged({"autogenerate": autogenerate, **options}, decisions or {})
        return self._drafted(
            told.get("message", message), told, rehearsals.baseline_of(baseline, self.folder), on_event
        )

    def decide(self, draft: Draft, decisions: Mapping[str, Any]) -> Draft:
        """The Draft with these decisions besides; see `Draft.decide`."""
        told = authoring.merged(draft.decisions, decisions)
        return self._drafted(told.get("message", draft.message), told, getattr(draft, "_baseline", None), None)

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
        from workbench.capabilities import backfills, renames_rows  # noqa: PLC0415 - sqlglot: for those who fill

        names = undotted(column)
        if not 2 <= len(names) <= 3:  # noqa: PLR2004 - table and column, with or without a schema
            raise UnsupportedRequest(f"{column!r} names no column.", 'Write table and column: "customer.email".')
        self._carry_metadata()
        place = (names[0] if len(names) > 2 else None, names[-2], names[-1])  # noqa: PLR2004 - as above
        before, after = self._schemas.live(self._client), self._schemas.models(self._client)
        ask = renames_rows.asking(self._client, seconds=30, limit=backfills.CAP)
        return attach(backfills.backfill(before, after, place, expression, ask, python=python), self)

    def plan_of(self, draft: Draft) -> Plan:
        """The Plan to upgrade to a revision that is not written yet; see `Draft.plan`."""
        plan: Plan = self._trying(draft).upgrade(draft.revision)
        return plan

    def write(self, draft: Draft) -> Path:
        """Write the file that `draft` shows; see `Draft.write`."""
        codes = getattr(draft, "_rewritten", None) or ()
        asked = self._request(draft.message, draft.decisions, on_scratch=draft.compared == "head", rewritten=codes)
        asked["baseline"] = getattr(draft, "_baseline", None)
        return writers.write_draft(self._client, draft, self.folder, asked, read_only=self.read_only)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _request(
        self, message: str | None, decisions: dict[str, Any], *, on_scratch: bool, rewritten: tuple[Code, ...] = ()
    ) -> dict[str, Any]:
        """What the worker is asked for a Draft."""
        options = authoring.options_of(message, decisions)
        if authoring.is_empty_one(decisions):
            return {"options": options, "choices": None}
        fills = filling.codes(decisions.get("fills", {}), self._databases)
        choices = authoring.decided_of(decisions, rewritten, fills)
        more = {"on_scratch": True, "scratch_url": self._settings.scratch_url} if on_scratch else {}
        return {"options": options, "choices": choices, **more}

    def _drafted(
        self,
        message: str | None,
        decisions: dict[str, Any],
        baseline: Baseline | None,
        on_event: Callable[[Event], None] | None,
    ) -> Draft:
        if decisions.get("fills") and not self._databases:
            self._asked_scripts()  # whose SQL it has to be
        wanted = decisions.get("rewrites")
        if not wanted:
            return self._made(message, decisions, baseline, on_event)
        # Which code is safer is found in the file without it.
        plain = self._made(message, {**decisions, "rewrites": {}}, baseline, on_event)
        codes = tuple(authoring.rewritten(plain, wanted))
        return self._made(message, {**plain.decisions, "rewrites": wanted}, baseline, on_event, codes)

    def _made(
        self,
        message: str | None,
        decisions: dict[str, Any],
        baseline: Baseline | None,
        on_event: Callable[[Event], None] | None,
        rewritten: tuple[Code, ...] = (),
    ) -> Draft:
        request = self._request(message, decisions, on_scratch=False, rewritten=rewritten)
        told: Authored = self._client.call("draft", **request)
        compared = "" if authoring.is_empty_one(decisions) or not decisions.get("autogenerate", True) else "live"
        self._databases = told.databases or self._databases
        if told.behind:
            protection.check_scratch(told.databases, self.folder, self._settings.scratch_url)
            asked = self._request(message, decisions, on_scratch=True, rewritten=rewritten)
            told = self._client.call("draft", on_event=on_event, baseline=baseline, **asked)
            compared = "head"
        draft = authoring.draft(told, message, decisions, self._settings.folder, compared=compared)
        draft = replace(draft, candidates=self._candidates(draft, baseline))
        object.__setattr__(draft, "_baseline", baseline)
        object.__setattr__(draft, "_rewritten", rewritten)
        return attach(draft, self)

    def _candidates(self, draft: Draft, baseline: Baseline | None) -> tuple[RenameCandidate, ...]:
        """What may be a rename; nothing where a schema cannot be had, since it is only a proposal."""
        kinds = {each.kind for each in draft.choices}
        if not any(
            f"remove_{each}" in kinds and f"add_{each}" in kinds for each in ("table", "column", "index", "constraint")
        ):
            return ()
        from workbench.capabilities import renames, renames_rows  # noqa: PLC0415 - sqlglot: for those who have to choose

        with contextlib.suppress(WorkbenchError):
            before = self._schemas.live(self._client)
            ask: renames_rows.Ask | None = renames_rows.asking(self._client)
            if draft.compared == "head":
                scene = self._scene(baseline)
                before, ask = self._travel.schema(scene, self._heads(scene, "heads")), None
            changes = tuple(
                change for each in draft.choices if not each.kind.startswith("rename_") for change in each.changes
            )
            return renames.candidates(before, self._schemas.models(self._client), ask, changes)
        return ()

    def _asked_draft(self, draft: Draft, plan: Plan) -> Draft:
        """The same Draft, with this Plan for its own."""
        asked = attach(replace(draft), self)
        object.__setattr__(asked, "_plan", plan)
        for name in ("_baseline", "_rewritten"):
            object.__setattr__(asked, name, getattr(draft, name, None))
        return asked

    def _trying(self, draft: Draft) -> Any:
        """A Workbench for which the Draft's file is there already."""
        from workbench.facade.trying import Trying  # noqa: PLC0415 - it is a Workbench, which this is a part of

        return Trying(self, Carrying(self._client, str(self._file_of(draft))))

    def _file_of(self, draft: Draft) -> Path:
        """The Draft's file, where no other command looks."""
        if not draft.code:
            raise UnsupportedRequest(
                "This Draft has no file, so there is nothing to run.", "Decide on something first."
            )
        if self._drafts is None:
            self._drafts = Path(tempfile.mkdtemp(prefix="workbench-draft-"))
            weakref.finalize(self, shutil.rmtree, self._drafts, ignore_errors=True)
        folder = self._drafts / draft.revision
        folder.mkdir(exist_ok=True)
        file = folder / Path(draft.path).name
        if not file.exists() or file.read_text("utf-8") != draft.code:
            file.write_text(draft.code, "utf-8", newline="")
        return file

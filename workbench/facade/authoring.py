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
from workbench.capabilities import authoring, filling, placing, protection, rehearsals, splitting
from workbench.errors import WorkbenchError
from workbench.facade.filling import Filling
from workbench.results import Draft, Event, Plan, Schema
from workbench.results.base import attach
from workbench.worker.carrying import Carrying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.bridge.values import Baseline, Code, Unseen
    from workbench.results import SchemaObject
    from workbench.results.renames import RenameCandidate
    from workbench.worker.answers import Authored


class Authoring(Filling):
    """Questions about a revision that is not written yet."""

    _drafts: Path | None = None
    """A folder for the files of Drafts, which no other command looks at; removed with the Workbench."""
    _made_of: tuple[tuple[SchemaObject, ...], Schema | None] | None = None
    """What the models last were, and as the server words them."""

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
            The Draft. Nothing is written before `draft.write()`. Where there are several heads, and `head` does not say
            which it follows, that is one of its questions, and it has no file before it is answered.

        Raises:
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
        splitting.check_whole(draft)
        told = authoring.merged(draft.decisions, decisions)
        return self._drafted(told.get("message", draft.message), told, getattr(draft, "_baseline", None), None)

    def plan_of(self, draft: Draft) -> Plan:
        """The Plan to upgrade to a revision that is not written yet; see `Draft.plan`."""
        asking: Any = self if draft.written else self._trying(draft)
        plan: Plan = asking.upgrade(draft.revision)
        return plan

    def write(self, draft: Draft) -> Path:
        """Write the file that `draft` shows; see `Draft.write`."""
        splitting.check_whole(draft)
        path = writers.write_draft(self._client, draft, self.folder, self._asked_again(draft), read_only=self.read_only)
        object.__setattr__(draft, "_written", draft.path)
        return path

    # -- inside ---------------------------------------------------------------------------------------------------

    def _asked_again(self, draft: Draft) -> dict[str, Any]:
        """What the worker was asked for a Draft that is there."""
        codes = getattr(draft, "_rewritten", None) or ()
        baseline = getattr(draft, "_baseline", None)
        on_scratch = draft.compared == "head"
        asked = self._request(draft.message, draft.decisions, on_scratch=on_scratch, rewritten=codes, baseline=baseline)
        return {**asked, "baseline": baseline}

    def _request(
        self,
        message: str | None,
        decisions: dict[str, Any],
        *,
        on_scratch: bool,
        rewritten: tuple[Code, ...] = (),
        baseline: Baseline | None = None,
    ) -> dict[str, Any]:
        """What the worker is asked for a Draft."""
        options = authoring.options_of(message, decisions)
        if authoring.is_empty_one(decisions):
            return {"options": options, "choices": None}
        fills = filling.codes(decisions.get("fills", {}), self._databases, lambda: self._rows_at_hand(decisions))
        unseen = self._unseen(decisions, baseline, on_scratch=on_scratch)
        choices = authoring.decided_of(decisions, rewritten, fills, unseen)
        more = {"on_scratch": True, "scratch_url": self._settings.scratch_url} if on_scratch else {}
        return {"options": options, "choices": choices, **more}

    def _unseen(self, decisions: dict[str, Any], baseline: Baseline | None, *, on_scratch: bool) -> Unseen | None:
        """What Alembic's comparison does not see; nothing of a database whose catalogue cannot be read here."""
        if not decisions.get("autogenerate", True) or decisions.get("code") is not None:
            return None
        from workbench.capabilities import comparing  # noqa: PLC0415 - with the Draft, not with the Workbench

        try:
            if on_scratch:
                scene = self._scene(baseline)
                before = self._travel.schema(scene, self._heads(scene, "heads"))
            else:
                before = self._schemas.live(self._client)
            after = self._schemas.models(self._client)
        except WorkbenchError:
            return None  # where there are none, the worker is about to say why, and in the right order
        told = comparing.Sources(before, after, authoring.renames_of(decisions.get("renames", {})), decisions)
        return comparing.unseen(self._client, told, lambda: self._models_made(after))

    def _models_made(self, after: Schema) -> Schema | None:
        """The models as this very server words them: made on a scratch database, and once while they are the same."""
        if self._made_of is None or self._made_of[0] != after.objects:
            made = None
            with contextlib.suppress(WorkbenchError):
                made = self._travel.models(self._scene()).place(()).objects
            self._made_of = after.objects, None if made is None else Schema("models", made)
        return self._made_of[1]

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
        scripts = self._known_scripts() or self._asked_scripts()
        graph = self._graph(scripts, may_ask=False)
        placing.check(graph, decisions)
        is_open = placing.is_open(graph, decisions)
        # What differs is the same whatever it follows, and a revision on all heads is one that Alembic makes.
        asked = {**decisions, "head": "heads"} if is_open else decisions
        request = self._request(message, asked, on_scratch=False, rewritten=rewritten)
        told: Authored = self._client.call("draft", **request)
        compared = "" if authoring.is_empty_one(decisions) or not decisions.get("autogenerate", True) else "live"
        self._databases = told.databases or self._databases
        if told.behind:
            protection.check_scratch(told.databases, self.folder, self._settings.scratch_url)
            request = self._request(message, asked, on_scratch=True, rewritten=rewritten, baseline=baseline)
            told = self._client.call("draft", on_event=on_event, baseline=baseline, **request)
            compared = "head"
        draft = authoring.draft(told, message, decisions, self._settings.folder, compared=compared)
        draft = authoring.placed(draft, placing.heads(graph), scripts.versions, self._settings.folder, is_open=is_open)
        draft = replace(draft, candidates=self._candidates(draft, baseline))
        object.__setattr__(draft, "_baseline", baseline)
        object.__setattr__(draft, "_rewritten", rewritten)
        return attach(draft, self)

    def _candidates(self, draft: Draft, baseline: Baseline | None) -> tuple[RenameCandidate, ...]:
        """What may be a rename; nothing where a schema cannot be had, since it is only a proposal."""
        kinds = {each.kind for each in draft.choices}
        if "modify_enum" not in kinds and not any(
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
        for name in ("_baseline", "_rewritten", "_rehearsal", "_parts_before"):
            object.__setattr__(asked, name, getattr(draft, name, None))
        return asked

    def _trying(self, draft: Draft) -> Any:
        """A Workbench for which the Draft's file is there already."""
        from workbench.facade.trying import Trying  # noqa: PLC0415 - it is a Workbench, which this is a part of

        return Trying(
            self, Carrying(self._client, *(str(self._file_of(each)) for each in (*splitting.before(draft), draft)))
        )

    def _file_of(self, draft: Draft) -> Path:
        """The Draft's file, where no other command looks."""
        authoring.check_loadable(draft)
        if self._drafts is None:
            self._drafts = Path(tempfile.mkdtemp(prefix="workbench-draft-"))
            weakref.finalize(self, shutil.rmtree, self._drafts, ignore_errors=True)
        folder = self._drafts / draft.revision
        folder.mkdir(exist_ok=True)
        file = folder / Path(draft.path).name
        if not file.exists() or file.read_text("utf-8") != draft.code:
            file.write_text(draft.code, "utf-8", newline="")
        return file

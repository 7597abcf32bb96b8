"""The part of the Workbench that joins several heads, or lets one branch follow another."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from workbench import apply as writers
from workbench.capabilities import authoring, journal, merging, merging_orders, merging_reparents, rehearsals
from workbench.errors import Cancelled, PlanOutdated, UnsupportedRequest, WorkbenchError
from workbench.facade.splitting import Splitting
from workbench.results import Database, Draft, Event, Step
from workbench.results.base import attach
from workbench.results.merges import Heads, Merge, Order, Reparent
from workbench.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from workbench.environment.graph import Graph
    from workbench.results.rehearsals import Data
    from workbench.worker.answers import Authored, Planned

_DECISIONS = ("message", "rev_id", "branch_label", "any_message")
_UNTRIED = Order("not tried", "Nobody asked for it: merge.try_orders() runs both.")


class Merging(Splitting):
    """Questions about several heads."""

    def merge(
        self,
        revisions: str | Iterable[str] = "heads",
        message: str | None = None,
        *,
        orders: bool = True,
        data: Data = "full",
        baseline: Any = None,
        decisions: Mapping[str, Any] | None = None,
        on_event: Callable[[Event], None] | None = None,
        **options: Any,
    ) -> Merge:
        """What the branches below several heads do to each other, and the revision that would join them.

        Whether it matters which of them runs first is found out: both orders are run on scratch databases, and schema
        and rows compared. Each begins at a copy of the live database, as long as that has nothing of a branch; else at
        an empty one that the revisions bring to where the branches part.

        Args:
            revisions: The heads: `heads`, or some of them, as `alembic merge` takes them.
            message: As `alembic merge -m`; without it the names of the branches.
            orders: Run both orders; without it, `merge.try_orders()` does so later.
            data: The copies have all rows (`full`), a `sample` of each table, or `none`.
            baseline: As for `schema`: where the history does not begin at an empty database. Then no copy is made.
            decisions: As `merge.decisions` tells them: the same Draft again.
            on_event: Called with each Event while revisions run.
            options: As `alembic merge`: `rev_id`, `branch_label`.

        Returns:
            The Merge, which is a Draft: `merge.write()` writes the revision. `merge.reparent(…)` shows the other way.

        Raises:
            UnsupportedRequest: There are not two heads, or an option means nothing.
            HistoryBroken, RevisionNotFound, MultipleHeads: The revisions cannot be loaded, or a name means nothing.

        """
        merging_orders.check_data(data)
        chosen = _chosen({**(decisions or {}), **options})
        told_baseline = rehearsals.baseline_of(baseline, self.folder)
        self._carry_metadata()
        graph, databases, problem = self._stood()
        heads = merging.heads_of(graph, revisions)
        notes = () if problem is None else (f"The databases could not be asked: {one_line(problem.message)}",)
        steps, unread = self._steps_of(graph, heads, asked=problem is None)
        look = merging.looking(
            graph, databases, self._settings.folder, steps, journal.configuration(self._settings)
        )  # fmt: skip
        branches = tuple(
            replace(each, stays=merging_reparents.stays(graph, heads, each, databases, asked=problem is None))
            for each in merging.branches(graph, heads, look, steps, databases)
        )
        named = f"merge {' and '.join(each.name for each in branches)}"
        draft = self._joined(heads, message or chosen.get("message") or named, chosen)
        merge = Merge(
            **{each.name: getattr(draft, each.name) for each in fields(Draft)} | {"databases": databases},
            branches=branches,
            parted=merging.parted(graph, heads),
            meetings=merging.meetings(graph, branches),
            clashes=merging.clashes(look),
            order=_UNTRIED
            if problem is None
            else Order("not tried", f"The databases could not be asked: {one_line(problem.message)}"),
            notes=(*notes, *unread),
        )
        if orders and problem is None:
            order = merging_orders.tried(
                self._client, graph, branches, databases, self.folder,
                data=data, baseline=told_baseline, on_event=on_event,
            )  # fmt: skip
            merge = replace(merge, order=order)
        return attach(merge, self)

    def try_orders(
        self,
        merge: Merge,
        *,
        data: Data = "full",
        baseline: Any = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Merge:
        """Run both orders of a Merge; see `merge`."""
        merging_orders.check_data(data)
        told_baseline = rehearsals.baseline_of(baseline, self.folder)
        self._carry_metadata()
        graph, databases, problem = self._stood()
        if problem is not None:
            raise problem
        merging.heads_of(graph, [each.head for each in merge.branches])
        order = merging_orders.tried(
            self._client, graph, merge.branches, databases, self.folder,
            data=data, baseline=told_baseline, on_event=on_event,
        )  # fmt: skip
        return attach(replace(merge, order=order), self)

    def reparent(self, merge: Merge, branch: str, onto: str | None = None) -> Reparent:
        """Another parent for a branch, in place of the merge; see `Merge.reparent`."""
        graph, _, _ = self._stood()
        return attach(merging_reparents.reparent(graph, merge, branch, onto, self._settings.folder), self)

    def write_reparent(self, reparent: Reparent) -> Path:
        """Write the file that `reparent` shows; see `Reparent.write`."""
        graph, databases, problem = self._stood()
        try:
            heads = merging.heads_of(graph, reparent.heads)
            look = merging.looking(graph, databases, self._settings.folder, (), journal.configuration(self._settings))
            found = next(
                each for each in merging.branches(graph, heads, look, (), databases) if each.head == reparent.branch
            )
            stays = merging_reparents.stays(graph, heads, found, databases, asked=problem is None)
        except WorkbenchError as error:
            stays = error.message
        if stays:
            raise PlanOutdated(
                f"This is out of date, and nothing was written. {stays}", "Look at the heads again: wb.merge()."
            )
        return writers.write_reparent(self.folder / reparent.path, reparent, read_only=self.read_only)

    def decide(self, draft: Draft, decisions: Mapping[str, Any]) -> Draft:
        """The Draft with these decisions besides; see `Draft.decide`."""
        if not isinstance(draft, Merge):
            return super().decide(draft, decisions)
        chosen = _chosen({**draft.decisions, **decisions})
        made = self._joined(draft.down_revisions, chosen.get("message") or draft.message, chosen)
        told = {
            name: getattr(made, name)
            for name in ("revision", "message", "path", "code", "decisions", "created", "problem", "undescriptive")
        }
        return attach(replace(draft, **told), self)

    def write(self, draft: Draft) -> Path:
        """Write the file that `draft` shows; see `Draft.write`."""
        if not isinstance(draft, Merge):
            return super().write(draft)
        asked = {"options": _options(draft.down_revisions, draft.message, draft.decisions)}
        written = writers.write_draft(
            self._client, draft, self.folder, asked, read_only=self.read_only, task="write_merge"
        )
        object.__setattr__(draft, "_written", draft.path)
        return written

    # -- inside ---------------------------------------------------------------------------------------------------

    def _stood(self) -> tuple[Graph, tuple[Database, ...], WorkbenchError | None]:
        """The history, where the databases stand just now, and why nobody knows that."""
        standing = self._standing()
        if isinstance(standing, Cancelled):
            raise standing
        if isinstance(standing, WorkbenchError):
            scripts = self._known_scripts()
            if scripts is None:
                raise standing
            return self._graph(scripts, may_ask=False), (), standing
        return self._graph(standing.scripts, may_ask=True), standing.databases, None

    def _steps_of(self, graph: Graph, heads: Heads, *, asked: bool) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The upgrades of what not all of the heads have; they are written, not run. And why they could not be."""
        start = ",".join(merging.parted(graph, heads)) or "base"
        wanted = graph.ancestors(heads) - merging.common(graph, heads)
        try:
            told: Planned = self._client.call("plan", direction="upgrade", target=f"{start}:heads", connected=asked)
        except Cancelled:
            raise
        except WorkbenchError as error:
            return (), (f"What the branches do could not be told: {one_line(error.message)}",)
        return tuple(each for each in told.steps if each.revision in wanted), ()

    def _joined(self, heads: Heads, message: str, chosen: dict[str, Any]) -> Draft:
        """The Draft of the merge revision."""
        told: Authored = self._client.call("merge", options=_options(heads, message, chosen))
        return authoring.draft(told, message, chosen, self._settings.folder, compared="")


def _chosen(told: Mapping[str, Any]) -> dict[str, Any]:
    for name in told:
        if name not in _DECISIONS:
            raise UnsupportedRequest(f"A merge has no decision {name!r}.", f"There are {', '.join(_DECISIONS)}.")
    return {name: value for name, value in told.items() if value is not None}


def _options(heads: Heads, message: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What `alembic merge` is given."""
    names = {name: chosen.get(name) for name in ("branch_label", "rev_id")}
    return {"revisions": list(heads), "message": message, **names}

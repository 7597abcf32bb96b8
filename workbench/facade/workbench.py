"""The Workbench: one Alembic environment, and every question that can be asked of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from workbench import apply as writers
from workbench.capabilities import checks, hazards, histories, journal, journal_reading, plans, protection, rehearsals
from workbench.capabilities.practice import NEXT
from workbench.environment import revision_files
from workbench.environment.graph import Graph
from workbench.environment.revision_files import Source
from workbench.errors import Cancelled, RevisionNotFound, UnsupportedRequest, WorkbenchError
from workbench.facade import practising
from workbench.facade.recording import Recording
from workbench.results import Check, Database, Draft, Event, Finding, History, Plan, Rehearsal, Run, SchemaDiff, Status
from workbench.results.base import attach
from workbench.results.rehearsals import Data, Filled
from workbench.results.schema import LIVE, MODELS

if TYPE_CHECKING:
    import pandas as pd

    from workbench.bridge.practice_values import ModelsTold
    from workbench.worker.answers import Standing


class Workbench(Recording):
    """One Alembic environment.

    Nothing is written, anywhere, before `plan.apply()` or `draft.write()`.
    Everything that runs the project's code runs in one child process, started with the first question and warm
    from then on; it starts afresh by itself when a file that it had loaded has changed.
    """

    # -- questions ------------------------------------------------------------------------------------------------

    def history(self, rev_range: str | None = None) -> History:
        """Every revision, newest first, and which of them the database has.

        Args:
            rev_range: As `alembic history -r`: `from:to`, `from:`, `:to`, with ids, labels, `base`, `current`, `-3`.

        Returns:
            The History. If the database cannot be asked, its `problem` says why, and the tree is whole all the same.

        Raises:
            UnsupportedRequest: `rev_range` is not a range of this history.

        """
        self._client.refuse_reentry()  # the thread that asks below is not the one that is asked
        # The database and the files at once, each on a core of its own.
        with self._client.aside(self._standing) as asking:
            scripts = self._known_scripts()
            early = None if scripts is None else self._graph(scripts, may_ask=False)
            standing = asking.result()
        problem = standing if isinstance(standing, WorkbenchError) else None
        databases = () if isinstance(standing, WorkbenchError) else standing.databases
        if scripts is None and problem is not None:
            raise problem
        now = self._scripts if self._scripts is not None else scripts
        assert now is not None  # noqa: S101 - one of the two has just been found
        again = early is None or now != scripts or any(node.file.computed for node in early.nodes)
        graph = self._graph(now, may_ask=problem is None) if again or early is None else early
        asked = (graph, databases, problem, rev_range)
        answered = self._answered
        if answered is None or answered[0][0] is not graph or answered[0][1:] != asked[1:]:
            answered = asked, histories.history(graph, databases, problem, self._settings.folder, rev_range)
            self._answered = answered
        return attach(answered[1], self)

    def current(self) -> Status:
        """Where the database stands, what is pending, what it does not know.

        Raises:
            WorkbenchError: The database could not be asked; the subclass says why.

        """
        graph, standing = self._checked()
        return attach(histories.status(graph, standing.databases, self._settings.folder, standing.findings), self)

    def check(self, *, everything: bool = False, scratch: bool = False, rehearse: bool = False) -> Check:
        """What is wrong: on each database (half-applied revisions, leftovers, impossible versions), and in the files.

        Good practice is checked as well: models that differ from the head, downgrades that are missing, messages that
        say nothing, revisions that were changed after they were committed or applied; docs/checks.md has all of it.
        What cannot be asked is told in `not_asked`. Findings can be let be as those of a Plan: by a comment, or in
        pyproject.toml.

        Args:
            everything: Judge the code of all revisions, not only of pending ones and of the heads.
            scratch: Where no database stands at the heads, make them on a scratch database to compare the models with.
            rehearse: Rehearse what is pending, to see whether its downgrades undo it; as `scratch` besides.

        Returns:
            The Check. Where the databases cannot be asked, that is an error among its findings.

        """
        self._carry_metadata()
        try:
            graph, standing = self._checked()
        except Cancelled:
            raise
        except WorkbenchError as error:
            scripts = self._known_scripts()
            if scripts is None:
                raise
            graph = self._graph(scripts, may_ask=False)
            told = practising.practised(self, graph, (), everything=everything, problem=error)
            return attach(checks.check((checks.unasked(error), *told.findings), (), told.not_asked), self)
        told = practising.practised(
            self, graph, standing.databases, everything=everything, scratch=scratch, rehearse=rehearse
        )
        return attach(checks.check(standing.findings + told.findings, standing.databases, told.not_asked), self)

    def check_offline(self, plan: Plan, *, everything: bool = False) -> Check:
        """What of `check()` can be told without a database, for a Plan that `pending_offline()` gave."""
        scripts = self._known_scripts()
        if scripts is None:
            why = "Where the revision files are, only the project's own Python can tell."
            return attach(checks.check((), (), tuple((rule, why) for rule in NEXT)), self)
        graph = self._graph(scripts, may_ask=False)
        told = practising.practised(self, graph, (), everything=everything, plan=plan)
        return attach(checks.check(told.findings, (), told.not_asked), self)

    def _ask_models(self) -> ModelsTold:
        told: ModelsTold = self._client.call("practices")
        return told

    def diff(self, source: str = LIVE, target: str = MODELS, *, baseline: Any = None) -> SchemaDiff:
        """What turns the schema of `source` into that of `target`.

        Between `live` and `models` found by Alembic's own comparators, wherever the database stands: `alembic check`
        refuses below head. Where one of the two is a revision, between two schemas that were really made: what Alembic
        does not see (views, triggers, check constraints, enums, …) is told, too; its SQL only where it is certain.

        Args:
            source: `live`, `models`, or a revision as for `schema`.
            target: The same.
            baseline: As for `schema`.

        Raises:
            UnsupportedRequest: The two are the same.
            RevisionNotFound, MultipleHeads: There is no such revision, or not one.
            WorkbenchError: The database, the models or the revision could not be had; the subclass says why.

        """
        if source == target:
            raise UnsupportedRequest(
                f"diff() compares two schemas, and {source!r} is one.",
                'Ask wb.diff(), wb.diff("models", "live"), or wb.diff("ab12", "head").',
            )
        self._carry_metadata()
        if {source, target} != {LIVE, MODELS}:
            return attach(self._between(source, target, baseline), self)
        told = self._ask("diff", reverse=source == MODELS)
        return attach(SchemaDiff(source, target, told.changes, told.databases, told.ignored), self)

    def upgrade(self, target: str = "head") -> Plan:
        """What `alembic upgrade TARGET` would run from where the database stands; nothing runs.

        Args:
            target: `head`, `heads`, an id or the beginning of one, `+2`, `label@head`; or a range `from:to`, whose
                SQL can be read but not applied.

        Raises:
            RevisionNotFound, MultipleHeads, UnsupportedRequest: The target means nothing, or not one thing.
            HistoryBroken: Alembic cannot load the revision files.

        """
        return self._plan("upgrade", target)

    def downgrade(self, target: str) -> Plan:
        """What `alembic downgrade TARGET` would run: `-1`, `base`, an id, `label@base`, a range `from:to`."""
        return self._plan("downgrade", target)

    def stamp(self, target: str, *, purge: bool = False) -> Plan:
        """What `alembic stamp TARGET` would write into the version table, without running a migration.

        Args:
            target: As for `upgrade`, but no range.
            purge: Empty the version table first: the way out of ids that no file has.

        Where the schema of the target is known already (after `identify`, `schema(target)` and the like) and the live
        one is another, the Plan has a Finding, and `apply()` asks for `confirm`: the name of the database.

        """
        return self._plan("stamp", target, purge=purge)

    def pending_offline(self, start: str = "base", end: str = "heads") -> Plan:
        """What `alembic upgrade START:END --sql` would write: env.py is run as for that, and no database is asked.

        Its `findings` are what can be told from the revisions alone.

        Raises:
            WorkbenchError: As `upgrade`; EnvPyFailed also where env.py cannot do without a database.

        """
        target = f"{start}:{end}"
        told = self._client.call("plan", direction="upgrade", target=target, connected=False)
        return plans.plan(told, "upgrade", target, purge=False)

    @overload
    def preflight(
        self, plan: Plan, *, seconds: float = ..., on_answer: Callable[[int, int], None] | None = ...
    ) -> Plan: ...

    @overload
    def preflight(
        self, plan: Draft, *, seconds: float = ..., on_answer: Callable[[int, int], None] | None = ...
    ) -> Draft: ...

    def preflight(
        self,
        plan: Plan | Draft,
        *,
        seconds: float = hazards.SECONDS,
        on_answer: Callable[[int, int], None] | None = None,
    ) -> Plan | Draft:
        """Ask the rows of the live databases what only they can decide: whether it will fail, or lose data.

        Read-only, one query after the other, in no transaction that stays open.

        Args:
            plan: The Plan, or a Draft.
            seconds: That one query may take; what takes longer is *not proven*.
            on_answer: Called with how many answers there are, and of how many.

        Returns:
            The same Plan, with the same id, or the same Draft; its `findings` have the answers as their `evidence`.

        Raises:
            WorkbenchError: The databases cannot be asked at all.

        """
        if isinstance(plan, Draft):
            told = self._trying(plan).preflight(plan.plan, seconds=seconds, on_answer=on_answer)
            return self._asked_draft(plan, told)
        suspected = self._suspect(plan)
        answered = hazards.ask(self._client, suspected, seconds=seconds, on_answer=on_answer)
        asked = attach(replace(plan, answered=answered), self)
        object.__setattr__(asked, "_locks", hazards.with_blockers(self._client, suspected))
        return asked

    def suspected(self, plan: Plan) -> tuple[Finding, ...]:
        """The findings of a Plan before any row was asked; see `Plan.findings`.

        While this Workbench applies a Plan or after it was closed, and where the databases cannot be asked, the
        operations alone are looked at; next time it is tried again.
        """
        with self._client.at_once() as free, contextlib.suppress(WorkbenchError):
            if free:
                suspected = self._suspect(plan)
                found = suspected.findings({})
                object.__setattr__(plan, "_suspected", found)
                object.__setattr__(plan, "_locks", suspected.locks)
                return found
        return hazards.suspect(None, plan, None, self._settings.folder).findings({})

    def rehearse(
        self,
        plan: Plan | Draft,
        *,
        data: Data = "full",
        filled: Filled = "copy",
        baseline: str | os.PathLike[str] | Callable[[Any], object] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Rehearsal:
        """Run the Plan's steps for real, there and back and there again, on a scratch database; the live one is read.

        Args:
            plan: An upgrade or a downgrade; or a Draft, which is run as if it were written.
            data: With all rows, with a `sample` of each table and the rows that these refer to, or with `none`.
            filled: A `copy` of the live database; or `replay`: an empty one, brought to where the live one stands by
                the revisions themselves.
            baseline: For `replay`, where the history does not begin at an empty database: a file of SQL, or a callable
                that is given a connection, also as "module:callable". Where it writes no version table, the
                revisions follow from base.
            on_event: Called with each Event while it runs, in the thread that runs it; `print` will do.

        Returns:
            The Rehearsal. A step that fails does not raise: `rehearsal.ok` is False and `rehearsal.error` says why.

        Raises:
            UnsupportedRequest: There is nothing in this Plan that could be rehearsed.
            PlanOutdated: Something has moved since the Plan was made.
            ScratchRefused: No scratch database could be had, or env.py opens its connections by itself.
            DatabaseProtected: The database is named protected, and there is no `scratch_url`.

        """
        self._carry_metadata()
        if isinstance(plan, Draft):
            trying = self._trying(plan)
            tried: Rehearsal = trying.rehearse(
                plan.plan, data=data, filled=filled, baseline=baseline, on_event=on_event
            )
            object.__setattr__(plan, "_rehearsal", tried)
            return tried
        done = rehearsals.rehearse(
            self._client, plan, data=data, filled=filled, baseline=baseline, folder=self.folder,
            scratch_url=self._settings.scratch_url, on_event=on_event, suspect=lambda: self._suspect(plan),
        )  # fmt: skip
        attach(done.plan, self)
        return attach(done, self)

    def journal(self, limit: int | None = None, *, statements: str | None = None) -> pd.DataFrame:
        """What was applied to the databases of this environment from this machine, newest first.

        Every apply is written down in a file of the user's own before it begins; see `capabilities.journal`.

        Args:
            limit: No more than this many.
            statements: The id of one apply: its statements instead, in order.

        Returns:
            One row an apply. Columns: id, began (datetime64[ns, UTC]), seconds (float, NaN if it has no end), who,
            host, database, url, dialect, direction, source, target (str), steps, statements (Int64), result (`done`,
            `failed`, `cancelled`, `refused`, `running`, `unfinished`), error, plan (str). Of one apply: one row a
            statement. Columns: began, database, revision, sql, rows (Int64), seconds (float, NaN if it never ended).

        Raises:
            UnsupportedRequest: The journal has no apply of this id.

        """
        path = journal.place()
        if statements is not None:
            return journal_reading.statements(path, statements)
        return journal_reading.applies(path, journal.configuration(self._settings), limit)

    def outdated(self, plan: Plan, *, ask: bool = False) -> str | None:
        """Why `plan` would not be applied any more, in a sentence; None as far as is known if it still holds.

        Args:
            plan: One of this Workbench's.
            ask: Ask the database, too, which the worker does; without it only the content of files is compared, here
                and at once. A database that cannot be asked makes no Plan outdated.

        """
        return plans.outdated(self._client, plan, self._settings.folder, ask=ask)

    def protected(self, database: Database) -> str | None:
        """The pattern in `[tool.workbench] protected` of pyproject.toml that names `database`, None if none does.

        Raises:
            EnvironmentInvalid: It cannot be read what is protected.

        """
        return protection.pattern_for(database, self.folder)

    def source(self, revision: str) -> Source:
        """The code of one revision, read from its file.

        Raises:
            RevisionNotFound: No file has this id.

        """
        scripts = self._known_scripts() or self._asked_scripts()
        for node in self._graph(scripts, may_ask=False).nodes:
            if node.file.revision == revision:
                return revision_files.source(node.file.path)
        raise RevisionNotFound(f"No revision file has the id {revision!r}.", "The ids are in wb.history().df.")

    # -- the two writers, and what stops them ---------------------------------------------------------------------

    def apply(self, plan: Plan, on_event: Callable[[Event], None] | None = None, **options: Any) -> Run:
        """Run exactly the steps that `plan` shows; see `Plan.apply`."""
        chosen = writers.options_of(options)
        run = writers.apply_plan(
            self._client, plan, chosen, on_event, folder=self.folder, read_only=self.read_only, answered=self._ask_rows
        )  # fmt: skip
        self.applies += 1
        return attach(run, self)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _suspect(self, plan: Plan) -> hazards.Suspected:
        return hazards.suspect(self._client, plan, self._schemas, self._settings.folder)

    def _ask_rows(self, plan: Plan) -> tuple[Finding, ...]:
        return hazards.ask(self._client, self._suspect(plan))

    def _plan(self, direction: Literal["upgrade", "downgrade", "stamp"], target: str, *, purge: bool = False) -> Plan:
        plans.check_target(direction, target)
        told = self._ask("plan", direction=direction, target=target, purge=purge)
        plan = plans.plan(told, direction, target, purge=purge)
        if direction == "stamp":
            plan = replace(plan, doubts=self._doubts(plan))
        return attach(plan, self)

    def _checked(self) -> tuple[Graph, Standing]:
        """Where the databases stand, with what is wrong there. A second question only if env.py moves the files."""
        scripts = self._known_scripts()
        graph = None if scripts is None else self._graph(scripts, may_ask=False)
        if graph is not None and any(node.file.computed for node in graph.nodes):
            graph = None
        standing: Standing = self._ask("check", nodes={} if graph is None else checks.nodes(graph))
        self._scripts = standing.scripts
        if graph is None or scripts != standing.scripts:
            graph = self._graph(standing.scripts, may_ask=True)
            standing = self._ask("check", nodes=checks.nodes(graph))
        return graph, standing

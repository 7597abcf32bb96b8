"""Runs exactly the steps of a Plan, and tells of each statement."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.runtime.migration import MigrationContext

from workbench.bridge import environments, offline, stepping, translate
from workbench.bridge.environments import Part
from workbench.bridge.stepping import Stepped
from workbench.errors import Cancelled, PlanOutdated, WorkbenchError
from workbench.results import Event, Executed, Plan
from workbench.text import blot, redact
from workbench.worker.answers import Ran

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


@dataclass
class _Progress:
    """The step that is running; -1 between steps."""

    at: int = -1
    finished: list[int] = field(default_factory=list)
    failed: int = -1
    began: float = 0.0
    seconds: dict[int, float] = field(default_factory=dict)
    stopped: bool = False
    commits: int = 0


class Applier:
    """One application of one Plan."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job = job
        self.plan = plan
        self.progress = _Progress()
        self.executed: list[Executed] = []
        self.error: WorkbenchError | None = None

    def run(self) -> Ran:
        """Run it.

        Raises:
            PlanOutdated: Something has moved since the Plan was made. Nothing was run.
            WorkbenchError: It did not come to the first step. Nothing was run.

        """
        self._check_files()
        self._migrate()
        progress = self.progress
        if self.error is not None and progress.failed < 0 and not progress.finished and not progress.stopped:
            raise self.error
        committed = progress.failed >= 0 and self.job.guard.commits > progress.commits
        seconds = tuple(progress.seconds.items())
        return Ran(tuple(progress.finished), progress.failed, seconds, tuple(self.executed), self.error, committed)

    def verify(self) -> None:
        """Compare everything with the Plan, as a question that writes nothing.

        Asked before `run`, which compares again: there the first of several databases would have moved before the
        second is found to differ, and SQLite makes a missing file. The revision files that it loads are left for `run`,
        which compares their content again; a preview's are not, since it has called their functions.

        Raises:
            PlanOutdated: Something has moved since the Plan was made.

        """
        self._check_files()
        self.job.run(self._verified, command.current, leave_loaded=True)

    # -- P2: nothing but what was shown ---------------------------------------------------------------------------

    def _check_files(self) -> None:
        for path, digest in self.plan.sealed:
            if stepping.digest(self._absolute(path)) != digest:
                raise PlanOutdated(*_moved(f"{path} has changed since the Plan was made"))

    def _verified(self, part: Part) -> list[tuple[int, Stepped]]:
        then = next((each for each in self.plan.databases if each.name == part.name), None)
        now = part.database
        if then is None or (then.url, then.host) != (now.url, now.host):
            raise PlanOutdated(*_moved(f"env.py now connects to {now.name} ({now.url})"))
        if then.heads != now.heads:
            was, is_ = (", ".join(each.heads) or "base" for each in (then, now))
            raise PlanOutdated(*_moved(f"{now.name} stood at {was} when the Plan was made, and is at {is_} now"))
        expected = [(index, step) for index, step in enumerate(self.plan.steps) if step.database == part.name]
        try:
            heads = () if self.plan.purge else part.heads
            found = stepping.steps_to(part, self.plan.direction, self.plan.target, heads)
            found = found or ([offline.PURGE] if self.plan.purge and part.heads else [])
        except Exception as error:
            words = redact(error.message if isinstance(error, WorkbenchError) else str(error), self.job.guard.secrets)
            raise PlanOutdated(*_moved(f"the revision files have changed: {words}")) from error
        for (_, step), now_step in zip(expected, found):  # noqa: B905 - the lengths are compared below
            if step.revision == now_step.revision and step.digest != now_step.digest:
                raise PlanOutdated(*_moved(f"{step.path} has been edited since the Plan was made"))
        if [step.revision for _, step in expected] != [each.revision for each in found]:
            new = ", ".join(each.revision or "base" for each in found) or "nothing"
            raise PlanOutdated(*_moved(f"the target {self.plan.target!r} now means other revisions: {new}"))
        return [(index, each) for (index, _), each in zip(expected, found)]  # noqa: B905

    # -- the run itself -------------------------------------------------------------------------------------------

    def _migrate(self) -> None:
        call = {"upgrade": command.upgrade, "downgrade": command.downgrade, "stamp": command.stamp}
        try:
            late = environments.no_version_table() if self.plan.purge else contextlib.nullcontext()
            with self.job.guard.allow_writing(self._heard), late:
                # Without dont_mutate Alembic would make its version table before we have compared anything;
                # `_steps` makes it. With a purge it would empty it, too; `_stepping` does that, in the first step.
                self.job.run(
                    self._steps, call[self.plan.direction], purge=self.plan.purge,
                    revision=self.plan.target, sql=False, tag=None,
                )  # fmt: skip
        except PlanOutdated as error:
            if not self.progress.finished:
                raise
            self.error = error  # of several databases an earlier one has been migrated already
        except BaseException as error:  # noqa: BLE001 - sys.exit in a revision is a failure of it, too
            self._failed(error)
        if self.job.is_cancelled() and (self.error is not None or self.progress.stopped):
            evidence = self.error.evidence if self.error is not None else ()
            remedy = "Make the plan again to go on from where the database is now."
            self.error = Cancelled("It was cancelled.", remedy, evidence)

    def _steps(self, part: Part) -> Iterator[Any]:
        if self.plan.purge:
            part.heads = tuple(part.context.get_current_heads())  # Alembic says that there are none
        verified = self._verified(part)
        return self._stepping(part, verified)

    def _stepping(self, part: Part, verified: list[tuple[int, Stepped]]) -> Iterator[Any]:
        if not part.heads and verified:
            _ensure_version_table(part.context)  # as run_migrations does without dont_mutate
        purges = self.plan.purge and bool(part.heads)
        for index, each in verified:
            # The only safe place to stop: raising inside a step leaves SQLite with the change but not the version.
            if self.job.is_cancelled():
                self.progress.stopped = True
                return
            self._begin(index, part.name)
            if each is offline.PURGE:
                with part.context.begin_transaction(_per_migration=True):
                    _purge(part)
            else:
                if purges:  # with the step, so that both are done or neither
                    each.step.migration_fn = _purging(part, each.step.migration_fn)
                yield each.step
            purges = False
            self._done(index, part.name)

    def _begin(self, index: int, database: str) -> None:
        self.progress.at, self.progress.began = index, time.perf_counter()
        self.progress.commits = self.job.guard.commits
        self.job.emit(Event("step", index, self.plan.steps[index].revision, database=database))

    def _done(self, index: int, database: str) -> None:
        seconds = time.perf_counter() - self.progress.began
        self.progress.seconds[index] = seconds
        self.progress.finished.append(index)
        self.progress.at = -1
        self.job.emit(Event("step_done", index, self.plan.steps[index].revision, seconds=seconds, database=database))

    def _failed(self, error: BaseException) -> None:
        at = self.progress.at
        secrets, folder = self.job.guard.secrets, self.job.settings.folder
        if at < 0:
            self.error = translate.translate(error, secrets, folder, writing=True)
            return
        step = self.plan.steps[at]
        self.progress.failed = at
        self.progress.seconds[at] = time.perf_counter() - self.progress.began
        path = self._absolute(step.path)
        self.error = translate.migration_failed(error, step.revision, step.direction, path, secrets, folder)
        self.job.emit(Event("step_failed", at, step.revision, database=step.database))

    def _heard(self, sql: str, rows: int | None, seconds: float | None) -> None:
        at = self.progress.at
        if at < 0:
            return
        step = self.plan.steps[at]
        sql = blot(sql, self.job.guard.secrets)
        if seconds is None:
            self.job.emit(Event("statement", at, step.revision, sql, database=step.database))
            return
        self.executed.append(Executed(step.revision, sql, rows, seconds, step.database))
        self.job.emit(Event("executed", at, step.revision, sql, rows, seconds, step.database))

    def _absolute(self, path: str) -> str:
        return os.path.join(self.job.settings.folder, path)


def _purge(part: Part) -> None:
    connection: Any = part.context.connection
    connection.execute(part.context._version.delete())  # noqa: SLF001 - as Alembic does


def _purging(part: Part, function: Any) -> Any:
    @functools.wraps(function)
    def run(**arguments: Any) -> None:
        _purge(part)
        function(**arguments)

    return run


def _moved(what: str) -> tuple[str, str]:
    return (
        f"The Plan is out of date, and nothing was run: {what}.",
        "Make the plan again and look at it; then apply that one.",
    )

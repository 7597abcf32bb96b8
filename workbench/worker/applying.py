"""Runs exactly the steps of a Plan, and tells of each statement."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.runtime.migration import MigrationContext

from workbench.bridge import environments, offline, sessions, sqlite_copies, timeouts, translate
from workbench.bridge.environments import Part
from workbench.bridge.locks.holding import Locks
from workbench.bridge.locks.kinds import Lock
from workbench.bridge.locks.sessions import is_autocommit
from workbench.bridge.sqlite_statements import is_reflection
from workbench.bridge.stepping import Stepped
from workbench.bridge.timeouts import Timeouts
from workbench.errors import Cancelled, DatabaseLocked, PlanOutdated, WorkbenchError
from workbench.results import ApplyOptions, Event, Plan
from workbench.text import blot, redact
from workbench.worker import retrying, verifying
from workbench.worker.answers import COPIED, Ran, Session
from workbench.worker.monitoring import Monitor
from workbench.worker.progress import NotAgain, Progress
from workbench.worker.telling import Teller

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


class Applier:
    """One application of one Plan."""

    def __init__(self, job: Job, plan: Plan, options: ApplyOptions | None = None) -> None:
        self.job = job
        self.plan = plan
        self.options = options or ApplyOptions()
        self.locks = Locks()
        self.progress = Progress()
        self.executed = 0
        self.secrets: frozenset[str] = frozenset()
        self.shown = "", ""
        """A statement, and how it is told: without passwords."""
        self.copies: list[str] = []
        self.tell = Teller(job.emit)
        self.monitor = Monitor(self.tell, lambda: job.guard.secrets)
        self.error: WorkbenchError | None = None

    def run(self) -> Ran:
        """Run it.

        Raises:
            PlanOutdated: Something has moved since the Plan was made. Nothing was run.
            DatabaseLocked: Somebody else is applying a Plan to one of the databases. Nothing was run.
            WorkbenchError: It did not come to the first step. Nothing was run.

        """
        verifying.check_files(self.plan, self.job.settings.folder)
        with self.tell, self.locks:
            if len(self.plan.databases) > 1:
                # All locks before the first statement of any. env.py is asked for its databases as by a question.
                self.job.run(self._locked, command.current, leave_loaded=True)
            self._migrate()
        if self.error is None and not self.progress.stopped:
            for path in self.copies:
                with contextlib.suppress(OSError):
                    os.remove(path)
        progress = self.progress
        if self.error is not None and progress.failed < 0 and not progress.finished and not progress.stopped:
            raise self.error
        committed = progress.failed >= 0 and self.job.guard.commits > progress.commits
        seconds = tuple(progress.seconds.items())
        since = progress.executed if progress.failed >= 0 else 0
        return Ran(
            tuple(progress.finished), progress.failed, seconds, error=self.error, committed=committed, since=since
        )

    def verify(self, *, leave_loaded: bool = True) -> None:
        """Compare everything with the Plan, as a question that writes nothing.

        Asked before `run`, which compares again: there the first of several databases would have moved before the
        second is found to differ, and SQLite makes a missing file. The revision files that it loads are left for `run`,
        which compares their content again; a preview's are not, since it has called their functions. Where no `run`
        follows at once, `leave_loaded` is False.

        Raises:
            PlanOutdated: Something has moved since the Plan was made.

        """
        verifying.check_files(self.plan, self.job.settings.folder)
        self.job.run(self._verified, command.current, leave_loaded=True)
        if not leave_loaded:
            self.job.loaded.clear()

    def _locked(self, part: Part) -> Lock:
        with self.job.guard.own_connection():
            return self.locks.take(part)

    def _verified(self, part: Part, heads: tuple[str, ...] | None = None) -> list[tuple[int, Stepped]]:
        return verifying.steps_left(self.plan, part, self.progress, self.job.guard.secrets, heads)

    # -- the run itself -------------------------------------------------------------------------------------------

    def _migrate(self) -> None:
        allowed = Timeouts(self.options.lock_timeout, self.options.statement_timeout)
        with self.job.guard.allow_writing(self._heard, allowed):
            for tried in range(self.options.retries + 1):
                self._try()
                again = tried < self.options.retries and retrying.can_be_tried_again(self)
                if not (again and retrying.wait(self, tried)):
                    break
        if self.progress.failed >= 0:
            step = self.plan.steps[self.progress.failed]
            self.tell(Event("step_failed", self.progress.failed, step.revision, database=step.database))
        if self.job.is_cancelled() and (self.error is not None or self.progress.stopped):
            evidence = self.error.evidence if self.error is not None else ()
            remedy = "Make the plan again to go on from where the database is now."
            self.error = Cancelled("It was cancelled.", remedy, evidence)

    def _try(self) -> None:
        earlier, failed = self.error, self.progress.failed
        self.error, self.progress.failed, self.progress.at = None, -1, -1
        call = {"upgrade": command.upgrade, "downgrade": command.downgrade, "stamp": command.stamp}
        try:
            late = environments.no_version_table() if self.plan.purge else contextlib.nullcontext()
            with late:
                # Without dont_mutate Alembic would make its version table before we have compared anything;
                # `_steps` makes it. With a purge it would empty it, too; `_stepping` does that, in the first step.
                self.job.run(
                    self._steps, call[self.plan.direction], purge=self.plan.purge,
                    revision=self.plan.target, sql=False, tag=None,
                )  # fmt: skip
        except NotAgain:
            self.error, self.progress.failed = earlier, failed
        except (PlanOutdated, DatabaseLocked) as error:
            if not self.progress.finished:
                raise
            self.error = error  # of several databases an earlier one has been migrated already
        except BaseException as error:  # noqa: BLE001 - sys.exit in a revision is a failure of it, too
            self._failed(error)
        finally:
            self.monitor.close()

    def _steps(self, part: Part) -> Iterator[Any]:
        lock = self.locks.take(part)
        if self.plan.purge:
            part.heads = tuple(part.context.get_current_heads())  # Alembic says that there are none
        if lock.problem:
            words = redact(f"This server has no lock for others to see: {lock.problem}", self.job.guard.secrets)
            self.tell(Event("notice", -1, sql=words, database=part.name))
        verified = self._verified(part, lock.heads())
        number = sessions.number_of(part.context.connection)
        if number is not None:
            self.tell(Session(part.name, number))
        return self._managed(part, self._stepping(part, verified, lock))

    def _managed(self, part: Part, steps: Iterator[Any]) -> Iterator[Any]:
        """Watch what the steps wait for, and give those of SQLite transactions; nothing else is changed."""
        transactions, connection = self.job.guard.transactions, part.context.connection
        self.monitor.watch(connection)
        transactions.manage(connection)
        try:
            yield from steps
        finally:
            transactions.release(connection)

    def _stepping(self, part: Part, verified: list[tuple[int, Stepped]], lock: Lock) -> Iterator[Any]:
        self._copy_first(part, verified)
        if not part.heads and verified:
            _ensure_version_table(part.context)  # as run_migrations does without dont_mutate
        first = next((index for index, step in enumerate(self.plan.steps) if step.database == part.name), -1)
        purges = self.plan.purge and bool(part.heads) and any(index == first for index, _ in verified)
        for index, each in verified:
            # The only safe place to stop: raising inside a step leaves SQLite with the change but not the version.
            if self.job.is_cancelled():
                self.progress.stopped = True
                return
            self._begin(index, part)
            if each is offline.PURGE:
                with part.context.begin_transaction(_per_migration=True):
                    _purge(part)
            else:
                if purges:  # with the step, so that both are done or neither
                    each.step.migration_fn = _purging(part, each.step.migration_fn)
                each.step.migration_fn = self._watched(lock, each.step.migration_fn)
                yield each.step
            purges = False
            self._done(index, part.name)

    def _watched(self, lock: Lock, function: Any) -> Any:
        """Where it fails for want of a lock, ask who holds it: right after it, and where the event loop still runs."""
        transactions = self.job.guard.transactions

        @functools.wraps(function)
        def run(**arguments: Any) -> None:
            transactions.in_step = True
            try:
                function(**arguments)
            except Exception as error:
                timeouts.note_holders(error, lock.blockers)
                raise
            finally:
                transactions.in_step = False

        return run

    def _copy_first(self, part: Part, verified: list[tuple[int, Stepped]]) -> None:
        path = sqlite_copies.copy_first(part.context.connection, self.plan.id) if verified else ""
        if path:
            self.copies.append(path)
            self.tell(Event("notice", -1, sql=f"{COPIED}{path}", database=part.name))

    def _begin(self, index: int, part: Part) -> None:
        progress = self.progress
        progress.at, progress.began = index, time.perf_counter()
        progress.commits, progress.executed = self.job.guard.commits, self.executed
        self.job.guard.transactions.step_begins(part.context.connection)
        progress.rolls_back = part.database.transactional_ddl and not is_autocommit(part)
        self.tell.step_begins(is_undone=progress.rolls_back)
        step, count = self.plan.steps[index], len(self.plan.steps)
        self.tell(Event("step", index, step.revision, database=part.name, of=count, message=step.message))

    def _done(self, index: int, database: str) -> None:
        seconds = time.perf_counter() - self.progress.began
        self.progress.seconds[index] = seconds
        self.progress.finished.append(index)
        if self.job.guard.commits > self.progress.commits or not self.progress.rolls_back:
            self.progress.kept.add(index)
        self.progress.at = -1
        self.tell(Event("step_done", index, self.plan.steps[index].revision, seconds=seconds, database=database))

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

    def _heard(self, sql: str, rows: int | None, seconds: float | None) -> None:
        at = self.progress.at
        if at < 0 or is_reflection(sql):
            return
        step = self.plan.steps[at]
        if seconds is None:
            if len(self.secrets) != len(self.job.guard.secrets):  # they only grow
                self.secrets = frozenset(self.job.guard.secrets)
            self.shown = sql, blot(sql, self.secrets)
            self.tell.begins(Event("statement", at, step.revision, self.shown[1], database=step.database))
            self.monitor.began(at, step.revision, step.database)
            return
        self.monitor.done()
        self.executed += 1
        told = self.shown[1] if sql is self.shown[0] else blot(sql, self.secrets)
        self.tell.ends(Event("executed", at, step.revision, told, rows, seconds, step.database))

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

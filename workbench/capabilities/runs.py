"""What became of a Plan: the steps that ran, against where the databases say that they stand now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.errors import Cancelled, MigrationFailed, WorkbenchError, WorkerDied
from workbench.results import Database, Event, Executed, Finding, Plan, Run, StepRun
from workbench.results.plans import Outcome
from workbench.text import plural
from workbench.worker.answers import COPIED, Ran, Session
from workbench.worker.client import told


class Watch:
    """Takes note of the events of an apply, for the case that the worker cannot tell of it any more."""

    def __init__(self, on_event: Callable[[Event], None] | None, record: Callable[[Event], None] | None = None) -> None:
        self.on_event = on_event
        self.record = record
        """Told of each event before anybody else: the journal."""
        self.at = -1
        self._begun: str | None = None
        """The statement whose beginning was told last; the next one may be another, where it has failed."""
        self.finished: list[int] = []
        self.seconds: list[tuple[int, float]] = []
        self.executed: list[Executed] = []
        self.sessions: list[Session] = []
        """What the servers call those who ran it."""
        self.copies: list[tuple[str, str]] = []
        """Pairs of (database, the file that it was copied to before)."""

    def __call__(self, event: Event | Session) -> None:
        """Take note of `event`, and pass it on."""
        if isinstance(event, Session):
            self.sessions.append(event)
            return
        if event.kind == "executed":
            if self._begun != event.sql:  # it was over before the worker would have told that it has begun
                self._pass_on(replace(event, kind="statement", rows=None, seconds=None))
            self._begun = None
            self.executed.append(Executed(event.revision, event.sql, event.rows, event.seconds or 0.0, event.database))
        elif event.kind == "statement":
            self._begun = event.sql
        elif event.kind == "step":
            self.at, self._begun = event.step, None
        elif event.kind == "step_done":
            self.at = -1
            self.finished.append(event.step)
            self.seconds.append((event.step, event.seconds or 0.0))
        elif event.kind == "notice" and event.sql.startswith(COPIED):
            self.copies.append((event.database, event.sql.removeprefix(COPIED)))
        self._pass_on(event)

    def _pass_on(self, event: Event) -> None:
        if self.record is not None:
            self.record(event)
        if self.on_event is not None:
            self.on_event = told(self.on_event, event)

    def ran(self, error: WorkbenchError) -> Ran:
        """What was heard before `error` ended it."""
        return Ran(tuple(self.finished), self.at, tuple(self.seconds), error, tuple(self.executed), in_doubt=True)

    def complete(self, ran: Ran) -> Ran:
        """What the worker tells, with the statements that were heard of."""
        return replace(ran, executed=tuple(self.executed))


def run(
    plan: Plan,
    ran: Ran,
    databases: tuple[Database, ...] | WorkbenchError,
    copies: Sequence[tuple[str, str]] = (),
) -> Run:
    """The Run.

    Args:
        plan: What was to run.
        ran: What the worker has to tell of it.
        databases: Each as it was read afterwards, or why it could not be read.
        copies: Pairs of (database, its file as it was before), for those that cannot roll back.

    """
    error = ran.error
    if isinstance(databases, WorkbenchError):
        standing = f"Where the database stands now could not be read: {databases.message}{_kept(copies)}"
        return _run(plan, ran, set(ran.finished), plan.databases, error or databases, standing)
    reached = {index for each in databases for index in _reached(plan, each)}
    complete = len(reached) == len(plan.steps)
    if error is None and not complete:
        error = MigrationFailed(
            "Every step ran, but the database does not stand where they lead: env.py, or something in a revision, "
            "rolled the transaction back.",
            "Look whether env.py begins a transaction before context.configure() and never commits it.",
        )
    if complete and plan.steps and isinstance(error, (Cancelled, WorkerDied)):
        error = None  # it came too late to stop anything
    standing = _standing(plan, ran, reached, databases, error)
    return _run(plan, ran, reached, databases, error, standing + (_kept(copies) if error is not None else ""))


def with_sessions(run: Run, ended: Sequence[tuple[Session, bool]]) -> Run:
    """`run` with what became of the statements that the servers were still at when the worker had died."""
    told = [
        f"{each.database} was still at the statement, and its session {each.number} was ended."
        if gone
        else f"{each.database} is still at the statement, and its session {each.number} could not be ended: what is "
        "said here may change."
        for each, gone in ended
    ]
    return replace(run, standing=" ".join([*told, run.standing])) if told else run


def with_findings(run: Run, findings: tuple[Finding, ...], backup: str = "") -> Run:
    """`run` with what it has left to look after, said in its last sentences; and where its backup lies."""
    if not findings and not backup:
        return run
    told = [run.standing, *(each.message for each in findings if each.severity == "error")]
    return replace(run, findings=findings, backup=backup, standing=" ".join(each for each in told if each))


def heads(databases: tuple[Database, ...]) -> tuple[str, ...]:
    """The heads of all of them, sorted."""
    return tuple(sorted({head for each in databases for head in each.heads}))


def _reached(plan: Plan, database: Database) -> list[int]:
    """The steps that are in this database, told by its version table and not by the log."""
    mine = [index for index, step in enumerate(plan.steps) if step.database == database.name]
    last = [index for index in mine if plan.steps[index].heads == database.heads]
    before = next((each.heads for each in plan.databases if each.name == database.name), None)
    if last and (before != database.heads or plan.steps[last[-1]].heads == before):
        return [index for index in mine if index <= last[-1]]
    return []


def _run(
    plan: Plan,
    ran: Ran,
    reached: set[int],
    databases: tuple[Database, ...],
    error: WorkbenchError | None,
    standing: str,
) -> Run:
    transactional = {each.name: each.transactional_ddl for each in databases}

    def outcome(index: int) -> Outcome:
        # Where two apply at once, what the other has run is in the database, too: that is not ours.
        if index in reached and (ran.in_doubt or index in ran.finished):
            return "done"
        if index == ran.failed:
            return "failed"
        if index not in ran.finished:
            return "not run"
        return "rolled back" if transactional.get(plan.steps[index].database, True) else "not recorded"

    seconds = dict(ran.seconds)
    steps = tuple(
        StepRun(step.revision, step.direction, step.message, outcome(index), seconds.get(index), step.database)
        for index, step in enumerate(plan.steps)
    )
    return Run(
        ok=error is None,
        heads=heads(databases),
        steps=steps,
        executed=ran.executed,
        databases=databases,
        plan=plan,
        error=error,
        cancelled=isinstance(error, Cancelled),
        standing=standing,
    )


def _standing(
    plan: Plan, ran: Ran, reached: set[int], databases: tuple[Database, ...], error: WorkbenchError | None
) -> str:
    sentences = []
    failed = plan.steps[ran.failed] if ran.failed >= 0 else None
    for before in plan.databases:
        now = next((each for each in databases if each.name == before.name), before)
        at = ", ".join(now.heads) or "base"
        if error is None:
            sentences.append(f"{now.name} is at {at}.")
            continue
        if now.heads == before.heads:
            sentences.append(f"{now.name} is still at {at}.")
        else:
            sentences.append(f"{now.name} is at {at}: the steps up to there are in it.")
        if failed is not None and failed.database == now.name and now.heads != failed.heads:
            sentences.append(_left(now, ran, failed.revision))
        lost = sum(plan.steps[index].database == now.name and index not in reached for index in ran.finished)
        if lost and not now.transactional_ddl:
            sentences.append(
                f"{plural(lost, 'step')} had run on {now.name} without being recorded in its version table: "
                f"{_dialect(now)} does not roll back DDL here, so what they changed may still be there."
            )
    return " ".join(each for each in sentences if each)


def _kept(copies: Sequence[tuple[str, str]]) -> str:
    """Where the files are that were copied before."""
    return "".join(f" {name} as it was before is kept beside it, as {Path(path).name}." for name, path in copies)


def _left(now: Database, ran: Ran, revision: str) -> str:
    """What of the failed step is left in the database."""
    executed = sum(each.revision == revision and each.database == now.name for each in ran.executed[ran.since :])
    if not executed and not ran.in_doubt:
        return "Nothing of the step that failed was executed."
    if not executed and not now.transactional_ddl:
        return "No statement of the step that failed had come to its end before; one that ran may have, since."
    statements = f"{plural(executed, 'statement')} of the step that failed"
    if not now.transactional_ddl:
        what = "what it changed" if executed == 1 else "what they changed"
        return (
            f"{_dialect(now)} does not roll back DDL here: {statements} had been executed "
            f"before, and {what} may still be there."
        )
    if ran.committed:
        return f"{statements} had been executed before, some of them outside a transaction: these are still there."
    if ran.in_doubt:  # nobody is left to tell of an autocommit_block
        return f"What the step that failed had not committed by itself was rolled back ({executed} executed before)."
    return f"What the step that failed had changed was rolled back ({plural(executed, 'statement')})."


def _dialect(database: Database) -> str:
    return {"sqlite": "SQLite", "mysql": "MySQL", "mariadb": "MariaDB"}.get(database.dialect, database.dialect)

"""What the worker is asked for a Plan's findings: the facts of each database, and questions to its rows."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from alembic import command

from workbench.bridge import data_questions, recording, stepping, translate
from workbench.bridge import facts as bridge_facts
from workbench.bridge.environments import Part
from workbench.bridge.timeouts import Timeouts
from workbench.bridge.values import Asked
from workbench.results import Table
from workbench.results.facts import Facts
from workbench.results.findings import Evidence
from workbench.results.locks import Activity
from workbench.results.operations import Operation
from workbench.text import blot
from workbench.worker import schemas
from workbench.worker.answers import Answer

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


_PATIENCE = Timeouts(lock=1.0)
"""How long to wait for a table that somebody has locked."""


def facts(
    job: Job,
    *,
    tables: tuple[Table, ...],
    functions: tuple[str, ...],
    marks: dict[str, str] | None = None,
    had: tuple[Facts, ...] = (),
) -> tuple[Facts, ...] | None:
    """The Facts of every database, with the measures of those of `tables` that are in it.

    Args:
        job: The request.
        tables: Live ones, to be measured.
        functions: Names of functions, to know which are volatile (PostgreSQL).
        marks: By the name of a database the fingerprint of the catalogue that `tables` were read from. Where one has
            another by now, or there are other databases, the answer is None.
        had: What was told of these functions while the catalogues had these fingerprints; so much is not read again.

    """
    from workbench.bridge.catalogue import fingerprints  # noqa: PLC0415 - others need not wait for what only this needs

    known = {each.database: each for each in had}
    changed: list[str] = []

    def work(part: Part) -> Facts:
        connection = part.context.connection
        here = [each for each in tables if each.database == part.name]
        told = bridge_facts.facts(part, here, functions, known.get(part.name))
        if marks is not None:
            _PATIENCE.ask_with(connection)  # not before, as it is one of the settings
            if marks.get(part.name, "") != fingerprints.fingerprint(connection):
                changed.append(part.name)
        return told

    found = tuple(job.run(work, command.current))
    return None if changed or (marks is not None and len(found) != len(marks)) else found


def record(
    job: Job, *, steps: tuple[tuple[str, str], ...], direction: str, seconds: float
) -> dict[tuple[str, str], tuple[tuple[Operation, ...], str]]:
    """What steps do whose SQL cannot be had offline, by (database, revision): operations, and what cut them short.

    Args:
        job: The request.
        steps: Pairs of (database, revision).
        direction: `upgrade` or `downgrade`.
        seconds: That one of them may take.

    """
    found: dict[tuple[str, str], tuple[tuple[Operation, ...], str]] = {}

    def work(part: Part) -> None:
        secrets = frozenset(job.guard.secrets)
        _PATIENCE.ask_with(part.context.connection)
        for database, revision in steps:
            if database != part.name or job.is_cancelled():
                continue
            step = stepping.step_of(part.script, revision, direction)
            told, error = recording.record(part, step.migration_fn, str(step.revision.path), seconds)
            why = "" if error is None else translate.recorded_reason(error, secrets, seconds)
            found[database, revision] = schemas.hidden(told, job), why

    job.run(work, command.current)
    return found


def preflight(
    job: Job, *, questions: tuple[tuple[str, tuple[Asked, ...]], ...], seconds: float
) -> tuple[tuple[str, tuple[Evidence, ...]], ...]:
    """The answers, by database, in the order of the questions; each is also an event as soon as it is there.

    Args:
        job: The request.
        questions: By the name of a database what it is asked.
        seconds: That one query of one question may take.

    """
    asked = dict(questions)

    def work(part: Part) -> tuple[str, tuple[Evidence, ...]]:
        told: list[Evidence] = []
        _PATIENCE.ask_with(part.context.connection)
        for index, each in enumerate(asked.get(part.name, ())):
            if job.is_cancelled():
                break
            answer = data_questions.ask(part.context.connection, each, seconds)
            if job.is_cancelled() and answer.verdict == "not proven":
                answer = dataclasses.replace(answer, why="it was cancelled")
            told.append(without_secrets(answer, job))
            job.emit(Answer(part.name, index))
        return part.name, tuple(told)

    return tuple(job.run(work, command.current))


def activity(job: Job, *, tables: dict[str, tuple[str, ...]]) -> tuple[Activity, ...]:
    """Who uses these tables right now, by the name of a database; nothing of SQLite, which does not tell."""
    from workbench.bridge import blockers  # noqa: PLC0415 - as above

    def work(part: Part) -> Activity | None:
        if not tables.get(part.name):
            return None
        return blockers.activity(part.context.connection, part.name, tables[part.name])

    found = tuple(each for each in job.run(work, command.current) if each is not None)
    return schemas.hidden(found, job)


def without_secrets(answer: Evidence, job: Job) -> Evidence:
    """The answer with no password in it."""
    hide = functools.partial(blot, secrets=frozenset(job.guard.secrets))
    sample = tuple(tuple(hide(each) if isinstance(each, str) else each for each in row) for row in answer.sample)
    return dataclasses.replace(answer, sample=sample, why=hide(answer.why), sql=hide(answer.sql))

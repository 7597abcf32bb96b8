"""Puts to a scratch database, right before a step of a rehearsal, what only its rows can decide there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.bridge import data_questions
from workbench.bridge import facts as bridge_facts
from workbench.bridge.catalogue import reading
from workbench.bridge.environments import Part
from workbench.bridge.values import Asked
from workbench.results import Table
from workbench.results.findings import Evidence
from workbench.worker import preflight, schemas
from workbench.worker.answers import Halted
from workbench.worker.stand_ins import Options

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


class Asker:
    """What one rehearsal asks of its scratch databases."""

    def __init__(self, job: Job, options: Options) -> None:
        self.job = job
        self.options = options
        self.answers: list[tuple[int, tuple[Evidence, ...]]] = []

    def before(self, part: Part, step: int) -> None:
        """Tell the kernel what is there, and put the questions that it has; the step comes next.

        The kernel writes them, as they name tables and columns that earlier steps have made or renamed. Nothing that
        goes wrong here ends the rehearsal.
        """
        if step not in self.options.asks:
            return
        connection = part.context.connection
        told: list[Evidence] = []
        with contextlib.suppress(Exception), _apart(connection):
            asked: tuple[Asked, ...] = self.job.ask(self._halted(part, step)) or ()
            for each in asked:
                if self.job.is_cancelled():
                    break
                answer = data_questions.ask(connection, each, self.options.seconds, within=True)
                told.append(preflight.without_secrets(answer, self.job))
        if told:
            self.answers.append((step, tuple(told)))

    def _halted(self, part: Part, step: int) -> Halted:
        found = schemas.without_own(reading.read(part.context.connection, [], alone=True), part)
        objects = schemas.hidden(schemas.named(found, part.name), self.job)
        # Of a sample it is not known whether a table of the live database is empty.
        tables = [each for each in objects if isinstance(each, Table)] if self.options.data == "full" else []
        (facts,) = schemas.hidden((bridge_facts.facts(part, tables, ()),), self.job)
        return Halted(step, objects, facts)


@contextlib.contextmanager
def _apart(connection: Any) -> Iterator[None]:
    """On PostgreSQL a failed question would make an end of the migration's transaction."""
    raw = getattr(connection.connection, "dbapi_connection", None)
    if connection.dialect.name != "postgresql" or getattr(raw, "autocommit", False):
        yield
        return
    connection.exec_driver_sql("SAVEPOINT workbench_halt")
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT workbench_halt")
        connection.exec_driver_sql("RELEASE SAVEPOINT workbench_halt")

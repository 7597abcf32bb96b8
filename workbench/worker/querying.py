"""Asks one database of env.py a query of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import command

from workbench.bridge import querying
from workbench.bridge.environments import Part
from workbench.errors import Cancelled, UnsupportedRequest, WorkbenchError
from workbench.results import Table
from workbench.worker.answers import Answered

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


def query(
    job: Job, *, asked: str | Table, values: dict[str, Any], limit: int | None, timeout: float, database: str | None
) -> Answered:
    """The answer to a query, or the first rows of a Table; one row more than `limit` where there are more.

    Raises:
        UnsupportedRequest: There are several databases and none is named, or none has this name.
        WorkbenchError: As `bridge.querying.ask`.

    """
    names: list[str] = []
    lost: list[WorkbenchError] = []

    def work(part: Part) -> Answered | WorkbenchError | None:
        names.append(part.name)
        if part.name != database and (database is not None or len(names) > 1):
            return None
        connection = part.context.connection
        sql = asked if isinstance(asked, str) else querying.select(connection, asked.name, asked.schema)
        try:
            return Answered(*querying.ask(connection, querying.Query(sql, values, limit, timeout)))
        except WorkbenchError as error:  # told after env.py has come to its end: there may be more databases
            if connection is None or connection.invalidated:  # env.py stumbles over that as well, and says less of it
                lost.append(error)
            return error

    try:
        answers = [each for each in job.run(work, command.current) if each is not None]
    except Exception:
        if lost and not job.is_cancelled():
            raise lost[0] from None
        raise
    if not answers or (database is None and len(names) > 1):
        told = ", ".join(names)
        why = "It is not said which database is asked" if database is None else f"There is no database {database!r}"
        raise UnsupportedRequest(f"{why}; env.py has {told}.", f"Name one: wb.query(…, database={names[0]!r}).")
    if isinstance(answers[0], WorkbenchError):
        if job.is_cancelled():
            raise Cancelled("It was cancelled. Nothing was changed.")
        raise answers[0]
    return answers[0]  # type: ignore[no-any-return]

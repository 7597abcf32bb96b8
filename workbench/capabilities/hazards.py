"""The findings of a Plan: what the rules suspect, and what the rows of the live database answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bridge.values import Asked
from workbench.capabilities import protection, revision_code, suppressions
from workbench.capabilities.suppressions import Suppression
from workbench.errors import EnvironmentInvalid, HazardFound, WorkbenchError
from workbench.results import Plan, Schema, Step, Table
from workbench.results.facts import Facts
from workbench.results.findings import Evidence, Finding
from workbench.results.locks import Lock
from workbench.results.operations import Operation
from workbench.worker.answers import Answer

if TYPE_CHECKING:
    from workbench.capabilities.schemas import Schemas
    from workbench.hazards.question import Question
    from workbench.hazards.rule import Suspicion
    from workbench.worker.client import Client

PATIENCE = 1.0
"""Seconds to wait for a table that somebody has locked."""
SECONDS = 2.0
"""That one query of a question may take, if nobody says otherwise."""


@dataclass(frozen=True)
class Suspected:
    """What the rules suspect in a Plan, before any row was looked at."""

    suspicions: tuple[Suspicion, ...]
    facts: tuple[Facts, ...]
    suppressions: tuple[Suppression, ...] = ()
    revisions: tuple[str, ...] = ()
    """Those that were looked at."""
    locks: tuple[Lock, ...] = ()
    steps: tuple[Step, ...] = ()
    """The Plan's, with all operations that are known of them."""

    def findings(self, answers: dict[tuple[str, Question], Evidence]) -> tuple[Finding, ...]:
        """The Findings, with these answers."""
        from workbench.hazards import judging  # noqa: PLC0415 - sqlglot: half a second that no other question needs

        by_database: dict[str, dict[Question, Evidence]] = {}
        for (database, question), answer in answers.items():
            by_database.setdefault(database, {})[question] = answer
        names = dict.fromkeys(each.finding.database for each in self.suspicions)
        told = [
            finding
            for name in names
            for finding in judging.findings(
                [each for each in self.suspicions if each.finding.database == name], by_database.get(name, {})
            )
        ]
        return judging.in_order(suppressions.without(told, self.suppressions, self.revisions))

    @property
    def questions(self) -> tuple[tuple[str, tuple[Question, ...]], ...]:
        """By database the questions that can be asked of it now, each once."""
        found: dict[str, dict[Question, None]] = {}
        for each in self.suspicions:
            if each.question is not None and not each.depends_on:
                found.setdefault(each.finding.database, {})[each.question] = None
        return tuple((name, tuple(asked)) for name, asked in found.items())


def suspect(client: Client | None, plan: Plan, schemas: Schemas | None, folder: str = "") -> Suspected:
    """What the rules suspect.

    Args:
        client: Whom to ask; None to look at the operations alone.
        plan: The Plan.
        schemas: What is known already of the live databases; None to look at the operations alone.
        folder: Of the configuration, which the paths of the steps are meant from.

    """
    from workbench.hazards import judging  # noqa: PLC0415 - as above
    from workbench.hazards import locks as locking  # noqa: PLC0415 - as above
    from workbench.hazards.situation import Situation  # noqa: PLC0415 - as above

    live: Schema | None = None
    facts: tuple[Facts, ...] = ()
    if client is not None and schemas is not None:
        functions = judging.functions_in(plan.steps)
        involved = partial(_involved, plan)
        live, facts = schemas.live_with_facts(client, involved, functions, patience=PATIENCE)
        plan = replace(plan, steps=tuple(_recorded(client, plan)))
    known = {each.database: each for each in facts}
    found: list[Suspicion] = []
    locked: list[Lock] = []
    texts = suppressions.texts(plan.steps, folder)
    for database in plan.databases:
        steps = [each for each in plan.steps if each.database == database.name]
        fact = known.get(database.name) or Facts(
            database.name, database.dialect, _version(database.server), transactional_ddl=database.transactional_ddl
        )
        schema = None if live is None else _of(live, database.name)
        locked += locking.of_plan_steps(steps, Situation(fact, schema))
        ways_back, caught = revision_code.downgrades(steps, texts), revision_code.caught(steps, texts)
        found += judging.suspicions(steps, Situation(fact, schema), downgrades=ways_back, caught=caught)
    ignored = suppressions.in_files(plan.steps, texts) + _let_be(folder)
    return Suspected(tuple(found), facts, ignored, plan.revisions, tuple(locked), plan.steps)


def ask(
    client: Client,
    suspected: Suspected,
    *,
    seconds: float = SECONDS,
    on_answer: Callable[[int, int], None] | None = None,
) -> tuple[Finding, ...]:
    """The Findings, after the live databases were asked.

    Args:
        client: Whom to ask.
        suspected: What the rules suspect.
        seconds: That one query of a question may take.
        on_answer: Called with how many answers there are, and of how many.

    """
    questions = suspected.questions
    total = sum(len(each) for _, each in questions)
    if not total:
        return suspected.findings({})
    done = 0

    def heard(event: Any) -> None:
        nonlocal done
        if isinstance(event, Answer):
            done += 1
            if on_answer is not None:
                on_answer(done, total)

    asked = tuple((name, tuple(_asked(each) for each in these)) for name, these in questions)
    told = client.call("preflight", on_event=heard, graceful=True, questions=asked, seconds=seconds)
    answers: dict[tuple[str, Question], Evidence] = {}
    by_name = dict(questions)
    for name, evidence in told:
        answers.update(
            {(name, question): each for question, each in zip(by_name.get(name, ()), evidence, strict=False)}
        )
    return suspected.findings(answers)


def with_blockers(client: Client, suspected: Suspected) -> tuple[Lock, ...]:
    """The locks, with who would hold them up right now; as they are where nobody can be asked."""
    from workbench.hazards import locks as locking  # noqa: PLC0415 - as above

    tables: dict[str, dict[str, None]] = {}
    for each in suspected.locks:
        tables.setdefault(each.database, {})[each.table] = None
    if not tables:
        return suspected.locks
    with contextlib.suppress(WorkbenchError):  # the answers of the rows are worth having without it
        told = client.call("activity", tables={name: tuple(each) for name, each in tables.items()})
        return locking.with_blockers(suspected.locks, told)
    return suspected.locks


def check_again(plan: Plan, answered: Callable[[Plan], tuple[Finding, ...]]) -> None:
    """Refuse a Plan whose rows answer worse than it has shown.

    Args:
        plan: The Plan.
        answered: Asks the rows once more; gives what is found now.

    What drops a table or a column on purpose is no news: `plan.destroys` shows it.

    Raises:
        HazardFound: With what was found as its evidence.

    """
    known = {(each.database, each.revision, each.rule, each.object) for each in plan.answered or () if _is_grave(each)}
    try:
        now = answered(plan)
    except WorkbenchError:  # whatever it is, the run will say so itself
        return
    news = [
        each for each in now if _is_grave(each) and (each.database, each.revision, each.rule, each.object) not in known
    ]
    if news:
        raise HazardFound(
            f"It was not begun: {news[0].message}" + (f" And {len(news) - 1} more." if len(news) > 1 else ""),
            "Look at it: wb.preflight(plan). If it is meant all the same: plan.apply(preflight=False).",
            tuple((f"{each.rule} in {each.revision}", each.message) for each in news),
        )


_ON_PURPOSE = {"drop-table", "drop-column", "destructive-raw-sql"}


def _is_grave(finding: Finding) -> bool:
    proven = finding.severity == "error" and finding.evidence.verdict in {"will fail", "will lose data"}
    return proven and finding.rule not in _ON_PURPOSE


def _recorded(client: Client, plan: Plan) -> Iterable[Step]:
    """The steps; of those whose SQL cannot be had offline the operations that they do on the live database."""
    blind = tuple((each.database, each.revision) for each in plan.steps if each.statements is None)
    told = {}
    if blind:
        told = client.call("record", steps=blind, direction=plan.direction, seconds=SECONDS)
    for each in plan.steps:
        operations, why = told.get((each.database, each.revision), (None, ""))
        if operations is None:
            yield each
        elif not why:
            yield replace(each, operations=operations)
        elif sum(one.kind != "select" for one in operations) >= len(each.operations) - 1:
            end = Operation("sql", source="code")
            yield replace(each, operations=(*operations, end), why_not=why)
        else:
            yield each


def _asked(question: Question) -> Asked:
    return Asked(question.bad, question.columns, question.if_bad, question.probe, question.statistics)


def _involved(plan: Plan, live: Schema) -> Iterable[Table]:
    """The live tables that the Plan's operations name, and those with foreign keys to them."""
    dialects = {each.name: each.dialect for each in plan.databases}
    named = {
        (step.database, name.casefold())
        for step in plan.steps
        for name in _names(step, dialects.get(step.database, ""))
    }
    for each in live.all_tables:
        refers = any((each.database, key.referred_table.casefold()) in named for key in each.foreign_keys)
        if refers or (each.database, each.name.casefold()) in named:
            yield each


def _names(step: Step, dialect: str) -> Iterable[str]:
    from workbench.hazards import judging  # noqa: PLC0415 - as above

    for op in judging.operations_of(step, dialect):
        yield op.table
        if op.referred_table:
            yield op.referred_table
        for part in op.parts:
            yield part.referred_table
        for column in (op.column, *op.columns):
            for each in column.references if column is not None else ():
                yield each.table


def _let_be(folder: str) -> tuple[Suppression, ...]:
    """What `[tool.workbench] ignore` says; nothing where it cannot be read, which `apply()` complains of."""
    if not folder:
        return ()
    with contextlib.suppress(EnvironmentInvalid):
        settings = protection.read(Path(folder))
        return suppressions.in_settings(settings.table, settings.file.name if settings.file else "")
    return ()


def _of(live: Schema, database: str) -> Schema:
    return replace(live, objects=tuple(each for each in live.objects if each.database == database))


def _version(server: str) -> tuple[int, ...]:
    return tuple(int(each) for each in server.partition("-")[0].split(".") if each.isascii() and each.isdigit())

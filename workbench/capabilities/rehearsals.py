"""Rehearses a Plan on scratch databases, and puts what was really executed into it."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from workbench.bridge.values import BLIND, Baseline
from workbench.capabilities import protection
from workbench.capabilities.copy_questions import CopyQuestions
from workbench.capabilities.metadata import cloudpickled
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results import Event, Pass, Plan, Rehearsal, SchemaDiff, Step
from workbench.results.rehearsals import Data, Filled
from workbench.worker.answers import Rehearsed
from workbench.worker.client import Client

if TYPE_CHECKING:
    from workbench.capabilities.hazards import Suspected


def rehearse(
    client: Client,
    plan: Plan,
    *,
    data: str,
    filled: str,
    baseline: Any,
    scratch_url: str | None,
    folder: Path,
    on_event: Callable[[Event], None] | None,
    suspect: Callable[[], Suspected] | None = None,
) -> Rehearsal:
    """Run the Plan's steps there, back and there again on scratch databases.

    What `suspect` gives has questions that the live rows cannot answer: they are asked on the copy.

    Raises:
        UnsupportedRequest: There is nothing in this Plan that could be rehearsed, or an argument means nothing.
        DatabaseProtected: The database is named protected, and no `scratch_url` was given.
        PlanOutdated: Something has moved since the Plan was made.
        ScratchRefused: No scratch database could be had, or env.py is not led to it.

    """
    _refuse(plan, data, filled, baseline)
    told = baseline_of(baseline, folder)
    if plan.is_empty:
        return Rehearsal(True, plan, data, filled, (), databases=plan.databases)  # type: ignore[arg-type]
    protection.check_scratch(plan.databases, folder, scratch_url)
    with client.operation():  # a cancel between the two is a cancel of both
        client.call("verify", told=plan, leave_loaded=False)
        questions = _questions(client, plan, data, filled, suspect)
        answer: Rehearsed = client.call(
            "rehearse", on_event=on_event if questions is None else questions.listener(on_event), graceful=True,
            told=plan, data=data, filled=filled, baseline=told, scratch_url=scratch_url,
            asks=() if questions is None else questions.steps,
        )  # fmt: skip
    remaining = None
    if answer.remaining is not None:
        remaining = SchemaDiff("scratch", "models", answer.remaining[0], answer.databases, answer.remaining[1])
    if answer.passes and answer.passes[0].ok:
        plan = known(plan, answer.passes[0])
    if questions is not None:
        plan = dataclasses.replace(plan, on_copy=questions.findings(answer))
    return Rehearsal(
        ok=answer.error is None,
        plan=plan,
        data=data,  # type: ignore[arg-type]
        filled=filled,  # type: ignore[arg-type]
        passes=answer.passes,
        scratch=answer.scratch,
        lost=answer.lost,
        rows_changed=answer.rows_changed,
        remaining=remaining,
        error=answer.error,
        notes=answer.notes,
        databases=answer.databases,
    )


def _questions(
    client: Client, plan: Plan, data: str, filled: str, suspect: Callable[[], Suspected] | None
) -> CopyQuestions | None:
    """What can be asked on the copy; None where it has no rows of the live database, or nobody knows what to ask."""
    if suspect is None or data == "none" or filled != "copy":
        return None
    with contextlib.suppress(WorkbenchError):  # whatever it is, a rehearsal is worth having without
        return CopyQuestions(client, plan, suspect(), is_whole=data == "full")
    return None


def known(plan: Plan, done: Pass) -> Plan:
    """The Plan with what was really executed, where its SQL could not be had beforehand; its id stays the same."""

    def statements(database: str, revision: str) -> tuple[str, ...]:
        return tuple(each.sql for each in done.executed if (each.database, each.revision) == (database, revision))

    steps = tuple(
        step if step.statements is not None
        else dataclasses.replace(step, statements=statements(step.database, step.revision))
        for step in plan.steps
    )  # fmt: skip
    return dataclasses.replace(plan, steps=steps, sql=_told(plan, steps))


def _told(plan: Plan, steps: tuple[Step, ...]) -> str:
    """The Plan's text, with what was executed where it says that the SQL cannot be had."""
    parts = re.split(rf"^{re.escape(BLIND)}.*$", plan.sql, flags=re.MULTILINE)
    blind = [now for then, now in zip(plan.steps, steps, strict=True) if then.statements is None]
    if len(parts) != len(blind) + 1:
        return plan.sql
    told = [parts[0]]
    for step, rest in zip(blind, parts[1:], strict=True):
        told.append("-- As it was executed in a rehearsal; bound values are not written out.\n\n")
        told.append("\n\n".join(f"{sql};" for sql in step.statements or ()) + rest)
    return "".join(told)


def baseline_of(baseline: Any, folder: Path) -> Baseline | None:
    """What a baseline is in a message to the worker.

    Raises:
        UnsupportedRequest: It is no file, no `module:callable`, and no callable that can travel.

    """
    if baseline is None:
        return None
    if callable(baseline):
        return _pickled(baseline)
    name = str(baseline)
    path = next((each for each in (Path(name).absolute(), folder / name) if each.is_file()), None)
    if path is not None:
        return Baseline(Path(name).name, path=str(path))
    if ":" in name and not name.endswith(".sql"):
        return Baseline(name, spec=name)
    raise UnsupportedRequest(
        f"baseline={name!r} is no file, neither here nor beside the configuration.",
        'Name an SQL file, or a callable as "module:callable".',
    )


def _pickled(function: Any) -> Baseline:
    name = str(getattr(function, "__qualname__", repr(function)))
    module = getattr(function, "__module__", "")
    if module not in {"__main__", "builtins", "", None} and "<" not in name:
        return Baseline(name, spec=f"{module}:{name}")
    return Baseline(name, pickled=cloudpickled(function, f"The baseline {name} was defined in a cell"))


def _refuse(plan: object, data: str, filled: str, baseline: Any) -> None:
    if not isinstance(plan, Plan):
        raise UnsupportedRequest(
            f"A {type(plan).__name__} cannot be rehearsed: it says nothing of what would run.",
            'Rehearse a Plan, as in wb.rehearse(wb.upgrade("head")).',
        )
    for name, value, known_ones in (("data", data, get_args(Data)), ("filled", filled, get_args(Filled))):
        if value not in known_ones:
            told = " or ".join(map(repr, known_ones))
            raise UnsupportedRequest(f"rehearse() has no {name}={value!r}.", f"It is {told}.")
    if plan.direction == "stamp":
        raise UnsupportedRequest(
            "A stamp runs no revision, so there is nothing to rehearse.", "Rehearse an upgrade or a downgrade."
        )
    if plan.offline:
        raise UnsupportedRequest(
            f"This Plan is the SQL of the range {plan.target!r}; it does not start where the database stands.",
            'Make one to a target, as in wb.upgrade("head"), and rehearse that.',
        )
    if baseline is not None and filled != "replay":
        raise UnsupportedRequest(
            "A baseline is for a scratch database that begins empty; a copy has all that the live one has.",
            'Add filled="replay", or leave baseline= out.',
        )

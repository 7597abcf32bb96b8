"""Runs the steps of a Plan on scratch databases: there, back, and there again, and looks at what became of them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.runtime.migration import MigrationContext

from workbench.bridge import baselines, stepping, translate
from workbench.bridge.environments import Part
from workbench.errors import Cancelled, MigrationFailed, ScratchRefused, WorkbenchError
from workbench.results import Event, Executed, Pass, Plan
from workbench.text import blot
from workbench.worker import looks
from workbench.worker.answers import Rehearsed
from workbench.worker.asking_copies import Asker
from workbench.worker.looks import State
from workbench.worker.stand_ins import CANCELLED, Options, StandIns

if TYPE_CHECKING:
    from workbench.worker.tasks import Job

_CALLS = {"upgrade": command.upgrade, "downgrade": command.downgrade}
_OPPOSITE = {"upgrade": "downgrade", "downgrade": "upgrade"}
_WAYS = {"upgrade": "up", "downgrade": "down"}
_WHERE = {1: "", 2: "On the way back: ", 3: "There again, after the way back: "}
_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


class Rehearser:
    """One rehearsal of one Plan."""

    def __init__(self, job: Job, plan: Plan, options: Options) -> None:
        self.job = job
        self.plan = plan
        self.options = options
        self.on = StandIns(job, options, plan)
        self.passes: list[Pass] = []
        self.asker = Asker(job, options)

    def run(self) -> Rehearsed:
        """Rehearse it.

        Raises:
            ScratchRefused: No scratch database could be had, or env.py is not led to it.
            PlanOutdated: The live database does not stand where the Plan begins.
            Cancelled: It was cancelled; the scratch databases are gone.

        """
        error: WorkbenchError | None = None
        states: list[State] = []
        try:
            self.on.make()
            error = self._replay()
            if error is None:
                error = self._there_and_back(states)
        except BaseException:
            if self.job.is_cancelled():
                raise Cancelled(CANCELLED) from None
            raise
        finally:
            self.on.drop()
        lost, changed = looks.differences(self.on, states)
        remaining = states[1].remaining if len(states) > 1 else {}
        return Rehearsed(
            tuple(self.on.databases),
            tuple(self.on.told),
            tuple(self.passes),
            lost,
            changed,
            (
                tuple(change for changes, _ in remaining.values() for change in changes),
                tuple(dict.fromkeys(each for _, ignored in remaining.values() for each in ignored)),
            )
            if remaining
            else None,
            error,
            tuple(dict.fromkeys(self.on.notes)),
            tuple(self.asker.answers),
        )

    # -- what is run on them --------------------------------------------------------------------------------------

    def _replay(self) -> WorkbenchError | None:
        """Bring an empty scratch database to where the live one stands, by the revisions themselves."""
        if self.options.filled != "replay":
            return None
        baseline = self.options.baseline
        if baseline is not None:
            self.on.say(f"executing the baseline {baseline.name}")
            self.on.ask(lambda part: baselines.fill(part, baseline) if self.on.is_first(part) else None)
        source = {each.name: each.heads for each in self.plan.databases}
        self.on.say("replaying the revisions from base")

        def steps(part: Part) -> list[tuple[int, Any]]:
            goal = source[part.name]
            found = part.script._upgrade_revs(goal, part.heads) if goal else []  # type: ignore[arg-type]  # noqa: SLF001 - as stepping does
            return list(enumerate(found))

        replay = self._pass("upgrade", steps, None)
        if replay.error is None:
            return None
        words = replay.error.message
        return type(replay.error)(
            f"The history cannot be replayed from an empty database, so nothing was rehearsed. {words}",
            'Where a history begins at tables that were there before it, rehearse on a copy with filled="copy", or '
            'let them be made first: baseline="schema.sql", or baseline="module:callable".',
            replay.error.evidence,
        )

    def _there_and_back(self, states: list[State]) -> WorkbenchError | None:
        """The passes, with a look at everything before the first and after each of the first two."""
        states.append(looks.look(self.on, "what is there before"))
        for number, direction in enumerate(self._directions(), 1):
            self.on.say(f"pass {number} of 3: {_WAYS[direction]}")
            done = self._pass(direction, self._steps(direction), number)
            if done.error is None:
                is_back = direction != self.plan.direction
                compares = number == 1 and direction == "upgrade"
                state = looks.look(self.on, f"what is there after pass {number}", compares=compares, whole=is_back)
                states.append(state)
                done = self._arrived(done, state)
            if done.error is not None:
                error = done.error
                words = _WHERE[number] + error.message
                done = dataclasses.replace(done, error=type(error)(words, error.remedy, error.evidence))
            self.passes.append(done)
            if done.error is not None:
                return done.error
        return None

    def _directions(self) -> tuple[str, str, str]:
        way = self.plan.direction
        return way, _OPPOSITE[way], way

    def _steps(self, direction: str) -> Callable[[Part], list[tuple[int, Any]]]:
        """The Plan's steps of one database; the other way round on the way back."""

        def steps(part: Part) -> list[tuple[int, Any]]:
            mine = [(i, each) for i, each in enumerate(self.plan.steps) if each.database == part.name]
            ordered = mine if direction == self.plan.direction else reversed(mine)
            return [(i, stepping.step_of(part.script, each.revision, direction)) for i, each in ordered]

        return steps

    def _pass(self, direction: str, steps: Callable[[Part], list[tuple[int, Any]]], number: int | None) -> Pass:
        """Run steps on every scratch database; a failure of theirs is the Pass's error."""
        asker = self.asker if number == 1 else None
        running = _Running(self.on, direction, len(self.plan.steps), shown=number is not None, asker=asker)
        began = time.perf_counter()
        error: WorkbenchError | None = None
        try:
            self.on.ask(
                lambda part: running.steps(part, steps(part)),
                call=_CALLS[direction], listener=running.heard, revision=self._towards(direction), sql=False, tag=None,
            )  # fmt: skip
        except ScratchRefused:
            raise
        except BaseException as raised:
            self.on.look_for_cancel()
            if running.at is None and not isinstance(raised, Exception):
                raise
            error = running.failed(raised)
        self.on.look_for_cancel()
        seconds = time.perf_counter() - began
        return Pass(direction, error is None, tuple(running.executed), seconds, error)  # type: ignore[arg-type]

    def _towards(self, direction: str) -> str:
        """What env.py is told if it asks for the target."""
        if direction == self.plan.direction:
            return self.plan.target
        heads = sorted({head for each in self.plan.databases for head in each.heads})
        return heads[0] if len(heads) == 1 else "heads" if heads else "base"

    def _arrived(self, done: Pass, state: State) -> Pass:
        """The pass, as a failed one if the version table does not say what its steps should have brought about."""
        wanted = {each.name: each.heads for each in self.plan.databases}
        if done.direction == self.plan.direction:  # else it was the way back
            wanted |= {step.database: step.heads for step in self.plan.steps}
        astray = [name for name, heads in state.heads.items() if tuple(sorted(heads)) != tuple(sorted(wanted[name]))]
        if not astray:
            return done
        error = MigrationFailed(
            f"Every step ran, but the scratch database of {astray[0]} does not stand where they lead: env.py, or "
            "something in a revision, rolled the transaction back.",
            "Look whether env.py begins a transaction before context.configure() and never commits it.",
        )
        return dataclasses.replace(done, ok=False, error=error)


class _Running:
    """The steps of one pass while they run."""

    def __init__(self, on: StandIns, direction: str, count: int, *, shown: bool, asker: Asker | None = None) -> None:
        self.job = on.job
        self.asker = asker
        self.count = count
        self.on = on
        self.direction = direction
        self.shown = shown
        """They are steps of the Plan, and their events are told."""
        self.at: int | None = None
        self.revision = ""
        self.database = ""
        self.path = ""
        self.executed: list[Executed] = []

    def steps(self, part: Part, steps: list[tuple[int, Any]]) -> Iterator[Any]:
        """Give the steps to Alembic, one by one."""
        if not part.heads and steps:
            _ensure_version_table(part.context)
        for index, step in steps:
            self.on.look_for_cancel()
            if self.asker is not None:
                self.asker.before(part, index)
                self.on.look_for_cancel()
            revision = step.revision
            self.at, self.revision, self.database = index, str(revision.revision), part.name
            self.path = str(revision.path)
            began = time.perf_counter()
            self._tell("step", message=str(revision.doc or ""), of=self.count)
            yield step
            self._tell("step_done", seconds=time.perf_counter() - began)
            self.at = None

    def heard(self, sql: str, rows: int | None, seconds: float | None) -> None:
        """Take note of a statement."""
        if self.at is None:
            return
        sql = blot(sql, self.job.guard.secrets)
        if seconds is None:
            self._tell("statement", sql=sql)
            return
        self.executed.append(Executed(self.revision, sql, rows, seconds, self.database))
        self._tell("executed", sql=sql, rows=rows, seconds=seconds)

    def failed(self, raised: BaseException) -> WorkbenchError:
        """The error of the pass."""
        secrets, folder = self.job.guard.secrets, self.job.settings.folder
        if self.at is None:
            return translate.translate(raised, secrets, folder, writing=True)
        self._tell("step_failed")
        if translate.says_there_is_none(raised, self.path):
            place = translate.migration_failed(raised, self.revision, self.direction, self.path, secrets, folder)
            return MigrationFailed(
                f"{self.revision} has no {self.direction}: it raises NotImplementedError.",
                "Write one, or know that there is no way back from here but a backup.",
                place.evidence,
            )
        return translate.migration_failed(raised, self.revision, self.direction, self.path, secrets, folder)

    def _tell(self, kind: Any, **more: Any) -> None:
        if self.shown and self.at is not None:
            self.job.emit(Event(kind, self.at, self.revision, database=self.database, **more))

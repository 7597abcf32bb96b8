"""Runs branches in one order and another on scratch databases, and looks at what is not the same afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.runtime.migration import MigrationContext

from workbench.bridge import baselines, row_digests, translate
from workbench.bridge.environments import Part
from workbench.errors import MigrationFailed, ScratchRefused, WorkbenchError
from workbench.results import Event, RowsChanged, Scratch
from workbench.results.definitions import deltas
from workbench.results.merges import OrderDifference
from workbench.text import blot
from workbench.worker import looks
from workbench.worker.answers import Tried
from workbench.worker.looks import State
from workbench.worker.stand_ins import Options, StandIns

if TYPE_CHECKING:
    from workbench.worker.tasks import Job

__all__ = ["Options", "Trial"]

Heads = tuple[str, ...]
_ensure_version_table = MigrationContext._ensure_version_table  # noqa: SLF001 - before anybody replaces it


class Trial:
    """The same branches, run in several orders, each on scratch databases of its own."""

    def __init__(self, job: Job, begin: Heads, options: Options) -> None:
        self.job = job
        self.begin = begin
        """Where the branches part."""
        self.options = options
        self.scratch: tuple[Scratch, ...] = ()
        self.notes: list[str] = []
        self._at: tuple[str, str] | None = None
        """Id and path of the revision that is running."""

    def run(self, orders: tuple[Heads, ...]) -> Tried:
        """Run two orders and compare. Where the rows differ, the first one is run again: dates of now always differ.

        Raises:
            ScratchRefused: No scratch database could be had, or env.py is not led to it.
            MigrationFailed: They cannot even be brought to where the branches part.
            Cancelled: It was cancelled; the scratch databases are gone.

        """
        outcomes = [(order, self._after(order)) for order in orders]
        failures = tuple((order, told) for order, told in outcomes if isinstance(told, WorkbenchError))
        states = [told for _, told in outcomes if isinstance(told, State)]
        if failures:
            return Tried(self.scratch, failures, notes=self._noted())
        differences = self._differences(*states)
        rows = _rows(*states)
        restless: tuple[str, ...] = ()
        if rows:
            again = self._after(orders[0])
            if isinstance(again, State):
                rows, restless = _steady(rows, _rows(states[0], again))
        return Tried(self.scratch, (), differences, rows, restless, self._noted())

    def _noted(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.notes))

    # -- one order ------------------------------------------------------------------------------------------------

    def _after(self, order: Heads) -> State | WorkbenchError:
        """What there is when all heads were upgraded to in this order; or why one could not be."""
        on = StandIns(self.job, self.options)
        try:
            on.make()
            self.scratch = tuple(on.told)
            baseline = self.options.baseline
            if baseline is not None:
                on.say(f"executing the baseline {baseline.name}")
                on.ask(lambda part: baselines.fill(part, baseline) if on.is_first(part) else None)
            failed = self._lead(on, self.begin) if self.begin else None
            if failed is not None:
                raise self._not_begun(failed)
            for head in order:
                failed = self._lead(on, (head,))
                if failed is not None:
                    return failed
            state = looks.look(on, "what came of it")
            self._check_arrived(on, state, order)
            return state
        finally:
            on.drop()
            self.notes += on.notes

    def _lead(self, on: StandIns, target: Heads) -> WorkbenchError | None:
        """Upgrade to these revisions; the error of the one that fails."""
        on.say(f"upgrading to {', '.join(target)}")
        name = target[0] if len(target) == 1 else "heads"
        try:
            on.ask(lambda part: self._steps(on, part, target), call=command.upgrade, revision=name, sql=False, tag=None)
        except ScratchRefused:
            raise
        except BaseException as raised:
            on.look_for_cancel()
            if self._at is None:
                raise
            (revision, path), self._at = self._at, None
            secrets, folder = self.job.guard.secrets, self.job.settings.folder
            return translate.migration_failed(raised, revision, "upgrade", path, secrets, folder)
        on.look_for_cancel()
        return None

    def _steps(self, on: StandIns, part: Part, target: Heads) -> Iterator[Any]:
        steps = list(part.script._upgrade_revs(target, part.heads))  # type: ignore[arg-type]  # noqa: SLF001 - as stepping does
        if steps and not part.heads:
            _ensure_version_table(part.context)
        for at, step in enumerate(steps):
            on.look_for_cancel()
            revision = str(step.revision.revision)
            self._at = revision, str(step.revision.path)
            told = str(step.revision.doc or "")
            self.job.emit(Event("step", at, revision, database=part.name, of=len(steps), message=told))
            yield step
            self._at = None
            self.job.emit(Event("step_done", at, revision, database=part.name))

    def _not_begun(self, error: WorkbenchError) -> WorkbenchError:
        where = "a copy of the live database" if self.options.filled == "copy" else "an empty database"
        return MigrationFailed(
            f"The revisions below the branches cannot be run on {where}. {error.message}",
            "Where a history begins at tables that were there before it, let them be made first: "
            'baseline="schema.sql", or baseline="module:callable".',
            error.evidence,
        )

    def _check_arrived(self, on: StandIns, state: State, order: Heads) -> None:
        """Refuse to compare what does not stand where it was led to.

        Raises:
            MigrationFailed: A version table says so.

        """
        for name, heads in state.heads.items():
            if list(on.job.script._upgrade_revs(order, heads)):  # type: ignore[arg-type]  # noqa: SLF001 - as stepping does
                raise MigrationFailed(
                    f"Every step ran, but the scratch database of {name} does not stand where they lead: env.py, or "
                    "something in a revision, rolled the transaction back.",
                    "Look whether env.py begins a transaction before context.configure() and never commits it.",
                )

    # -- what differs ---------------------------------------------------------------------------------------------

    def _differences(self, first: State, second: State) -> tuple[OrderDifference, ...]:
        found = []
        hide = self.job.guard.secrets
        for name, then in first.contents.items():
            for each in deltas(then.definitions, second.contents[name].definitions, name):
                one, other = (blot(_told(side), hide) for side in (each.before, each.after))
                if each.kind != "order":
                    found.append(OrderDifference(name, each.kind, each.shown, one, other))
                elif sorted(one.split(", ")) == sorted(other.split(", ")):
                    self.notes.append(f"{each.shown} has its columns in another order: {one}; and {other}.")
        return tuple(found)


def _told(definition: str | None) -> str:
    return "" if definition is None else definition or "is there"


def _rows(one: State, other: State) -> tuple[RowsChanged, ...]:
    return tuple(
        each
        for name in one.contents
        for each in row_digests.compare(one.rows.get(name, {}), other.rows.get(name, {}), name)
    )


def _steady(
    rows: Iterable[RowsChanged], again: tuple[RowsChanged, ...]
) -> tuple[tuple[RowsChanged, ...], tuple[str, ...]]:
    """What of these rows is not explained by what differs when the same order runs twice; and what does that."""
    moved = {(each.database, each.table): each for each in again}
    left, restless = [], []
    for each in rows:
        other = moved.get((each.database, each.table))
        if other is None:
            left.append(each)
            continue
        restless += [f"{each.table}.{column}" for column in other.columns] or [each.table]
        same_amounts = (each.vanished, each.appeared) == (other.vanished, other.appeared)
        if not same_amounts or not set(each.columns) <= set(other.columns):
            left.append(each)
    return tuple(left), tuple(dict.fromkeys(restless))

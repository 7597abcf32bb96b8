"""Travels through the history on scratch databases, and reads the schema wherever it was asked for."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alembic import command

from workbench.bridge import baselines, stepping, translate
from workbench.bridge.catalogue.asking import default_schema
from workbench.bridge.environments import Part
from workbench.errors import MigrationFailed, ScratchRefused, WorkbenchError
from workbench.results import SchemaObject
from workbench.text import blot
from workbench.worker import snapshots
from workbench.worker.answers import Travelled, Visit
from workbench.worker.stand_ins import Options, StandIns
from workbench.worker.walking import Heads, Walk

if TYPE_CHECKING:
    from workbench.worker.tasks import Job

__all__ = ["Options", "Traveller"]


class Traveller:
    """One travel to places of the history; a place is some heads with all that lies below them, and nothing else."""

    def __init__(self, job: Job, wanted: tuple[Heads, ...], options: Options) -> None:
        self.job = job
        self.options = options
        self.wanted = wanted
        self.backwards = options.filled == "copy"
        """From a copy of the live database, by the downgrades."""
        self.left: dict[Heads, int] = {}
        """The places that are still to be seen, as `stepping.places` has them."""
        self.seen: dict[Heads, dict[str, Visit]] = {}
        """By database what was seen there."""
        self.error: WorkbenchError | None = None
        self.failures: dict[str, WorkbenchError] = {}
        """By revision."""
        self.notes: list[str] = []
        self.known: dict[tuple[str, str, str | None, str, str], SchemaObject] = {}
        """The same object for what has not changed: it is sent and kept once."""
        self.looks: dict[tuple[str, int], tuple[SchemaObject, ...]] = {}
        """What was seen, by database and place."""
        self.bits: dict[str, int] = {}
        """See `stepping.places`."""
        self.broken = 0
        """The revisions that failed."""

    def run(self) -> Travelled:
        """Go there, in as many journeys as it takes: a place of one branch is not on the way to one of another.

        Raises:
            ScratchRefused: No scratch database could be had, or env.py is not led to it.
            Cancelled: It was cancelled; the scratch databases are gone.

        """
        on = StandIns(self.job, self.options)
        with _made(on, self.notes):
            self.bits = stepping.places(self.job.script)
            self.left = {heads: _place(heads, self.bits) for heads in self.wanted}
            self._begin(on)
            forks = [] if self.backwards else self._forks()
            if forks and snapshots.possible(on):
                self._from_fork_to_fork(on, forks)
            else:
                self._journey(on, _furthest(self.left))
        while self.left and not self.backwards:
            again = StandIns(self.job, self.options)
            with _made(again, self.notes):
                self._begin(again)
                self._journey(again, _furthest(self.left))
        names = list(dict.fromkeys(on.first_of.values()))
        visits = tuple(
            (heads, tuple((name, by_database[name]) for name in names))
            for heads, by_database in self.seen.items()
            if len(by_database) == len(names)
        )
        notes = tuple(dict.fromkeys(self.notes))
        return Travelled(tuple(on.databases), visits, self.error, notes, tuple(self.failures.items()))

    def _forks(self) -> list[str]:
        """The revisions below what is wanted that more than one follows, or depends on; the lowest first.

        None where one way leads through all that is wanted.
        """
        line = sorted(self.left.values(), key=int.bit_count)
        if all(below & above == below for below, above in itertools.pairwise(line)):
            return []
        wanted = 0
        followed: set[str] = set()
        found: set[str] = set()
        for place in self.left.values():
            wanted |= place
        for revision, place in self.bits.items():
            if place & wanted == place:
                for each in self.job.script.get_revision(revision)._all_down_revisions:  # noqa: SLF001 - with dependencies
                    (found if each in followed else followed).add(each)
        return sorted(found, key=lambda each: (self.bits[each].bit_count(), each))

    def _from_fork_to_fork(self, on: StandIns, forks: list[str]) -> None:
        """In one database, which is put back to what it was at a fork for each branch that leaves it."""
        kept = snapshots.Snapshots(on)
        for each in forks:
            place = self.bits[each]
            if not place & self.broken and kept.restore(place, self.left.values()):
                self._lead(on, Walk(self, on, self.bits), (each,))
                if not place & self.broken:
                    kept.keep(place)
        while within := {heads: place for heads, place in self.left.items() if kept.nearest(place) is not None}:
            top = _furthest(within)
            place = within[top]
            if not kept.restore(place, (each for each in within.values() if each & place != each)):
                break  # the rest begins again at an empty database
            self._journey(on, top)

    def _journey(self, on: StandIns, top: Heads) -> None:
        """To this place, or as far back as the downgrades lead."""
        before = len(self.left)
        self._lead(on, Walk(self, on, self.bits), top)
        if len(self.left) == before:  # a baseline stands above it, or the way back ends before it
            self.left.pop(top, None)

    def _begin(self, on: StandIns) -> None:
        baseline = self.options.baseline
        if baseline is not None:
            on.say(f"executing the baseline {baseline.name}")
            on.ask(lambda part: baselines.fill(part, baseline) if on.is_first(part) else None)

    def _lead(self, on: StandIns, walk: Walk, top: Heads) -> None:
        call = command.downgrade if self.backwards else command.upgrade
        step = walk.back if self.backwards else lambda part: walk.up(part, top)
        target = "base" if self.backwards or not top else top[0] if len(top) == 1 else "heads"

        def settle() -> None:
            on.ask(lambda part: walk.settle(part) if on.is_first(part) else None)

        try:
            if walk.is_shared:
                settle()  # what stands there before the first step
            while True:
                on.ask(step, call=call, listener=walk.heard, revision=target, sql=False, tag=None)
                if not walk.is_shared:
                    break
                # Several parts have one database: only when all of them have made a step, it is looked at.
                settle()
                if not walk.went_on():
                    break
        except ScratchRefused:
            raise
        except BaseException as raised:
            on.look_for_cancel()
            if walk.at is None and not isinstance(raised, Exception):
                raise
            self._failed(walk, raised)

    def _failed(self, walk: Walk, raised: BaseException) -> None:
        secrets, folder = self.job.guard.secrets, self.job.settings.folder
        if walk.at is None:
            raise translate.translate(raised, secrets, folder, writing=True) from None
        direction = "downgrade" if self.backwards else "upgrade"
        error = translate.migration_failed(raised, walk.at, direction, walk.path, secrets, folder)
        if self.backwards:
            why = "it has none" if translate.says_there_is_none(raised, walk.path) else error.message
            self.notes.append(f"The downgrades lead back no further than {walk.at}: {why.rstrip('.')}.")
            return
        self.broken |= 1 << (self.bits[walk.at].bit_length() - 1)
        self.left = {heads: place for heads, place in self.left.items() if not place & self.broken}
        self.failures[walk.at] = error
        self.error = self.error or MigrationFailed(
            f"The schema cannot be made by running the revisions on an empty database. {error.message}",
            "Where a history begins at tables that were there before it, let them be made first: "
            'baseline="schema.sql", or baseline="module:callable"; or go backwards from a copy of the live database: '
            'baseline="live".',
            error.evidence,
        )


def declared(job: Job, options: Options) -> Travelled:
    """What the models make of an empty database: `metadata.create_all` on a scratch database, read as any other.

    Of several parts in one database, as tenants are, each makes its own there. Where that fails, the notes say why, and
    the visit which tables are not there; without any models there is none.
    """
    from workbench.bridge import model_databases  # noqa: PLC0415 - a travel need not wait for it

    on = StandIns(job, options)
    extensions: dict[str, list[str]] = {}
    made: dict[str, list[tuple[str | None, model_databases.Made]]] = {}
    found: dict[str, Visit] = {}
    try:
        on.ask(lambda part: extensions.update({part.name: model_databases.extensions(part)}), leading=False)
        on.make()
        walk = Walk(Traveller(job, (), options), on, {})

        def create(part: Part) -> None:
            metadata = job.metadata if job.settings.metadata is not None else part.context.opts.get("target_metadata")
            told = model_databases.create(part, metadata, extensions.get(part.name, []))
            on.notes += [blot(f"{part.name}: {problem}", job.guard.secrets) for problem in told.problems]
            made.setdefault(on.first_of[part.name], []).append((default_schema(part.context.connection), told))

        def look(part: Part) -> None:
            first, _ = made[part.name][0]
            unmade = [
                (home if home and home != first and not schema else schema, table)
                for home, each in made[part.name] for schema, table in each.unmade
            ]  # fmt: skip
            if not any(each.nothing for _, each in made[part.name]):
                found[part.name] = Visit(walk.look(part), unmade=tuple(unmade))

        on.ask(create)
        on.ask(lambda part: look(part) if on.is_first(part) else None)
    finally:
        on.drop()
    return Travelled(tuple(on.databases), (((), tuple(found.items())),), None, tuple(dict.fromkeys(on.notes)))


@contextlib.contextmanager
def _made(on: StandIns, notes: list[str]) -> Iterator[None]:
    try:
        on.make()
        yield
    finally:
        on.drop()
        notes += on.notes


def _furthest(places: dict[Heads, int]) -> Heads:
    return max(places, key=lambda heads: (places[heads].bit_count(), heads), default=())


def _place(heads: Heads, bits: dict[str, int]) -> int:
    place = 0
    for each in heads:
        place |= bits[each]
    return place

"""The schema at places of the history: what the cache does not have, the worker finds out on scratch databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from workbench.bridge import seals
from workbench.capabilities import histories, protection, rehearsals, travel_keys
from workbench.capabilities.travel_cache import TravelCache
from workbench.capabilities.travel_places import BASE, Heads, Journey, Place, Scene
from workbench.errors import WorkbenchError
from workbench.results import Database, Event, Schema, SchemaObject, Stop
from workbench.results.schema import LIVE
from workbench.worker.answers import Travelled, Visit
from workbench.worker.client import Client

BACKWARDS = "Made backwards, from a copy of the live schema by its downgrades: what these leave behind is in it."


class Travel:
    """What the kernel knows of the schemas along one history."""

    def __init__(self, client: Client, folder: Path, cache: TravelCache | None = None) -> None:
        self._client = client
        self._folder = folder
        self._cache = cache or TravelCache()
        self._known: dict[str, dict[str, Visit]] = {}
        self._named: dict[tuple[str, int], tuple[SchemaObject, SchemaObject]] = {}

    def places(self, scene: Scene, wanted: Iterable[Heads], on_event: Callable[[Event], None] | None = None) -> Journey:
        """The schemas at these places. Those that the cache has are not made again.

        Args:
            scene: The history and its databases.
            wanted: The heads of each place; one revision as a rule, none for base.
            on_event: Told of each step of a revision that is run.

        A revision that failed is run again each time: whether the reason was in the files, or a lock, a right or an
        extension that the server has by now, nobody can tell from the error.

        Raises:
            DatabaseProtected: A database is named protected, and there is no `scratch_url`.
            ScratchRefused: No scratch database could be had, or env.py is not led to it.
            Cancelled: It was cancelled.

        """
        every = tuple(dict.fromkeys(tuple(sorted(heads)) for heads in wanted))
        backwards = scene.baseline == LIVE
        baseline = None if backwards else rehearsals.baseline_of(scene.baseline, self._folder)
        keys = {} if backwards else travel_keys.keys(self._client, self._folder, scene, every, baseline)
        self._load(keys.values())
        names = self._names(scene)
        found = {heads: self._known[key] for heads, key in keys.items() if len(self._known.get(key, ())) == len(names)}
        missing = tuple(heads for heads in every if heads not in found)
        error: WorkbenchError | None = None
        notes: tuple[str, ...] = ()
        failures: tuple[tuple[str, WorkbenchError], ...] = ()
        if missing:
            protection.check_scratch(scene.databases, self._folder, self._client.settings.scratch_url)
            told: Travelled = self._client.call(
                "travel", on_event=on_event, graceful=True,
                wanted=missing, filled="copy" if backwards else "replay", baseline=baseline,
                scratch_url=self._client.settings.scratch_url,
            )  # fmt: skip
            error, notes, failures = told.error, told.notes, told.failures
            new = {heads: {str(at): visit for at, (_, visit) in enumerate(visits)} for heads, visits in told.visits}
            names = next((tuple(name for name, _ in visits) for _, visits in told.visits), names)
            found |= new
            if keys:
                fresh = {keys[heads]: visits for heads, visits in new.items()}
                self._known |= fresh
                self._cache.put(fresh)
        places = {heads: self._place(heads, found[heads], names) for heads in every if heads in found}
        return Journey(places, error, ((BACKWARDS, *notes) if backwards else notes), failures)

    def kept(self, scene: Scene, wanted: Iterable[Heads]) -> dict[Heads, Place]:
        """Those of these places that are known already; nothing runs."""
        every = tuple(dict.fromkeys(tuple(sorted(heads)) for heads in wanted))
        keys = travel_keys.keys(self._client, self._folder, scene, every, None)
        self._load(keys.values())
        names = self._names(scene)
        found = {heads: self._known[key] for heads, key in keys.items() if len(self._known.get(key, ())) == len(names)}
        return {heads: self._place(heads, visits, names) for heads, visits in found.items()}

    def schema(self, scene: Scene, heads: Heads, on_event: Callable[[Event], None] | None = None) -> Schema:
        """The schema at one place; see `places`."""
        heads = tuple(sorted(heads))
        journey = self.places(scene, [heads], on_event)
        place = journey.place(heads)
        return Schema(", ".join(heads) or BASE, place.objects, (), journey.notes)

    def stops(self, scene: Scene, on_event: Callable[[Event], None] | None = None) -> tuple[Stop, ...]:
        """One for each revision whose schema could be made, and for each that failed, oldest first.

        What a merge changed is told against what all its parents make together. What stands above a revision that
        failed is left out: it cannot be reached.

        Raises:
            WorkbenchError: The databases could not be had.

        """
        journey = self.places(scene, [(node.file.revision,) for node in scene.graph.nodes if not node.fault], on_event)
        return self.stops_of(scene, journey)

    def stops_of(self, scene: Scene, journey: Journey) -> tuple[Stop, ...]:
        """The Stops of what a journey has reached, oldest first."""
        told = []
        failures = dict(journey.failures)
        for node in reversed(scene.graph.nodes):
            place = journey.places.get((node.file.revision,))
            changed = None if place is None else place.deltas
            path = histories.shown_path(node.file.path, str(self._folder))
            if node.file.revision in failures:
                failure = _sentence(failures[node.file.revision])
                told.append(Stop(node.file.revision, node.file.message, path, (), failure=failure))
            if place is None or changed is None:
                continue
            told.append(
                Stop(
                    node.file.revision,
                    node.file.message,
                    path,
                    changed,
                    tuple(sql for _, visit in place.visits for sql in visit.statements),
                    tuple(dict.fromkeys(each for _, visit in place.visits for each in visit.renames)),
                )
            )
        return tuple(told)

    def models(self, scene: Scene) -> Journey:
        """What the models make of an empty database, at the place `()`; the notes say where they could not."""
        url = self._client.settings.scratch_url
        protection.check_scratch(scene.databases, self._folder, url)
        told: Travelled = self._client.call("models_on_scratch", graceful=True, scratch_url=url)
        visits = tuple((name, self._visit(visit, name)) for _, found in told.visits for name, visit in found)
        return Journey({(): Place((), visits)}, None, told.notes)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _load(self, keys: Iterable[str]) -> None:
        """From the cache into memory; what was made with a data file that has changed since is forgotten."""
        wanted = list(keys)
        self._known |= self._cache.get(key for key in wanted if key not in self._known)
        digests: dict[str, str] = {}
        for key in wanted:
            for path, then in {seal for visit in self._known.get(key, {}).values() for seal in visit.read}:
                if path not in digests:
                    digests[path] = seals.digest(str(self._folder / path))
                if digests[path] != then:
                    self._known.pop(key, None)

    def _names(self, scene: Scene) -> tuple[str, ...]:
        """The databases that are looked at: tenants that share one are looked at by the first of them."""
        return tuple(
            name
            for index, name in enumerate(each.name for each in scene.databases)
            if not any(_shares(scene.databases[index], other) for other in scene.databases[:index])
        )

    def _place(self, heads: Heads, visits: dict[str, Visit], names: tuple[str, ...]) -> Place:
        return Place(heads, tuple((name, self._visit(visits[str(at)], name)) for at, name in enumerate(names)))

    def _visit(self, visit: Visit, name: str) -> Visit:
        before = None if visit.before is None else self._with_name(visit.before, name)
        return replace(visit, objects=self._with_name(visit.objects, name), before=before)

    def _with_name(self, objects: tuple[SchemaObject, ...], name: str) -> tuple[SchemaObject, ...]:
        """The objects with the name of their database; of the same object the same one each time."""
        told = []
        for each in objects:
            known = self._named.get((name, id(each)))
            if known is None or known[0] is not each:
                known = self._named[name, id(each)] = each, replace(each, database=name)
            told.append(known[1])
        return tuple(told)


def _sentence(error: WorkbenchError) -> str:
    """What failed, and the database's own words for it."""
    said = dict(error.evidence).get("the database says")
    return error.message if said is None else f"{error.message.rstrip('.')}: {said}"


def _shares(one: Database, other: Database) -> bool:
    return (one.url, one.host) == (other.url, other.host)

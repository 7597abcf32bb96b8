"""The models, the revisions' own schema and the live database, compared three ways at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bridge.values import Thing
from workbench.capabilities import checks, drift_accepted
from workbench.capabilities.drift_verdicts import Passed, Sides, differences
from workbench.capabilities.travel import Travel
from workbench.capabilities.travel_places import Journey, Scene
from workbench.errors import UnknownDatabaseRevision, UnsupportedRequest, WorkbenchError
from workbench.results import Database, Difference, Drift, Event, Schema, SchemaObject
from workbench.results.definitions import Definitions, Key, definitions
from workbench.results.schema import LIVE
from workbench.text import one_line, plural, short_id
from workbench.worker.client import Client

if TYPE_CHECKING:
    from workbench.worker.answers import Standing, Visit

_BATCH = "_alembic_tmp_"
_FILTERED = {"UNIQUE": "unique_constraint", "FOREIGN KEY": "foreign_key_constraint", "CHECK": "check_constraint"}
_NAMED = 5
"""How many of the things that were left out are named."""


@dataclass(frozen=True)
class Ignored:
    """What env.py leaves out of one database."""

    things: frozenset[Thing]
    schemas: bool
    """It looks at more than the default schema."""


def drift(
    client: Client,
    travel: Travel,
    scene: Scene,
    live: Schema,
    folder: Path,
    on_event: Callable[[Event], None] | None = None,
) -> Drift:
    """What differs, without what is accepted.

    Raises:
        UnknownDatabaseRevision: A database stands at a revision that no file has.
        UnsupportedRequest: The baseline is the live database itself.
        EnvironmentInvalid: The file of accepted differences cannot be read.
        WorkbenchError: As `Travel.places`.

    """
    if scene.baseline == LIVE:
        raise UnsupportedRequest(
            "A schema that was made from a copy of the live database cannot tell whether that has drifted.",
            'Give a baseline that is no copy: an SQL file, or "module:callable".',
        )
    known = drift_accepted.read(drift_accepted.file_of(folder))
    scene = replace(scene, databases=live.databases)
    journey = travel.places(scene, _wanted(scene), on_event)
    models = travel.models(scene)
    notes = [*live.notes, *journey.notes, *models.notes]
    if journey.error is not None:
        notes.append(f"Of the pending revisions not all could be run: {one_line(journey.error.message)}")
    compared = journey.place(tuple(sorted(scene.databases[0].heads))).visits
    made = dict(models.place(()).visits)
    several = len(live.databases) > 1
    sides: dict[str, Sides] = {}
    for name, _ in compared:
        database = next(each for each in live.databases if each.name == name)
        if any(_shares(each, database) and each.heads != database.heads for each in live.databases):
            notes.append(f"{name} was not compared: of those that share it, not all stand at the same revisions.")
            continue
        sides[name] = _sides(scene, journey, database, made.get(name), live.objects)
    other = any(each.pending and each.live != each.revisions for each in sides.values())
    halves = _halves(client, scene) if other else {}
    sides = {name: replace(each, halves=frozenset(halves.get(name, ()))) for name, each in sides.items()}
    asked = {name: _things(each) for name, each in sides.items()}
    told: dict[str, tuple[tuple[Thing, ...], bool]] = client.call("left_out", things=asked)
    found: list[Difference] = []
    for name, each in sides.items():
        things, schemas = told.get(name, ((), True))
        kept = _without(each, Ignored(frozenset(things), schemas), notes, f"{name}: " if several else "")
        found += differences(kept, name)
    left, accepted, more = drift_accepted.sorted_out(found, known, several=several)
    without = tuple(name for name, each in sides.items() if each.models is None)
    return Drift(left, live.databases, accepted, tuple(dict.fromkeys((*notes, *more))), without)


def _wanted(scene: Scene) -> list[tuple[str, ...]]:
    """Where each database stands, the heads, and every revision that one of them has not."""
    graph = scene.graph
    wanted = [each.heads for each in scene.databases] + [graph.heads]
    applied = []
    for each in scene.databases:
        unknown = [head for head in each.heads if head not in graph.parents]
        if unknown:
            raise UnknownDatabaseRevision(
                f"{each.name} stands at {', '.join(map(short_id, unknown))}, which no revision file has, "
                "so nobody can tell what its schema should be.",
                "Ask wb.identify() which revision it is.",
            )
        applied.append(graph.ancestors(each.heads))
    nodes = [node for node in reversed(graph.nodes) if not node.fault]
    wanted += [(node.file.revision,) for node in nodes if any(node.file.revision not in each for each in applied)]
    return wanted


def _halves(client: Client, scene: Scene) -> dict[str, set[str]]:
    """By database the revisions of which some statements took, though the version table does not have them."""
    try:
        told: Standing = client.call("check", nodes=checks.nodes(scene.graph))
    except WorkbenchError:
        return {}  # then nobody knows, and what differs is told as what it looks like
    found: dict[str, set[str]] = {}
    for each in told.findings:
        if each.rule == "half-applied":
            found.setdefault(each.database, set()).add(each.revision)
    return found


def _sides(
    scene: Scene, journey: Journey, database: Database, models: Visit | None, live: Iterable[SchemaObject]
) -> Sides:
    def seen(heads: tuple[str, ...]) -> Definitions:
        visits = dict(journey.place(tuple(sorted(heads))).visits)
        return definitions(visits[database.name].objects)

    applied = scene.graph.ancestors(database.heads)
    last = tuple(sorted(database.heads))  # as far as the revisions can be run
    passed = []
    for node in reversed(scene.graph.nodes):
        place = journey.places.get((node.file.revision,))
        visit = None if place is None else dict(place.visits).get(database.name)
        if node.file.revision not in applied and visit is not None and visit.before is not None:
            passed.append(Passed(node.file.revision, definitions(visit.before), definitions(visit.objects)))
            last = (node.file.revision,)
    return Sides(
        None if models is None else definitions(models.objects), seen(database.heads),
        definitions(each for each in live if each.database == database.name),
        seen(heads if (heads := tuple(sorted(scene.graph.heads))) in journey.places else last), tuple(passed),
        unmade=frozenset(() if models is None else models.unmade),
    )  # fmt: skip


def _things(sides: Sides) -> list[Thing]:
    """All that env.py may leave out, by the words that Alembic has for it."""
    every = [side for side in (sides.models, sides.revisions, sides.live, sides.head) if side is not None]
    found = {thing for side in every for key, told in side.items() if (thing := _thing(key, told)) is not None}
    return sorted(found, key=lambda each: (each.schema, each.table, each.kind, each.name))


def _thing(key: Key, told: str) -> Thing | None:
    kind: str | None = key.kind
    if key.kind == "constraint":
        kind = next((each for words, each in _FILTERED.items() if told.startswith(words)), None)
        if kind == "check_constraint" and key.name == told:
            return None  # Alembic asks of no check without a name
    if kind not in {"table", "column", "index", *_FILTERED.values()}:
        return None
    return Thing(str(kind), key.schema, key.table, key.name)


def _without(sides: Sides, ignored: Ignored, notes: list[str], before: str) -> Sides:
    """The sides without what env.py leaves out; what of that is live is told in a note."""
    ours = {key.schema for side in (sides.models or {}, sides.revisions, sides.head) for key in side} | {""}
    theirs = ours | {key.name for side in (sides.revisions, sides.head) for key in side if key.kind == "schema"}
    missing: list[str] = []

    def kept(side: Definitions) -> Definitions:
        return {key: told for key, told in side.items() if not is_out(key, told)}

    def is_out(key: Key, told: str) -> bool:
        is_ours = key.name in theirs if key.kind == "schema" else key.schema in ours
        if not ignored.schemas and not is_ours:
            return True
        if key.table.startswith(_BATCH) or (key.table and Thing("table", key.schema, key.table, "") in ignored.things):
            return True
        kind = key.of if key.kind == "comment" else key.kind
        return _thing(key, told) in ignored.things or Thing(kind, key.schema, key.table, key.name) in ignored.things

    for key, told in sides.live.items():
        whole = Key("table", key.schema, key.table)
        is_part = key != whole and whole in sides.live and is_out(whole, sides.live[whole])
        if is_out(key, told) and not is_part and key.kind != "comment":
            missing.append(f"{key.kind} {key.shown}")
    if missing:
        named = ", ".join(one_line(each) for each in missing[:_NAMED])
        more = f", and {plural(len(missing) - _NAMED, 'more thing')}" if len(missing) > _NAMED else ""
        notes.append(f"{before}left out of the live database, as env.py has it: {named}{more}.")
    return Sides(
        None if sides.models is None else kept(sides.models), kept(sides.revisions), kept(sides.live),
        kept(sides.head), tuple(Passed(each.revision, kept(each.before), kept(each.after)) for each in sides.pending),
        sides.halves, sides.unmade,
    )  # fmt: skip


def _shares(one: Database, other: Database) -> bool:
    return (one.url, one.host) == (other.url, other.host)

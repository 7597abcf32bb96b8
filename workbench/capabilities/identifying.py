"""Identify: which revision a live database is at, told by its schema; and whether a stamp would say the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.capabilities import git_history
from workbench.capabilities.travel_places import BASE, Heads, Journey, Place, Scene
from workbench.errors import UnsupportedRequest
from workbench.results import (
    Candidate,
    Database,
    Delta,
    Evidence,
    Finding,
    Identification,
    Plan,
    SchemaObject,
    Table,
    View,
)
from workbench.results.definitions import Definitions, Key, definitions, deltas, dotted
from workbench.results.exploring import SIDES
from workbench.text import plural, short_id

if TYPE_CHECKING:
    from workbench.environment.graph import Graph

OTHER_SCHEMA = "other-schema"
"""The rule of the Finding at a stamp."""
_SAMPLE = 20
Identity = tuple[str, str, str, str]


def wanted(graph: Graph, database: Database) -> tuple[Heads, ...]:
    """The places that a database may stand at: base, each revision, all heads, and what its version table says."""
    known = tuple(sorted(each for each in database.heads if each in graph.parents))
    single = [(node.file.revision,) for node in graph.nodes if not node.fault]
    several = [heads for heads in (graph.heads, known) if len(heads) > 1 and _is_whole(graph, heads)]
    return tuple(dict.fromkeys([*several, *single, ()]))


def identify(
    scene: Scene, database: Database, journey: Journey, live: Iterable[SchemaObject], folder: str
) -> Identification:
    """Every place that could be reached, the nearest to the live schema first; of several as near the newest.

    What no revision makes at any place, a table of an extension's or of another program's, is not compared: env.py
    leaves such things out, or they stand beside the history. The notes name it. Where some revisions could not be run
    nobody knows what they make, and everything is compared.
    """
    seen_as = _seen_as(database, scene.databases)
    there = tuple(each for each in live if each.database == seen_as)
    states = {heads: _of(place, seen_as) for heads, place in journey.places.items()}
    made = {_identity(each) for objects in states.values() for each in objects}
    beside = [] if journey.error is not None else [each for each in there if _identity(each) not in made]
    left = {_identity(each) for each in beside}
    known = tuple(each for each in there if _identity(each) not in left)
    messages = {node.file.revision: node.file.message for node in scene.graph.nodes}
    compare = _Comparison(known, database.name)
    order = {heads: at for at, heads in enumerate(wanted(scene.graph, database))}
    candidates = [
        Candidate(
            ", ".join(heads) or BASE,
            ", ".join(filter(None, (messages.get(each, "") for each in heads))),
            compare.deltas(states[heads]),
        )
        for heads in sorted(states, key=lambda each: order.get(each, len(order)))
    ]
    candidates.sort(key=lambda each: len(each.deltas))
    notes = list(journey.notes)
    if journey.error is not None:
        notes.append(f"Not every revision could be compared. {journey.error.message}")
    if beside:
        notes.append(
            "Not compared, because no revision makes it: "
            + ", ".join(f"{each.kind} {dotted(each.schema, each.table, each.name)}" for each in beside[:_SAMPLE])
            + (f", and {len(beside) - _SAMPLE:,} more" if len(beside) > _SAMPLE else "")
            + "."
        )
    lost = tuple(
        git_history.lost(each, scene.scripts.versions, folder)
        for each in database.heads
        if each not in scene.graph.parents
    )
    return Identification(database, tuple(candidates), lost, tuple(dict.fromkeys(notes)))


def chosen(databases: tuple[Database, ...], name: str | None) -> Database:
    """The database that is asked about.

    Raises:
        UnsupportedRequest: There are several, or none of that name.

    """
    found = [each for each in databases if name in {None, each.name}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.name for each in databases)
    if name is None:
        raise UnsupportedRequest(f"env.py configures several databases: {names}.", "Name one of them: database=….")
    raise UnsupportedRequest(f"env.py configures no database {name!r}.", f"There is {names}.")


# --- a stamp ---


def findings(
    plan: Plan, places: Mapping[Heads, Place], live: Iterable[SchemaObject], *, whole: bool
) -> tuple[Finding, ...]:
    """That the live schema is not that of what would be written into the version table.

    Only where the schema of that is known already: nothing is run for this.

    Args:
        plan: The stamp.
        places: What is known of the history.
        live: What there is.
        whole: All of the history is known; what no revision makes is not compared then, as with `identify`.

    """
    objects = tuple(live)
    told = []
    after = dict(plan.after)
    for database in plan.databases:
        heads = tuple(sorted(after.get(database.name, database.heads)))
        if heads in places and any(step.database == database.name for step in plan.steps):
            seen_as = _seen_as(database, plan.databases)
            state = _of(places[heads], seen_as)
            there = tuple(each for each in objects if each.database == seen_as)
            if whole:
                made = {_identity(each) for place in places.values() for each in _of(place, seen_as)}
                there = tuple(each for each in there if _identity(each) in made)
            differences = _Comparison(there, database.name).deltas(state)
            if differences:
                told.append(_finding(database, heads, differences))
    return tuple(told)


def check_confirmed(plan: Plan, confirm: str | None, names: str) -> None:
    """Refuse a stamp that does not say the truth, unless a person has typed `names`.

    Raises:
        UnsupportedRequest: `confirm` is something else.

    """
    doubted = [each for each in plan.doubts if each.rule == OTHER_SCHEMA]
    if not doubted or confirm == names:
        return
    told = [(f"{side}: {name}", definition) for side, name, definition in doubted[0].evidence.sample]
    raise UnsupportedRequest(
        " ".join(each.message for each in doubted) + " Nothing was run.",
        f'Stamp what wb.identify() names; or, if it is meant: plan.apply(confirm="{names}").',
        tuple(told),
    )


def _finding(database: Database, heads: Heads, differences: tuple[Delta, ...]) -> Finding:
    name = ", ".join(short_id(each) for each in heads) or BASE
    count = plural(len(differences), "difference")
    sample = tuple(
        (SIDES[each.sign], f"{each.kind} {each.shown}", " → ".join(filter(None, (each.before, each.after))))
        for each in differences[:_SAMPLE]
    )
    return Finding(
        OTHER_SCHEMA, "warning", "", f"The live schema is not that of {name}: {count}.",
        f'wb.identify() tells which revision it is. If it is meant all the same: apply(confirm="{database.name}").',
        heads[0] if len(heads) == 1 else "", evidence=Evidence("compared", len(differences), sample=sample),
        database=database.name,
    )  # fmt: skip


# --- comparing ---


class _Comparison:
    """The live schema, and what differs from it; what is the same in both is looked at once."""

    def __init__(self, live: tuple[SchemaObject, ...], database: str) -> None:
        self._database = database
        self._live = {_identity(each): replace(each, database="") for each in live}
        self._same: dict[int, tuple[SchemaObject, bool]] = {}

    def deltas(self, state: tuple[SchemaObject, ...]) -> tuple[Delta, ...]:
        """What has to change in `state` to make it the live schema."""
        other = [each for each in state if not self._is_live(each)]
        named = {_identity(each) for each in other}
        there = {_identity(each) for each in state}
        changed = [each for key, each in self._live.items() if key in named or key not in there]
        was, is_ = _paired(definitions(other), definitions(changed))
        return tuple(deltas(was, is_, self._database))

    def _is_live(self, each: SchemaObject) -> bool:
        known = self._same.get(id(each))
        if known is None or known[0] is not each:
            known = self._same[id(each)] = each, self._live.get(_identity(each)) == replace(each, database="")
        return known[1]


def _paired(was: Definitions, is_: Definitions) -> tuple[Definitions, Definitions]:
    """Without constraints that differ by their names alone: a server gives names to those that have none."""
    gone = Counter(_nameless(key, told) for key, told in was.items() if key.kind == "constraint" and key not in is_)
    came = Counter(_nameless(key, told) for key, told in is_.items() if key.kind == "constraint" and key not in was)
    return _rest(was, is_, gone & came), _rest(is_, was, gone & came)


def _rest(mine: Definitions, other: Definitions, both: Counter[tuple[str, str, str]]) -> Definitions:
    left = Counter(both)
    found: Definitions = {}
    for key, told in mine.items():
        name = _nameless(key, told)
        if key.kind == "constraint" and key not in other and left[name] > 0:
            left[name] -= 1
        else:
            found[key] = told
    return found


def _nameless(key: Key, told: str) -> tuple[str, str, str]:
    return key.schema, key.table, told


def _identity(each: SchemaObject) -> Identity:
    kind = "relation" if isinstance(each, (Table, View)) else each.kind
    return kind, each.schema or "", each.table, each.name


def _of(place: Place, name: str) -> tuple[SchemaObject, ...]:
    return tuple(each for database, visit in place.visits if database == name for each in visit.objects)


def _seen_as(database: Database, databases: tuple[Database, ...]) -> str:
    """The name under which it was looked at: tenants that share one are looked at by the first of them."""
    at = (database.url, database.host)
    return next((each.name for each in databases if (each.url, each.host) == at), database.name)


def _is_whole(graph: Graph, heads: Heads) -> bool:
    """No head of it lies below another."""
    faults = {node.file.revision for node in graph.faults}
    below: Iterator[frozenset[str]] = (graph.ancestors((each,)) - {each} for each in heads)
    return not any(set(heads) & each for each in below) and not faults & graph.ancestors(heads)

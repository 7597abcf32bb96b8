"""Blame: which revision made a table or a column, and which have changed it since."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, cast

from workbench.capabilities.blame_names import (
    Alias,
    Name,
    Relations,
    columns_of,
    definition_of,
    has,
    is_a_rename,
    relations_of,
    same,
)
from workbench.capabilities.travel_places import Journey, Place, Scene
from workbench.errors import UnsupportedRequest
from workbench.results import Blame, SchemaObject, Stop, Touch, View
from workbench.results.definitions import Delta, dotted

Did = Literal["made", "changed", "renamed", "removed"]


def blame(
    scene: Scene,
    stops: Iterable[Stop],
    journey: Journey,
    live: Iterable[SchemaObject],
    table: str,
    column: str | None,
) -> Blame:
    """What the revisions did to a table or a column, with the names that it had before it was renamed.

    Args:
        scene: The history and its databases.
        stops: What each revision did, oldest first.
        journey: What each of them has made; not all of them may have been reached.
        live: The live schema.
        table: Of a table or a view, `schema.name` or the name alone; or of anything else that stands by itself.
        column: One of its columns, None for all of it.

    Raises:
        UnsupportedRequest: Neither the revisions nor the live database have such a thing, or there are several.
        WorkbenchError: No revision that was reached made it, and this is why not all were.

    """
    search = _Search(scene, tuple(stops), journey.places, tuple(live))
    try:
        names = search.named(table, column)
    except UnsupportedRequest:
        if journey.error is not None and isinstance(table, str):
            raise journey.error from None
        raise
    touches: list[Touch] = []
    notes: list[str] = []
    for database in search.databases:
        found = [each for name in names for each in search.touches(database, search.aliases(name))]
        touches += found
        notes += (note for name in names for note in search.notes(database, name, found))
    if journey.error is not None:
        if not touches:
            raise journey.error
        notes.append(f"Not every revision could be looked at. {journey.error.message}")
    order = {each.revision: at for at, each in enumerate(search.stops)}
    touches.sort(key=lambda each: order[each.revision])
    shown = dotted(names[0].schema, names[0].table)
    told = tuple(dict.fromkeys((*notes, *journey.notes)))
    return Blame(shown, names[0].column, tuple(dict.fromkeys(touches)), told)


class _Search:
    def __init__(
        self, scene: Scene, stops: tuple[Stop, ...], places: Mapping[tuple[str, ...], Place],
        live: tuple[SchemaObject, ...],
    ) -> None:  # fmt: skip
        self.scene = scene
        self.stops = tuple(each for each in stops if not each.failure)
        self.databases = tuple(dict.fromkeys(name for place in places.values() for name, _ in place.visits))
        self.applied = {each.name: scene.graph.ancestors(each.heads) for each in scene.databases}
        self.live = {name: relations_of(each for each in live if each.database == name) for name in self.databases}
        self.after: dict[tuple[str, str], Relations] = {}
        self.before: dict[tuple[str, str], Relations] = {}
        known: dict[int, Relations] = {}
        for stop in self.stops:
            for name, visit in places[stop.revision,].visits:
                for side, objects in ((self.after, visit.objects), (self.before, visit.before or ())):
                    if id(objects) not in known:
                        known[id(objects)] = relations_of(objects)
                    side[name, stop.revision] = known[id(objects)]
        self.every = (*self.live.values(), *self.after.values())
        self.schemas = {schema for relations in self.every for schema, _ in relations}

    # -- names ----------------------------------------------------------------------------------------------------

    def named(self, table: str, column: str | None) -> list[Alias]:
        """What is meant; regardless of upper and lower case where nothing is written exactly so."""
        for each in (table, "" if column is None else column):
            if not isinstance(each, str):
                raise UnsupportedRequest(f"{each!r} is no name.", 'As in wb.blame("orders", "total").')
        keys = list(dict.fromkeys(key for relations in self.every for key in relations))
        found = same(keys, table)
        if len(found) > 1:
            places = ", ".join(dotted(*each) for each in found)
            raise UnsupportedRequest(f"{table!r} names several tables ({places}).", "Name its schema as well.")
        if not found:
            near = difflib.get_close_matches(table, sorted({dotted(*each) for each in keys}), 3)
            raise UnsupportedRequest(
                f"Neither the live database nor any revision has a table {table!r}.",
                f"Did you mean {', '.join(near)}?" if near else "The names are in wb.schema().tables.",
            )
        key = found[0]
        if column is None:
            return [Alias(*key, None)]
        columns = list(dict.fromkeys(
            name for relations in self.every for name in columns_of(relations.get(key))
        ))  # fmt: skip
        for name in (column, *(each for each in columns if each.casefold() == column.casefold())):
            if name in columns:
                return [Alias(*key, name)]
        near = difflib.get_close_matches(column, columns, 3)
        raise UnsupportedRequest(
            f"{dotted(*key)} never had a column {column!r}.",
            f"Did you mean {', '.join(near)}?" if near else "Its columns are in wb.schema().columns.",
        )

    def aliases(self, start: Alias) -> list[Alias]:
        """The name, and what it was before: an old name holds wherever the new one has not been given yet."""
        found = [start]
        for stop in reversed(self.stops):
            for rename in stop.renames:
                for at, alias in enumerate(found):
                    pair = self._pair(alias, rename)
                    if pair is None or pair[1] != alias.name or stop.revision in alias.never:
                        continue
                    if any(each.name == pair[0] for each in found):
                        continue
                    below = self.scene.graph.ancestors((stop.revision,))
                    above = {
                        each.revision
                        for each in self.stops
                        if stop.revision in self.scene.graph.ancestors((each.revision,))
                    }
                    found[at] = replace(alias, never=alias.never | (below - {stop.revision}))
                    found.append(Alias(*pair[0], frozenset(above)))
                    break
        return found

    def _pair(self, alias: Alias, rename: tuple[str, str, str, str]) -> tuple[Name, Name] | None:
        """The name before and after, where this renames it, or one of its columns."""
        kind, told, before, after = rename
        if kind == "column":
            is_it = alias.column in {None, before, after} and self._is(told, alias.schema, alias.table)
            at = (alias.schema, alias.table)
            return ((*at, before), (*at, after)) if is_it else None
        is_it = kind in {"table", "view"} and alias.table in {before, after} and self._is(told, alias.schema, before)
        return ((alias.schema, before, alias.column), (alias.schema, after, alias.column)) if is_it else None

    def _is(self, told: str, schema: str, table: str) -> bool:
        """Raw SQL may name the default schema, which has no name here."""
        if told == dotted(schema, table):
            return True
        above = told.removesuffix(f".{dotted(table)}")
        return not schema and above != told and above not in self.schemas

    # -- what was done --------------------------------------------------------------------------------------------

    def touches(self, database: str, aliases: list[Alias]) -> Iterator[Touch]:
        """What each revision did to it, in one database; oldest first."""
        for stop in self.stops:
            names = [each for each in aliases if stop.revision not in each.never]
            deltas = [each for each in stop.deltas if each.database == database]
            state = "applied" if stop.revision in self.applied.get(database, ()) else "pending"
            pairs = dict.fromkeys(
                pair for rename in stop.renames for each in names if (pair := self._pair(each, rename)) is not None
            )
            for did, delta in (
                *(each for pair in pairs for each in self._renamed(stop, database, *pair)),
                *(
                    touch for each in dict.fromkeys(each.name for each in names) for delta in deltas
                    if not is_a_rename(delta, pairs) and (touch := self._touched(stop, database, each, delta))
                ),
            ):  # fmt: skip
                yield Touch(stop.revision, stop.message, stop.path, did, delta, state)

    def _renamed(self, stop: Stop, database: str, old: Name, new: Name) -> Iterator[tuple[Did, Delta]]:
        """The new name, and what else has changed of it in the same revision."""
        schema, table, column = new
        is_column = column != old[2]
        if is_column:
            told = Delta("column", schema or None, table, column or "", old[2], column, database=database)
        else:
            relation = self.after.get((database, stop.revision), {}).get((schema, table))
            kind = "view" if isinstance(relation, View) else "table"
            told = Delta(kind, schema or None, table, "", dotted(*old[:2]), dotted(schema, table), database=database)
        was = definition_of(self.before.get((database, stop.revision), {}), old)
        is_ = definition_of(self.after.get((database, stop.revision), {}), new)
        if not is_column and was is None and is_ is None:
            return  # a column that this branch does not have
        yield "renamed", told
        if was is not None and is_ is not None and was != is_:
            kind = told.kind if column is None else "column"
            yield "changed", Delta(kind, schema or None, table, column or "", was, is_, database=database)

    def _touched(self, stop: Stop, database: str, name: Name, delta: Delta) -> tuple[Did, Delta] | None:
        schema, table, column = name
        if (delta.schema or "", delta.table or delta.name) != (schema, table):
            return None
        is_whole = not delta.table or (delta.kind in {"table", "view"} and not delta.name)
        did = cast("Did", {"+": "made", "-": "removed", "~": "changed"}[delta.sign])
        if column is None:
            return (did if is_whole else "changed"), delta
        sides = [
            each.get((database, stop.revision), {}).get((schema, table)) for each in (self.before, self.after)
        ]  # fmt: skip
        if is_whole:
            was, is_ = (columns_of(each).get(column) for each in sides)
            came_or_went = (was is None) != (is_ is None) and delta.sign != "~"
            return (did, Delta("column", delta.schema, table, column, was, is_, database=database)) if (
                came_or_went
            ) else None  # fmt: skip
        is_own = delta.kind in {"column", "type", "nullable", "default", "comment"} and delta.name == column
        if is_own or any(has(each, delta, column) for each in sides):
            return (did if delta.kind == "column" else "changed"), delta
        return None

    # -- what they do not explain ---------------------------------------------------------------------------------

    def notes(self, database: str, name: Alias, touches: list[Touch]) -> Iterator[str]:
        """What is live and no revision has made, or the other way round."""
        live = self.live.get(database, {})
        is_live = definition_of(live, name.name) is not None
        shown = dotted(name.schema, name.table, name.column)
        where = f" in {database}" if len(self.databases) > 1 else ""
        applied = [each for each in touches if each.state == "applied" and each.did in {"made", "renamed", "removed"}]
        if is_live and not touches:
            yield f"{shown} is live{where}, and no revision makes it: made by hand, or before the history begins."
        elif is_live and (not applied or applied[-1].did == "removed"):
            why = "is not applied" if not applied else "has removed it"
            told = next((each for each in touches if each.did in {"made", "renamed"}), touches[0])
            revision = applied[-1].revision if applied else told.revision
            yield f"{shown} is live{where} already, though {revision} {why}: made by hand."
        elif not is_live and applied and applied[-1].did != "removed":
            later = applied[-1].delta
            is_other = (
                later.name != name.column
                if later.kind == "column" and name.column
                else (later.table != name.table and later.kind != "column")
            )
            if applied[-1].did == "renamed" and is_other:
                called = dotted(later.schema, later.table, later.name or name.column)
                yield f"Since {applied[-1].revision} it is called {called}."
            else:
                yield f"{shown} is not live{where}, though {applied[-1].revision} is applied: removed by hand."

"""An entity-relationship picture laid out: which card stands where, and which way each edge goes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workbench.render.picture_cards import ROW, Card, Edge, Group, Hidden, Picture, card, moved, port
from workbench.render.picture_parts import LANE, Key, Part, Point, Port, part, straightened
from workbench.results.objects import Constraint, Table

SHAPE = 4 / 3
_EDGE = 14  # around everything, and around the cards of a group
_BETWEEN = 2 * ROW
_ASIDE = 8
_HEADLINE = 24  # of a group


@dataclass
class _Shelf:
    """Parts side by side; what leads to other shelves leaves at its top."""

    group: str | None
    stacks: list[list[Part]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return sum(_width(stack) for stack in self.stacks) + _BETWEEN * (len(self.stacks) - 1)

    @property
    def height(self) -> int:
        return max(_height(stack) for stack in self.stacks)

    def parts(self) -> Iterator[tuple[Part, int, int]]:
        """Each part with its place on the shelf."""
        x = 0
        for stack in self.stacks:
            y = 0
            for each in stack:
                yield each, x, y
                y += each.height + _BETWEEN
            x += _width(stack) + _BETWEEN


def layout(tables: Sequence[Table], *, hidden_columns: Hidden = "none", group_by_schema: bool = True) -> Picture:
    """Lay out tables and the foreign keys between them; the same tables always in the same way.

    No two cards overlap, every edge ends at the borders of its cards, and none crosses a card. Parents stand to the
    left of their children where no cycle forbids it.

    Args:
        tables: Of one database.
        hidden_columns: `none`; `keys`: only the columns of keys are shown; `all`: only the names of tables.
        group_by_schema: Of several schemas each has a frame of its own.

    """
    schemas = list(dict.fromkeys(each.schema for each in tables))
    is_grouped = group_by_schema and len(schemas) > 1
    cards = [card(at, each, hidden_columns, with_schema=not is_grouped) for at, each in enumerate(tables)]
    keys, constraints = _keys(tables, cards)
    target = _target(cards)
    shelves: list[_Shelf] = []
    for schema in schemas if is_grouped else [None]:
        chosen = [each for each in cards if not is_grouped or each.schema == schema]
        shelves += _shelves(_parts(chosen, keys), target, (schema or "default schema") if is_grouped else None)
    drawn = _Drawing(shelves, keys)
    edges = tuple(_edge(tables, each, constraints[each.number], drawn.ways[each.number]) for each in keys)
    placed = tuple(moved(each, *drawn.spots[each.id]) for each in cards)
    return Picture(drawn.width, drawn.height, placed, edges, tuple(drawn.groups))


def _keys(tables: Sequence[Table], cards: Sequence[Card]) -> tuple[list[Key], list[Constraint]]:
    """The foreign keys that end at one of the tables."""
    exact = {(each.schema, each.name): at for at, each in reversed(list(enumerate(tables)))}
    # SQLite and, on some systems, MySQL do not tell upper from lower case here.
    loose = {(each.schema, each.name.casefold()): at for at, each in reversed(list(enumerate(tables)))}
    keys: list[Key] = []
    constraints: list[Constraint] = []
    for at, table in enumerate(tables):
        for each in table.foreign_keys:
            name = each.referred_table
            to = exact.get((each.referred_schema, name), loose.get((each.referred_schema, name.casefold())))
            if to is not None:
                child = Port(at, port(cards[at], table, each.columns))
                parent = Port(to, port(cards[to], tables[to], each.referred_columns or tables[to].primary_key))
                if child == parent:  # a column that refers to itself, or none that is shown
                    parent = Port(to, parent.down - _ASIDE)
                keys.append(Key(len(keys), child, parent))
                constraints.append(each)
    return keys, constraints


def _target(cards: Sequence[Card]) -> int:
    """How wide the whole should be."""
    area = sum((each.width + 100) * (each.height + _BETWEEN) for each in cards)
    return max(640, round(math.sqrt(area * SHAPE)))


def _parts(cards: Sequence[Card], keys: Sequence[Key]) -> list[Part]:
    """The connected parts, the largest first; then the cards without any edge, all together."""
    here = {each.id: each for each in cards}
    inner = [key for key in keys if key.child.card in here and key.parent.card in here]
    outside = sorted(
        {
            one
            for key in keys
            for one, other in ((key.child, key.parent), (key.parent, key.child))
            if one.card in here and other.card not in here
        }
    )
    root = {each: each for each in here}

    def top(each: int) -> int:
        while root[each] != each:
            root[each] = root[root[each]]
            each = root[each]
        return each

    for key in inner:
        one, other = sorted((top(key.child.card), top(key.parent.card)))
        root[other] = one
    linked = {port.card for key in inner for port in key[1:]} | {port.card for port in outside}
    members: dict[int, list[Card]] = {}
    for each in cards:
        if each.id in linked:
            members.setdefault(top(each.id), []).append(each)
    found = [
        part(
            each,
            [key for key in inner if top(key.child.card) == first],
            [port for port in outside if top(port.card) == first],
        )
        for first, each in members.items()
    ]
    found.sort(key=lambda each: (-each.height, -each.width, min(each.spots)))
    alone = [each for each in cards if each.id not in linked]
    return [*found, _grid(alone)] if alone else found


def _grid(cards: Sequence[Card]) -> Part:
    """Cards without any edge, in columns of about the same height."""
    wide = max(each.width for each in cards) + ROW
    area = sum(wide * (each.height + ROW) for each in cards)
    count = min(len(cards), max(1, round(math.sqrt(area * 2 * SHAPE) / wide)))
    bottoms = [0] * count
    spots = {}
    for each in cards:
        column = bottoms.index(min(bottoms))
        spots[each.id] = (column * wide, bottoms[column])
        bottoms[column] += each.height + ROW
    return Part(wide * count - ROW, max(bottoms) - ROW, spots, {}, {})


def _shelves(parts: Sequence[Part], target: int, group: str | None) -> list[_Shelf]:
    """Parts in rows: each beside or below the one before, if there is room, else on a shelf of its own."""
    shelves: list[_Shelf] = []
    for each in parts:
        shelf = shelves[-1] if shelves else None
        if shelf and not each.taps:
            below = [
                stack
                for stack in shelf.stacks
                if each.width <= _width(stack) and _height(stack) + _BETWEEN + each.height <= shelf.height
            ]
            if below:
                below[0].append(each)
                continue
        if shelf and shelf.width + _BETWEEN + each.width <= target:
            shelf.stacks.append([each])
        else:
            shelves.append(_Shelf(group, [[each]]))
    return shelves


class _Drawing:
    """The shelves one below the other, with streets between them for the edges from part to part."""

    def __init__(self, shelves: Sequence[_Shelf], keys: Sequence[Key]) -> None:
        self.spots: dict[int, Point] = {}
        self.ways: dict[int, tuple[Point, ...]] = {}
        self.groups: list[Group] = []
        self._streets: list[dict[Port, int]] = []
        shelf_of = {number: at for at, shelf in enumerate(shelves) for each, _, _ in shelf.parts()
                    for number in each.spots}  # fmt: skip
        inside = {number for shelf in shelves for each, _, _ in shelf.parts() for number in each.ways}
        far = [key for key in keys if key.number not in inside]
        ends = {key.number: (shelf_of[key.child.card], shelf_of[key.parent.card]) for key in far}
        # Edges to one parent share their lanes.
        on_left = sorted({key.parent for key in far if len({*ends[key.number]}) > 1})
        left = _EDGE + (LANE * len(on_left) + ROW if on_left else 0)
        self._aside = {port: _EDGE + LANE * at for at, port in enumerate(on_left)}
        self._taps: dict[Port, tuple[Point, int]] = {}

        widest = max((shelf.width for shelf in shelves), default=0)
        y, group = _EDGE, None
        tops: dict[str, int] = {}
        for at, shelf in enumerate(shelves):
            is_framed = shelf.group is not None
            if is_framed and shelf.group != group:
                y += _EDGE if at else 0
                tops[shelf.group or ""] = y
                y += _HEADLINE
            group = shelf.group
            lanes = sorted({key.parent for key in far if at in ends[key.number]})
            self._streets.append({port: y + LANE * number for number, port in enumerate(lanes)})
            y += LANE * len(lanes) + (ROW if lanes else 0)
            x = left + (_EDGE if is_framed else 0)
            for each, dx, dy in shelf.parts():
                self._place(each, x + dx, y + dy)
            y += shelf.height
            is_last = at + 1 == len(shelves) or shelves[at + 1].group != shelf.group
            if is_framed and is_last:
                y += _EDGE
                top = tops[shelf.group or ""]
                self.groups.append(Group(shelf.group or "", left, top, widest + 2 * _EDGE, y - top))
            y += 0 if at + 1 == len(shelves) else _BETWEEN
        self.width = left + widest + (2 * _EDGE if self.groups else 0) + _EDGE
        self.height = y + _EDGE
        for key in far:
            self.ways[key.number] = self._far(key, *ends[key.number])

    def _place(self, each: Part, x: int, y: int) -> None:
        self.spots |= {number: (x + dx, y + dy) for number, (dx, dy) in each.spots.items()}
        self.ways |= {number: tuple((x + dx, y + dy) for dx, dy in way) for number, way in each.ways.items()}
        self._taps |= {port: ((x + tap.border[0], y + tap.border[1]), x + tap.lane) for port, tap in each.taps.items()}

    def _far(self, key: Key, child: int, parent: int) -> tuple[Point, ...]:
        """An edge from one part to another: up into the street, along, and down again."""
        (start, up), (end, down) = self._taps[key.child], self._taps[key.parent]
        one, other = self._streets[child][key.parent], self._streets[parent][key.parent]
        aside = [(self._aside[key.parent], one), (self._aside[key.parent], other)] if child != parent else []
        return straightened([start, (up, start[1]), (up, one), *aside, (down, other), (down, end[1]), end])


def _edge(tables: Sequence[Table], key: Key, constraint: Constraint, points: tuple[Point, ...]) -> Edge:
    child, parent = tables[key.child.card], tables[key.parent.card]
    nullable = {each.name for each in child.columns if each.nullable and not each.primary_key}
    names = set(constraint.columns)
    uniques = [set(each.columns) for each in child.constraints if each.kind in {"primary key", "unique"}]
    uniques += [set(each.expressions) for each in child.indexes if each.unique and not each.where]
    to = ", ".join(constraint.referred_columns)
    return Edge(
        key.child.card, key.parent.card, points,
        source_many=not any(each and each <= names for each in uniques),
        optional=bool(names & nullable),
        columns=", ".join(constraint.columns),
        label=f"{child.qualified} ({', '.join(constraint.columns)}) → {parent.qualified}{f' ({to})' if to else ''}",
    )  # fmt: skip


def _width(stack: Sequence[Part]) -> int:
    return max(each.width for each in stack)


def _height(stack: Sequence[Part]) -> int:
    return sum(each.height for each in stack) + _BETWEEN * (len(stack) - 1)

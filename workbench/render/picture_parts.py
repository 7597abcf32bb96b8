"""One connected part of a picture: its cards in columns, and its edges through the gutters between them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbench.render.picture_cards import ROW, Card
from workbench.render.picture_lanes import Crossing, lanes
from workbench.render.picture_layers import Layers, layers
from workbench.render.picture_places import Link, places

LANE = 8
MARGIN = 18
"""Between a card and the first lane: the crow's foot stands there."""
_LOWEST = 700
"""A column may always be as high as this."""

Point = tuple[int, int]


class Port(NamedTuple):
    """Where an edge ends: a card, and how far below its top."""

    card: int
    down: int


class Key(NamedTuple):
    """A foreign key between two cards."""

    number: int
    child: Port
    parent: Port


class Tap(NamedTuple):
    """Where an edge to another part leaves this one."""

    border: Point
    lane: int
    """The x at which it goes straight up out of the part."""


@dataclass
class Part:
    """Where everything of a part stands, from its own corner on."""

    width: int
    height: int
    spots: dict[int, Point]
    """Of each card."""
    ways: dict[int, tuple[Point, ...]]
    """The points of each foreign key, from child to parent."""
    taps: dict[Port, Tap]


def part(cards: Sequence[Card], keys: Sequence[Key], outside: Sequence[Port]) -> Part:
    """Lay out the cards of one connected part.

    Args:
        cards: Its cards.
        keys: The foreign keys between them.
        outside: Where edges to other parts end.

    """
    at = {each.id: local for local, each in enumerate(cards)}
    pairs = sorted({(at[key.parent.card], at[key.child.card]) for key in keys})
    area = sum((each.width + 80) * (each.height + ROW) for each in cards)
    found = layers([each.height for each in cards], pairs, max(_LOWEST, round(math.sqrt(area * 0.7))))
    heights = {item: cards[item].height if item < found.count else ROW for item in found.layer}
    gaps = {item: ROW if item < found.count else 0 for item in found.layer}
    local = [(key.number, Port(at[key.child.card], key.child.down), Port(at[key.parent.card], key.parent.down))
             for key in keys]  # fmt: skip
    routes = {number: route(found, child, parent) for number, child, parent in local if child.card != parent.card}
    links = sorted({link for each in routes.values() for link in _links(each)})
    tops = places(found.columns, heights, gaps, links, ROW)

    gutters: list[dict[tuple[int, int], Crossing]] = [{} for _ in found.columns]
    for number, way in routes.items():
        for left, right in itertools.pairwise(way):
            gutter = found.layer[left.card]
            gutters[gutter][number, gutter] = Crossing((tops[left.card] + left.down,), (tops[right.card] + right.down,))
    for number, child, parent in local:
        if child.card == parent.card:
            gutter = found.layer[child.card]
            gutters[gutter][number, gutter] = Crossing((tops[child.card] + child.down, tops[child.card] + parent.down))
    for number, port in enumerate(outside):
        gutter = found.layer[at[port.card]]
        gutters[gutter][~number, gutter] = Crossing((tops[at[port.card]] + port.down,), up=True)

    lefts, turns, width = _across(found, cards, gutters)
    spots = {each.id: (lefts[found.layer[item]], tops[item]) for item, each in enumerate(cards)}
    ways = {
        number: _points(cards, spots, tops, found, turns, number, child, parent, routes.get(number))
        for number, child, parent in local
    }
    taps = {}
    for number, port in enumerate(outside):
        x, y = spots[port.card]
        border = (x + cards[at[port.card]].width, y + port.down)
        taps[port] = Tap(border, turns[~number, found.layer[at[port.card]]])
    return Part(width, max(tops[item] + heights[item] for item in tops), spots, ways, taps)


def route(found: Layers, child: Port, parent: Port) -> list[Port]:
    """The items that an edge passes from left to right, each with how far below its top."""
    left, right = (parent, child) if (parent.card, child.card) in found.ways else (child, parent)
    between = found.ways[left.card, right.card][1:-1]
    return [left, *(Port(item, ROW // 2) for item in between), right]


def _links(way: Sequence[Port]) -> Iterator[Link]:
    for left, right in itertools.pairwise(way):
        yield left.card, left.down, right.card, right.down


def _across(
    found: Layers, cards: Sequence[Card], gutters: Sequence[Mapping[tuple[int, int], Crossing]]
) -> tuple[list[int], dict[tuple[int, int], int], int]:
    """The left side of each column, the x of each crossing's turn, and how wide all is."""
    lefts: list[int] = []
    turns: dict[tuple[int, int], int] = {}
    x = 0
    for column, gutter in zip(found.columns, gutters, strict=True):
        lefts.append(x)
        x += max((cards[item].width for item in column if item < found.count), default=0)
        if gutter:
            chosen, count = lanes(list(gutter.values()))
            turns |= {key: x + MARGIN + LANE * lane for key, lane in zip(gutter, chosen, strict=True)}
            x += 2 * MARGIN + LANE * max(count - 1, 0)
    return lefts, turns, x


def _points(
    cards: Sequence[Card], spots: Mapping[int, Point], tops: Mapping[int, int], found: Layers,
    turns: Mapping[tuple[int, int], int], number: int, child: Port, parent: Port, way: Sequence[Port] | None,
) -> tuple[Point, ...]:  # fmt: skip
    """The points of an edge, from child to parent."""
    first = cards[way[0].card if way else child.card]
    border = spots[first.id][0] + first.width
    if way is None:
        x, y, turn = border, tops[child.card], turns[number, found.layer[child.card]]
        return ((x, y + child.down), (turn, y + child.down), (turn, y + parent.down), (x, y + parent.down))
    points = [(border, tops[way[0].card] + way[0].down)]
    for left, right in itertools.pairwise(way):
        x = turns[number, found.layer[left.card]]
        points += [(x, tops[left.card] + left.down), (x, tops[right.card] + right.down)]
    points.append((spots[cards[way[-1].card].id][0], tops[way[-1].card] + way[-1].down))
    return straightened(points if way[0] == child else points[::-1])


def straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without those at which nothing turns."""
    kept = [points[0]]
    for here, after in zip(points[1:], [*points[2:], None], strict=True):
        if here == kept[-1]:
            continue
        if after and (kept[-1][0] == here[0] == after[0] or kept[-1][1] == here[1] == after[1]):
            continue
        kept.append(here)
    return tuple(kept)

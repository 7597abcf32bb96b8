"""The lanes of a gutter between two columns of a picture: where each edge turns up or down, as in channel routing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_TOP = -1
_NEAR = 4  # closer than this, two lines in one lane would read as one


@dataclass(frozen=True)
class Crossing:
    """What an edge does in one gutter: where it comes in and goes out."""

    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()
    up: bool = False
    """It leaves by the top."""


def lanes(crossings: Sequence[Crossing]) -> tuple[list[int], int]:
    """The lane of each crossing, from left to right, and how many lanes there are.

    Edges that begin or end at the same place share a lane.
    """
    nets = _nets(crossings)
    spans = [_span([crossings[each] for each in net]) for net in nets]
    before = _before(crossings, nets)
    lane_of = {net: 0 for net, (top, bottom, _) in enumerate(spans) if top == bottom}  # straight on: it turns nowhere
    to_do = sorted((net for net in range(len(nets)) if net not in lane_of), key=lambda net: (spans[net][2], net))
    lane = 0
    while to_do:
        taken: list[int] = []
        waiting = set(to_do)
        for net in to_do:
            if not before[net] & (waiting - {net}) and all(_apart(spans[net], spans[each]) for each in taken):
                taken.append(net)
        taken = taken or to_do[:1]  # each waits for another: one of them has to cross itself
        lane_of |= dict.fromkeys(taken, lane)
        to_do = [net for net in to_do if net not in lane_of]
        lane += 1
    found = {each: lane_of[number] for number, net in enumerate(nets) for each in net}
    return [found[each] for each in range(len(crossings))], lane


def _nets(crossings: Sequence[Crossing]) -> list[list[int]]:
    """The crossings that meet at a port, together."""
    root = list(range(len(crossings)))

    def top(each: int) -> int:
        while root[each] != each:
            root[each] = root[root[each]]
            each = root[each]
        return each

    ports: dict[tuple[str, int], int] = {}
    for number, each in enumerate(crossings):
        for port in (*(("left", y) for y in each.left), *(("right", y) for y in each.right)):
            other = top(ports.setdefault(port, number))
            root[max(other, top(number))] = min(other, top(number))
    nets: dict[int, list[int]] = {}
    for number in range(len(crossings)):
        nets.setdefault(top(number), []).append(number)
    return list(nets.values())


def _span(net: Sequence[Crossing]) -> tuple[int, int, tuple[int, int]]:
    """The highest and the lowest place of a net, and its turn among those that might stand in one lane.

    Of two that both lead down, the lower one turns first; of two that lead up, the upper one: so they do not cross.
    """
    left = [y for each in net for y in each.left]
    right = [y for each in net for y in each.right] or ([_TOP] if any(each.up for each in net) else left)
    ys = [*left, *right, *([_TOP] if any(each.up for each in net) else [])]
    comes = sum(left) // len(left)
    leads_down = sum(right) / len(right) > comes
    return min(ys), max(ys), (0, -comes) if leads_down else (1, comes)


def _before(crossings: Sequence[Crossing], nets: Sequence[Sequence[int]]) -> list[set[int]]:
    """By net: those that have to turn before it, since they come in at the height at which it goes out."""
    comes = {y: net for net, each in enumerate(nets) for number in each for y in crossings[number].left}
    return [
        {comes[y] for number in each for y in crossings[number].right if comes.get(y, net) != net}
        for net, each in enumerate(nets)
    ]


def _apart(one: tuple[int, int, tuple[int, int]], other: tuple[int, int, tuple[int, int]]) -> bool:
    return one[1] + _NEAR < other[0] or other[1] + _NEAR < one[0]

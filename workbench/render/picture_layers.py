"""Which column of the picture each card of a connected part stands in, and in which order: Sugiyama's method.

fast-sugiyama knows no sizes, so only its layers and their order are taken. It ends the process when it is given a
cycle, which is why none reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fast_sugiyama import from_edges


@dataclass
class Layers:
    """Columns of items. An item below `count` is a card; any other lets an edge through between cards."""

    count: int
    columns: list[list[int]]
    """From left to right, each from top to bottom."""
    ways: dict[tuple[int, int], list[int]]
    """By (left card, right card): the items that the edge passes, one in each column, with both ends."""
    layer: dict[int, int] = field(init=False)
    """The column of each item."""

    def __post_init__(self) -> None:
        self.layer = {item: at for at, items in enumerate(self.columns) for item in items}


def layers(heights: Sequence[int], pairs: Iterable[tuple[int, int]], tallest: int) -> Layers:
    """The layers of one connected graph.

    Args:
        heights: Of each card.
        pairs: (parent, child); cycles, loops and repetitions are allowed.
        tallest: How high a column should be at most: cards that nothing refers to go on in the next one.

    """
    wanted = {pair for pair in pairs if pair[0] != pair[1]}
    if not wanted:
        return Layers(len(heights), [list(range(len(heights)))], {})
    forward = _without_cycles(len(heights), sorted(wanted))
    found = _run(len(heights), forward, {}, wanted)
    level = _balanced(found, heights, forward, tallest)
    return _run(len(heights), forward, level, wanted) if level else found


def _without_cycles(count: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs, those turned round that lead back to a card that is being visited: what is left has no cycle."""
    after: list[list[int]] = [[] for _ in range(count)]
    parents = [0] * count
    for parent, child in pairs:
        after[parent].append(child)
        parents[child] += 1
    turned: set[tuple[int, int]] = set()
    state = [0] * count  # 1 while it is being visited, 2 after that
    # From the tables without a parent on, so that what is turned round lies within the cycles.
    for start in sorted(range(count), key=lambda each: (parents[each] > 0, each)):
        if state[start]:
            continue
        state[start] = 1
        path = [(start, iter(after[start]))]
        while path:
            here, rest = path[-1]
            child = next(rest, -1)
            if child < 0:
                state[here] = 2
                path.pop()
            elif state[child] == 1:
                turned.add((here, child))
            elif not state[child]:
                state[child] = 1
                path.append((child, iter(after[child])))
    return sorted({(b, a) if (a, b) in turned else (a, b) for a, b in pairs})


def _run(
    count: int, forward: Sequence[tuple[int, int]], level: Mapping[int, int], wanted: set[tuple[int, int]]
) -> Layers:
    """The library's answer; where `level` says in which column each card belongs, it stands there."""
    fed: list[tuple[int, int]] = []
    fresh = count
    for left, right in forward:
        at = left
        # An edge of as many steps as there are columns between its ends leaves the library no choice of layers.
        for _ in range(level[right] - level[left] - 1 if level else 0):
            fed.append((at, fresh))
            at, fresh = fresh, fresh + 1
        fed.append((at, right))
    # Without `transpose`, which takes ten times as long for a few crossings fewer.
    ((places, _, _, steps),) = from_edges(fed, dummy_vertices=True, check_layout=False, transpose=False)
    spots = {int(item): spot for item, spot in places}
    rank = {y: at for at, y in enumerate(sorted({-spot[1] for spot in spots.values()}))}
    layer = {item: rank[-spot[1]] for item, spot in spots.items()}
    return _bundled(count, forward, wanted, _chains(count, forward, steps or fed), spots, layer)


def _chains(
    count: int, forward: Sequence[tuple[int, int]], steps: Iterable[tuple[int | str, int | str]]
) -> dict[tuple[int, int], list[int]]:
    """By pair: the items between its two cards."""
    following: dict[int, list[int]] = {}
    for here, there in steps:
        following.setdefault(int(here), []).append(int(there))
    found: dict[tuple[int, int], list[int]] = {}
    for left in sorted({pair[0] for pair in forward}):
        for item in following[left]:
            way = [item]
            while way[-1] >= count:
                way.append(following[way[-1]][0])
            found[left, way[-1]] = way[:-1]
    return found


def _bundled(
    count: int,
    forward: Sequence[tuple[int, int]],
    wanted: set[tuple[int, int]],
    chains: Mapping[tuple[int, int], Sequence[int]],
    spots: Mapping[int, tuple[float, float]],
    layer: Mapping[int, int],
) -> Layers:
    """Edges of one parent share their way as far as they can: one line that branches, and not eighty beside it."""
    shared: dict[tuple[int, int, int], list[int]] = {}
    keys: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for left, right in forward:
        trunk = -1 if (left, right) in wanted else right  # a parent on the right has a way of its own
        keys[left, right] = [(left, trunk, layer[item]) for item in chains[left, right]]
        for key, item in zip(keys[left, right], chains[left, right], strict=True):
            shared.setdefault(key, []).append(item)
    number = {key: count + at for at, key in enumerate(sorted(shared))}
    order = {item: spots[item][0] for item in range(count)}
    columns: list[list[int]] = [[] for _ in range(1 + max(layer.values()))]
    for item in range(count):
        columns[layer[item]].append(item)
    for key, items in shared.items():
        order[number[key]] = sum(spots[item][0] for item in items) / len(items)
        columns[key[2]].append(number[key])
    for column in columns:
        column.sort(key=lambda item: (order[item], item))
    ways = {pair: [pair[0], *(number[key] for key in keys[pair]), pair[1]] for pair in forward}
    return Layers(count, columns, ways)


def _balanced(
    found: Layers, heights: Sequence[int], forward: Sequence[tuple[int, int]], tallest: int
) -> dict[int, int]:
    """The column of each card if none may be higher than `tallest`; empty if they are as they should be."""
    if all(sum(heights[item] for item in column if item < found.count) <= tallest for column in found.columns):
        return {}
    parents: dict[int, list[int]] = {}
    for left, right in forward:
        parents.setdefault(right, []).append(left)
    inner = {left for left, _ in forward}
    level: dict[int, int] = {}
    used: dict[int, int] = {}
    for at, column in enumerate(found.columns):
        # Those that others hang on first: whatever they wait for moves its children, too.
        for item in sorted((item for item in column if item < found.count), key=lambda item: item not in inner):
            place = max([at, *(level[each] + 1 for each in parents.get(item, ()))])
            while used.get(place, 0) and used[place] + heights[item] > tallest:
                place += 1
            used[place] = used.get(place, 0) + heights[item]
            level[item] = place
    return level

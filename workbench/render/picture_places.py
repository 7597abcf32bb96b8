"""How far down each item of a picture's columns stands: near what it is linked with, and never on another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

SWEEPS = 8

Link = tuple[int, int, int, int]
"""(left item, how far below its top the edge leaves, right item, how far below its top the edge arrives)."""


def places(
    columns: Sequence[Sequence[int]], heights: Mapping[int, int], gaps: Mapping[int, int], links: Sequence[Link],
    raster: int,
) -> dict[int, int]:  # fmt: skip
    """The top of each item, on the raster; the least is 0.

    Args:
        columns: Items in their order, which stays.
        heights: Of each item.
        gaps: How much room an item wants to the next; of two neighbours' wishes the smaller one counts.
        links: What is joined by edges.
        raster: Heights and gaps are multiples of it.

    """
    tops: dict[int, float] = {}
    near: dict[int, list[tuple[int, int, bool]]] = {item: [] for column in columns for item in column}
    for left, leaves, right, arrives in links:
        near[right].append((left, leaves - arrives, True))
        near[left].append((right, arrives - leaves, False))
    steps = [_steps(column, heights, gaps) for column in columns]
    tallest = max(at[-1] + heights[column[-1]] for column, at in zip(columns, steps, strict=True))
    for column, at in zip(columns, steps, strict=True):
        spare = (tallest - at[-1] - heights[column[-1]]) / 2
        tops |= {item: spare + step for item, step in zip(column, at, strict=True)}
    # Without a limit a few cards drift far off, each after its only neighbour.
    room = [1.1 * tallest - at[-1] - heights[column[-1]] for column, at in zip(columns, steps, strict=True)]
    for sweep in range(SWEEPS):
        to_right = sweep % 2 == 0
        is_last = sweep >= SWEEPS - 2
        numbers = range(len(columns)) if to_right else reversed(range(len(columns)))
        for number in numbers:
            column = columns[number]
            wanted, weights = [], []
            for item in column:
                pulls = [tops[other] + by for other, by, is_left in near[item] if is_last or is_left == to_right]
                wanted.append(_middle(pulls) if pulls else tops[item])
                weights.append(len(pulls) + 0.01)
            tops |= dict(zip(column, _apart(wanted, weights, steps[number], room[number]), strict=True))
    snapped: dict[int, int] = {}
    for column, at in zip(columns, steps, strict=True):
        last: int | None = None
        for item, step in zip(column, at, strict=True):
            # Rounded before the step is added, and never above the one before: so no distance gets smaller.
            level = math.floor((tops[item] - step) / raster + 0.5)
            last = level if last is None else max(level, last)
            snapped[item] = raster * last + step
    least = min(snapped.values())
    return {item: top - least for item, top in snapped.items()}


def _steps(column: Sequence[int], heights: Mapping[int, int], gaps: Mapping[int, int]) -> list[int]:
    """How far below the first each item of a column stands at least."""
    steps = [0]
    for above, below in itertools.pairwise(column):
        steps.append(steps[-1] + heights[above] + min(gaps[above], gaps[below]))
    return steps


def _middle(pulls: list[float]) -> float:
    # The median: of two or more children a parent is then level with one of them.
    pulls.sort()
    return pulls[(len(pulls) - 1) // 2]


def _apart(wanted: Sequence[float], weights: Sequence[float], steps: Sequence[int], room: float) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep order and distance: pooled adjacent violators.

    None is above 0, and the first stands at `room` at most, were all as near to each other as they can be.
    """
    pools: list[list[float]] = []  # [mean, weight, number of items]
    for want, weight, step in zip(wanted, weights, steps, strict=True):
        pools.append([want - step, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, many = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += many
    levels = [min(max(pool[0], 0), room) for pool in pools for _ in range(int(pool[2]))]
    return [level + step for level, step in zip(levels, steps, strict=True)]

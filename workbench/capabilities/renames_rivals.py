"""Sets pairs against each other: one thing can become one other thing, so what is equally good is less likely."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from workbench.capabilities.renames_parts import Point

_RIVALRY = 0.5
"""How much of the odds of its rivals a pair has to stand up to."""
_AS_GOOD = 0.5
"""Points: a rival that lacks no more is named."""

Thing = TypeVar("Thing")
Value = TypeVar("Value")


def connected(
    weighed: Mapping[tuple[Thing, Thing], Value], kept: Collection[Thing]
) -> dict[tuple[Thing, Thing], Value]:
    """Without pairs that take a name which is not free, or leave one behind that nothing takes.

    Args:
        weighed: By (old, new).
        kept: The names that are there before and after.

    """
    found = dict(weighed)
    while True:
        left, taken = {old for old, _ in found}, {new for _, new in found}
        wrong = [
            (old, new) for old, new in found if (new in kept and new not in left) or (old in kept and old not in taken)
        ]
        if not wrong:
            return found
        for pair in wrong:
            del found[pair]


def chances(totals: Mapping[tuple[Thing, Thing], float]) -> dict[tuple[Thing, Thing], float]:
    """How likely each pair is by its points, from 0 to 1, beside the others for the same thing."""
    odds = {pair: math.exp(total) for pair, total in totals.items()}
    by_old: dict[Thing, float] = {}
    by_new: dict[Thing, float] = {}
    for (old, new), each in odds.items():
        by_old[old] = by_old.get(old, 0.0) + each
        by_new[new] = by_new.get(new, 0.0) + each
    return {
        (old, new): each / (1 + each + _RIVALRY * (max(by_old[old], by_new[new]) - each))
        for (old, new), each in odds.items()
    }


def points_of(chance: float) -> float:
    """The points that alone would make a pair so likely."""
    return math.log(chance / (1 - chance))


def rivals(
    old: Thing, new: Thing, totals: Mapping[tuple[Thing, Thing], float], name: Callable[[Thing], str]
) -> list[Point]:
    """That another pair for the same thing is as good, in words, if there is one."""
    least = totals[old, new] - _AS_GOOD
    others = [(-total, name(other)) for (one, other), total in totals.items() if one == old and other != new]
    others += [(-total, name(one)) for (one, other), total in totals.items() if other == new and one != old]
    best = min(others, default=None)
    return [(-0.3, f"{best[1]} is as likely")] if best is not None and -best[0] >= least else []

"""Copies of scratch databases at the forks of a history, so that no branch begins again at an empty one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from workbench.bridge.scratch.databases import Copies
from workbench.worker.stand_ins import StandIns

_LARGEST = 100_000_000  # bytes of a file's copies in all: without rows they are small
_MOST = 32  # copies of a database on a server, of 8 MB and more each
_BESIDE = ("-wal", "-shm", "-journal")


def possible(on: StandIns) -> bool:
    """Whether all scratch databases of `on` can be copied."""
    return all(each.dialect == "sqlite" or each.copies is not None for each in on.scratches.values())


class Snapshots:
    """What is in the scratch databases of `on` at some places; just now they stand at place 0."""

    def __init__(self, on: StandIns) -> None:
        self._copies: list[Copies] = [each.copies or _File(each.name) for each in on.scratches.values()]
        self._kept: dict[int, int] = {}
        """By place the number of the copy."""
        self._here: int | None = 0
        """Where the databases stand, while nobody has gone on from there."""
        self._count = 0
        if all(isinstance(each, _File) for each in self._copies):  # it costs nothing
            self.keep(0)

    def keep(self, place: int) -> None:
        """Keep what is there now, if it can be."""
        if len(self._kept) >= _MOST:
            for each in list(self._kept)[1::2]:  # what lies between two is not far from the lower one
                self._forget(self._kept.pop(each))
        self._here = place
        self._count += 1
        if all(each.keep(self._count) for each in self._copies):
            self._kept[place] = self._count
        else:
            self._forget(self._count)

    def nearest(self, place: int) -> int | None:
        """The furthest place on the way to this one that the databases can be put back to; None if there is none."""
        known = (*self._kept, *(() if self._here is None else (self._here,)))
        return max((each for each in known if each & place == each), key=int.bit_count, default=None)

    def restore(self, place: int, others: Iterable[int] = ()) -> bool:
        """Put the databases back to what is nearest, to go on from there.

        Args:
            place: Where to go.
            others: Where somebody still has to go: a copy that is on the way to none of them is used up.

        Returns:
            Whether they stand there now.

        """
        nearest, here, self._here = self.nearest(place), self._here, None
        if nearest is None:
            return False
        if nearest == here:
            return True
        number = self._kept[nearest]
        is_last = not any(self.nearest(each) == nearest for each in others)
        if is_last:
            del self._kept[nearest]
        done = all([each.restore(number, last=is_last) for each in self._copies])  # noqa: C419 - each of them
        if not done:
            self._kept.clear()
        return done

    def _forget(self, number: int) -> None:
        for each in self._copies:
            each.forget(number)


class _File:
    """Copies of a SQLite file; kept in memory, as nobody would delete them after a crash. See `Copies`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._contents: dict[int, bytes] = {}

    def keep(self, number: int) -> bool:
        with open(self._path, "rb") as file:
            content = file.read()
        if len(content) + sum(map(len, self._contents.values())) > _LARGEST:
            return False
        self._contents[number] = content
        return True

    def restore(self, number: int, *, last: bool) -> bool:
        for suffix in _BESIDE:
            with contextlib.suppress(OSError):
                os.remove(self._path + suffix)
        with open(self._path, "r+b") as file:
            file.truncate()
            file.write(self._contents[number])
        if last:
            self.forget(number)
        return True

    def forget(self, number: int) -> None:
        self._contents.pop(number, None)

"""Copies of scratch files at the forks of a history, so that no branch begins again at an empty database."""

from __future__ import annotations

import contextlib
import os

from workbench.worker.stand_ins import StandIns

_LARGEST = 100_000_000  # bytes in all: without rows they are small
_BESIDE = ("-wal", "-shm", "-journal")


class Snapshots:
    """What is in the SQLite files of `on` at some places; kept in memory, as nobody would drop them after a crash."""

    def __init__(self, on: StandIns) -> None:
        self._paths = [each.name for each in on.scratches.values()]
        self._kept: dict[int, list[bytes]] = {}
        self._size = 0

    def keep(self, place: int) -> None:
        """Keep what is there now."""
        contents = []
        for path in self._paths:
            with open(path, "rb") as file:
                contents.append(file.read())
        self._size += sum(map(len, contents))
        if self._size < _LARGEST or not self._kept:
            self._kept[place] = contents

    def restore(self, place: int) -> None:
        """Put back what is nearest below a place."""
        nearest = max((each for each in self._kept if each & place == each), key=int.bit_count)
        for path, content in zip(self._paths, self._kept[nearest]):  # noqa: B905 - Python 3.9's zip is not asked for
            for suffix in _BESIDE:
                with contextlib.suppress(OSError):
                    os.remove(path + suffix)
            with open(path, "r+b") as file:
                file.truncate()
                file.write(content)

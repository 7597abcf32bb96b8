"""A lock on a file, which the operating system gives back when its holder dies; the file says who that is."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FAR = 1 << 30
"""Where Windows locks a byte: whoever holds a lock there keeps others from reading that part of the file."""
_PATIENCE = 0.5  # seconds until the holder of a lock has written down who it is


class Taken(Exception):
    """Somebody else holds the lock; `args[0]` is what they have written into it, empty if they have not."""


@dataclass
class FileLock:
    """A lock that is held."""

    path: str
    handle: int

    def release(self) -> None:
        """Give it back, and take its file away. Once is enough."""
        handle, self.handle = self.handle, -1
        if handle < 0:
            return
        if fcntl is None:  # what is open cannot be removed there
            os.close(handle)
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        if fcntl is not None:
            os.close(handle)


def acquire(path: str, card: dict[str, Any]) -> FileLock | None:
    """Lock the file at `path`, which is made if need be, and write `card` into it.

    Returns:
        The lock; None where there can be no such file, or the file system knows no locks.

    Raises:
        Taken: Somebody else holds it.

    """
    while True:
        handle = _opened(path)
        if handle is None:
            return None
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            if not os.path.exists(path):
                continue  # it has just been given back
            raise Taken(_card(path)) from None
        except OSError:
            os.close(handle)
            return None
        # Whoever gave it back has removed the file, perhaps after we had opened it: then nobody else sees this lock.
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                break
        os.close(handle)
    with contextlib.suppress(OSError):  # somebody else's file: the lock holds all the same
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps(card).encode())
    return FileLock(path, handle)


def _opened(path: str) -> int | None:
    flags = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except OSError:
        try:
            return os.open(path, os.O_RDONLY | flags)
        except OSError:
            return None


def _lock(handle: int) -> None:
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt  # noqa: PLC0415 - Windows

    os.lseek(handle, _FAR, os.SEEK_SET)
    msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    os.lseek(handle, 0, os.SEEK_SET)


def _card(path: str) -> dict[str, Any]:
    """What the holder has written; it may be about to."""
    until = time.monotonic() + _PATIENCE
    told: Any = None
    while told is None and os.path.exists(path) and time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
            told = json.load(file)
        if told is None:
            time.sleep(0.02)
    return told if isinstance(told, dict) else {}

"""Hears what the project's code does beside SQLAlchemy: files that it reads, SQLite files and programs that it opens.

Python tells of these by audit events. A hook for them cannot be taken away again, so there is one, which is idle unless
somebody listens.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

_HEARD = frozenset({"open", "sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"})
_CODE = (".py", ".pyc")

_listeners: list[Callable[[str, tuple[Any, ...]], None]] = []
_installed: list[bool] = []


def listen(listener: Callable[[str, tuple[Any, ...]], None]) -> None:
    """Call `listener` with the name and the arguments of each event from now on, in the thread that causes it."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    if listener not in _listeners:
        _listeners.append(listener)


def ignore(listener: Callable[[str, tuple[Any, ...]], None]) -> None:
    """Call it no more."""
    with contextlib.suppress(ValueError):
        _listeners.remove(listener)


@contextlib.contextmanager
def files_read(into: set[str]) -> Iterator[None]:
    """Add the absolute path of each file that is opened to be read, and is no Python code; none that is written."""
    written: set[str] = set()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], (str, bytes)):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))
        mode, flags = arguments[1:3]
        if (set(mode or "") & set("wax+")) or (mode is None and flags & (os.O_WRONLY | os.O_RDWR)):
            written.add(path)
        elif not path.endswith(_CODE):
            into.add(path)

    listen(hear)
    try:
        yield
    finally:
        ignore(hear)
        into -= written


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listeners and event in _HEARD:
        for each in tuple(_listeners):  # one of them may stop listening
            with contextlib.suppress(Exception):  # else what the project does would fail
                each(event, arguments)

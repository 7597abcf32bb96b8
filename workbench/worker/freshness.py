"""Knows which files the worker has loaded, and notices when one of them has changed."""

from __future__ import annotations

import os
import sys
import sysconfig
import time
from typing import Any

_UNKNOWN = (-1, -1)  # no file's state: what was loaded may be older than what lies there now
_TICK = 50_000_000  # nanoseconds that a file's time may lag behind the clock
_COARSE = 2_000_000_000  # the same where file systems count in seconds
_SECOND = 1_000_000_000
_OFTEN = 1.0  # seconds between two looks at what is installed
_INSTALLED = ("site-packages", "dist-packages")


class Freshness:
    """The files behind sys.modules and the configuration, with their times and sizes.

    What is installed, the standard library and packages, is looked at once a second at the most: it is nine tenths of
    the files, and looking took a quarter of the time of a small request, more on a network's file system.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int] | None] = {}
        self._installed: dict[str, tuple[int, int] | None] = {}
        self._looked = time.monotonic()
        """When what is installed was looked at last."""
        self._modules: set[str] = set()

    def remember(self, settings: Any, since: int) -> None:
        """Take note of what is loaded now. A file that was noted before keeps the state it was loaded in.

        Args:
            settings: Names the configuration.
            since: When the request began, in nanoseconds. A file that was written after that may have been loaded
                before it was written; so it counts as changed, whatever becomes of it.

        """
        self.remember_modules(since)
        for path in (settings.ini, settings.toml, *(os.path.join(settings.folder, name) for name in _DOTENV)):
            if path and path not in self._seen:
                self._seen[path] = _state(path, since)

    def remember_modules(self, since: int | None = None) -> None:
        """Take note of the modules alone."""
        for name, module in list(sys.modules.items()):
            if name not in self._modules:
                self._modules.add(name)
                path = getattr(module, "__file__", None)
                if isinstance(path, str) and path.endswith((".py", ".so", ".pyd")):
                    files = self._installed if _is_installed(path) else self._seen
                    if path not in files:
                        files[path] = _state(path, since)

    def stale(self) -> str:
        """The first file that is not as it was loaded; empty if all are, or were within the second."""
        found = _changed(self._seen)
        if not found and time.monotonic() - self._looked >= _OFTEN:
            found = _changed(self._installed)
            self._looked = time.monotonic()
        return found


_DOTENV = (".env", ".flaskenv")  # env.py files read them through python-dotenv, which never overrides what is set


_LIBRARY = tuple({sysconfig.get_paths()[name] + os.sep for name in ("stdlib", "platstdlib")})


def _is_installed(path: str) -> bool:
    return path.startswith(_LIBRARY) or any(f"{os.sep}{each}{os.sep}" in path for each in _INSTALLED)


def _changed(files: dict[str, tuple[int, int] | None]) -> str:
    return next((path for path, state in files.items() if _state(path) != state), "")


def _state(path: str, since: int | None = None) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    # A file that is moved into the place of another keeps the time it was written; its change time tells.
    if since is not None and any(_is_within(each, since) for each in (stat.st_mtime_ns, stat.st_ctime_ns)):
        return _UNKNOWN
    return stat.st_mtime_ns, stat.st_size


def _is_within(written: int, since: int) -> bool:
    """Between `since` and now. A time in the future is none of an edit, and would make every request stale."""
    slack = _TICK if written % _SECOND else _COARSE
    return since - slack <= written <= time.time_ns() + slack

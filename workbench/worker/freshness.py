"""Knows which files the worker has loaded, and notices when one of them has changed."""

from __future__ import annotations

import os
import sys
from typing import Any


class Freshness:
    """The files behind sys.modules and the configuration, with their times and sizes."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int] | None] = {}
        self._modules: set[str] = set()

    def remember(self, settings: Any) -> None:
        """Take note of what is loaded now. A file that was noted before keeps the state it was loaded in."""
        self.remember_modules()
        for path in (settings.ini, settings.toml, *(os.path.join(settings.folder, name) for name in _DOTENV)):
            if path:
                self._seen.setdefault(path, _state(path))

    def remember_modules(self) -> None:
        """Take note of the modules alone."""
        for name, module in list(sys.modules.items()):
            if name not in self._modules:
                self._modules.add(name)
                path = getattr(module, "__file__", None)
                if isinstance(path, str) and path.endswith((".py", ".so", ".pyd")):
                    self._seen.setdefault(path, _state(path))

    def stale(self) -> str:
        """The first file that is not as it was loaded; empty if all are."""
        return next((path for path, state in self._seen.items() if _state(path) != state), "")


_DOTENV = (".env", ".flaskenv")  # env.py files read them through python-dotenv, which never overrides what is set


def _state(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size

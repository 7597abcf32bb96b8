"""Tells of the statements of an apply: many that are over at once in bulk, one that lasts as soon as it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from workbench.results import Event

SOON = 0.02
"""Seconds that one of many statements may run, or its end may wait for others, before it is told."""
_MANY = 50
"""Statements of a step that are told one by one: should this process die, it is known to the last what was executed."""


class Teller:
    """Passes events on in their order, from whichever thread they come.

    A message for each beginning and each end of ten thousand small statements costs more than many of these do. So
    what is over before it was told has no `statement`, only an `executed`; `runs.Watch` puts the other before it.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self._emit = emit
        self._is_undone = False
        self._count = 0
        self._waiting: list[Event] = []
        self._running: tuple[float, Event] | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def __enter__(self) -> Teller:  # noqa: PYI034 - Python 3.10 has no Self
        threading.Thread(target=self._look, daemon=True, name="workbench-telling").start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self()

    def __call__(self, *events: Any) -> None:
        """Tell these at once, after all that waits."""
        with self._lock:
            self._empty()
            running, self._running = self._running, None
            if running is not None:
                self._emit(running[1])
            for event in events:
                self._emit(event)

    def step_begins(self, *, is_undone: bool) -> None:
        """A step begins. Where it is not undone should this process die, nothing of it is told in bulk."""
        self._is_undone, self._count = is_undone, 0

    def begins(self, event: Event) -> None:
        """A statement begins."""
        if self._running is not None:
            self()  # it has failed, and its revision goes on
        self._count += 1
        if self._in_bulk:
            self._running = time.monotonic(), event
        else:
            self(event)

    def ends(self, event: Event) -> None:
        """It has ended."""
        with self._lock:
            self._running = None
            self._waiting.append(event)
            if not self._in_bulk:
                self._empty()

    @property
    def _in_bulk(self) -> bool:
        return self._is_undone and self._count > _MANY

    def _look(self) -> None:
        while not self._ended.wait(SOON):
            with self._lock:
                running = self._running
                if running is not None and time.monotonic() - running[0] >= SOON:
                    self._running = None
                    self._empty()
                    self._emit(running[1])
                elif self._waiting:
                    self._empty()

    def _empty(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._emit(waiting)

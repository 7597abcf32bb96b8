"""Traits that always reach the browser, so that nobody can forget to say so.

A trait without `.tag(sync=True)` works in Python and is silently stale on the screen.
"""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets


class Text(traitlets.Unicode[str, str]):
    """A string that the browser sees."""

    metadata: ClassVar[dict[str, Any]] = {"sync": True}  # type: ignore[misc] # each trait copies it


class Flag(traitlets.Bool[bool, bool]):
    """A yes or no that the browser sees."""

    metadata: ClassVar[dict[str, Any]] = {"sync": True}  # type: ignore[misc] # as above


class Number(traitlets.Int[int, int]):
    """A whole number that the browser sees."""

    metadata: ClassVar[dict[str, Any]] = {"sync": True}  # type: ignore[misc] # as above


class Mapping(traitlets.Dict):
    """A dict of JSON values that the browser sees."""

    metadata: ClassVar[dict[str, Any]] = {"sync": True}  # type: ignore[misc] # as above


class Items(traitlets.List[Any]):
    """A list of JSON values that the browser sees."""

    metadata: ClassVar[dict[str, Any]] = {"sync": True}  # type: ignore[misc] # as above

"""How far an apply has come."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Progress:
    """The step that is running; -1 between steps."""

    at: int = -1
    finished: list[int] = field(default_factory=list)
    failed: int = -1
    began: float = 0.0
    seconds: dict[int, float] = field(default_factory=dict)
    stopped: bool = False
    commits: int = 0
    executed: int = 0
    """How many statements had been executed when the running step began."""
    rolls_back: bool = True
    """Whether the database takes back what a step that fails has done."""
    kept: set[int] = field(default_factory=set)
    """Finished steps of which something stays if what follows fails: it was committed, or is never rolled back."""


class NotAgain(Exception):
    """A new try would meet what an earlier one has left."""

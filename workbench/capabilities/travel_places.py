"""Places of a history, and the schemas that were seen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.bridge.values import Scripts
from workbench.capabilities import differences
from workbench.environment.graph import Graph
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results import Database, SchemaObject
from workbench.results.definitions import Delta
from workbench.text import short_id
from workbench.worker.answers import Visit

Heads = tuple[str, ...]
BASE = "base"


@dataclass(frozen=True, repr=False)
class Scene:
    """What a travel starts from: the history, and the databases that env.py configures."""

    graph: Graph
    scripts: Scripts
    databases: tuple[Database, ...]
    baseline: Any = None
    """As the user gave it: a file, a callable, `module:callable`, or `live`."""


@dataclass(frozen=True, repr=False)
class Place:
    """What was seen at one place of the history: some heads with all that lies below them, and nothing else."""

    heads: Heads
    visits: tuple[tuple[str, Visit], ...]
    """By database; its objects carry its name."""

    @property
    def objects(self) -> tuple[SchemaObject, ...]:
        """What there is, of all databases."""
        return tuple(each for _, visit in self.visits for each in visit.objects)

    @property
    def deltas(self) -> tuple[Delta, ...] | None:
        """What a revision changed of what its own ancestors make, together; None if that is not known."""
        if any(visit.before is None for _, visit in self.visits):
            return None
        return tuple(
            delta for name, visit in self.visits for delta in differences.told(visit.before or (), visit.objects, name)
        )


@dataclass(frozen=True, repr=False)
class Journey:
    """The places that could be reached."""

    places: dict[Heads, Place]
    error: WorkbenchError | None = None
    """Why the others could not."""
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, WorkbenchError], ...] = ()
    """Each revision that failed, with its own error."""

    def place(self, heads: Heads) -> Place:
        """One of them.

        Raises:
            WorkbenchError: It could not be reached; this says why.

        """
        found = self.places.get(heads)
        if found is not None:
            return found
        if self.error is not None:
            raise self.error
        where = ", ".join(map(short_id, heads)) or BASE
        raise UnsupportedRequest(
            f"There is no schema of {where}: " + (" ".join(self.notes) or "the baseline stands above it already."),
            'Ask for a revision above it, or give another baseline=: an SQL file, "module:callable", or "live".',
        )

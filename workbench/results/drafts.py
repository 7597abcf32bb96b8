"""A revision that is not written yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.results.base import Result, origin_of
from workbench.results.schema_diff import Change
from workbench.text import short_id


@dataclass(frozen=True, repr=False)
class Draft(Result):
    """The file that `write()` would write, and nothing else."""

    revision: str
    """The id it will have."""
    message: str
    down_revisions: tuple[str, ...]
    """What it will follow; empty for a new base."""
    path: str
    """Where it will lie, relative to the folder of the configuration where possible."""
    code: str
    """The file's whole text."""
    changes: tuple[Change, ...] = ()
    """What it was made from; empty for an empty revision."""
    decisions: dict[str, Any] = field(default_factory=dict, compare=False)
    """What was asked for, as keyword arguments for `Workbench.revision`."""

    def write(self) -> Path:
        """Write the file, never over another one, and run the environment's post-write hooks.

        Raises:
            PlanOutdated: The revision files have moved since the Draft was made. Nothing was written.

        """
        path: Path = origin_of(self).write(self)
        return path

    def __repr__(self) -> str:
        follows = ", ".join(short_id(each) for each in self.down_revisions) or "base"
        return f"Draft({short_id(self.revision)}, {self.message!r}, follows {follows})"

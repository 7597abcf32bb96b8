"""The conditions that decide what another type makes of values."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.hazards.question import About


@dataclass(frozen=True)
class Told:
    """The conditions that decide, as SQL."""

    about: About = "cast"
    fails: str = ""
    what_fails: str = "have a value there that the new type does not take"
    loses: str = ""
    what_loses: str = "have another value afterwards"
    probe: str = ""
    always: bool = False
    """What fails, fails also where the server is not strict."""
    unknown: str = ""

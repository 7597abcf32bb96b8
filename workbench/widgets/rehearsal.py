"""What a person is told of a rehearsal before a Plan is applied."""

from __future__ import annotations

from workbench.results.rehearsals import Rehearsal


def warning(rehearsal: Rehearsal | None) -> str:
    """What the question says first where the very steps that are about to run failed in rehearsal; else nothing."""
    if rehearsal is None or rehearsal.ok or (rehearsal.passes and rehearsal.passes[0].ok):
        return ""
    return "Its rehearsal failed."

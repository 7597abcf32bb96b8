"""Tries again what could not have a lock, if nothing of it is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from workbench.errors import LockNotHad
from workbench.results import Event

if TYPE_CHECKING:
    from workbench.worker.applying import Applier

_GLANCE = 0.05  # seconds between two looks whether a wait was cancelled


def can_be_tried_again(applier: Applier) -> bool:
    """Whether it failed for want of a lock, and left nothing of the step that failed."""
    progress, commits = applier.progress, applier.job.guard.commits
    left = progress.failed >= 0 and (
        commits > progress.commits or (not progress.rolls_back and applier.executed > progress.executed)
    )
    return isinstance(applier.error, LockNotHad) and not left and not applier.job.is_cancelled()


def wait(applier: Applier, tried: int) -> bool:
    """Say that it is tried again, and wait until then; False if it was cancelled meanwhile."""
    failed, options = applier.progress.failed, applier.options
    seconds = options.backoff * 2**tried
    step = applier.plan.steps[failed] if failed >= 0 else None
    what = f"{step.revision} could" if step is not None else "It could"
    words = f"{what} not have a lock; trying again in {seconds:g} s ({tried + 1} of {options.retries})"
    database = step.database if step is not None else ""
    applier.tell(Event("notice", failed, step.revision if step else "", words, database=database))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if applier.job.is_cancelled():
            return False
        time.sleep(_GLANCE)
    return True

"""Writes the parts of a split Draft, all or none."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alembic import command

from workbench.bridge import configuration, drafting
from workbench.bridge.reparenting import with_parent
from workbench.bridge.values import Drafted
from workbench.errors import PlanOutdated
from workbench.worker import authoring

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


def write(job: Job, *, parts: tuple[tuple[Drafted, str, dict[str, Any]], ...]) -> tuple[str, ...]:
    """Write drafted files, if all would be made again; returns their paths.

    Args:
        job: The request.
        parts: What was shown, what the first part follows, and what was asked for it.

    """
    made = []
    for drafted, follows, asked in parts:  # all are made before one is written: a written one is a head of its own
        again = authoring.draft(job, created=drafted.created, **asked).drafted
        if again is not None and drafted.down_revisions != (follows,):
            code = with_parent(again.code.encode("utf-8"), follows, drafted.down_revisions[0]).decode("utf-8")
            again = replace(again, code=code)
        config = configuration.make_config(job.settings, command.revision, **asked["options"])
        made.append((configuration.script_directory(config), drafted, again))
    written: list[str] = []
    try:
        for script, drafted, again in made:
            try:
                drafting.write(script, drafted, again)
            except PlanOutdated:  # a file of that name is not ours to remove
                raise
            except BaseException:
                written.append(drafted.path)  # it is there if a post-write hook has failed
                raise
            written.append(drafted.path)
    except BaseException:
        for path in written:
            with contextlib.suppress(OSError):
                os.unlink(path)
        raise
    return tuple(written)

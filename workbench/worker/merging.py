"""Makes the revision that joins several heads, and writes it, as `alembic merge` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import command, util

from workbench.bridge import configuration, drafting, environments
from workbench.bridge.values import Drafted
from workbench.worker.answers import Authored

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


def draft(job: Job, *, options: dict[str, Any], created: str = "") -> Authored:
    """The file that `alembic merge` would write.

    Args:
        job: The request.
        options: As `alembic.command.merge` takes them.
        created: When the file was made, if it was before; see `Drafted`.

    """
    job.guard.url = job.settings.url
    with configuration.one_file_an_id(), environments.no_version_table(), drafting.created_at(created):
        config = configuration.make_config(job.settings, command.merge, **options)
        return Authored(drafting.caught(lambda: command.merge(config, **options)), (), ())


def write(job: Job, *, drafted: Drafted, options: dict[str, Any]) -> str:
    """Write a drafted merge, if it would be made again; returns its path."""
    try:
        again = draft(job, options=options, created=drafted.created).drafted
    except util.CommandError:  # what was a head is none any more
        again = None
    config = configuration.make_config(job.settings, command.merge, **options)
    return drafting.write(configuration.script_directory(config), drafted, again)

"""What the checks of good practice have to know of the models: their names, their keys, what was imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command

from workbench.bridge.practice_values import ModelsTold

if TYPE_CHECKING:
    from workbench.worker.tasks import Job


def practices(job: Job) -> ModelsTold:
    """What env.py has loaded, and what its models are called."""
    from workbench.bridge import model_names  # noqa: PLC0415 - others need not wait for what only this needs

    parts = job.run(lambda part: model_names.modelled(part, job.metadata), command.current)
    return ModelsTold(tuple(parts), model_names.loaded())

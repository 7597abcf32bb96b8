"""Finds the way back of operations that somebody writes by hand. Nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command

from workbench.bridge import environments

if TYPE_CHECKING:
    from workbench.bridge.authoring.by_hand import WayBack
    from workbench.bridge.environments import Part
    from workbench.bridge.values import Code, Kept
    from workbench.worker.tasks import Job


def way_back(
    job: Job, *, before: tuple[Code, ...], code: Code, kept: tuple[Kept, ...], in_full: bool = False
) -> WayBack:
    """The way back of `code` on the live database, of several on the first; see `bridge.authoring.by_hand`."""
    from workbench.bridge.authoring import by_hand  # noqa: PLC0415 - autogenerate: others need not wait for it

    told: list[WayBack] = []

    def work(part: Part) -> None:
        if not told:  # the databases of one env.py get the same code
            told.append(by_hand.way_back(part, before, code, kept, in_full=in_full))

    with environments.no_version_table():
        job.run(work, command.current)
    return told[0]

"""Asks Alembic which steps lead from the heads to a target."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from alembic import util
from alembic.runtime.migration import MigrationStep
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision

from workbench.bridge.environments import Part
from workbench.bridge.seals import digest
from workbench.errors import UnknownDatabaseRevision, UnsupportedRequest


@dataclass
class Stepped:
    """One of Alembic's steps and what we say of it."""

    step: Any
    revision: str
    message: str
    path: str
    digest: str


def steps_to(part: Part, direction: str, target: str, heads: tuple[str, ...] | None = None) -> list[Stepped]:
    """The steps in order, as `alembic upgrade/downgrade/stamp TARGET` would take them from `heads`.

    Raises:
        alembic.util.CommandError: As the command would.

    """
    script = part.script
    start = part.heads if heads is None else heads
    known = script.revision_map._revision_map
    unknown = ", ".join(sorted(each for each in start if each not in known))
    if unknown:
        raise UnknownDatabaseRevision(
            f"{part.name} stands at {unknown}, which no revision file has.",
            "The file is on another branch or another machine, as a rule: bring it here. If it is gone for good, make "
            "sure what the schema equals, and write that into the version table: `wb.stamp(…, purge=True)`.",
        )
    # Private, but it is all that `alembic.command` itself does; pytest-alembic uses it too.
    with _parents_remembered():
        if direction == "upgrade":
            steps = script._upgrade_revs(target, start)  # type: ignore[arg-type]
        elif direction == "downgrade":
            steps = script._downgrade_revs(target, start)  # type: ignore[arg-type]
        elif direction == "stamp":
            steps = script._stamp_revs(tuple(target.split(",")) if "," in target else target, start)  # type: ignore[assignment]
        else:
            raise UnsupportedRequest(f"There is no direction {direction!r}.")
    return [_described(script, step) for step in steps]


class _Once:
    """Stands in for a property of Alembic's: each object works it out once, and has it then."""

    def __init__(self, name: str, original: property) -> None:
        self.name, self.original = name, original
        self.had: list[dict[str, Any]] = []

    def __get__(self, revision: Any, owner: type) -> Any:
        told = vars(revision)[self.name] = self.original.__get__(revision, owner)
        self.had.append(vars(revision))
        return told


@contextlib.contextmanager
def _parents_remembered() -> Iterator[None]:
    """To sort a history with branches, Alembic works out over and over what a revision follows.

    Of 1,000 revisions with 100 branches it does so a hundred thousand times: a twentieth of the time of a preview.
    """
    name = "_normalized_down_revisions"
    original = vars(Revision).get(name)
    if not isinstance(original, property):
        yield
        return
    once = _Once(name, original)
    setattr(Revision, name, once)
    try:
        yield
    finally:
        setattr(Revision, name, original)
        for each in once.had:
            each.pop(name, None)


def step_of(script: ScriptDirectory, revision: str, direction: str) -> Any:
    """Alembic's step that runs this one revision in this direction, wherever the database stands."""
    make = MigrationStep.upgrade_from_script if direction == "upgrade" else MigrationStep.downgrade_from_script
    return make(script.revision_map, script.get_revision(revision))


def places(script: ScriptDirectory) -> dict[str, int]:
    """Of each revision: itself and all that it follows or depends on, as the bits of a number.

    Raises:
        alembic.util.CommandError: The revision files make no graph.

    """
    with script._catch_revision_errors():
        known = {id_: each for id_, each in script.revision_map._revision_map.items() if each is not None}
    below = {str(each.revision): tuple(each._all_down_revisions) for each in known.values()}
    found: dict[str, int] = {}
    for start in below:
        todo = [start]
        while todo:
            at = todo[-1]
            missing = [each for each in below[at] if each not in found]
            todo += missing
            if not missing:
                todo.pop()
                if at not in found:
                    found[at] = 1 << len(found)
                    for each in below[at]:
                        found[at] |= found[each]
    return found


def range_start(script: ScriptDirectory, start: str) -> tuple[str, ...]:
    """The ids that the left side of `from:to` stands for."""
    if start in {"", "base"}:
        return ()
    return tuple(script.get_revision(each).revision for each in start.split(","))


def _described(script: ScriptDirectory, step: Any) -> Stepped:
    revision = getattr(step, "revision", None)  # RevisionStep has a Revision here, StampStep has none
    if revision is None:
        to = getattr(step, "to_", None)
        revision = script.get_revision(to) if to else None
    if revision is None:
        return Stepped(step, "", "base", "", "")
    path = str(revision.path)
    return Stepped(step, revision.revision, revision.doc, path, digest(path))


def identifiers(path: str) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str] | None:
    """(revision, down_revision, depends_on, branch_labels, docstring) of a file, by running it; None if it cannot."""
    try:
        module = util.load_python_file(os.path.dirname(path), os.path.basename(path))
        told = [getattr(module, name, None) for name in ("down_revision", "depends_on", "branch_labels")]
        down, depends, labels = (tuple(str(each) for each in util.to_tuple(value, default=())) for value in told)
        return str(module.revision), down, depends, labels, str(module.__doc__ or "")
    except Exception:  # noqa: BLE001 - the tree shows what could be read; Alembic's own complaint comes when it is used
        return None

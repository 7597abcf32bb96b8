"""Asks Alembic's own RevisionMap what a range or a target means, over revisions that were only read."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

from alembic.script import ScriptDirectory
from alembic.script.revision import Revision, RevisionMap

from workbench.bridge.translate import translate
from workbench.bridge.values import Identifiers
from workbench.errors import UnsupportedRequest


def revision_map(files: Iterable[Identifiers]) -> RevisionMap:
    """Alembic's RevisionMap over these files, as ScriptDirectory would build it."""
    revisions = [
        Revision(each.revision, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
        for each in files
    ]
    return RevisionMap(lambda: revisions)


def in_range(files: Sequence[Identifiers], rev_range: str, current: tuple[str, ...], folder: str) -> list[str]:
    """The ids that `alembic history -r RANGE` lists, newest first.

    Raises:
        UnsupportedRequest: The range is not of the form `from:to`, or its ends do not lie on one line.
        RevisionNotFound: An end of it is no revision.

    """
    start, colon, end = rev_range.strip().partition(":")
    if not colon or ":" in end:
        raise UnsupportedRequest(
            f"{rev_range!r} is not a range.", "Write it as 'from:to', 'from:' or ':to', as for `alembic history -r`."
        )
    base = (current or "base") if start == "current" else start or "base"
    head = (current or "base") if end == "current" else end or "heads"
    return _walk(files, head, base, folder, inclusive=True, assert_relative_length=False)


def upgrade_order(files: Sequence[Identifiers], current: tuple[str, ...], folder: str) -> list[str]:
    """The ids that `alembic upgrade heads` would run from `current`, in that order.

    Raises:
        WorkbenchError: As Alembic would refuse.

    """
    return list(reversed(_walk(files, "heads", current, folder, implicit_base=True)))


def _walk(
    files: Sequence[Identifiers], head: str | tuple[str, ...], base: str | tuple[str, ...], folder: str, **options: bool
) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Alembic warns of what we show as a fault
            with ScriptDirectory._catch_revision_errors(None, start=str(base), end=str(head)):  # type: ignore[arg-type]
                return [each.revision for each in revision_map(files).iterate_revisions(head, base, **options)]
    except Exception as error:
        raise translate(error, set(), folder) from error

"""What the bridge takes and gives. Imports nothing of Alembic's, so that the kernel need not wait for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scripts:
    """Where the revision files are."""

    folder: str
    versions: tuple[str, ...]
    recursive: bool


@dataclass(frozen=True)
class Drafted:
    """The file that Alembic would have written."""

    revision: str
    down_revisions: tuple[str, ...]
    path: str
    code: str


@dataclass(frozen=True)
class Identifiers:
    """What a revision file says about its place."""

    revision: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]

"""One Draft in several revisions, in the order in which they can be run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.results.base import Result, frame, origin_of
from workbench.results.drafts import Draft
from workbench.text import plural

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class SplitPart(Result):
    """One of the revisions."""

    draft: Draft
    """Its file, which follows that of the part before; it is written with the others only."""
    keys: tuple[str, ...]
    """The choices of the whole Draft that are in it."""
    stage: Literal["expand", "contract"]
    """Whether code that runs already goes on with it, or may not."""
    tables: tuple[str, ...]
    """What it is about: tables that foreign keys, or what is done to them, join."""
    why: str
    """Why it stands there, as a sentence."""

    def __repr__(self) -> str:
        return f"SplitPart({self.draft.message!r}, {plural(len(self.keys), 'change')})"


@dataclass(frozen=True, repr=False)
class Split(Result):
    """The revisions that `write()` would write, all or none."""

    parts: tuple[SplitPart, ...]
    """The first to run first."""

    @property
    def last(self) -> Draft:
        """The Draft of the last part: its Plan and its rehearsal go through all of them."""
        return self.parts[-1].draft

    @property
    def written(self) -> tuple[str, ...]:
        """The files that `write()` has written; empty as long as it was not."""
        return tuple(each.draft.written for each in self.parts if each.draft.written)

    @property
    def df(self) -> pd.DataFrame:
        """One row a choice, in order.

        Columns: part (int64, from 1), revision, message, stage, key (all str).
        """
        rows = [
            {"part": number, "revision": each.draft.revision, "message": each.draft.message, "stage": each.stage,
             "key": key}
            for number, each in enumerate(self.parts, 1)
            for key in each.keys
        ]  # fmt: skip
        return frame(rows, {"part": "int64", **dict.fromkeys(("revision", "message", "stage", "key"), "object")})

    def write(self) -> tuple[Path, ...]:
        """Write all files, or none: what is written before one fails is removed again.

        Raises:
            PlanOutdated: The revision files, the models or the database have moved since. Nothing was written.
            WriteFailed: The folder cannot be written, or a post-write hook failed. Nothing was left there.

        """
        paths: tuple[Path, ...] = origin_of(self).write_split(self)
        return paths

    def __repr__(self) -> str:
        return f"Split({plural(len(self.parts), 'revision')})"

"""The part of the Workbench that makes several revisions of one Draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import apply as writers
from workbench.bridge.reparenting import with_parent
from workbench.capabilities import practices_operations, splitting
from workbench.facade.authoring import Authoring
from workbench.results.base import attach
from workbench.results.splits import Split, SplitPart

if TYPE_CHECKING:
    from workbench.results import Draft


class Splitting(Authoring):
    """Questions about a Draft that does too much."""

    def split(self, draft: Draft) -> Split:
        """The same in several revisions; see `Draft.split`."""
        splitting.check(draft)
        found: list[Draft] = []
        told = []
        keys = practices_operations.keys_of(self._client.call("practices"))
        for each in splitting.parts(draft, keys):
            part = self._after(self._part(draft, each, is_first=not found), tuple(found))
            found.append(part)
            names = tuple(one.key for one in each.choices)
            told.append(SplitPart(part, names, each.stage, each.tables, splitting.WHY[each.stage]))
        return attach(Split(tuple(told)), self)

    def write_split(self, split: Split) -> tuple[Path, ...]:
        """Write all files that `split` shows, or none; see `Split.write`."""
        drafts = [each.draft for each in split.parts]
        asked = [self._asked_again(each) for each in drafts]
        paths = writers.write_split(self._client, drafts, self.folder, asked, read_only=self.read_only)
        for each in drafts:
            object.__setattr__(each, "_written", each.path)
        return paths

    # -- inside ---------------------------------------------------------------------------------------------------

    def _part(self, draft: Draft, part: splitting.Part, *, is_first: bool) -> Draft:
        """What Alembic makes of its choices alone, after the head that the whole follows."""
        told = splitting.decisions(draft, part, is_first=is_first)
        return self._drafted(splitting.message(part), told, getattr(draft, "_baseline", None), None)

    def _after(self, made: Draft, parts: tuple[Draft, ...]) -> Draft:
        """The same after these parts, which Alembic does not know of yet."""
        if not parts:
            return made
        last = parts[-1].revision
        code = with_parent(made.code.encode("utf-8"), made.down_revisions[0], last).decode("utf-8")
        told = attach(replace(made, down_revisions=(last,), code=code), self)
        for name in ("_baseline", "_rewritten"):
            object.__setattr__(told, name, getattr(made, name, None))
        object.__setattr__(told, "_parts_before", parts)
        return told

"""What of a Draft only its author can decide, as Questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.results.choices import Question
from workbench.results.definitions import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.results.drafts import Draft
    from workbench.results.renames import RenameCandidate

_WORTH_ASKING = 0.3
"""Of a rename how likely it has to be."""
_FILLED = {"set-not-null", "add-required-column", "pg-set-not-null-scan"}
"""The rules that find rows without a value."""


def asked(draft: Draft) -> Iterator[Question]:
    """Each that is not decided yet: where it goes, what it is called, what is a rename, what rows shall hold."""
    yield from _placing(draft)
    yield from _naming(draft)
    yield from _renaming(draft)
    yield from _filling(draft)


def _placing(draft: Draft) -> Iterator[Question]:
    if draft.is_headless:
        options = (*draft.heads, ("heads", "it follows all of them, and joins them into one"))
        yield Question("head", "head", f"Which of the {len(draft.heads)} heads does it follow?", options)


def _naming(draft: Draft) -> Iterator[Question]:
    if draft.undescriptive and not draft.decisions.get("any_message"):
        yield Question("message", "message", f"What does it do? {draft.undescriptive}")


def _renaming(draft: Draft) -> Iterator[Question]:
    decided = draft.decisions.get("renames", {})
    known: dict[str, list[RenameCandidate]] = {}
    for each in draft.candidates:
        if each.key not in decided and each.score >= _WORTH_ASKING:
            known.setdefault(each.key, []).append(each)
    taken = set(decided.values())
    for key, found in known.items():
        free = [each for each in found if each.come not in taken]
        if free:
            one = f" called {free[0].come} now" if len(free) == 1 else " called something else now"
            options = tuple((each.come, _why(each)) for each in free)
            yield Question("rename", key, f"Is {key}{one}, or is it gone?", options)


def _why(candidate: RenameCandidate) -> str:
    told = "; ".join(candidate.reasons)
    against = f"; but {'; '.join(candidate.against)}" if candidate.against else ""
    return f"{candidate.score:.0%}: {told}{against}"


def _filling(draft: Draft) -> Iterator[Question]:
    for choice in draft.choices:
        if not choice.ticked or choice.key in draft.decisions.get("fills", {}):
            continue
        if choice.kind == "modify_enum" and choice.lost is not None:
            yield Question("fill", choice.key, f"What shall rows be whose value of {choice.object} goes?")
            continue
        told = draft.findings_of(choice)
        found = [each for each in told if each.rule in _FILLED and each.outcome != "advice"]
        if any(each.evidence.verdict != "clean" for each in found):
            yield Question("fill", choice.key, f"What shall {choice.object} be in the rows that have no value?")
        elif any(each.evidence.verdict.startswith("will ") for each in told) and draft.columns_of(choice):
            names = ", ".join(dotted(*choice.table, each) for each in draft.columns_of(choice))
            yield Question("fill", choice.key, f"What shall {names} be in the rows that are in the way?")

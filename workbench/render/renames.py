"""What is asked of a revision's author, as text: candidates for renames, and tried backfills."""

from __future__ import annotations

from workbench.results.backfills import Backfill, Filled
from workbench.results.renames import RenameCandidate
from workbench.text import aligned, one_line, shorten

_WIDTH = 40


def rename_text(candidate: RenameCandidate) -> str:
    """`column customer.nickname -> display_name  0.98` and what speaks for and against it, a line each."""
    lines = [one_line(f"{candidate.key} -> {candidate.come}") + f"  {candidate.score:.2f}"]
    lines += [f"  + {one_line(each)}" for each in candidate.reasons]
    lines += [f"  - {one_line(each)}" for each in candidate.against]
    return "\n".join(lines)


def backfill_text(told: Backfill) -> str:
    """`customer.email: 3 rows in the way, 1 left`, the worst rows, and the code."""
    parts = [one_line(told.shown), aligned(_cells(each) for each in told.rows), "\n".join(told.upgrade)]
    return "\n\n".join(each for each in parts if each)


def filled_text(told: Filled) -> str:
    """`(3,)  None -> 'x'  is still NULL`."""
    return "  ".join(_cells(told)).rstrip()


def _cells(told: Filled) -> tuple[str, ...]:
    key = ", ".join(map(str, told.key))
    change = f"{shorten(repr(told.old), _WIDTH)} -> {shorten(repr(told.new), _WIDTH)}"
    return one_line(key), change, one_line(told.problem)

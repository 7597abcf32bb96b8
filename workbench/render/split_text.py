"""A Split as text: how many revisions, and each with its message, its place and what it does."""

from __future__ import annotations

from workbench.results.splits import Split, SplitPart
from workbench.text import one_line, plural, short_id


def title(split: Split) -> str:
    """The answer in a sentence."""
    count = plural(len(split.parts), "revision")
    if split.written:
        return f"{count} written"
    return f"{count}, not written yet" if len(split.parts) > 1 else "It does one thing: there is nothing to split"


def heading(number: int, part: SplitPart) -> str:
    """`1. f3a9c1d2 add column customer.email`."""
    return f"{number}. {short_id(part.draft.revision)} {one_line(part.draft.message)}"


def split_text(split: Split) -> str:
    """The whole."""
    parts = [f"{title(split)}."]
    parts += ["\n".join((heading(number, each), *_lines(each))) for number, each in enumerate(split.parts, 1)]
    if not split.written:
        parts.append("split.write() writes all of them or none; wb.rehearse(split.last) tries them on a copy first.")
    return "\n\n".join(parts)


def part_text(part: SplitPart) -> str:
    """One part."""
    return "\n".join((f"{short_id(part.draft.revision)} {one_line(part.draft.message)}", *_lines(part)))


def _lines(part: SplitPart) -> list[str]:
    return [f"    {part.why}", *(f"    - {one_line(key)}" for key in part.keys)]

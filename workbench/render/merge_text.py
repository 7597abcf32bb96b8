"""A Merge as text: its branches, where they meet, whether the order matters, and the file."""

from __future__ import annotations

from workbench.render import check_text, merge_words
from workbench.results.merges import Branch, Deed, Known, Meeting, Merge, Order, OrderDifference, Reparent
from workbench.text import aligned, one_line, plural, short_id, visible

_SIGNS = {"good": "✔", "warn": "⚠", "bad": "✖", "todo": "○"}


def merge_text(merge: Merge) -> str:
    """The whole."""
    parts = [merge_words.title(merge), *(f"⚠ {one_line(each)}" for each in merge.notes)]
    parts += [branch_text(each) for each in merge.branches]
    parts.append(_met(merge))
    parts += ["\n\n".join(check_text.findings_text(merge.clashes))] if merge.clashes else []
    parts += [_order(merge), _ways(merge)]
    if merge.problem:
        parts.append(f"This code cannot be run: {one_line(merge.problem)}.")
    if merge.code:
        parts.append(f"{merge_words.joined(merge)}\n\n{visible(merge.code).rstrip()}")
    return "\n\n".join(part for part in parts if part)


def branch_text(branch: Branch) -> str:
    """What it does, revision by revision, and who has it."""
    lines = [f"{merge_words.branch(branch)}, {merge_words.who_has(branch)}"]
    for revision, message, deeds in merge_words.deeds_of(branch):
        lines += [f"  {revision}  {message}", *(f"      {each}" for each in deeds)]
    return "\n".join(lines)


def _met(merge: Merge) -> str:
    if not merge.meetings:
        return merge_words.nothing_met(merge)
    lines = ["More than one touches:"]
    for each in merge.meetings[: merge_words.MEETINGS_SHOWN]:
        what, told = merge_words.meeting(merge, each)
        lines += [f"  {what}", *(f"    {line}" for line in aligned(told).split("\n"))]
    more = len(merge.meetings) - merge_words.MEETINGS_SHOWN
    return "\n".join([*lines, *([f"  … {plural(more, 'more meeting')} not shown"] if more > 0 else [])])


def _order(merge: Merge) -> str:
    lines = [f"{_SIGNS[merge_words.KINDS[merge.order.verdict]]} {merge_words.order(merge)}"]
    rows = merge_words.differences(merge)
    lines += [f"    {line}" for line in aligned(rows).split("\n") if line]
    hidden = len(merge.order.differences) + len(merge.order.rows) - merge_words.DIFFERENCES_SHOWN
    lines += [f"    … {plural(hidden, 'more difference')} not shown; all: .order"] if hidden > 0 else []
    for each, error in merge.order.failures:
        told = visible(str(error)).split("\n")
        lines += [f"  {merge_words.names(merge, each)}:", *(f"    {line}" for line in told)]
    return "\n".join([*lines, *(f"  {each}" for each in merge_words.consequences(merge))])


def _ways(merge: Merge) -> str:
    told = [f"{sentence}: {call}" if call else sentence for sentence, call in merge_words.ways(merge)]
    return "\n".join([*told, merge_words.KNOWN])


def reparent_text(reparent: Reparent) -> str:
    """What would follow what, and the change of the file."""
    return f"{merge_words.reparent(reparent)}: {one_line(reparent.path)}\n\n{visible(reparent.diff)}"


def deed_text(deed: Deed) -> str:
    """One on a line."""
    return f"{one_line(short_id(deed.revision))} {merge_words.deed(deed)}"


def known_text(known: Known) -> str:
    """A database, and what it has."""
    where = "says the journal" if known.source == "journal" else "asked just now"
    return f"{one_line(known.name)} has {plural(len(known.revisions), 'revision')} of it ({where})"


def meeting_text(meeting: Meeting) -> str:
    """What is met, and how."""
    told = [(one_line(short_id(head)), merge_words.deed(each)) for head, each in meeting.deeds]
    return "\n".join([one_line(meeting.object), *(f"  {line}" for line in aligned(told).split("\n"))])


def order_text(order: Order) -> str:
    """The verdict."""
    return merge_words.order_alone(order)


def difference_text(each: OrderDifference) -> str:
    """One on a line."""
    return f"{one_line(each.kind)} {one_line(each.name)}: {one_line(each.first)} / {one_line(each.second)}"

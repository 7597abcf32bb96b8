"""The words for a Merge: what each branch does, where they meet, whether the order matters, and the other way out."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import words
from workbench.render.page import Kind
from workbench.results.merges import Branch, Deed, Heads, Known, Meeting, Merge, Order, OrderDifference, Reparent
from workbench.results.rehearsals import RowsChanged
from workbench.text import one_line, plural, short_id, shorten

DEEDS_SHOWN = 100
"""Of one branch."""
MEETINGS_SHOWN = 60
DIFFERENCES_SHOWN = 60
SIDE_SHOWN = 80
_VERBS = {
    "insert": "insert into", "bulk_insert": "insert into", "delete": "delete from", "sql": "SQL that is not understood",
    "select": "read", "add_enum_value": "add a value to",
}  # fmt: skip
KINDS: dict[str, Kind] = {"same": "good", "fixed": "good", "differs": "warn", "fails": "bad", "not tried": "todo"}
KNOWN = "Known are the databases that env.py connects to, and those in the journal of this machine."


def title(merge: Merge) -> str:
    """`2 heads, parted at 9f31c0aa: reporting and checkout`."""
    names = words.both([one_line(each.name) for each in merge.branches])
    at = f"parted at {words.heads(merge.parted)}" if merge.parted else "with nothing in common"
    return f"{plural(len(merge.branches), 'head')}, {at}: {names}"


def branch(each: Branch) -> str:
    """`reporting (head 77b1e2d4): 2 revisions`; the head where the name is a label."""
    head = f" (head {one_line(short_id(each.head))})" if each.label else ""
    return f"{one_line(each.name)}{head}: {plural(len(each.revisions), 'revision')}"


def who_has(each: Branch) -> str:
    """`on main: all of it`, `on no known database`."""
    if not each.known:
        return "on no known database"
    return "on " + words.both([known(one, each) for one in each.known])


def known(one: Known, each: Branch) -> str:
    """`main (1 of 2 revisions)`."""
    count = len(one.revisions)
    part = "" if count == len(each.revisions) else f"{count} of {plural(len(each.revisions), 'revision')}"
    told = ", ".join(filter(None, (part, "says the journal" if one.source == "journal" else "")))
    return one_line(one.name) + (f" ({told})" if told else "")


def deed(each: Deed) -> str:
    """`add column customer.phone`."""
    verb = _VERBS.get(each.kind, each.kind.replace("_", " "))
    new = f" → {one_line(each.new_name)}" if each.new_name else ""
    where = f"{one_line(each.database)}: " if each.database else ""
    others = [one_line(name) for name in each.columns if not each.object.endswith(f".{name}")]
    columns = f" ({', '.join(others)})" if others else ""
    return f"{where}{verb} {one_line(each.object)}".rstrip() + columns + new


def deeds_of(each: Branch) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each revision with its message and what it does."""
    left = DEEDS_SHOWN
    for revision, message in each.revisions:
        told = [deed(one) for one in each.deeds if one.revision == revision]
        shown = tuple(told[:left])
        left -= len(shown)
        if len(shown) < len(told):
            shown += (f"… {plural(len(told) - len(shown), 'more thing')} not shown; all: .df",)
        yield one_line(short_id(revision)), one_line(message), shown or ("nothing to a table",)


def meeting(merge: Merge, each: Meeting) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What is met, and what each branch does there."""
    where = f"{one_line(each.database)}: " if each.database else ""
    columns = f" ({', '.join(map(one_line, each.columns))})" if each.columns else ""
    told = [
        (one_line(branch.name), ", ".join(dict.fromkeys(deed(one) for at, one in each.deeds if at == branch.head)))
        for branch in merge.branches
    ]
    return f"{where}{one_line(each.object)}{columns}", tuple(pair for pair in told if pair[1])


def nothing_met(merge: Merge) -> str:
    """That they do not meet."""
    if any(not each.deeds for each in merge.branches):
        return ""
    return "No two branches touch the same table."


# --- the order ---


def order(merge: Merge) -> str:
    """Whether it matters, in a sentence."""
    told = merge.order
    if told.verdict == "not tried":
        return f"Whether the order matters was not tried. {one_line(told.why)}"
    if told.verdict == "fixed":
        return f"There is only one order: {one_line(told.why)}"
    ways = words.both([f"“{names(merge, each)}”" for each in told.orders])
    what = "schema" if told.data == "none" and told.filled == "copy" else "schema and rows"
    untried = len(told.orders[0]) > 2  # noqa: PLR2004 - two heads have no more than the two orders
    rest = " Other orders were not tried." if untried else ""
    if told.verdict == "same":
        claim = "No difference was found" if untried else "The order does not matter"
        return f"{claim}: {ways} give the same {what}, {_where(merge)}.{rest}"
    if told.verdict == "differs":
        return f"The order matters: {ways} do not give the same {what}, {_where(merge)}.{rest}"
    if len(told.failures) == len(told.orders):
        return f"Neither {f'of {ways}' if untried else 'order'} can be run, {_where(merge)}.{rest}"
    failed = names(merge, told.failures[0][0])
    only = f"One of {ways} cannot be run" if untried else "Only one order can be run"
    return f"{only}: “{failed}” fails, {_where(merge)}.{rest}"


def names(merge: Merge, heads: Heads) -> str:
    """`reporting, then checkout`."""
    known_as = {each.head: one_line(each.name) for each in merge.branches}
    return ", then ".join(known_as.get(each, one_line(short_id(each))) for each in heads)


def _where(merge: Merge) -> str:
    told = merge.order
    if told.filled == "replay":
        return "on a database made by the revisions"
    places = words.both([words.where(each) for each in merge.databases]) or "the database"
    amount = plural(told.rows_copied, "row")
    return {
        "full": f"on a copy of {places} ({amount})",
        "sample": f"on a sample of {places} ({amount})",
        "none": f"on a copy of {places} without its rows",
    }[told.data]


def consequences(merge: Merge) -> Iterator[str]:
    """What that means for databases, and what was left out."""
    told = merge.order
    failed = [each for each, _ in told.failures]
    if told.verdict == "fails" and len(failed) < len(told.orders) and len(merge.branches) == 2:  # noqa: PLR2004 - one and the other
        first, second = (names(merge, (each,)) for each in failed[0])
        yield f"A database that has {first} first cannot go on to {second}, merged or not."
    if told.verdict == "differs":
        yield "Databases that had one branch first will not be the same as those that had the other."
    if told.restless:
        left_out = ", ".join(map(one_line, told.restless))
        yield f"Left out, because it differs each time the same order is run: {left_out}."
    yield from map(one_line, told.notes)


def difference(merge: Merge, each: OrderDifference) -> tuple[str, str, str, str]:
    """Kind, name, and what it is after the one and the other order."""
    where = f"{one_line(each.database)}: " if len(merge.databases) > 1 else ""
    return one_line(each.kind), f"{where}{one_line(each.name)}", _side(each.first), _side(each.second)


def rows(merge: Merge, each: RowsChanged) -> tuple[str, str, str, str]:
    """The same for the rows of a table."""
    where = f"{one_line(each.database)}: " if len(merge.databases) > 1 else ""
    told = []
    if each.changed:
        columns = f" in {', '.join(map(one_line, each.columns))}" if each.columns else ""
        told.append(f"{plural(each.changed, 'row')} with other values{columns}")
    ones = plural(each.before, "row") + (f", {each.vanished:,} only here" if each.vanished else "")
    others = plural(each.after, "row") + (f", {each.appeared:,} only here" if each.appeared else "")
    return "rows", f"{where}{one_line(each.table)}" + (f": {told[0]}" if told else ""), ones, others


def differences(merge: Merge) -> list[tuple[str, str, str, str]]:
    """A header with the orders, and a row for each thing that differs."""
    told = [difference(merge, each) for each in merge.order.differences]
    told += [rows(merge, each) for each in merge.order.rows]
    if not told:
        return []
    sides = tuple(names(merge, each) for each in merge.order.orders)
    return [("", "what", *sides), *told[:DIFFERENCES_SHOWN]]  # type: ignore[list-item] # there are two orders


def _side(definition: str) -> str:
    return shorten(definition, SIDE_SHOWN) or "(not there)"


# --- the two ways out ---


def joined(merge: Merge) -> str:
    """The first way out."""
    return f"To join them, write {one_line(merge.path)}:" if merge.path else ""


def ways(merge: Merge) -> Iterator[tuple[str, str]]:
    """The second way out, branch by branch: a sentence, and the call; an empty call where there is none."""
    movable = set(merge.movable)
    several = len(merge.branches) > 2  # noqa: PLR2004 - else it is clear whom it follows
    for each in merge.branches:
        if each.stays:
            yield f"{one_line(each.name)} stays where it is. {one_line(each.stays)}", ""
            continue
        for other in merge.branches:
            if other is each:
                continue
            if (each.head, other.head) in movable:
                onto = f", onto={other.name!r}" if several else ""
                call = f"merge.reparent({each.name!r}{onto})"
                yield (
                    f"{one_line(each.name)} can follow {one_line(other.name)} instead, without a merge",
                    one_line(call),
                )
            else:
                yield f"{one_line(each.name)} cannot follow {one_line(other.name)}: in this order it fails.", ""


JOINED, FOLLOWS = "A merge revision", "Or one follows the other"
"""The headings of the two ways out on a page."""


def reparent(each: Reparent) -> str:
    """`b1 follows a1 instead of r1, not written yet`."""
    revision, onto, was = (one_line(short_id(it)) for it in (each.revision, each.onto, each.follows))
    return f"{revision} “{one_line(each.message)}” would follow {onto} instead of {was}, not written yet"


def order_alone(told: Order) -> str:
    """An Order without its Merge."""
    why = f" {one_line(told.why)}" if told.why else ""
    return f"order: {told.verdict}{why}"

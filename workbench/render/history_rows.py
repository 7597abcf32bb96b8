"""The rows of the history tree, and the words on them: what the text, the static page and the live view all say."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from workbench.render.lanes import Edge, Lanes, layout
from workbench.results import History, Revision
from workbench.text import one_line, plural, short_id

Sort = Literal["revision", "no file", "base"]

APPLIED, PARTLY, PENDING, BROKEN, NOT_KNOWN, NO_FILE, NOTHING = "●", "◐", "○", "✖", "◌", "?", "·"
HERE = "▶"


@dataclass(frozen=True)
class Row:
    """One line of the tree: a revision, or a place of the database that no revision stands for."""

    sort: Sort
    id: str
    glyph: str
    """Filled, hollow, crossed: the state without a colour."""
    word: str
    """The state in a word: `applied`, `pending`, `broken`, `not known`, `no file`."""
    message: str
    """On one line. For a broken file without a message, what is wrong with it."""
    labels: tuple[str, ...] = ()
    """The branch labels written in its file."""
    is_head: bool = False
    here: str = ""
    """`the database is here`, `bookshop and audit are here`; empty if none is."""
    notes: tuple[str, ...] = ()
    """What else there is to say: merge, branch point, what it depends on, who lacks it, what is wrong."""
    revision: Revision | None = None

    @property
    def short(self) -> str:
        """The id as it is shown."""
        return short_id(one_line(self.id)) if self.sort != "base" else "base"

    @property
    def spoken(self) -> str:
        """The whole row in words, for a screen reader and for hovering."""
        labels = f"branch label {', '.join(map(one_line, self.labels))}" if self.labels else ""
        parts = (self.short, self.message, labels, "head" if self.is_head else "", self.word, self.here, *self.notes)
        return ", ".join(part for part in parts if part)


class Tree(NamedTuple):
    """All rows and the lines between them."""

    rows: tuple[Row, ...]
    lanes: Lanes


class Fold(NamedTuple):
    """Rows `start` to `stop - 1`, of which only the number is shown."""

    start: int
    stop: int
    words: str


def tree(history: History) -> Tree:
    """The rows from top to bottom: places that no file has, then the revisions, then base where a database is.

    Remembered with the History, which does not change: text, HTML and the live view of 5,000 revisions all ask.
    """
    known: Tree | None = history.__dict__.get("_tree")
    if known is None:
        known = _tree(history)
        object.__setattr__(history, "_tree", known)
    return known


def _tree(history: History) -> Tree:
    above = [
        Row("no file", each, NO_FILE, "no file", "no file has this revision", here=_here(history, each))
        for each in history.unknown
    ]
    rows = [*above, *(_row(history, each) for each in history.revisions)]
    lanes = layout(history.revisions)
    columns = (*(0 for _ in above), *lanes.columns)
    edges = tuple(_moved(edge, len(above)) for edge in lanes.edges)
    at_base = _names(history, tuple(each.name for each in history.databases if not each.heads))
    if at_base and history.rev_range is None:
        rows.append(Row("base", "", NOTHING, "", "nothing is applied yet", here=at_base))
        columns += (0,)
    return Tree(tuple(rows), Lanes(columns, edges, max(lanes.width, 1)))


def sentence(history: History) -> str:
    """The answer first: what is pending, where the database is, how many heads there are, what is broken."""
    heads = plural(len(history.heads), "head")
    broken = len(history.faults)
    faults = [f"{plural(broken, 'file')} {'is' if broken == 1 else 'are'} broken"] if broken else []
    within = f" in {one_line(history.rev_range)}" if history.rev_range else ""
    if history.problem or not (history.databases or history.current):
        count = plural(len(history.revisions), "revision") if history.revisions else "No revisions yet"
        told = [f"{count}{within}", heads, "where the database stands is not known", *faults]
    elif not history.revisions:
        told = [f"No revisions{within}" if within else "No revisions yet", place(history)]
    else:
        pending = len(history.pending)
        told = [
            f"{plural(pending, 'revision') if pending else 'Nothing'} pending{within}",
            place(history),
            heads,
            *faults,
        ]
    return "; ".join(told) + "."


def place(history: History) -> str:
    """`the database is at 9f31c0aa`; with several databases, each with its name."""
    shown = {each.revision for each in history.revisions}

    def spot(heads: Sequence[str]) -> str:
        told = [short_id(one_line(head)) + _aside(history, head, shown, alone=len(heads) == 1) for head in heads]
        return " and ".join(told) or "base"

    if len(history.databases) < 2:  # noqa: PLR2004 - one needs no name
        return f"the database is at {spot(history.current)}"
    first, *others = history.databases
    return ", ".join(
        [f"{one_line(first.name)} is at {spot(first.heads)}"]
        + [f"{one_line(each.name)} at {spot(each.heads)}" for each in others]
    )


def folded(shown: Tree, cap: int) -> tuple[int | Fold, ...]:
    """At most about `cap` lines: indexes of rows to show, and folds in place of the others.

    The database's place is never folded, nor are heads and broken files as long as they fit;
    long straight runs go first.
    """
    count = len(shown.rows)
    if count <= cap:
        return tuple(range(count))
    wanted = _by_importance(shown, cap)
    keep: set[int] = set()
    lines = 0
    for row in wanted:
        # A row next to one that is kept takes the fold's line over; one on its own splits a fold in two.
        cost = 2 - (row - 1 in keep or row == 0) - (row + 1 in keep or row == count - 1)
        if lines + cost <= cap or shown.rows[row].here:
            keep.add(row)
            lines += cost
        if lines >= cap:
            break
    made: list[int | Fold] = []
    row = 0
    while row < count:
        stop = row
        while stop < count and stop not in keep:
            stop += 1
        if stop - row > 1:
            made.append(Fold(row, stop, _more(shown.rows[row:stop])))
            row = stop
        else:
            made.append(row)
            row += 1
    return tuple(made)


def by_entry(
    lanes: Lanes, entries: Sequence[int | Fold]
) -> tuple[dict[int, list[Edge]], dict[int, list[Edge]], list[list[Edge]]]:
    """The edges that leave each row, those that arrive at it, and those that run past each entry."""
    starts: dict[int, list[Edge]] = defaultdict(list)
    ends: dict[int, list[Edge]] = defaultdict(list)
    through: list[list[Edge]] = [[] for _ in entries]
    tops = [entry.start if isinstance(entry, Fold) else entry for entry in entries]
    for edge in lanes.edges:
        starts[edge.from_row].append(edge)
        if edge.to_row is None:
            continue
        ends[edge.to_row].append(edge)
        for place in range(max(bisect_right(tops, edge.from_row) - 1, 0), bisect_right(tops, edge.to_row)):
            entry = entries[place]
            if isinstance(entry, Fold):
                passes = any(edge.from_row < limit <= edge.to_row for limit in (entry.start, entry.stop))
            else:
                passes = edge.from_row < entry < edge.to_row
            if passes:
                through[place].append(edge)
    return starts, ends, through


def _row(history: History, each: Revision) -> Row:
    message = one_line(each.message)
    fault = one_line(each.fault or "")
    notes = [
        "merge" if each.is_merge_point else "",
        "branch point" if each.is_branch_point else "",
        "depends on " + ", ".join(short_id(one_line(name)) for name in each.depends_on) if each.depends_on else "",
        "missing in " + ", ".join(map(one_line, each.missing_in)) if each.missing_in else "",
        fault if message else "",
    ]
    glyph, word = {
        "applied": (APPLIED, "applied"),
        "pending": (PENDING, "pending"),
        "unknown": (NOT_KNOWN, "not known"),
    }[each.state]
    if each.missing_in:
        glyph = PARTLY
    if each.fault:
        glyph, word = BROKEN, "broken"
    return Row(
        sort="revision",
        id=each.revision,
        glyph=glyph,
        word=word,
        message=message or fault,
        labels=each.branch_labels,
        is_head=each.is_head,
        here=_here(history, each.revision),
        notes=tuple(note for note in notes if note),
        revision=each,
    )


def _here(history: History, revision: str) -> str:
    names = tuple(each.name for each in history.databases if revision in each.heads)
    if not names and revision in history.current:
        return "the database is here"
    return _names(history, names)


def _names(history: History, names: Sequence[str]) -> str:
    if not names:
        return ""
    if len(history.databases) == 1:
        return "the database is here"
    told = [one_line(name) for name in names]
    together = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    return f"{together} {'is' if len(told) == 1 else 'are'} here"


def _aside(history: History, head: str, shown: set[str], *, alone: bool) -> str:
    if head in history.unknown:
        return ", which no file has" if alone else " (which no file has)"
    return " (not in this range)" if history.rev_range and head not in shown else ""


def _moved(edge: Edge, rows: int) -> Edge:
    to_row = None if edge.to_row is None else edge.to_row + rows
    return edge._replace(from_row=edge.from_row + rows, to_row=to_row) if rows else edge


def _by_importance(shown: Tree, cap: int) -> list[int]:
    places = [row for row, each in enumerate(shown.rows) if each.here]
    near = {row + step for row in places for step in (-2, -1, 1, 2)}
    ends = {0, len(shown.rows) - 1}
    turns = {row for row, each in enumerate(shown.rows) if {"merge", "branch point"} & set(each.notes)}

    def rank(row: int) -> int:
        each = shown.rows[row]
        if each.here:
            return 0
        if each.is_head:
            return 1
        if each.word == "broken":
            return 2
        if row in near or row in ends:
            return 3
        # Where branches part and meet is worth its line only if there is little of it.
        return 4 if each.labels else 5 if row in turns and len(turns) <= cap // 4 else 6

    return sorted(range(len(shown.rows)), key=lambda row: (rank(row), row))


def _more(rows: Sequence[Row]) -> str:
    words = Counter(each.word for each in rows if each.word)
    total = sum(words.values())
    if len(words) == 1:
        return f"… {total:,} more, all {next(iter(words))}"
    return f"… {total:,} more: " + ", ".join(f"{count:,} {word}" for word, count in sorted(words.items()))

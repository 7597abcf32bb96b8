"""Where each revision and each line of the history tree goes.

A pure function from revisions to rows and columns, drawn later as text, as SVG, and by the widget's script.
Rows are revisions, newest first. An edge leaves its child sideways to its column (`via`), runs down
that column, and goes sideways into its parent; a child's first parent follows straight below it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.results import Revision

Kind = Literal["parent", "depends_on"]


class Edge(NamedTuple):
    """One line, from a revision down to one that it follows or depends on."""

    from_row: int
    from_column: int
    to_row: int | None
    """None: no revision further down has the id (missing, or part of a cycle); drawn as a short stub."""
    to_column: int
    via: int
    """The column it runs down in."""
    kind: Kind


class Lanes(NamedTuple):
    """The whole layout."""

    columns: tuple[int, ...]
    """The column of each revision, in the order of the revisions."""
    edges: tuple[Edge, ...]
    """In the order of their upper ends; those of one revision in the order in which it names them."""
    width: int
    """How many columns there are."""


class _Open(NamedTuple):
    """An edge that has not reached its lower end yet."""

    place: int  # its index among all edges, which are ordered by their upper ends
    from_row: int
    from_column: int
    via: int
    kind: Kind


def layout(revisions: Sequence[Revision]) -> Lanes:
    """Give every revision a column and every edge a way down.

    No line runs through a revision that is not its own, and no two lines share a column in a row.

    Args:
        revisions: Newest first, no revision below one that it follows. Where this cannot hold
            (cycles, duplicate ids, parents that are not there) the edge ends in a stub.

    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, each in enumerate(revisions):
        rows[each.revision].append(row)

    taken: list[bool] = []  # by column: whether a line runs there below the present row
    waiting: dict[int, list[_Open]] = defaultdict(list)  # by row: the edges that end there
    columns: list[int] = []
    edges: list[Edge | None] = []
    for row, each in enumerate(revisions):
        arriving = waiting.pop(row, [])
        column = _column_for(arriving, taken)
        columns.append(column)
        for edge in arriving:
            edges[edge.place] = Edge(edge.from_row, edge.from_column, row, column, edge.via, edge.kind)
        # A line that turns in this row, at its lower end or into a stub, leaves its column free only below it.
        turning = {edge.via for edge in arriving} - {column}
        goes_on = False
        taken[column] = True
        for number, (target, kind) in enumerate(_named_by(each)):
            below = _first_below(rows[target], row) if target in rows else None
            via = _nearest_free(column, taken) if number else column
            taken[via] = True
            if below is None:
                edges.append(Edge(row, column, None, via, via, kind))
                turning.add(via)
            else:
                waiting[below].append(_Open(len(edges), row, column, via, kind))
                edges.append(None)
                goes_on = goes_on or via == column
        for via in turning - {column}:
            taken[via] = False
        taken[column] = goes_on
    return Lanes(tuple(columns), tuple(edge for edge in edges if edge is not None), len(taken))


def _named_by(revision: Revision) -> Iterator[tuple[str, Kind]]:
    for parent in dict.fromkeys(revision.down_revisions):
        yield parent, "parent"
    for needed in dict.fromkeys(revision.dependencies):
        yield needed, "depends_on"


def _first_below(rows: Sequence[int], row: int) -> int | None:
    index = bisect_right(rows, row)
    return rows[index] if index < len(rows) else None


def _column_for(arriving: Sequence[_Open], taken: list[bool]) -> int:
    # The main line goes straight on: a child's own column first, then the way of a merge.
    # A line of depends_on never decides: a revision that only such lines reach is the head of its own branch.
    parents = [edge for edge in arriving if edge.kind == "parent"]
    straight = [edge.via for edge in parents if edge.via == edge.from_column]
    if parents:
        return min(straight or [edge.via for edge in parents])
    return _nearest_free(0, taken)


def _nearest_free(column: int, taken: list[bool]) -> int:
    # The nearest one crosses the fewest lines. Only when none is free does the tree grow wider.
    free = [other for other, busy in enumerate(taken) if not busy]
    if not free:
        taken.append(False)
        return len(taken) - 1
    return min(free, key=lambda other: (abs(other - column), -other))

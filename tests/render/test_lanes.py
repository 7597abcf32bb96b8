"""The layout of the tree: by hand for the shapes that people know, by Hypothesis for all the others."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import zoo
from workbench.render.lanes import Edge, Lanes, layout
from workbench.results import Revision


@st.composite
def tangles(draw: Any) -> list[Revision]:
    """Revisions, newest first, that follow and depend on whatever: also on themselves, and on nobody."""
    count = draw(st.integers(0, 25))
    names = [f"r{number}" for number in range(count)]
    anybody = st.sampled_from([*names, "nobody"])
    tidy = draw(st.booleans())
    made = []
    for number, name in enumerate(names):
        older = names[number + 1 :]
        those = st.lists(st.sampled_from(older) if older else st.nothing(), max_size=3 if older else 0)
        those = those if tidy else st.lists(anybody, max_size=3)
        follows, needs = draw(those), draw(those) if draw(st.booleans()) else []
        made.append(zoo.revision(name, down=follows, depends_on=needs))
    if made and draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made))), draw(st.sampled_from(made)))
    return made


def cells(edge: Edge) -> set[tuple[int, int]]:
    """The cells (row, column) that an edge's way down fills, its two revisions' own cells not counted."""
    last = edge.from_row if edge.to_row is None else edge.to_row
    own = {(edge.from_row, edge.from_column), (last, edge.to_column)}
    return {(row, edge.via) for row in range(edge.from_row, last + 1)} - own


@given(tangles())
def test_every_edge_is_there_exactly_once(revisions: list[Revision]) -> None:
    """Each name in down_revisions and dependencies makes one edge, down to the next revision of that name."""
    expected = []
    for row, each in enumerate(revisions):
        for kind, names in (("parent", each.down_revisions), ("depends_on", each.dependencies)):
            for name in dict.fromkeys(names):
                below = [r for r, other in enumerate(revisions) if r > row and other.revision == name]
                expected.append((row, below[0] if below else None, kind))

    assert expected == [(edge.from_row, edge.to_row, edge.kind) for edge in layout(revisions).edges]


@given(tangles())
def test_no_two_lines_share_a_column_in_a_row(revisions: list[Revision]) -> None:
    """Two lines may cross, but never run over one another, nor through a revision."""
    lanes = layout(revisions)
    filled = [cell for edge in lanes.edges for cell in cells(edge)]

    assert len(set(filled)) == len(filled)
    assert set(filled).isdisjoint(enumerate(lanes.columns))


@given(tangles())
def test_edges_end_at_their_revisions_and_nothing_is_wider_than_said(revisions: list[Revision]) -> None:
    """The columns of an edge's ends are those of its revisions, and all columns are below the width."""
    lanes = layout(revisions)

    assert len(lanes.columns) == len(revisions)
    assert all(lanes.columns[edge.from_row] == edge.from_column for edge in lanes.edges)
    assert all(lanes.columns[edge.to_row] == edge.to_column for edge in lanes.edges if edge.to_row is not None)
    assert all(0 <= column < lanes.width for column in lanes.columns)
    assert all(0 <= edge.via < lanes.width for edge in lanes.edges)


@given(tangles())
def test_the_same_revisions_have_the_same_layout(revisions: list[Revision]) -> None:
    """The layout depends on nothing but the revisions."""
    assert layout(revisions) == layout(list(revisions))


@given(tangles())
def test_the_first_parent_follows_straight_below(revisions: list[Revision]) -> None:
    """The first line out of a revision keeps the revision's column all the way down."""
    first = {edge.from_row: edge for edge in reversed(layout(revisions).edges)}

    assert all(edge.via == edge.from_column for edge in first.values())


def test_a_linear_history_is_one_column() -> None:
    """A chain of a thousand is one column wide."""
    chain = [zoo.revision(f"r{n}", down=[f"r{n + 1}"] if n < 999 else []) for n in range(1000)]

    lanes = layout(chain)

    assert lanes.width == 1
    assert all(below.from_row == above.to_row for above, below in pairwise(lanes.edges))


def test_branch_and_merge() -> None:
    """A merge opens a column on its right; the branch keeps it, and closes it where it began."""
    assert layout(zoo.branch_and_merge().revisions) == Lanes(
        columns=(0, 0, 0, 1, 0, 0, 0),
        edges=(
            Edge(0, 0, 1, 0, 0, "parent"),
            Edge(1, 0, 2, 0, 0, "parent"),
            Edge(1, 0, 3, 1, 1, "parent"),
            Edge(2, 0, 4, 0, 0, "parent"),
            Edge(3, 1, 4, 0, 1, "parent"),
            Edge(4, 0, 5, 0, 0, "parent"),
            Edge(5, 0, 6, 0, 0, "parent"),
        ),
        width=2,
    )


def test_depends_on_is_its_own_kind_of_line() -> None:
    """The line to a dependency runs in its own column, and does not pull the dependency over to it."""
    lanes = layout(zoo.depends_on().revisions)

    assert [edge for edge in lanes.edges if edge.kind == "depends_on"] == [Edge(1, 1, 2, 0, 2, "depends_on")]
    assert lanes.columns == (0, 1, 0, 1, 0)


def test_an_ended_branch_gives_its_column_back() -> None:
    """Side branches that follow one another all use the second column."""
    assert layout(zoo.many(1000).revisions).width == 2


@pytest.mark.parametrize("name", ["missing_parent", "cycle", "broken_and_nameless"])
def test_edges_to_nowhere_are_stubs(name: str) -> None:
    """What cannot be drawn downwards ends in a stub below its revision."""
    revisions = zoo.HISTORIES[name]().revisions
    known = [each.revision for each in revisions]
    stubs = [edge for edge in layout(revisions).edges if edge.to_row is None]

    assert len(stubs) == sum(
        parent not in known[row + 1 :] for row, each in enumerate(revisions) for parent in each.down_revisions
    )
    assert all(edge.to_column == edge.via for edge in stubs)

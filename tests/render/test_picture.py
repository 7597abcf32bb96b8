"""The entity-relationship picture: nothing overlaps, every edge can be followed, and the same bytes each time."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.render.schemas import HOSTILE, bookshop, hostile, key, made, table
from workbench.render.picture_cards import Card, Edge, Hidden, Picture
from workbench.render.picture_layers import layers
from workbench.render.picture_layout import layout
from workbench.render.picture_svg import Marks, svg
from workbench.results import Column, Constraint, Index, Schema, Table

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def graphs(draw: st.DrawFn) -> list[Table]:
    """Tables with foreign keys: cycles, loops, several between the same two, none at all, in one or several schemas."""
    count = draw(st.integers(1, 24))
    number = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(number, number), max_size=50))
    schemas = draw(st.sampled_from([(None,), (None, "sales"), ("a", "b", "c")]))
    sizes = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    return made(sizes, pairs, schemas)


@given(graphs(), st.sampled_from(["none", "keys", "all"]), st.booleans())
@settings(max_examples=250, deadline=None)
def test_a_picture_can_be_read(tables: list[Table], hidden: Hidden, grouped: bool) -> None:
    """No two cards overlap, every edge goes from border to border, and none crosses a card, whatever the graph."""
    picture = layout(tables, hidden_columns=hidden, group_by_schema=grouped)

    assert [] == faults(picture)
    assert len(tables) == len(picture.cards)
    assert sum(len(each.foreign_keys) for each in tables) == len(picture.edges)


def faults(picture: Picture) -> list[str]:
    """What is wrong with a picture, a sentence each."""
    found = [
        f"{one.name} and {other.name} overlap"
        for one, other in itertools.combinations(picture.cards, 2)
        if crosses((one.x, one.y), (one.x + one.width, one.y + one.height), other)
    ]
    found += [
        f"{card.name} leaves the picture"
        for card in picture.cards
        if min(card.x, card.y) < 0 or card.x + card.width > picture.width or card.y + card.height > picture.height
    ]
    for edge in picture.edges:
        found += _faults_of(edge, picture)
    return found


def _faults_of(edge: Edge, picture: Picture) -> Iterator[str]:
    for end, number in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
        card = picture.cards[number]
        if end[0] not in {card.x, card.x + card.width} or not card.y < end[1] < card.y + card.height:
            yield f"{edge.label} does not end at {card.name}"
    for start, end in itertools.pairwise(edge.points):
        if (start[0] != end[0]) == (start[1] != end[1]):
            yield f"{edge.label} is not straight"
        if not all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in (start, end)):
            yield f"{edge.label} leaves the picture"
        yield from (f"{edge.label} crosses {card.name}" for card in picture.cards if crosses(start, end, card))


def crosses(start: tuple[int, int], end: tuple[int, int], card: Card) -> bool:
    """Whether a straight step, or a box between two corners, has something of itself within a card."""
    return (
        max(start[0], end[0]) > card.x
        and min(start[0], end[0]) < card.x + card.width
        and max(start[1], end[1]) > card.y
        and min(start[1], end[1]) < card.y + card.height
    )


@given(st.integers(2, 40).flatmap(lambda count: st.tuples(st.just(count), pairs_of(count))))
@settings(max_examples=200, deadline=None)
def test_layers_hold_every_card_once(graph: tuple[int, list[tuple[int, int]]]) -> None:
    """Each card stands in one column, and each edge passes one item in each column between its ends."""
    count, pairs = graph
    chained = [*pairs, *((each, each + 1) for each in range(count - 1))]
    found = layers([40] * count, chained, 200)

    assert list(range(count)) == sorted(item for column in found.columns for item in column if item < count)
    for (left, right), way in found.ways.items():
        assert (left, right) == (way[0], way[-1])
        assert list(range(found.layer[left], found.layer[right] + 1)) == [found.layer[item] for item in way]
    assert {frozenset(pair) for pair in chained if pair[0] != pair[1]} == {frozenset(pair) for pair in found.ways}


def pairs_of(count: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Edges between that many cards."""
    number = st.integers(0, count - 1)
    return st.lists(st.tuples(number, number), max_size=80)


def test_a_tall_column_goes_on_in_the_next_one() -> None:
    """Eighty tables that refer to one do not make a picture eighty tables high."""
    picture = layout(made([4] * 81, [(0, child) for child in range(1, 81)], (None,)))

    assert 0.4 < picture.width / picture.height < 2.5
    assert len({card.x for card in picture.cards}) > 5


@pytest.mark.parametrize("schemas", [(None,), (None, "sales", "audit")])
def test_three_hundred_tables(schemas: Sequence[str | None]) -> None:
    """Three hundred tables are laid out without a fault, twice the same."""
    pairs = [((child * 7) % max(child // 3, 1), child) for child in range(1, 300)]
    pairs += [((child * 13) % child, child) for child in range(50, 200)]
    tables = made([each % 15 for each in range(300)], pairs, schemas)
    picture = layout(tables)

    assert [] == faults(picture)
    assert layout(tables) == picture


def test_parents_stand_to_the_left() -> None:
    """Without cycles every edge leads from the child leftwards."""
    picture = layout(bookshop().all_tables)

    assert all(
        picture.cards[edge.target].x < picture.cards[edge.source].x
        for edge in picture.edges
        if edge.source != edge.target
    )


def test_cardinality_is_told_by_constraints() -> None:
    """One row at most where the columns are unique, perhaps none at the other end where one may be NULL."""
    parent = table("parent")
    many = Table("table", "many", columns=(Column("p", "INT", nullable=False),), constraints=(key("parent", "p"),))
    unique = Constraint("unique", "u", ("p",), "UNIQUE (p)")
    one = Table("table", "one", columns=(Column("p", "INT"),), constraints=(key("parent", "p"), unique))
    index = Index("i", ("p",), "CREATE UNIQUE INDEX i ON indexed (p)", unique=True)
    indexed = Table("table", "i", columns=(Column("p", "INT"),), constraints=(key("parent", "p"),), indexes=(index,))
    partial = Table(
        "table",
        "partial",
        columns=(Column("p", "INT"),),
        constraints=(key("parent", "p"),),
        indexes=(Index("i", ("p",), "CREATE …", unique=True, where="p > 0"),),
    )
    edges = layout([parent, many, one, indexed, partial]).edges

    assert [
        ("many (p) → parent (id)", True, False),
        ("one (p) → parent (id)", False, True),
        ("i (p) → parent (id)", False, True),
        ("partial (p) → parent (id)", True, True),
    ] == [(edge.label, edge.source_many, edge.optional) for edge in edges]


def test_columns_hidden() -> None:
    """All columns, those of keys, or none; of a long table those of keys are always shown."""
    columns = (*(Column(f"c{each}", "INT") for each in range(30)), Column("parent_id", "INT"))
    tables = [table("parent"), Table("table", "long", columns=columns, constraints=(key("parent", "parent_id"),))]
    shown = {hidden: layout(tables, hidden_columns=hidden).cards[1] for hidden in ("none", "keys", "all")}

    assert [*(f"c{each}" for each in range(10)), "parent_id"] == [row.name for row in shown["none"].rows]
    assert {"none": 20, "keys": 0, "all": 0} == {hidden: card.more for hidden, card in shown.items()}
    assert ["parent_id"] == [row.name for row in shown["keys"].rows]
    assert () == shown["all"].rows


def test_a_picture_of_nothing() -> None:
    """No tables at all, and tables without columns, make a picture, too."""
    assert [] == faults(layout([]))
    assert [] == faults(layout([Table("table", "bare"), Table("table", "")]))


def test_svg_is_well_formed_and_escaped() -> None:
    """Whatever tables and columns are called, the picture stays XML, and all that is in it is text."""
    picture = layout(hostile().all_tables)
    root = ET.fromstring(svg(picture, {(None, HOSTILE[0]): "removed"}))  # noqa: S314 - ours

    assert {"svg", "title", "rect", "g", "path", "text", "tspan", "circle"} >= {
        each.tag.removeprefix(SVG) for each in root.iter()
    }
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on") or "href" in name]


def test_marks_are_letters_too() -> None:
    """What came, went and changed is told by a letter and a word, not by a colour alone."""
    marks: Marks = {
        ("", None, "author"): "added", ("", None, "book", "title"): "changed", ("", None, "book"): "removed",
    }  # fmt: skip
    root = ET.fromstring(svg(layout(bookshop().all_tables), marks))  # noqa: S314 - ours
    texts = [each.text for each in root.iter() if each.tag in {f"{SVG}text", f"{SVG}tspan"}]
    titles = [each.text for each in root.iter(f"{SVG}title")]

    assert {"A": 1, "C": 1, "R": 1} == {letter: texts.count(letter) for letter in "ACR"}
    assert {"author, added", "book, removed"} <= {*titles}


def test_several_databases_in_one_svg() -> None:
    """Each database stands under its name."""
    tables = [Table("table", "t", database=name, columns=(Column("id", "INT"),)) for name in ("north", "south")]
    root = ET.fromstring(Schema("live", tuple(tables)).to_svg())  # noqa: S314 - ours

    assert ["north", "south"] == [each.text for each in root.iter(f"{SVG}text") if each.text in {"north", "south"}]
    assert [] == [each for each in root.iter(f"{SVG}text") if each.text == "default schema"]
    assert 2 == len([each for each in root.iter(f"{SVG}text") if each.text == "t"])


# -- Mermaid --

_LINES = (
    r"erDiagram",
    r'    "[^"%\r\n\\]+"( \{)?',
    r"    \}",
    (
        r"       (?!(?:pk|fk|uk)\b)[A-Za-z_][A-Za-z0-9_()\[\]-]* (?!(?:pk|fk|uk)\b)[A-Za-z_][A-Za-z0-9_()\[\]-]*"
        r'(?: (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?(?: "[^"~]*")?'
    ),
    r'    "[^"%\r\n\\]+" (?:\|o|\|\|)--(?:o\{|o\|) "[^"%\r\n\\]+" : "[^"]*"',
)
"""What Mermaid's own lexer and grammar take."""


@pytest.mark.parametrize("schema", [bookshop(), hostile()], ids=["bookshop", "hostile"])
def test_mermaid_reads_every_line(schema: Schema) -> None:
    """Each line is one that Mermaid's grammar takes, whatever things are called, and no name stands for two tables."""
    lines = schema.to_mermaid().split("\n")
    entities = [line.strip(" {") for line in lines if re.fullmatch(_LINES[1], line)]

    assert [] == [line for line in lines if not any(re.fullmatch(each, line, re.IGNORECASE) for each in _LINES)]
    assert [] == [line for line in lines if re.search(r"direction\s+(?:tb|bt|lr|rl)", line, re.IGNORECASE)]
    assert len(schema.all_tables) == len({*entities})


def test_mermaid_whole() -> None:
    """Keys, cardinality and names that are no word."""
    odd = Table("table", "odd one", columns=(Column("pk", "numeric(8, 2)"), Column("p", "INT", comment='a "b"')),
                constraints=(key("parent", "p"),))  # fmt: skip

    assert (
        Schema("live", (table("parent"), odd)).to_mermaid()
        == """erDiagram
    "parent" {
       INTEGER id PK
    }
    "odd one" {
       numeric(8_2) _pk "pk"
       INT p FK "a 'b'"
    }
    "parent" |o--o{ "odd one" : "p\"""".replace('\\"', '"')
    )

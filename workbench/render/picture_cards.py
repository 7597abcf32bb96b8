"""What an entity-relationship picture consists of, and the cards that stand for tables in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from workbench.results.objects import Table
from workbench.text import columns, shorten

Hidden = Literal["none", "keys", "all"]
"""Which columns are hidden: none; those of no key; all."""

ROW = 18
"""The height of a row. Heads and feet together make two of them, so every card ends on the same raster."""
HEAD, FOOT = 27, 9
LETTER, SMALL = 7.25, 6.1
"""The widths of a letter of a name and of a type, both monospaced."""
MARKS, PAD, GAP = 32, 9, 14
ROWS_SHOWN = 12
_LONGEST_NAME, _LONGEST_TYPE, _LONGEST_TITLE = 30, 24, 36
_NARROWEST = 110


@dataclass(frozen=True)
class CardRow:
    """A column on a card."""

    name: str
    type: str
    marks: tuple[str, ...]
    """`PK`, `FK`, `U` (unique by itself) and `N` (may be NULL), in this order."""


@dataclass(frozen=True)
class Card:
    """A table's place in the picture."""

    id: int
    """Its number among the tables that were given."""
    x: int
    y: int
    width: int
    height: int
    schema: str | None
    name: str
    title: str
    """What stands at its head: its name, behind its schema where the group does not say that already."""
    rows: tuple[CardRow, ...]
    more: int
    """How many columns are not shown, for their number."""
    database: str = ""
    """The table's."""


@dataclass(frozen=True)
class Edge:
    """A foreign key."""

    source: int
    """The card of the table that has it."""
    target: int
    """The card of the table that it leads to."""
    points: tuple[tuple[int, int], ...]
    """From the border of the one to the border of the other, each step straight across or straight down."""
    source_many: bool
    """Several rows may lead to the same one: the columns are not unique."""
    optional: bool
    """It need not lead anywhere: a column of it may be NULL."""
    columns: str
    """`author_id`."""
    label: str
    """`post (author_id) → author (id)`."""


@dataclass(frozen=True)
class Group:
    """The frame around the cards of one schema."""

    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """Where everything stands; the corner above left is (0, 0)."""

    width: int
    height: int
    cards: tuple[Card, ...]
    """In the order of the tables."""
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()


def card(number: int, table: Table, hidden: Hidden, *, with_schema: bool) -> Card:
    """A table's card, at (0, 0) for the time being."""
    told = [] if hidden == "all" else [row for row in rows(table) if hidden == "none" or _is_key(row)]
    shown = told
    if len(told) > ROWS_SHOWN:
        # Those of keys first: the edges end at them.
        first = sorted(range(len(told)), key=lambda at: (not _is_key(told[at]), at))[: ROWS_SHOWN - 1]
        shown = [told[at] for at in sorted(first)]
    more = len(told) - len(shown)
    title = shorten(table.qualified if with_schema else table.name, _LONGEST_TITLE) or "(no name)"
    wide = [columns(title) * LETTER * 1.04 + 2 * PAD]
    wide += [MARKS + columns(row.name) * LETTER + GAP + columns(row.type) * SMALL + 2 * PAD + 10 for row in shown]
    height = HEAD + FOOT + ROW * (len(shown) + bool(more))
    width = max(_NARROWEST, 2 * round(max(wide) / 2))
    return Card(number, 0, 0, width, height, table.schema, table.name, title, tuple(shown), more, table.database)


def moved(each: Card, x: int, y: int) -> Card:
    """The card at another place."""
    return replace(each, x=x, y=y)


def port(each: Card, table: Table, names: Sequence[str]) -> int:
    """How far below the top of its card an edge of these columns ends: at the row of the first that is shown."""
    shown = [row.name for row in each.rows]
    for name in names:
        told = shorten(name, _LONGEST_NAME)
        if told in shown:
            return HEAD + ROW * shown.index(told) + ROW // 2
    if each.more and any(column.name in names for column in table.columns):
        return HEAD + ROW * len(shown) + ROW // 2
    return ROW


def rows(table: Table) -> list[CardRow]:
    """All columns of a table."""
    keys = {
        mark: {name for each in table.constraints if each.kind == kind and (mark != "U" or len(each.columns) == 1)
               for name in each.columns}
        for kind, mark in _KINDS.items()
    }  # fmt: skip
    found = []
    for each in table.columns:
        marks = [mark for mark, names in keys.items() if each.name in names]
        if each.nullable and "PK" not in marks:
            marks.append("N")
        found.append(CardRow(shorten(each.name, _LONGEST_NAME), shorten(each.type, _LONGEST_TYPE), tuple(marks)))
    return found


_KINDS = {"primary key": "PK", "foreign key": "FK", "unique": "U"}


def _is_key(row: CardRow) -> bool:
    return bool({"PK", "FK"} & {*row.marks})

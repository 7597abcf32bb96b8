"""An entity-relationship picture as one SVG, complete in itself.

It stands on a light card of its own, as the tree of the history does, and for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from workbench.render.page import escape
from workbench.render.picture_cards import HEAD, LETTER, MARKS, PAD, ROW, Card, CardRow, Edge, Group, Hidden, Picture
from workbench.render.picture_layout import layout
from workbench.results.objects import Table
from workbench.results.schema import Schema
from workbench.text import one_line, plural

Mark = Literal["added", "removed", "changed"]
Marks = Mapping[tuple[str | None, ...], Mark]
"""By (database, schema, table) or (database, schema, table, column); schema is None for the default one."""

_INK, _MUTED, _LINE, _EDGE, _HEAD, _CARD, _PAGE = (
    "#1f2328", "#59636e", "#c5ccd3", "#6e7781", "#eef2f6", "#ffffff", "#fbfcfd",
)  # fmt: skip
_ACCENT = "#0b5cad"
_TINTS: dict[Mark, tuple[str, str, str]] = {
    "added": ("A", "#1a7f37", "#dafbe1"),
    "changed": ("C", "#9a6700", "#fff3c4"),
    "removed": ("R", "#b3261e", "#ffe2df"),
}
_CODE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif"
_BEND = 5
_WORDS = {"PK": "primary key", "FK": "foreign key", "U": "unique", "N": "may be NULL"}


def svg(picture: Picture, marks: Marks | None = None, title: str = "") -> str:
    """The picture; `marks` says what came, went and changed: by a letter, a tint and a word on hover."""
    told = marks or {}
    title = title or f"{plural(len(picture.cards), 'table')}, {plural(len(picture.edges), 'foreign key')}"
    width, height = picture.width, picture.height
    parts = [*_groups(picture), *_edges(picture.edges)]
    for card in picture.cards:
        parts += _card(card, told)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{_CODE}" font-size="12" fill="{_INK}" role="img">\n<title>{escape(title)}</title>\n'
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6" fill="{_PAGE}" stroke="#d0d7de"/>\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def schema_svg(schema: Schema) -> str:
    """All tables of a Schema; each of several databases in a frame of its own."""
    return svg(pictured(schema.all_tables))


def pictured(tables: Sequence[Table], *, hidden_columns: Hidden = "none", group_by_schema: bool = True) -> Picture:
    """The picture of tables that may be of several databases, which stand together; see `layout`."""
    names = list(dict.fromkeys(each.database for each in tables))
    pictures = [
        layout(
            [each for each in tables if each.database == name],
            hidden_columns=hidden_columns,
            group_by_schema=group_by_schema,
        )
        for name in names
    ]
    return _stacked(names, pictures) if len(names) > 1 else pictures[0] if names else layout([])


def _stacked(names: list[str], pictures: list[Picture]) -> Picture:
    """The pictures one below the other, each under its name."""
    cards: list[Card] = []
    edges: list[Edge] = []
    groups: list[Group] = []
    width, y = max(each.width for each in pictures), 0
    for name, each in zip(names, pictures, strict=True):
        groups.append(Group(name, 0, y, width, each.height + _TITLE))
        y += _TITLE
        first = len(cards)
        cards += [replace(card, id=first + card.id, y=y + card.y) for card in each.cards]
        edges += [
            replace(edge, source=first + edge.source, target=first + edge.target,
                    points=tuple((px, y + py) for px, py in edge.points))
            for edge in each.edges
        ]  # fmt: skip
        groups += [replace(group, y=y + group.y) for group in each.groups]
        y += each.height
    return Picture(width, y, tuple(cards), tuple(edges), tuple(groups))


_TITLE = 24


def _groups(picture: Picture) -> Iterator[str]:
    for each in picture.groups:
        yield (
            f'<rect x="{each.x}" y="{each.y}" width="{each.width}" height="{each.height}" rx="8" fill="none" '
            f'stroke="{_LINE}" stroke-dasharray="5 4"/>'
        )
        yield (
            f'<text x="{each.x + 12}" y="{each.y + 18}" font-family="{_SANS}" font-size="12" font-weight="600" '
            f'fill="{_MUTED}">{escape(one_line(each.name))}</text>'
        )


def _edges(edges: tuple[Edge, ...]) -> Iterator[str]:
    yield f'<g fill="none" stroke="{_EDGE}" stroke-width="1.3">'
    for each in edges:
        ends = _foot(each) + _bar(each)
        yield f'<g><title>{escape(one_line(each.label))}</title><path d="{_way(each)}{ends}"/>{_ring(each)}</g>'
    yield "</g>"


def _way(edge: Edge) -> str:
    """Straight steps, with the corners rounded."""
    points = edge.points
    told = [f"M{points[0][0]} {points[0][1]}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(_BEND, *(max(abs(here[0] - each[0]), abs(here[1] - each[1])) / 2 for each in (before, after)))
        (x1, y1), (x2, y2) = _toward(here, before, bend), _toward(here, after, bend)
        told.append(f"L{x1:g} {y1:g}Q{here[0]} {here[1]} {x2:g} {y2:g}")
    told.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(told)


def _toward(here: tuple[int, int], there: tuple[int, int], by: float) -> tuple[float, float]:
    if here[0] == there[0]:
        return here[0], here[1] + (by if there[1] > here[1] else -by)
    return here[0] + (by if there[0] > here[0] else -by), here[1]


def _foot(edge: Edge) -> str:
    """At the child: a crow's foot for many rows, a bar for one at most."""
    (x, y), (next_x, _) = edge.points[0], edge.points[1]
    out = 1 if next_x > x else -1
    if edge.source_many:
        return f"M{x} {y - 5}L{x + out * 10} {y}L{x} {y + 5}"
    return f"M{x + out * 6} {y - 5}V{y + 5}"


def _bar(edge: Edge) -> str:
    """At the parent: one bar for one; a second one where there has to be one."""
    (before, _), (x, y) = edge.points[-2], edge.points[-1]
    out = 1 if before > x else -1
    second = "" if edge.optional else f"M{x + out * 9} {y - 5}V{y + 5}"
    return f"M{x + out * 5} {y - 5}V{y + 5}{second}"


def _ring(edge: Edge) -> str:
    """At the parent: a ring where there need not be one."""
    if not edge.optional:
        return ""
    (before, _), (x, y) = edge.points[-2], edge.points[-1]
    return f'<circle cx="{x + (12 if before > x else -12)}" cy="{y}" r="3.5" fill="{_PAGE}"/>'


def _card(card: Card, marks: Marks) -> Iterator[str]:
    key = (card.database, card.schema, card.name)
    mark = marks.get(key)
    letter, ink, tint = _TINTS[mark] if mark else ("", _LINE, _HEAD)
    name = f"{card.schema}.{card.name}" if card.schema else card.name
    x, y, width, height = card.x, card.y, card.width, card.height
    yield f'<g transform="translate({x} {y})"><title>{escape(one_line(f"{name}, {mark}" if mark else name))}</title>'
    yield f'<rect width="{width}" height="{height}" rx="5" fill="{_CARD}" stroke="{ink}"/>'
    yield (
        f'<path d="M0.5 {HEAD}V5Q0.5 0.5 5 0.5H{width - 5}Q{width - 0.5} 0.5 {width - 0.5} 5V{HEAD}Z" fill="{tint}"/>'
        f'<text x="{PAD}" y="18" font-weight="700">{escape(card.title)}</text>'
    )
    if letter:
        yield f'<text x="{width - PAD - LETTER:g}" y="18" font-weight="700" fill="{ink}">{letter}</text>'
    types, names, tags, nulls = [], [], [], []
    for number, row in enumerate(card.rows):
        base = HEAD + ROW * number + 13
        changed = marks.get((*key, row.name))
        if changed:
            sign, colour, behind = _TINTS[changed]
            yield f'<rect x="1" y="{base - 13}" width="{width - 2}" height="{ROW}" fill="{behind}"/>'
            tags.append(f'<tspan x="2" y="{base}" fill="{colour}" font-weight="700">{sign}</tspan>')
        names.append(f'<tspan x="{PAD + MARKS}" y="{base}"{_weight(row)}>{escape(row.name)}{_hover(row)}</tspan>')
        types.append(f'<tspan x="{width - PAD - 10}" y="{base}">{escape(row.type)}</tspan>')
        if "N" in row.marks:
            nulls.append(f'<tspan x="{width - PAD - 6}" y="{base}">N</tspan>')
        keys = [each for each in row.marks if each != "N"]
        if keys:
            told = " ".join(keys[:2])
            tags.append(f'<tspan x="{PAD}" y="{base}">{told}</tspan>')
    if card.more:
        base = HEAD + ROW * len(card.rows) + 13
        names.append(f'<tspan x="{PAD + MARKS}" y="{base}" fill="{_MUTED}">… {card.more:,} more</tspan>')
    yield f"<text>{''.join(names)}</text>"
    yield f'<text font-size="10" text-anchor="end" fill="{_MUTED}">{"".join(types)}</text>'
    yield f'<text font-size="9" font-weight="700" fill="{_ACCENT}">{"".join(tags)}</text>'
    yield f'<text font-size="9" fill="{_MUTED}">{"".join(nulls)}</text></g>'


def _weight(row: CardRow) -> str:
    return ' font-weight="700"' if "PK" in row.marks else ""


def _hover(row: CardRow) -> str:
    told = ", ".join(_WORDS[each] for each in row.marks)
    return f"<title>{escape(told)}</title>" if told else ""

"""The history tree as a picture that any page can show: one SVG, complete in itself.

It is shown by `<img>`, which sees neither the page's fonts nor its theme: middle tones that read on black
and on white alike would be weak on both. So the tree is drawn on a light card of its own, which
looks the same, and has its full contrast, on a dark page, on GitHub and on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.render.history_rows import (
    APPLIED,
    BROKEN,
    HERE,
    NO_FILE,
    NOTHING,
    PARTLY,
    Fold,
    Row,
    Tree,
    by_entry,
    folded,
)
from workbench.render.lanes import Edge
from workbench.render.page import escape
from workbench.text import columns, one_line, shorten

CAP = 80  # rows; with the table, each is a kilobyte that every saved output carries

WIDTH = 700
_ROW = 24
_LEFT, _TOP = 34, 10
_LETTER, _MONO = 6.4, 7.3  # widths of an average letter at the sizes below
_BEND = 7
_INK, _MUTED, _LINE, _ACCENT, _BAD, _TINT, _CARD = (
    "#1f2328",
    "#59636e",
    "#8c959f",
    "#0b5cad",
    "#b3261e",
    "#dfecfa",
    "#ffffff",
)
_SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif"
_CODE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def tree_svg(shown: Tree, title: str) -> str:
    """The picture, at most about `CAP` rows high; what is left out is counted in its place."""
    entries = folded(shown, CAP)
    pitch = max(5, min(16, 240 // shown.lanes.width))
    graph = _LEFT + pitch * shown.lanes.width
    height = 2 * _TOP + _ROW * len(entries)
    drawn = _Drawing(shown, entries, pitch)
    ids = [shorten(shown.rows[each].short, _LONGEST_ID) for each in entries if isinstance(each, int)]
    words = graph + int(_MONO * max(map(columns, ids), default=0)) + 14
    parts = [*drawn.tints(), *drawn.lines(), *drawn.nodes(), *drawn.words(graph, words)]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="{_SANS}" font-size="13" fill="{_INK}" role="img">\n<title>{escape(title)}</title>\n'
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6" fill="{_CARD}" stroke="#d0d7de"/>\n'
        f"{body}\n</svg>"
    )


_LONGEST_ID = 28


class _Drawing:
    """The parts of one picture, each a list of SVG elements."""

    def __init__(self, shown: Tree, entries: Sequence[int | Fold], pitch: int) -> None:
        self.shown = shown
        self.entries = entries
        self.pitch = pitch
        self.line_of: dict[int, int] = {}  # by row: the line of the picture, also of rows in a fold
        for line, entry in enumerate(entries):
            for row in range(entry.start, entry.stop) if isinstance(entry, Fold) else (entry,):
                self.line_of[row] = line

    def x(self, column: int) -> int:
        """The middle of a column."""
        return _LEFT + self.pitch * column

    def y(self, line: int) -> int:
        """The middle of a line."""
        return _TOP + _ROW * line + _ROW // 2

    def tints(self) -> Iterator[str]:
        """A band behind each place of the database: seen before anything is read."""
        for line, row in self._rows():
            if row.here:
                top = self.y(line) - _ROW // 2
                yield f'<rect x="4" y="{top}" width="{WIDTH - 8}" height="{_ROW}" rx="4" fill="{_TINT}"/>'
                yield f'<text x="11" y="{self.y(line) + 4}" font-size="12" fill="{_ACCENT}">{HERE}</text>'

    def lines(self) -> Iterator[str]:
        """The edges: solid in the accent where the database has both ends, grey where not, dotted to dependencies."""
        for edge in self.shown.lanes.edges:
            way = self._way(edge)
            if way:
                below = None if edge.to_row is None else self.shown.rows[edge.to_row]
                done = below is not None and {self.shown.rows[edge.from_row].glyph, below.glyph} == {APPLIED}
                dotted = ' stroke-dasharray="2 3"' if edge.kind == "depends_on" else ""
                yield f'<path d="{way}" fill="none" stroke="{_ACCENT if done else _LINE}" stroke-width="2"{dotted}/>'
        _, _, through = by_entry(self.shown.lanes, self.entries)
        for line, entry in enumerate(self.entries):
            if isinstance(entry, Fold):
                for column in sorted({edge.via for edge in through[line]}):
                    for step in (-5, 0, 5):
                        yield f'<circle cx="{self.x(column)}" cy="{self.y(line) + step}" r="1.3" fill="{_LINE}"/>'

    def nodes(self) -> Iterator[str]:
        """The revisions: filled, hollow, half, crossed out."""
        radius = 5 if self.pitch >= 12 else 3.5  # noqa: PLR2004 - narrow lanes, small nodes
        for line, entry in enumerate(self.entries):
            if isinstance(entry, Fold):
                continue
            x, y, glyph = self.x(self.shown.lanes.columns[entry]), self.y(line), self.shown.rows[entry].glyph
            if glyph == BROKEN:
                yield f'<circle cx="{x}" cy="{y}" r="{radius + 2}" fill="{_CARD}"/>'
                arm = radius - 0.5
                yield (
                    f'<path d="M{x - arm} {y - arm}L{x + arm} {y + arm}M{x - arm} {y + arm}L{x + arm} {y - arm}" '
                    f'stroke="{_BAD}" stroke-width="2.5" stroke-linecap="round"/>'
                )
                continue
            if glyph == NO_FILE:
                yield f'<circle cx="{x}" cy="{y}" r="{radius + 2}" fill="{_CARD}"/>'
                yield f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-weight="700" fill="{_BAD}">?</text>'
                continue
            if glyph == NOTHING:
                yield f'<circle cx="{x}" cy="{y}" r="2.5" fill="{_MUTED}"/>'
                continue
            fill = _ACCENT if glyph == APPLIED else _CARD
            stroke = _ACCENT if glyph in (APPLIED, PARTLY) else _MUTED
            yield f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'
            if glyph == PARTLY:
                yield f'<path d="M{x} {y - radius}A{radius} {radius} 0 0 0 {x} {y + radius}Z" fill="{_ACCENT}"/>'

    def words(self, ids: int, messages: int) -> Iterator[str]:
        """What stands beside the nodes: id, labels and message, state, and who is there."""
        rows = list(self._rows())
        names = [_text(ids, self.y(line), escape(shorten(row.short, _LONGEST_ID))) for line, row in rows]
        yield f'<g font-family="{_CODE}" font-size="12" fill="{_MUTED}">{"".join(names)}</g>'
        states = [_text(_END, self.y(line), row.word, _state(row)) for line, row in rows if row.word]
        yield f'<g text-anchor="end" font-size="12" fill="{_MUTED}">{"".join(states)}</g>'
        places = [_text(_at(row), self.y(line), escape(_here(row))) for line, row in rows if row.here]
        yield f'<g text-anchor="end" font-size="12" font-weight="600" fill="{_ACCENT}">{"".join(places)}</g>'
        for line, row in rows:
            tags = [*(["HEAD"] if row.is_head else []), *(f"({one_line(label)})" for label in row.labels)]
            tag = shorten(" ".join(tags), 40)
            end = _at(row) - ((_LETTER + 0.4) * columns(_here(row)) + 10 if row.here else 0)
            room = int((end - messages) / _LETTER) - columns(tag)
            bold = f'<tspan font-weight="600" font-size="11" fill="{_MUTED}">{escape(tag)} </tspan>' if tag else ""
            yield _text(messages, self.y(line), bold + escape(_fitting(row.message, room)))
        for line, entry in enumerate(self.entries):
            if isinstance(entry, Fold):
                yield _text(messages, self.y(line), escape(entry.words), f' font-size="12" fill="{_MUTED}"')

    def _rows(self) -> Iterator[tuple[int, Row]]:
        for line, entry in enumerate(self.entries):
            if isinstance(entry, int):
                yield line, self.shown.rows[entry]

    def _way(self, edge: Edge) -> str:
        top, bottom = self.line_of[edge.from_row], None if edge.to_row is None else self.line_of[edge.to_row]
        x0, x1, x2 = self.x(edge.from_column), self.x(edge.via), self.x(edge.to_column)
        if top == bottom:
            return ""  # both in one fold
        if isinstance(self.entries[top], Fold):
            way, y = f"M{x1} {self.y(top) + _ROW // 2 - 3}", self.y(top)
        else:
            y = self.y(top)
            bend = min(_BEND, abs(x1 - x0))
            side = 1 if x1 > x0 else -1
            way = f"M{x0} {y}" + (f"H{x1 - side * bend}Q{x1} {y} {x1} {y + bend}" if x1 != x0 else "")
        if bottom is None:
            return f"{way}V{y + 10}"
        y = self.y(bottom)
        if isinstance(self.entries[bottom], Fold):
            return f"{way}V{y - _ROW // 2 + 3}"
        bend = min(_BEND, abs(x2 - x1))
        side = 1 if x2 > x1 else -1
        return way + (f"V{y - bend}Q{x1} {y} {x1 + side * bend} {y}H{x2}" if x1 != x2 else f"V{y}")


_END = WIDTH - 14


def _text(x: float, y: int, body: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y + 4}"{more}>{body}</text>'


def _state(row: Row) -> str:
    colour = _BAD if row.glyph in (BROKEN, NO_FILE) else _ACCENT if row.glyph == APPLIED else ""
    return f' fill="{colour}"' if colour else ""


def _at(row: Row) -> float:
    return _END - (_LETTER * len(row.word) + 10 if row.word else 0)


def _here(row: Row) -> str:
    return shorten(row.here, 40)


def _fitting(message: str, room: int) -> str:
    # `shorten` counts characters; wide ones fill two places.
    shown = shorten(message, max(room, 4))
    while columns(shown) > max(room, 4):
        shown = shorten(shown, len(shown) - 1)
    return shown

"""The history and the database's place as text: the answer in a sentence, then lanes as git draws them."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.render.check_text import findings_text
from workbench.render.history_rows import HERE, PENDING, Fold, Row, Tree, by_entry, folded, sentence, tree
from workbench.render.lanes import Edge
from workbench.results import Database, History, Status
from workbench.text import aligned, one_line, plural, short_id, shorten

_CAP = 60  # lines: what still is one look
_MESSAGE = 60  # columns


def history_text(history: History) -> str:
    """The history: where the database is, what comes next, and the tree."""
    parts = [sentence(history)]
    if history.problem:
        parts.append(one_line(history.problem))
        parts += [f"What to do: {one_line(history.remedy)}"] if history.remedy else []
    text = "\n".join(parts)
    shown = tree(history)
    return f"{text}\n\n{_lines(shown)}" if history.revisions or history.unknown else text


def status_text(status: Status) -> str:
    """Where each database stands, and what is still to come, in the order in which it would run."""
    messages = {revision: one_line(message) for revision, message in status.messages}
    rows = [
        (HERE, one_line(each.name), short_id(one_line(head)) or "base", _standing(status, head, messages))
        for each in status.databases
        for head in each.heads or ("",)
    ]
    parts = [status_sentence(status), aligned(rows)]
    if status.pending:
        to_come = [
            (PENDING, short_id(one_line(each)), shorten(messages.get(each, ""), _MESSAGE)) for each in status.pending
        ]
        parts.append("Still to come, in this order:\n" + aligned(to_come[:_CAP]))
        if len(to_come) > _CAP:
            parts[-1] += f"\n… {len(to_come) - _CAP:,} more"
    parts += findings_text(status.findings, several=len(status.databases) > 1)
    return "\n\n".join(part for part in parts if part)


def status_sentence(status: Status) -> str:
    """Where the database is and what is pending, as in `The database is at 9f31c0aa; 3 revisions pending`."""
    databases = status.databases or (Database("", "", "", "", status.heads),)
    if len(databases) == 1:
        where = [f"The database is at {_spot(databases[0], status)}"]
    else:
        where = [f"{one_line(each.name)} is at {_spot(each, status)}" for each in databases]
    pending = f"{plural(len(status.pending), 'revision')} pending" if status.pending else "nothing is pending"
    return "; ".join([*where, pending]) + "."


def _spot(database: Database, status: Status) -> str:
    aside = ", which no file has" if len(database.heads) == 1 else " (which no file has)"
    told = [short_id(one_line(head)) + (aside if head in status.unknown else "") for head in database.heads]
    return " and ".join(told) or "base"


def _standing(status: Status, head: str, messages: dict[str, str]) -> str:
    if not head:
        return "nothing is applied yet"
    return "no file has this revision" if head in status.unknown else shorten(messages.get(head, ""), _MESSAGE)


def _lines(shown: Tree) -> str:
    entries = folded(shown, _CAP)
    graphs = lane_text(shown, entries)
    rows = [
        (f"  {graph}", "", entry.words, "", "") if isinstance(entry, Fold) else _cells(shown.rows[entry], graph)
        for entry, graph in zip(entries, graphs, strict=True)
    ]
    return aligned(rows)


def _cells(row: Row, graph: str) -> tuple[str, ...]:
    tags = [*(["HEAD"] if row.is_head else []), *(f"({one_line(label)})" for label in row.labels)]
    message = shorten(row.message, _MESSAGE)
    notes = [each for each in (row.here, *row.notes) if each]
    return (
        f"{HERE if row.here else ' '} {graph}",
        row.short,
        " ".join([*tags, message]).strip(),
        row.word,
        ", ".join(notes),
    )


def lane_text(shown: Tree, entries: Sequence[int | Fold]) -> list[str]:
    """The lanes beside each entry, drawn with box characters; a line to a dependency is dotted."""
    starts, ends, through = by_entry(shown.lanes, entries)
    drawn = []
    for place, entry in enumerate(entries):
        cells = [" "] * (2 * shown.lanes.width - 1)
        for edge in through[place]:
            cells[2 * edge.via] = "⋮" if isinstance(entry, Fold) else "│" if edge.kind == "parent" else "┊"
        if not isinstance(entry, Fold):
            _draw_row(cells, shown, entry, starts.get(entry, []), ends.get(entry, []))
        drawn.append("".join(cells).rstrip())
    return drawn


def _draw_row(cells: list[str], shown: Tree, row: int, leaving: list[Edge], arriving: list[Edge]) -> None:
    node = shown.lanes.columns[row]
    turns = {edge.via: ("╰┴╯", edge) for edge in arriving}
    turns |= {edge.via: ("╴╴╴" if edge.to_row is None else "╭┬╮", edge) for edge in leaving}
    turns.pop(node, None)
    for side in (-1, 1):
        outward = sorted((via for via in turns if (via > node) == (side > 0)), key=lambda via: -abs(via - node))
        solid = False
        for number, via in enumerate(outward):  # from the outermost inwards, so that solid wins over dotted
            corner, edge = turns[via]
            solid = solid or edge.kind == "parent"
            cells[2 * via] = corner[1] if number else corner[1 + side]
            until = node if number + 1 == len(outward) else outward[number + 1]
            for cell in range(2 * via - side, 2 * until, -side):
                cells[cell] = cells[cell] if cells[cell] != " " else "─" if solid else "╌"
    cells[2 * node] = shown.rows[row].glyph

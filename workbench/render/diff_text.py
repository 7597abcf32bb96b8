"""A SchemaDiff as text: table by table, both sides of each change in line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from workbench.render import words
from workbench.results.databases import Database
from workbench.results.schema_diff import Change, SchemaDiff, qualified
from workbench.text import aligned, columns, one_line, plural, visible

_WIDE = 48  # a definition wider than this stands on a line of its own


def diff_text(diff: SchemaDiff) -> str:
    """The number of changes, then each table's; with several databases, each by its name."""
    parts = [words.diff_title(diff)]
    left = words.TABLES_SHOWN
    for database, changes in words.database_changes(diff):
        if len(diff.databases) > 1:
            parts.append(_database_line(diff, database, changes))
        tables = [_table(list(group)) for _, group in itertools.groupby(changes, key=qualified)]
        parts += tables[:left]
        if len(tables) > left:
            parts.append(f"… {plural(len(tables) - left, 'more table')} not shown")
        left = max(left - len(tables), 0)
    if diff.ignored:
        parts.append("\n".join(["Left out:", *(f"  {one_line(each)}" for each in diff.ignored)]))
    return "\n\n".join(parts)


def change_text(change: Change) -> str:
    """One change on a line."""
    name = one_line(qualified(change)) + ("" if change.name == change.table else f".{words.named(change)}")
    sides = " → ".join(one_line(side) for side in (change.before, change.after) if side is not None)
    return "  ".join(part for part in (f"{change.sign} {name}", sides, one_line(change.kind)) if part)


def _database_line(diff: SchemaDiff, database: Database | None, changes: Sequence[Change]) -> str:
    name = one_line(database.place) if database else "another database"
    told = plural(len(changes), "change") if changes else words.agreeing(diff)
    return f"=== {name}: {told}"


def _table(changes: Sequence[Change]) -> str:
    lines = [f"{one_line(qualified(changes[0]))} ({words.table_amount(changes)})"]
    for is_wide, group in itertools.groupby(changes[: words.CHANGES_SHOWN], key=_is_wide):
        if is_wide:
            lines += itertools.chain.from_iterable(_block(change) for change in group)
        else:
            rows = _rows(list(group))
            lines += [f"  {line}" for line in aligned(rows).split("\n")]
    if len(changes) > words.CHANGES_SHOWN:
        lines.append(f"  … {plural(len(changes) - words.CHANGES_SHOWN, 'more change')} not shown")
    return "\n".join(lines)


def _is_wide(change: Change) -> bool:
    return any("\n" in side.strip() or columns(side) > _WIDE for side in (change.before or "", change.after or ""))


def _rows(changes: Sequence[Change]) -> list[tuple[str, ...]]:
    # Two columns and an arrow only where something stands on both sides.
    sides: list[tuple[str, ...]]
    if any(each.before is not None and each.after is not None for each in changes):
        sides = [(one_line(each.before or ""), "→", one_line(each.after or "")) for each in changes]
    else:
        sides = [(one_line(each.after or each.before or ""),) for each in changes]
    return [
        (f"{each.sign} {words.named(each)}", *side, one_line(each.kind))
        for each, side in zip(changes, sides, strict=True)
    ]


def _block(change: Change) -> Iterator[str]:
    yield f"  {change.sign} {words.named(change)}  {one_line(change.kind)}"
    for sign, side in (("-", change.before), ("+", change.after)):
        if side is not None:
            for line in visible(side.strip("\n")).split("\n"):
                yield f"      {sign} {line}".rstrip()

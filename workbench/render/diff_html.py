"""A SchemaDiff as static HTML: one table of changes for each table of the database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from workbench.render import page, words
from workbench.results.databases import Database
from workbench.results.schema_diff import Change, SchemaDiff, qualified
from workbench.text import one_line, plural

FEW = 8
"""With no more tables than this, each is open from the start."""

_KINDS: dict[str, tuple[str, str]] = {"+": ("good", "+"), "-": ("bad", "-"), "~": ("info", "~")}


def diff_html(diff: SchemaDiff) -> str:
    """The whole page, as a saved notebook shows it."""
    return page.page(
        words.diff_title(diff), diff_body(diff) + _operations(diff), kind="good" if diff.is_empty else None
    )


def diff_body(diff: SchemaDiff) -> str:
    """Table by table, both sides of each change."""
    is_open = len(diff.tables) <= FEW
    parts = []
    left = words.TABLES_SHOWN
    for database, changes in words.database_changes(diff):
        if len(diff.databases) > 1:
            parts.append(_database(diff, database, changes))
        tables = [(name, list(group)) for name, group in itertools.groupby(changes, key=qualified)]
        parts += [_table(database, name, group, is_open=is_open) for name, group in tables[:left]]
        parts.append(page.hidden(len(tables) - left, "table"))
        left = max(left - len(tables), 0)
    if diff.ignored:
        parts.append(page.paragraph(page.element("b", "Left out:")) + page.listed(diff.ignored))
    return "".join(parts)


def change_html(change: Change) -> str:
    """One change: both sides, the operation and its SQL."""
    return page.page(
        f"{qualified(change)}: {change.kind}",
        _changes([change]) + page.pre(page.python_code(change.code)) + page.pre(page.sql_code(_sql(change))),
    )


def code_html(diff: SchemaDiff) -> str:
    """The operations as a revision file would hold them, in one piece."""
    return _lines(code_text(diff), page.python_code)


def sql_html(diff: SchemaDiff) -> str:
    """The operations in the database's own words, in one piece."""
    return _lines(sql_text(diff), page.sql_code)


def code_text(diff: SchemaDiff) -> str:
    """The operations as a revision file would hold them."""
    return _joined(diff, "#", lambda each: each.code.strip("\n"))


def sql_text(diff: SchemaDiff) -> str:
    """The operations in the database's own words; a comment where there are none."""
    return _joined(diff, "--", _sql)


def _joined(diff: SchemaDiff, comment: str, told: Callable[[Change], str]) -> str:
    lines = []
    for database, changes in words.database_changes(diff):
        if len(diff.databases) > 1:
            lines.append(f"{comment} {one_line(database.place) if database else 'another database'}")
        lines += [told(each) for each in changes]
    return "\n".join(lines)


def _sql(change: Change) -> str:
    if change.sql is not None:
        return change.sql.strip("\n")
    why = " ".join((change.why_not or "no SQL without running it").split())
    return f"-- {change.kind} {qualified(change)} {change.name}: {why}"


def _database(diff: SchemaDiff, database: Database | None, changes: Sequence[Change]) -> str:
    name = database.place if database else "another database"
    told = plural(len(changes), "change") if changes else f"✔ {words.agreeing(diff)}"
    return page.section(name, told)


def _table(database: Database | None, name: str, changes: Sequence[Change], *, is_open: bool) -> str:
    summary = page.code(name, "font-weight:600") + "&#160; " + page.muted(words.table_amount(changes))
    body = _changes(changes)
    key = f"table {database.name if database else ''} {name}"
    return page.details(summary, page.element("div", body, "margin:0 0 8px 16px"), is_open=is_open, key=key)


def _changes(changes: Sequence[Change]) -> str:
    shown, rest = changes[: words.CHANGES_SHOWN], len(changes) - words.CHANGES_SHOWN
    parts = []
    for is_long, group in itertools.groupby(shown, key=_is_long):
        alike = list(group)
        parts += [_block(each) for each in alike] if is_long else [_rows(alike)]
    return "".join(parts) + page.hidden(rest, "change")


def _is_long(change: Change) -> bool:
    return any("\n" in (side or "").strip("\n") for side in (change.before, change.after))


def _rows(changes: Sequence[Change]) -> str:
    # Two columns and an arrow only where something stands on both sides, as in the text form.
    any_both = any(each.before is not None and each.after is not None for each in changes)
    sides = _both_sides if any_both else _one_side
    rows = [(_sign(each), page.code(words.named(each)), *sides(each), page.muted(each.kind)) for each in changes]
    return page.table((), rows, wrap=(1, 2, 4))


def _both_sides(change: Change) -> tuple[str, ...]:
    arrow = page.muted("→") if change.before is not None and change.after is not None else ""
    return page.code(change.before) if change.before else "", arrow, page.code(change.after) if change.after else ""


def _one_side(change: Change) -> tuple[str, ...]:
    return (page.code(change.after if change.after is not None else change.before or ""),)


def _block(change: Change) -> str:
    """A change whose definitions take several lines: one below the other."""
    head = f"{_sign(change)}&#160; {page.code(words.named(change))}&#160; {page.muted(change.kind)}"
    sides = [(side or "").strip("\n") for side in (change.before, change.after) if side is not None]
    return page.paragraph(head) + page.paragraph(page.muted("→")).join(page.pre(page.sql_code(side)) for side in sides)


def _sign(change: Change) -> str:
    token, sign = _KINDS[change.sign]
    return page.element("b", sign, f"color:{page.TOKENS[token]}")


def _operations(diff: SchemaDiff) -> str:
    if diff.is_empty:
        return ""
    forms = (("as code", code_html(diff)), ("as SQL", sql_html(diff)))
    return "".join(page.details(page.muted(name), body, key=name) for name, body in forms)


def _lines(text: str, coloured: Callable[[str], str]) -> str:
    lines = text.split("\n")
    body = page.pre(coloured("\n".join(lines[: words.LINES_SHOWN])))
    return body + page.hidden(len(lines) - words.LINES_SHOWN, "line")

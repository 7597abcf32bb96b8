"""One stop of a travel through time, and one Delta, as text and as static HTML."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import page
from workbench.render.code import sql_code
from workbench.render.exploring_text import sides
from workbench.results.definitions import Delta
from workbench.results.exploring import Stop
from workbench.text import aligned, one_line, plural, short_id, shorten

DELTAS_SHOWN = 60
STATEMENTS_SHOWN = 60
WIDE = 90
_SIGNS = {"+": "good", "-": "bad", "~": "info"}


def stop_text(stop: Stop) -> str:
    """The sentence, then what the revision changed, a line each."""
    rows = [(each.sign, f"{each.kind} {one_line(each.shown)}", shorten(sides(each), WIDE)) for each in _shown(stop)]
    lines = [f"  {line}" for line in aligned(rows).split("\n") if line]
    if len(stop.deltas) > DELTAS_SHOWN:
        lines.append(f"  … {plural(len(stop.deltas) - DELTAS_SHOWN, 'more change')} not shown; all: .deltas")
    lines += [f"  renamed {told}" for told in _renames(stop)]
    lines += [f"  {one_line(stop.failure)}"] if stop.failure else []
    return "\n".join([_title(stop), *lines])


def stop_html(stop: Stop) -> str:
    """The same, and the SQL that ran."""
    rows = [
        (page.span(each.sign, _SIGNS[each.sign]), page.muted(each.kind), page.code(each.shown), page.code(sides(each)))
        for each in _shown(stop)
    ]
    body = page.table((), rows, wrap=(3,)) if rows else ""
    body += page.hidden(len(stop.deltas) - DELTAS_SHOWN, "change")
    body += page.paragraph(page.escape(one_line(stop.failure))) if stop.failure else ""
    body += "".join(page.paragraph(page.escape(f"renamed {told}")) for told in _renames(stop))
    shown = ";\n\n".join(stop.statements[:STATEMENTS_SHOWN])
    if shown:
        told = plural(len(stop.statements), "statement")
        body += page.details(page.muted(told), page.pre(sql_code(shown)))
        body += page.hidden(len(stop.statements) - STATEMENTS_SHOWN, "statement")
    return page.page(_title(stop), body)


def delta_text(delta: Delta) -> str:
    """One on a line."""
    return f"{delta.sign} {delta.kind} {one_line(delta.shown)}  {sides(delta)}"


def _title(stop: Stop) -> str:
    told = plural(len(stop.deltas), "change") if stop.deltas else "changes no definition"
    name = f"{one_line(short_id(stop.revision))} {one_line(stop.message)}"
    if stop.failure:
        return f"{name} · failed"
    return f"{name} · {told} · {plural(len(stop.statements), 'statement')}"


def _shown(stop: Stop) -> tuple[Delta, ...]:
    return stop.deltas[:DELTAS_SHOWN]


def _renames(stop: Stop) -> Iterator[str]:
    for kind, where, before, after in stop.renames:
        inside = f" of {one_line(where)}" if kind != "table" else ""
        yield f"{kind} {one_line(before)}{inside} → {one_line(after)}"

"""A Schema, a Table and anything else in a schema as static HTML: the picture, then each thing to open."""

from __future__ import annotations

from workbench.render import page
from workbench.render.history_html import picture
from workbench.render.picture_layout import layout
from workbench.render.picture_svg import svg
from workbench.render.schema_text import (
    LINES_SHOWN,
    OTHERS_SHOWN,
    amount,
    by_database,
    column_marks,
    column_told,
    constraint_line,
    index_line,
    key_line,
    object_name,
    parts_text,
    schema_sentence,
    table_amount,
    table_sentence,
)
from workbench.results.objects import SchemaObject, Table, View
from workbench.results.schema import Schema
from workbench.text import plural, shorten

PICTURED = 60
"""Tables: a picture of more would be too small to read on a page, and too large for a saved notebook."""
OPENED = 150
"""Tables with all their columns; of more only the names follow."""
NAMED = 30_000
"""Characters of those names."""
BUDGET = 220_000
"""Characters of the pictures and of the tables' details together."""


def schema_html(schema: Schema) -> str:
    """The sentence, the picture, then tables, views and the rest."""
    parts = [page.note("warn", each) for each in schema.notes]
    budget = BUDGET
    for database, objects in by_database(schema):
        if database:
            parts.append(page.section(database, amount(objects)))
        tables = [each for each in objects if isinstance(each, Table)]
        views = [each for each in objects if isinstance(each, View)]
        others = [each for each in objects if not isinstance(each, (Table, View))]
        drawn = _picture(tables, schema, database)
        parts.append(drawn)
        budget -= len(drawn)
        opened = 0
        for each in tables[:OPENED]:
            body = _table(each)
            if budget < len(body):
                break
            budget -= len(body)
            opened += 1
            parts.append(body)
        rest = [each.qualified for each in tables[opened:]]
        if rest:
            told = f"{plural(len(rest), 'more table')}, without their columns here: "
            parts.append(page.paragraph(page.escape(told) + page.muted(shorten(", ".join(rest), NAMED))))
        parts += [_view(each) for each in views[:OTHERS_SHOWN]]
        parts.append(page.hidden(len(views) - OTHERS_SHOWN, "view"))
        if others:
            cells = [
                (page.muted(each.kind), page.code(object_name(each)), page.code(shorten(each.definition, 200)))
                for each in others[:OTHERS_SHOWN]
            ]
            body = page.table((), cells, wrap=(2,)) + page.hidden(len(others) - OTHERS_SHOWN, "object")
            summary = page.escape(f"And beside them: {plural(len(others), 'object')}")
            parts.append(page.details(summary, body, key=f"others {database}"))
    return page.page(schema_sentence(schema), "".join(parts))


def table_html(table: Table) -> str:
    """A table: its columns, constraints and indexes, and how large it is where that was asked."""
    return page.page(table_sentence(table), _comment(table) + _parts(table))


def object_html(item: SchemaObject) -> str:
    """Anything else: its kind, its name and its definition."""
    body = _comment(item)
    if isinstance(item, View):
        body += _columns(item)
    body += _definition(item)
    if isinstance(item, View) and item.indexes:
        body += page.paragraph(page.element("b", "Indexes")) + page.listed(index_line(each) for each in item.indexes)
    return page.page(f"{item.kind} {object_name(item)}", body)


def _picture(tables: list[Table], schema: Schema, database: str) -> str:
    if not tables:
        return ""
    if len(tables) > PICTURED:
        told = f"{len(tables):,} tables are too many for a picture on a page: .to_svg() has it."
        return page.paragraph(page.muted(told))
    # The alternative text says which picture it is; the tables below say all that is in it.
    keys = sum(len(each.foreign_keys) for each in tables)
    which = f"Entity-relationship picture of {database}" if database else "Entity-relationship picture"
    alt = f"{which}: {plural(len(tables), 'table')} and {plural(keys, 'foreign key')}, {schema.at}"
    return picture(svg(layout(tables), title=alt), alt)


def _table(table: Table) -> str:
    summary = page.code(table.qualified, "font-weight:600") + "&#160; " + page.muted(
        "  ".join(each for each in (table_amount(table), key_line(table)) if each)
    )  # fmt: skip
    # As text: cells with a style each would make ten times as much, and a saved notebook holds many schemas.
    told = page.pre(page.escape(parts_text(table))) if table.columns else page.paragraph(page.muted("no columns"))
    body = page.element("div", _comment(table) + told, "margin:0 0 8px 16px")
    return page.details(summary, body, key=f"table {table.database} {table.qualified}")


def _parts(table: Table) -> str:
    body = _columns(table)
    for title, lines in (
        ("Constraints", [constraint_line(each) for each in table.constraints]),
        ("Indexes", [index_line(each) for each in table.indexes]),
    ):
        if lines:
            cells = [(page.code(each),) for each in lines]
            body += page.paragraph(page.element("b", title)) + page.table((), cells, wrap=(0,))
    return body


def _columns(item: Table | View) -> str:
    marks = [told for told, _ in column_marks(item)] if isinstance(item, Table) else [""] * len(item.columns)
    cells = [
        (page.span(told, "accent"), page.code(each.name), page.code(column_told(each)), page.muted(each.comment or ""))
        for told, each in zip(marks, item.columns, strict=True)
    ]
    return page.table((), cells, wrap=(2, 3)) if cells else page.paragraph(page.muted("no columns"))


def _view(view: View) -> str:
    summary = page.code(view.qualified, "font-weight:600") + "&#160; " + page.muted(
        f"{view.kind}, {plural(len(view.columns), 'column')}"
    )  # fmt: skip
    body = page.element("div", _comment(view) + _definition(view), "margin:0 0 8px 16px")
    return page.details(summary, body, key=f"view {view.database} {view.qualified}")


def _definition(item: SchemaObject) -> str:
    lines = item.definition.strip("\n").split("\n") if item.definition.strip() else []
    shown = page.pre(page.sql_code("\n".join(lines[:LINES_SHOWN]))) if lines else ""
    return shown + page.hidden(len(lines) - LINES_SHOWN, "line")


def _comment(item: SchemaObject) -> str:
    return page.paragraph(page.escape(f"“{item.comment}”")) if item.comment else ""

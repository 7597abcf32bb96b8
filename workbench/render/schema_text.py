"""A Schema, a Table and anything else in a schema as text."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.render import words
from workbench.render.picture_cards import rows
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View
from workbench.results.schema import LIVE, MODELS, Schema
from workbench.text import aligned, one_line, plural, short_id, shorten, visible

TABLES_SHOWN = 100
"""Of a Schema; `.tables`, `.columns` and so on have all of it."""
OTHERS_SHOWN = 60
LINES_SHOWN = 60
"""Of one definition."""
_LIST, _WIDE = 70, 60  # characters


def schema_text(schema: Schema) -> str:
    """What there is, in a sentence; then the tables, the views and the rest, each on a line."""
    parts = [schema_sentence(schema)]
    parts += [f"Not read: {one_line(each)}" for each in schema.notes]
    parts = ["\n".join(parts)]
    for database, objects in by_database(schema):
        if database:
            parts.append(f"=== {one_line(database)}: {amount(objects)}")
        tables = [each for each in objects if isinstance(each, Table)]
        views = [each for each in objects if isinstance(each, View)]
        others = [each for each in objects if not isinstance(each, (Table, View))]
        lines = [(one_line(each.qualified) or '""', table_amount(each), key_line(each)) for each in tables]
        parts.append(_capped(aligned(lines[:TABLES_SHOWN]), len(tables) - TABLES_SHOWN, "table"))
        lines = [(one_line(each.qualified), each.kind, plural(len(each.columns), "column")) for each in views]
        parts.append(_capped(aligned(lines[:OTHERS_SHOWN]), len(views) - OTHERS_SHOWN, "view"))
        lines = [(each.kind, object_name(each), shorten(each.definition, _LIST)) for each in others]
        parts.append(_capped(aligned(lines[:OTHERS_SHOWN]), len(others) - OTHERS_SHOWN, "object"))
    return "\n\n".join(part for part in parts if part)


def table_text(table: Table) -> str:
    """A table: its columns, constraints and indexes, and how large it is where that was asked."""
    told = f"“{one_line(table.comment)}”" if table.comment else ""
    head = "\n".join(each for each in (table_sentence(table), told) if each)
    return "\n\n".join(part for part in (head, parts_text(table)) if part)


def parts_text(table: Table) -> str:
    """Columns, constraints and indexes of a table, each on a line."""
    parts = [_indented(aligned([_cells(marks, each) for marks, each in column_marks(table)]))]
    if table.constraints:
        lines = [constraint_line(each) for each in table.constraints]
        parts.append("\n".join(["Constraints", *(f"  {each}" for each in lines)]))
    if table.indexes:
        parts.append("\n".join(["Indexes", *(f"  {index_line(each)}" for each in table.indexes)]))
    return "\n\n".join(part for part in parts if part)


def object_text(item: SchemaObject) -> str:
    """Anything else: its kind, its name and its definition."""
    head = f"{item.kind} {object_name(item)}" + (f" “{one_line(item.comment)}”" if item.comment else "")
    parts = [head]
    if isinstance(item, View):
        parts.append(_indented(aligned([_cells("", each) for each in item.columns])))
    lines = visible(item.definition.strip("\n")).split("\n") if item.definition.strip() else []
    shown = "\n".join(lines[:LINES_SHOWN])
    parts.append(_capped(shown, len(lines) - LINES_SHOWN, "line"))
    if isinstance(item, View) and item.indexes:
        parts.append("\n".join(["Indexes", *(f"  {index_line(each)}" for each in item.indexes)]))
    return "\n\n".join(part for part in parts if part)


def column_text(column: Column) -> str:
    """A column on a line."""
    return "  ".join(part for part in _cells("", column)[1:] if part)


def constraint_text(constraint: Constraint) -> str:
    """A constraint on a line."""
    return constraint_line(constraint)


def index_text(index: Index) -> str:
    """An index on a line."""
    return index_line(index)


# -- what the HTML form says, too ---------------------------------------------------------------------------------


def schema_sentence(schema: Schema) -> str:
    """`17 tables, 2 views, 14 foreign keys · live · bookshop (sqlite 3.40.1)`."""
    told = amount(schema.objects)
    at = schema.at if schema.at in {LIVE, MODELS, "base"} else f"at {one_line(short_id(schema.at))}"
    places = words.both([one_line(each.place) for each in schema.databases])
    return " · ".join(each for each in (told, at, places) if each)


def amount(objects: tuple[SchemaObject, ...]) -> str:
    """`17 tables, 2 views, 14 foreign keys, 3 enums`."""
    if not objects:
        return "nothing in it"
    tables = [each for each in objects if isinstance(each, Table)]
    kinds: dict[str, int] = {}
    for each in objects:
        if not isinstance(each, (Table, View)):
            kinds[each.kind] = kinds.get(each.kind, 0) + 1
    views = sum(isinstance(each, View) for each in objects)
    keys = sum(len(each.foreign_keys) for each in tables)
    told = [plural(len(tables), "table")]
    told += [plural(views, "view")] if views else []
    told += [plural(keys, "foreign key")] if keys else []
    return ", ".join([*told, *(plural(count, kind, _MANY.get(kind)) for kind, count in kinds.items())])


_MANY = {"policy": "policies", "statistics": "statistics"}


def by_database(schema: Schema) -> Iterator[tuple[str, tuple[SchemaObject, ...]]]:
    """Each database with its objects; without a name if there is only one."""
    told = [*(each.name for each in schema.databases), *(each.database for each in schema.objects)]
    names = [each for each in dict.fromkeys(told) if each]
    if len(names) <= 1:
        yield "", schema.objects
        return
    for name in names:
        yield name, tuple(each for each in schema.objects if each.database == name)


def table_amount(table: Table) -> str:
    """`5 columns`, and its kind where it is not a plain table."""
    told = plural(len(table.columns), "column")
    return told if table.kind == "table" else f"{told}, {table.kind}"


def key_line(table: Table) -> str:
    """`→ author, publisher`: the tables that its foreign keys lead to."""
    names = dict.fromkeys(
        f"{each.referred_schema}.{each.referred_table}" if each.referred_schema else each.referred_table
        for each in table.foreign_keys
    )
    return f"→ {shorten(', '.join(names), _LIST)}" if names else ""


def table_sentence(table: Table) -> str:
    """`table orders: 5 columns, 120 rows, 16.0 kB`; an estimate says that it is one."""
    told = [plural(len(table.columns), "column")]
    if table.rows is not None:
        told.append(("about " if table.rows_estimated else "") + plural(table.rows, "row") +
                    (" (estimated by the database)" if table.rows_estimated else ""))  # fmt: skip
    if table.size is not None:
        told.append(_bytes(table.size))
    name = one_line(f"{table.kind} {table.qualified}")
    more = f" · {one_line(table.definition)}" if table.definition else ""
    return f"{name}: {', '.join(told)}{more}"


def column_marks(table: Table) -> Iterator[tuple[str, Column]]:
    """Each column with its marks, `PK FK`."""
    for row, column in zip(rows(table), table.columns, strict=True):
        yield " ".join(each for each in row.marks if each != "N"), column


def column_told(column: Column) -> str:
    """All that is to be said of a column beside its name and comment: `VARCHAR(40) NOT NULL DEFAULT 'x'`."""
    return one_line(column.definition)


def constraint_line(each: Constraint) -> str:
    """`fk_orders_customer: FOREIGN KEY (customer_id) REFERENCES customer (id)`."""
    name = f"{one_line(each.name)}: " if each.name else ""
    return name + one_line(each.definition) + (f" “{one_line(each.comment)}”" if each.comment else "")


def index_line(each: Index) -> str:
    """`ix_orders_day: CREATE INDEX …`; an invalid one is said to be."""
    told = f"{one_line(each.name)}: {one_line(each.definition)}"
    told += "" if each.is_valid else " (invalid: a failed CREATE INDEX CONCURRENTLY left it behind)"
    return told + (f" “{one_line(each.comment)}”" if each.comment else "")


def object_name(item: SchemaObject) -> str:
    """`audit on orders`, `mood`."""
    return one_line(f"{item.qualified} on {item.table}" if item.table else item.qualified)


def _cells(marks: str, column: Column) -> tuple[str, ...]:
    comment = f"“{one_line(column.comment)}”" if column.comment else ""
    return marks, one_line(column.name), shorten(column_told(column), 2 * _WIDE), shorten(comment, _WIDE)


def _bytes(size: int) -> str:
    told = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if told < 1024:  # noqa: PLR2004 - as databases count
            return f"{told:,.0f} {unit}" if unit == "bytes" else f"{told:,.1f} {unit}"
        told /= 1024
    return f"{told:,.1f} TB"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n")) if text else ""


def _capped(text: str, left_out: int, noun: str) -> str:
    return f"{text}\n… {plural(left_out, f'more {noun}')} not shown" if left_out > 0 else text

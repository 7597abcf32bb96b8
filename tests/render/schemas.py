"""Schemas for the tests of pictures and pages: a small shop, a hostile one, and any graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.zoo import HOSTILE_MESSAGES
from workbench.results import Column, Constraint, Database, Index, Schema, SchemaObject, Table, View

HOSTILE = (
    *HOSTILE_MESSAGES[:-1],
    "a.b",
    'say "hi"',
    "UPPER lower",
    "pk",
    "direction LR",
    "~a~",
    "100%",
    "back\\slash",
    "ü" * 31,
)
"""Names that a database takes, and that something may stumble over."""

PRIMARY = Constraint("primary key", "", ("id",), "PRIMARY KEY (id)")


def key(to: str, *columns: str, schema: str | None = None) -> Constraint:
    """A foreign key to the id of another table."""
    told = f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {to} (id)"
    return Constraint("foreign key", "", columns, told, referred_schema=schema, referred_table=to,
                      referred_columns=("id",))  # fmt: skip


def table(name: str, *parents: str, more: Sequence[Column] = (), schema: str | None = None) -> Table:
    """A table with an id and a column for each parent."""
    columns = [Column("id", "INTEGER", nullable=False, primary_key=True)]
    columns += [Column(f"{each}_id", "INTEGER", nullable=False) for each in parents]
    keys = [key(each, f"{each}_id") for each in parents]
    return Table("table", name, schema, columns=(*columns, *more), constraints=(PRIMARY, *keys))


def made(sizes: Sequence[int], pairs: Iterable[tuple[int, int]], schemas: Sequence[str | None]) -> list[Table]:
    """Tables with so many columns each, and a foreign key for every (parent, child)."""
    keys: dict[int, list[int]] = {}
    for parent, child in pairs:
        keys.setdefault(child, []).append(parent)
    tables = []
    for number, size in enumerate(sizes):
        parents = keys.get(number, [])
        columns = [Column("id", "INTEGER", nullable=False, primary_key=True)]
        columns += [Column(f"fk{at}", "INTEGER", nullable=at % 2 == 0) for at in range(len(parents))]
        columns += [Column(f"column_{at}", "VARCHAR(40)") for at in range(size)]
        foreign = [key(f"table_{to}", f"fk{at}", schema=schemas[to % len(schemas)]) for at, to in enumerate(parents)]
        tables.append(
            Table("table", f"table_{number}", schemas[number % len(schemas)], columns=tuple(columns),
                  constraints=(PRIMARY, *foreign))
        )  # fmt: skip
    return tables


def bookshop() -> Schema:
    """A small shop with one of everything."""
    title = Column(
        "title", "VARCHAR(200)", nullable=False, default="'?'", comment="as on the cover", collation="NOCASE"
    )
    check = Constraint("check", "ck_title", ("title",), "CHECK (title <> '')", comment="no empty ones")
    book = table("book", "author", more=[title])
    book = Table(
        "table", "book", comment="what we sell", columns=book.columns, constraints=(*book.constraints, check),
        indexes=(Index("ix_title", ("lower(title)",), "CREATE INDEX ix_title ON book (lower(title))", is_valid=False),),
    )  # fmt: skip
    looped = Column("parent_id", "INTEGER")
    category = table("category", more=[looped])
    category = Table("table", "category", columns=category.columns,
                     constraints=(*category.constraints, key("category", "parent_id")))  # fmt: skip
    text = (
        "SELECT author.id,\n       count(*) AS books\nFROM author JOIN book ON book.author_id = author.id\nGROUP BY 1"
    )
    return Schema(
        "live",
        (
            table("author"), book, category, table("note"), table("tagged", "book", "category"),
            View("view", "shelf", definition=text, columns=(Column("id", "INTEGER"), Column("books", "BIGINT"))),
            SchemaObject("enum", "mood", definition="'sad', 'glad'"),
            SchemaObject("trigger", "touch", table="book", definition="CREATE TRIGGER touch …"),
        ),
        (Database("bookshop", "sqlite:///bookshop.db", "sqlite", "3.40.1", ()),),
    )  # fmt: skip


def hostile() -> Schema:
    """Everything is called something terrible, and refers to the next terrible thing."""
    tables = [
        Table(
            "table", name, columns=tuple(Column(each, each, default=each, comment=each) for each in HOSTILE),
            constraints=(key(HOSTILE[at - 1], name), Constraint("check", name, (), name, comment=name)),
            indexes=(Index(name, (name,), name, comment=name),), comment=name,
        )
        for at, name in enumerate(HOSTILE)
    ]  # fmt: skip
    views = [View("view", name, definition=name, comment=name) for name in HOSTILE]
    others = [SchemaObject("trigger", name, table=name, definition=name) for name in HOSTILE]
    return Schema("live", (*tables, *views, *others), notes=HOSTILE)

"""The palette: each operation as code for this database, applied, and taken back to what was there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.authoring.test_draft import MAKO, begin, rows
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Draft, Workbench
from workbench.errors import UnsupportedRequest

TABLES = (
    """
sa.Table("author", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(40), nullable=False),
    sa.UniqueConstraint("name", name="uq_author_name"),
)
""",
    """
sa.Table("book", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(40), nullable=False, server_default="untitled"),
    sa.Column("isbn", sa.String(20), comment="with its check digit"),
    sa.Column("author_id", sa.Integer),
    sa.Column("price", sa.Integer),
    sa.UniqueConstraint("isbn", name="uq_book_isbn"),
    sa.CheckConstraint("price > 0", name="ck_book_price"),
    sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_book_author", ondelete="CASCADE"),
)
sa.Index("ix_book_title", metadata.tables["book"].c.title)
""",
    """
sa.Table("note", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.Integer),
    sa.Column("text", sa.String(40), index=True),
    sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_note_author"),
)
""",
)
ADDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("add_column", {"table": "book", "name": "pages", "type": "SmallInteger", "nullable": False, "default": "1"}),
    ("add_column", {"table": "book", "name": "shelf", "type": "varchar(8)"}),
    ("create_index", {"table": "book", "columns": ["shelf", "isbn"], "unique": True}),
    ("create_unique_constraint", {"table": "book", "columns": "price, pages", "name": "uq"}),
    ("create_check_constraint", {"table": "book", "condition": "title <> ':x'", "name": "ck"}),
    ("create_foreign_key", {"table": "book", "columns": ["price"], "referent_table": "author",
                            "referent_columns": ["id"], "ondelete": "CASCADE"}),
)  # fmt: skip
CHANGED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("alter_column", {"table": "book", "column": "title", "type": "String(80)"}),
    ("alter_column", {"table": "book", "column": "title", "default": "'none yet'"}),
    ("alter_column", {"table": "book", "column": "isbn", "nullable": False}),
    ("rename_column", {"table": "book", "column": "title", "new_name": "name"}),
    ("alter_column", {"table": "book", "column": "name", "default": "none"}),
    ("rename_table", {"table": "book", "new_name": "volume"}),
    ("execute", {"sql": "UPDATE author SET name = ':Bo' WHERE id = 1",
                 "downgrade": "UPDATE author SET name = 'Ann' WHERE id = 1"}),
)  # fmt: skip
DROPPED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_column", {"table": "book", "column": "title"}),
    ("drop_column", {"table": "book", "column": "author_id"}),
    ("drop_constraint", {"table": "book", "name": "ck_book_price"}),
    ("drop_constraint", {"table": "author", "name": "uq_author_name"}),
    ("drop_constraint", {"table": "note", "name": "fk_note_author"}),
    ("drop_index", {"table": "note", "name": "ix_note_text"}),
)
GONE: tuple[tuple[str, dict[str, Any]], ...] = (("drop_table", {"table": "book"}),)


@pytest.fixture
def empty(bare: Project, wb: Workbench) -> Draft:
    """A revision in which nothing is, on a database at its head with a row."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(bare, wb, *TABLES)
    rows(bare, "INSERT INTO author (id, name) VALUES (1, 'Ann')")
    return wb.revision("by hand", autogenerate=False)


@pytest.mark.parametrize("operations", [ADDED, CHANGED, DROPPED, GONE], ids=["added", "changed", "dropped", "gone"])
def test_each_goes_there_and_back(empty: Draft, wb: Workbench, operations: Any) -> None:
    """On a copy: the way back brings schema and rows back as they were; one operation counts on those before it."""
    draft = empty
    for operation, values in operations:
        draft = draft.add(operation, **values)
    rehearsal = wb.rehearse(draft)

    assert (None, (), ()) == (rehearsal.error, rehearsal.lost, rehearsal.rows_changed), draft.code


@ON_SQLITE
def test_what_is_wrong_is_told(empty: Draft) -> None:
    """Before anything is made of it, with what there is instead."""
    found = []
    for operation, values in (
        ("poem", {}),
        ("drop_table", {"table": "bok"}),
        ("drop_table", {"table": "book", "cascade": "yes"}),
        ("create_index", {"table": "book", "columns": "title, tilte"}),
        ("create_index", {"table": "book"}),
        ("add_column", {"table": "book", "name": "x", "type": "__import__('os').system('true')"}),
        ("add_column", {"table": "book", "name": "x", "type": "Poem(4)"}),
        ("alter_column", {"table": "book", "column": "title"}),
        ("drop_index", {"table": "book", "name": "ix"}),
        ("drop_constraint", {"table": "book", "name": "ck"}),
        ("create_foreign_key", {"table": "book", "columns": "id", "referent_table": "author",
                                "referent_columns": "id", "ondelete": "EXPLODE"}),
    ):  # fmt: skip
        with pytest.raises(UnsupportedRequest) as told:
            empty.add(operation, **values)
        found.append(f"{told.value.message} {told.value.remedy}")

    names = "add_column, alter_column, rename_column, drop_column, create_index, drop_index, create_unique_constraint"
    more = "create_check_constraint, create_foreign_key, drop_constraint, rename_table, drop_table, execute"
    types = "Write it as SQLAlchemy does: String(40), Numeric(10, 2), postgresql.JSONB."
    assert [
        f"The palette has no 'poem'. It has {names}, {more}.",
        "There is no table 'bok'. Did you mean book?",
        "drop_table has no 'cascade'. It has table.",
        "book has no column 'tilte'. It has id, title, isbn, author_id, price.",
        "create index: what is missing is columns. Fill it in.",
        f"\"__import__('os').system('true')\" is no type. {types}",
        f"'Poem(4)' is no type. {types}",
        "Nothing of title would change. Say its type, NULL or default.",
        "There is no index 'ix'. wb.schema().indexes has those that there are.",
        "book has no constraint 'ck'. wb.schema().constraints has those that there are.",
        "on delete is 'EXPLODE'. There are CASCADE, SET NULL, RESTRICT, NO ACTION.",
    ] == found  # fmt: skip

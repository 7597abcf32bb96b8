"""CHECK constraints in a Draft, by what they ask for: Alembic's own comparison does not see them."""

from __future__ import annotations

import pytest

from tests.authoring.test_draft import MAKO, applied, begin, keys, models, rows
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Draft, Workbench

BOOK = """
sa.Table("book", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("price", sa.Numeric(8, 2), nullable=False),
    sa.Column("state", sa.String(10)),
    sa.Column("rating", sa.Integer),
    {more}
)
"""


@pytest.fixture
def project(bare: Project) -> Project:
    """An environment without revisions, whose template writes code."""
    (bare.folder / "migrations" / "script.py.mako").write_text(MAKO)
    return bare


def undone(wb: Workbench, draft: Draft) -> None:
    """Downgrade what a draft has done, and take its file away."""
    run = wb.downgrade("-1").apply(preflight=False)
    assert run.ok, run.error
    (wb.folder / draft.path).unlink()


def checks(wb: Workbench, table: str = "book") -> list[str]:
    """The names of the CHECKs that the live table has; `-` where there is none."""
    found = wb.schema().table(table).constraints
    return sorted(each.name or "-" for each in found if each.kind == "check")


def test_added_changed_removed(project: Project, wb: Workbench) -> None:
    """By expression, under the same name; what only the table has starts unticked; both directions run."""
    price = 'sa.CheckConstraint("price > 0", name="ck_price"),'
    state = "sa.CheckConstraint(\"state IN ('new', 'sold')\", name=\"ck_state\"),"
    begin(project, wb, BOOK.format(more=price + state))
    rows(project, "INSERT INTO book (id, price, state, rating) VALUES (1, 2.5, 'new', 3)")
    assert keys(wb.revision("nothing is left")) == {}

    rating = "sa.CheckConstraint(\"rating % 2 < 5 AND state LIKE 'n%' OR state = 'a:b'\", name=\"ck_rating\"),"
    models(project, BOOK.format(more=price.replace("> 0", "> 1") + rating))
    draft = wb.revision("check the ratings")
    assert keys(draft) == {
        "remove_constraint book.ck_state": False,
        "modify_constraint book.ck_price": True,
        "add_constraint book.ck_rating": True,
    }
    draft = draft.tick("*")
    applied(wb, draft)
    assert checks(wb) == ["ck_price", "ck_rating"]
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert checks(wb) == ["ck_price", "ck_state"]
    models(project, BOOK.format(more=price + state))
    assert keys(wb.revision("nothing is left")) == {}


EXPRESSIONS = (
    "price > 0 AND price < 1000.5",
    "NOT (price = 7) OR rating IS NULL",
    "rating BETWEEN -1 AND 5",
    "state IN ('new', 'sold', 'it''s')",
    "state NOT IN ('x', 'y')",
    "state LIKE 'a_' OR state <> 'b:c'",
    "(price + rating) * 2 >= 0.5",
    "length(state) > 1 OR upper(state) = state",
    "price IN (1) OR (rating > 1 AND (rating < 5 OR price != 3))",
    "coalesce(rating, 0) = 0 OR CASE WHEN rating > 3 THEN price > 1 ELSE price > 2 END",
)


def test_no_false_difference_at_head(project: Project, wb: Workbench) -> None:
    """However the server words a condition, it is the models' own right after `upgrade head`."""
    named = [f'sa.CheckConstraint({text!r}, name="ck_{number}"),' for number, text in enumerate(EXPRESSIONS)]
    unnamed = [f"sa.CheckConstraint({text!r})," for text in EXPRESSIONS[:3]]
    types = """
        sa.Column("kind", sa.Enum("a", "b", name="kind", native_enum=False, create_constraint=True)),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="flag")),
        sa.Column("beside", sa.Integer, sa.CheckConstraint("beside > 0")),
    """
    begin(project, wb, BOOK.format(more=types + "".join(named) + "".join(unnamed)))

    assert keys(wb.revision("nothing is left")) == {}
    assert not [each for each in wb.drift().differences if each.kind == "constraint"]


def test_without_a_name(project: Project, wb: Workbench) -> None:
    """What the models do not name gets a name in the file, so that the way back can drop it; rows are kept."""
    begin(project, wb, BOOK.format(more='sa.CheckConstraint("price > 0"), sa.CheckConstraint("rating > 0"),'))
    rows(project, "INSERT INTO book (id, price, state, rating) VALUES (1, 2.5, 'new', 3)")
    before = checks(wb)
    models(project, BOOK.format(more='sa.CheckConstraint("price > 1"), sa.CheckConstraint("state <> \'old\'"),'))
    draft = wb.revision("check other things")

    assert len(draft.choices) == 3
    draft = draft.tick("*")
    applied(wb, draft)
    assert len(checks(wb)) == 2
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert len(checks(wb)) == len(before) == 2
    models(project, BOOK.format(more='sa.CheckConstraint("price > 0"), sa.CheckConstraint("rating > 0"),'))
    assert keys(wb.revision("nothing is left")) == {}
    assert rows(project, "SELECT rating FROM book") == [(3,)]


def test_the_check_of_a_type(project: Project, wb: Workbench) -> None:
    """An Enum or Boolean that is no type of the database: its CHECK follows its values, with and without a column."""
    kind = 'sa.Column("kind", sa.Enum({}, name="ck_kind", native_enum=False, create_constraint=True)),'
    flag = 'sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag")),'
    begin(project, wb, BOOK.format(more=kind.format("'a', 'b'")))
    rows(project, "INSERT INTO book (id, price, kind) VALUES (1, 2.5, 'b')")
    models(project, BOOK.format(more=kind.format("'a', 'b', 'longer'") + flag))
    draft = wb.revision("tell more kinds apart")
    applied(wb, draft)
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    models(project, BOOK.format(more=kind.format("'a', 'b'")))
    assert keys(wb.revision("nothing is left")) == {}

    models(project, BOOK.format(more=""))
    draft = wb.revision("no kinds").tick("remove_column *")
    assert keys(draft) == {"remove_constraint book.ck_kind": True, "remove_column book.kind": True}
    applied(wb, draft)
    assert checks(wb) == []
    undone(wb, draft)
    assert checks(wb) == ["ck_kind"]


def test_renamed_columns(project: Project, wb: Workbench) -> None:
    """A CHECK that names a renamed column is the same; one that changes as well is told by the new name."""
    price = 'sa.CheckConstraint("price > 0", name="ck_price"), sa.CheckConstraint("rating > 0", name="ck_rating"),'
    begin(project, wb, BOOK.format(more=price))
    models(project, BOOK.format(more=price.replace("rating > 0", "rating > 1")).replace("price", "cost"))
    draft = wb.revision("call it cost").rename("column book.price", "cost")

    assert keys(draft) == {"rename_column book.price": True, "modify_constraint book.ck_rating": True}
    applied(wb, draft)
    assert wb.downgrade("-1").apply(preflight=False).ok
    assert checks(wb) == ["ck_price", "ck_rating"]


@ON_SQLITE
def test_a_batch_loses_nothing(project: Project, wb: Workbench) -> None:
    """Triggers, views, indexes over expressions, CHECKs without a name, children: all are there after both ways."""
    note = """
sa.Table("note", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("book_id", sa.Integer, sa.ForeignKey("book.id", ondelete="CASCADE")),
)
"""
    connected = 'connection.exec_driver_sql("PRAGMA foreign_keys = ON"); connection.commit()'

    def declare(more: str) -> None:
        project.env(
            "import sqlalchemy as sa\nmetadata = sa.MetaData()\n" + BOOK.format(more=more) + note, connected,
            metadata="metadata",
        )  # fmt: skip

    unnamed = 'sa.CheckConstraint("price > 0"),'
    declare(unnamed)
    wb.revision("begin with books").write()
    assert wb.upgrade().apply().ok
    project.execute(
        "INSERT INTO book (id, price, state, rating) VALUES (1, 2.5, 'new', 3)",
        "INSERT INTO note (id, book_id) VALUES (1, 1)",
        "CREATE INDEX ix_lower ON book (lower(state))",
        "CREATE INDEX ix_rated ON book (rating DESC)",
        "CREATE INDEX ix_some ON book (rating) WHERE rating > 2",
        "CREATE TRIGGER counted AFTER INSERT ON book BEGIN UPDATE book SET rating = 1 WHERE id = new.id; END",
        "CREATE TRIGGER noted AFTER INSERT ON note BEGIN UPDATE book SET rating = 2 WHERE id = new.book_id; END",
        "CREATE VIEW cheap AS SELECT id FROM book WHERE price < 5",
        "CREATE VIEW cheapest AS SELECT id FROM cheap WHERE id < 3",
    )

    def everything() -> list[str]:
        named = project.execute("SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")
        return sorted(name for (name,) in named)

    before = everything()
    declare(unnamed.replace("0", "1") + 'sa.CheckConstraint("rating < 9", name="ck_rating"),')
    draft = wb.revision("check more").untick("remove_index *")
    applied(wb, draft)
    assert everything() == before
    assert project.execute("SELECT count(*) FROM note") == [(1,)]
    undone(wb, draft)
    assert everything() == before
    assert project.execute("SELECT count(*) FROM note") == [(1,)]
    assert checks(wb) == ["-"]


def test_keys_without_a_name(project: Project, wb: Workbench) -> None:
    """A foreign key and a UNIQUE to which nobody gives a name: both can be dropped, and come back."""
    note = """
sa.Table("note", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("book_id", sa.Integer{0}),
    sa.Column("at", sa.Integer{1}),
)
"""
    book = BOOK.format(more="")
    keyed = note.format(', sa.ForeignKey("book.id")', ", unique=True")
    begin(project, wb, book, note.format("", ""))
    models(project, book, keyed)
    draft = wb.revision("tie notes to books")
    applied(wb, draft)
    assert _keys_of(wb) == ["FOREIGN KEY (book_id)", "UNIQUE (at)"]
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert _keys_of(wb) == []

    project.renew()
    (project.folder / "migrations" / "script.py.mako").write_text(MAKO)
    begin(project, wb, book, keyed)
    models(project, book, note.format("", ""))
    draft = wb.revision("let notes go")
    applied(wb, draft)
    assert [each for each in _keys_of(wb) if each.startswith(("F", "U"))] == []
    assert keys(wb.revision("nothing is left")) == {}
    undone(wb, draft)
    assert _keys_of(wb) == ["FOREIGN KEY (book_id)", "UNIQUE (at)"]


def _keys_of(wb: Workbench) -> list[str]:
    found = wb.schema().table("note").constraints
    return [f"{each.kind.upper()} ({', '.join(each.columns)})" for each in found if each.kind != "primary key"]


VIEW = """
from sqlalchemy.schema import CreateView
CreateView(sa.select(book.c.id, book.c.price).where(book.c.price > {}), "dear", metadata=metadata)
"""


def test_views_of_the_models(project: Project, wb: Workbench) -> None:
    """Those of SQLAlchemy's CreateView: made, made anew when their text changes, dropped when that is ticked."""
    book = "book = " + BOOK.format(more="").strip()
    begin(project, wb, book, VIEW.format(5))
    assert [each.name for each in wb.schema().all_views] == ["dear"]
    assert keys(wb.revision("nothing is left")) == {}
    rows(project, "CREATE VIEW mine AS SELECT id FROM book")
    rows(project, "INSERT INTO book (id, price) VALUES (1, 6)")

    models(project, book, VIEW.format(7))
    draft = wb.revision("only what is dear")
    assert keys(draft) == {"remove_view mine": False, "modify_view dear": True}
    applied(wb, draft)
    assert rows(project, "SELECT id FROM dear") == []
    undone(wb, draft)
    assert rows(project, "SELECT id FROM dear") == [(1,)]
